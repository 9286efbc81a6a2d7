"""Taking a payment into the books that was kept out, as what was paid: a person has looked at both sides.

The gift becomes what was paid; what had been asked stands in its history and in the difference. When the gift is paid
already by another charge, the payment becomes a gift of its own. Stripe is asked first, so that what is booked is what
is so now. Money that lies with another account's owner, or is no money at all, cannot be taken in.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from fundraise import money
from fundraise.differences.rules import close
from fundraise.differences.tables import Difference, DifferenceState
from fundraise.donations.rules import note_step
from fundraise.donations.tables import Donation, DonationState
from fundraise.errors import Conflict, NotFound, Unavailable
from fundraise.flows.explain import held_difference, read_note
from fundraise.flows.money_doors import DoorsClosed, are_closed
from fundraise.flows.quarantine import QUARANTINE, paid_otherwise
from fundraise.flows.settle import settle, settle_payment
from fundraise.money import Money
from fundraise.parts import Parts
from fundraise.payments import AccountKey, Charge, ChargeState, GatewayRefused, GatewayUnavailable, NotThereYet, Payment
from fundraise.sealing import new_ref
from fundraise.staff.decisions import note_decision
from fundraise.stripe_accounts.questions import key_of
from fundraise.stripe_accounts.tables import StripeAccount

# What may be taken into the books as what was paid.
ACCEPTABLE: Final = frozenset({"AMOUNT_MISMATCH", "CURRENCY_MISMATCH", "DUPLICATE_DONATION"})
_LONGEST_STEP: Final = 40


@dataclass(frozen=True, slots=True)
class _Kept:
    """Where a payment that is kept out lies at Stripe."""

    account_id: int
    key: AccountKey
    object_id: str
    code: str


def accept_payment(parts: Parts, difference_id: int, *, note: str, by: str) -> str:
    """Take a payment into the books; return the reference of the gift it became.

    Raises `NotFound`, `Conflict` for what cannot be taken in (any more), `Refusal` without a note, and `Unavailable`.
    """
    reason = read_note(note)
    kept = _kept(parts, difference_id)
    if kept.code not in ACCEPTABLE:
        raise Conflict("This cannot be taken into the books: the money is not this charity’s. Refund it at Stripe.")
    payment = _payment(parts, kept)
    charge = payment.charge
    if charge is None or charge.state is not ChargeState.SUCCEEDED:
        raise Conflict("Stripe does not show this payment as paid, so there is nothing to take in.")
    try:
        with parts.db.write("accept payment") as session:
            now = parts.clock.now()
            difference = held_difference(session, difference_id)
            close(session, difference, DifferenceState.EXPLAINED, by=by[:60], reason=reason, now=now)
            donation = _becomes(session, difference, payment, charge, by=by, now=now)
            outcome = settle(parts, session, kept.account_id, payment)
            if outcome.startswith(QUARANTINE) or donation.charge_id != charge.id:
                raise Conflict("Something else about this payment differs too. Nothing was booked.")
            about = f"difference:{difference_id}"
            note_decision(session, "took a payment into the books", about, reason, by=by, at=now)
    except NotThereYet:
        raise Unavailable("Stripe does not say yet what this payment cost. Please try again in a moment.") from None
    return donation.ref


def look_again(parts: Parts, difference_id: int) -> None:
    """Ask Stripe about a payment that is kept out: what went back in full is decided by that.

    Raises `NotFound`, `Unavailable` and `Conflict`.
    """
    kept = _kept(parts, difference_id)
    payment = _payment(parts, kept)
    try:
        settle_payment(parts, kept.account_id, kept.key, payment.id)
    except (GatewayUnavailable, GatewayRefused, NotThereYet) as problem:
        raise Unavailable("Stripe does not answer. Please try again in a moment.") from problem


def _kept(parts: Parts, difference_id: int) -> _Kept:
    with parts.db.read() as session:
        if are_closed(session):
            raise DoorsClosed("The books hold an entry that does not balance. Nothing is booked until that is mended.")
        difference = session.get(Difference, difference_id)
        if difference is None or difference.donation_id is None:
            raise NotFound("There is no such payment.")
        account = session.get_one(StripeAccount, difference.stripe_account_id)
        return _Kept(account.id, key_of(account, parts.sealer), difference.object_id, difference.code)


def _payment(parts: Parts, kept: _Kept) -> Payment:
    try:
        kind = "payment_intent" if kept.object_id.startswith("pi_") else "charge"
        payment_id = parts.payments.payment_of(kept.key, kind, kept.object_id)
        if payment_id is None:
            raise Conflict("Stripe knows no payment behind this.")
        payment = parts.payments.payment(kept.key, payment_id)
    except GatewayUnavailable as problem:
        raise Unavailable("Stripe does not answer. Nothing was changed; please try again in a moment.") from problem
    except GatewayRefused as problem:
        raise Conflict("Stripe knows this payment no more.") from problem
    return payment


def _becomes(
    session: Session, difference: Difference, payment: Payment, charge: Charge, *, by: str, now: datetime
) -> Donation:
    """Make the gift what was paid, or the payment a gift of its own."""
    donation = session.exec(
        select(Donation)
        .where(col(Donation.id) == difference.donation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if paid_otherwise(donation, charge):
        donation = _second_gift(session, donation, now)
    asked = Money(donation.total_minor, donation.currency)
    covers = charge.amount.currency == donation.currency and charge.amount.minor > donation.fee_cover_minor
    donation.fee_cover_minor = donation.fee_cover_minor if covers else 0
    donation.gift_minor = charge.amount.minor - donation.fee_cover_minor
    donation.currency = charge.amount.currency
    donation.payment_id = payment.id
    session.add(donation)
    session.flush()
    step = f"asked {money.show(asked)}, accepted {money.show(charge.amount)}"
    note_step(session, donation.id, step[:_LONGEST_STEP], at=now, by=by[:60])
    return donation


def _second_gift(session: Session, first: Donation, now: datetime) -> Donation:
    """Return a gift of the same donor to the same end; it shows others nothing that was chosen for the first."""
    ref = new_ref()
    second = Donation(
        ref=ref,
        campaign_id=first.campaign_id,
        event_id=first.event_id,
        beneficiary_body_id=first.beneficiary_body_id,
        stripe_account_id=first.stripe_account_id,
        donor_id=first.donor_id,
        gift_minor=first.gift_minor,
        fee_cover_minor=first.fee_cover_minor,
        currency=first.currency,
        state=DonationState.CREATED,
        form_key=f"accepted:{ref}",
        form_token=ref,
        group_ref=ref,
        created_at=now,
    )
    session.add(second)
    session.flush()
    return second
