"""What staff forms offer to choose from."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

from babel import Locale

from fundraise import money, times
from fundraise.views.parts import Option

# Currencies that charities of these pages' readers keep books or take gifts in; another one of ISO 4217 that a row has
# already is offered beside them.
OFFERED: Final = (
    "GBP", "EUR", "USD", "AUD", "BGN", "BRL", "CAD", "CHF", "CZK", "DKK", "GEL", "HKD", "HUF", "ILS", "INR", "ISK",
    "JPY", "KES", "KRW", "KWD", "MXN", "NGN", "NOK", "NZD", "PLN", "RON", "SEK", "SGD", "TRY", "TWD", "UAH", "ZAR",
)  # fmt: skip
_COUNTRY_CODE: Final = 2


def currencies(chosen: Iterable[str], *, others: Sequence[str] = OFFERED) -> tuple[Option, ...]:
    """Return currencies to choose from, with those marked that are chosen."""
    marked = set(chosen)
    codes = [*others, *sorted(code for code in marked - set(others) if money.is_currency(code))]
    return tuple(Option(value=code, text=f"{code}, {money.name(code)}", is_chosen=code in marked) for code in codes)


def countries(chosen: str) -> tuple[Option, ...]:
    """Return countries to choose from, by name."""
    return tuple(Option(value=code, text=name, is_chosen=code == chosen) for name, code in _countries())


def zones(chosen: str) -> tuple[Option, ...]:
    """Return time zones to choose from."""
    names = times.zone_names()
    offered = names if chosen in names or not chosen else (*names, chosen)
    return tuple(Option(value=name, text=name.replace("_", " "), is_chosen=name == chosen) for name in offered)


def one_of(choices: Sequence[tuple[str, str]], chosen: str) -> tuple[Option, ...]:
    """Return a few values with their texts."""
    return tuple(Option(value=value, text=text, is_chosen=value == chosen) for value, text in choices)


@cache
def _countries() -> tuple[tuple[str, str], ...]:
    territories = Locale("en", "GB").territories
    # Two letters make a country; the others are groups of countries, and places that no post reaches.
    left_out = {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO", "CP"}
    return tuple(
        sorted(
            (str(name), code)
            for code, name in territories.items()
            if len(code) == _COUNTRY_CODE and code.isalpha() and code not in left_out
        )
    )
