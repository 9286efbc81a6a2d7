"""What a bank line may be, and why it was not matched by itself: one sentence for each doubt."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session, col, select

from fundraise.settlements.tables import PayoutRow
from fundraise.statements.reasons import arrival_reasons, doubts, rivals
from fundraise.statements.rules import may_arrive, stripe_words
from fundraise.statements.tables import BankAccount, BankLine, BankMatch
from fundraise.stripe_accounts.tables import StripeAccount
from fundraise.transfers.tables import Transfer

_MOST: Final = 10


@dataclass(frozen=True, slots=True)
class Candidate:
    """A payout, its return or a transfer that has the line's exact amount; `doubts` say why a person must decide."""

    payout: PayoutRow | None
    transfer: Transfer | None
    is_return: bool
    reasons: tuple[str, ...]
    doubts: tuple[str, ...]


def candidates(session: Session, line: BankLine, account: BankAccount) -> list[Candidate]:
    """List what an open line may be, likeliest first."""
    arrivals = _arrivals(session, line, account)
    returns = [_return(payout) for payout in _open_payouts(session, account, -line.minor, "failed")]
    return sorted(arrivals, key=lambda each: len(each.doubts)) + returns + _transfers(session, line, account)


def _arrivals(session: Session, line: BankLine, account: BankAccount) -> list[Candidate]:
    payouts = [
        payout
        for payout in _open_payouts(session, account, line.minor)
        if payout.state != "canceled" and not (payout.state == "failed" and not payout.was_paid)
    ]
    lines = _open_lines(session, line, account)
    return [_arrival(session, line, account, payout, payouts, lines) for payout in payouts[:_MOST]]


def _arrival(
    session: Session,
    line: BankLine,
    account: BankAccount,
    payout: PayoutRow,
    payouts: Sequence[PayoutRow],
    lines: Sequence[BankLine],
) -> Candidate:
    day = payout.arrives_on.date()
    others = sum(each.id != payout.id and may_arrive(each.arrives_on.date(), line.booked_on) for each in payouts)
    rival_lines = sum(
        each.id != line.id and may_arrive(day, each.booked_on) and bool(stripe_words(each.text, account.stripe_pattern))
        for each in lines
    )
    found = [*doubts(line, day, payout.minor, account.stripe_pattern), *rivals(others, rival_lines)]
    if payout.state == "failed":
        found.append("Stripe says that it failed after it had been paid.")
    undone = select(BankMatch.undone_why).where(
        col(BankMatch.line_id) == line.id, col(BankMatch.payout_id) == payout.id, col(BankMatch.stands).is_(None)
    )
    found += [f"They were matched before, and it was undone: {why}" for why in session.exec(undone)]
    return Candidate(payout, None, False, tuple(arrival_reasons(line, day, account.stripe_pattern)), tuple(found))


def _return(payout: PayoutRow) -> Candidate:
    reasons = (f"It is the opposite of payout {payout.stripe_id}, which failed.",)
    return Candidate(payout, None, True, reasons, ("Only a person can say that the bank sent it back.",))


def _open_payouts(session: Session, account: BankAccount, minor: int, state: str = "") -> Sequence[PayoutRow]:
    """Return the payouts of an account's owner with exactly this amount that no line is matched with."""
    key = BankMatch.returned_payout_id if state else BankMatch.payout_id
    matched = (
        select(BankMatch.id)
        .where(col(key) == col(PayoutRow.id), col(BankMatch.stands).is_(True))
        .correlate(PayoutRow)
        .exists()
    )
    statement = (
        select(PayoutRow)
        .join(StripeAccount, col(StripeAccount.id) == col(PayoutRow.stripe_account_id))
        .where(
            col(StripeAccount.body_id) == account.body_id,
            col(PayoutRow.currency) == account.currency,
            col(PayoutRow.minor) == minor,
            ~matched,
        )
        .order_by(col(PayoutRow.arrives_on).desc())
        .limit(_MOST * 5)
    )
    if state:
        statement = statement.where(col(PayoutRow.state) == state)
    return session.exec(statement).all()


def _open_lines(session: Session, line: BankLine, account: BankAccount) -> Sequence[BankLine]:
    """Return the lines of the same amount on any account of the same owner that are matched with nothing."""
    matched = (
        select(BankMatch.id)
        .where(col(BankMatch.line_id) == col(BankLine.id), col(BankMatch.stands).is_(True))
        .correlate(BankLine)
        .exists()
    )
    statement = (
        select(BankLine)
        .join(BankAccount, col(BankAccount.id) == col(BankLine.bank_account_id))
        .where(
            col(BankAccount.body_id) == account.body_id,
            col(BankLine.currency) == line.currency,
            col(BankLine.minor) == line.minor,
            ~matched,
        )
        .limit(_MOST * 5)
    )
    return session.exec(statement).all()


def _transfers(session: Session, line: BankLine, account: BankAccount) -> list[Candidate]:
    if line.minor > 0:
        return []
    matched = (
        select(BankMatch.id)
        .where(col(BankMatch.transfer_id) == col(Transfer.id), col(BankMatch.stands).is_(True))
        .correlate(Transfer)
        .exists()
    )
    statement = (
        select(Transfer)
        .where(
            col(Transfer.sender_body_id) == account.body_id,
            col(Transfer.sent_currency) == line.currency,
            col(Transfer.sent_minor) == -line.minor,
            col(Transfer.withdrawn_at).is_(None),
            ~matched,
        )
        .order_by(col(Transfer.sent_on).desc())
        .limit(_MOST)
    )
    return [
        Candidate(
            None,
            transfer,
            False,
            ("The amount and the currency are exact.",),
            ("Only a person can say that it is this transfer.",),
        )
        for transfer in session.exec(statement)
    ]
