"""Amounts as bank files write them, to whole minor units. No float, no rounding."""

import re
from collections.abc import Iterable
from typing import Final

LARGEST_MINOR: Final = 2**63 - 1
_LONGEST_WHOLE: Final = 19
_NUMBER: Final = re.compile(r"(\d*)(?:\.(\d*))?")
_CELL: Final = re.compile(
    r"(?P<sign>[-+−–(]?)(?P<unit>[^\d.,()+−–-]*)(?P<inner>[-+−–]?)(?P<number>[\d.,]+)(?P<after>[-+−–)]?)"
    r"(?P<tail>[^\d.,()+−–-]*)",
    re.ASCII,
)
_MINUS: Final = frozenset("-−–(")
_PLAIN: Final = re.compile(r"-?\d{1,40}(?:\.\d{1,10})?", re.ASCII)
_LONGEST_CELL: Final = 60  # No amount is as long.
_BLANKS: Final = str.maketrans("", "", " \t\u00a0\u2007\u2009\u202f'’")
_IN: Final = frozenset({"CR", "C"})
_OUT: Final = frozenset({"DR", "D", "OD"})
# Signs that stand for one currency, and those that many share and that therefore tell nothing.
_ONE: Final = {"£": "GBP", "€": "EUR", "₹": "INR", "₽": "RUB", "₴": "UAH", "ZŁ": "PLN", "US$": "USD"}
_SHARED: Final = frozenset({"", "$", "A$", "CA$", "KR", "FR", "R", "¥", "KČ", "FT", "LEI"})


class AmountUnreadable(ValueError):  # noqa: N818  It is said to a person.
    """A cell is no amount; the message says why."""


def minor_of(number: str, places: int) -> int:
    """Return the minor units of a plain number with a point, like `1234.50`; `AmountUnreadable`."""
    match = _NUMBER.fullmatch(number)
    if match is None or not (match[1] or match[2]):
        raise AmountUnreadable(f"'{number[:40]}' is no amount")
    whole, decimals = match[1].lstrip("0"), match[2] or ""
    if decimals[places:].strip("0"):
        raise AmountUnreadable(f"'{number[:40]}' has more decimals than its currency")
    if (
        len(whole) > _LONGEST_WHOLE
        or (minor := int((whole or "0") + decimals[:places].ljust(places, "0"))) > LARGEST_MINOR
    ):
        raise AmountUnreadable(f"'{number[:40]}' is more than can be kept")
    return minor


def decimal_mark(cells: Iterable[str], places: int) -> str:
    """Tell whether a column sets off its decimals with a point or a comma; `AmountUnreadable` when nothing tells.

    The last mark of a number is proven to do so when the other mark stands before it, or when not exactly three digits
    follow it. A mark that comes twice in one number groups thousands. In a currency of three decimals a point before
    three digits is taken as it is written there.
    """
    proven: set[str] = set()
    doubtful = ""
    for cell in cells:
        point, comma = cell.rfind("."), cell.rfind(",")
        if point == comma:
            continue  # There is neither.
        last, place = (".", point) if point > comma else (",", comma)
        is_alone = min(point, comma) < 0
        if is_alone and cell.count(last) > 1:
            if all(len(group.strip()) == 3 for group in cell.split(last)[1:]):  # noqa: PLR2004
                proven.add("," if last == "." else ".")
        elif not is_alone or sum(map(str.isdigit, cell[place + 1 :])) != 3:  # noqa: PLR2004  Thousands come in threes.
            proven.add(last)
        else:
            doubtful = cell
    if len(proven) > 1:
        raise AmountUnreadable("some amounts have a decimal point and others a decimal comma")
    if doubtful and not proven and not (places == 3 and "," not in doubtful):  # noqa: PLR2004
        raise AmountUnreadable(
            f"'{doubtful[:40]}' can be read in two ways; please say in the mapping which mark sets off the decimals"
        )
    return proven.pop() if proven else "."


def signed_minor(cell: str, places: int, mark: str, currency: str) -> int | None:
    """Return the signed minor units of a cell like `-£1,204.11`, `(12.34)`, `1.204,11 CR`; None for an empty one.

    `AmountUnreadable` for anything else, and for the sign or code of another currency.
    """
    if mark == "." and _PLAIN.fullmatch(cell):  # As most are written, and quickly read.
        return -minor_of(cell[1:], places) if cell[0] == "-" else minor_of(cell, places)
    text = cell.translate(_BLANKS)
    if not text or text in _MINUS:
        return None
    match = _CELL.fullmatch(text) if len(text) <= _LONGEST_CELL else None
    if match is None:
        raise AmountUnreadable(f"'{cell[:40]}' is no amount")
    signs = [match[name] for name in ("sign", "inner", "after") if match[name]]
    tail = match["tail"].upper()
    if tail in _IN | _OUT:
        signs.append("-" if tail in _OUT else "+")
        tail = ""
    for unit in (match["unit"].upper(), tail):
        _require_currency(unit, currency, cell)
    if signs not in ([], ["(", ")"]) and (len(signs) > 1 or signs[0] in "()"):
        raise AmountUnreadable(f"'{cell[:40]}' is no amount")
    minor = minor_of(_without_groups(match["number"], mark, cell), places)
    return -minor if any(sign in _MINUS for sign in signs) else minor


def _require_currency(unit: str, currency: str, cell: str) -> None:
    if unit in _SHARED or unit == currency or _ONE.get(unit) == currency:
        return
    if unit in _ONE or re.fullmatch(r"[A-Z]{3}", unit):
        raise AmountUnreadable(f"'{cell[:40]}' is not in {currency}")
    raise AmountUnreadable(f"'{cell[:40]}' is no amount")


def _without_groups(number: str, mark: str, cell: str) -> str:
    """Take out thousands marks where thousands marks stand (lakhs too), and make the decimal mark a point."""
    group = "," if mark == "." else "."
    whole, found, decimals = number.partition(mark)
    if group in decimals or mark in decimals:
        raise AmountUnreadable(f"'{cell[:40]}' is no amount")
    if group in whole:
        parts = whole.split(group)
        grouped = 1 <= len(parts[0]) <= 3 and len(parts[-1]) == 3 and all(len(part) in {2, 3} for part in parts[1:])  # noqa: PLR2004
        if not grouped:
            raise AmountUnreadable(f"'{cell[:40]}' is no amount")
    return whole.replace(group, "") + ("." if found else "") + decimals
