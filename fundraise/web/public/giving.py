"""The doors of giving: the campaign's page, its event's, and the form they carry."""

import re
from collections.abc import Mapping
from typing import Final

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from fundraise.doors import PartsOf, origin_of
from fundraise.errors import Conflict, FieldErrors, TooMany, Unavailable
from fundraise.flows.begin_gift import Giver
from fundraise.flows.give import give
from fundraise.parts import Parts
from fundraise.sealing import new_ref
from fundraise.views.public_pages import CampaignPage
from fundraise.web.forms import read_form
from fundraise.web.pages import answer
from fundraise.web.public.campaign import campaign_page, event_page, total_fragment
from fundraise.web.public.give_form import Typed

router = APIRouter()
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")


@router.get("/c/{slug}")
def show_campaign(slug: str, parts: PartsOf) -> Response:
    """Show a campaign's page."""
    with parts.db.read() as session:
        page = campaign_page(session, parts.payments, slug, parts.clock.now(), new_ref())
    return answer(parts, "public/campaign.html", page)


@router.get("/c/{slug}/e/{event}")
def show_event(slug: str, event: str, parts: PartsOf) -> Response:
    """Show an event's giving page."""
    with parts.db.read() as session:
        page = event_page(session, parts.payments, slug, event, parts.clock.now(), new_ref())
    return answer(parts, "public/event.html", page)


@router.get("/c/{slug}/total")
def show_total(slug: str, parts: PartsOf) -> Response:
    """Show a campaign's total alone: the fragment the page holds."""
    with parts.db.read() as session:
        fragment = total_fragment(session, slug, parts.clock.now())
    return answer(parts, "public/_total.html", fragment)


@router.post("/c/{slug}/give")
async def send_gift(slug: str, request: Request, parts: PartsOf) -> Response:
    """Take the form: on to the payment page, or the same page with a message beside each field that will not do."""
    form = await read_form(request)
    token = form.get("token", "")
    giver = Giver(token if _TOKEN.fullmatch(token) else new_ref(), origin_of(request, parts))
    try:
        destination = await give(parts, slug, form, giver)
    except (FieldErrors, Conflict, TooMany, Unavailable) as refusal:
        errors = refusal.errors if isinstance(refusal, FieldErrors) else {"form": refusal.message}
        return await to_thread.run_sync(_again, parts, slug, form, errors, refusal.status)
    return RedirectResponse(destination.url, 303)


def _again(parts: Parts, slug: str, form: Mapping[str, str], errors: Mapping[str, str], status: int) -> Response:
    """Draw the page the form came from, with everything that was typed and the token it had.

    With the token, sending the same again is the same gift, and sending other content closes what was opened before.
    """
    token = form.get("token", "")
    token = token if _TOKEN.fullmatch(token) else new_ref()
    event = form.get("event", "").strip()
    if "event" in errors:  # Nobody types it: the page forgets it, and says so at the top.
        form = {**form, "event": ""}
        errors = {("form" if name == "event" else name): message for name, message in errors.items()}
        event = ""
    now = parts.clock.now()
    with parts.db.read() as session:
        page: CampaignPage
        if event:
            page = event_page(session, parts.payments, slug, event, now, token, Typed(form, errors))
        else:
            page = campaign_page(session, parts.payments, slug, now, token, Typed(form, errors))
    template = "public/event.html" if event else "public/campaign.html"
    return answer(parts, template, page, status=status, private=True)
