"""`make bench`: measure the product beside its yardsticks, print the table, exit with 1 when a limit is missed."""

import argparse
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from tests.bench.books import books_in
from tests.bench.measuring import Row, missing, table
from tests.bench.place import Place
from tests.bench.serving import ROOT, ToolMissing

# In this order: what needs a quiet machine first, the large books last.
BENCHES = (
    "pages",
    "freshness",
    "live",
    "intake",
    "settling",
    "giving",
    "total",
    "check",
    "reconcile",
    "export",
    "combined",
)

_BEGINS, _ENDS = "<!-- make bench -->", "<!-- the end of make bench -->"


def main() -> int:
    """Run what was asked for."""
    asked = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    asked.add_argument("--only", action="append", choices=BENCHES, help="one measurement; may be given several times")
    asked.add_argument("--write", action="store_true", help="keep the table in the README")
    asked.add_argument("--quick", action="store_true", help="smaller sizes and fewer rounds, for trying things out")
    options = asked.parse_args()
    warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, books_in(Path(folder)) as books:
        for name in options.only or BENCHES:
            begun = time.monotonic()
            place = Place(Path(folder), books, options.quick)
            bench: Callable[[Place], Iterator[Row]] = import_module(f"tests.bench.{name}").bench
            try:
                for row in bench(place):
                    rows.append(row)
                    print("\n".join(list(table([row]))[2:]), flush=True)  # noqa: T201
            except ToolMissing as problem:
                rows.append(missing(name, str(problem)))
            print(f"({name}: {time.monotonic() - begun:.0f} s)", file=sys.stderr, flush=True)  # noqa: T201
    sizes = "quick, small sizes" if options.quick else "full sizes"
    print(f"\nMeasured {datetime.now(UTC):%Y-%m-%d}, {sizes}:\n")  # noqa: T201
    print("\n".join(table(rows)))  # noqa: T201
    if options.write:
        _keep(f"Measured {datetime.now(UTC):%Y-%m-%d}, {sizes}, on {_machine()}.", rows)
    return 0 if all(row.holds for row in rows) else 1


def _machine() -> str:
    """Return what this machine is, as far as it matters: its processors and its memory."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} processors and {memory:.0f} GB"


def _keep(sentence: str, rows: list[Row]) -> None:
    """Put the table between its marks in the README."""
    readme = ROOT / "README.md"
    before, _, rest = readme.read_text().partition(_BEGINS)
    _, _, after = rest.partition(_ENDS)
    readme.write_text("\n".join([before + _BEGINS, sentence, "", *table(rows), _ENDS]) + after)


if __name__ == "__main__":
    sys.exit(main())
