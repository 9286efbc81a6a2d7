"""A campaign's page and its events': how the page is made out of what is known."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from typing import Final

from sqlmodel import Session

from fundraise import money, times
from fundraise.appeals.tables import Appeal
from fundraise.bodies.questions import bodies_by_id
from fundraise.bodies.tables import Body
from fundraise.campaigns import questions as campaigns
from fundraise.campaigns.rules import Phase, phase
from fundraise.campaigns.tables import Campaign, Event
from fundraise.figures.public import PublicGift, campaign_totals, event_total, latest_gifts
from fundraise.flows.begin_gift import account_for
from fundraise.flows.money_doors import CLOSED, are_closed
from fundraise.payments import PaymentGateway
from fundraise.sealing import new_ref
from fundraise.showing import values as showing
from fundraise.text import paragraphs
from fundraise.views.parts import Link, Status, TotalView
from fundraise.views.public_pages import CampaignFigures, CampaignPage, EventLine, EventPage, GiftLine
from fundraise.web.public.give_form import Receiver, Typed, form_terms, give_form, in_words

# Stands where each drawn form has a token of its own, so that one drawing serves everybody. Nobody can write it.
TOKEN_PLACE: Final = new_ref()


def campaign_page(
    session: Session, payments: PaymentGateway, slug: str, now: datetime, token: str, typed: Typed | None = None
) -> CampaignPage:
    """Make the page of a campaign; `NotFound` for a draft or none."""
    return _page(session, payments, campaigns.public_campaign(session, slug), now, token, typed or Typed(), None)


@dataclass(frozen=True, slots=True)
class Words:
    """A campaign and its page as far as people wrote it; gifts change nothing here."""

    campaign: Campaign
    page: CampaignPage


def campaign_words(session: Session, payments: PaymentGateway, slug: str, now: datetime, token: str) -> Words:
    """Read what people wrote of a campaign; `NotFound` for a draft or none."""
    campaign = campaigns.public_campaign(session, slug)
    return Words(campaign, _page(session, payments, campaign, now, token, Typed(), None))


def campaign_figures(session: Session, campaign: Campaign, now: datetime) -> CampaignFigures:
    """Read what gifts change on a campaign's page: its total, and the latest of them."""
    total = campaign_totals(session, [campaign], now)[campaign.id]
    gifts = latest_gifts(session, campaign.id)
    return CampaignFigures(
        total=showing.total_view(campaign, total),
        gifts=tuple(_gift_line(campaign.zone, gift) for gift in gifts),
        gifts_more=_more(total.gifts - len(gifts)),
    )


def event_page(
    session: Session,
    payments: PaymentGateway,
    slug: str,
    event_slug: str,
    now: datetime,
    token: str,
    typed: Typed | None = None,
) -> EventPage:
    """Make an event's giving page; `NotFound`."""
    campaign = campaigns.public_campaign(session, slug)
    event = campaigns.event_of(session, campaign.id, event_slug)
    page = _page(session, payments, campaign, now, token, typed or Typed(), event)
    given = event_total(session, campaign, event.id)
    values = {spot.name: getattr(page, spot.name) for spot in fields(CampaignPage)}
    return EventPage(
        **values,
        event_title=event.title,
        event_when=times.weekday(event.starts_at, event.zone),
        event_where=event.place,
        event_story=paragraphs(event.about),
        event_amount=money.show(given) if given else "",
        campaign_href=f"/c/{campaign.slug}",
    )


def total_fragment(session: Session, slug: str, now: datetime) -> TotalView:
    """Return a campaign's total alone; `NotFound`."""
    campaign = campaigns.public_campaign(session, slug)
    return showing.total_view(campaign, campaign_totals(session, [campaign], now)[campaign.id])


def _page(
    session: Session,
    payments: PaymentGateway,
    campaign: Campaign,
    now: datetime,
    token: str,
    typed: Typed,
    event: Event | None,
) -> CampaignPage:
    receivers = _receivers(session, campaign)
    figures = campaign_figures(session, campaign, now)
    appeal = session.get_one(Appeal, campaign.appeal_id)
    where = phase(campaign, now)
    closed = _closed(campaign, where, receivers) or (CLOSED if are_closed(session) else "")
    terms = {} if closed else form_terms(session, payments, campaign, receivers, now)
    return CampaignPage(
        title=campaign.title,
        helped=campaign.summary,
        consent=_consent(receivers),
        total=figures.total,
        total_href=f"/c/{campaign.slug}/total",
        live_href=f"/c/{campaign.slug}/live" if where is not Phase.ENDED else "",
        form=give_form(terms, campaign, receivers, token, typed, event) if terms else None,
        closed=closed,
        story=paragraphs(campaign.story),
        charities=tuple(showing.legal_body(receiver.body) for receiver in receivers),
        held_by=next((showing.legal_body(receiver.agent) for receiver in receivers if receiver.agent), None),
        appeal=Link(text=appeal.title, href=f"/a/{appeal.slug}") if appeal.state != "draft" else None,
        events=tuple(_event_line(campaign, row) for row in campaigns.events(session, campaign.id)),
        gifts=figures.gifts,
        gifts_more=figures.gifts_more,
        phase=where.value,
    )


def _receivers(session: Session, campaign: Campaign) -> Sequence[Receiver]:
    rows = campaigns.beneficiaries(session, campaign.id)
    bodies = bodies_by_id(session, [row.body_id for row in rows])
    agent = session.get_one(Body, campaign.merchant_body_id) if campaign.merchant_body_id is not None else None
    return [Receiver(row, bodies[row.body_id], account_for(session, campaign, row.body_id), agent) for row in rows]


def _closed(campaign: Campaign, where: Phase, receivers: Sequence[Receiver]) -> str:
    """Return why no gifts are taken now; "" while they are."""
    if where is Phase.ENDED:
        when = f" on {times.day(campaign.ends_at, campaign.zone)}" if campaign.ends_at is not None else ""
        return f"This campaign ended{when}. Gifts are no longer taken here."
    if where is Phase.PAUSED:
        return "This campaign is paused. Gifts are not taken here just now."
    if where is Phase.NOT_BEGUN and campaign.starts_at is not None:
        return f"This campaign begins on {times.full(campaign.starts_at, campaign.zone)}."
    if not receivers or any(receiver.account is None for receiver in receivers):
        return "Gifts cannot be taken here yet: a charity’s card account is still being set up."
    return ""


def _consent(receivers: Sequence[Receiver]) -> Status:
    waiting = [receiver.body.name for receiver in receivers if receiver.row.confirmed_at is None]
    if waiting:
        has = "has" if len(waiting) == 1 else "have"
        return Status(word=f"In aid of {in_words(waiting)}, which {has} not confirmed it yet", tone="needs_you")
    return Status(word=f"Confirmed by {in_words([receiver.body.name for receiver in receivers])}", tone="settled")


def _event_line(campaign: Campaign, event: Event) -> EventLine:
    return EventLine(
        title=event.title,
        href=f"/c/{campaign.slug}/e/{event.slug}",
        when=times.weekday(event.starts_at, event.zone),
        where=event.place,
    )


@lru_cache(maxsize=2_000)
def _gift_line(zone: str, gift: PublicGift) -> GiftLine:
    """Put a gift into words; a page that is drawn anew has the same gifts but one or two."""
    return GiftLine(
        who=gift.name or "A supporter",
        when=showing.on_day(gift.paid_at, zone),
        amount=money.show(gift.amount) if gift.amount is not None else "",
        message=gift.message,
        mark="disputed" if gift.is_disputed else "",
    )


def _more(count: int) -> str:
    if count <= 0:
        return ""
    return f"and {count:,} more gift" + ("" if count == 1 else "s")
