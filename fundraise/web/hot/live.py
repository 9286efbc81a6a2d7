"""Live totals: one frame drawn for all viewers of a campaign, sent as it changes.

A viewer costs a place in a set and no thread, no timer and no task but the one that hears of their leaving. The total
is looked at when something public was committed here, at most ten times a second, and otherwise once a second for what
other processes commit; it is drawn once and sent to all.
"""

import asyncio
import re
import time
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
_BREATH: Final = b": still here\n\n"
MOST_VIEWERS: Final = 5000
_PATH: Final = re.compile(r"/c/([a-z0-9-]{1,60})/live")
_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


class _Viewer:
    """Somebody who watches, and the frame that waits for them: only the newest is of any use."""

    def __init__(self) -> None:
        self._frame = b""
        self._come = asyncio.get_running_loop().create_future()
        self.is_gone = False

    def show(self, frame: bytes) -> None:
        """Leave a frame for this viewer."""
        self._frame = frame
        if not self._come.done():
            self._come.set_result(None)

    def leave(self, *_: object) -> None:
        """Let this viewer go."""
        self.is_gone = True
        self.show(b"")

    async def next(self) -> bytes:
        """Wait for the next frame; nothing when this viewer goes."""
        await self._come
        self._come = asyncio.get_running_loop().create_future()
        frame, self._frame = self._frame, b""
        if self.is_gone:
            return b""
        return frame


@dataclass(slots=True)
class _Channel:
    """The viewers of one campaign and the last frame they were sent."""

    slug: str
    viewers: set[_Viewer] = field(default_factory=set)
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
            for viewer in channel.viewers:
                viewer.leave()

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
        viewer = _Viewer()
        channel.viewers.add(viewer)
        gone = asyncio.create_task(_until_gone(receive))
        gone.add_done_callback(viewer.leave)
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await send({"type": "http.response.body", "body": channel.frame, "more_body": True})
            while not viewer.is_gone and not self._closing:
                frame = await viewer.next()
                if frame:
                    await send({"type": "http.response.body", "body": frame, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()
            channel.viewers.discard(viewer)

    async def _watch(self, channel: _Channel) -> None:
        """Look at the total as long as somebody watches it, and breathe when it does not change."""
        sent_at = time.monotonic()
        while channel.viewers:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await channel.changed.wait()
            channel.changed.clear()
            changed = await self._look(channel)
            if changed or time.monotonic() - sent_at > BREATH_SECONDS:
                sent_at = time.monotonic()
                for viewer in channel.viewers:
                    viewer.show(channel.frame if changed else _BREATH)
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


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
