"""A payment that differs from what was asked: it goes to a person, never silently into or out of the total.

What was paid lies at Stripe all the same. So reconciliation books it in suspense, where no total looks, and what goes
back of it goes out of suspense again. Once all of it went back to the donor there is nothing left to decide.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from fundraise.differences import rules as differences
from fundraise.differences.tables import Difference, DifferenceState
from fundraise.donations.tables import Donation, DonationState
from fundraise.ledger.accounts import Account
from fundraise.ledger.post import Leg, at_stripe, is_booked, post
from fundraise.money import Money
from fundraise.payments import BalanceTransaction, Charge, ChargeState, Payment
from fundraise.settlements.rules import keep_transaction
from fundraise.settlements.tables import BalanceTransactionRow
from fundraise.stripe_accounts.tables import StripeAccount

QUARANTINE = "quarantine"


@dataclass(frozen=True, slots=True)
class Merchant:
    """What matters of the Stripe account that took a payment."""

    id: int
    body_id: int
    livemode: bool


def mismatch(account: Merchant, donation: Donation, payment: Payment) -> tuple[str, str] | None:
    """Compare what was paid with what was asked; return what differs, by name and in a sentence, or None."""
    charge = payment.charge
    amount = charge.amount if charge is not None else payment.amount
    asked = Money(donation.total_minor, donation.currency)
    checks = (
        ("MODE_MIX", payment.livemode != account.livemode, "a test payment on a live account, or the reverse"),
        (
            "ACCOUNT_MIX",
            donation.stripe_account_id != account.id,
            "the gift was made to another account than the one that was paid",
        ),
        ("CURRENCY_MISMATCH", amount.currency != asked.currency, "asked for {asked}, paid {amount}"),
        (
            "AMOUNT_MISMATCH",
            amount.currency == asked.currency and amount != asked,
            "asked for {asked}, paid {amount}",
        ),
        (
            "ARITHMETIC",
            charge is not None and charge.transaction is not None and not _adds_up(charge, charge.transaction),
            "Stripe's balance transaction does not add up with the charge",
        ),
        (
            "DUPLICATE_DONATION",
            charge is not None and charge.state is ChargeState.SUCCEEDED and paid_otherwise(donation, charge),
            "one gift was paid by two charges",
        ),
    )
    found = next(((code, why) for code, is_so, why in checks if is_so), None)
    # Amounts are put into words only here: Babel takes longer for them than the books for the whole gift.
    return (found[0], found[1].format(asked=asked, amount=amount)) if found is not None else None


def paid_otherwise(donation: Donation, charge: Charge) -> bool:
    """Tell whether a gift is paid already, by another charge."""
    return donation.charge_id is not None and donation.charge_id != charge.id and donation.state == DonationState.PAID


def keep_out(
    session: Session,
    account: Merchant,
    donation: Donation,
    payment: Payment,
    found: tuple[str, str],
    now: datetime,
) -> str:
    """Name what differs for a person to decide; return the outcome in a word. Nothing is booked."""
    code, why = found
    charge = payment.charge
    object_id = charge.id if charge is not None else payment.id
    amount = charge.amount if charge is not None else payment.amount
    if charge is not None and _went_back(payment) == charge.amount.minor:
        _close_returned(session, account, code, object_id, now)
        return f"{QUARANTINE}: {code}, returned"
    detail = f"gift {donation.ref}: {why}"
    differences.find(
        session, account.id, code, object_id, amount=amount, detail=detail, now=now, donation_id=donation.id
    )
    return f"{QUARANTINE}: {code}"


def hold(session: Session, account_id: int, payment: Payment, now: datetime) -> None:
    """Book in suspense what the balance says of a payment that is kept out; what is booked already stays."""
    account = session.get_one(StripeAccount, account_id)
    for transaction in _transactions(payment):
        known = session.exec(
            select(BalanceTransactionRow).where(
                col(BalanceTransactionRow.stripe_account_id) == account_id,
                col(BalanceTransactionRow.stripe_id) == transaction.id,
            )
        ).first()
        if (known is not None and known.donation_id is not None) or is_booked(session, f"suspense:{transaction.id}"):
            continue
        keep_transaction(session, account_id, transaction, now=now)
        legs = suspense_legs(
            account, transaction.currency, transaction.net_minor, transaction.fee_minor, Account.SUSPENSE_RECEIPTS
        )
        why = f"{transaction.category} of {payment.id}: kept out of the books until a person decides"
        post(session, f"held:{transaction.id}", legs, why=why, occurred_at=transaction.created_at, now=now)


def suspense_legs(
    account: StripeAccount, currency: str, net_minor: int, fee_minor: int, counterpart: Account
) -> list[Leg]:
    """Return the legs of a movement that is nobody's yet: net in the Stripe balance, fee, and the rest in suspense."""
    return [
        Leg(Account.STRIPE_BALANCE, net_minor, currency, account.body_id, held_at=at_stripe(account.id)),
        Leg(Account.CARD_FEES, fee_minor, currency, account.body_id),
        Leg(counterpart, -net_minor - fee_minor, currency, account.body_id),
    ]


def _went_back(payment: Payment) -> int:
    return sum(refund.amount.minor for refund in payment.refunds if refund.state == "succeeded")


def _close_returned(
    session: Session, account: Merchant | StripeAccount, code: str, object_id: str, now: datetime
) -> None:
    difference = session.exec(
        select(Difference).where(
            col(Difference.stripe_account_id) == account.id,
            col(Difference.code) == code,
            col(Difference.object_id) == object_id,
            col(Difference.state) == DifferenceState.OPEN,
        )
    ).first()
    if difference is not None:
        reason = "It went back to the donor in full."
        differences.close(session, difference, DifferenceState.FIXED, by="Stripe", reason=reason, now=now)


def _transactions(payment: Payment) -> Iterator[BalanceTransaction]:
    charge = payment.charge
    rows = [charge.transaction, charge.failure_transaction] if charge is not None else []
    for refund in payment.refunds:
        rows += [refund.transaction, refund.failure_transaction]
    for dispute in payment.disputes:
        rows += dispute.transactions
    return (row for row in rows if row is not None)


def _adds_up(charge: Charge, transaction: BalanceTransaction) -> bool:
    if transaction.net_minor != transaction.amount_minor - transaction.fee_minor:
        return False
    return transaction.currency != charge.amount.currency or transaction.amount_minor == charge.amount.minor
