"""What becomes of a payment: Stripe is asked what is so now, and one transaction moves our books there.

It does not matter which notice brought us here, how often, or in which order they came. Three things keep a repeat
from counting twice, each enough alone: the notice is kept once, the donation's state only moves forward, and every
entry has a key that says what it is about.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam
from sqlmodel import Session, col, or_, select

from fundraise import inbox, plain
from fundraise.campaigns.tables import FeeBearer, Holding
from fundraise.db import note
from fundraise.differences import rules as differences
from fundraise.donations.rules import move
from fundraise.donations.tables import Donation, DonationState
from fundraise.flows import moments
from fundraise.flows.convert_gifts import convert_gift
from fundraise.flows.issue_receipt import issue_receipt
from fundraise.flows.moments import Terms
from fundraise.flows.quarantine import Merchant, keep_out, mismatch, paid_otherwise
from fundraise.flows.settle_returns import settle_dispute, settle_refund
from fundraise.flows.write_to_donor import write_to_donor
from fundraise.ledger.post import Leg, at_stripe, is_booked, post, reverse
from fundraise.money import Money
from fundraise.parts import Parts
from fundraise.payments import (
    AccountKey,
    BalanceTransaction,
    Charge,
    ChargeState,
    Method,
    NotThereYet,
    Payment,
)
from fundraise.settlements.rules import keep_transaction
from fundraise.stripe_accounts.tables import StripeAccount

WAITS: Final = "waits: "
NOT_OURS: Final = "not ours"
# Built once: building takes longer than asking. Rows that name the gift may be added meanwhile, by who converts gifts
# and holds the appeal that we ask for last.
_OF_PAYMENT: Final = (
    select(Donation)
    .where(or_(col(Donation.payment_id) == bindparam("payment"), col(Donation.ref) == bindparam("reference")))
    .with_for_update(key_share=True)
)


def settle_payment(
    parts: Parts, account_id: int, key: AccountKey, payment_id: str, notice_ids: Sequence[int] = ()
) -> str:
    """Ask Stripe about a payment and bring our books to what it says; return what was done in a word.

    Raises `GatewayUnavailable` and `GatewayRefused`; then nothing was changed. Raises `NotThereYet` while something of
    the payment waits for Stripe's balance; all the rest is booked then.
    """
    payment = parts.payments.payment(key, payment_id)
    with parts.db.write("settle") as session:
        outcome = settle(parts, session, account_id, payment)
        if not outcome.startswith(WAITS):
            inbox.mark_handled(session, notice_ids, outcome, parts.clock.now())
    if outcome.startswith(WAITS):
        raise NotThereYet(outcome)
    return outcome


def settle(parts: Parts, session: Session, account_id: int, payment: Payment) -> str:
    """Bring donation, books, receipt and letters to what the payment is now; a repeat changes nothing.

    What Stripe's balance does not show yet is left out, and the outcome begins with `WAITS`. Raises `NotThereYet`
    where nothing can be booked before it does.
    """
    now = parts.clock.now()
    donation = _donation_of(session, payment)
    if donation is None:
        return NOT_OURS
    account = _merchant(session, account_id)
    found = mismatch(account, donation, payment)
    if found is not None:
        return keep_out(session, account, donation, payment, found, now)
    if donation.payment_id is None:
        donation.payment_id = payment.id
    charge = payment.charge
    if charge is None or charge.state is ChargeState.FAILED:
        return _not_taken(parts, session, donation, payment, now)
    terms = terms_of(session, donation, account)
    _keep_copies(session, account_id, donation, payment, now)
    if charge.state is ChargeState.PENDING:
        return _begun(session, terms, donation, charge, now)
    _paid(parts, session, terms, donation, charge, now)
    _settled(session, terms, charge, now)
    waits = [settle_refund(parts, session, terms, donation, charge, refund, now) for refund in payment.refunds]
    waits += [settle_dispute(session, terms, donation, charge, dispute, now) for dispute in payment.disputes]
    _converted(session, terms, charge, now)
    why = next(filter(None, waits), "")
    return f"{WAITS}{why}" if why else "settled"


def _merchant(session: Session, account_id: int) -> Merchant:
    found = plain.ask(session, "SELECT id, body_id, livemode FROM stripe_account WHERE id = :id", {"id": account_id})
    return Merchant(found[0][0], found[0][1], bool(found[0][2]))


def terms_of(session: Session, donation: Donation, account: StripeAccount | Merchant) -> Terms:
    """Return whose money a donation is and who bears its fee."""
    asked = "SELECT fee_borne_by, currency FROM campaign WHERE id = :id"
    ((fee_borne_by, currency),) = plain.ask(session, asked, {"id": donation.campaign_id})
    return Terms(
        body_id=account.body_id,
        beneficiary_body_id=donation.beneficiary_body_id,
        campaign_id=donation.campaign_id,
        event_id=donation.event_id,
        donation_id=donation.id,
        holding=Holding.PRINCIPAL if account.body_id == donation.beneficiary_body_id else Holding.AGENT,
        fee_borne_by=FeeBearer(fee_borne_by),
        campaign_currency=currency,
        gift=Money(donation.gift_minor, donation.currency),
        fee_cover_minor=donation.fee_cover_minor,
        held_at=at_stripe(account.id),
    )


def _donation_of(session: Session, payment: Payment) -> Donation | None:
    """Find the donation by the payment noted on it, else by our reference in the payment; held until we are done.

    The note comes first: of two payments that carry one reference, a person may have made the second a gift of its own.
    """
    asked = {"payment": payment.id, "reference": payment.reference or None}
    found = session.exec(_OF_PAYMENT, params=asked).all()
    by_payment = [donation for donation in found if donation.payment_id == payment.id]
    return next(iter(by_payment or found), None)


def _not_taken(parts: Parts, session: Session, donation: Donation, payment: Payment, now: datetime) -> str:
    """A declined card leaves the page open for another try; a bank debit that failed is the end of it."""
    charge = payment.charge
    if charge is None:
        return "nothing yet"
    if charge.method is not Method.BANK_DEBIT:
        return "declined"
    account = _merchant(session, donation.stripe_account_id)
    terms = terms_of(session, donation, account)
    _keep_copies(session, account.id, donation, payment, now)
    _debit_failed(session, terms, charge, now)
    if paid_otherwise(donation, charge):
        return "failed"
    if donation.state == DonationState.PAID:
        # It had been confirmed, so there is a receipt; a person writes to the donor.
        why = f"gift {donation.ref}: the bank debit was confirmed and failed afterwards"
        differences.find(
            session, account.id, "DELAYED_PAYMENT_FAILED", charge.id, amount=charge.amount, detail=why, now=now
        )
    elif move(session, donation, DonationState.FAILED, at=now, by="stripe"):
        write_to_donor(parts, session, "payment_failed", donation, now)
    return "failed"


def _debit_failed(session: Session, terms: Terms, charge: Charge, now: datetime) -> None:
    begun, failure = charge.transaction, charge.failure_transaction
    if begun is None:
        return
    if failure is None:
        raise NotThereYet(f"{charge.id} failed, but the balance does not show it yet")
    _post(session, f"debit:{begun.id}", moments.debit_begun(terms, begun), "bank debit begun", begun.created_at, now)
    reverse(
        session,
        f"payment-failed:{charge.id}",
        f"payment:{charge.id}",
        why="bank debit failed after it was confirmed",
        occurred_at=failure.created_at,
        now=now,
    )
    legs = moments.debit_failed(terms, begun, failure)
    _post(session, f"debit-failed:{begun.id}", legs, "bank debit failed", failure.created_at, now)


def _begun(session: Session, terms: Terms, donation: Donation, charge: Charge, now: datetime) -> str:
    # A gift that another charge paid stays that charge's; what becomes of this one shows when it succeeds.
    if donation.state != DonationState.PAID:
        donation.charge_id = charge.id
        move(session, donation, DonationState.PROCESSING, at=now, by="stripe")
    if charge.transaction is not None and charge.method is Method.BANK_DEBIT:
        begun = charge.transaction
        _post(
            session, f"debit:{begun.id}", moments.debit_begun(terms, begun), "bank debit begun", begun.created_at, now
        )
    return "processing"


def _paid(parts: Parts, session: Session, terms: Terms, donation: Donation, charge: Charge, now: datetime) -> None:
    donation.charge_id = charge.id
    donation.descriptor = charge.descriptor[:40] or donation.descriptor
    key = f"payment:{charge.id}"
    if not is_booked(session, key):
        debit = charge.transaction
        if debit is not None and is_booked(session, f"debit:{debit.id}"):
            legs = moments.paid(terms, after_debit=debit)
        else:
            legs = moments.paid(terms)
        post(session, key, legs, why=f"gift {donation.ref} paid", occurred_at=charge.created_at, now=now)
    if move(session, donation, DonationState.PAID, at=now, by="stripe"):
        issue_receipt(session, donation.id, terms.body_id, now)
        write_to_donor(parts, session, "receipt", donation, now)
        note(session, "public")


def _settled(session: Session, terms: Terms, charge: Charge, now: datetime) -> None:
    """Book fee and net once Stripe knows them; a bank debit's were booked when it began."""
    transaction = charge.transaction
    if transaction is None or is_booked(session, f"debit:{transaction.id}"):
        return
    legs = moments.settled(terms, transaction)
    _post(session, f"settled:{transaction.id}", legs, "fee and net known", transaction.created_at, now)


def _converted(session: Session, terms: Terms, charge: Charge, now: datetime) -> None:
    """Convert what Stripe settled in another currency than the campaign's; what has no rate yet waits for a job."""
    if charge.transaction is not None and charge.transaction.currency != terms.campaign_currency:
        convert_gift(session, terms.campaign_id, terms.donation_id, now)


def _keep_copies(session: Session, account_id: int, donation: Donation, payment: Payment, now: datetime) -> None:
    """Keep what Stripe's balance says of this payment."""
    charge = payment.charge
    rows: list[BalanceTransaction | None] = []
    if charge is not None:
        rows += [charge.transaction, charge.failure_transaction]
    # Of a refund that must wait no copy is kept as the gift's, so that reconciliation still finds it unknown.
    for refund in payment.refunds if charge is not None and charge.transaction is not None else ():
        rows += [refund.transaction, refund.failure_transaction]
    for dispute in payment.disputes:
        rows += dispute.transactions
    # In one order, as reconciliation keeps them, so that the two never block each other.
    for row in sorted(filter(None, rows), key=lambda row: row.id):
        if keep_transaction(session, account_id, row, donation_id=donation.id, now=now):
            _identified(session, row, now)


def _identified(session: Session, transaction: BalanceTransaction, now: datetime) -> None:
    """Take a movement out of suspense, where reconciliation had put it before we knew whose it is."""
    for booked in (f"suspense:{transaction.id}", f"held:{transaction.id}"):
        if is_booked(session, booked):
            reverse(
                session,
                f"identified:{transaction.id}",
                booked,
                why="found to belong to a gift",
                occurred_at=transaction.created_at,
                now=now,
            )


def _post(session: Session, key: str, legs: list[Leg], why: str, occurred_at: datetime, now: datetime) -> None:
    if not is_booked(session, key):
        post(session, key, legs, why=why, occurred_at=occurred_at, now=now)
