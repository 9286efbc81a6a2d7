"""Finding which column is what: by a person's answer, by the heading, or, without a heading, by what stands there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fundraise.gateways.bank.amounts import AmountUnreadable, signed_minor
from fundraise.gateways.bank.csv_names import (
    ROLES,
    SEVERAL,
    currency_in,
    known_layout,
    plain,
    refuse_other_lists,
)
from fundraise.gateways.bank.csv_table import Row
from fundraise.gateways.bank.days import is_day
from fundraise.gateways.bank.refusals import Unreadable
from fundraise.statements.vocabulary import DateOrder, ReadAs

_HEADING_WITHIN: Final = 40
_LOOKED_AT: Final = 20
_MARKS: Final = (".", ",")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each role's column stands; how many columns a row has; and what else the heading tells.

    `begins` is the place, among the rows, of the first one under the heading.
    """

    at: Mapping[str, tuple[int, ...]]
    width: int
    begins: int
    heading: tuple[str, ...] = ()
    order: DateOrder | None = None
    currency: str = ""
    mark: str = ""
    reversed_signs: bool = False
    layout: str = ""

    def has(self, role: str) -> bool:
        """Tell whether there is a column of this role."""
        return bool(self.at.get(role))

    def cell(self, row: Row, role: str) -> str:
        """Return the cell of a role, empty where there is none."""
        places = self.at.get(role)
        return row.cells[places[0]].strip() if places and places[0] < len(row.cells) else ""

    def cells(self, row: Row, role: str) -> list[str]:
        """Return all cells of a role."""
        return [row.cells[place] for place in self.at.get(role, ()) if place < len(row.cells)]

    @property
    def is_enough(self) -> bool:
        """Tell whether a line can be made: it needs a day and an amount."""
        return self.has("date") and (self.has("amount") or self.has("in") or self.has("out"))


def find_columns(rows: Sequence[Row], read_as: ReadAs) -> Columns | None:
    """Return the columns of a table, or None when only a person can name them. Raises `Unreadable`."""
    if read_as.columns is not None:
        named = _named(rows, read_as.columns)
        if named is not None:
            return named
        if not read_as.columns_are_remembered:
            raise Unreadable("The file has no heading with the columns that the mapping names.")
    for place, row in enumerate(rows[:_HEADING_WITHIN]):
        if found := _by_heading(row, place, rows):
            return found
    return _without_heading(rows, read_as)


def heading_of(rows: Sequence[Row]) -> tuple[str, ...]:
    """Return the row that most likely names the columns, to ask a person about it."""
    widest = max((len(row.cells) for row in rows[:_HEADING_WITHIN]), default=0)
    for row in rows[:_HEADING_WITHIN]:
        if len(row.cells) == widest and all(cell.strip() for cell in row.cells[:2]):
            return row.cells
    return ()


def _by_heading(row: Row, place: int, rows: Sequence[Row]) -> Columns | None:
    headings = [plain(cell) for cell in row.cells]
    names = frozenset(headings)
    refuse_other_lists(names)
    layout = known_layout(names)
    at = {role: _places(headings, role, known) for role, known in ROLES.items()}
    for role, heading in ((layout.roles or {}) if layout is not None else {}).items():
        at[role] = (headings.index(heading),)
    _drop_what_is_no_date(at, rows[place + 1 :])
    columns = Columns(
        {role: places for role, places in at.items() if places},
        width=len(row.cells),
        begins=place + 1,
        heading=row.cells,
        order=layout.order if layout is not None else None,
        currency=next((currency_in(row.cells[found]) for found in at["amount"] if currency_in(row.cells[found])), ""),
        layout=layout.name if layout is not None else "",
    )
    return columns if columns.is_enough else None


def _places(headings: Sequence[str], role: str, names: Sequence[str]) -> tuple[int, ...]:
    found = [headings.index(name) for name in names if name in headings]
    if role in SEVERAL:
        return tuple(sorted(found))
    return tuple(found[:1])


def _drop_what_is_no_date(at: dict[str, tuple[int, ...]], rows: Sequence[Row]) -> None:
    """Take a column of dates at its word only when dates stand there: some languages call the currency `valuta`."""
    for place in at["value_date"]:
        cells = [row.cells[place].strip() for row in rows[:_LOOKED_AT] if place < len(row.cells)]
        if not any(is_day(cell) for cell in cells):
            at["value_date"] = ()


def _without_heading(rows: Sequence[Row], read_as: ReadAs) -> Columns | None:
    """Read a table without heading only if exactly one column holds days, one amounts, and some are money out."""
    filled = [row for row in rows if not row.is_blank]
    if not filled or len({len(row.cells) for row in filled}) != 1:
        return None
    width = len(filled[0].cells)
    columns = [[row.cells[place].strip() for row in filled] for place in range(width)]
    days = [place for place, cells in enumerate(columns) if all(is_day(cell) for cell in cells)]
    amounts = [place for place, cells in enumerate(columns) if _are_amounts(cells, read_as)]
    texts = [place for place in range(width) if place not in days and place not in amounts and any(columns[place])]
    if len(days) != 1 or len(amounts) != 1 or not texts or not any("-" in cell for cell in columns[amounts[0]]):
        return None
    at = {"date": tuple(days), "amount": tuple(amounts), "description": tuple(texts)}
    return Columns(at, width=width, begins=0)


def _are_amounts(cells: Sequence[str], read_as: ReadAs) -> bool:
    places = read_as.exponents.get(read_as.currency, 2)
    for mark in _MARKS:
        try:
            if all(signed_minor(cell, places, mark, read_as.currency) is not None for cell in cells):
                return True
        except AmountUnreadable:
            continue
    return False


def _named(rows: Sequence[Row], answer: Mapping[str, Any]) -> Columns | None:
    """Take the columns a person named, None where no heading has them; `Unreadable` when they make no line."""
    wanted = {role: _as_names(names) for role, names in answer.items() if role in ROLES and names}
    looked_for = {plain(name) for names in wanted.values() for name in names}
    for place, row in enumerate(rows[:_HEADING_WITHIN]):
        headings = [plain(cell) for cell in row.cells]
        if looked_for <= set(headings):
            at = {role: tuple(headings.index(plain(name)) for name in names) for role, names in wanted.items()}
            columns = Columns(
                at,
                width=len(row.cells),
                begins=place + 1,
                heading=row.cells,
                mark=str(answer.get("decimal", "")),
                reversed_signs=bool(answer.get("reversed_signs", False)),
            )
            if not columns.is_enough:
                raise Unreadable(
                    "The mapping must name a column for the date, and one for the amount or for in and out."
                )
            return columns
    return None


def _as_names(names: Any) -> tuple[str, ...]:
    return tuple(str(name) for name in names) if isinstance(names, list | tuple) else (str(names),)
