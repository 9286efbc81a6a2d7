"""A person says what a line is: a payout, a payout that the bank sent back, or a transfer we sent.

A person may know better about days and words, never about amounts: a payout arrives whole, so another amount is
something else and is refused with the reason.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from fundraise.errors import Conflict, NotFound, Refusal
from fundraise.flows.book_match import book, keep_matches, payout_leg, row_of
from fundraise.ledger.accounts import Account
from fundraise.ledger.balances import balances
from fundraise.ledger.post import Leg
from fundraise.money import Money, show
from fundraise.parts import Parts
from fundraise.settlements.tables import PayoutRow
from fundraise.staff.rules import note_act
from fundraise.statements.reasons import arrival_reasons, doubts
from fundraise.statements.tables import BankAccount, BankLine, BankMatch
from fundraise.stripe_accounts.tables import StripeAccount
from fundraise.transfers.tables import Transfer


def match_with_payout(parts: Parts, line_id: int, payout_id: int, *, by: str) -> int:
    """Match a line with a payout, or, if it is the opposite of one that failed, with its return; return the match's id.

    Raises `NotFound`, `Conflict` for what is matched already, and `Refusal` with the reason for what cannot be.
    """
    with parts.db.write("match by hand") as session:
        now = parts.clock.now()
        payout = _locked_payout(session, payout_id)
        line, account = _line(session, line_id)
        if payout is None or _body_of(session, payout) != account.body_id:
            raise NotFound("There is no such payout of this account’s owner.")
        if line.currency == payout.currency and line.minor == -payout.minor and payout.state == "failed":
            return _match_return(session, line, payout, by=by, now=now)
        _require_arrival(line, payout)
        day = payout.arrives_on.date()
        reasons = [
            f"{by} said so.",
            *arrival_reasons(line, day, account.stripe_pattern),
            *doubts(line, day, payout.minor, account.stripe_pattern),
        ]
        if payout.state == "failed":
            reasons.append("The payout failed after it had been paid; the bank’s return is a line of its own.")
        return _keep(session, line, [payout_leg(session, payout, line)], reasons, by=by, now=now, payout_id=payout.id)


def match_with_transfer(parts: Parts, line_id: int, transfer_id: int, *, by: str) -> int:
    """Match a line of money out with a transfer we sent; return the match's id.

    What we held for the receiver is paid from there (2310); otherwise it is a grant of the sender's own money (5210).
    Raises `NotFound`, `Conflict` and `Refusal`.
    """
    with parts.db.write("match by hand") as session:
        line, account = _line(session, line_id)
        transfer = _locked_transfer(session, transfer_id)
        if transfer is None or transfer.withdrawn_at is not None or transfer.sender_body_id != account.body_id:
            raise NotFound("There is no such transfer of this account’s owner.")
        if (-line.minor, line.currency) != (transfer.sent_minor, transfer.sent_currency):
            sent = show(Money(transfer.sent_minor, transfer.sent_currency))
            raise Refusal(f"The transfer was of {sent}, the line is of {show(Money(line.minor, line.currency))}.")
        leg, reason = _what_it_pays(session, transfer, account)
        reasons = [
            f"{by} said so.",
            f"The amount and the currency are exact: {show(Money(line.minor, line.currency))}.",
            reason,
        ]
        if transfer.reference and transfer.reference.upper() in f"{line.text} {line.reference}".upper():
            reasons.append(f"The text says {transfer.reference}.")
        return _keep(session, line, [leg], reasons, by=by, now=parts.clock.now(), transfer_id=transfer.id)


def owed_minor(session: Session, body_id: int, receiver_id: int | None, currency: str) -> int:
    """Return how much a body's books owe another one, in minor units; zero for a receiver without books here."""
    if receiver_id is None:
        return 0
    found = balances(
        session,
        ["account"],
        body_id=body_id,
        account=Account.DUE_TO_CHARITY,
        currency=currency,
        due_body_id=receiver_id,
    )
    return -sum(balance.minor for balance in found)


def _locked_payout(session: Session, payout_id: int) -> PayoutRow | None:
    """Hold the payout until commit: what Stripe says of it cannot change in between."""
    return session.exec(
        select(PayoutRow)
        .where(col(PayoutRow.id) == payout_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def _locked_transfer(session: Session, transfer_id: int) -> Transfer | None:
    """Hold the transfer until commit: nobody takes it back in between."""
    return session.exec(
        select(Transfer)
        .where(col(Transfer.id) == transfer_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).first()


def _line(session: Session, line_id: int) -> tuple[BankLine, BankAccount]:
    line = session.get(BankLine, line_id)
    if line is None:
        raise NotFound("There is no such line.")
    return line, session.get_one(BankAccount, line.bank_account_id)


def _body_of(session: Session, payout: PayoutRow) -> int:
    return session.get_one(StripeAccount, payout.stripe_account_id).body_id


def _require_arrival(line: BankLine, payout: PayoutRow) -> None:
    if line.currency != payout.currency:
        raise Refusal(f"The payout is in {payout.currency}, the line in {line.currency}.")
    if line.minor != payout.minor:
        sent, came = show(Money(payout.minor, payout.currency)), show(Money(line.minor, line.currency))
        off = show(Money(line.minor - payout.minor, line.currency))
        raise Refusal(
            f"The payout is of {sent}, the line of {came}: they differ by {off}. A payout arrives whole. "
            "If the bank took a charge or joined two payouts, ask it for the single movements."
        )
    if payout.state == "canceled" or (payout.state == "failed" and not payout.was_paid):
        raise Refusal("Stripe says that this payout never left. The line must be something else.")


def _match_return(session: Session, line: BankLine, payout: PayoutRow, *, by: str, now: datetime) -> int:
    arrived = select(BankMatch.id).where(col(BankMatch.payout_id) == payout.id, col(BankMatch.stands).is_(True))
    if session.exec(arrived).first() is None:
        raise Refusal("This line sends a failed payout back. Please match the line with which it had come first.")
    reasons = [
        f"{by} said so.",
        f"It is the opposite of payout {payout.stripe_id}, which failed after it had been paid.",
        "The bank sent the money back to Stripe.",
    ]
    return _keep(
        session, line, [payout_leg(session, payout, line)], reasons, by=by, now=now, returned_payout_id=payout.id
    )


def _what_it_pays(session: Session, transfer: Transfer, account: BankAccount) -> tuple[Leg, str]:
    minor, currency = transfer.sent_minor, transfer.sent_currency
    owed = owed_minor(session, account.body_id, transfer.receiver_body_id, currency)
    if owed >= minor:
        leg = Leg(Account.DUE_TO_CHARITY, minor, currency, account.body_id, due_body_id=transfer.receiver_body_id)
        return leg, f"It is paid out of {show(Money(owed, currency))} that was held for the receiver."
    return Leg(Account.GRANTS_TO_PARTNERS, minor, currency, account.body_id), "It is a grant of the sender’s own money."


def _keep(
    session: Session,
    line: BankLine,
    legs: Sequence[Leg],
    reasons: Sequence[str],
    *,
    by: str,
    now: datetime,
    **counterpart: int,
) -> int:
    kept = keep_matches(session, [row_of(line.id, reasons, by=by, now=now, **counterpart)])
    if not kept:
        raise Conflict("The line, or what you matched it with, is matched already. Undo that match first.")
    match_id, _ = kept[0]
    book(session, match_id, line, legs, why=f"bank line {line.id}, matched by {by}", now=now)
    note_act(session, "said what a bank line is", f"line:{line.id}", by=by, at=now)
    return match_id
