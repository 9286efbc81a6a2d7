"""How old a total may be that a page shows: at once after a gift in the same process, a second after another's."""

import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator

from fundraise.ledger.balances import balances
from fundraise.settings import Settings
from tests.bench.measuring import Row, bounded
from tests.bench.opening import parts_of
from tests.bench.pages import settling
from tests.bench.place import Place
from tests.bench.serving import environment, free_port, once_up, process

_GIFTS_SHOWN = re.compile(rb"([\d,]+) gifts")


def bench(place: Place) -> Iterator[Row]:
    """Look at the page after each gift, settled here and settled elsewhere."""
    settings = place.books.of("sqlite", 10_000)
    port, first = free_port(), 3_000_000
    argv = [sys.executable, "-m", "tests.bench.served", str(port), str(first)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with process(argv, environment(settings), place.folder, **pipes) as served:
        address = f"{once_up(port)}/c/winter"
        wrong = sum(_is_wrong_after(served, address, first + place_) for place_ in range(50))
        yield bounded("Pages of 50 that were behind right after a gift in the same process", wrong, 0, "")
        with settling(settings, place, 4_000_000):
            oldest = _oldest(settings, address, 10.0 if place.quick else 30.0)
    yield bounded("Oldest total shown while another process settles 20 gifts/s", oldest, 1.0, "s")


def _is_wrong_after(served: "subprocess.Popen[str]", address: str, number: int) -> bool:
    before = _shown(address)
    if served.stdin is None or served.stdout is None:
        raise RuntimeError("the served product cannot be told anything")
    served.stdin.write(f"settle {number}\n")
    served.stdin.flush()
    served.stdout.readline()
    return _shown(address) != before + 1


def _oldest(settings: Settings, address: str, seconds: float) -> float:
    """Return by how long the page was ever behind: the age of what it showed when it was asked for.

    The number of gifts on a page tells how old it is: it was right until the moment at which one more was counted.
    """
    counted_at: dict[int, float] = {}
    oldest, until = 0.0, time.monotonic() + seconds
    with parts_of(settings) as parts:
        while time.monotonic() < until:
            with parts.db.read() as session:
                now = time.monotonic()
                found = balances(session, ["campaign_id"], campaign_ids=[1], counts=True)
            counted_at.setdefault(found[0].gifts, now)
            asked = time.monotonic()
            shown = _shown(address)
            later = [moment for gifts, moment in counted_at.items() if gifts > shown]
            if later:
                oldest = max(oldest, asked - min(later))
    return oldest


def _shown(address: str) -> int:
    with urllib.request.urlopen(address) as answer:  # noqa: S310  Loopback only.
        found = _GIFTS_SHOWN.search(answer.read())
    if found is None:
        raise RuntimeError("the page shows no number of gifts")
    return int(found.group(1).replace(b",", b""))
