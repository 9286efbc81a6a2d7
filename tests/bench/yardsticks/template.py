"""The campaign page's template, rendered by FastAPI for each request from values that lie in memory."""

from datetime import UTC, datetime

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from fundraise.assembly import build_parts
from fundraise.rendering import render
from fundraise.settings import load_settings
from fundraise.showing.site import site
from fundraise.web.public.campaign import campaign_page

app = FastAPI()
_parts = build_parts(load_settings())
with _parts.db.read() as _session:
    PAGE = campaign_page(_session, _parts.payments, "winter", _parts.clock.now(), "a-token-0000000")
SITE = site(_parts.settings, datetime.now(UTC).year)


@app.get("/c/{slug}", response_class=HTMLResponse)
async def campaign(slug: str) -> HTMLResponse:
    """Render."""
    return HTMLResponse(render("public/campaign.html", page=PAGE, site=SITE))
