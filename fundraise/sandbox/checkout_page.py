"""The page of a Checkout Session and the bank's 3-D Secure question, for paying and for saving a card alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.messages import Obj
from fundraise.sandbox.objects.checkout_payment import Wallet
from fundraise.sandbox.pay_form import MESSAGES, Entered, mistakes, read, wallet
from fundraise.sandbox.rendering import not_found, render

if TYPE_CHECKING:
    from fundraise.sandbox.engine import Sandbox
    from fundraise.sandbox.world import Account


class Authenticate(Protocol):
    """Take the answer to the bank's question; return how the attempt went on."""

    def __call__(self, account: Account, session: Obj, *, passed: bool) -> str:
        """Return "succeeded", "processing", "declined", or the status of a Session that is not open any more."""
        ...


@dataclass(frozen=True, kw_only=True)
class CheckoutPage:
    """A page at `path` for Sessions of `modes`: what it shows, and what happens on it."""

    path: str
    modes: frozenset[str]
    template: str
    values: Callable[[Account, Obj, Entered], Obj]
    done: Callable[[Account, Obj], tuple[str, str]]  # Title and text once the Session is complete.
    nothing_done: str  # What an expired page says.
    attempt: Callable[[Account, Obj, Wallet], str]
    intent: Callable[[Account, Obj], Obj | None]
    error: str  # The field of the intent that tells why an attempt failed.
    authentication_failed: str  # The code of a failed 3-D Secure question in it.
    total: Callable[[Obj], str | None]  # What the bank asks for; None where it only keeps a card.
    authenticate: Authenticate

    def routes(self) -> list[Route]:
        """Return the routes of the page."""
        address = self.path + "/{session}"
        return [
            Route(address, self._page, methods=["GET"]),
            Route(address, self._send, methods=["POST"]),
            Route(f"{address}/3ds", self._question, methods=["GET"]),
            Route(f"{address}/3ds", self._answer, methods=["POST"]),
        ]

    async def _page(self, request: Request) -> Response:
        return await run_in_threadpool(self._shown, request, Entered())

    def _shown(self, request: Request, entered: Entered, status: int = 200) -> Response:
        with _sandbox(request).lock:
            _sandbox(request).run_due()
            found = self._found(request)
            if found is None:
                return not_found("There is no such payment page.")
            account, session = found
            if session["status"] != "open":
                return self._ended(account, session)
            leads_to = (session["success_url"], session["cancel_url"] or "")
            values = self.values(account, session, entered)
            return render(self.template, values, status=status, leads_to=leads_to)

    def _found(self, request: Request) -> tuple[Account, Obj] | None:
        found = _sandbox(request).world.owner(request.path_params["session"])
        is_one = found is not None and found[1]["object"] == "checkout.session" and found[1]["mode"] in self.modes
        return found if is_one else None

    def _ended(self, account: Account, session: Obj) -> Response:
        merchant = account.terms.business_name
        if session["status"] == "complete":
            title, text = self.done(account, session)
            link = {"link": success_url(session), "link_text": f"Continue to {merchant}"}
            return render("gone.html", {"title": title, "text": text, **link})
        text = f"{self.nothing_done} Please go back and begin again."
        link = {"link": session["cancel_url"], "link_text": f"Back to {merchant}"}
        return render("gone.html", {"title": "This page has expired", "text": text, **link}, status=410)

    async def _send(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        response = await run_in_threadpool(self._tried, request, form)
        request.app.state.background.changed()
        return response

    @behaves("session-double-submit")
    def _tried(self, request: Request, form: dict[str, str]) -> Response:
        with _sandbox(request).lock:
            _sandbox(request).run_due()
            found = self._found(request)
            if found is None:
                return self._shown(request, Entered())
            account, session = found
            entered = read(form)
            if session["status"] != "open":
                return self._after(request, account, session, session["status"], entered)
            errors = mistakes(session, form, entered)
            if errors:
                return self._shown(request, replace(entered, errors=errors), status=422)
            outcome = self.attempt(account, session, wallet(form, entered))
            if outcome == "requires_action":
                return RedirectResponse(f"{self.path}/{session['id']}/3ds", status_code=303)
            return self._after(request, account, session, outcome, entered)

    def _after(self, request: Request, account: Account, session: Obj, outcome: str, entered: Entered) -> Response:
        if outcome == "declined":
            return self._shown(request, replace(entered, message=self._why(account, session)), status=402)
        if outcome == "expired":
            return self._shown(request, entered)
        return RedirectResponse(success_url(session), status_code=303)

    def _why(self, account: Account, session: Obj) -> str:
        error = (self.intent(account, session) or {}).get(self.error) or {}
        if error.get("code") == self.authentication_failed:
            return MESSAGES["authentication"]
        return MESSAGES.get(error.get("decline_code", ""), MESSAGES["declined"])

    async def _question(self, request: Request) -> Response:
        return await run_in_threadpool(self._asked, request)

    def _asked(self, request: Request) -> Response:
        with _sandbox(request).lock:
            _sandbox(request).run_due()
            found = self._found(request)
            intent = self.intent(*found) if found is not None and found[1]["status"] == "open" else None
            if found is None or intent is None or intent["status"] != "requires_action":
                return self._shown(request, Entered())
            account, session = found
            values = {"session": session, "merchant": account.terms.business_name, "total": self.total(session)}
            return render("three_d_secure.html", values, leads_to=(session["success_url"],))

    async def _answer(self, request: Request) -> Response:
        form = await request.form()
        response = await run_in_threadpool(self._answered, request, passed=form.get("authentication") == "complete")
        request.app.state.background.changed()
        return response

    def _answered(self, request: Request, *, passed: bool) -> Response:
        with _sandbox(request).lock:
            _sandbox(request).run_due()
            found = self._found(request)
            if found is None:
                return self._shown(request, Entered())
            outcome = self.authenticate(*found, passed=passed)
            return self._after(request, *found, outcome, Entered())


def _sandbox(request: Request) -> Sandbox:
    sandbox: Sandbox = request.app.state.sandbox
    return sandbox


def success_url(session: Obj) -> str:
    """Return where a donor goes after paying.

    Source: https://docs.stripe.com/payments/checkout/custom-success-page
    """
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])
