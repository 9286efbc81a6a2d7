"""Whether money was counted somewhere already, so that what it was counted in stays."""

from sqlmodel import Session, col, select

from fundraise.campaigns.tables import Campaign
from fundraise.donations.tables import Donation, DonationState
from fundraise.ledger.tables import Line
from fundraise.partners.tables import Increment, Partner
from fundraise.transfers.tables import Transfer

_OVER = (DonationState.EXPIRED, DonationState.FAILED)


def body_has_books(session: Session, body_id: int) -> bool:
    """Tell whether a body's books hold a line."""
    return session.exec(select(Line.id).where(col(Line.body_id) == body_id).limit(1)).first() is not None


def campaign_has_gifts(session: Session, campaign_id: int) -> bool:
    """Tell whether a gift was given through a campaign, or is being given."""
    gift = select(Donation.id).where(col(Donation.campaign_id) == campaign_id, col(Donation.state).not_in(_OVER))
    return session.exec(gift.limit(1)).first() is not None


def given_to(session: Session, campaign_id: int) -> frozenset[int]:
    """Return the charities that gifts of a campaign went to, or are going to, by their ids."""
    bodies = select(Donation.beneficiary_body_id).where(
        col(Donation.campaign_id) == campaign_id, col(Donation.state).not_in(_OVER)
    )
    return frozenset(session.exec(bodies.distinct()))


def appeal_has_money(session: Session, appeal_id: int) -> bool:
    """Tell whether an appeal's total holds anything: gifts here, what partners report, or transfers."""
    questions = (
        select(Donation.id)
        .join(Campaign, col(Campaign.id) == col(Donation.campaign_id))
        .where(col(Campaign.appeal_id) == appeal_id, col(Donation.state).not_in(_OVER)),
        select(Increment.id)
        .join(Partner, col(Partner.id) == col(Increment.partner_id))
        .where(col(Partner.appeal_id) == appeal_id),
        select(Transfer.id).where(col(Transfer.appeal_id) == appeal_id, col(Transfer.withdrawn_at).is_(None)),
    )
    return any(session.exec(question.limit(1)).first() is not None for question in questions)
