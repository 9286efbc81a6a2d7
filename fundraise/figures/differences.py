"""What staff see of differences and of runs: lists, sums, and what lies behind each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, or_, select

from fundraise.bodies.tables import Body
from fundraise.differences.tables import Difference, DifferenceState
from fundraise.donations.tables import Dispute, Donation, Refund
from fundraise.errors import NotFound
from fundraise.reconciliation.tables import ReconciliationRun, RollForward, RunDifference, RunState
from fundraise.settlements.tables import BalanceTransactionRow, PayoutRow
from fundraise.staff.decisions import decisions_about
from fundraise.staff.tables import StaffAct
from fundraise.stripe_accounts.questions import all_accounts
from fundraise.stripe_accounts.tables import StripeAccount

MOST: int = 200


@dataclass(frozen=True, slots=True)
class AccountState:
    """A Stripe account with its owner, its last run with what it rolled, and what is open."""

    account: StripeAccount
    body: Body
    last: ReconciliationRun | None
    rolled: Sequence[RollForward]
    open: Sequence[Difference]


@dataclass(frozen=True, slots=True)
class OpenThen:
    """A difference that was open when a run ended: as it was then, and as it is now."""

    then: Difference
    now: Difference


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run, its account, what it rolled, and what was open when it ended."""

    run: ReconciliationRun
    account: StripeAccount
    rolled: Sequence[RollForward]
    open: Sequence[OpenThen]


@dataclass(frozen=True, slots=True)
class Behind:
    """What lies behind a difference, as far as it is known: a gift, a payout, a bank line's number."""

    donation: Donation | None = None
    payout: PayoutRow | None = None
    line_id: int | None = None


@dataclass(frozen=True, slots=True)
class DifferenceFacts:
    """One difference with its account, what lies behind it, and what was done about it, newest first."""

    difference: Difference
    account: StripeAccount
    body: Body
    behind: Behind
    acts: Sequence[StaffAct]


def account_states(session: Session) -> list[AccountState]:
    """List all Stripe accounts with how they stand."""
    bodies = {body.id: body for body in session.exec(select(Body))}
    return [_state_of(session, account, bodies[account.body_id]) for account in all_accounts(session)]


def open_differences(session: Session, *, kept_out: bool | None = None) -> Sequence[Difference]:
    """List what is open, oldest first; `kept_out` narrows to payments in quarantine, or to the others."""
    statement = select(Difference).where(col(Difference.state) == DifferenceState.OPEN)
    if kept_out is not None:
        column = col(Difference.donation_id)
        statement = statement.where(column.is_not(None) if kept_out else column.is_(None))
    return session.exec(statement.order_by(col(Difference.first_seen_at), col(Difference.id))).all()


def closed_differences(session: Session, *, kept_out: bool = False) -> Sequence[Difference]:
    """List what was explained or fixed last, newest first."""
    column = col(Difference.donation_id)
    statement = select(Difference).where(col(Difference.state) != DifferenceState.OPEN)
    statement = statement.where(column.is_not(None) if kept_out else column.is_(None))
    ordered = statement.order_by(col(Difference.closed_at).desc(), col(Difference.id).desc())
    return session.exec(ordered.limit(20)).all()


def recent_runs(session: Session, *, most: int = 30) -> Sequence[tuple[ReconciliationRun, StripeAccount]]:
    """List the last runs, newest first."""
    statement = select(ReconciliationRun, StripeAccount).join(
        StripeAccount, col(StripeAccount.id) == col(ReconciliationRun.stripe_account_id)
    )
    return session.exec(statement.order_by(col(ReconciliationRun.id).desc()).limit(most)).all()


def runs_since(session: Session, moment: datetime) -> int:
    """Count the runs that began since then: how many accounts a running reconciliation has done."""
    statement = select(func.count()).where(col(ReconciliationRun.started_at) >= moment)
    return session.exec(statement).one()


def run_facts(session: Session, run_id: int) -> RunFacts:
    """Return a run with all it said; `NotFound`."""
    run = session.get(ReconciliationRun, run_id)
    if run is None:
        raise NotFound("There is no such run.")
    account = session.get_one(StripeAccount, run.stripe_account_id)
    return RunFacts(run, account, _rolled(session, run.id), _open_then(session, run))


def _open_then(session: Session, run: ReconciliationRun) -> Sequence[OpenThen]:
    kept = session.exec(
        select(Difference, RunDifference)
        .join(RunDifference, col(RunDifference.difference_id) == col(Difference.id))
        .where(col(RunDifference.run_id) == run.id)
        .order_by(col(Difference.first_seen_at), col(Difference.id))
    ).all()
    if kept or run.state != RunState.DIFFERENCES:
        return [_open_with(difference, then.minor, then.currency) for difference, then in kept]
    # A run from before this was kept: what is open now, or was closed since, is as much as is known of it.
    still_open = or_(col(Difference.closed_at).is_(None), col(Difference.closed_at) > run.finished_at)
    found = session.exec(
        select(Difference)
        .where(
            col(Difference.stripe_account_id) == run.stripe_account_id,
            col(Difference.first_seen_at) <= run.finished_at,
            still_open,
        )
        .order_by(col(Difference.first_seen_at), col(Difference.id))
    )
    return [_open_with(difference, difference.minor, difference.currency) for difference in found]


def _open_with(difference: Difference, minor: int | None, currency: str) -> OpenThen:
    """Make a difference what it was; the copy is no row, and nothing of it is kept."""
    open_then = {"state": DifferenceState.OPEN, "minor": minor, "currency": currency, "closed_at": None}
    then = Difference(**{**difference.model_dump(), **open_then, "closed_by": "", "note": ""})
    return OpenThen(then, difference)


def difference_facts(session: Session, difference_id: int) -> DifferenceFacts:
    """Return one difference with all that is known of it; `NotFound`."""
    difference = session.get(Difference, difference_id)
    if difference is None:
        raise NotFound("There is no such difference.")
    account = session.get_one(StripeAccount, difference.stripe_account_id)
    return DifferenceFacts(
        difference=difference,
        account=account,
        body=session.get_one(Body, account.body_id),
        behind=_behind(session, difference),
        acts=decisions_about(session, f"difference:{difference.id}"),
    )


def sums(differences: Iterable[Difference]) -> Mapping[str, int]:
    """Return what differences come to by currency.

    Each is taken as positive, since one too much does not mend one too little; a thing of which two are named, once.
    """
    of_things: dict[tuple[str, int, str], int] = {}
    for difference in differences:
        if difference.minor:
            thing = (difference.currency, difference.stripe_account_id, difference.object_id)
            of_things[thing] = max(of_things.get(thing, 0), abs(difference.minor))
    found: dict[str, int] = {}
    for (currency, *_), minor in sorted(of_things.items()):
        found[currency] = found.get(currency, 0) + minor
    return found


def _state_of(session: Session, account: StripeAccount, body: Body) -> AccountState:
    last = session.exec(
        select(ReconciliationRun)
        .where(col(ReconciliationRun.stripe_account_id) == account.id)
        .order_by(col(ReconciliationRun.id).desc())
        .limit(1)
    ).first()
    still_open = session.exec(
        select(Difference).where(
            col(Difference.stripe_account_id) == account.id, col(Difference.state) == DifferenceState.OPEN
        )
    ).all()
    return AccountState(account, body, last, _rolled(session, last.id) if last is not None else (), still_open)


def _rolled(session: Session, run_id: int) -> Sequence[RollForward]:
    statement = select(RollForward).where(col(RollForward.run_id) == run_id).order_by(col(RollForward.currency))
    return session.exec(statement).all()


def _behind(session: Session, difference: Difference) -> Behind:
    account_id, object_id = difference.stripe_account_id, difference.object_id
    if object_id.startswith("line "):
        number = object_id.removeprefix("line ")
        return Behind(line_id=int(number) if number.isdigit() else None)
    payout = session.exec(
        select(PayoutRow).where(col(PayoutRow.stripe_account_id) == account_id, col(PayoutRow.stripe_id) == object_id)
    ).first()
    if payout is not None:
        return Behind(payout=payout)
    donation_id = difference.donation_id or _donation_of(session, account_id, object_id)
    return Behind(donation=session.get(Donation, donation_id) if donation_id is not None else None)


def _donation_of(session: Session, account_id: int, object_id: str) -> int | None:
    charge = select(Donation.id).where(
        col(Donation.stripe_account_id) == account_id,
        or_(col(Donation.charge_id) == object_id, col(Donation.payment_id) == object_id),
    )
    found = session.exec(charge).first()
    for table in (Refund, Dispute, BalanceTransactionRow):
        if found is None:
            statement = select(table.donation_id).where(
                col(table.stripe_account_id) == account_id, col(table.stripe_id) == object_id
            )
            found = session.exec(statement).first()
    return found
