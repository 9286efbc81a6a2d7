"""Files for spreadsheets: CSV and XLSX, in which no cell is ever read as a formula.

Text that begins like a formula (=, +, -, @, a tab, a line break, a NUL, or the full-width twins) gets an apostrophe
before it (OWASP, "CSV injection"). Numbers are written as numbers.
"""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Final

import xlsxwriter

Cell = str | int | Decimal | None
_BEGINS_A_FORMULA: Final = frozenset("=+-@\t\r\n\x00＝＋－＠")
_ROWS_AT_ONCE: Final = 2000
# What a sheet of Excel holds, its heading left out.
MOST_XLSX_ROWS: Final = 1_048_575


def neutral(value: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{value}" if value and value[0] in _BEGINS_A_FORMULA else value


def csv_chunks(heading: Sequence[str], rows: Iterable[Sequence[Cell]], *, is_first: bool = True) -> Iterator[bytes]:
    """Yield a CSV file piece by piece: UTF-8 with a mark that Excel looks for, commas, CRLF (RFC 4180).

    The rows' texts must be neutral already: whoever makes them knows which cells are people's words. A second list in
    the same file comes after the first, without the mark.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    if is_first:
        buffer.write("\ufeff")
    writer.writerow(heading)
    waiting: list[Sequence[Cell]] = []
    for row in rows:
        waiting.append(row)
        if len(waiting) == _ROWS_AT_ONCE:
            writer.writerows(waiting)
            waiting.clear()
            yield _emptied(buffer)
    writer.writerows(waiting)
    yield _emptied(buffer)


def write_xlsx(path: Path, sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[Cell]]]]) -> None:
    """Write a workbook of (name, heading, rows), row by row, with numbers as numbers and no formula anywhere.

    When a row cannot be had, no file is left, neither half a workbook nor the rows that wait to become one.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "in_memory": False}
    with whole(path) as place, xlsxwriter.Workbook(str(place), {**options, "tmpdir": str(place.parent)}) as book:
        bold = book.add_format({"bold": True})
        amount = book.add_format({"num_format": "#,##0.00"})
        for name, heading, rows in sheets:
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, heading, bold)
            for number, row in enumerate(rows, start=1):
                for column, cell in enumerate(row):
                    if isinstance(cell, Decimal):
                        sheet.write_number(number, column, cell, amount)
                    elif isinstance(cell, int):
                        sheet.write_number(number, column, cell)
                    elif cell:
                        sheet.write_string(number, column, cell)


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a place where a file can be written. It stands at `path` once it is whole, and nowhere when that fails."""
    if path.exists() and not path.is_file():
        yield path  # A device or a pipe takes what comes.
        return
    path = path.resolve()
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as folder:
        place = Path(folder) / path.name
        yield place
        place.replace(path)


def _emptied(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()
