"""Dates as bank files write them. What can be read in two ways is told by the file, or asked; it is never guessed."""

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Final

from fundraise.statements.vocabulary import DateOrder

FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2100
_LAST_MONTH: Final = 12
_KNOWN_BY_HEART: Final = 1024  # A statement has few days and many lines.
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_TIME: Final = r"(?:[T ,]\s*\d{1,2}:\d{2}.*)?"
_ISO: Final = re.compile(r"(\d{4})([-/.]?)(\d{2})\2(\d{2})" + _TIME, re.ASCII)
_NUMBERS: Final = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})" + _TIME, re.ASCII)
_DAY_AND_NAME: Final = re.compile(r"(\d{1,2})[- /.]?([A-Za-z]{3,9})\.?[- /,]*(\d{4}|\d{2})" + _TIME, re.ASCII)
_NAME_AND_DAY: Final = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})" + _TIME, re.ASCII)


class DayUnreadable(ValueError):  # noqa: N818  It is said to a person.
    """A cell is no date; the message says why."""


@lru_cache(_KNOWN_BY_HEART)
def is_day(cell: str) -> bool:
    """Tell whether a cell looks like a date, whatever it means."""
    text = _bare(cell)
    return any(pattern.fullmatch(text) for pattern in (_ISO, _NUMBERS, _DAY_AND_NAME, _NAME_AND_DAY))


def proven_order(cells: Iterable[str]) -> tuple[DateOrder | None, bool]:
    """Return the order that the dates prove, and whether any of them needs one.

    A number above 12 proves it, and so does a point between the numbers, which only stands in dates with the day first.
    """
    orders: set[DateOrder] = set()
    needed = False
    for cell in cells:
        match = _NUMBERS.fullmatch(_bare(cell))
        if match is None:
            continue
        needed = needed or match[1] != match[3]
        if int(match[1]) > _LAST_MONTH or match[2] == ".":
            orders.add(DateOrder.DAY_FIRST)
        elif int(match[3]) > _LAST_MONTH:
            orders.add(DateOrder.MONTH_FIRST)
    return (orders.pop() if len(orders) == 1 else None), needed


@lru_cache(_KNOWN_BY_HEART)
def read_day(cell: str, order: DateOrder | None) -> date:
    """Return the date of a cell; raises `DayUnreadable`. A clock time after it is left out."""
    text = _bare(cell)
    if match := _ISO.fullmatch(text):
        year, month, day = match[1], int(match[3]), int(match[4])
    elif match := _NUMBERS.fullmatch(text):
        first, second, year = int(match[1]), int(match[3]), match[4]
        if order is None and first != second:
            raise DayUnreadable(f"the date {text[:40]} can be read in two ways")
        day, month = (second, first) if order is DateOrder.MONTH_FIRST else (first, second)
    elif match := _DAY_AND_NAME.fullmatch(text):
        day, month, year = int(match[1]), _month(match[2], text), match[3]
    elif match := _NAME_AND_DAY.fullmatch(text):
        day, month, year = int(match[2]), _month(match[1], text), match[3]
    else:
        raise DayUnreadable(f"'{text[:40]}' is no date")
    return checked_day(int(year) + (2000 if len(year) == 2 else 0), month, day, text)  # noqa: PLR2004  Two digits: this century.


def checked_day(year: int, month: int, day: int, text: str) -> date:
    """Return the date; `DayUnreadable` for one that does not exist, or lies beyond any statement."""
    try:
        found = date(year, month, day)
    except ValueError:
        raise DayUnreadable(f"the date {text[:40]} does not exist") from None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise DayUnreadable(f"the date {text[:40]} cannot be meant")
    return found


def _bare(cell: str) -> str:
    return cell.strip().lstrip("'").strip()


def _month(name: str, text: str) -> int:
    number = _MONTHS.get(name[:3].lower())
    if number is None:
        raise DayUnreadable(f"'{text[:40]}' is no date")
    return number
