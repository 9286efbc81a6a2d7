"""Answering with a page."""

from datetime import datetime
from typing import Any

from starlette.responses import HTMLResponse

from fundraise.parts import Parts
from fundraise.rendering import render
from fundraise.settings import Settings
from fundraise.showing.site import site


def answer(parts: Parts, template: str, page: Any, *, status: int = 200, private: bool = False) -> HTMLResponse:
    """Draw a page; a private one is kept nowhere on its way."""
    headers = {"Cache-Control": "no-store" if private else "no-cache"}
    return HTMLResponse(draw(parts.settings, template, page, parts.clock.now()), status, headers)


def draw(settings: Settings, template: str, page: Any, now: datetime) -> str:
    """Draw a template with its page and the site."""
    return render(template, page=page, site=site(settings, now.year))
