"""The page behind an account link, where a person presses a button instead of telling Stripe who they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fundraise.sandbox.messages import Obj
from fundraise.sandbox.objects.account_links import finish, open_link
from fundraise.sandbox.rendering import not_found, render

if TYPE_CHECKING:
    from fundraise.sandbox.engine import Sandbox
    from fundraise.sandbox.world import Account


def routes() -> list[Route]:
    """Return the routes of the page."""
    return [
        Route("/setup/s/{link}", _page, methods=["GET"]),
        Route("/setup/s/{link}", _press, methods=["POST"]),
    ]


async def _page(request: Request) -> Response:
    response = await run_in_threadpool(_shown, request)
    request.app.state.background.changed()
    return response


def _shown(request: Request) -> Response:
    with _sandbox(request).lock:
        found = _found(request)
        if found is None:
            return not_found()
        account, link = found
        if not open_link(account, link):
            return RedirectResponse(link["refresh_url"], status_code=303)
        values = {"name": account.terms.business_name}
        return render("onboarding.html", values, leads_to=(link["return_url"], link["refresh_url"]))


def _sandbox(request: Request) -> Sandbox:
    sandbox: Sandbox = request.app.state.sandbox
    return sandbox


def _found(request: Request) -> tuple[Account, Obj] | None:
    _sandbox(request).run_due()
    found = _sandbox(request).world.owner(request.path_params["link"])
    return found if found is not None and found[1]["object"] == "account_link" else None


async def _press(request: Request) -> Response:
    form = await request.form()
    response = await run_in_threadpool(_pressed, request, finished=form.get("onboarding") == "finish")
    request.app.state.background.changed()
    return response


def _pressed(request: Request, *, finished: bool) -> Response:
    with _sandbox(request).lock:
        found = _found(request)
        if found is None:
            return not_found()
        account, link = found
        if not link["opened"]:
            return RedirectResponse(link["refresh_url"], status_code=303)
        if finished:
            finish(account)
        return RedirectResponse(link["return_url"], status_code=303)
