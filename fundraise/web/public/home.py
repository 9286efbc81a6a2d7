"""The front page, an appeal's page, and the pages that explain."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from fastapi import APIRouter, Response
from sqlmodel import Session

from fundraise import money
from fundraise.appeals.questions import all_appeals, public_appeal
from fundraise.appeals.tables import Appeal, AppealState
from fundraise.bodies.questions import all_bodies, bodies_by_id
from fundraise.campaigns.questions import beneficiaries, campaigns_of, public_campaign, public_campaigns
from fundraise.campaigns.rules import Phase, phase
from fundraise.campaigns.tables import Campaign
from fundraise.doors import PartsOf
from fundraise.figures.public import PublicTotal, appeal_total, campaign_totals, counted_by_kind
from fundraise.money import Money
from fundraise.showing import values as showing
from fundraise.text import paragraphs
from fundraise.views.appeal_pages import AppealPage, CountedLine, HowCountedPage
from fundraise.views.parts import Link, Status, TotalView
from fundraise.views.public_pages import (
    AppealCard,
    CampaignCard,
    HelpPage,
    HomePage,
    PrivacyPage,
    RetentionLine,
)
from fundraise.web.pages import answer

router = APIRouter()
_POLICY_CHANGED: Final = datetime(2026, 11, 22, tzinfo=UTC)
_RETENTION: Final = (
    RetentionLine(
        what="Your name and e-mail address",
        why="for the receipt, and for your name on the page if you chose that",
        until="you ask the charity to delete them",
    ),
    RetentionLine(
        what="Your message", why="to show it, if you chose that", until="you take it away on your gift’s page"
    ),
    RetentionLine(
        what="Amount, date and charity", why="the charity’s books", until="as long as the law asks, six years as a rule"
    ),
    RetentionLine(
        what="A code made from your network address",
        why="to notice people who test stolen cards",
        until="it stops meaning anything after a day: its key is thrown away",
    ),
)


@router.get("/")
def show_home(parts: PartsOf) -> Response:
    """Show what there is to give to."""
    now = parts.clock.now()
    with parts.db.read() as session:
        campaigns = public_campaigns(session)
        totals = campaign_totals(session, campaigns, now)
        page = HomePage(
            appeals=tuple(
                _appeal_card(session, appeal, now)
                for appeal in all_appeals(session)
                if appeal.state != AppealState.DRAFT
            ),
            campaigns=_cards(campaigns, totals, now),
        )
    return answer(parts, "public/home.html", page)


@router.get("/a/{slug}")
def show_appeal(slug: str, parts: PartsOf) -> Response:
    """Show an appeal with its combined total."""
    now = parts.clock.now()
    with parts.db.read() as session:
        appeal = public_appeal(session, slug)
        campaigns = [campaign for campaign in campaigns_of(session, appeal.id) if campaign.state != "draft"]
        totals = campaign_totals(session, campaigns, now)
        ids = {row.body_id for campaign in campaigns for row in beneficiaries(session, campaign.id)}
        bodies = bodies_by_id(session, ids)
        page = AppealPage(
            title=appeal.title,
            helped=appeal.cause,
            total=_appeal_view(session, appeal, now),
            campaigns=_cards(campaigns, totals, now),
            story=paragraphs(appeal.story),
            bodies=tuple(showing.legal_body(bodies[body_id]) for body_id in sorted(bodies)),
        )
    return answer(parts, "public/appeal.html", page)


@router.get("/c/{slug}/counted")
def show_counted(slug: str, parts: PartsOf) -> Response:
    """Open a campaign's total to its lines."""
    now = parts.clock.now()
    with parts.db.read() as session:
        campaign = public_campaign(session, slug)
        total = campaign_totals(session, [campaign], now)[campaign.id]
        rows = beneficiaries(session, campaign.id)
        bodies = bodies_by_id(session, [row.body_id for row in rows])
        page = HowCountedPage(
            title=campaign.title,
            back=Link(text=campaign.title, href=f"/c/{campaign.slug}"),
            total=showing.total_view(campaign, total),
            lines=_counted_lines(session, campaign),
            rules=showing.EXPLANATION,
            beside=_beside(total),
            data_href=f"/api/v1/campaigns/{campaign.slug}",
            bodies=tuple(showing.legal_body(bodies[row.body_id]) for row in rows),
        )
    return answer(parts, "public/how_counted.html", page)


@router.get("/privacy")
def show_privacy(parts: PartsOf) -> Response:
    """Say what is kept, and what cannot be hidden."""
    page = PrivacyPage(
        updated=showing.on_day(_POLICY_CHANGED), retention=_RETENTION, contact_email=parts.settings.contact_email
    )
    return answer(parts, "public/privacy.html", page)


@router.get("/help")
def show_help(parts: PartsOf) -> Response:
    """Say how to get a gift back and whom to ask."""
    with parts.db.read() as session:
        bodies = tuple(showing.legal_body(body) for body in all_bodies(session))
    page = HelpPage(bodies=bodies, contact_email=parts.settings.contact_email)
    return answer(parts, "public/help.html", page)


def _cards(campaigns: Sequence[Campaign], totals: Mapping[int, PublicTotal], now: datetime) -> tuple[CampaignCard, ...]:
    """Return cards, those that take gifts first."""
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


def _appeal_card(session: Session, appeal: Appeal, now: datetime) -> AppealCard:
    view = _appeal_view(session, appeal, now)
    return AppealCard(
        title=appeal.title,
        href=f"/a/{appeal.slug}",
        sentence=appeal.cause,
        amount=view.amount,
        meaning=view.meaning,
        as_of=view.as_of,
    )


def _appeal_view(session: Session, appeal: Appeal, now: datetime) -> TotalView:
    total = appeal_total(session, appeal, now)
    return TotalView(
        amount=money.show(total.amount),
        meaning="received by card in all campaigns here, before fees, after refunds",
        as_of=showing.at_clock(now),
        gifts=f"{total.gifts:,} gift" + ("" if total.gifts == 1 else "s"),
        on_its_way=tuple(money.show(amount) for amount in total.on_its_way),
        not_converted=tuple(money.show(amount) for amount in total.not_converted),
        explanation=showing.EXPLANATION,
    )


_KINDS: Final = {
    "payment": ("Gifts paid", "gift"),
    "settled": ("Gifts in other currencies, as Stripe converted them", "gift"),
    "refund": ("Refunded", "refund"),
    "refund-failed": ("Refunds that failed, so the gift stands", "refund"),
    "dispute": ("Lost in disputes", "dispute"),
    "payment-failed": ("Bank debits taken back", "debit"),
}


def _counted_lines(session: Session, campaign: Campaign) -> tuple[CountedLine, ...]:
    lines = []
    for counted in counted_by_kind(session, campaign):
        label, thing = _KINDS.get(counted.kind, (counted.kind, "entry"))
        count = f"{counted.entries:,} {thing}" + ("" if counted.entries == 1 else "s")
        lines.append(CountedLine(label=label, amount=money.show(counted.amount), count=count))
    return tuple(lines)


def _beside(total: PublicTotal) -> tuple[CountedLine, ...]:
    way = [
        CountedLine(label="Paid, on its way into the total", amount=money.show(amount)) for amount in total.on_its_way
    ]
    rate = [
        CountedLine(label="Received, not yet converted", amount=money.show(amount)) for amount in total.not_converted
    ]
    return (*way, *rate)
