"""Questions about campaigns."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from fundraise import plain
from fundraise.campaigns.rules import CampaignToGiveTo
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
_TO_GIVE_TO: Final = (
    "SELECT id, state, currency, gift_currencies, least_gift_minor, holding, merchant_body_id, starts_at, ends_at "
    "FROM campaign WHERE slug = :slug AND state <> 'draft'"
)


def public_campaign(session: Session, slug: str) -> Campaign:
    """Return a campaign the public may see; a draft and an absent one look alike: `NotFound`."""
    campaign = session.exec(_BY_SLUG, params={"slug": slug}).first()
    if campaign is None or campaign.state == CampaignState.DRAFT:
        raise NotFound("There is no campaign at this address.")
    return campaign


def campaign_to_give_to(session: Session, slug: str) -> CampaignToGiveTo:
    """Return a campaign that the public may see, as `public_campaign`, for donors who come in crowds; `NotFound`."""
    rows = plain.ask(session, _TO_GIVE_TO, {"slug": slug})
    if not rows:
        raise NotFound("There is no campaign at this address.")
    *rest, starts_at, ends_at = rows[0]
    moments = [plain.moment(each) if each is not None else None for each in (starts_at, ends_at)]
    return CampaignToGiveTo(*rest, *moments)


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
