"""Campaigns and their totals, for programs."""

from typing import Annotated

from fastapi import APIRouter, Query

from fundraise import times
from fundraise.api.schemas import (
    Amount,
    Campaign,
    CampaignDetail,
    CampaignList,
    Charity,
    ErrorBody,
    Event,
    Health,
    total_of,
)
from fundraise.appeals.tables import Appeal
from fundraise.bodies.questions import bodies_by_id
from fundraise.campaigns.questions import beneficiaries, events, public_campaign, public_campaigns
from fundraise.doors import PartsOf
from fundraise.figures.public import campaign_totals, newest_entry_id

router = APIRouter(prefix="/api/v1", tags=["campaigns"])


@router.get("/campaigns", responses={422: {"model": ErrorBody}})
def list_campaigns(
    parts: PartsOf,
    after: Annotated[str, Query(max_length=60, description="The cursor that the last page gave as `next`.")] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 100,
) -> CampaignList:
    """List the published campaigns with their totals, by slug."""
    with parts.db.read() as session:
        rows = [campaign for campaign in public_campaigns(session) if campaign.slug > after]
        page = rows[:limit]
        totals, entry_id = campaign_totals(session, page, parts.clock.now()), newest_entry_id(session)
        items = [
            Campaign(slug=campaign.slug, title=campaign.title, total=total_of(totals[campaign.id], entry_id))
            for campaign in page
        ]
    return CampaignList(items=items, next=page[-1].slug if len(rows) > limit else None)


@router.get("/campaigns/{slug}", responses={404: {"model": ErrorBody}})
def show_campaign(slug: str, parts: PartsOf) -> CampaignDetail:
    """Show one published campaign with its total, its charities and its events."""
    with parts.db.read() as session:
        campaign = public_campaign(session, slug)
        rows = beneficiaries(session, campaign.id)
        bodies = bodies_by_id(session, [row.body_id for row in rows])
        total = campaign_totals(session, [campaign], parts.clock.now())[campaign.id]
        return CampaignDetail(
            slug=campaign.slug,
            title=campaign.title,
            total=total_of(total, newest_entry_id(session)),
            appeal=session.get_one(Appeal, campaign.appeal_id).slug,
            summary=campaign.summary,
            organiser=campaign.organiser,
            state=campaign.state,
            goal=Amount(currency=campaign.currency, amount_minor=campaign.goal_minor) if campaign.goal_minor else None,
            charities=[
                Charity(
                    name=bodies[row.body_id].name,
                    legal_name=bodies[row.body_id].legal_name,
                    registration_number=bodies[row.body_id].registration_number,
                    regulator=bodies[row.body_id].regulator,
                    confirmed=row.confirmed_at is not None,
                )
                for row in rows
            ],
            events=[
                Event(
                    slug=event.slug,
                    title=event.title,
                    place=event.place,
                    starts_at=times.iso(event.starts_at),
                    ends_at=times.iso(event.ends_at) if event.ends_at is not None else None,
                    time_zone=event.zone,
                )
                for event in events(session, campaign.id)
            ],
            url=f"{parts.settings.base_url}/c/{campaign.slug}",
        )


@router.get("/health")
def health() -> Health:
    """Tell that the API answers."""
    return Health(status="ok")
