"""The whole product as one ASGI app: every door, over the parts that `assembly` puts together."""

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from fundraise import __version__, error_answers
from fundraise.api import campaigns as api_campaigns
from fundraise.api import reports as api_reports
from fundraise.api import totals as api_totals
from fundraise.assembly import build_parts
from fundraise.gateways.stripe.client import StripeGateway
from fundraise.jobs.runner import Runner
from fundraise.jobs.timetable import TIMETABLE
from fundraise.parts import Parts
from fundraise.settings import Settings, load_settings
from fundraise.showing.site import STATIC
from fundraise.web import health
from fundraise.web.guard import Guard
from fundraise.web.hot.live import LiveTotals
from fundraise.web.hot.pages import HotPages
from fundraise.web.hot.webhooks import WebhookDoor
from fundraise.web.public import appeal, gift, giving, home, report, tour, transfer
from fundraise.web.staff import doors as staff_doors
from fundraise.web.staff import entrance
from fundraise.web.staff.door import NotSignedIn

_A_YEAR = "public, max-age=31536000, immutable"


def create_app(settings: Settings, *, parts: Parts | None = None, run_jobs: bool | None = None) -> ASGIApp:
    """Make the whole product as one ASGI app; `run_jobs` overrides the setting `jobs_in_web`."""
    parts = parts or build_parts(settings)
    runs_jobs = settings.jobs_in_web if run_jobs is None else run_jobs
    return with_hot_doors(routed_app(parts, runs_jobs=runs_jobs), parts)


def routed_app(parts: Parts, *, runs_jobs: bool) -> FastAPI:
    """Make the app of all ordinary routes."""
    app = FastAPI(
        title="Fundraise",
        version=__version__,
        description="Campaigns and their totals. Amounts are whole minor units of their currency.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        redirect_slashes=False,
        lifespan=_lifespan(parts, runs_jobs=runs_jobs),
    )
    app.state.parts = parts
    for door in (  # Where crowds come stands first: each request is held against one route after the other.
        giving.router,
        gift.router,
        home.router,
        appeal.router,
        report.router,
        transfer.router,
        health.router,
        entrance.router,
        *staff_doors.ROUTERS,
    ):
        app.include_router(door, include_in_schema=False)
    if parts.settings.demo:
        app.include_router(tour.router, include_in_schema=False)
    for program_door in (api_campaigns.router, api_totals.router, api_reports.router):
        app.include_router(program_door)
    app.mount("/static", _Static(directory=STATIC), name="static")
    error_answers.install(app)
    app.add_exception_handler(NotSignedIn, entrance.not_signed_in)
    return app


def with_hot_doors(app: FastAPI, parts: Parts) -> ASGIApp:
    """Put the hot doors above the routes, the guard before them, and what is sent from memory before that."""
    return HotPages(Guard(WebhookDoor(LiveTotals(app, parts), parts), parts.settings), parts)


def app_from_environment() -> ASGIApp:
    """Make the product as the environment and `.env` say; every worker process begins here."""
    return create_app(load_settings())


def _lifespan(parts: Parts, *, runs_jobs: bool) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        gc.freeze()  # What was made until here stays; no search for garbage needs to go through it again.
        runner = Runner(parts, TIMETABLE) if runs_jobs else None
        if runner is not None:
            runner.start()
        yield
        if runner is not None:
            runner.stop()
        if isinstance(parts.payments, StripeGateway):
            await parts.payments.close()

    return lifespan


class _Static(StaticFiles):
    """Stylesheets and modules; an address with a version may be kept for good, since the version changes with them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        versioned = scope["query_string"].startswith(b"v=")
        response.headers["Cache-Control"] = _A_YEAR if versioned else "public, max-age=300"
        return response
