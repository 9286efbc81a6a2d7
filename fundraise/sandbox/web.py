"""The sandbox over HTTP: the API, the pages of donors, the control plane. For this machine alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from fundraise.sandbox import control_page, onboarding_page, pay_page, portal_page, save_page
from fundraise.sandbox.background import Background
from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.control.actions import ACTIONS
from fundraise.sandbox.deliver import deliver_due, is_loopback
from fundraise.sandbox.engine import Sandbox
from fundraise.sandbox.messages import ApiReply, ApiRequest, ControlError

HERE = Path(__file__).parent


def create_sandbox_app(
    sandbox: Sandbox,
    *,
    deliveries: Literal["automatic", "manual"] = "automatic",
    state_path: Path | None = None,
) -> Starlette:
    """Build the app. "automatic" sends webhooks from a thread; "manual" only on `POST /_sandbox/deliver`.

    With `state_path` the state is saved there after changes.
    """
    background = Background(sandbox, deliveries=deliveries == "automatic", state_path=state_path)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        background.start()
        yield
        await run_in_threadpool(background.stop)

    app = Starlette(
        routes=[
            Route("/v1/{rest:path}", _api, methods=["GET", "POST", "DELETE"]),
            Route("/_sandbox/deliver", _deliver, methods=["POST"]),
            *control_page.routes(),
            Route("/_sandbox/{action}", _control, methods=["GET", "POST"]),
            *onboarding_page.routes(),
            *pay_page.PAGE.routes(),
            *save_page.PAGE.routes(),
            *portal_page.routes(),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        middleware=[Middleware(LoopbackOnly)],
        lifespan=lifespan,
    )
    app.state.sandbox = sandbox
    app.state.background = background
    return app


class LoopbackOnly:
    """Refuses everything that does not come from this machine, under this machine's name, from its own pages."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    @behaves("loopback-only")
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 403."""
        if scope["type"] == "http":
            request = Request(scope)
            client = request.client.host if request.client else ""
            host = request.url.hostname or ""
            foreign = request.headers.get("sec-fetch-site") == "cross-site" and request.method == "POST"
            if not is_loopback(client) or not is_loopback(host) or foreign:
                refusal = PlainTextResponse("This local Stripe answers this machine alone.\n", status_code=403)
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


async def _api(request: Request) -> Response:
    sandbox: Sandbox = request.app.state.sandbox
    call = ApiRequest(
        method=request.method,
        path=request.url.path,
        query=request.scope["query_string"],
        body=await request.body(),
        headers=dict(request.headers),
    )
    reply = await run_in_threadpool(sandbox.handle, call)
    if request.method != "GET":
        request.app.state.background.changed()
    if reply.mishap is not None:
        return _Mishap(reply)
    return Response(reply.body, status_code=reply.status, headers=reply.headers)


class _Mishap(Response):
    """A reply that hangs, comes by half, or never comes."""

    def __init__(self, reply: ApiReply) -> None:
        super().__init__(reply.body, status_code=reply.status, headers=reply.headers)
        self._reply = reply

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        mishap = self._reply.mishap
        if mishap is None or not (mishap.cut_short or mishap.disconnect):
            await self._patience(receive)
            await super().__call__(scope, receive, send)
            return
        # The promised length is never reached: the server closes the connection where this returns.
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = b"" if mishap.disconnect else self._reply.body[: len(self._reply.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await self._patience(receive)

    async def _patience(self, receive: Receive) -> None:
        """Wait as long as the fault says, or until the caller has gone."""
        seconds = self._reply.mishap.hang_seconds if self._reply.mishap else 0.0
        if seconds > 0:
            try:
                await asyncio.wait_for(receive(), timeout=seconds)
            except TimeoutError:
                return


async def _deliver(request: Request) -> Response:
    state = request.app.state
    happened = await run_in_threadpool(deliver_due, state.sandbox, state.background.client)
    state.background.changed()
    return JSONResponse({"deliveries": happened})


READS = {"accounts": False, "bank-statement": True, "check-books": True, "clock": False, "deliveries": False,
         "events": True, "fault": False, "requests": True}  # fmt: skip
"""What GET may do, and whether its query is taken as details: looking changes nothing, whoever's page asks for it."""


async def _control(request: Request) -> Response:
    """Answer `/_sandbox/{action}`: details from a JSON body (POST) or, to look only, from the query (GET)."""
    action, details = request.path_params["action"], {}
    if request.method == "GET":
        if action in ACTIONS and action not in READS:
            return JSONResponse({"error": f"{action} changes something: POST it"}, status_code=405)
        details = dict(request.query_params) if READS.get(action) else {}
    elif await request.body():
        try:
            details = dict(await request.json())
        except (TypeError, ValueError):
            return JSONResponse({"error": "the body must be a JSON object"}, status_code=400)
    try:
        result = await run_in_threadpool(request.app.state.sandbox.control, action, details)
    except ControlError as error:
        return JSONResponse({"error": str(error)}, status_code=error.status)
    if request.method == "POST":
        request.app.state.background.changed()
    return JSONResponse(result)
