"""Days as the publishers write them."""

import re
from datetime import date
from typing import Final

from fundraise.published_rates import RatesUnreadable

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_WORDS: Final = re.compile(r"([0-9]{1,2})[ /-]([A-Za-z]{3})[a-z]*[ /-]([0-9]{4})")
_BRITISH: Final = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")


def day_of(text: str) -> date:
    """Read `2026-10-30`, `30 October 2026`, `01/Aug/2025` or `01/08/2025` (day first, as HMRC writes it)."""
    text = text.strip()
    try:
        if found := _ISO.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _WORDS.fullmatch(text):
            return date(int(found[3]), _MONTHS.index(found[2].lower()) + 1, int(found[1]))
        if found := _BRITISH.fullmatch(text):
            return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        pass
    raise RatesUnreadable(f"{text[:30]!r} is no day we can read.", field="file")


def month_of(text: str) -> date:
    """Return the first day of the month that a period like `01/Aug/2025 to 31/Aug/2025` begins; whole months only."""
    first, separator, last = text.partition(" to ")
    begins = day_of(first)
    if begins.day != 1 or (separator and (day_of(last).year, day_of(last).month) != (begins.year, begins.month)):
        raise RatesUnreadable(f"{text[:60]!r} is no whole month.", field="file")
    return begins
