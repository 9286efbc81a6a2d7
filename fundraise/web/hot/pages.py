"""Public pages that are asked for far more often than they change: drawn once, sent many times.

A page is drawn again when something public was committed in this process, and at the latest after a second, so that
what other processes commit shows too. Routing and drawing cost twenty times the sending, and the guard half of it
(measured), so this layer stands before both; what it does not know or cannot draw, it passes on. When only money came
in, a campaign's words are not read again: its total and its latest gifts are, and that is short enough to be done in
line where the database is a file. Each sending puts a token of its own into the giving form. A page with such a form
has no ETag: a browser that kept it would send the same token for two gifts.
"""

import asyncio
import logging
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
from fundraise.rendering import render
from fundraise.sealing import new_ref
from fundraise.web.guard import security_headers
from fundraise.web.pages import draw
from fundraise.web.public.appeal import appeal_page
from fundraise.web.public.campaign import TOKEN_PLACE, Words, campaign_figures, campaign_words

FRESH_SECONDS: Final = 1.0
WORDS_FRESH_SECONDS: Final = 1.0
MOST_PAGES: Final = 500
_OWN_HEADERS: Final = ((b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-cache"))
_FIGURES: Final = "<!-- figures -->"  # In _campaign_words.html.
_PAGE: Final = re.compile(r"/([ac])/([a-z0-9-]{1,60})")
logger = logging.getLogger(__name__)


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
    pieces: tuple[str, str, str]  # Its page, cut where the total goes and where the latest gifts go.
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
        always = [header for header in security_headers(parts.settings) if header[0] != b"cache-control"]
        self._headers = (*_OWN_HEADERS, *always)
        parts.db.on_commit(self._hear)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send a page from memory, or pass the request on."""
        drawn = None
        if scope["type"] == "http" and scope["method"] == "GET" and not scope["query_string"]:
            drawn = self._fresh(scope["path"]) or await self._page(scope["path"])
        if drawn is None:
            await self._app(scope, receive, send)
            return
        body = new_ref().encode().join(drawn.pieces)
        headers = [*drawn.headers, (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _hear(self, topics: frozenset[str]) -> None:
        if "public" in topics:
            with self._lock:
                self._version += 1
                self._words_version += "gifts" not in topics

    async def _page(self, path: str) -> _Drawn | None:
        """Return a page that is fresh; None for what is no page, or cannot be drawn: the router says why not."""
        match = _PAGE.fullmatch(path)
        if match is None:
            return None
        kind, slug = match.groups()
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
        try:
            html = self._html(kind, slug, now)
        except NotFound:
            return None
        except Exception:
            logger.exception("drawing /%s/%s", kind, slug)
            return None
        return _Drawn(tuple(html.split(TOKEN_PLACE.encode())), self._headers, version, drawn_at)

    def _html(self, kind: str, slug: str, now: datetime) -> bytes:
        if kind == "a":
            with self._parts.db.read() as session:
                page = appeal_page(session, slug, now)
            return draw(self._parts.settings, "public/appeal.html", page, now).encode()
        with self._parts.db.read() as session:
            read = self._words_of(slug) or self._read_words(session, slug, now)
            figures = campaign_figures(session, read.words.campaign, now)
        above, between, below = read.pieces
        total = render("public/_total.html", page=figures.total)
        gifts = render("public/_latest_gifts.html", page=figures)
        return f"{above}{total}{between}{gifts}{below}".encode()

    def _read_words(self, session: Session, slug: str, now: datetime) -> _Read:
        version, read_at = self._words_version, time.monotonic()
        words = campaign_words(session, self._parts.payments, slug, now, TOKEN_PLACE)
        html = draw(self._parts.settings, "public/_campaign_words.html", words.page, now)
        above, between, below = html.split(_FIGURES)
        if len(self._words) >= MOST_PAGES:
            self._words.clear()
        read = self._words[slug] = _Read(words, (above, between, below), version, read_at)
        return read

    def _words_of(self, slug: str) -> _Read | None:
        read = self._words.get(slug)
        if read is None or read.version != self._words_version:
            return None
        return read if time.monotonic() - read.read_at <= WORDS_FRESH_SECONDS else None

    def _keep(self, path: str, drawn: _Drawn) -> None:
        self._drawn[path] = drawn
        self._drawn.move_to_end(path)
        while len(self._drawn) > MOST_PAGES:
            old, _ = self._drawn.popitem(last=False)
            self._drawing.pop(old, None)
