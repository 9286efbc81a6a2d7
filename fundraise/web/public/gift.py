"""The doors of one gift, under an address that only its donor knows."""

import asyncio
import logging
from contextlib import suppress
from typing import Final

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from fundraise.doors import PartsOf
from fundraise.errors import Conflict, FieldErrors, NotFound, Refusal
from fundraise.figures.gift import GiftFacts, gift_facts
from fundraise.flows.give import open_page
from fundraise.flows.manage_gift import change_visibility, send_receipt_again
from fundraise.flows.sync import sync_gift
from fundraise.paper import to_pdf
from fundraise.parts import Parts
from fundraise.patience import in_patience
from fundraise.payments import GatewayRefused, GatewayUnavailable, NotThereYet
from fundraise.rendering import render
from fundraise.views.parts import Toast
from fundraise.web.forms import read_form
from fundraise.web.pages import answer
from fundraise.web.public.give_form import Typed
from fundraise.web.public.own_gift import gift_page, receipt_page, thanks_page

router = APIRouter(prefix="/d/{token}")
logger = logging.getLogger(__name__)
# How long the thanks page waits for Stripe; a slow answer is shown as "one moment", never as a slow page.
_PATIENCE_SECONDS: Final = 4.0
_TOASTS: Final = {
    "sent": Toast(text="The receipt is on its way to you again."),
    "saved": Toast(text="Saved. The campaign’s page shows the change within a minute."),
    "over": Toast(text="That payment page has closed. Nothing was taken.", tone="quiet"),
}


@router.get("")
def show_gift(token: str, parts: PartsOf, done: str = "") -> Response:
    """Show where a gift is."""
    facts = _facts(parts, token)
    return answer(parts, "public/gift.html", gift_page(parts, facts, _TOASTS.get(done)), private=True)


@router.get("/thanks")
async def show_thanks(token: str, parts: PartsOf, back: str = "") -> Response:
    """Thank the donor; right even before Stripe's notice came, since Stripe is asked here and now."""
    ref = _ref(parts, token)
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await in_patience(_ask, parts, ref)
    return await to_thread.run_sync(_thanks, parts, token, back)


@router.post("/pay")
async def pay(token: str, parts: PartsOf) -> Response:
    """Lead on to the payment page of a gift that is written down."""
    ref = _ref(parts, token)
    facts = await to_thread.run_sync(_facts, parts, token)
    if facts.campaign.state != "live":
        raise Conflict("This campaign takes no gifts just now. Nothing was taken.")
    destination = await open_page(parts, ref)
    return RedirectResponse(destination.url if destination is not None else f"/d/{token}?done=over", 303)


@router.get("/receipt")
def show_receipt(token: str, parts: PartsOf) -> Response:
    """Show the receipt on paper."""
    facts = _with_receipt(parts, token)
    return answer(parts, "public/receipt.html", receipt_page(parts, facts), private=True)


@router.get("/receipt.pdf")
def download_receipt(token: str, parts: PartsOf) -> Response:
    """Give the receipt as PDF."""
    facts = _with_receipt(parts, token)
    page = receipt_page(parts, facts)
    html = render("public/receipt_pdf.html", page=page, is_demo=parts.settings.demo)
    name = f"receipt-{page.facts.number}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(to_pdf(html, title=f"Receipt {page.facts.number}"), 200, headers, "application/pdf")


@router.post("/receipt/send")
def send_again(token: str, parts: PartsOf) -> Response:
    """Send the receipt again."""
    send_receipt_again(parts, _ref(parts, token))
    return RedirectResponse(f"/d/{token}?done=sent", 303)


@router.post("/visibility")
async def change(token: str, request: Request, parts: PartsOf) -> Response:
    """Change what others see of a gift."""
    form = await read_form(request)
    ref = _ref(parts, token)
    try:
        await to_thread.run_sync(change_visibility, parts, ref, form)
    except FieldErrors as refusal:
        facts = await to_thread.run_sync(_facts, parts, token)
        page = gift_page(parts, facts, typed=Typed(form, refusal.errors))
        return answer(parts, "public/gift.html", page, status=refusal.status, private=True)
    return RedirectResponse(f"/d/{token}?done=saved", 303)


def _ref(parts: Parts, token: str) -> str:
    ref = parts.sealer.open_link("donation", token)
    if ref is None:
        raise NotFound("There is no gift at this address.")
    return ref


def _facts(parts: Parts, token: str) -> GiftFacts:
    with parts.db.read() as session:
        return gift_facts(session, _ref(parts, token))


def _with_receipt(parts: Parts, token: str) -> GiftFacts:
    facts = _facts(parts, token)
    if facts.receipt is None:
        raise NotFound("There is no receipt yet: this gift is not paid.")
    return facts


def _ask(parts: Parts, ref: str) -> None:
    try:
        sync_gift(parts, ref)
    except (GatewayUnavailable, GatewayRefused, NotThereYet, Refusal) as problem:
        logger.info("gift %s: %s", ref, type(problem).__name__)


def _thanks(parts: Parts, token: str, back: str) -> Response:
    page = thanks_page(parts, _facts(parts, token), turned_back=bool(back))
    return answer(parts, "public/thanks.html", page, private=True)
