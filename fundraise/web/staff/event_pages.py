"""The pages about a campaign's events, and posters."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from fundraise import money, times
from fundraise.campaigns.drafts import EventDraft
from fundraise.campaigns.tables import Campaign, CampaignState, Event
from fundraise.figures.campaigns_here import OneEvent
from fundraise.figures.readiness import Receiver
from fundraise.settings import Settings
from fundraise.showing.values import at, legal_body
from fundraise.views.parts import Link, Toast
from fundraise.views.staff_campaign_pages import EventFormPage, PosterPage, StaffEventPage
from fundraise.views.staff_parts import Answer, Fact, Happening
from fundraise.web.staff import choices
from fundraise.web.staff.campaign_pages import share_link
from fundraise.web.staff.campaign_rows import HOME, gifts_said
from fundraise.web.staff.door import StaffPerson, staff_frame


def event_page(
    person: StaffPerson, campaign: Campaign, facts: OneEvent, settings: Settings, now: datetime, toast: Toast | None
) -> StaffEventPage:
    """Make an event's page for its staff."""
    event = facts.found.event
    door, public = f"{HOME}/{campaign.slug}/events/{event.slug}", f"/c/{campaign.slug}/e/{event.slug}"
    given = f"{gifts_said(facts.found.gifts)}, {money.show(facts.found.given)}."
    return StaffEventPage(
        frame=staff_frame(
            person, "campaigns", toast=toast, back=Link(text=campaign.title, href=f"{HOME}/{campaign.slug}")
        ),
        title=event.title,
        answer=Answer(sentence=given, as_of=at(now, event.zone)),
        edit=Link(text="Edit", href=f"{door}/edit"),
        facts=(
            Fact(label="Begins", value=times.weekday(event.starts_at, event.zone)),
            Fact(label="Ends", value=times.weekday(event.ends_at, event.zone) if event.ends_at else "open end"),
            Fact(label="Place", value=event.place or "not said"),
            Fact(label="What happens there", value=event.about or "not said"),
        ),
        link=share_link(event.title, f"{settings.base_url}{public}", door),
        donations=Link(
            text="Gifts given through it", href=f"/staff/donations?campaign={campaign.slug}&event={event.slug}"
        ),
        public_href="" if campaign.state == CampaignState.DRAFT else public,
        history=tuple(Happening(when=at(act.at), what=act.what, who=act.by) for act in facts.history),
    )


def typed_of(draft: EventDraft | None, campaign: Campaign) -> Mapping[str, str]:
    """Return what the form of an event holds before anybody types."""
    if draft is None:
        return {"time_zone": campaign.zone}
    return {
        "title": draft.title,
        "slug": draft.slug,
        "place": draft.place,
        "story": draft.about,
        "time_zone": draft.zone,
        "begins": times.typed(draft.starts_at, draft.zone),
        "ends": times.typed(draft.ends_at, draft.zone) if draft.ends_at is not None else "",
    }


def event_form(
    person: StaffPerson,
    campaign: Campaign,
    event: Event | None,
    typed: Mapping[str, str],
    *,
    seen: str,
    errors: Mapping[str, str] | None = None,
) -> EventFormPage:
    """Make the form of an event."""
    door = f"{HOME}/{campaign.slug}"
    is_fixed = event is not None and campaign.state != CampaignState.DRAFT
    back = (
        Link(text=campaign.title, href=door)
        if event is None
        else Link(text=event.title, href=f"{door}/events/{event.slug}")
    )
    return EventFormPage(
        frame=staff_frame(person, "campaigns", back=back),
        heading="New event" if event is None else f"Edit {event.title}",
        action=f"{door}/events" if event is None else f"{door}/events/{event.slug}",
        submit="Add the event" if event is None else "Save",
        seen=seen,
        title=typed.get("title", ""),
        slug=event.slug if event is not None and is_fixed else typed.get("slug", ""),
        is_slug_fixed=is_fixed,
        begins=typed.get("begins", ""),
        ends=typed.get("ends", ""),
        time_zone=choices.zones(typed.get("time_zone", "")),
        place=typed.get("place", ""),
        story=typed.get("story", ""),
        errors=errors or {},
    )


def poster_page(
    campaign: Campaign, event: Event | None, receivers: Sequence[Receiver], settings: Settings
) -> PosterPage:
    """Make the poster of an event, or of a campaign."""
    door, public = f"{HOME}/{campaign.slug}", f"/c/{campaign.slug}"
    if event is not None:
        door, public = f"{door}/events/{event.slug}", f"{public}/e/{event.slug}"
    bodies = [legal_body(receiver.body) for receiver in receivers]
    return PosterPage(
        back=Link(text=event.title if event is not None else campaign.title, href=door),
        title=event.title if event is not None else campaign.title,
        campaign=campaign.title if event is not None else "",
        lede=campaign.summary,
        when=times.weekday(event.starts_at, event.zone) if event is not None else "",
        where=event.place if event is not None else "",
        qr_src=f"{door}/qr.svg",
        address=f"{settings.base_url.partition('://')[2]}{public}",
        receives=tuple(f"{body.name}, {body.number}" if body.number else body.name for body in bodies),
        is_draft=campaign.state == CampaignState.DRAFT,
    )
