"""`fundraise check` beside `ledger bal` on the same books written as a journal."""

import shutil
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text

from fundraise.settings import Settings
from tests.bench.measuring import Row, at_most, bounded, growth
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
        taken, most_mb, ratio = [], 0.0, (0.0, 1.0)
        for entries in sizes:
            settings = place.books.of(dialect, entries // 2)
            journal = place.folder / "books.journal"
            _write_journal(settings, journal)
            rounds = 3 if entries < 1_000_000 else 2
            ours, theirs = [], []
            for _ in range(rounds):
                argv = [sys.executable, "-m", "fundraise", "check"]
                ours.append(whole_process(argv, environment(settings), place.folder))
                theirs.append(whole_process([tool, "-f", str(journal), "bal"], environment(settings), place.folder))
            taken.append((entries, statistics.median(seconds for seconds, _ in ours)))
            ratio = taken[-1][1], statistics.median(seconds for seconds, _ in theirs)
            most_mb = max(most_mb, *(mb for _, mb in ours))
        yield at_most(f"fundraise check of {sizes[-1]:,} entries beside ledger bal, {name}", *ratio, 0.5, "s")
        yield bounded(f"Its memory, {name}", most_mb, 200, "MB")
        yield growth(f"fundraise check, {name}", taken)


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
