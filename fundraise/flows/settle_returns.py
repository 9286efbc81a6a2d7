"""What goes back of a payment: refunds and disputes, brought into our books as Stripe shows them now."""

from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from fundraise.donations.rules import note_step
from fundraise.donations.tables import Dispute as DisputeRow
from fundraise.donations.tables import Donation
from fundraise.donations.tables import Refund as RefundRow
from fundraise.flows import moments
from fundraise.flows.moments import Counted, Terms
from fundraise.flows.write_to_donor import write_to_donor
from fundraise.ledger.balances import standing_minor
from fundraise.ledger.post import is_booked, post, reverse
from fundraise.money import Money
from fundraise.parts import Parts
from fundraise.payments import Charge, Dispute, NotThereYet, Refund

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


def settle_refund(
    parts: Parts, session: Session, terms: Terms, donation: Donation, charge: Charge, refund: Refund, now: datetime
) -> str:
    """Bring a refund of a settled charge into the books: made, or made and failed; a repeat changes nothing.

    Return why it waits, while Stripe's balance does not show what the refund's state says; "" when it does.
    """
    waits = ""
    row = _refund_row(session, donation, refund, now)
    key = f"refund:{refund.id}"
    if refund.transaction is not None and not is_booked(session, key):
        if not _is_settled(session, charge):
            return f"{charge.id} has no balance transaction yet"
        counted = _counted_for(session, terms, donation, charge, refund.amount.minor)
        legs = moments.refunded(terms, refund.transaction, counted)
        post(session, key, legs, why=f"refund of {donation.ref}", occurred_at=refund.created_at, now=now)
        note_step(session, donation.id, f"refunded {refund.amount}"[:40], at=now, by="stripe")
        write_to_donor(parts, session, "refund", donation, now, key=refund.id, about=str(refund.amount))
    if refund.failure_transaction is not None or refund.state in {"failed", "canceled"}:
        when = refund.failure_transaction.created_at if refund.failure_transaction is not None else now
        if is_booked(session, key) and refund.failure_transaction is None:
            waits = f"{refund.id} failed, but the balance does not show it yet"
        elif reverse(session, f"refund-failed:{refund.id}", key, why="refund failed", occurred_at=when, now=now):
            note_step(session, donation.id, "refund failed", at=now, by="stripe")
            _recount(session, terms, donation, charge, f"refund-failed:{refund.id}:recounted", when, now)
    state = "succeeded" if waits else refund.state
    if row not in session or REFUND_GOES.get(state, 0) >= REFUND_GOES.get(row.state, 0):
        row.state = state
    row.seen_at = now
    session.add(row)
    session.flush()
    return waits


def _recount(
    session: Session, terms: Terms, donation: Donation, charge: Charge, key: str, when: datetime, now: datetime
) -> None:
    """Let the gift count for what all that did go back leaves of it, whichever refund it was that failed."""
    gross = _settled_gross(session, charge)
    standing = standing_minor(session, donation.id, gross.currency)
    legs = moments.recounted(terms, gross, standing, _gone_back(session, donation))
    if legs:
        post(session, key, legs, why="refund failed after a later one", occurred_at=when, now=now)


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


def settle_dispute(
    session: Session, terms: Terms, donation: Donation, charge: Charge, dispute: Dispute, now: datetime
) -> str:
    """Bring a dispute into the books: what it took, what a win gave back, what is lost; a repeat changes nothing.

    Return why it waits, while a charge whose dispute is lost is not settled; "" when nothing does.
    """
    waits = ""
    if dispute.amount.minor <= 0:
        return waits  # About no money: what it may have cost all the same, reconciliation names.
    row = _dispute_row(session, donation, dispute, now)
    taken = [row_ for row_ in dispute.transactions if row_.amount_minor < 0]
    returned = [row_ for row_ in dispute.transactions if row_.amount_minor > 0]
    for place, transaction in enumerate(taken):
        key = f"dispute:{dispute.id}:opened" + (f":{transaction.id}" if place else "")
        if not is_booked(session, key):
            legs = moments.dispute_opened(terms, transaction)
            post(session, key, legs, why="disputed", occurred_at=transaction.created_at, now=now)
            note_step(session, donation.id, "disputed", at=now, by="stripe")
    held = -sum(transaction.amount_minor for transaction in taken)
    for place, transaction in enumerate(returned):
        key = f"dispute:{dispute.id}:won" + (f":{transaction.id}" if place else "")
        if not is_booked(session, key):
            # A partial win gives part back; what is still held then is lost or comes with another row.
            part = held if place == len(taken) - 1 and dispute.state == "won" else transaction.amount_minor
            legs = moments.dispute_won(terms, part, transaction)
            post(session, key, legs, why="dispute won", occurred_at=transaction.created_at, now=now)
            note_step(session, donation.id, "dispute won", at=now, by="stripe")
    if dispute.state == "lost" and taken and not _is_settled(session, charge):
        waits = f"{charge.id} has no balance transaction yet"
    elif dispute.state == "lost" and taken:
        _lost(session, terms, donation, charge, dispute, held - sum(back.amount_minor for back in returned), now)
    state = "under_review" if waits else dispute.state
    if row not in session or DISPUTE_GOES.get(state, 0) >= DISPUTE_GOES.get(row.state, 0):
        row.state = state
        row.evidence_due_at = dispute.evidence_due_at
    row.seen_at = now
    session.add(row)
    session.flush()
    return waits


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
    counted = _counted_for(session, terms, donation, charge, dispute.amount.minor)
    legs = moments.dispute_lost(terms, held_minor, dispute.transactions[0].currency, counted)
    post(session, key, legs, why=f"dispute of {donation.ref} lost", occurred_at=now, now=now)
    note_step(session, donation.id, "dispute lost", at=now, by="stripe")


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


def _counted_for(session: Session, terms: Terms, donation: Donation, charge: Charge, part_minor: int) -> Counted:
    """Return what a part of the charge counted for, in the settled currency, now that it goes back."""
    gross = _settled_gross(session, charge)
    back = _gone_back(session, donation) + part_minor
    standing = standing_minor(session, donation.id, gross.currency)
    return moments.counted_for(terms, gross, standing, back, part_minor)


def _is_settled(session: Session, charge: Charge) -> bool:
    """Tell whether the books know what the charge came to; before that nothing of it can go back."""
    transaction = charge.transaction
    return transaction is not None and (
        is_booked(session, f"settled:{transaction.id}") or is_booked(session, f"debit:{transaction.id}")
    )


def _settled_gross(session: Session, charge: Charge) -> Money:
    """Return what the whole charge counts for."""
    transaction = charge.transaction
    if transaction is None or not _is_settled(session, charge):
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
