"""Whether a campaign takes gifts, and where it may go from where it stands."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from sqlmodel import Session

from fundraise.campaigns.tables import Campaign, CampaignState, CampaignStep
from fundraise.db import note
from fundraise.errors import Conflict

C = CampaignState
MOVES: Final[Mapping[CampaignState, frozenset[CampaignState]]] = {
    C.DRAFT: frozenset({C.LIVE}),
    C.LIVE: frozenset({C.PAUSED, C.ENDED}),
    C.PAUSED: frozenset({C.LIVE, C.ENDED}),
    C.ENDED: frozenset({C.LIVE}),
}


class Phase(StrEnum):
    """What a visitor finds: the form, or why there is none."""

    OPEN = "open"
    NOT_BEGUN = "not_begun"
    PAUSED = "paused"
    ENDED = "ended"


class CampaignToGiveTo(NamedTuple):
    """What begins a gift to a campaign: when it takes gifts, in which currencies, from how much on, who holds them."""

    id: int
    state: str
    currency: str
    gift_currencies: str
    least_gift_minor: int
    holding: str
    merchant_body_id: int | None
    starts_at: datetime | None
    ends_at: datetime | None


def phase(campaign: Campaign | CampaignToGiveTo, now: datetime) -> Phase:
    """Tell whether a published campaign takes gifts now. A gift begun before the end may still be paid after it."""
    if campaign.state == C.PAUSED:
        return Phase.PAUSED
    if campaign.state == C.ENDED or (campaign.ends_at is not None and now >= campaign.ends_at):
        return Phase.ENDED
    if campaign.starts_at is not None and now < campaign.starts_at:
        return Phase.NOT_BEGUN
    return Phase.OPEN


def move(session: Session, campaign: Campaign, to: CampaignState, *, at: datetime, by: str) -> None:
    """Publish, pause, resume or end a campaign; raises `Conflict` for a move that cannot be."""
    now = CampaignState(campaign.state)
    if to not in MOVES[now]:
        raise Conflict(f"This campaign is {now}; it cannot become {to}.")
    campaign.state = to
    session.add(campaign)
    session.add(CampaignStep(campaign_id=campaign.id, state=to, at=at, by=by))
    note(session, "public")


def gift_currencies(campaign: Campaign | CampaignToGiveTo) -> tuple[str, ...]:
    """Return the currencies gifts are taken in; the campaign's own comes first."""
    others = [code.strip() for code in campaign.gift_currencies.split(",") if code.strip()]
    return tuple(dict.fromkeys([campaign.currency, *others]))


def suggested_amounts(campaign: Campaign) -> tuple[int, ...]:
    """Return the suggested gifts in minor units of the campaign's currency."""
    return tuple(int(part) for part in campaign.suggested_minor.split(",") if part.strip())
