"""The campaign page under load: from memory, while another process settles gifts, and drawn for every request."""

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from fundraise.settings import Settings
from tests.bench.measuring import Row, bounded, in_turn_at_least
from tests.bench.place import Place
from tests.bench.serving import environment, free_port, once_up, process, product, wrk, yardstick

_CONNECTIONS = 32
_GIFTS_PER_SECOND = 20


def bench(place: Place) -> Iterator[Row]:
    """Measure the page beside a fixed body of its size, and beside its template rendered from memory."""
    settings = place.books.of("sqlite", 10_000)
    seconds, rounds = (2.0, 3) if place.quick else (5.0, 5)
    failures = 0

    def load(address: str) -> float:
        nonlocal failures
        seen = wrk(f"{address}/c/winter", seconds=seconds, connections=_CONNECTIONS)
        failures += seen.failures
        return seen.per_second

    with product(settings, place.folder) as ours:
        with urllib.request.urlopen(f"{ours}/c/winter") as answer:  # noqa: S310
            page = answer.read()
        body = place.folder / "page.html"
        body.write_bytes(page)
        with yardstick("page", place.folder, BENCH_BODY=str(body)) as bare:
            both = partial(load, ours), partial(load, bare)
            what = f"Campaign page of {len(page) / 1000:.1f} kB beside bare ASGI"
            yield in_turn_at_least(what, rounds, *both, 0.6, "req/s")
            with settling(settings, place, 1_000_000):
                what = "The same while another process settles 20 gifts/s"
                yield in_turn_at_least(what, rounds, *both, 0.4, "req/s")
    # Fresh books: what came in since the last checkpoint is measured with the total.
    port = free_port()
    argv = [sys.executable, "-m", "tests.bench.served", str(port), "2000000", "--uncached"]
    env = environment(place.books.of("sqlite", 9_950))
    with (
        process(argv, env, place.folder, stdin=subprocess.PIPE),
        yardstick("template", place.folder, **env) as template,
    ):
        once_up(port)
        both = partial(load, f"http://127.0.0.1:{port}"), partial(load, template)
        what = "Campaign page, not cached, beside its template from memory"
        yield in_turn_at_least(what, rounds, *both, 0.9, "req/s")
    yield bounded("Answers that failed in all of this", failures, 0, "")


@contextmanager
def settling(settings: Settings, place: Place, first: int) -> Iterator[None]:
    """Let another process settle gifts meanwhile."""
    argv = [sys.executable, "-m", "tests.bench.settler", str(first), "20000", str(_GIFTS_PER_SECOND)]
    with process(argv, environment(settings), place.folder, stdout=subprocess.PIPE) as settler:
        if settler.stdout is None or settler.stdout.readline() != "ready\n":
            raise RuntimeError("the settling process did not begin")
        yield
        if settler.poll() is not None:
            raise RuntimeError("the settling process ended too early")
