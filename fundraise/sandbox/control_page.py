"""The control page of the demo: one simple HTML page over the control actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fundraise.sandbox import books
from fundraise.sandbox.control.discrepancies import RECIPES
from fundraise.sandbox.messages import ControlError, Obj
from fundraise.sandbox.rendering import render
from fundraise.sandbox.tables import Query

if TYPE_CHECKING:
    from fundraise.sandbox.engine import Sandbox
    from fundraise.sandbox.world import Account

LATEST = Query(limit=12)
OFFERED = ("clock", "refund", "dispute", "payout", "payout-fail", "refund-fail", "deliveries", "external-charge",
           "discrepancy")  # fmt: skip


def routes() -> list[Route]:
    """Return the routes of the control page."""
    return [
        Route("/_sandbox/", _page, methods=["GET"]),
        Route("/_sandbox/do/{action}", _do, methods=["POST"]),
        Route("/_sandbox/file", _file, methods=["GET"]),
    ]


async def _page(request: Request) -> Response:
    return await run_in_threadpool(_shown, request)


def _shown(request: Request, message: str = "", status: int = 200) -> Response:
    sandbox: Sandbox = request.app.state.sandbox
    with sandbox.lock:
        sandbox.run_due()
        world = sandbox.world
        values = {
            "now": world.clock.now(),
            "message": message,
            "accounts": [_account(account) for account in world.accounts.values()],
            "settings": world.post.settings,
            "waiting": len(world.post.open),
            "deliveries": list(world.post.done)[-12:][::-1],
            "discrepancies": sorted(RECIPES),
            "findings": books.check_books(world),
        }
    return render("control.html", values, status=status)


def _account(account: Account) -> dict[str, Any]:
    held = [
        (currency, account.available.get(currency, 0), account.pending.get(currency, 0))
        for currency in sorted({*account.settles(), *account.available, *account.pending})
    ]
    disputes = {row["charge"]: row for row in account["disputes"].rows}
    return {
        "id": account.id,
        "name": account.terms.business_name,
        "platform": account.platform,
        "held": held,
        "charges": [(row, disputes.get(row["id"])) for row in account["charges"].page(LATEST)[0]],
        "payouts": account["payouts"].page(LATEST)[0],
        "refunds": account["refunds"].page(LATEST)[0],
    }


async def _do(request: Request) -> Response:
    form = {name: str(value) for name, value in (await request.form()).items() if value != ""}
    action = request.path_params["action"]
    if action not in OFFERED:
        return await run_in_threadpool(_shown, request, f"There is no action {action} here.", 404)
    sandbox: Sandbox = request.app.state.sandbox
    try:
        await run_in_threadpool(sandbox.control, action, _details(action, form))
    except (ControlError, ValueError) as error:
        return await run_in_threadpool(_shown, request, str(error), 409)
    request.app.state.background.changed()
    return RedirectResponse("/_sandbox/", status_code=303)


def _details(action: str, form: dict[str, str]) -> Obj:
    if action != "deliveries":
        return dict(form)
    return {
        "drop_rate": float(form.get("drop_rate", "0")),
        "duplicate_rate": float(form.get("duplicate_rate", "0")),
        "shuffle": form.get("shuffle") == "on",
    }


async def _file(request: Request) -> Response:
    sandbox: Sandbox = request.app.state.sandbox
    try:
        made = await run_in_threadpool(sandbox.control, "bank-statement", dict(request.query_params))
    except ControlError as error:
        return await run_in_threadpool(_shown, request, str(error), error.status)
    headers = {"content-disposition": f'attachment; filename="{made["filename"]}"'}
    return Response(made["content"], media_type=made["media_type"], headers=headers)
