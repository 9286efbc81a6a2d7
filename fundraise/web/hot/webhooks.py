"""The door Stripe knocks on. It verifies, keeps and answers; nothing else.

Notices come in bursts, and each must be safe on disk before it is answered. Several that wait at the same moment are
committed together: a commit costs the same for one as for fifty. That, and standing above the router, is why this door
differs from an ordinary route.
"""

import asyncio
import logging
import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from fundraise.errors import NotFound
from fundraise.flows.hear import Listener, keep
from fundraise.inbox import Arrival
from fundraise.parts import Parts
from fundraise.payments import BadSignature

MOST_TOGETHER: Final = 200
_PATH: Final = re.compile(r"/webhooks/stripe/([a-z0-9-]{1,60})")
logger = logging.getLogger(__name__)


class WebhookDoor:
    """Takes `POST /webhooks/stripe/{account}`; everything else is passed on."""

    def __init__(self, app: ASGIApp, parts: Parts) -> None:
        self._app = app
        self._listener = Listener(parts)
        self._keeper = _Keeper(parts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 200 once the notice is safe or is none of ours, 400 for what is not from Stripe, 404 and 5xx else."""
        match = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if match is None:
            await self._app(scope, receive, send)
            return
        body = await _body(receive)
        status = await self._hear(match.group(1), body, _signature(scope)) if body is not None else 400
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [(b"content-type", b"text/plain; charset=utf-8")],
            }
        )
        await send({"type": "http.response.body", "body": b"" if status == 200 else b"not taken"})  # noqa: PLR2004

    async def _hear(self, slug: str, body: bytes, signature: str) -> int:
        try:
            arrival = self._listener.listen(slug, body, signature)
            if arrival is not None:
                await self._keeper.keep(arrival)
        except NotFound:
            return 404
        except (BadSignature, ValueError) as problem:
            logger.warning("webhook of %s refused: %s", slug, problem)
            return 400
        except Exception:  # Whatever it was, Stripe is to send this notice again.
            logger.exception("webhook of %s", slug)
            return 503
        return 200


class _Keeper:
    """Gathers what waits while one commit is under way, and commits it with the next.

    One thread does it. Others have work that may take long, and notices do not wait behind it.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="webhooks")
        self._waiting: list[tuple[Arrival, asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def keep(self, arrival: Arrival) -> None:
        """Return once the notice is committed; raise what the commit raised."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrival, done))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        await done

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
            try:
                await self._begin([arrival for arrival, _ in batch])
            except Exception as problem:  # Every sender of this batch is to hear that nothing is certain.
                for _, done in batch:
                    if not done.done():
                        done.set_exception(problem)
            else:
                for _, done in batch:
                    if not done.done():
                        done.set_result(None)

    def _begin(self, arrivals: list[Arrival]) -> asyncio.Future[int]:
        """Let the thread begin to commit, and give it the interpreter so that it does so before others are heard."""
        begun = asyncio.get_running_loop().run_in_executor(self._thread, keep, self._parts, arrivals)
        time.sleep(0)
        return begun


async def _body(receive: Receive) -> bytes | None:
    """Return the raw body, whose very bytes are signed; None when the sender went away."""
    chunks = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)


def _signature(scope: Scope) -> str:
    """Return the one signature header; two of them are as good as none."""
    found = [value for name, value in scope["headers"] if name == b"stripe-signature"]
    return found[0].decode("latin-1") if len(found) == 1 else ""
