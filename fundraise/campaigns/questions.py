"""Questions about campaigns."""

from collections.abc import Sequence

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from fundraise.campaigns.tables import Beneficiary, Campaign, CampaignState, Event
from fundraise.errors import NotFound

# Built once, since every giver asks it and building takes as long as asking.
_BY_SLUG = select(Campaign).where(col(Campaign.slug) == bindparam("slug"))
_OF_APPEAL = select(Campaign).where(col(Campaign.appeal_id) == bindparam("appeal")).order_by(col(Campaign.title))
_BENEFICIARIES = (
    select(Beneficiary)
    .where(col(Beneficiary.campaign_id).in_(bindparam("campaigns", expanding=True)))
    .order_by(col(Beneficiary.campaign_id), col(Beneficiary.position), col(Beneficiary.id))
)


def public_campaign(session: Session, slug: str) -> Campaign:
    """Return a campaign the public may see; a draft and an absent one look alike: `NotFound`."""
    campaign = session.exec(_BY_SLUG, params={"slug": slug}).first()
    if campaign is None or campaign.state == CampaignState.DRAFT:
        raise NotFound("There is no campaign at this address.")
    return campaign


def public_campaigns(session: Session) -> Sequence[Campaign]:
    """List the published campaigns by address."""
    return session.exec(
        select(Campaign).where(col(Campaign.state) != CampaignState.DRAFT).order_by(col(Campaign.slug))
    ).all()


def campaigns_of(session: Session, appeal_id: int) -> Sequence[Campaign]:
    """List an appeal's campaigns, drafts too, by title."""
    return session.exec(_OF_APPEAL, params={"appeal": appeal_id}).all()


def any_campaign(session: Session, slug: str) -> Campaign:
    """Return a campaign, drafts too; `NotFound`."""
    campaign = session.exec(_BY_SLUG, params={"slug": slug}).first()
    if campaign is None:
        raise NotFound("There is no campaign of this name.")
    return campaign


def beneficiaries(session: Session, campaign_id: int) -> Sequence[Beneficiary]:
    """List whom a campaign raises money for, in the order its organiser chose."""
    return session.exec(_BENEFICIARIES, params={"campaigns": [campaign_id]}).all()


def beneficiaries_of(session: Session, campaigns: Sequence[Campaign]) -> Sequence[Beneficiary]:
    """List whom campaigns raise money for, asked once for all of them."""
    return session.exec(_BENEFICIARIES, params={"campaigns": [campaign.id for campaign in campaigns]}).all()


def events(session: Session, campaign_id: int) -> Sequence[Event]:
    """List a campaign's events, soonest first."""
    return session.exec(
        select(Event).where(col(Event.campaign_id) == campaign_id).order_by(col(Event.starts_at), col(Event.id))
    ).all()


def event_of(session: Session, campaign_id: int, slug: str) -> Event:
    """Return one event of a campaign; `NotFound`."""
    found = session.exec(select(Event).where(col(Event.campaign_id) == campaign_id, col(Event.slug) == slug)).first()
    if found is None:
        raise NotFound("There is no event at this address.")
    return found
