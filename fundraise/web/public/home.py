"""The front page, and the pages that explain."""

from datetime import UTC, datetime
from typing import Final

from fastapi import APIRouter, Response
from sqlmodel import Session

from fundraise import money
from fundraise.appeals.questions import all_appeals
from fundraise.appeals.tables import Appeal, AppealState
from fundraise.bodies.questions import all_bodies, bodies_by_id
from fundraise.campaigns.questions import beneficiaries, public_campaign, public_campaigns
from fundraise.campaigns.tables import Campaign
from fundraise.doors import PartsOf
from fundraise.figures.combined import combined_total
from fundraise.figures.public import CountedKind, PublicTotal, campaign_totals, counted_by_kind
from fundraise.money import Money
from fundraise.showing import values as showing
from fundraise.showing.appeal_lines import rate_words
from fundraise.showing.cards import campaign_cards
from fundraise.views.appeal_pages import CountedLine, HowCountedPage
from fundraise.views.parts import Link
from fundraise.views.public_pages import (
    AppealCard,
    HelpPage,
    HomePage,
    PrivacyPage,
    RetentionLine,
)
from fundraise.web.pages import answer
from fundraise.web.public.appeal import appeal_view

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
            campaigns=campaign_cards(campaigns, totals, now),
        )
    return answer(parts, "public/home.html", page)


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


def _appeal_card(session: Session, appeal: Appeal, now: datetime) -> AppealCard:
    view = appeal_view(appeal, combined_total(session, appeal, now))
    return AppealCard(
        title=appeal.title,
        href=f"/a/{appeal.slug}",
        sentence=appeal.cause,
        amount=view.amount,
        meaning=view.meaning,
        as_of=view.as_of,
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
        if counted.own is not None:
            lines.append(_converted_line(session, campaign, counted, counted.own))
            continue
        label, thing = _KINDS.get(counted.kind, (counted.kind, "entry"))
        if counted.kind == "settled" and counted.amount.minor < 0:
            label = "Settled by Stripe in another currency, and converted below"
        count = f"{counted.entries:,} {thing}" + ("" if counted.entries == 1 else "s")
        lines.append(CountedLine(label=label, amount=money.show(counted.amount), count=count))
    return tuple(lines)


def _converted_line(session: Session, campaign: Campaign, counted: CountedKind, own: Money) -> CountedLine:
    words = rate_words(session, [(counted.sheet_id, own.currency)], campaign.currency)
    rate = words.rate(counted.sheet_id, own.currency, campaign.currency)
    return CountedLine(
        label=f"Settled by Stripe in {money.name(own.currency)}",
        amount=money.show(counted.amount),
        note=f"{money.show(own)}, each gift converted once at the rate of its day; the last was {rate} "
        f"({words.source(counted.sheet_id)})",
    )


def _beside(total: PublicTotal) -> tuple[CountedLine, ...]:
    way = [
        CountedLine(label="Paid, on its way into the total", amount=money.show(amount)) for amount in total.on_its_way
    ]
    rate = [
        CountedLine(label="Received, not yet converted", amount=money.show(amount)) for amount in total.not_converted
    ]
    return (*way, *rate)
