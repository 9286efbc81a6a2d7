"""What staff see of appeals, of their campaigns, and of the campaigns' events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from fundraise.appeals.questions import all_appeals
from fundraise.appeals.tables import Appeal
from fundraise.bodies.questions import bodies_by_id
from fundraise.bodies.tables import Body
from fundraise.campaigns.questions import beneficiaries_of, campaigns_of, events
from fundraise.campaigns.tables import Beneficiary, Campaign, CampaignStep, Event
from fundraise.figures.combined import Combined, combined_total
from fundraise.figures.public import (
    CountedKind,
    PublicTotal,
    campaign_totals,
    counted_by_kind,
)
from fundraise.figures.readiness import Need, Receiver, needs_of, receivers_of
from fundraise.ledger.accounts import Account
from fundraise.ledger.balances import balances
from fundraise.money import Money
from fundraise.staff.questions import acts_about
from fundraise.staff.tables import StaffAct

_ACTS_SHOWN = 30


@dataclass(frozen=True, slots=True)
class AppealFacts:
    """An appeal with its combined total, and its campaigns."""

    appeal: Appeal
    total: Combined
    campaigns: "Sequence[CampaignLine]"
    beneficiary: Body | None
    history: Sequence[StaffAct]


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """A campaign in a list."""

    campaign: Campaign
    total: PublicTotal
    charities: Sequence[Body]
    is_agreed: bool


def appeals_here(session: Session, now: datetime) -> Sequence[AppealFacts]:
    """List the appeals by title."""
    return [appeal_facts(session, appeal, now) for appeal in all_appeals(session)]


def appeal_facts(session: Session, appeal: Appeal, now: datetime) -> AppealFacts:
    """Return what staff see of an appeal."""
    body_id = appeal.beneficiary_body_id
    return AppealFacts(
        appeal,
        combined_total(session, appeal, now),
        _lines(session, campaigns_of(session, appeal.id), now),
        session.get(Body, body_id) if body_id is not None else None,
        acts_about(session, f"appeal:{appeal.id}", most=_ACTS_SHOWN),
    )


@dataclass(frozen=True, slots=True)
class EventFacts:
    """An event with what was given through it."""

    event: Event
    gifts: int
    given: Money


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """What staff see of a campaign."""

    campaign: Campaign
    appeal: Appeal
    total: PublicTotal
    kinds: Sequence[CountedKind]
    fees_minor: int  # In the campaign's currency.
    receivers: Sequence[Receiver]
    needs: Sequence[Need]
    events: Sequence[EventFacts]
    steps: Sequence[CampaignStep]
    history: Sequence[StaffAct]


def campaign_lines(session: Session, now: datetime) -> Sequence[CampaignLine]:
    """List the campaigns by title."""
    return _lines(session, session.exec(select(Campaign).order_by(col(Campaign.title))).all(), now)


def campaign_facts(session: Session, campaign: Campaign, now: datetime) -> CampaignFacts:
    """Return what staff see of a campaign."""
    return CampaignFacts(
        campaign,
        session.get_one(Appeal, campaign.appeal_id),
        campaign_totals(session, [campaign], now)[campaign.id],
        counted_by_kind(session, campaign),
        _fees(session, campaign),
        receivers_of(session, campaign),
        needs_of(session, campaign, now),
        _events(session, campaign),
        session.exec(
            select(CampaignStep)
            .where(col(CampaignStep.campaign_id) == campaign.id)
            .order_by(col(CampaignStep.id).desc())
            .limit(_ACTS_SHOWN)
        ).all(),
        acts_about(session, f"campaign:{campaign.id}", most=_ACTS_SHOWN),
    )


def _lines(session: Session, campaigns: Sequence[Campaign], now: datetime) -> Sequence[CampaignLine]:
    totals = campaign_totals(session, campaigns, now)
    rows: dict[int, list[Beneficiary]] = {campaign.id: [] for campaign in campaigns}
    for row in beneficiaries_of(session, campaigns):
        rows[row.campaign_id].append(row)
    bodies = bodies_by_id(session, {row.body_id for found in rows.values() for row in found})
    return [
        CampaignLine(
            campaign,
            totals[campaign.id],
            [bodies[row.body_id] for row in rows[campaign.id]],
            all(row.confirmed_at is not None for row in rows[campaign.id]),
        )
        for campaign in campaigns
    ]


def _fees(session: Session, campaign: Campaign) -> int:
    """Return the card fees of a campaign's gifts, whoever bears them, less what donors added to cover them.

    Where money is held for a charity that bears its fees, both stand beside the gifts on the same account.
    """
    found = balances(session, ["account", "currency", "counts"], campaign_ids=[campaign.id])
    return sum(
        balance.minor
        for balance in found
        if balance.key[1] == campaign.currency
        and (
            balance.key[0] in {Account.CARD_FEES, Account.DISPUTE_FEES, Account.FEE_COVER}
            or (balance.key[0] == Account.DUE_TO_CHARITY and not balance.key[2])
        )
    )


def _events(session: Session, campaign: Campaign) -> Sequence[EventFacts]:
    found = balances(session, ["event_id", "currency"], campaign_ids=[campaign.id], counts=True)
    return [
        EventFacts(
            event,
            sum(balance.gifts for balance in found if balance.key[0] == event.id),
            Money(
                -sum(balance.minor for balance in found if balance.key == (event.id, campaign.currency)),
                campaign.currency,
            ),
        )
        for event in events(session, campaign.id)
    ]


@dataclass(frozen=True, slots=True)
class OneEvent:
    """An event with what was given through it and what was done to it."""

    found: EventFacts
    history: Sequence[StaffAct]


def event_facts(session: Session, campaign: Campaign, event: Event) -> OneEvent:
    """Return what staff see of an event."""
    found = next(facts for facts in _events(session, campaign) if facts.event.id == event.id)
    return OneEvent(found, acts_about(session, f"event:{event.id}", most=_ACTS_SHOWN))
