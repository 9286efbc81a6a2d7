"""`fundraise check` beside `ledger bal` on the same books written as a journal."""

import shutil
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from sqlalchemy import text

from fundraise.settings import Settings
from tests.bench.measuring import Row, at_most, bounded, growth, least
from tests.bench.opening import parts_of
from tests.bench.place import Place
from tests.bench.serving import ToolMissing, environment, whole_process


def bench(place: Place) -> Iterator[Row]:
    """Check books of ten thousand to a million entries, of which every gift makes two."""
    sizes = (10_000, 20_000) if place.quick else (10_000, 100_000, 1_000_000)
    tool = shutil.which("ledger")
    if tool is None:
        raise ToolMissing("ledger is missing; on Debian: apt-get install ledger")
    for dialect, name in (("sqlite", "SQLite"), ("postgresql", "PostgreSQL")):
        settings_of = {entries: place.books.of(dialect, entries // 2) for entries in sizes}
        journal, memory_mb = place.folder / "books.journal", [0.0]
        _write_journal(settings_of[sizes[-1]], journal)
        bare = partial(_seconds, [tool, "-f", str(journal), "bal"], settings_of[sizes[-1]], place.folder, [])
        argv = [sys.executable, "-m", "fundraise", "check"]
        checks = {
            entries: partial(_seconds, argv, settings, place.folder, memory_mb)
            for entries, settings in settings_of.items()
        }
        taken = least(3, {**checks, "bare": bare})
        ours = taken[sizes[-1]]
        yield at_most(
            f"fundraise check of {sizes[-1]:,} entries beside ledger bal, {name}", ours, taken["bare"], 0.5, "s"
        )
        yield bounded(f"Its memory, {name}", max(memory_mb), 200, "MB")
        yield growth(f"fundraise check, {name}", [(entries, taken[entries]) for entries in sizes])


def _seconds(argv: Sequence[str], settings: Settings, folder: Path, memory_mb: list[float]) -> float:
    """Run a program; return its seconds, and note the memory it held."""
    seconds, held_mb = whole_process(argv, environment(settings), folder)
    memory_mb.append(held_mb)
    return seconds


def _write_journal(settings: Settings, path: Path) -> None:
    """Write the books as ledger reads them."""
    with parts_of(settings) as parts, parts.db.read() as session, path.open("w") as file:
        rows = session.execute(
            text(
                "SELECT e.id, e.key, substr(CAST(e.booked_at AS VARCHAR(40)), 1, 10), l.account, l.minor "
                "FROM ledger_entry e JOIN ledger_line l ON l.entry_id = e.id ORDER BY e.id, l.id"
            ),
            execution_options={"yield_per": 10_000},
        )
        entry = 0
        for entry_id, key, day, account, minor in rows:
            if entry_id != entry:
                entry = entry_id
                file.write(f"\n{day.replace('-', '/')} {key}\n")
            sign = "-" if minor < 0 else ""
            file.write(f"    A{account}  {sign}{abs(minor) // 100}.{abs(minor) % 100:02d} GBP\n")
