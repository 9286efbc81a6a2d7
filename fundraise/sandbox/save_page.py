"""The page of a Checkout Session in setup mode, where a person keeps a card for later."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fundraise.sandbox.messages import Obj
from fundraise.sandbox.objects.checkout_setup import authenticate, intent_of, save_card
from fundraise.sandbox.pay_form import MESSAGES, TEST_CARDS, Entered, mistakes, read, wallet
from fundraise.sandbox.pay_page import success_url
from fundraise.sandbox.rendering import render

if TYPE_CHECKING:
    from fundraise.sandbox.engine import Sandbox
    from fundraise.sandbox.world import Account


def routes() -> list[Route]:
    """Return the routes of the page."""
    return [
        Route("/c/setup/{session}", _page, methods=["GET"]),
        Route("/c/setup/{session}", _save, methods=["POST"]),
        Route("/c/setup/{session}/3ds", _question, methods=["GET"]),
        Route("/c/setup/{session}/3ds", _answer, methods=["POST"]),
    ]


async def _page(request: Request) -> Response:
    return await run_in_threadpool(_shown, request, Entered())


def _shown(request: Request, entered: Entered, status: int = 200) -> Response:
    with _sandbox(request).lock:
        _sandbox(request).run_due()
        found = _found(request)
        if found is None:
            gone = {"title": "Page not found", "text": "There is no such page.", "link": None, "link_text": ""}
            return render("gone.html", gone, status=404)
        account, session = found
        if session["status"] != "open":
            return _ended(account, session)
        values: dict[str, Any] = {
            "session": session,
            "merchant": account.terms.business_name,
            "entered": entered,
            "errors": dict(entered.errors),
            "cards": TEST_CARDS,
        }
        leads_to = (session["success_url"], session["cancel_url"] or "")
        return render("save_card.html", values, status=status, leads_to=leads_to)


def _sandbox(request: Request) -> Sandbox:
    sandbox: Sandbox = request.app.state.sandbox
    return sandbox


def _found(request: Request) -> tuple[Account, Obj] | None:
    found = _sandbox(request).world.owner(request.path_params["session"])
    is_one = found is not None and found[1]["object"] == "checkout.session" and found[1]["mode"] == "setup"
    return found if is_one else None


def _ended(account: Account, session: Obj) -> Response:
    merchant = account.terms.business_name
    if session["status"] == "complete":
        values = {
            "title": "Your card is saved",
            "text": "Nothing was taken. There is nothing more to do here.",
            "link": success_url(session),
            "link_text": f"Continue to {merchant}",
        }
        return render("gone.html", values)
    values = {
        "title": "This page has expired",
        "text": "No card was saved. Please go back and begin again.",
        "link": session["cancel_url"],
        "link_text": f"Back to {merchant}",
    }
    return render("gone.html", values, status=410)


async def _save(request: Request) -> Response:
    form = {name: str(value) for name, value in (await request.form()).items()}
    response = await run_in_threadpool(_saved, request, form)
    request.app.state.background.changed()
    return response


def _saved(request: Request, form: dict[str, str]) -> Response:
    with _sandbox(request).lock:
        _sandbox(request).run_due()
        found = _found(request)
        if found is None:
            return _shown(request, Entered())
        account, session = found
        entered = read(form)
        errors = mistakes(session, form, entered) if session["status"] == "open" else ()
        if errors:
            return _shown(request, replace(entered, errors=errors), status=422)
        outcome = save_card(account, session, wallet(form, entered))
        if outcome == "requires_action":
            return RedirectResponse(f"/c/setup/{session['id']}/3ds", status_code=303)
        return _after(request, session, outcome, replace(entered, message=_why(account, session)))


def _after(request: Request, session: Obj, outcome: str, entered: Entered) -> Response:
    if outcome == "declined":
        return _shown(request, entered, status=402)
    if outcome == "expired":
        return _shown(request, entered)
    return RedirectResponse(success_url(session), status_code=303)


def _why(account: Account, session: Obj) -> str:
    error = intent_of(account, session)["last_setup_error"] or {}
    if error.get("code") == "setup_intent_authentication_failure":
        return MESSAGES["authentication"]
    return MESSAGES.get(error.get("decline_code", ""), MESSAGES["declined"])


async def _question(request: Request) -> Response:
    return await run_in_threadpool(_asked, request)


def _asked(request: Request) -> Response:
    with _sandbox(request).lock:
        _sandbox(request).run_due()
        found = _found(request)
        if found is None or found[1]["status"] != "open" or intent_of(*found)["status"] != "requires_action":
            return _shown(request, Entered())
        account, session = found
        values = {"session": session, "merchant": account.terms.business_name, "total": None}
        return render("three_d_secure.html", values, leads_to=(session["success_url"],))


async def _answer(request: Request) -> Response:
    form = await request.form()
    response = await run_in_threadpool(_answered, request, passed=form.get("authentication") == "complete")
    request.app.state.background.changed()
    return response


def _answered(request: Request, *, passed: bool) -> Response:
    with _sandbox(request).lock:
        _sandbox(request).run_due()
        found = _found(request)
        if found is None:
            return _shown(request, Entered())
        account, session = found
        outcome = authenticate(account, session, passed=passed)
        return _after(request, session, outcome, Entered(message=_why(account, session)))
