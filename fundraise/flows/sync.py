"""Looking at one gift now: for the page that thanks its donor, for the sweeper, and for a page that expired."""

from sqlmodel import Session, col, or_, select

from fundraise.donations.questions import locked_donation
from fundraise.donations.rules import move
from fundraise.donations.tables import Donation, DonationState
from fundraise.flows.money_doors import require_open
from fundraise.flows.settle import settle_payment
from fundraise.parts import Parts
from fundraise.payments import AccountKey, Checkout, CheckoutState
from fundraise.stripe_accounts.questions import key_of
from fundraise.stripe_accounts.tables import StripeAccount

_UNDECIDED = frozenset({DonationState.CREATED, DonationState.OPENED, DonationState.PROCESSING})


def sync_gift(parts: Parts, ref: str) -> None:
    """Bring one gift to what Stripe says of it; nothing to do for one that is decided.

    Raises `GatewayUnavailable`, `GatewayRefused`, `NotThereYet`, and `DoorsClosed`.
    """
    with parts.db.read() as session:
        require_open(session)
        donation = session.exec(select(Donation).where(col(Donation.ref) == ref)).one()
        account = session.get_one(StripeAccount, donation.stripe_account_id)
        key = key_of(account, parts.sealer)
    if donation.state not in _UNDECIDED:
        return
    payment_id = donation.payment_id
    if payment_id is None and donation.checkout_id is not None:
        payment_id = note_checkout(parts, account.id, key, donation.checkout_id)
    elif payment_id is None and donation.checkout_expires_at is not None:
        found = parts.payments.find_checkout(key, ref, donation.created_at)
        if found is not None:
            payment_id = _note(parts, account.id, found)
    if payment_id is not None:
        settle_payment(parts, account.id, key, payment_id)


def note_checkout(parts: Parts, account_id: int, key: AccountKey, checkout_id: str) -> str | None:
    """Look at a payment page: note that it closed, or return the payment made on it."""
    return _note(parts, account_id, parts.payments.checkout(key, checkout_id))


def _note(parts: Parts, account_id: int, checkout: Checkout) -> str | None:
    with parts.db.write("sync: payment page") as session:
        donation = _donation_of(session, account_id, checkout)
        if donation is None:
            return None
        donation.checkout_id = donation.checkout_id or checkout.id
        if checkout.payment_id is not None and donation.payment_id is None:
            # Only what is paid on the page that we opened is this gift's payment.
            donation.payment_id = checkout.payment_id if donation.checkout_id == checkout.id else None
        session.add(donation)
        closed = checkout.state is CheckoutState.EXPIRED
        if closed and donation.state in {DonationState.CREATED, DonationState.OPENED}:
            move(session, donation, DonationState.EXPIRED, at=parts.clock.now(), by="stripe")
    return None if closed else checkout.payment_id


def _donation_of(session: Session, account_id: int, checkout: Checkout) -> Donation | None:
    matches = [col(Donation.checkout_id) == checkout.id]
    if checkout.reference:
        matches.append(col(Donation.ref) == checkout.reference)
    found = session.exec(select(Donation).where(col(Donation.stripe_account_id) == account_id, or_(*matches))).first()
    return locked_donation(session, found.ref) if found is not None else None
