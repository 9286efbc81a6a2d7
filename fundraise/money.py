"""Money: whole minor units of one currency. Nothing here or above it ever holds money in a float.

Exponents are those of ISO 4217 (GBP 2, JPY 0, KWD 3). Babel's and Stripe's differ for some currencies, so Babel only
prints and Stripe's own exponents live in its gateway.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache, lru_cache

from babel.numbers import format_currency, get_currency_name, get_currency_symbol
from iso4217 import Currency

# Amounts are BIGINT in both databases.
LARGEST_MINOR = 2**63 - 1
_EXACT = Context(prec=28)


class AmountError(ValueError):
    """What somebody typed is not an amount of this currency; the message is for them."""


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount: `minor` whole minor units (pence, cents, yen) of `currency` (ISO 4217, upper case)."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        """Refuse what is no whole number of minor units, or no currency."""
        if type(self.minor) is not int:  # A float or a bool is a mistake that must not be carried on.
            raise TypeError(f"minor units are whole numbers, not {type(self.minor).__name__}")
        exponent(self.currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        return show(self)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise TypeError(f"{self!r} and {other!r} cannot be combined: convert first")
        return other.minor

    def decimal(self) -> Decimal:
        """Return the amount in major units with exactly the currency's decimals, for printing and exports."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))


@cache
def exponent(currency: str) -> int:
    """Return how many decimals a currency has by ISO 4217; ValueError for what is no currency of payment."""
    digits = getattr(Currency.__members__.get(currency), "exponent", None)
    if digits is None:
        raise ValueError(f"{currency!r} is not a currency code of ISO 4217 that money can be counted in")
    return int(digits)


def is_currency(code: str) -> bool:
    """Tell whether `code` (upper case) is a currency that money can be counted in."""
    try:
        exponent(code)
    except ValueError:
        return False
    return True


def share(whole_minor: int, part: int, of: int) -> int:
    """Return `whole_minor * part / of`, rounded half-even to a whole minor unit; exact, no floats."""
    return round(Fraction(whole_minor * part, of))


def convert(amount: Money, rate: Decimal, currency: str) -> Money:
    """Convert at `rate` (units of `currency` per one unit of the amount's), rounded half-even to the minor unit."""
    return Money(convert_minor(amount.minor, amount.currency, rate, currency), currency)


def average(own: Money, converted: Money) -> Decimal:
    """Return the rate at which an amount came to another: in 28 digits, so that converting it again comes to it."""
    return _EXACT.divide(converted.decimal(), own.decimal())


@lru_cache(maxsize=10_000)
def _ratio(rate: Decimal, places: int) -> tuple[int, int]:
    return rate.scaleb(places).as_integer_ratio()


def convert_minor(minor: int, currency: str, rate: Decimal, into: str) -> int:
    """Convert as `convert` does, from minor units to minor units: for many amounts at once.

    In whole numbers alone: a product of decimals is rounded to its context's digits first, and then a half may be one
    that never was.
    """
    above, below = _ratio(rate, exponent(into) - exponent(currency))
    whole, left = divmod(minor * above, below)
    return whole + int(2 * left > below or (2 * left == below and whole % 2 == 1))


def split_evenly(amount: Money, parts: int, *, step_minor: int = 1) -> list[Money]:
    """Split into `parts` amounts that differ by at most one step and sum to the whole; the first get more.

    `step_minor` is what an amount moves in, 10 for dinars on cards; ValueError for a whole that is in no such steps.
    """
    steps, rest = divmod(amount.minor, step_minor)
    if rest:
        raise ValueError(f"{amount} is not in steps of {step_minor}")
    each, left = divmod(steps, parts)
    return [Money((each + (1 if place < left else 0)) * step_minor, amount.currency) for place in range(parts)]


def show(amount: Money, locale: str = "en_GB") -> str:
    """Print an amount as people write it, always with its currency and all its decimals."""
    return _shown(amount, locale)


@lru_cache(maxsize=10_000)
def _shown(amount: Money, locale: str) -> str:
    """Print an amount; Babel takes as long for it as a database for ten questions, and amounts come again and again."""
    places = exponent(amount.currency)
    pattern = "¤#,##0" + ("." + "0" * places if places else "")
    return format_currency(amount.decimal(), amount.currency, format=pattern, locale=locale, currency_digits=False)


def show_short(amount: Money, locale: str = "en_GB") -> str:
    """Print an amount without `.00` where it is whole, for buttons and goals."""
    if amount.minor % 10 ** exponent(amount.currency):
        return show(amount, locale)
    return _shown_short(amount, locale)


@lru_cache(maxsize=10_000)
def _shown_short(amount: Money, locale: str) -> str:
    return format_currency(amount.decimal(), amount.currency, format="¤#,##0", locale=locale, currency_digits=False)


def plain(amount: Money) -> str:
    """Print the bare number with all its decimals and a point, for exports and form values: `1234.50`."""
    return f"{amount.decimal():f}"


def symbol(currency: str, locale: str = "en_GB") -> str:
    """Return the sign people write for a currency: `£`, `€`, `US$`."""
    return str(get_currency_symbol(currency, locale=locale))


def name(currency: str, locale: str = "en_GB") -> str:
    """Return a currency's name in the plural: `British pounds`."""
    return str(get_currency_name(currency, count=2, locale=locale))


# Signs that people type before or after a number, and the currencies each may stand for.
_SIGNS: dict[str, frozenset[str]] = {
    "£": frozenset({"GBP", "GIP", "FKP", "SHP", "EGP", "SDG", "SSP", "SYP", "LBP"}),
    "€": frozenset({"EUR"}),
    "$": frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP", "BRL"}),
    "US$": frozenset({"USD"}),
    "CA$": frozenset({"CAD"}),
    "A$": frozenset({"AUD"}),
    "¥": frozenset({"JPY", "CNY"}),
    "JP¥": frozenset({"JPY"}),
    "₹": frozenset({"INR"}),
    "₽": frozenset({"RUB"}),
    "₴": frozenset({"UAH"}),
    "₺": frozenset({"TRY"}),
    "zł": frozenset({"PLN"}),
    "kr": frozenset({"SEK", "NOK", "DKK", "ISK"}),
}
_SPACES = " \u00a0\u2007\u2009\u202f'\u2019"
_NUMBER = re.compile(r"[0-9.,٫٬" + _SPACES + r"]+")
_ENGLISH = str.maketrans({"٫": ".", "٬": " "})
_TOO_LONG = 40


def parse(typed: str, currency: str) -> Money:
    """Read an amount as people type it; what can be read two ways is asked back, never guessed.

    Reads `10`, `£10`, `10 GBP`, `1,50`, `1.50`, `1 000`, `1,000.00`, `1.000,00` and any script's digits. Raises
    `AmountError` with a message for the person: for nothing, a negative, another currency's sign, more decimals than
    the currency has, and for `1,500` in a currency where that may be 1500 or 1.5. The sign is not checked for zero.
    """
    text = unicodedata.normalize("NFC", typed).strip()
    if not text:
        raise AmountError("Please write an amount.")
    if len(text) > _TOO_LONG:
        raise AmountError("That is too long for an amount.")
    number = _without_currency(_western_digits(text), currency)
    whole, decimals = _split_decimals(number, exponent(currency), currency)
    minor = int(whole + decimals.ljust(exponent(currency), "0"))
    if minor > LARGEST_MINOR:
        raise AmountError("That is more than we can take in one gift.")
    return Money(minor, currency)


def _western_digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)


def _without_currency(text: str, currency: str) -> str:
    match = _NUMBER.search(text)
    if match is None or not any(sign.isdigit() for sign in match.group()):
        raise AmountError("Please write the amount in digits, like 20 or 12.50.")
    before, after = text[: match.start()].strip(), text[match.end() :].strip()
    if "-" in before or "−" in before:
        raise AmountError("Please write an amount above zero.")
    for sign in (before, after):
        if sign and sign.upper() != currency and currency not in _SIGNS.get(sign, ()):
            if sign in _SIGNS or is_currency(sign.upper()):
                raise AmountError(f"You wrote {sign}, but the currency chosen is {name(currency)}.")
            raise AmountError("Please write only the amount in digits, like 20 or 12.50.")
    return match.group().strip(_SPACES).translate(_ENGLISH)


def _split_decimals(number: str, places: int, currency: str) -> tuple[str, str]:
    """Tell the whole part and the decimals apart, both as digits."""
    marks = [sign for sign in number if sign in ".,"]
    spaced = any(sign in _SPACES for sign in number)
    if len(set(marks)) == 2:  # noqa: PLR2004  A point and a comma: the last one sets off the decimals.
        mark = marks[-1]
        if marks.count(mark) > 1:
            raise _unreadable()
        whole, _, decimals = number.rpartition(mark)
        return _grouped(whole, ({".", ","} - {mark}).pop()), _checked(decimals, places, currency)
    if len(marks) > 1:  # 1,000,000 can only be thousands.
        return _grouped(number, marks[0]), ""
    if not marks:
        return (_grouped(number, None), "") if spaced else (number, "")
    whole, _, decimals = number.partition(marks[0])
    could_be_thousands = re.fullmatch(r"[1-9][0-9]{0,2}", whole) is not None and len(decimals) == 3  # noqa: PLR2004
    if could_be_thousands and not spaced and places == 0:
        return whole + decimals, ""
    # These pages write the decimal point as a point, so `1.234` of a three-decimal currency says what it says.
    if could_be_thousands and not spaced and (marks[0], places) != (".", 3):
        raise AmountError(
            f"{number} can be read in two ways. Please write {whole}{decimals} or {whole}.{decimals[:places]}."
        )
    if decimals == "":
        return _grouped(whole, None), ""
    return _grouped(whole or "0", None), _checked(decimals, places, currency)


def _grouped(whole: str, mark: str | None) -> str:
    """Take thousands marks out of a whole number, if they stand where thousands marks stand."""
    marks = _SPACES + (mark or "")
    if not any(sign in marks for sign in whole):
        if not whole.isdigit():
            raise _unreadable()
        return whole
    groups = re.split(f"[{re.escape(marks)}]", whole)
    if not re.fullmatch(r"[0-9]{1,3}", groups[0]) or any(not re.fullmatch(r"[0-9]{3}", group) for group in groups[1:]):
        raise _unreadable()
    return "".join(groups)


def _checked(decimals: str, places: int, currency: str) -> str:
    if not decimals.isdigit():
        raise _unreadable()
    if len(decimals) > places:
        if places == 0:
            raise AmountError(f"Please write a whole number: {name(currency)} have no smaller unit.")
        raise AmountError(f"Please write at most {places} digits after the point.")
    return decimals


def _unreadable() -> AmountError:
    return AmountError("We could not read that amount. Please write it like 20 or 12.50.")
