"""The page of a Checkout Session, where a donor pays, and the bank's 3-D Secure question."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.messages import Obj
from fundraise.sandbox.money import as_text
from fundraise.sandbox.objects.cards import DEBIT_OUTCOMES
from fundraise.sandbox.objects.checkout_payment import authenticate, pay
from fundraise.sandbox.pay_form import DEBIT_TEXTS, MESSAGES, TEST_CARDS, Entered, mistakes, read, wallet
from fundraise.sandbox.rendering import render

if TYPE_CHECKING:
    from fundraise.sandbox.engine import Sandbox
    from fundraise.sandbox.world import Account

VERBS = {"donate": "Give", "book": "Book", "subscribe": "Subscribe for"}


def routes() -> list[Route]:
    """Return the routes of the pay page."""
    return [
        Route("/c/pay/{session}", _page, methods=["GET"]),
        Route("/c/pay/{session}", _pay, methods=["POST"]),
        Route("/c/pay/{session}/3ds", _question, methods=["GET"]),
        Route("/c/pay/{session}/3ds", _answer, methods=["POST"]),
    ]


async def _page(request: Request) -> Response:
    return await run_in_threadpool(_shown, request, Entered())


def _found(request: Request) -> tuple[Account, Obj] | None:
    found = _sandbox(request).world.owner(request.path_params["session"])
    is_one = found is not None and found[1]["object"] == "checkout.session" and found[1]["mode"] != "setup"
    return found if is_one else None


def _sandbox(request: Request) -> Sandbox:
    sandbox: Sandbox = request.app.state.sandbox
    return sandbox


def _shown(request: Request, entered: Entered, status: int = 200) -> Response:
    with _sandbox(request).lock:
        _sandbox(request).run_due()
        found = _found(request)
        if found is None:
            return render(
                "gone.html",
                {"title": "Page not found", "text": "There is no such payment page.", "link": None, "link_text": ""},
                status=404,
            )
        account, session = found
        if session["status"] != "open":
            return _ended(account, session)
        leads_to = (session["success_url"], session["cancel_url"] or "")
        return render("pay.html", _values(account, session, entered), status=status, leads_to=leads_to)


def _ended(account: Account, session: Obj) -> Response:
    merchant = account.terms.business_name
    if session["status"] == "complete":
        values = {
            "title": "This has been paid",
            "text": f"Thank you. {as_text(session['amount_total'], session['currency'])} to {merchant} went through "
            "once; there is nothing more to do here.",
            "link": success_url(session),
            "link_text": f"Continue to {merchant}",
        }
        return render("gone.html", values)
    values = {
        "title": "This page has expired",
        "text": "Nothing was taken. Please go back and begin again.",
        "link": session["cancel_url"],
        "link_text": f"Back to {merchant}",
    }
    return render("gone.html", values, status=410)


def success_url(session: Obj) -> str:
    """Return where a donor goes after paying.

    Source: https://docs.stripe.com/payments/checkout/custom-success-page
    """
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _values(account: Account, session: Obj, entered: Entered) -> dict[str, Any]:
    every = ""
    if session["mode"] == "subscription":
        recurring = session["_items"][0]["price"]["recurring"]
        count = recurring["interval_count"]
        every = f"every {recurring['interval']}" if count == 1 else f"every {count} {recurring['interval']}s"
    total = as_text(session["amount_total"], session["currency"])
    debits = [kind for kind in session["payment_method_types"] if kind != "card"]
    return {
        "session": session,
        "merchant": account.terms.business_name,
        "total": total,
        "every": every,
        "verb": VERBS.get(session["submit_type"] or "", "Pay"),
        "entered": entered,
        "errors": dict(entered.errors),
        "cards": TEST_CARDS if "card" in session["payment_method_types"] else (),
        "debit": {"bacs_debit": "Bacs Direct Debit", "sepa_debit": "SEPA Direct Debit"}[debits[0]] if debits else "",
        "bank_accounts": [
            (number, DEBIT_TEXTS[failure]) for number, failure in (DEBIT_OUTCOMES[debits[0]].items() if debits else ())
        ],
        "email_needed": session["mode"] == "subscription" and session["customer_email"] is None,
        "intent_data": session["_intent_data"],
    }


async def _pay(request: Request) -> Response:
    form = {name: str(value) for name, value in (await request.form()).items()}
    response = await run_in_threadpool(_paid, request, form)
    request.app.state.background.changed()
    return response


@behaves("session-double-submit")
def _paid(request: Request, form: dict[str, str]) -> Response:
    with _sandbox(request).lock:
        _sandbox(request).run_due()
        found = _found(request)
        if found is None:
            return _shown(request, Entered())
        account, session = found
        entered = read(form)
        if session["status"] == "open":
            errors = mistakes(session, form, entered)
            if errors:
                return _shown(request, replace(entered, errors=errors), status=422)
            outcome = pay(account, session, wallet(form, entered))
        else:
            outcome = session["status"]
        if outcome == "requires_action":
            return RedirectResponse(f"/c/pay/{session['id']}/3ds", status_code=303)
        if outcome == "declined":
            return _shown(request, replace(entered, message=_why(account, session)), status=402)
        if outcome == "expired":
            return _shown(request, entered)
        return RedirectResponse(success_url(session), status_code=303)


def _why(account: Account, session: Obj) -> str:
    intent = account["payment_intents"].get(str(session["payment_intent"] or session["_intent"]))
    error = intent["last_payment_error"] or {}
    if error.get("code") == "payment_intent_authentication_failure":
        return MESSAGES["authentication"]
    return MESSAGES.get(error.get("decline_code", ""), MESSAGES["declined"])


async def _question(request: Request) -> Response:
    return await run_in_threadpool(_asked, request)


def _asked(request: Request) -> Response:
    with _sandbox(request).lock:
        _sandbox(request).run_due()
        found = _found(request)
        if found is None or found[1]["status"] != "open" or not _waiting(*found):
            return _shown(request, Entered())
        account, session = found
        values = {
            "session": session,
            "merchant": account.terms.business_name,
            "total": as_text(session["amount_total"], session["currency"]),
        }
        return render("three_d_secure.html", values, leads_to=(session["success_url"],))


def _waiting(account: Account, session: Obj) -> bool:
    intent_id = str(session["payment_intent"] or session.get("_intent"))
    intent = account["payment_intents"].find(intent_id)
    return intent is not None and intent["status"] == "requires_action"


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
        if outcome == "declined":
            return _shown(request, Entered(message=_why(account, session)), status=402)
        if outcome == "expired":
            return _shown(request, Entered())
        return RedirectResponse(success_url(session), status_code=303)
