"""One reconciliation of one Stripe account, from beginning to end.

What is missing is fetched and booked where that is right; everything else becomes a difference with a name, an identity
and an age. A difference that is not found any more is fixed. The run is written down whatever came of it.
"""

import json
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import insert, literal
from sqlmodel import Session, col, select

from fundraise import plain
from fundraise.differences.rules import close, find
from fundraise.differences.tables import Difference, DifferenceState
from fundraise.flows.follow_up import follow_up
from fundraise.flows.match_payouts import match_payouts
from fundraise.flows.money_doors import are_closed
from fundraise.flows.reconcile.compare import compare, cut_off
from fundraise.flows.reconcile.fetch import NEW_ROWS, OVERLAP, Fetched, fetch
from fundraise.flows.reconcile.found import Found
from fundraise.flows.reconcile.heal import heal
from fundraise.flows.reconcile.leftovers import book_leftovers
from fundraise.flows.reconcile.roll_forward import Rolled, book_openings, breaks, roll
from fundraise.job_runs import LeaseLost, fence
from fundraise.parts import Parts
from fundraise.payments import GatewayRefused, GatewayUnavailable
from fundraise.reconciliation.tables import ReconciliationRun, RollForward, RunDifference, RunState
from fundraise.stripe_accounts.questions import all_accounts, key_of
from fundraise.stripe_accounts.rules import counted_since
from fundraise.stripe_accounts.tables import StripeAccount

# Opened when a debit fails that had been confirmed; comparing rows does not see it, so it does not close it.
_HEARD_OF: Final = frozenset({"DELAYED_PAYMENT_FAILED"})
# What was mended may have moved money since the balance was asked, so all is fetched once more. What that brings is
# looked behind as well before it may count as left over: else a refund made meanwhile would stay in suspense for good.
_MOST_LOOKS: Final = 5
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to: its record's id, how it ended, and the differences that are open now."""

    run_id: int
    account: str
    state: RunState
    open_differences: int
    error: str = ""


def reconcile_all(
    parts: Parts,
    *,
    by: str,
    since: datetime | None = None,
) -> list[Outcome]:
    """Reconcile every account; a failure of one does not stop the others."""
    follow_up(parts)
    with parts.db.read() as session:
        accounts = all_accounts(session)
    return [reconcile(parts, account, by=by, since=since) for account in accounts]


def reconcile(parts: Parts, account: StripeAccount, *, by: str, since: datetime | None = None) -> Outcome:
    """Reconcile one account. A run that cannot be, for Stripe or for the books, is a failed one, not an exception."""
    started_at = parts.clock.now()
    with parts.db.read() as session:
        since = _from_when(session, account, since, started_at)
        closed = are_closed(session)
    if closed:
        return _failed(parts, account, started_at, since, by, "The books hold an entry that does not balance.")
    key = key_of(account, parts.sealer)
    counts: Counter[str] = Counter()
    fetched = Fetched()
    try:
        for _ in range(_MOST_LOOKS):
            fetched = fetch(parts, account.id, key, since)
            fetched.counts[NEW_ROWS] += counts[NEW_ROWS]
            counts |= fetched.counts  # What is listed again is no more than it was; only new rows add up.
            healed = heal(parts, account, key, since)
            counts["mended"] += healed.total()
            counts["booked in suspense"] += book_leftovers(parts, account).total()
            if not healed:
                break
        counts["bank lines matched"] = match_payouts(parts, account.body_id).total()
        return _conclude(parts, account, fetched, _Begun(started_at, since, by), counts)
    except (GatewayUnavailable, GatewayRefused) as problem:
        logger.warning("reconciling %s: %s", account.slug, problem)
        return _failed(parts, account, started_at, since, by, str(problem))
    except LeaseLost:
        raise
    except Exception as problem:  # Whatever breaks on one account must not keep the others from being compared.
        logger.exception("reconciling %s", account.slug)
        return _failed(parts, account, started_at, since, by, f"{type(problem).__name__}: {problem}".partition("\n")[0])


@dataclass(frozen=True, slots=True)
class _Begun:
    started_at: datetime
    since: datetime
    by: str


def _from_when(session: Session, account: StripeAccount, asked: datetime | None, now: datetime) -> datetime:
    """Return from when on to fetch: a little before the last run that did not fail, or the day we were connected.

    Who asks for a day gets no later one, since nothing may be left out between two runs, and none from before we were
    connected: what Stripe held then is the opening balance, and what came before would count twice.
    """
    ended = (
        select(ReconciliationRun.until)
        .where(
            col(ReconciliationRun.stripe_account_id) == account.id,
            col(ReconciliationRun.state) != RunState.FAILED,
        )
        .order_by(col(ReconciliationRun.id).desc())
    )
    last = session.exec(ended.limit(1)).first()
    # A clock that was ahead must not keep later runs from looking.
    watermark = min(last or account.created_at, now) - OVERLAP
    return max(min(asked or watermark, watermark), counted_since(account))


@dataclass(frozen=True, slots=True)
class _Look:
    """How things were at one moment: what was open, what is found, and which run of the account was the last."""

    now: datetime
    last_run_id: int
    open_ids: frozenset[int]
    rolled: Sequence[Rolled]
    found: Sequence[Found]


def _conclude(parts: Parts, account: StripeAccount, fetched: Fetched, begun: _Begun, counts: Counter[str]) -> Outcome:
    """Compare, and write down what was found together with the run's record."""
    while True:
        outcome = _write_down(parts, account, _look(parts, account, fetched), begun, counts)
        if outcome is not None:
            return outcome


def _look(parts: Parts, account: StripeAccount, fetched: Fetched) -> _Look:
    """Compare at one moment: gifts are settled all the while, and nobody waits for us to have looked."""
    with parts.db.read() as session:
        now = parts.clock.now()
        rolled = roll(session, account, fetched)
        found = [*compare(session, account, now), *breaks(rolled)]
        return _Look(now, _last_run(session, account.id), _open_ids(session, account.id), rolled, found)


def _last_run(session: Session, account_id: int) -> int:
    last = "SELECT MAX(id) FROM reconciliation_run WHERE stripe_account_id = :account"
    return plain.ask(session, last, {"account": account_id})[0][0] or 0


def _open_ids(session: Session, account_id: int) -> frozenset[int]:
    still_open = "SELECT id FROM difference WHERE stripe_account_id = :account AND state = :open"
    rows = plain.ask(session, still_open, {"account": account_id, "open": DifferenceState.OPEN.value})
    return frozenset(difference_id for (difference_id,) in rows)


def _write_down(
    parts: Parts, account: StripeAccount, look: _Look, begun: _Begun, counts: Counter[str]
) -> Outcome | None:
    """Write down what was found; nothing, and None, where another run of the account ended since it was looked at."""
    with parts.db.write("reconcile: conclude") as session:
        fence(session, parts.clock.now())
        # Two runs of one account end one after the other: the second sees what the first wrote down.
        session.exec(
            select(StripeAccount.id).where(col(StripeAccount.id) == account.id).with_for_update(key_share=True)
        )
        if _last_run(session, account.id) != look.last_run_id:
            return None
        counts["found"] = len(look.found)
        counts["new"] = _note(session, account.id, look.found, look.now)
        counts["fixed"] = _fix_the_rest(session, account.id, look)
        session.flush()
        still_open = counts["open"] = len(_open_ids(session, account.id))
        state = RunState.DIFFERENCES if still_open else RunState.CLEAN
        book_openings(session, account, look.rolled, begun.started_at, look.now)
        run = _record(session, account, begun, look.now, state, counts)
        _record_balances(session, run, look.rolled)
        _record_open(session, run)
    return Outcome(run.id, account.slug, state, still_open)


def _note(session: Session, account_id: int, found: Sequence[Found], now: datetime) -> int:
    new = 0
    for each in found:
        new += find(session, account_id, each.code, each.object_id, amount=each.amount, detail=each.detail, now=now)
    return new


def _fix_the_rest(session: Session, account_id: int, look: _Look) -> int:
    """Close what was open and was not found this time, unless there were too many to look at."""
    still = {(each.code, each.object_id) for each in look.found}
    unknown = cut_off(look.found)
    fixed = 0
    still_open = select(Difference).where(
        col(Difference.stripe_account_id) == account_id, col(Difference.state) == DifferenceState.OPEN
    )
    for difference in session.exec(still_open).all():
        if difference.donation_id is not None or difference.code in _HEARD_OF:
            continue  # A person decides about these.
        if difference.id not in look.open_ids or (difference.code, difference.object_id) in still:
            continue
        if difference.code in unknown:
            continue
        close(session, difference, DifferenceState.FIXED, by="reconciliation", reason="It agrees now.", now=look.now)
        fixed += 1
    return fixed


def _record(
    session: Session, account: StripeAccount, begun: _Begun, now: datetime, state: RunState, counts: Counter[str]
) -> ReconciliationRun:
    run = ReconciliationRun(
        stripe_account_id=account.id,
        since=begun.since,
        until=begun.started_at,
        started_at=begun.started_at,
        finished_at=now,
        started_by=begun.by,
        state=state,
        counts=json.dumps(dict(counts), ensure_ascii=False),
    )
    session.add(run)
    session.flush()
    return run


def _record_balances(session: Session, run: ReconciliationRun, rolled: Sequence[Rolled]) -> None:
    for each in rolled:
        session.add(
            RollForward(
                run_id=run.id,
                currency=each.currency,
                opening_minor=each.opening_minor,
                movements_minor=each.movements_minor,
                closing_minor=each.closing_minor,
                stripe_minor=each.stripe_minor,
                ledger_minor=each.ledger_minor,
            )
        )


def _record_open(session: Session, run: ReconciliationRun) -> None:
    """Keep what is open now, with its amount: it may agree, open again and change, and this run said this of it."""
    still_open = select(literal(run.id), Difference.id, Difference.minor, Difference.currency).where(
        col(Difference.stripe_account_id) == run.stripe_account_id, col(Difference.state) == DifferenceState.OPEN
    )
    columns = ["run_id", "difference_id", "minor", "currency"]
    session.execute(insert(RunDifference).from_select(columns, still_open))


def _failed(
    parts: Parts, account: StripeAccount, started_at: datetime, since: datetime, by: str, error: str
) -> Outcome:
    with parts.db.write("reconcile: failed") as session:
        now = parts.clock.now()
        run = _record(session, account, _Begun(started_at, since, by), now, RunState.FAILED, Counter())
        run.error = error[:1000]
        session.add(run)
    return Outcome(run.id, account.slug, RunState.FAILED, 0, error)
