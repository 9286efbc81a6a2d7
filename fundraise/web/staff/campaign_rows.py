"""Campaigns as rows of a table, and the words for where they stand."""

from collections.abc import Sequence
from datetime import datetime

from fundraise import money, times
from fundraise.campaigns.rules import Phase, phase
from fundraise.campaigns.tables import Campaign, CampaignState
from fundraise.figures.campaigns_here import CampaignLine
from fundraise.views.parts import Status
from fundraise.views.staff_setup_pages import ThingRow

HOME = "/staff/campaigns"
_PHASES = {
    Phase.OPEN: Status(word="Open", tone="settled"),
    Phase.NOT_BEGUN: Status(word="Not begun", tone="on_its_way"),
    Phase.PAUSED: Status(word="Paused", tone="needs_you"),
    Phase.ENDED: Status(word="Ended", tone="quiet"),
}


def status_of(campaign: Campaign, now: datetime) -> Status:
    """Return where a campaign stands, in a word."""
    if campaign.state == CampaignState.DRAFT:
        return Status(word="Draft", tone="quiet")
    return _PHASES[phase(campaign, now)]


def campaign_rows(lines: Sequence[CampaignLine], now: datetime) -> tuple[ThingRow, ...]:
    """Return campaigns as rows; those that wait for somebody first, those that ended last."""
    return tuple(_row(line, now) for line in sorted(lines, key=lambda line: (_place(line, now), line.campaign.title)))


def gifts_said(count: int) -> str:
    """Return a number of gifts in words."""
    return f"{count:,} gift" + ("" if count == 1 else "s")


def names_said(names: Sequence[str]) -> str:
    """Return names as one reads them aloud."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def _place(line: CampaignLine, now: datetime) -> int:
    if line.campaign.state in {CampaignState.DRAFT, CampaignState.PAUSED}:
        return 0
    return 2 if phase(line.campaign, now) is Phase.ENDED else 1


def _row(line: CampaignLine, now: datetime) -> ThingRow:
    campaign = line.campaign
    is_draft = campaign.state == CampaignState.DRAFT
    waits = is_draft and bool(line.charities) and not line.is_agreed
    return ThingRow(
        title=campaign.title,
        href=f"{HOME}/{campaign.slug}",
        status=Status(word="Waits for consent", tone="needs_you") if waits else status_of(campaign, now),
        details=(
            names_said([body.name for body in line.charities]) or "none yet",
            gifts_said(line.total.gifts),
            times.day(campaign.ends_at, campaign.zone) if campaign.ends_at is not None else "no end",
        ),
        amount=money.show(line.total.amount),
        public_href="" if is_draft else f"/c/{campaign.slug}",
    )
