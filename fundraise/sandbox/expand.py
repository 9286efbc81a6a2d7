"""Replies as clients ask for them: ids expanded into objects along any path, lists that come only when asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.calls import Page
from fundraise.sandbox.events import public
from fundraise.sandbox.messages import Obj, StripeError
from fundraise.sandbox.objects import invoices

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account

MOST_LEVELS = 4


def _session_items(_account: Account, session: Obj) -> Page:
    return Page(session["_items"], more=False, url=f"/v1/checkout/sessions/{session['id']}/line_items")


def _charge_refunds(account: Account, charge: Obj) -> Page:
    rows = account["refunds"].where("charge", charge["id"])[::-1]
    return Page(rows[:10], more=len(rows) > 10, url=f"/v1/charges/{charge['id']}/refunds")


def _customer_subscriptions(account: Account, customer: Obj) -> Page:
    rows = account["subscriptions"].where("customer", customer["id"])[::-1]
    running = [row for row in rows if row["status"] != "canceled"]
    return Page(running[:10], more=len(running) > 10, url=f"/v1/customers/{customer['id']}/subscriptions")


_LEFT_OUT: dict[tuple[str, str], Callable[[Account, Obj], Page]] = {
    ("checkout.session", "line_items"): _session_items,
    ("charge", "refunds"): _charge_refunds,
    ("customer", "subscriptions"): _customer_subscriptions,
    ("invoice", "payments"): invoices.payments,
}
"""Lists that an object holds only where they are expanded."""


def list_object(page: Page) -> Obj:
    """Return a page in Stripe's list shape."""
    return {"object": "list", "data": [public(row) for row in page.rows], "has_more": page.more, "url": page.url}


@behaves("expand-any-path")
def expand(account: Account, reply: Obj, paths: list[str]) -> None:
    """Expand `paths` (`latest_charge.balance_transaction`, `data.source`) in a reply, which is changed.

    Raises StripeError for a path that cannot be expanded. Source: https://docs.stripe.com/expand
    """
    for path in paths:
        parts = path.split(".")
        if len([part for part in parts if part != "data"]) > MOST_LEVELS:
            raise StripeError(f"You cannot expand more than {MOST_LEVELS} levels of a property. Property: {path}")
        _expand(account, reply, parts)


def _expand(account: Account, here: Obj, parts: list[str]) -> None:
    name, rest = parts[0], parts[1:]
    if name not in here:
        left_out = _LEFT_OUT.get((here.get("object", ""), name))
        if left_out is None:
            raise _not_expandable(name, here)
        here[name] = list_object(left_out(account, here if "_items" in here else account.find(here["id"]) or here))
    value = here[name]
    if isinstance(value, str):
        value = here[name] = _object_of(account, value, name, here)
    elif isinstance(value, dict):
        value = here[name] = dict(value)
    elif isinstance(value, list):
        here[name] = [_element(account, one, name, here) for one in value]
        _expand_each(account, here[name], rest)
        return
    elif value is not None:
        raise _not_expandable(name, here)
    if rest and value is not None:
        _expand(account, value, rest)


def _expand_each(account: Account, rows: list[Any], rest: list[str]) -> None:
    if rest:
        for row in rows:
            _expand(account, row, rest)


def _element(account: Account, one: Any, name: str, here: Obj) -> Obj:
    return dict(one) if isinstance(one, dict) else _object_of(account, one, name, here)


def _object_of(account: Account, object_id: Any, name: str, here: Obj) -> Obj:
    found = account.find(object_id) if isinstance(object_id, str) else None
    if found is None or name == "id":
        raise _not_expandable(name, here)
    return public(found)


def _not_expandable(name: str, here: Obj) -> StripeError:
    hint = f" You may want to try expanding 'data.{name}' instead." if here.get("object") == "list" else ""
    return StripeError(f"This property cannot be expanded ({name}).{hint}", executed=False)
