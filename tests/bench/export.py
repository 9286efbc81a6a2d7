"""Exporting every gift to CSV, beside a bare csv.writer over the same query."""

from collections.abc import Iterator
from functools import partial

from fundraise.settings import Settings
from tests.bench.measuring import Row, at_least, bounded, growth, least
from tests.bench.place import Place
from tests.bench.serving import child


def bench(place: Place) -> Iterator[Row]:
    """Export ten thousand to a million gifts on both databases."""
    sizes = (1_000, 10_000) if place.quick else (10_000, 100_000, 1_000_000)
    for dialect, name in (("sqlite", "SQLite"), ("postgresql", "PostgreSQL")):
        memory_mb = [0.0]
        settings_of = {gifts: place.books.of(dialect, gifts) for gifts in sizes}
        exports = {
            gifts: partial(_seconds, place, settings, "export", memory_mb) for gifts, settings in settings_of.items()
        }
        bare = partial(_seconds, place, settings_of[sizes[-1]], "bare_export", [])
        taken = least(2, {**exports, "bare": bare})
        ours, theirs = sizes[-1] / taken[sizes[-1]], sizes[-1] / taken["bare"]
        what = f"Export of {sizes[-1]:,} gifts to CSV beside a bare csv.writer, {name}"
        yield at_least(what, ours, theirs, 0.5, "rows/s")
        yield bounded(f"Its memory, {name}", max(memory_mb), 300, "MB")
        yield growth(f"Export, {name}", [(gifts, taken[gifts]) for gifts in sizes])


def _seconds(place: Place, settings: Settings, task: str, memory_mb: list[float]) -> float:
    """Run a task; return its seconds, and note the memory it held."""
    done = child(settings, task, str(place.folder / "out.csv"), folder=place.folder)
    memory_mb.append(done["peak_mb"])
    return float(done["seconds"])
