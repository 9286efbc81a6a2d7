"""Lines of Stripe's on the bank statement that no payout is matched with: each gets the name of what it looks like.

Nothing is matched here. A name only says to the person who decides where to look first. A bank account belongs to a
body; the body's first Stripe account speaks for it, so that no line is named twice.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from sqlmodel import Session, col, func, not_, select

from fundraise.figures.statements import all_open_lines
from fundraise.flows.reconcile.found import Found
from fundraise.money import Money
from fundraise.settlements.tables import PayoutRow
from fundraise.statements.questions import bank_accounts
from fundraise.statements.reasons import words_in
from fundraise.statements.rules import may_arrive, stripe_words
from fundraise.statements.tables import BankAccount, BankLine, BankMatch
from fundraise.stripe_accounts.tables import StripeAccount

# A bank may join so many payouts in one line; more combinations than that fit anything.
_MOST_JOINED: Final = 4
_MOST_CANDIDATES: Final = 16
# A charge of the bank's takes less than this part of a payout.
_CHARGE_SHARE: Final = 10


@dataclass(frozen=True, slots=True)
class _Open:
    """A payout that is matched with nothing, and whose body it is."""

    payout: PayoutRow
    body_id: int

    @property
    def money(self) -> Money:
        return Money(self.payout.minor, self.payout.currency)


def unmatched_lines(session: Session, account: StripeAccount) -> Iterator[Found]:
    """Name the lines of a body that say they are Stripe's and are matched with nothing."""
    first = select(func.min(StripeAccount.id)).where(col(StripeAccount.body_id) == account.body_id)
    if session.exec(first).one() != account.id:
        return
    payouts: list[_Open] | None = None
    for bank in bank_accounts(session):
        if bank.body_id != account.body_id:
            continue
        lines = _lines(session, bank)
        if lines and payouts is None:
            payouts = _open_payouts(session)
        amounts = Counter(line.minor for line in lines)
        for line in lines:
            code, off_minor, what = _looks_like(line, bank, payouts or [], amounts)
            came = Money(line.minor, line.currency)
            detail = f"line {line.id}, {came} on {line.booked_on.isoformat()}: {what}"
            yield Found(code, f"line {line.id}", Money(off_minor, line.currency), detail)


def _lines(session: Session, bank: BankAccount) -> list[BankLine]:
    return [line for line in all_open_lines(session, bank) if stripe_words(words_in(line), bank.stripe_pattern)]


def _open_payouts(session: Session) -> list[_Open]:
    matched = select(BankMatch.id).where(col(BankMatch.payout_id) == col(PayoutRow.id), col(BankMatch.stands).is_(True))
    statement = (
        select(PayoutRow, StripeAccount.body_id)
        .join(StripeAccount, col(StripeAccount.id) == col(PayoutRow.stripe_account_id))
        .where(col(PayoutRow.state).not_in(["failed", "canceled"]), not_(matched.exists()))
    )
    return [_Open(payout, body_id) for payout, body_id in session.exec(statement)]


def _looks_like(
    line: BankLine, bank: BankAccount, payouts: Sequence[_Open], amounts: Counter[int]
) -> tuple[str, int, str]:
    """Return the name, the amount it is about and a sentence, the surest likeness first."""
    came = Money(line.minor, line.currency)
    ours = [each for each in payouts if each.body_id == bank.body_id and each.payout.currency == line.currency]
    near = [each for each in ours if may_arrive(each.payout.arrives_on.date(), line.booked_on)]
    equal = [each for each in ours if each.money == came]
    likely = [each.payout.stripe_id for each in equal if each in near]
    if likely:
        say = "say which" if len(likely) > 1 else "say whether it is, or another line like it"
        return "BANK_CREDIT_UNMATCHED", came.minor, f"it may be payout {' or '.join(likely)}; {say}"
    late = next((each for each in equal if each.payout.arrives_on.date() < line.booked_on), None)
    if late is not None:
        return "BANK_CREDIT_LATE", came.minor, f"it may be payout {late.payout.stripe_id}, later than banks take"
    return (
        _joined(near, came)
        or _split(near, line, amounts)
        or _of_others(payouts, line)
        or _charged(near, came)
        or _unknown(equal, came)
    )


def _joined(near: Sequence[_Open], came: Money) -> tuple[str, int, str] | None:
    for count in range(2, _MOST_JOINED + 1):
        for some in combinations(near[:_MOST_CANDIDATES], count):
            if sum(each.payout.minor for each in some) == came.minor:
                names = " and ".join(each.payout.stripe_id for each in some)
                return "BANK_CREDIT_MERGED", came.minor, f"it is the sum of payouts {names}"
    return None


def _split(near: Sequence[_Open], line: BankLine, amounts: Counter[int]) -> tuple[str, int, str] | None:
    for each in near:
        other = each.payout.minor - line.minor
        if amounts[other] > (other == line.minor):  # Of two equal lines one is the other's rest.
            return "BANK_CREDIT_SPLIT", line.minor, f"with another line it comes to payout {each.payout.stripe_id}"
    return None


def _of_others(payouts: Sequence[_Open], line: BankLine) -> tuple[str, int, str] | None:
    for each in payouts:
        is_it = (each.payout.minor, each.payout.currency) == (line.minor, line.currency)
        if is_it and may_arrive(each.payout.arrives_on.date(), line.booked_on):
            return "BANK_CREDIT_WRONG_ACCOUNT", line.minor, f"payout {each.payout.stripe_id} is somebody else’s"
    return None


def _charged(near: Sequence[_Open], came: Money) -> tuple[str, int, str] | None:
    for each in near:
        off = came - each.money
        if abs(off.minor) * _CHARGE_SHARE < abs(each.payout.minor):
            return "BANK_CREDIT_AMOUNT", off.minor, f"it differs from payout {each.payout.stripe_id} by {off}"
    return None


def _unknown(equal: Sequence[_Open], came: Money) -> tuple[str, int, str]:
    if equal:
        payout = equal[0].payout
        due = payout.arrives_on.date().isoformat()
        return "BANK_CREDIT_UNMATCHED", came.minor, f"payout {payout.stripe_id} is of this amount, but was due on {due}"
    return "BANK_CREDIT_UNMATCHED", came.minor, "no payout of this amount is known"
