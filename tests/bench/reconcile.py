"""A whole reconciliation run over rows that are stored already, beside the same joins as bare SQL."""

from collections.abc import Iterator
from functools import partial

from fundraise.settings import Settings
from tests.bench.measuring import Row, at_most, bounded, growth, least
from tests.bench.place import Place
from tests.bench.serving import child


def bench(place: Place) -> Iterator[Row]:
    """Reconcile ten thousand to a million movements on both databases."""
    sizes = (10_000, 40_000) if place.quick else (10_000, 100_000, 1_000_000)
    for dialect, name in (("sqlite", "SQLite"), ("postgresql", "PostgreSQL")):
        memory_mb = [0.0]
        works = {
            (task, movements): partial(_seconds, place, place.books.of(dialect, movements), task, movements, memory)
            for movements in sizes
            for task, memory in (("bare_joins", []), ("reconcile", memory_mb))
        }
        taken = least(2, works)
        for movements in sizes:
            what = f"Reconciling {movements:,} movements beside bare SQL joins, {name}"
            yield at_most(what, taken["reconcile", movements], taken["bare_joins", movements], 2.5, "s")
        yield bounded(f"Its memory, {name}", max(memory_mb), 500, "MB")
        yield growth(f"Reconciling, {name}", [(movements, taken["reconcile", movements]) for movements in sizes])


def _seconds(place: Place, settings: Settings, task: str, movements: int, memory_mb: list[float]) -> float:
    """Run a task; return its seconds, and note the memory it held."""
    rounds = "2" if movements == 1_000_000 else "5"
    done = child(settings, task, str(movements), rounds, folder=place.folder)
    memory_mb.append(done["peak_mb"])
    return float(done["seconds"])
