"""Closing the payment page of a gift that its form has let go of.

The donor may have paid there a moment ago: then Stripe refuses to close the page, and the gift is looked at instead.
"""

from sqlmodel import col, select

from fundraise.donations.questions import locked_donation
from fundraise.donations.rules import move
from fundraise.donations.tables import Donation, DonationState
from fundraise.flows.sync import sync_gift
from fundraise.parts import Parts
from fundraise.payments import GatewayRefused
from fundraise.stripe_accounts.questions import key_of
from fundraise.stripe_accounts.tables import StripeAccount

_UNPAID = frozenset({DonationState.CREATED, DonationState.OPENED})


def close_page(parts: Parts, ref: str) -> None:
    """Close a gift's page, or bring the gift to what was done there.

    A gift whose page is just being opened is over already; who opens the page closes it. Raises `GatewayUnavailable`,
    `GatewayRefused`, `NotThereYet`, `DoorsClosed`.
    """
    with parts.db.read() as session:
        donation = session.exec(select(Donation).where(col(Donation.ref) == ref)).one()
        account = key_of(session.get_one(StripeAccount, donation.stripe_account_id), parts.sealer)
    if donation.checkout_id is not None:
        try:
            parts.payments.expire_checkout(account, donation.checkout_id)
        except GatewayRefused:  # It is complete, or closed already.
            sync_gift(parts, ref)
            return
    with parts.db.write("give: superseded") as session:
        old = locked_donation(session, ref)
        if old.state in _UNPAID and old.checkout_id == donation.checkout_id:
            move(session, old, DonationState.EXPIRED, at=parts.clock.now(), by="donor")
