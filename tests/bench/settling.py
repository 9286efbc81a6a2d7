"""Settling kept notices whose objects are fetched already, beside the same rows written by bare SQL."""

import shutil
import statistics
import time
from collections.abc import Iterator

from sqlalchemy import text

from fundraise import inbox
from fundraise.engines import sqlite_path
from fundraise.flows.follow_up import follow_up
from fundraise.inbox import Arrival
from fundraise.settings import Settings
from tests.bench.gifts import PAID_AT, begin, fetched, payment_id_of
from tests.bench.measuring import Row, at_least
from tests.bench.opening import parts_of
from tests.bench.place import Place
from tests.bench.yardsticks import settling as bare


def bench(place: Place) -> Iterator[Row]:
    """Measure how many gifts a second are settled."""
    many = 1000 if place.quick else 10_000
    template = place.books.of("sqlite", 10_000)
    ours, theirs = [], []
    for turn in range(3):
        ours.append(many / _ours(_copy(template, place, f"settle{turn}"), many))
        theirs.append(many / _bare(_copy(template, place, f"settle{turn}"), many))
    name = f"Settling {many:,} kept notices, objects fetched"
    yield at_least(name, statistics.median(ours), statistics.median(theirs), 0.25, "gifts/s")


def _copy(template: Settings, place: Place, name: str) -> Settings:
    """Return a fresh copy of books, on the disk."""
    path = place.folder / f"{name}.db"
    for old in place.folder.glob(f"{name}.db*"):
        old.unlink()
    with parts_of(template) as parts, parts.db.write("bench: fold") as session:
        session.execute(text("SELECT 1"))
    source = sqlite_path(template.database_url)
    for end in ("", "-wal"):
        if source.with_name(source.name + end).exists():
            shutil.copy(source.with_name(source.name + end), path.with_name(path.name + end))
    return template.model_copy(update={"database_url": f"sqlite:///{path}"})


def _prepare(settings: Settings, many: int) -> None:
    with parts_of(settings) as parts:
        begin(parts, 0, many)
        with parts.db.write("bench: keep") as session:
            session.execute(text("DELETE FROM inbox_notice"))  # An earlier measurement left some.
        arrivals = [
            Arrival(
                account="shelter",
                event_id=f"evt_settle_{number}",
                type="payment_intent.succeeded",
                object_type="payment_intent",
                object_id=payment_id_of(number),
                payment_id=payment_id_of(number),
                happened_at=PAID_AT,
                body="{}",
            )
            for number in range(many)
        ]
        inbox.keep(parts.db, arrivals, parts.clock.now())


def _ours(settings: Settings, many: int) -> float:
    _prepare(settings, many)
    with parts_of(settings, fetched(0, many)) as parts:
        begun = time.perf_counter()
        done = follow_up(parts)
        taken = time.perf_counter() - begun
    if done != {"settled": many}:
        raise AssertionError(done)
    return taken


def _bare(settings: Settings, many: int) -> float:
    _prepare(settings, many)
    begun = time.perf_counter()
    bare.settle_all(str(sqlite_path(settings.database_url)), many)
    return time.perf_counter() - begun
