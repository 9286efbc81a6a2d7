"""Public pages that are asked for far more often than they change: drawn once, sent many times.

A page is drawn again when something public was committed in this process, and at the latest after a second, so that
what other processes commit shows too. Routing and drawing cost twenty times the sending (measured), so this layer
stands above the router; what it does not know, it passes on. When only money came in, a campaign's words are not read
again: its total and its latest gifts are, and that is short enough to be done in line where the database is a file.
Each sending puts a token of its own into the giving form. A page with such a form has no ETag: a browser that kept it
would send the same token for two gifts.
"""

import asyncio
import re
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from anyio import to_thread
from sqlmodel import Session
from starlette.types import ASGIApp, Receive, Scope, Send

from fundraise.errors import NotFound
from fundraise.parts import Parts
from fundraise.sealing import new_ref
from fundraise.views.appeal_pages import AppealPage
from fundraise.views.public_pages import CampaignPage
from fundraise.web.pages import draw
from fundraise.web.public.appeal import appeal_page
from fundraise.web.public.campaign import TOKEN_PLACE, Words, campaign_words, with_figures

FRESH_SECONDS: Final = 1.0
WORDS_FRESH_SECONDS: Final = 1.0
MOST_PAGES: Final = 500
_PAGE: Final = re.compile(r"/([ac])/([a-z0-9-]{1,60})")


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A page's bytes, cut where the token goes, and the headers that go with it."""

    pieces: tuple[bytes, ...]
    headers: tuple[tuple[bytes, bytes], ...]
    version: int
    drawn_at: float


@dataclass(frozen=True, slots=True)
class _Read:
    """A campaign's words and when they were read."""

    words: Words
    version: int
    read_at: float


class HotPages:
    """Serves the public pages from memory."""

    def __init__(self, app: ASGIApp, parts: Parts) -> None:
        self._app = app
        self._parts = parts
        self._drawn: OrderedDict[str, _Drawn] = OrderedDict()
        self._drawing: dict[str, asyncio.Lock] = {}
        self._words: dict[str, _Read] = {}
        self._version = 0
        self._words_version = 0
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
                self._words_version += "gifts" not in topics

    async def _page(self, path: str, kind: str, slug: str) -> _Drawn | None:
        drawn = self._fresh(path)
        if drawn is not None:
            return drawn
        lock = self._drawing.setdefault(path, asyncio.Lock())
        async with lock:  # One draws; the others wait for it.
            drawn = self._fresh(path)
            if drawn is None:
                if self._parts.db.dialect == "sqlite" and kind == "c" and self._words_of(slug) is not None:
                    drawn = self._draw(kind, slug)
                else:
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
        page: AppealPage | CampaignPage
        try:
            with self._parts.db.read() as session:
                page = appeal_page(session, slug, now) if kind == "a" else self._campaign(session, slug, now)
        except NotFound:
            return None
        template = "public/appeal.html" if kind == "a" else "public/campaign.html"
        html = draw(self._parts.settings, template, page, now).encode()
        headers = ((b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-cache"))
        return _Drawn(tuple(html.split(TOKEN_PLACE.encode())), headers, version, drawn_at)

    def _campaign(self, session: Session, slug: str, now: datetime) -> CampaignPage:
        version, read_at = self._words_version, time.monotonic()
        words = self._words_of(slug)
        if words is None:
            words = campaign_words(session, slug, now, TOKEN_PLACE)
            if len(self._words) >= MOST_PAGES:
                self._words.clear()
            self._words[slug] = _Read(words, version, read_at)
        return with_figures(session, words, now)

    def _words_of(self, slug: str) -> Words | None:
        read = self._words.get(slug)
        if read is None or read.version != self._words_version:
            return None
        return read.words if time.monotonic() - read.read_at <= WORDS_FRESH_SECONDS else None

    def _keep(self, path: str, drawn: _Drawn) -> None:
        self._drawn[path] = drawn
        self._drawn.move_to_end(path)
        while len(self._drawn) > MOST_PAGES:
            old, _ = self._drawn.popitem(last=False)
            self._drawing.pop(old, None)
