"""The staff's doors to campaigns: list, make, edit, publish, pause, resume, end, and what their charities said."""

from collections.abc import Mapping
from typing import Final

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import RedirectResponse

from fundraise.appeals.questions import all_appeals
from fundraise.bodies.questions import all_bodies
from fundraise.campaigns.questions import any_campaign
from fundraise.campaigns.tables import CampaignState
from fundraise.doors import PartsOf
from fundraise.errors import FieldErrors
from fundraise.fields import mark_of
from fundraise.figures.campaigns_here import campaign_facts, campaign_lines
from fundraise.figures.counted import campaign_has_gifts
from fundraise.figures.drafts import campaign_draft
from fundraise.flows.edit_campaign import make_campaign, save_campaign
from fundraise.flows.keep_edit import ChangedMeanwhile
from fundraise.flows.move_campaign import NotReady, confirm, move_campaign, withdraw
from fundraise.parts import Parts
from fundraise.stripe_accounts.questions import account_of
from fundraise.views.parts import Toast
from fundraise.web.forms import read_form
from fundraise.web.pages import answer
from fundraise.web.staff.campaign_forms import FRESH, Offered, campaign_form, typed_of
from fundraise.web.staff.campaign_pages import campaign_page, campaigns_page
from fundraise.web.staff.campaign_rows import HOME
from fundraise.web.staff.door import Person, signed_in

router = APIRouter(prefix=HOME, dependencies=[Depends(signed_in)])
SEVERAL: Final = frozenset({"charities", "other_currencies"})
_TOASTS: Final = {
    "made": Toast(text="Made, as a draft. Nobody sees it until you publish it."),
    "saved": Toast(text="Saved. Its public page shows it now."),
    "published": Toast(text="Published. Gifts are taken from now on."),
    "paused": Toast(text="Paused. The page stays up and takes no gifts.", tone="quiet"),
    "resumed": Toast(text="Resumed. Gifts are taken again."),
    "ended": Toast(text="Ended. The page stays up with its final total; gifts under way may still arrive."),
    "again": Toast(text="Opened again. Gifts are taken from now on."),
    "confirmed": Toast(text="Written down. The public page says that the charity has confirmed it."),
    "withdrawn": Toast(text="Written down. The public page says that the charity has not confirmed it.", tone="quiet"),
    "event": Toast(text="The event is added, with a link and a QR code of its own."),
}


@router.get("")
def show_campaigns(parts: PartsOf, person: Person) -> Response:
    """List the campaigns."""
    now = parts.clock.now()
    with parts.db.read() as session:
        lines = campaign_lines(session, now)
    return answer(parts, "staff/campaigns.html", campaigns_page(person, lines, now), private=True)


@router.post("")
async def make(request: Request, parts: PartsOf, person: Person) -> Response:
    """Make a campaign as a draft."""
    form = await read_form(request, SEVERAL)
    try:
        slug = await to_thread.run_sync(lambda: make_campaign(parts, form, by=person.name))
    except FieldErrors as refusal:
        return await to_thread.run_sync(_form, parts, person, None, form, refusal.errors, 422)
    return RedirectResponse(f"{HOME}/{slug}?done=made", 303)


@router.get("/new")
def show_new(parts: PartsOf, person: Person, appeal: str = "") -> Response:
    """Show the empty form."""
    return _form(parts, person, None, {**FRESH, "appeal": appeal})


@router.get("/{slug}")
def show_campaign(slug: str, parts: PartsOf, person: Person, done: str = "") -> Response:
    """Show a campaign: its total and what it is made of, what it needs, its events and links."""
    return _campaign(parts, person, slug, _TOASTS.get(done))


@router.get("/{slug}/edit")
def show_edit(slug: str, parts: PartsOf, person: Person) -> Response:
    """Show the form as the campaign stands now."""
    return _form(parts, person, slug, None)


@router.post("/{slug}")
async def save(slug: str, request: Request, parts: PartsOf, person: Person) -> Response:
    """Change a campaign."""
    form = await read_form(request, SEVERAL)
    seen = form.get("seen", "")
    try:
        now_at = await to_thread.run_sync(lambda: save_campaign(parts, slug, form, seen=seen, by=person.name))
    except FieldErrors as refusal:
        return await to_thread.run_sync(_form, parts, person, slug, form, refusal.errors, 422, seen)
    except ChangedMeanwhile as refusal:
        return await to_thread.run_sync(_form, parts, person, slug, form, {"form": refusal.message}, 409)
    return RedirectResponse(f"{HOME}/{now_at}?done=saved", 303)


@router.post("/{slug}/publish")
def publish(slug: str, parts: PartsOf, person: Person) -> Response:
    """Take gifts from now on, the first time or again."""
    return _move(parts, person, slug, CampaignState.LIVE)


@router.post("/{slug}/pause")
def pause(slug: str, parts: PartsOf, person: Person) -> Response:
    """Take no gifts until somebody resumes."""
    return _move(parts, person, slug, CampaignState.PAUSED)


@router.post("/{slug}/end")
def end(slug: str, parts: PartsOf, person: Person) -> Response:
    """Take no gifts any more."""
    return _move(parts, person, slug, CampaignState.ENDED)


@router.post("/{slug}/charities/{body}/confirm")
async def confirm_it(slug: str, body: str, request: Request, parts: PartsOf, person: Person) -> Response:
    """Write down that a charity agreed."""
    form = await read_form(request)
    try:
        await to_thread.run_sync(lambda: confirm(parts, slug, body, form.get("note", ""), by=person.name))
    except FieldErrors as refusal:
        toast = Toast(text=refusal.errors["note"], tone="wrong")
        return await to_thread.run_sync(_campaign, parts, person, slug, toast, 422)
    return RedirectResponse(f"{HOME}/{slug}?done=confirmed", 303)


@router.post("/{slug}/charities/{body}/withdraw")
def withdraw_it(slug: str, body: str, parts: PartsOf, person: Person) -> Response:
    """Write down that a charity agrees no longer."""
    withdraw(parts, slug, body, by=person.name)
    return RedirectResponse(f"{HOME}/{slug}?done=withdrawn", 303)


def _move(parts: Parts, person: Person, slug: str, to: CampaignState) -> Response:
    try:
        done = move_campaign(parts, slug, to, by=person.name)
    except NotReady as refusal:
        return _campaign(parts, person, slug, Toast(text=refusal.message, tone="wrong"), refusal.status)
    return RedirectResponse(f"{HOME}/{slug}?done={done.rpartition(' ')[2]}", 303)


def _campaign(parts: Parts, person: Person, slug: str, toast: Toast | None, status: int = 200) -> Response:
    now = parts.clock.now()
    with parts.db.read() as session:
        facts = campaign_facts(session, any_campaign(session, slug), now)
    page = campaign_page(person, facts, parts.settings, now, toast)
    return answer(parts, "staff/campaign.html", page, status=status, private=True)


def _form(
    parts: Parts,
    person: Person,
    slug: str | None,
    typed: Mapping[str, str] | None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
    seen: str = "",
) -> Response:
    """Draw the form with what was typed, or as the campaign stands; without `seen` it has seen what stands now."""
    with parts.db.read() as session:
        campaign = any_campaign(session, slug) if slug is not None else None
        draft = campaign_draft(session, campaign) if campaign is not None else None
        bodies = all_bodies(session)
        without = frozenset(body.slug for body in bodies if account_of(session, body.id) is None)
        offered = Offered(all_appeals(session), bodies, without)
        has_gifts = campaign is not None and campaign_has_gifts(session, campaign.id)
    values = typed if typed is not None else typed_of(draft) if draft is not None else FRESH
    mark = seen or (mark_of(draft) if draft is not None else "")
    page = campaign_form(person, campaign, values, offered, seen=mark, has_gifts=has_gifts, errors=errors)
    return answer(parts, "staff/campaign_form.html", page, status=status, private=True)
