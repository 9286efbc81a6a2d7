"""Making and changing an event of a campaign."""

from collections.abc import Mapping
from typing import Final

from fundraise.campaigns.drafts import event_draft_of, read_event, write_event_on
from fundraise.campaigns.questions import event_of
from fundraise.campaigns.tables import CampaignState, Event
from fundraise.db import note
from fundraise.flows.edit_campaign import about_campaign, locked_campaign
from fundraise.flows.keep_edit import changed, flush_address, note_change, require_seen
from fundraise.parts import Parts
from fundraise.staff.rules import note_act

_TAKEN: Final = "Another event of this campaign is at this address already."


def make_event(parts: Parts, campaign_slug: str, form: Mapping[str, str], *, by: str) -> str:
    """Add an event to a campaign and return its address; raises `FieldErrors` and `NotFound`."""
    now = parts.clock.now()
    with parts.db.write("staff: make an event") as session:
        campaign = locked_campaign(session, campaign_slug)
        draft = read_event(form, None, campaign_zone=campaign.zone, is_public=False)
        event = Event(
            campaign_id=campaign.id, slug=draft.slug, title=draft.title, starts_at=draft.starts_at, created_at=now
        )
        write_event_on(event, draft)
        session.add(event)
        flush_address(session, _TAKEN)
        note_act(session, f"added the event {event.slug}"[:60], about_campaign(campaign), by=by, at=now)
        note(session, "public")
    return draft.slug


def save_event(parts: Parts, campaign_slug: str, slug: str, form: Mapping[str, str], *, seen: str, by: str) -> str:
    """Bring an event to what a form says and return its address.

    Raises `FieldErrors`, `ChangedMeanwhile` and `NotFound`.
    """
    with parts.db.write("staff: edit an event") as session:
        campaign = locked_campaign(session, campaign_slug)
        event = event_of(session, campaign.id, slug)
        before = event_draft_of(event)
        is_public = campaign.state != CampaignState.DRAFT
        draft = read_event(form, before, campaign_zone=campaign.zone, is_public=is_public)
        if draft != before:
            require_seen(session, seen, before, about_event(event))
            write_event_on(event, draft)
            session.add(event)
            flush_address(session, _TAKEN)
            now = parts.clock.now()
            note_change(session, changed(before, draft), about_event(event), by=by, at=now)
            note_act(session, f"changed the event {event.slug}"[:60], about_campaign(campaign), by=by, at=now)
            note(session, "public")
    return draft.slug


def about_event(event: Event) -> str:
    """Return how acts name an event."""
    return f"event:{event.id}"
