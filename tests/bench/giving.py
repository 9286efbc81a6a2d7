"""Starting donations while Stripe takes its time, and what other pages notice of a Stripe that hangs."""

import os
import statistics
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.measuring import Row, at_most, bounded
from tests.bench.place import Place
from tests.bench.serving import product, wrk, yardstick

_SCRIPT = Path(__file__).parent / "giving.lua"
_DONORS = 200
_TAKES_SECONDS = 0.3
_HANGS_SECONDS = 10
# Pages that are drawn for each request, above and below the layer that sends pages from memory.
_OTHER_PAGES = ("/c/winter", "/c/winter?fresh", "/c/winter/e/quiz", "/api/v1/campaigns/winter", "/")


def bench(place: Place) -> Iterator[Row]:
    """Measure starts a second with 200 donors waiting, and the other pages beside a Stripe that hangs."""
    settings = place.books.of("sqlite", 10_000)
    seconds, rounds = (5.0, 1) if place.quick else (12.0, 3)
    with yardstick("slow_stripe", place.folder, BENCH_DELAY=str(_TAKES_SECONDS)) as stripe:
        slow = settings.model_copy(update={"stripe_api_base": stripe})
        with product(slow, place.folder) as ours:
            seen = [
                wrk(ours, seconds=seconds, connections=_DONORS, script=_SCRIPT, BENCH_NAME=f"start{turn}-{os.getpid()}")
                for turn in range(rounds)
            ]
    rate = statistics.median(load.per_second for load in seen)
    ideal = _DONORS / _TAKES_SECONDS
    yield Row(
        "Starting a donation, Stripe takes 300 ms, 200 donors waiting, beside 200 / 0.3 s",
        f"{rate:.0f} gifts/s",
        f"{ideal:.0f} gifts/s",
        f"{rate / ideal:.2f}",
        "≥ 0.3 ×",
        rate / ideal >= 0.3,
    )
    yield bounded("Starts that failed", sum(load.failures for load in seen), 0, "")
    with yardstick("slow_stripe", place.folder, BENCH_DELAY=str(_HANGS_SECONDS)) as stripe:
        hanging = settings.model_copy(update={"stripe_api_base": stripe})
        with product(hanging, place.folder) as ours:
            yield from _others(ours, 2 if place.quick else 5)


def _others(ours: str, rounds: int) -> Iterator[Row]:
    """Measure each page idle, and with 200 donors waiting for a Stripe that hangs, in turn."""
    idle: dict[str, list[float]] = {page: [] for page in _OTHER_PAGES}
    beside: dict[str, list[float]] = {page: [] for page in _OTHER_PAGES}
    for turn in range(rounds):
        for page in _OTHER_PAGES:
            idle[page].append(wrk(f"{ours}{page}", seconds=1, connections=2).p99_ms)
        with _donors_waiting(ours, turn):
            for page in _OTHER_PAGES:
                beside[page].append(wrk(f"{ours}{page}", seconds=1, connections=2).p99_ms)
    for page in _OTHER_PAGES:
        with_them, without = statistics.median(beside[page]), statistics.median(idle[page])
        yield at_most(f"p99 of {page} beside a Stripe that hangs, and idle", with_them, without, 1.5, "ms")


class _donors_waiting:  # noqa: N801  Used as `with _donors_waiting(...)`.
    """Let 200 donors send the form and wait at a Stripe that hangs, for the ten seconds in which none is answered."""

    def __init__(self, ours: str, turn: int) -> None:
        argv = ["wrk", "-t1", f"-c{_DONORS}", f"-d{_HANGS_SECONDS - 1}s", "--timeout", "30s", "-s", str(_SCRIPT), ours]
        env = {**os.environ, "BENCH_NAME": f"hang{turn}-{os.getpid()}"}
        self._wrk = subprocess.Popen(argv, env=env, stdout=subprocess.DEVNULL)

    def __enter__(self) -> None:
        time.sleep(_HANGS_SECONDS - 1 - len(_OTHER_PAGES) - 0.7)

    def __exit__(self, *_exc: object) -> None:
        self._wrk.wait()
        time.sleep(_HANGS_SECONDS)  # The last calls end before the next round begins.
