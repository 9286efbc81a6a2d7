"""Campaigns as cards, on the front page and on an appeal's."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from fundraise import money
from fundraise.campaigns.rules import Phase, phase
from fundraise.campaigns.tables import Campaign
from fundraise.figures.public import PublicTotal
from fundraise.money import Money
from fundraise.showing import values as showing
from fundraise.views.parts import Status
from fundraise.views.public_pages import CampaignCard


def campaign_cards(
    campaigns: Sequence[Campaign], totals: Mapping[int, PublicTotal], now: datetime
) -> tuple[CampaignCard, ...]:
    """Return cards of campaigns, those that take gifts first."""
    ordered = sorted(campaigns, key=lambda campaign: (phase(campaign, now) is not Phase.OPEN, campaign.title.lower()))
    return tuple(_card(campaign, totals[campaign.id], phase(campaign, now)) for campaign in ordered)


def _card(campaign: Campaign, total: PublicTotal, where: Phase) -> CampaignCard:
    progress = showing.progress(total.amount, campaign.goal_minor)
    goal = Money(campaign.goal_minor, campaign.currency) if campaign.goal_minor else None
    words = {Phase.ENDED: "Ended", Phase.PAUSED: "Paused", Phase.NOT_BEGUN: "Not begun"}
    return CampaignCard(
        title=campaign.title,
        href=f"/c/{campaign.slug}",
        sentence=campaign.summary,
        amount=money.show(total.amount),
        goal=f"of {money.show_short(goal)}" if goal else "",
        percent=progress.percent if progress else "",
        status=Status(word=words[where], tone="quiet") if where is not Phase.OPEN else None,
    )
