"""Stripe's own minor units, which are not ISO 4217's for five currencies (docs.stripe.com/currencies)."""

from functools import cache
from typing import Final

from fundraise.money import Money, exponent
from fundraise.payments import ChargeLimits

_ZERO_DECIMAL = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"}
)
_THREE_DECIMAL = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
# The least and the largest amount of one charge, in Stripe's units; we keep to eight digits, though Stripe takes more
# of a few currencies. Source: docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
_LEAST: Final = {
    "AED": 200, "AUD": 50, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 1500, "DKK": 250, "EUR": 50, "GBP": 30,
    "HKD": 400, "HUF": 17500, "INR": 50, "JPY": 50, "MXN": 1000, "MYR": 200, "NOK": 300, "NZD": 50, "PLN": 200,
    "RON": 200, "SEK": 300, "SGD": 50, "THB": 1000, "USD": 50,
}  # fmt: skip
_LARGEST: Final = 99_999_999


def stripe_exponent(currency: str) -> int:
    """Return how many decimals Stripe counts a currency with; ISK and UGX are sent with two, always 00."""
    if currency in _ZERO_DECIMAL:
        return 0
    return 3 if currency in _THREE_DECIMAL else 2


@cache
def charge_limits(currency: str) -> ChargeLimits:
    """Return what one charge may come to; for a currency without a least amount of its own, one step."""
    scale = stripe_exponent(currency) - exponent(currency)
    step = 10 if currency in _THREE_DECIMAL else _power(max(-scale, 0))

    def whole_steps(units: int) -> int:
        minor = units // _power(scale) if scale >= 0 else units * _power(-scale)
        return minor // step * step

    return ChargeLimits(whole_steps(_LEAST[currency]) if currency in _LEAST else step, whole_steps(_LARGEST), step)


def to_stripe(amount: Money) -> int:
    """Return the integer that Stripe takes; ValueError for what it cannot take (a third decimal other than 0)."""
    scale = stripe_exponent(amount.currency) - exponent(amount.currency)
    if scale >= 0:
        units = amount.minor * _power(scale)
    else:
        units, rest = divmod(amount.minor, _power(-scale))
        if rest:
            raise ValueError(f"Stripe takes no {amount}")
    if amount.currency in _THREE_DECIMAL and units % 10:
        raise ValueError(f"Stripe takes no {amount}: the last digit must be 0")
    return units


def from_stripe(units: int, currency: str) -> int:
    """Return ISO minor units for an amount of Stripe's; `currency` upper case."""
    scale = stripe_exponent(currency) - exponent(currency)
    if scale <= 0:
        return units * _power(-scale)
    minor, rest = divmod(units, _power(scale))
    if rest:
        raise ValueError(f"{units} is no whole amount of {currency}")
    return minor


def _power(places: int) -> int:
    return int("1" + "0" * places)


def money(units: int, currency: str) -> Money:
    """Return Stripe's amount as money."""
    return Money(from_stripe(units, currency.upper()), currency.upper())
