"""What pages of lists share: a filter that lives in the address, links that sort, and the way to the next page."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from fundraise.money import Money, show
from fundraise.views.parts import Option, Pager
from fundraise.views.staff_parts import SortLinks

MOST_PAGES = 100_000
LONGEST_WORDS = 200


@dataclass(frozen=True, slots=True)
class ListAddress:
    """A list's address: its path and the values that differ from what it shows by itself."""

    path: str
    values: Mapping[str, str]

    def href(self, **changes: str) -> str:
        """Return the address with some values changed; a value of "" is left out."""
        values = {name: value for name, value in {**self.values, **changes}.items() if value}
        return f"{self.path}?{urlencode(values)}" if values else self.path


def sort_links(address: ListAddress, keys: Sequence[str], key: str, *, descending: bool) -> SortLinks:
    """Return the links that sort by each key; the key sorted by turns round."""
    hrefs = {
        each: address.href(sort=each, order="up" if each == key and descending else "down", page="") for each in keys
    }
    return SortLinks(key=key, direction="descending" if descending else "ascending", hrefs=hrefs)


def pager(address: ListAddress, page: int, shown: int, count: int, at_once: int) -> Pager:
    """Return where in a list a page is."""
    first = (page - 1) * at_once + 1
    last = first + shown - 1
    return Pager(
        summary=f"{first:,} to {last:,} of {count:,}",
        previous_href=address.href(page=str(page - 1) if page > 2 else "") if page > 1 else "",  # noqa: PLR2004
        next_href=address.href(page=str(page + 1)) if last < count else "",
    )


def options(chosen: str, pairs: Sequence[tuple[str, str]], *, everything: str = "") -> tuple[Option, ...]:
    """Return the options of a select, with one for everything first where it has a text."""
    first = [("", everything)] if everything else []
    return tuple(Option(value=value, text=text, is_chosen=value == chosen) for value, text in [*first, *pairs])


def day_of(typed: str) -> date | None:
    """Return the day of a date field, None for what is none."""
    with suppress(ValueError):
        return date.fromisoformat(typed)
    return None


def iso(day: date | None) -> str:
    """Return a day as a date field holds it."""
    return day.isoformat() if day is not None else ""


def signed(minor: int, currency: str) -> str:
    """Return an amount with a proper minus sign."""
    return show(Money(minor, currency)).replace("-", "−")


def listed(amounts: Mapping[str, int]) -> str:
    """Return sums in several currencies as words: `£20.00, €5.00 and ¥300`."""
    shown = [signed(minor, currency) for currency, minor in amounts.items()]
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]])) if shown else ""


def counted(number: int, word: str) -> str:
    """Return `1 gift`, `1,204 gifts`."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"
