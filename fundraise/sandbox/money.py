"""Amounts as Stripe sends them: smallest units, minimum charges, fees and exchange rates."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.messages import StripeError

ZERO_DECIMAL = frozenset(
    ("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf")
)
"""Amounts in whole units. Source: https://docs.stripe.com/currencies#zero-decimal"""

THREE_DECIMAL = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
"""Amounts in thousandths, the last digit always 0. Source: https://docs.stripe.com/currencies#three-decimal"""

WHOLE_HUNDREDS = frozenset({"isk", "ugx"})
"""Sent with two decimals that must be 00. Source: https://docs.stripe.com/currencies#special-cases"""

MINIMUM_CHARGE = {
    "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50, "gbp": 30,
    "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50, "pln": 200,
    "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "usd": 50,
}  # fmt: skip
"""Smallest card charge by currency. Source: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts"""

_SYMBOLS = {"gbp": "£", "eur": "€", "usd": "$", "jpy": "¥", "cad": "CA$", "aud": "A$", "nzd": "NZ$"}

_USD_PER_UNIT = {
    "usd": "1", "gbp": "1.3100", "eur": "1.1600", "chf": "1.2500", "sek": "0.1050", "nok": "0.0990", "dkk": "0.1555",
    "pln": "0.2720", "czk": "0.0478", "huf": "0.0030", "ron": "0.2280", "cad": "0.7150", "aud": "0.6500",
    "nzd": "0.5700", "jpy": "0.0065", "krw": "0.00070", "inr": "0.0113", "zar": "0.0575", "aed": "0.2723",
    "sgd": "0.7700", "hkd": "0.1286", "brl": "0.1850", "mxn": "0.0540", "isk": "0.0079", "kwd": "3.2600",
    "bhd": "2.6500", "jod": "1.4100", "omr": "2.6000", "tnd": "0.3400", "try": "0.0236", "uah": "0.0238",
}  # fmt: skip


def exponent(currency: str) -> int:
    """Return how many decimals Stripe counts in `currency`."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def as_text(amount_minor: int, currency: str) -> str:
    """Return `£12.50`, `¥500`, `SEK 30.00`: the way Stripe's messages and pages write money."""
    places = exponent(currency)
    major = Decimal(abs(amount_minor)).scaleb(-places)
    symbol = _SYMBOLS.get(currency, currency.upper() + " ")
    return f"{'-' if amount_minor < 0 else ''}{symbol}{major:,.{places}f}"


@behaves("amount-limits", "three-decimal-amounts")
def check_chargeable(amount_minor: int, currency: str, param: str = "amount") -> None:
    """Refuse an amount that Stripe would not charge. Raises StripeError."""
    minimum = MINIMUM_CHARGE.get(currency, 1)
    if amount_minor < minimum:
        raise StripeError(
            f"Amount must be at least {as_text(minimum, currency)} {currency}", code="amount_too_small", param=param
        )
    if amount_minor > 99_999_999:
        raise StripeError(
            f"Amount must be no more than {as_text(99_999_999, currency)} {currency}",
            code="amount_too_large",
            param=param,
        )
    step = 10 if currency in THREE_DECIMAL else 100 if currency in WHOLE_HUNDREDS else 1
    if amount_minor % step:
        raise StripeError(
            f"Invalid amount {amount_minor} in {currency.upper()}: it must be a multiple of {step}",
            code="parameter_invalid_integer",
            param=param,
        )


def half_up(value: Decimal) -> int:
    """Round to a whole minor unit, ties away from zero.

    Source: https://support.stripe.com/questions/rounding-rules-for-stripe-fees
    """
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@dataclass(slots=True)
class Tariff:
    """What Stripe charges one account: percentages in basis points, fixed parts in minor units of its own currency."""

    percent_bp: int = 150
    fixed_minor: int = 20
    foreign_card_extra_bp: int = 0
    bank_debit_percent_bp: int = 100
    bank_debit_fixed_minor: int = 20
    bank_debit_failure_minor: int = 0
    dispute_minor: int = 2000

    def fee_minor(self, amount_minor: int, *, method: str, foreign: bool, fixed_rate: Decimal) -> int:
        """Return the fee on a settled amount, both in the settled currency.

        `fixed_rate` turns the fixed part into the settled currency's minor units.
        """
        debit = method != "card"
        percent = self.bank_debit_percent_bp if debit else self.percent_bp
        if foreign and not debit:
            percent += self.foreign_card_extra_bp
        fixed = self.bank_debit_fixed_minor if debit else self.fixed_minor
        return min(
            amount_minor, half_up(Decimal(amount_minor) * percent / 10_000) + half_up(Decimal(fixed) * fixed_rate)
        )


@dataclass(slots=True)
class Rates:
    """Exchange rates between major units; a rate set at a time holds until the next one."""

    set_rates: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    def put(self, pair: str, rate: str, at: int) -> None:
        """Set `pair` ("eur/gbp") from `at` on. Raises ValueError where `rate` is no positive number."""
        if not Decimal(rate) > 0:
            raise ValueError(rate)
        self.set_rates.setdefault(pair, []).append((at, rate))

    @behaves("fx-rate-per-minor-unit")
    def between(self, source: str, target: str, at: int) -> Decimal:
        """Return what one minor unit of `source` is worth in minor units of `target` at `at`.

        Stripe's `exchange_rate` is such a factor between the two amounts, so it is 100 times off the market rate
        between yen and pounds (Automattic/woocommerce-payments#2934). Raises StripeError where no rate is known.
        """
        if source == target:
            return Decimal(1)
        major = self._major(source, target, at)
        return major.scaleb(exponent(target) - exponent(source))

    def _major(self, source: str, target: str, at: int) -> Decimal:
        straight, turned = f"{source}/{target}", f"{target}/{source}"
        held = [(since, pair, rate) for pair in (turned, straight) for since, rate in self.set_rates.get(pair, [])]
        known = [one for one in held if one[0] <= at]
        if known:
            _, pair, rate = max(reversed(known), key=lambda one: one[0])
            return Decimal(rate) if pair == straight else round(1 / Decimal(rate), 6)
        try:
            return round(Decimal(_USD_PER_UNIT[source]) / Decimal(_USD_PER_UNIT[target]), 6)
        except KeyError:
            raise StripeError(f"The sandbox knows no exchange rate from {source} to {target}; set one.") from None

    def to_json(self) -> dict[str, Any]:
        """Return the state as JSON-able data."""
        return {pair: [list(row) for row in rows] for pair, rows in self.set_rates.items()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Rates:
        """Build from what `to_json` gave."""
        return cls({pair: [(int(since), str(rate)) for since, rate in rows] for pair, rows in data.items()})
