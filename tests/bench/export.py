"""Exporting every gift to CSV, beside a bare csv.writer over the same query."""

from collections.abc import Iterator

from tests.bench.measuring import Row, at_least, bounded, growth
from tests.bench.place import Place
from tests.bench.serving import child


def bench(place: Place) -> Iterator[Row]:
    """Export ten thousand to a million gifts on both databases."""
    sizes = (1_000, 10_000) if place.quick else (10_000, 100_000, 1_000_000)
    for dialect, name in (("sqlite", "SQLite"), ("postgresql", "PostgreSQL")):
        taken, most_mb, rates = [], 0.0, (0.0, 1.0)
        for gifts in sizes:
            settings = place.books.of(dialect, gifts)
            out = str(place.folder / "out.csv")
            bare = child(settings, "bare_export", out, folder=place.folder)
            ours = child(settings, "export", out, folder=place.folder)
            again = child(settings, "bare_export", out, folder=place.folder)
            taken.append((gifts, ours["seconds"]))
            rates = gifts / ours["seconds"], gifts / ((bare["seconds"] + again["seconds"]) / 2)
            most_mb = max(most_mb, ours["peak_mb"])
        yield at_least(f"Export of {sizes[-1]:,} gifts to CSV beside a bare csv.writer, {name}", *rates, 0.5, "rows/s")
        yield bounded(f"Its memory, {name}", most_mb, 300, "MB")
        yield growth(f"Export, {name}", taken)
