"""The staff's doors to appeals: list, make, edit, publish, end."""

from collections.abc import Mapping

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import RedirectResponse

from fundraise.appeals.questions import any_appeal
from fundraise.appeals.tables import AppealState
from fundraise.bodies.questions import all_bodies
from fundraise.doors import PartsOf
from fundraise.errors import FieldErrors
from fundraise.fields import mark_of
from fundraise.figures.campaigns_here import appeal_facts, appeals_here
from fundraise.figures.counted import appeal_has_money
from fundraise.figures.drafts import appeal_draft
from fundraise.flows.edit_appeal import make_appeal, move_appeal, save_appeal
from fundraise.flows.keep_edit import ChangedMeanwhile
from fundraise.parts import Parts
from fundraise.views.parts import Toast
from fundraise.web.forms import read_form
from fundraise.web.pages import answer
from fundraise.web.staff.appeal_pages import HOME, appeal_form, appeal_page, appeals_page, typed_of
from fundraise.web.staff.door import Person, signed_in

router = APIRouter(prefix=HOME, dependencies=[Depends(signed_in)])
_TOASTS = {
    "made": Toast(text="Made, as a draft. Nobody sees it until you publish it."),
    "saved": Toast(text="Saved. Public pages show it now."),
    "published": Toast(text="Published. Everybody can see it."),
    "ended": Toast(text="Ended. Its page stays up with the total."),
}
_FRESH = {"currency": "GBP", "rate_source": "ECB", "stage": "collected"}


@router.get("")
def show_appeals(parts: PartsOf, person: Person) -> Response:
    """List the appeals."""
    with parts.db.read() as session:
        found = appeals_here(session, parts.clock.now())
    return answer(parts, "staff/appeals.html", appeals_page(person, found), private=True)


@router.post("")
async def make(request: Request, parts: PartsOf, person: Person) -> Response:
    """Make an appeal as a draft."""
    form = await read_form(request)
    try:
        slug = await to_thread.run_sync(lambda: make_appeal(parts, form, by=person.name))
    except FieldErrors as refusal:
        return await to_thread.run_sync(_form, parts, person, None, form, refusal.errors, 422)
    return RedirectResponse(f"{HOME}/{slug}?done=made", 303)


@router.get("/new")
def show_new(parts: PartsOf, person: Person) -> Response:
    """Show the empty form."""
    return _form(parts, person, None, _FRESH)


@router.get("/{slug}")
def show_appeal(slug: str, parts: PartsOf, person: Person, done: str = "") -> Response:
    """Show an appeal: what was received, its campaigns, what it says."""
    now = parts.clock.now()
    with parts.db.read() as session:
        facts = appeal_facts(session, any_appeal(session, slug), now)
    return answer(parts, "staff/appeal.html", appeal_page(person, facts, now, _TOASTS.get(done)), private=True)


@router.get("/{slug}/edit")
def show_edit(slug: str, parts: PartsOf, person: Person) -> Response:
    """Show the form as the appeal stands now."""
    return _form(parts, person, slug, None)


@router.post("/{slug}")
async def save(slug: str, request: Request, parts: PartsOf, person: Person) -> Response:
    """Change an appeal."""
    form = await read_form(request)
    seen = form.get("seen", "")
    try:
        now_at = await to_thread.run_sync(lambda: save_appeal(parts, slug, form, seen=seen, by=person.name))
    except FieldErrors as refusal:
        return await to_thread.run_sync(_form, parts, person, slug, form, refusal.errors, 422, seen)
    except ChangedMeanwhile as refusal:
        return await to_thread.run_sync(_form, parts, person, slug, form, {"form": refusal.message}, 409)
    return RedirectResponse(f"{HOME}/{now_at}?done=saved", 303)


@router.post("/{slug}/publish")
def publish(slug: str, parts: PartsOf, person: Person) -> Response:
    """Let everybody see an appeal, also one that had ended."""
    move_appeal(parts, slug, AppealState.LIVE, by=person.name)
    return RedirectResponse(f"{HOME}/{slug}?done=published", 303)


@router.post("/{slug}/end")
def end(slug: str, parts: PartsOf, person: Person) -> Response:
    """End an appeal; its page stays up."""
    move_appeal(parts, slug, AppealState.ENDED, by=person.name)
    return RedirectResponse(f"{HOME}/{slug}?done=ended", 303)


def _form(
    parts: Parts,
    person: Person,
    slug: str | None,
    typed: Mapping[str, str] | None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
    seen: str = "",
) -> Response:
    """Draw the form with what was typed, or as the appeal stands; without `seen` it has seen what stands now."""
    with parts.db.read() as session:
        bodies = all_bodies(session)
        appeal = any_appeal(session, slug) if slug is not None else None
        draft = appeal_draft(session, appeal) if appeal is not None else None
        has_money = appeal is not None and appeal_has_money(session, appeal.id)
    values = typed if typed is not None else typed_of(draft) if draft is not None else _FRESH
    mark = seen or (mark_of(draft) if draft is not None else "")
    page = appeal_form(person, appeal, values, bodies, seen=mark, has_money=has_money, errors=errors)
    return answer(parts, "staff/appeal_form.html", page, status=status, private=True)
