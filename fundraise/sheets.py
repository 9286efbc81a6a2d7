"""Files for spreadsheets: CSV and XLSX, in which no cell is ever read as a formula.

Text that begins like a formula gets an apostrophe before it (OWASP, "CSV injection"): one of = + - @ or a sign that
programs take for them, such as their full-width twins, also behind blanks, quotes and what cannot be seen; and a tab, a
line break or a NUL, which programs leave out before they look. The same is done inside a text behind a semicolon, a
tab, a bar or a line break: who opens the file with one of these between the columns would see a cell begin there.
Behind a comma nothing need be done, since texts with commas stand in quotes. Numbers are written as numbers.
"""

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Final

import xlsxwriter

Cell = str | int | Decimal | None
# All that NFKC makes one of = + - @, and the minus sign itself.
_SIGNS: Final = "=+\\-@\u207a\u207c\u208a\u208c\u2212\u2a75\u2a76\ufb29\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20"
# Blanks of all kinds, controls, quotes, and what has no width or only turns the writing round.
_UNSEEN: Final = '\\s"\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff'
_BEGINS_A_FORMULA: Final = re.compile(f"[\t\r\n\x00]|[{_UNSEEN}]*[{_SIGNS}]")
_BEGINS_ONE_ELSEWHERE: Final = re.compile(f"([;|\t\r\n\x0b\x0c\x85\u2028\u2029])(?=[{_UNSEEN}]*[{_SIGNS}])")
_KNOWN_BY_HEART: Final = 4096  # A long list repeats the few names it has.
_ROWS_AT_ONCE: Final = 2000
# What a sheet of Excel holds, its heading left out.
MOST_XLSX_ROWS: Final = 1_048_575


@lru_cache(_KNOWN_BY_HEART)
def neutral(value: str) -> str:
    """Return a text that no spreadsheet takes for a formula, however it takes the file apart."""
    begun = f"'{value}" if _BEGINS_A_FORMULA.match(value) else value
    return _BEGINS_ONE_ELSEWHERE.sub(r"\1'", begun)


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
