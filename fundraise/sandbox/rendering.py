"""Pages from templates, each with a policy that lets nothing from elsewhere in."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from fundraise.sandbox.money import as_text

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _moment(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%-d %B %Y, %H:%M UTC")


def _day(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%-d %B %Y")


_ENVIRONMENT.filters["moment"] = _moment
_ENVIRONMENT.filters["day"] = _day
_ENVIRONMENT.filters["money"] = as_text


def render(template: str, values: dict[str, Any], *, status: int = 200, leads_to: tuple[str, ...] = ()) -> HTMLResponse:
    """Render a template; `leads_to` are addresses that a form on the page may end at besides the sandbox itself."""
    targets = " ".join(["'self'", *sorted({_origin(one) for one in leads_to if one})])
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action {targets}"
    )
    headers = {
        "content-security-policy": policy,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
    return HTMLResponse(_ENVIRONMENT.get_template(template).render(values), status_code=status, headers=headers)


def not_found(text: str = "There is no such page.") -> HTMLResponse:
    """Render the page that stands where there is none."""
    return render("gone.html", {"title": "Page not found", "text": text, "link": None, "link_text": ""}, status=404)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
