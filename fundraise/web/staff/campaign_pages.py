"""The list of campaigns, and a campaign's page for its staff."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from fundraise import money, times
from fundraise.campaigns.rules import gift_currencies, suggested_amounts
from fundraise.campaigns.tables import Campaign, CampaignState, FeeBearer, Holding
from fundraise.figures.campaigns_here import CampaignFacts, CampaignLine, EventFacts
from fundraise.money import Money
from fundraise.settings import Settings
from fundraise.showing import values as showing
from fundraise.showing.values import at
from fundraise.views.parts import EmptyState, Link, Toast
from fundraise.views.staff_campaign_pages import (
    CampaignsPage,
    EventRow,
    ShareLink,
    StaffCampaignPage,
)
from fundraise.views.staff_parts import Answer, Fact, Happening
from fundraise.web.staff.campaign_doing import actions_of, check_of, consent_of, receiver_row
from fundraise.web.staff.campaign_forms import LIST
from fundraise.web.staff.campaign_rows import HOME, campaign_rows, gifts_said, status_of
from fundraise.web.staff.door import StaffPerson, staff_frame

_NEW: Final = Link(text="New campaign", href=f"{HOME}/new")
_KINDS: Final = {
    "payment": "Gifts paid",
    "settled": "Gifts in other currencies, as converted",
    "converted": "Settled by Stripe in another currency, at published rates",
    "refund": "Refunded",
    "refund-failed": "Refunds that failed",
    "dispute": "Lost in disputes",
    "payment-failed": "Bank debits taken back",
}
_STEPS: Final = {"live": "published", "paused": "paused", "ended": "ended"}
_OF_STEPS: Final = frozenset({"published", "resumed", "opened again", "paused", "ended"})


def campaigns_page(person: StaffPerson, lines: Sequence[CampaignLine], now: datetime) -> CampaignsPage:
    """Make the list of campaigns."""
    is_open = sum(status_of(line.campaign, now).word == "Open" for line in lines)
    count = "1 campaign" if len(lines) == 1 else f"{len(lines)} campaigns"
    return CampaignsPage(
        frame=staff_frame(person, "campaigns"),
        answer=Answer(sentence=f"{count}, {is_open} open."),
        rows=campaign_rows(lines, now),
        empty=EmptyState(
            sentence="No campaign yet. It needs an appeal to be part of and a charity that receives it.", action=_NEW
        ),
        new=_NEW,
    )


def campaign_page(
    person: StaffPerson, facts: CampaignFacts, settings: Settings, now: datetime, toast: Toast | None
) -> StaffCampaignPage:
    """Make the page of a campaign."""
    campaign, address = facts.campaign, f"{HOME}/{facts.campaign.slug}"
    is_draft = campaign.state == CampaignState.DRAFT
    return StaffCampaignPage(
        frame=staff_frame(person, "campaigns", toast=toast, back=LIST),
        title=campaign.title,
        status=status_of(campaign, now),
        answer=_answer(facts, now),
        consent=consent_of(facts.receivers),
        figures=_figures(facts),
        edit=Link(text="Edit", href=f"{address}/edit"),
        donations=Link(text="Its donations", href=f"/staff/donations?campaign={campaign.slug}"),
        new_event=Link(text="Add an event", href=f"{address}/events/new"),
        terms=_terms(facts),
        receivers=tuple(receiver_row(receiver, address) for receiver in facts.receivers),
        progress=showing.progress(facts.total.amount, campaign.goal_minor) if not is_draft else None,
        actions=actions_of(campaign, address, is_ready=all(need.is_there for need in facts.needs)),
        checks=tuple(check_of(need, facts) for need in facts.needs)
        if is_draft or not all(need.is_there for need in facts.needs if need.thing != "campaign")
        else (),
        events=tuple(_event(found, campaign) for found in facts.events),
        links=tuple(_links(facts, settings)),
        history=_history(facts),
        public_href="" if is_draft else f"/c/{campaign.slug}",
    )


def _answer(facts: CampaignFacts, now: datetime) -> Answer:
    if facts.campaign.state == CampaignState.DRAFT:
        missing = [need for need in facts.needs if not need.is_there]
        if missing:
            are = "thing is" if len(missing) == 1 else "things are"
            sentence = f"Not public yet: {len(missing)} {are} missing."
            return Answer(sentence=sentence, tone="needs_you")
        return Answer(sentence="Not public yet, and ready to be published.", tone="needs_you")
    return Answer(
        sentence=f"{money.show(facts.total.amount)} from {gifts_said(facts.total.gifts)}.",
        as_of=at(now, facts.campaign.zone),
    )


def _figures(facts: CampaignFacts) -> tuple[Fact, ...]:
    campaign, total = facts.campaign, facts.total
    fees = Money(facts.fees_minor, campaign.currency)
    gifts = f"/staff/donations?campaign={campaign.slug}"
    rows = [
        Fact(label=_KINDS.get(kind.kind, kind.kind), value=money.show(kind.amount), href=gifts) for kind in facts.kinds
    ]
    rows.append(
        Fact(label="Public total", value=money.show(total.amount), href=f"/c/{campaign.slug}/counted")
        if campaign.state != CampaignState.DRAFT
        else Fact(label="Public total", value=money.show(total.amount))
    )
    rows += [
        Fact(label="Card fees, less what donors added for them", value=money.show(-fees)),
        Fact(label="Left for the charity", value=money.show(total.amount - fees)),
    ]
    rows += [Fact(label="On its way", value=money.show(amount)) for amount in total.on_its_way]
    return (*rows, *(Fact(label="Not yet converted", value=money.show(amount)) for amount in total.not_converted))


def _terms(facts: CampaignFacts) -> tuple[Fact, ...]:
    campaign, appeal = facts.campaign, facts.appeal
    amounts = [money.show_short(Money(minor, campaign.currency)) for minor in suggested_amounts(campaign)]
    least = money.show_short(Money(campaign.least_gift_minor, campaign.currency))
    goal = money.show_short(Money(campaign.goal_minor, campaign.currency)) if campaign.goal_minor else "none"
    begins = times.full(campaign.starts_at, campaign.zone) if campaign.starts_at else "as soon as it is published"
    ends = times.full(campaign.ends_at, campaign.zone) if campaign.ends_at else "no end"
    accounts = [found.account for found in facts.receivers if found.account is not None]
    prefix = next((account.statement_prefix for account in accounts if account.statement_prefix), "")
    return (
        Fact(label="Appeal", value=appeal.title, href=f"/staff/appeals/{appeal.slug}"),
        Fact(label="Raised by", value=campaign.organiser),
        Fact(label="Whose money it is", value=_holding(facts)),
        Fact(label="Currencies", value=", ".join(gift_currencies(campaign))),
        Fact(label="Goal", value=goal),
        Fact(label="Amounts", value=f"{', '.join(amounts)}; any from {least}"),
        Fact(label="Gifts open", value=begins),
        Fact(label="Gifts close", value=ends),
        Fact(
            label="Statements say",
            value=showing.statement_text(prefix, campaign.statement_suffix)
            if prefix
            else "not known yet: the account has not said what its own text is",
            is_code=bool(prefix),
        ),
    )


def _holding(facts: CampaignFacts) -> str:
    if facts.campaign.holding != Holding.AGENT:
        return "the charity’s own"
    holder = facts.receivers[0].merchant.name if facts.receivers else "somebody else"
    bears = "the charity" if facts.campaign.fee_borne_by == FeeBearer.CHARITY else holder
    return f"held by {holder}, who owes it to the charity; {bears} bears the card fees"


def _event(found: EventFacts, campaign: Campaign) -> EventRow:
    event = found.event
    return EventRow(
        title=event.title,
        href=f"{HOME}/{campaign.slug}/events/{event.slug}",
        when=times.full(event.starts_at, event.zone),
        gifts=str(found.gifts),
        amount=money.show(found.given),
        public_href=f"/c/{campaign.slug}/e/{event.slug}" if campaign.state != CampaignState.DRAFT else "",
    )


def _links(facts: CampaignFacts, settings: Settings) -> list[ShareLink]:
    slug = facts.campaign.slug
    own = share_link("Giving page", f"{settings.base_url}/c/{slug}", f"{HOME}/{slug}")
    events = [
        share_link(
            found.event.title,
            f"{settings.base_url}/c/{slug}/e/{found.event.slug}",
            f"{HOME}/{slug}/events/{found.event.slug}",
        )
        for found in facts.events
    ]
    return [own, *events]


def share_link(label: str, address: str, door: str) -> ShareLink:
    """Return an address to pass on, with its QR code and poster behind a door of ours."""
    return ShareLink(
        label=label,
        address=address,
        qr_src=f"{door}/qr.svg",
        downloads=(
            Link(text="QR code, SVG", href=f"{door}/qr.svg?keep=1"),
            Link(text="PNG", href=f"{door}/qr.png?keep=1"),
            Link(text="Poster", href=f"{door}/poster"),
        ),
    )


def _history(facts: CampaignFacts) -> tuple[Happening, ...]:
    """Tell acts and steps as one story, newest first; a step that is an act too is told once."""
    told_by_acts = {act.at for act in facts.history if act.what in _OF_STEPS}
    steps = [
        (step.at, _STEPS.get(step.state, step.state), step.by) for step in facts.steps if step.at not in told_by_acts
    ]
    acts = [(act.at, act.what, act.by) for act in facts.history]
    told = sorted([*steps, *acts], key=lambda found: found[0], reverse=True)
    return tuple(Happening(when=at(moment), what=what, who=who) for moment, what, who in told)
