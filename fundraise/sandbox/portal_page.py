"""The page of a billing portal session: a donor ends a repeating gift, or keeps it after all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fundraise.sandbox.messages import Obj
from fundraise.sandbox.money import as_text
from fundraise.sandbox.objects.subscription_states import cancel_at_period_end, period_end
from fundraise.sandbox.rendering import not_found, render

if TYPE_CHECKING:
    from fundraise.sandbox.engine import Sandbox
    from fundraise.sandbox.world import Account


def routes() -> list[Route]:
    """Return the routes of the portal page."""
    return [
        Route("/p/session/{portal}", _page, methods=["GET"]),
        Route("/p/session/{portal}", _change, methods=["POST"]),
    ]


async def _page(request: Request) -> Response:
    return await run_in_threadpool(_shown, request)


def _shown(request: Request) -> Response:
    sandbox: Sandbox = request.app.state.sandbox
    with sandbox.lock:
        sandbox.run_due()
        found = sandbox.world.owner(request.path_params["portal"])
        if found is None or found[1]["object"] != "billing_portal.session":
            return not_found()
        account, portal = found
        return render("portal.html", _values(account, portal), leads_to=(_leads_to(portal),))


def _leads_to(portal: Obj) -> str:
    """Return where a donor goes after stopping a gift, where the flow says so."""
    redirect = (portal["flow"] or {"after_completion": {}})["after_completion"].get("redirect")
    return str(redirect["return_url"]) if redirect else ""


def _values(account: Account, portal: Obj) -> dict[str, Any]:
    rows = account["subscriptions"].where("customer", portal["customer"])[::-1]
    return {
        "merchant": account.terms.business_name,
        "portal": portal,
        "email": (account["customers"].find(portal["customer"]) or {"email": None})["email"],
        "gifts": [
            {
                "id": row["id"],
                "amount": as_text(
                    sum(item["price"]["unit_amount"] * item["quantity"] for item in row["items"]["data"]),
                    row["currency"],
                ),
                "interval": row["items"]["data"][0]["price"]["recurring"]["interval"],
                "status": row["status"],
                "ending": row["cancel_at_period_end"],
                "until": period_end(row),
            }
            for row in rows
        ],
    }


async def _change(request: Request) -> Response:
    form = {name: str(value) for name, value in (await request.form()).items()}
    response = await run_in_threadpool(_changed, request, form)
    request.app.state.background.changed()
    return response


def _changed(request: Request, form: dict[str, str]) -> Response:
    sandbox: Sandbox = request.app.state.sandbox
    with sandbox.lock:
        found = sandbox.world.owner(request.path_params["portal"])
        if found is not None:
            account, portal = found
            wanted = form.get("cancel") or form.get("keep") or ""
            row = account["subscriptions"].find(wanted)
            if row is not None and row["customer"] == portal["customer"] and row["status"] != "canceled":
                cancel_at_period_end(account, row, wanted="cancel" in form)
                if "cancel" in form and _leads_to(portal):
                    return RedirectResponse(_leads_to(portal), status_code=303)
        return RedirectResponse(request.url.path, status_code=303)
