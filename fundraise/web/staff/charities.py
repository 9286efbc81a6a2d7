"""The staff's doors to charities and societies: list, make, edit, connect their Stripe accounts."""

from collections.abc import Mapping

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import RedirectResponse

from fundraise.bodies.questions import body_by_slug
from fundraise.bodies.rules import draft_of
from fundraise.doors import PartsOf
from fundraise.errors import FieldErrors, Unavailable
from fundraise.fields import mark_of
from fundraise.figures.charities import body_facts, every_body
from fundraise.flows.connect_by_form import connect_by_form, may_carry_keys
from fundraise.flows.edit_body import make_body, save_body
from fundraise.flows.keep_edit import ChangedMeanwhile
from fundraise.parts import Parts
from fundraise.patience import in_patience
from fundraise.views.parts import Toast
from fundraise.web.forms import read_form
from fundraise.web.pages import answer
from fundraise.web.staff.charity_forms import charity_form, connect_page, typed_of
from fundraise.web.staff.charity_pages import HOME, charities_page, charity_page
from fundraise.web.staff.door import Person, signed_in

router = APIRouter(prefix=HOME, dependencies=[Depends(signed_in)])
_TOASTS = {
    "made": Toast(text="Added. Connect its Stripe account next, so that it can receive gifts."),
    "saved": Toast(text="Saved. Public pages show it now."),
    "connected": Toast(text="Connected. The key works; from now on its gifts are charged there."),
}


@router.get("")
def show_charities(parts: PartsOf, person: Person) -> Response:
    """List the charities and societies."""
    with parts.db.read() as session:
        rows = every_body(session)
    return answer(parts, "staff/charities.html", charities_page(person, rows), private=True)


@router.post("")
async def make(request: Request, parts: PartsOf, person: Person) -> Response:
    """Add a charity or society."""
    form = await read_form(request)
    try:
        slug = await to_thread.run_sync(lambda: make_body(parts, form, by=person.name))
    except FieldErrors as refusal:
        page = charity_form(person, None, form, errors=refusal.errors)
        return answer(parts, "staff/charity_form.html", page, status=422, private=True)
    return RedirectResponse(f"{HOME}/{slug}?done=made", 303)


@router.get("/new")
def show_new(parts: PartsOf, person: Person) -> Response:
    """Show the empty form."""
    page = charity_form(person, None, {"kind": "charity", "country": "GB", "currency": "GBP"})
    return answer(parts, "staff/charity_form.html", page, private=True)


@router.get("/{slug}")
def show_charity(slug: str, parts: PartsOf, person: Person, done: str = "") -> Response:
    """Show a charity: its accounts, what it says of itself, its campaigns."""
    with parts.db.read() as session:
        facts = body_facts(session, body_by_slug(session, slug))
    page = charity_page(person, facts, parts.settings, parts.clock.now(), _TOASTS.get(done))
    return answer(parts, "staff/charity.html", page, private=True)


@router.get("/{slug}/edit")
def show_edit(slug: str, parts: PartsOf, person: Person) -> Response:
    """Show the form as the charity stands now."""
    with parts.db.read() as session:
        body = body_by_slug(session, slug)
    page = charity_form(person, body, typed_of(body), seen=mark_of(draft_of(body)))
    return answer(parts, "staff/charity_form.html", page, private=True)


@router.post("/{slug}")
async def save(slug: str, request: Request, parts: PartsOf, person: Person) -> Response:
    """Change a charity."""
    form = await read_form(request)
    try:
        await to_thread.run_sync(lambda: save_body(parts, slug, form, seen=form.get("seen", ""), by=person.name))
    except FieldErrors as refusal:
        return await to_thread.run_sync(_again, parts, person, slug, form, refusal.errors, 422, form.get("seen", ""))
    except ChangedMeanwhile as refusal:
        return await to_thread.run_sync(_again, parts, person, slug, form, {"form": refusal.message}, 409, "")
    return RedirectResponse(f"{HOME}/{slug}?done=saved", 303)


@router.get("/{slug}/connect")
def show_connect(slug: str, parts: PartsOf, person: Person) -> Response:
    """Show the form that connects a Stripe account."""
    with parts.db.read() as session:
        facts = body_facts(session, body_by_slug(session, slug))
    page = connect_page(person, facts, parts.settings)
    return answer(parts, "staff/connect.html", page, private=True)


@router.post("/{slug}/connect")
async def connect(slug: str, request: Request, parts: PartsOf, person: Person) -> Response:
    """Connect a Stripe account, once its key was tried."""
    form = await read_form(request)
    try:
        await in_patience(connect_by_form, parts, slug, form, by=person.name)
    except FieldErrors as refusal:
        return await to_thread.run_sync(_ask_again, parts, person, slug, form, refusal.errors, 422)
    except Unavailable as refusal:
        return await to_thread.run_sync(_ask_again, parts, person, slug, form, {"form": refusal.message}, 503)
    return RedirectResponse(f"{HOME}/{slug}?done=connected", 303)


def _again(
    parts: Parts, person: Person, slug: str, form: Mapping[str, str], errors: Mapping[str, str], status: int, seen: str
) -> Response:
    """Draw the form again with all that was typed; without `seen` it is taken to have seen what stands now."""
    with parts.db.read() as session:
        body = body_by_slug(session, slug)
    page = charity_form(person, body, form, seen=seen or mark_of(draft_of(body)), errors=errors)
    return answer(parts, "staff/charity_form.html", page, status=status, private=True)


def _ask_again(
    parts: Parts, person: Person, slug: str, form: Mapping[str, str], errors: Mapping[str, str], status: int
) -> Response:
    with parts.db.read() as session:
        facts = body_facts(session, body_by_slug(session, slug))
    if not may_carry_keys(parts.settings):
        form = {}
    page = connect_page(person, facts, parts.settings, form, errors)
    return answer(parts, "staff/connect.html", page, status=status, private=True)
