"""The staff's doors to a campaign's events, and to the QR codes and posters of both."""

from collections.abc import Mapping
from typing import Literal

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import RedirectResponse

from fundraise.campaigns.drafts import event_draft_of
from fundraise.campaigns.questions import any_campaign, event_of
from fundraise.doors import PartsOf
from fundraise.errors import FieldErrors
from fundraise.fields import mark_of
from fundraise.figures.campaigns_here import event_facts
from fundraise.figures.readiness import receivers_of
from fundraise.flows.edit_event import make_event, save_event
from fundraise.flows.keep_edit import ChangedMeanwhile
from fundraise.parts import Parts
from fundraise.views.parts import Toast
from fundraise.web.forms import read_form
from fundraise.web.pages import answer
from fundraise.web.staff.campaign_rows import HOME
from fundraise.web.staff.door import Person, signed_in
from fundraise.web.staff.event_pages import event_form, event_page, poster_page, typed_of
from fundraise.web.staff.qr import qr_code

router = APIRouter(prefix=HOME, dependencies=[Depends(signed_in)])
_SAVED = Toast(text="Saved. Its public page shows it now.")


@router.get("/{slug}/qr.{kind}")
def show_campaign_code(slug: str, kind: Literal["svg", "png"], parts: PartsOf, keep: str = "") -> Response:
    """Draw the QR code of a campaign's giving page."""
    with parts.db.read() as session:
        campaign = any_campaign(session, slug)
    address = f"{parts.settings.base_url}/c/{campaign.slug}"
    return qr_code(address, kind, file_name=campaign.slug, keep=bool(keep))


@router.get("/{slug}/poster")
def show_campaign_poster(slug: str, parts: PartsOf) -> Response:
    """Show a campaign's poster."""
    with parts.db.read() as session:
        campaign = any_campaign(session, slug)
        page = poster_page(campaign, None, receivers_of(session, campaign), parts.settings)
    return answer(parts, "staff/poster.html", page, private=True)


@router.get("/{slug}/events/new")
def show_new(slug: str, parts: PartsOf, person: Person) -> Response:
    """Show the empty form of an event."""
    return _form(parts, person, slug, None, None)


@router.post("/{slug}/events")
async def make(slug: str, request: Request, parts: PartsOf, person: Person) -> Response:
    """Add an event."""
    form = await read_form(request)
    try:
        await to_thread.run_sync(lambda: make_event(parts, slug, form, by=person.name))
    except FieldErrors as refusal:
        return await to_thread.run_sync(_form, parts, person, slug, None, form, refusal.errors, 422)
    return RedirectResponse(f"{HOME}/{slug}?done=event", 303)


@router.get("/{slug}/events/{event}")
def show_event(slug: str, event: str, parts: PartsOf, person: Person, done: str = "") -> Response:
    """Show an event: its gifts, its link, its QR code."""
    now = parts.clock.now()
    with parts.db.read() as session:
        campaign = any_campaign(session, slug)
        facts = event_facts(session, campaign, event_of(session, campaign.id, event))
    page = event_page(person, campaign, facts, parts.settings, now, _SAVED if done == "saved" else None)
    return answer(parts, "staff/event.html", page, private=True)


@router.get("/{slug}/events/{event}/edit")
def show_edit(slug: str, event: str, parts: PartsOf, person: Person) -> Response:
    """Show the form as the event stands now."""
    return _form(parts, person, slug, event, None)


@router.post("/{slug}/events/{event}")
async def save(slug: str, event: str, request: Request, parts: PartsOf, person: Person) -> Response:
    """Change an event."""
    form = await read_form(request)
    seen = form.get("seen", "")
    try:
        now_at = await to_thread.run_sync(lambda: save_event(parts, slug, event, form, seen=seen, by=person.name))
    except FieldErrors as refusal:
        return await to_thread.run_sync(_form, parts, person, slug, event, form, refusal.errors, 422, seen)
    except ChangedMeanwhile as refusal:
        return await to_thread.run_sync(_form, parts, person, slug, event, form, {"form": refusal.message}, 409)
    return RedirectResponse(f"{HOME}/{slug}/events/{now_at}?done=saved", 303)


@router.get("/{slug}/events/{event}/qr.{kind}")
def show_event_code(slug: str, event: str, kind: Literal["svg", "png"], parts: PartsOf, keep: str = "") -> Response:
    """Draw the QR code of an event's giving page."""
    with parts.db.read() as session:
        campaign = any_campaign(session, slug)
        found = event_of(session, campaign.id, event)
    address = f"{parts.settings.base_url}/c/{campaign.slug}/e/{found.slug}"
    return qr_code(address, kind, file_name=f"{campaign.slug}-{found.slug}", keep=bool(keep))


@router.get("/{slug}/events/{event}/poster")
def show_event_poster(slug: str, event: str, parts: PartsOf) -> Response:
    """Show an event's poster."""
    with parts.db.read() as session:
        campaign = any_campaign(session, slug)
        found = event_of(session, campaign.id, event)
        page = poster_page(campaign, found, receivers_of(session, campaign), parts.settings)
    return answer(parts, "staff/poster.html", page, private=True)


def _form(  # noqa: PLR0913, PLR0917  What a form may have to say again.
    parts: Parts,
    person: Person,
    slug: str,
    event_slug: str | None,
    typed: Mapping[str, str] | None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
    seen: str = "",
) -> Response:
    """Draw the form with what was typed, or as the event stands; without `seen` it has seen what stands now."""
    with parts.db.read() as session:
        campaign = any_campaign(session, slug)
        event = event_of(session, campaign.id, event_slug) if event_slug is not None else None
    draft = event_draft_of(event) if event is not None else None
    values = typed if typed is not None else typed_of(draft, campaign)
    mark = seen or (mark_of(draft) if draft is not None else "")
    page = event_form(person, campaign, event, values, seen=mark, errors=errors)
    return answer(parts, "staff/event_form.html", page, status=status, private=True)
