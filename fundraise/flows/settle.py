"""What becomes of a payment: Stripe is asked what is so now, and one transaction moves our books there.

It does not matter which notice brought us here, how often, or in which order they came. Three things keep a repeat
from counting twice, each enough alone: the notice is kept once, the donation's state only moves forward, and every
entry has a key that says what it is about.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from sqlmodel import Session, col, or_, select

from fundraise import inbox, outbox, plain
from fundraise.campaigns.tables import FeeBearer, Holding
from fundraise.db import note
from fundraise.differences import rules as differences
from fundraise.donations.rules import move, note_step
from fundraise.donations.tables import Dispute as DisputeRow
from fundraise.donations.tables import Donation, DonationState
from fundraise.donations.tables import Refund as RefundRow
from fundraise.flows import moments
from fundraise.flows.issue_receipt import issue_receipt
from fundraise.flows.moments import Terms
from fundraise.flows.quarantine import Merchant, keep_out, mismatch, paid_otherwise
from fundraise.ledger.balances import standing_minor
from fundraise.ledger.post import Leg, at_stripe, is_booked, post, reverse
from fundraise.money import Money
from fundraise.parts import Parts
from fundraise.payments import (
    AccountKey,
    BalanceTransaction,
    Charge,
    ChargeState,
    Dispute,
    Method,
    Payment,
    Refund,
)
from fundraise.settlements.rules import keep_transaction
from fundraise.stripe_accounts.tables import StripeAccount

# Refunds and disputes only go forward at Stripe. Of two looks at one of them the later may be acted on first, when two
# workers looked; the earlier then says nothing new.
REFUND_GOES: Final = {"pending": 1, "requires_action": 1, "succeeded": 2, "canceled": 3, "failed": 3}
DISPUTE_GOES: Final = {
    "warning_needs_response": 1,
    "warning_under_review": 2,
    "warning_closed": 3,
    "needs_response": 4,
    "under_review": 5,
    "prevented": 6,
    "won": 7,
    "lost": 7,
}


class NotThereYet(Exception):  # noqa: N818
    """Stripe shows a consequence before its cause; asking again in a moment helps."""


def settle_payment(
    parts: Parts, account_id: int, key: AccountKey, payment_id: str, notice_ids: Sequence[int] = ()
) -> str:
    """Ask Stripe about a payment and bring our books to what it says; return what was done in a word.

    Raises `GatewayUnavailable`, `GatewayRefused` and `NotThereYet`; then nothing was changed.
    """
    payment = parts.payments.payment(key, payment_id)
    with parts.db.write("settle") as session:
        outcome = settle(parts, session, account_id, payment)
        inbox.mark_handled(session, notice_ids, outcome, parts.clock.now())
    return outcome


def settle(parts: Parts, session: Session, account_id: int, payment: Payment) -> str:
    """Bring donation, books, receipt and letters to what the payment is now; a repeat changes nothing."""
    now = parts.clock.now()
    donation = _donation_of(session, payment)
    if donation is None:
        return "not ours"
    account = _merchant(session, account_id)
    found = mismatch(account, donation, payment)
    if found is not None:
        return keep_out(session, account, donation, payment, found, now)
    if donation.payment_id is None:
        donation.payment_id = payment.id
        session.add(donation)
    charge = payment.charge
    if charge is None or charge.state is ChargeState.FAILED:
        return _not_taken(parts, session, donation, payment, now)
    terms = terms_of(session, donation, account)
    _keep_copies(session, account_id, donation, payment, now)
    if charge.state is ChargeState.PENDING:
        return _begun(session, terms, donation, charge, now)
    _paid(parts, session, terms, donation, charge, now)
    _settled(session, terms, charge, now)
    for refund in payment.refunds:
        _refund(parts, session, terms, donation, charge, refund, now)
    for dispute in payment.disputes:
        _dispute(session, terms, donation, charge, dispute, now)
    return "settled"


def _merchant(session: Session, account_id: int) -> Merchant:
    found = plain.ask(session, "SELECT id, body_id, livemode FROM stripe_account WHERE id = :id", {"id": account_id})
    return Merchant(found[0][0], found[0][1], bool(found[0][2]))


def terms_of(session: Session, donation: Donation, account: StripeAccount | Merchant) -> Terms:
    """Return whose money a donation is and who bears its fee."""
    campaign = plain.ask(session, "SELECT fee_borne_by FROM campaign WHERE id = :id", {"id": donation.campaign_id})
    return Terms(
        body_id=account.body_id,
        beneficiary_body_id=donation.beneficiary_body_id,
        campaign_id=donation.campaign_id,
        event_id=donation.event_id,
        donation_id=donation.id,
        holding=Holding.PRINCIPAL if account.body_id == donation.beneficiary_body_id else Holding.AGENT,
        fee_borne_by=FeeBearer(campaign[0][0]),
        gift=Money(donation.gift_minor, donation.currency),
        fee_cover_minor=donation.fee_cover_minor,
        held_at=at_stripe(account.id),
    )


def _donation_of(session: Session, payment: Payment) -> Donation | None:
    """Find the donation by the payment noted on it, else by our reference in the payment; held until we are done.

    The note comes first: of two payments that carry one reference, a person may have made the second a gift of its own.
    """
    matches = [col(Donation.payment_id) == payment.id]
    if payment.reference:
        matches.append(col(Donation.ref) == payment.reference)
    found = session.exec(select(Donation).where(or_(*matches)).with_for_update()).all()
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
        _letter(parts, session, "payment_failed", donation, now)
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
        session.add(donation)
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
    session.add(donation)
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
        _letter(parts, session, "receipt", donation, now)
        note(session, "public")


def _settled(session: Session, terms: Terms, charge: Charge, now: datetime) -> None:
    """Book fee and net once Stripe knows them; a bank debit's were booked when it began."""
    transaction = charge.transaction
    if transaction is None or is_booked(session, f"debit:{transaction.id}"):
        return
    legs = moments.settled(terms, transaction)
    _post(session, f"settled:{transaction.id}", legs, "fee and net known", transaction.created_at, now)


def _refund(
    parts: Parts, session: Session, terms: Terms, donation: Donation, charge: Charge, refund: Refund, now: datetime
) -> None:
    row = _refund_row(session, donation, refund, now)
    key = f"refund:{refund.id}"
    if refund.transaction is not None and not is_booked(session, key):
        gross = _settled_gross(session, charge)
        back = _gone_back(session, donation) + refund.amount.minor
        standing = standing_minor(session, donation.id, gross.currency)
        counted = moments.counted_for(terms, gross, standing, back, refund.amount.minor)
        legs = moments.refunded(terms, refund.transaction, counted)
        post(session, key, legs, why=f"refund of {donation.ref}", occurred_at=refund.created_at, now=now)
        note_step(session, donation, f"refunded {refund.amount}"[:40], at=now, by="stripe")
        _letter(parts, session, "refund", donation, now, key=refund.id, about=str(refund.amount))
    if refund.failure_transaction is not None or refund.state in {"failed", "canceled"}:
        when = refund.failure_transaction.created_at if refund.failure_transaction is not None else now
        if is_booked(session, key) and refund.failure_transaction is None:
            raise NotThereYet(f"{refund.id} failed, but the balance does not show it yet")
        if reverse(session, f"refund-failed:{refund.id}", key, why="refund failed", occurred_at=when, now=now):
            note_step(session, donation, "refund failed", at=now, by="stripe")
    if REFUND_GOES.get(refund.state, 0) >= REFUND_GOES.get(row.state, 0):
        row.state = refund.state
    row.seen_at = now
    session.add(row)
    session.flush()


def _refund_row(session: Session, donation: Donation, refund: Refund, now: datetime) -> RefundRow:
    found = session.exec(
        select(RefundRow).where(
            col(RefundRow.stripe_account_id) == donation.stripe_account_id, col(RefundRow.stripe_id) == refund.id
        )
    ).first()
    return found or RefundRow(
        stripe_account_id=donation.stripe_account_id,
        stripe_id=refund.id,
        donation_id=donation.id,
        minor=refund.amount.minor,
        currency=refund.amount.currency,
        state=refund.state,
        reason=refund.reason[:60],
        created_at=refund.created_at,
        seen_at=now,
    )


def _dispute(
    session: Session, terms: Terms, donation: Donation, charge: Charge, dispute: Dispute, now: datetime
) -> None:
    row = _dispute_row(session, donation, dispute, now)
    taken = [row_ for row_ in dispute.transactions if row_.amount_minor < 0]
    returned = [row_ for row_ in dispute.transactions if row_.amount_minor > 0]
    for place, transaction in enumerate(taken):
        key = f"dispute:{dispute.id}:opened" + (f":{transaction.id}" if place else "")
        if not is_booked(session, key):
            _post(session, key, moments.dispute_opened(terms, transaction), "disputed", transaction.created_at, now)
            note_step(session, donation, "disputed", at=now, by="stripe")
    held = -sum(transaction.amount_minor for transaction in taken)
    for place, transaction in enumerate(returned):
        key = f"dispute:{dispute.id}:won" + (f":{transaction.id}" if place else "")
        if not is_booked(session, key):
            # A partial win gives part back; what is still held then is lost or comes with another row.
            part = held if place == len(taken) - 1 and dispute.state == "won" else transaction.amount_minor
            legs = moments.dispute_won(terms, part, transaction)
            _post(session, key, legs, "dispute won", transaction.created_at, now)
            note_step(session, donation, "dispute won", at=now, by="stripe")
    if dispute.state == "lost" and taken:
        _lost(session, terms, donation, charge, dispute, held - sum(back.amount_minor for back in returned), now)
    if DISPUTE_GOES.get(dispute.state, 0) >= DISPUTE_GOES.get(row.state, 0):
        row.state = dispute.state
        row.evidence_due_at = dispute.evidence_due_at
    row.seen_at = now
    session.add(row)
    session.flush()


def _lost(
    session: Session,
    terms: Terms,
    donation: Donation,
    charge: Charge,
    dispute: Dispute,
    held_minor: int,
    now: datetime,
) -> None:
    key = f"dispute:{dispute.id}:lost"
    if held_minor <= 0 or is_booked(session, key):
        return
    gross = _settled_gross(session, charge)
    back = _gone_back(session, donation) + dispute.amount.minor
    standing = standing_minor(session, donation.id, gross.currency)
    counted = moments.counted_for(terms, gross, standing, back, dispute.amount.minor)
    legs = moments.dispute_lost(terms, held_minor, dispute.transactions[0].currency, counted)
    post(session, key, legs, why=f"dispute of {donation.ref} lost", occurred_at=now, now=now)
    note_step(session, donation, "dispute lost", at=now, by="stripe")


def _dispute_row(session: Session, donation: Donation, dispute: Dispute, now: datetime) -> DisputeRow:
    found = session.exec(
        select(DisputeRow).where(
            col(DisputeRow.stripe_account_id) == donation.stripe_account_id, col(DisputeRow.stripe_id) == dispute.id
        )
    ).first()
    return found or DisputeRow(
        stripe_account_id=donation.stripe_account_id,
        stripe_id=dispute.id,
        donation_id=donation.id,
        minor=dispute.amount.minor,
        currency=dispute.amount.currency,
        state=dispute.state,
        reason=dispute.reason[:60],
        created_at=dispute.created_at,
        seen_at=now,
    )


def _settled_gross(session: Session, charge: Charge) -> Money:
    """Return what the whole charge counts for; it must be settled before anything of it can go back."""
    transaction = charge.transaction
    if transaction is None or not (
        is_booked(session, f"settled:{transaction.id}") or is_booked(session, f"debit:{transaction.id}")
    ):
        raise NotThereYet(f"{charge.id} has no balance transaction yet")
    return Money(transaction.amount_minor, transaction.currency)


def _gone_back(session: Session, donation: Donation) -> int:
    """Return how much of the charge has gone back, by refunds that are booked and stand and disputes that are lost."""
    refunds = session.exec(select(RefundRow).where(col(RefundRow.donation_id) == donation.id)).all()
    disputes = session.exec(select(DisputeRow).where(col(DisputeRow.donation_id) == donation.id)).all()
    gone = [
        row.minor
        for row in refunds
        if is_booked(session, f"refund:{row.stripe_id}") and not is_booked(session, f"refund-failed:{row.stripe_id}")
    ]
    gone += [row.minor for row in disputes if is_booked(session, f"dispute:{row.stripe_id}:lost")]
    return sum(gone)


def _keep_copies(session: Session, account_id: int, donation: Donation, payment: Payment, now: datetime) -> None:
    """Keep what Stripe's balance says of this payment."""
    charge = payment.charge
    rows: list[BalanceTransaction | None] = []
    if charge is not None:
        rows += [charge.transaction, charge.failure_transaction]
    for refund in payment.refunds:
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


def _letter(
    parts: Parts, session: Session, kind: str, donation: Donation, now: datetime, *, key: str = "", about: str = ""
) -> None:
    """Note a letter to the donor, if they left an address."""
    if plain.ask(session, "SELECT id FROM donor WHERE id = :id AND email <> ''", {"id": donation.donor_id}):
        host = urlsplit(parts.settings.base_url).hostname or "localhost"
        name = f"{kind}:{donation.ref}" + (f":{key}" if key else "")
        outbox.write(session, name, kind, donation_id=donation.id, about=about, host=host, now=now)
