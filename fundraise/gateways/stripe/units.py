"""Stripe's own minor units, which are not ISO 4217's for five currencies (docs.stripe.com/currencies)."""

from fundraise.money import Money, exponent

_ZERO_DECIMAL = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"}
)
_THREE_DECIMAL = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
# The largest amount of one charge: eight digits (docs.stripe.com/currencies, "minimum and maximum charge amounts").
LARGEST_STRIPE_MINOR = 99_999_999


def stripe_exponent(currency: str) -> int:
    """Return how many decimals Stripe counts a currency with; ISK and UGX are sent with two, always 00."""
    if currency in _ZERO_DECIMAL:
        return 0
    return 3 if currency in _THREE_DECIMAL else 2


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
