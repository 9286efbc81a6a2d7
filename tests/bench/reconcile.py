"""A whole reconciliation run over rows that are stored already, beside the same joins as bare SQL."""

from collections.abc import Iterator

from tests.bench.measuring import Row, at_most, bounded, growth
from tests.bench.place import Place
from tests.bench.serving import child


def bench(place: Place) -> Iterator[Row]:
    """Reconcile ten thousand to a million movements on both databases."""
    sizes = (10_000, 40_000) if place.quick else (10_000, 100_000, 1_000_000)
    for dialect, name in (("sqlite", "SQLite"), ("postgresql", "PostgreSQL")):
        taken, most_mb = [], 0.0
        for movements in sizes:
            settings = place.books.of(dialect, movements)
            rounds = "2" if movements == 1_000_000 else "5"
            bare = child(settings, "bare_joins", str(movements), rounds, folder=place.folder)
            ours = child(settings, "reconcile", str(movements), rounds, folder=place.folder)
            again = child(settings, "bare_joins", str(movements), rounds, folder=place.folder)
            joins = (bare["seconds"] + again["seconds"]) / 2
            taken.append((movements, ours["seconds"]))
            most_mb = max(most_mb, ours["peak_mb"])
            what = f"Reconciling {movements:,} movements beside bare SQL joins, {name}"
            yield at_most(what, ours["seconds"], joins, 2.5, "s")
        yield bounded(f"Its memory, {name}", most_mb, 500, "MB")
        yield growth(f"Reconciling, {name}", taken)
