"""Questions about gifts."""

from sqlmodel import Session, col, select

from fundraise.donations.tables import Donation
from fundraise.errors import NotFound


def locked_donation(session: Session, ref: str) -> Donation:
    """Return the gift, held until this transaction ends; `NotFound`."""
    found = session.exec(select(Donation).where(col(Donation.ref) == ref).with_for_update()).first()
    if found is None:
        raise NotFound("There is no gift at this address.")
    return found
