"""Control actions about the sandbox's workings: time, deliveries, faults, what was asked and what happened."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from fundraise.sandbox import bank
from fundraise.sandbox.bank_statement import statement
from fundraise.sandbox.control.registry import account_of, control, need, owned
from fundraise.sandbox.events import send_again, whole
from fundraise.sandbox.messages import ControlError, Obj
from fundraise.sandbox.world import World

if TYPE_CHECKING:
    from fundraise.sandbox.engine import Sandbox


@control("clock")
def clock(sandbox: Sandbox, details: Obj) -> Obj:
    """Tell the time, or move it forward: `advance_seconds` or `advance_to` (seconds since 1970)."""
    if "advance_seconds" in details:
        seconds = int(details["advance_seconds"])
        if seconds < 0:
            raise ControlError("time goes forward only")
        sandbox.advance(seconds)
    if "advance_to" in details:
        sandbox.advance_to(int(details["advance_to"]))
    return {"now": sandbox.world.clock.now(), "next_due": sandbox.world.timeline.next_due()}


@control("deliveries")
def deliveries(sandbox: Sandbox, details: Obj) -> Obj:
    """Change how well the post works (fields of post.Settings), and see what is under way and what is done."""
    post = sandbox.world.post
    post.settings.change(details)
    return {"settings": asdict(post.settings), "open": list(post.open.values()), "done": list(post.done)}


@control("fault")
def fault(sandbox: Sandbox, details: Obj) -> Obj:
    """Plan a fault (fields of faults.Fault); `clear` forgets all. Returns what is planned."""
    faults = sandbox.world.faults
    if details.pop("clear", False):
        faults.planned.clear()
    if details:
        faults.add(details)
    return {"faults": faults.to_json()}


@control("requests")
def requests(sandbox: Sandbox, details: Obj) -> Obj:
    """Return recent API calls, oldest first; `path` narrows to paths that contain it."""
    wanted = details.get("path", "")
    return {"requests": [one for one in sandbox.world.requests if wanted in one["path"]]}


@control("events")
def events(sandbox: Sandbox, details: Obj) -> Obj:
    """Return an account's events, oldest first; `type` narrows to one type."""
    account = account_of(sandbox.world, details)
    wanted = details.get("type")
    return {"events": [whole(row) for row in account["events"].rows if wanted in {None, row["type"]}]}


@control("resend")
def resend(sandbox: Sandbox, details: Obj) -> Obj:
    """Send an event again to every endpoint that listens, as the Dashboard's button does: `event`."""
    account, event = owned(sandbox.world, details, "event")
    return {"sent": send_again(account, event)}


@control("bank-line")
def bank_line(sandbox: Sandbox, details: Obj) -> Obj:
    """Add a line to the bank statement: `account`, `amount`, `text`, `reference`, `currency`.

    The amount is in minor units, negative for money out.
    """
    account = account_of(sandbox.world, details)
    return bank.add_line(
        account,
        details.get("currency", account.terms.default_currency),
        int(need(details, "amount")),
        str(need(details, "text")),
        str(details.get("reference", "")),
    )


@control("bank-statement")
def bank_statement(sandbox: Sandbox, details: Obj) -> Obj:
    """Return a statement file: `account`, `currency`, `format` (camt.053 or csv), `from`, `to` (dates, both included).

    Returns `filename`, `media_type` and `content` (text).
    """
    account = account_of(sandbox.world, details)
    return statement(account, details)


@control("check-books")
def check_books(sandbox: Sandbox, _details: Obj) -> Obj:
    """Return what does not add up; an empty list is what it must be."""
    return {"findings": sandbox.check_books()}


@control("reset")
def reset(sandbox: Sandbox, details: Obj) -> Obj:
    """Forget everything; the clock stays where it is. `seed` begins another row of ids."""
    old = sandbox.world
    sandbox.world = World(old.clock, seed=int(details.get("seed", 1)), base_url=old.base_url, observer=old.observer)
    return {"now": old.clock.now()}
