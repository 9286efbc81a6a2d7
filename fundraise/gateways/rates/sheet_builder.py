"""Putting sheets together out of single rates, each held to what a rate can be."""

import re
from datetime import date
from typing import Final

from fundraise.money import is_currency
from fundraise.published_rates import BASES, PublishedSheet, RateSource, RatesUnreadable

_RATE: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")
_CODE: Final = re.compile(r"[A-Z]{3}")
_NONE: Final = frozenset({"", "N/A", "NaN", "-"})
MOST_RATES: Final = 400_000


class SheetBuilder:
    """Gathers a source's rates by day."""

    def __init__(self, source: RateSource) -> None:
        self._source = source
        self._days: dict[date, dict[str, str]] = {}
        self._count = 0

    def add(self, day: date, currency: str, rate: str) -> None:
        """Take one rate; currencies of the past that money is no longer counted in are left out."""
        code, digits = currency.strip().upper(), rate.strip()
        if digits in _NONE:
            return
        if not _CODE.fullmatch(code):
            raise RatesUnreadable(f"{currency[:20]!r} is no currency code.", field="file")
        if not _RATE.fullmatch(digits) or not digits.strip("0."):
            raise RatesUnreadable(f"{digits[:30]!r} is no rate for {code}.", field="file")
        if not is_currency(code) or code == BASES[self._source]:
            return
        self._count += 1
        if self._count > MOST_RATES:
            raise RatesUnreadable("There are more rates in this file than were ever published.", field="file")
        found = self._days.setdefault(day, {})
        if found.setdefault(code, digits) != digits:
            raise RatesUnreadable(
                f"The file has two rates for {code} on {day}: {found[code]} and {digits}.", field="file"
            )

    def sheets(self) -> list[PublishedSheet]:
        """Return a sheet for each day, oldest first."""
        return [PublishedSheet(self._source, day, rates) for day, rates in sorted(self._days.items())]
