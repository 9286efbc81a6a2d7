"""Public pages that are asked for far more often than they change: drawn once, sent many times.

A page is drawn again when something public was committed in this process, and at the latest after a second, so that
what other processes commit shows too. Routing and drawing cost twenty times the sending (measured), so this layer
stands above the router; what it does not know, it passes on. Each sending puts a token of its own into the giving
form. A page with such a form has no ETag: a browser that kept it would send the same token for two gifts.
"""

import asyncio
import re
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from anyio import to_thread
from starlette.types import ASGIApp, Receive, Scope, Send

from fundraise.errors import NotFound
from fundraise.parts import Parts
from fundraise.sealing import new_ref
from fundraise.web.pages import draw
from fundraise.web.public.appeal import appeal_page
from fundraise.web.public.campaign import TOKEN_PLACE, campaign_page

FRESH_SECONDS: Final = 1.0
MOST_PAGES: Final = 500
_PAGE: Final = re.compile(r"/([ac])/([a-z0-9-]{1,60})")


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A page's bytes, cut where the token goes, and the headers that go with it."""

    pieces: tuple[bytes, ...]
    headers: tuple[tuple[bytes, bytes], ...]
    version: int
    drawn_at: float


class HotPages:
    """Serves the public pages from memory."""

    def __init__(self, app: ASGIApp, parts: Parts) -> None:
        self._app = app
        self._parts = parts
        self._drawn: OrderedDict[str, _Drawn] = OrderedDict()
        self._drawing: dict[str, asyncio.Lock] = {}
        self._version = 0
        self._lock = threading.Lock()
        parts.db.on_commit(self._hear)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send a page from memory, or pass the request on."""
        if scope["type"] != "http" or scope["method"] != "GET" or scope["query_string"]:
            await self._app(scope, receive, send)
            return
        match = _PAGE.fullmatch(scope["path"])
        drawn = await self._page(scope["path"], *match.groups()) if match else None
        if drawn is None:
            await self._app(scope, receive, send)
            return
        body = new_ref().encode().join(drawn.pieces)
        headers = [*drawn.headers, (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _hear(self, topics: frozenset[str]) -> None:
        if "public" in topics:
            with self._lock:
                self._version += 1

    async def _page(self, path: str, kind: str, slug: str) -> _Drawn | None:
        drawn = self._fresh(path)
        if drawn is not None:
            return drawn
        lock = self._drawing.setdefault(path, asyncio.Lock())
        async with lock:  # One draws; the others wait for it.
            drawn = self._fresh(path)
            if drawn is None:
                drawn = await to_thread.run_sync(self._draw, kind, slug)
                if drawn is not None:
                    self._keep(path, drawn)
        if drawn is None:
            self._drawing.pop(path, None)
        return drawn

    def _fresh(self, path: str) -> _Drawn | None:
        drawn = self._drawn.get(path)
        if drawn is None or drawn.version != self._version or time.monotonic() - drawn.drawn_at > FRESH_SECONDS:
            return None
        return drawn

    def _draw(self, kind: str, slug: str) -> _Drawn | None:
        version, drawn_at, now = self._version, time.monotonic(), self._parts.clock.now()
        try:
            with self._parts.db.read() as session:
                page = (
                    appeal_page(session, slug, now) if kind == "a" else campaign_page(session, slug, now, TOKEN_PLACE)
                )
        except NotFound:
            return None
        template = "public/appeal.html" if kind == "a" else "public/campaign.html"
        html = draw(self._parts.settings, template, page, now).encode()
        headers = ((b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-cache"))
        return _Drawn(tuple(html.split(TOKEN_PLACE.encode())), headers, version, drawn_at)

    def _keep(self, path: str, drawn: _Drawn) -> None:
        self._drawn[path] = drawn
        self._drawn.move_to_end(path)
        while len(self._drawn) > MOST_PAGES:
            old, _ = self._drawn.popitem(last=False)
            self._drawing.pop(old, None)
