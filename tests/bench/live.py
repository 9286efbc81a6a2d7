"""A thousand viewers of one live total: how long until the last of them has seen a change."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from fundraise.flows.settle import settle_payment
from fundraise.parts import Parts
from fundraise.stripe_accounts.questions import account_by_slug, key_of
from tests.bench.gifts import begin, fetched, payment_id_of
from tests.bench.measuring import Row, bounded
from tests.bench.opening import parts_of
from tests.bench.place import Place
from tests.bench.serving import environment, free_port, once_up, process

_VIEWERS = 1000
_ASK = b"GET /c/winter/live HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n"


def bench(place: Place) -> Iterator[Row]:
    """Watch changes that are committed in the served process, and by another."""
    settings = place.books.of("sqlite", 10_000)
    port, first, elsewhere = free_port(), 5_000_000, 6_000_000
    changes = 5 if place.quick else 15
    argv = [sys.executable, "-m", "tests.bench.served", str(port), str(first)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with (
        process(argv, environment(settings), place.folder, **pipes) as served,
        parts_of(settings, fetched(elsewhere, changes)) as parts,
    ):
        once_up(port)
        begin(parts, elsewhere, changes)
        here, there = asyncio.run(_watch(port, served, parts, (first, elsewhere), changes))
    yield bounded("Slowest of 1,000 viewers, commit in the same process", max(here), 250, "ms")
    yield bounded("Slowest of 1,000 viewers, commit in another process", max(there), 1500, "ms")


async def _watch(
    port: int, served: "subprocess.Popen[str]", parts: Parts, numbers: tuple[int, int], changes: int
) -> tuple[list[float], list[float]]:
    viewers = [_Viewer() for _ in range(_VIEWERS)]
    for viewer in viewers:
        await viewer.connect(port)
    await _until(lambda: all(viewer.frames for viewer in viewers))
    here, there = [], []
    with parts.db.read() as session:
        account = account_by_slug(session, "shelter")
        key = key_of(account, parts.sealer)
    for place in range(changes):
        here.append(await _slowest(viewers, lambda place=place: _told(served, numbers[0] + place)))
        await asyncio.sleep(0.3 + 0.1 * (place % 7))
        payment_id = payment_id_of(numbers[1] + place)

        def settle(payment_id: str = payment_id) -> float:
            settle_payment(parts, account.id, key, payment_id)
            return time.monotonic()

        there.append(await _slowest(viewers, settle))
        await asyncio.sleep(0.3)
    for viewer in viewers:
        viewer.transport.close()
    return here, there


async def _slowest(viewers: "list[_Viewer]", change: Callable[[], float]) -> float:
    """Make a change; return the milliseconds from its commit until the last viewer had it."""
    for viewer in viewers:
        viewer.frames = 0
    committed = await asyncio.to_thread(change)
    await _until(lambda: all(viewer.frames for viewer in viewers))
    return (max(viewer.at for viewer in viewers) - committed) * 1000


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110  A thousand connections set no event; one look at all of them is less.
            await asyncio.sleep(0.01)


def _told(served: "subprocess.Popen[str]", number: int) -> float:
    if served.stdin is None or served.stdout is None:
        raise RuntimeError("the served product cannot be told anything")
    served.stdin.write(f"settle {number}\n")
    served.stdin.flush()
    return float(served.stdout.readline())


class _Viewer(asyncio.Protocol):
    """A connection that notes when a frame came."""

    def __init__(self) -> None:
        self.frames = 0
        self.at = 0.0

    async def connect(self, port: int) -> None:
        """Open the stream."""
        transport, _ = await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", port)
        self.transport = transport
        transport.write(_ASK)

    def data_received(self, data: bytes) -> None:
        """Note the moment of a frame."""
        if b"event: total" in data:
            self.frames += 1
            self.at = time.monotonic()
