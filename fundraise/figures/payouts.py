"""Payouts as staff look for them: what each is made of, its bank line, and the sums of all that a filter finds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, case, func, or_
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from fundraise.donations.tables import Donation
from fundraise.errors import NotFound
from fundraise.settlements.tables import BalanceTransactionRow, PayoutRow
from fundraise.statements.tables import BankAccount, BankLine, BankMatch
from fundraise.stripe_accounts.tables import StripeAccount

PAGE: Final = 50
STATES: Final = ("any", "on_its_way", "in_the_bank", "no_line", "failed")
SORTS: Final = ("arrives", "amount")
MOST_MEMBERS: Final = 2000
_GIFTS: Final = ("charge", "charge_failure")
_STRIPES_OWN: Final = ("fee", "tax", "network_cost")
_NEVER: Final = ("failed", "canceled")


@dataclass(frozen=True, slots=True)
class PayoutFilter:
    """Which payouts: a state, an account's slug, days of arrival, words of an id; sorted how; the page, from 1."""

    state: str = "any"
    account: str = ""
    begins: date | None = None
    ends: date | None = None
    words: str = ""
    sort: str = "arrives"
    descending: bool = True
    page: int = 1


@dataclass(frozen=True, slots=True)
class PayoutSums:
    """What payouts are made of, in minor units: gifts, what goes back or besides, fees, and what was sent."""

    gifts_minor: int = 0
    back_minor: int = 0
    fees_minor: int = 0
    sent_minor: int = 0

    @property
    def members_minor(self) -> int:
        """What the members come to."""
        return self.gifts_minor + self.back_minor + self.fees_minor


@dataclass(frozen=True, slots=True)
class PayoutFacts:
    """A payout with its account, its sums, its bank line and the match, if any; and whether its bank is known here."""

    payout: PayoutRow
    account: StripeAccount
    sums: PayoutSums
    line: BankLine | None
    match: BankMatch | None
    bank_is_known: bool

    @property
    def adds_up(self) -> bool:
        """Whether the members come to what was sent, as far as they are known."""
        return not self.payout.items_known or self.sums.members_minor == self.payout.minor


@dataclass(frozen=True, slots=True)
class PayoutsFound:
    """A page of payouts, how many the filter finds, and its sums by currency."""

    rows: tuple[PayoutFacts, ...]
    count: int
    sums: Mapping[str, PayoutSums]


@dataclass(frozen=True, slots=True)
class Member:
    """One movement in a payout, and the gift it belongs to."""

    transaction: BalanceTransactionRow
    donation: Donation | None


@dataclass(frozen=True, slots=True)
class PayoutOpened:
    """A payout with its first members, every match it ever had, and the line by which the bank sent it back."""

    facts: PayoutFacts
    members: Sequence[Member]
    count: int
    matches: Sequence[BankMatch]
    returned_by: BankLine | None


def find_payouts(session: Session, wanted: PayoutFilter) -> PayoutsFound:
    """Return a page of the payouts that a filter finds, and their sums."""
    count = session.execute(_from(sa_select(func.count(col(PayoutRow.id))), wanted)).scalar_one()
    statement = _from(sa_select(PayoutRow, StripeAccount, BankLine, BankMatch), wanted)
    ordered = statement.order_by(*_order(wanted)).limit(PAGE).offset((wanted.page - 1) * PAGE)
    found = session.execute(ordered).all()
    sums = _sums_of(session, [payout.id for payout, *_ in found])
    banks = set(session.exec(select(BankAccount.body_id, BankAccount.currency)))
    rows = tuple(
        _facts(payout, account, line, match, sums.get(payout.id), banks) for payout, account, line, match in found
    )
    return PayoutsFound(rows, int(count), _sums(session, wanted))


def open_payout(session: Session, stripe_id: str) -> PayoutOpened:
    """Return one payout with what it is made of; `NotFound`."""
    found = session.execute(
        _joined(sa_select(PayoutRow, StripeAccount, BankLine, BankMatch)).where(col(PayoutRow.stripe_id) == stripe_id)
    ).first()
    if found is None:
        raise NotFound("There is no such payout.")
    payout, account, line, match = found
    of_payout = col(BalanceTransactionRow.payout_id) == payout.id
    members = session.execute(
        select(BalanceTransactionRow, Donation)
        .outerjoin(Donation, col(Donation.id) == col(BalanceTransactionRow.donation_id))
        .where(of_payout)
        .order_by(col(BalanceTransactionRow.created_at), col(BalanceTransactionRow.id))
        .limit(MOST_MEMBERS)
    ).all()
    banks = set(session.exec(select(BankAccount.body_id, BankAccount.currency)))
    return PayoutOpened(
        facts=_facts(payout, account, line, match, _sums_of(session, [payout.id]).get(payout.id), banks),
        members=[Member(transaction, donation) for transaction, donation in members],
        count=session.exec(select(func.count()).where(of_payout)).one(),
        matches=session.exec(
            select(BankMatch).where(col(BankMatch.payout_id) == payout.id).order_by(col(BankMatch.id).desc())
        ).all(),
        returned_by=session.exec(
            select(BankLine)
            .join(BankMatch, col(BankMatch.line_id) == col(BankLine.id))
            .where(col(BankMatch.returned_payout_id) == payout.id, col(BankMatch.stands).is_(True))
        ).first(),
    )


def _joined(statement: Any) -> Any:
    return (
        statement.select_from(PayoutRow)
        .join(StripeAccount, col(StripeAccount.id) == col(PayoutRow.stripe_account_id))
        .outerjoin(BankMatch, (col(BankMatch.payout_id) == col(PayoutRow.id)) & col(BankMatch.stands).is_(True))
        .outerjoin(BankLine, col(BankLine.id) == col(BankMatch.line_id))
    )


def _from(statement: Any, wanted: PayoutFilter) -> Any:
    return _joined(statement).where(*_conditions(wanted))


def _conditions(wanted: PayoutFilter) -> list[ColumnElement[bool]]:
    lives = col(PayoutRow.state).not_in(_NEVER)
    states: Mapping[str, Sequence[ColumnElement[bool]]] = {
        "on_its_way": [lives, col(PayoutRow.state) != "paid"],
        "in_the_bank": [lives, col(BankMatch.id).is_not(None)],
        "no_line": [col(PayoutRow.state) == "paid", col(BankMatch.id).is_(None)],
        "failed": [col(PayoutRow.state).in_(_NEVER)],
    }
    conditions: list[ColumnElement[bool]] = list(states.get(wanted.state, ()))
    if wanted.account:
        conditions.append(col(StripeAccount.slug) == wanted.account)
    if wanted.begins is not None:
        conditions.append(col(PayoutRow.arrives_on) >= _midnight(wanted.begins))
    if wanted.ends is not None:
        conditions.append(col(PayoutRow.arrives_on) < _midnight(wanted.ends + timedelta(days=1)))
    for word in wanted.words.split()[:10]:
        columns = (col(PayoutRow.stripe_id), col(PayoutRow.trace_id), col(PayoutRow.descriptor))
        conditions.append(or_(*(column.contains(word, autoescape=True) for column in columns)))
    return conditions


def _order(wanted: PayoutFilter) -> list[Any]:
    columns: dict[str, Sequence[Any]] = {
        "amount": (col(PayoutRow.currency), col(PayoutRow.minor), col(PayoutRow.id)),
        # Those of one day by when Stripe made them: news of them may come in any order.
        "arrives": (col(PayoutRow.arrives_on), col(PayoutRow.created_at), col(PayoutRow.id)),
    }
    return [column.desc() if wanted.descending else column.asc() for column in columns[wanted.sort]]


def _parts() -> tuple[Any, Any, Any]:
    """Return the sums of gifts, of what goes back or besides, and of fees; together they are the sum of the nets."""
    amount, fee, category = (
        col(BalanceTransactionRow.amount_minor),
        col(BalanceTransactionRow.fee_minor),
        col(BalanceTransactionRow.category),
    )
    gifts = func.coalesce(func.sum(case((category.in_(_GIFTS), amount), else_=0)), 0)
    own = func.coalesce(func.sum(case((category.in_(_STRIPES_OWN), amount), else_=0)), 0)
    back = func.coalesce(func.sum(case((category.in_((*_GIFTS, *_STRIPES_OWN)), 0), else_=amount)), 0)
    return gifts, back, own - func.coalesce(func.sum(fee), 0)


def _sums_of(session: Session, payout_ids: Sequence[int]) -> dict[int, PayoutSums]:
    statement = (
        sa_select(col(BalanceTransactionRow.payout_id), *_parts())
        .where(col(BalanceTransactionRow.payout_id).in_(payout_ids))
        .group_by(col(BalanceTransactionRow.payout_id))
    )
    return {
        payout_id: PayoutSums(int(gifts), int(back), int(fees))
        for payout_id, gifts, back, fees in session.execute(statement)
    }


def _sums(session: Session, wanted: PayoutFilter) -> dict[str, PayoutSums]:
    """Sum all that the filter finds. What failed or was cancelled was not sent and is left out."""
    sent = _from(sa_select(col(PayoutRow.currency), func.sum(col(PayoutRow.minor))), wanted)
    sent = sent.where(col(PayoutRow.state).not_in(_NEVER)).group_by(col(PayoutRow.currency))
    members = _from(sa_select(col(PayoutRow.currency), *_parts()), wanted).join(
        BalanceTransactionRow, col(BalanceTransactionRow.payout_id) == col(PayoutRow.id)
    )
    members = members.where(col(PayoutRow.state).not_in(_NEVER)).group_by(col(PayoutRow.currency))
    made = {currency: (int(gifts), int(back), int(fees)) for currency, gifts, back, fees in session.execute(members)}
    return {
        currency: PayoutSums(*made.get(currency, (0, 0, 0)), int(minor))
        for currency, minor in sorted(session.execute(sent).all())
    }


def _facts(
    payout: PayoutRow,
    account: StripeAccount,
    line: BankLine | None,
    match: BankMatch | None,
    sums: PayoutSums | None,
    banks: set[tuple[int, str]],
) -> PayoutFacts:
    made = sums or PayoutSums()
    return PayoutFacts(
        payout,
        account,
        PayoutSums(made.gifts_minor, made.back_minor, made.fees_minor, payout.minor),
        line,
        match,
        (account.body_id, payout.currency) in banks,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
