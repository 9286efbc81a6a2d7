"""From bytes to rows of cells: the encoding, the delimiter, and the place of every row."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fundraise.gateways.bank.refusals import Unreadable

DELIMITERS: Final = (",", ";", "\t", "|")
_MOST_COLUMNS: Final = 200
_LONGEST_CELL: Final = 20_000
_LOOKED_AT: Final = 40


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row, and the line of the file it begins in."""

    line: int
    cells: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        """Tell whether nothing stands in it."""
        return not any(cell.strip() for cell in self.cells)


def text_of(raw: bytes) -> str:
    """Return the text: UTF-8, UTF-16 with its mark, else Windows-1252. Raises `Unreadable`."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            text = raw.decode("utf-16")
        except UnicodeDecodeError:
            raise Unreadable(
                "The file begins as UTF-16 and goes on as something else. Please export it again."
            ) from None
    else:
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = raw.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise Unreadable("The file holds bytes that stand in no text. Please export it as CSV, UTF-8.")
    return text


def rows_of(text: str, delimiter: str) -> Iterator[Row]:
    """Yield the rows; raises `Unreadable` with the place of a quote that never ends, or of what is no row."""
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            raise Unreadable(_why(str(problem), begins)) from None
        if len(cells) > _MOST_COLUMNS:
            raise Unreadable(f"Line {begins} has {len(cells):,} columns. No bank's statement has as many.")
        yield Row(begins, tuple(cells))
        begins = reader.line_num + 1


def _why(problem: str, line: int) -> str:
    if "field larger" in problem:
        return f"Line {line} is longer than any line of a statement."
    if "unexpected end" in problem:
        return f"A quote that begins in line {line} never ends. The file may be cut off."
    return f"Line {line} cannot be told apart into columns: a quote stands where none may."


def likely_delimiters(text: str) -> list[str]:
    """Return the delimiters worth trying, the one that divides the first lines most evenly first."""
    lines = [line for line in text[:20_000].splitlines()[:_LOOKED_AT] if line.strip()]

    def evenness(delimiter: str) -> tuple[int, int]:
        counts = [line.count(delimiter) for line in lines]
        commonest = max(set(counts), key=counts.count) if counts else 0
        return (counts.count(commonest) if commonest else 0, commonest)

    return [each for each in sorted(DELIMITERS, key=evenness, reverse=True) if any(each in line for line in lines)]
