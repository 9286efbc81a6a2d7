"""Live totals: one frame drawn for all viewers of a campaign, sent as it changes.

A viewer costs a queue of one place and no thread. The total is looked at when something public was committed here, at
most twice a second, and otherwise once a second for what other processes commit; it is drawn once and sent to all.
"""

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from anyio import to_thread
from starlette.types import ASGIApp, Receive, Scope, Send

from fundraise import rendering
from fundraise.errors import NotFound
from fundraise.parts import Parts
from fundraise.views.parts import TotalView
from fundraise.web.public.campaign import total_fragment

LOOK_SECONDS: Final = 1.0
LEAST_BETWEEN_SECONDS: Final = 0.1
BREATH_SECONDS: Final = 20.0
MOST_VIEWERS: Final = 5000
_PATH: Final = re.compile(r"/c/([a-z0-9-]{1,60})/live")
_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


@dataclass(slots=True)
class _Channel:
    """The viewers of one campaign and the last frame they were sent."""

    slug: str
    viewers: set["asyncio.Queue[bytes]"] = field(default_factory=set)
    shown: TotalView | None = None
    frame: bytes = b""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None


class LiveTotals:
    """Takes `GET /c/{campaign}/live`; everything else is passed on."""

    def __init__(self, app: ASGIApp, parts: Parts) -> None:
        self._app = app
        self._parts = parts
        self._channels: dict[str, _Channel] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing = False
        parts.db.on_commit(self._hear)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream a campaign's total until the viewer goes or the product stops."""
        match = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        if match is None:
            await self._app(scope, receive, send)
            return
        self._loop = asyncio.get_running_loop()
        if sum(len(channel.viewers) for channel in self._channels.values()) >= MOST_VIEWERS:
            await send({"type": "http.response.start", "status": 503, "headers": [(b"retry-after", b"30")]})
            await send({"type": "http.response.body", "body": b""})
            return
        try:
            channel = await self._channel(match.group(1))
        except NotFound:
            await self._app(scope, receive, send)
            return
        await self._stream(channel, receive, send)

    def close(self) -> None:
        """Let every viewer go, so that the process can stop."""
        self._closing = True
        for channel in self._channels.values():
            for queue in channel.viewers:
                _put(queue, b"")

    def _hear(self, topics: frozenset[str]) -> None:
        if "public" in topics and self._loop is not None and self._channels:
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for channel in self._channels.values():
            channel.changed.set()

    async def _channel(self, slug: str) -> _Channel:
        channel = self._channels.get(slug)
        if channel is None:
            channel = _Channel(slug)
            await self._look(channel)
            channel = self._channels.setdefault(slug, channel)
        if channel.task is None or channel.task.done():
            channel.task = asyncio.create_task(self._watch(channel))
        return channel

    async def _stream(self, channel: _Channel, receive: Receive, send: Send) -> None:
        queue: asyncio.Queue[bytes] = asyncio.Queue(1)
        channel.viewers.add(queue)
        gone = asyncio.create_task(_until_gone(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await send({"type": "http.response.body", "body": channel.frame, "more_body": True})
            while not gone.done() and not self._closing:
                frame = await _next(queue, gone)
                if frame:
                    await send({"type": "http.response.body", "body": frame, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()
            channel.viewers.discard(queue)

    async def _watch(self, channel: _Channel) -> None:
        """Look at the total as long as somebody watches it."""
        while channel.viewers:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await channel.changed.wait()
            channel.changed.clear()
            if await self._look(channel):
                for queue in channel.viewers:
                    _put(queue, channel.frame)
            await asyncio.sleep(LEAST_BETWEEN_SECONDS)
        self._channels.pop(channel.slug, None)

    async def _look(self, channel: _Channel) -> bool:
        """Draw the total anew if it changed; tell whether it did."""
        view = await to_thread.run_sync(self._total, channel.slug)
        changed = channel.shown is None or _figure(view) != _figure(channel.shown)
        if changed:
            html = rendering.render("public/_total.html", page=view)
            channel.frame = (
                b"event: total\n" + b"".join(f"data: {line}\n".encode() for line in html.splitlines()) + b"\n"
            )
        channel.shown = view
        return changed

    def _total(self, slug: str) -> TotalView:
        with self._parts.db.read() as session:
            return total_fragment(session, slug, self._parts.clock.now())


def _figure(view: TotalView) -> tuple[object, ...]:
    """Return what makes a viewer want a new frame: the figures, not the time they were read at."""
    return (view.amount, view.gifts, view.on_its_way, view.not_converted)


def _put(queue: "asyncio.Queue[bytes]", frame: bytes) -> None:
    """Leave the newest frame for a viewer; one that was not fetched yet is of no use any more."""
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(frame)


async def _next(queue: "asyncio.Queue[bytes]", gone: "asyncio.Task[None]") -> bytes:
    """Return the next frame, a breath when nothing happened for a while, or nothing when the viewer went."""
    waiting = asyncio.ensure_future(queue.get())
    done, _ = await asyncio.wait({waiting, gone}, timeout=BREATH_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    if waiting in done:
        return waiting.result()
    waiting.cancel()
    return b"" if gone in done else b": still here\n\n"


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
