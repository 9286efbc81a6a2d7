"""What a card charge may come to in a currency, and what its fee is there, as far as it can be known beforehand.

An account's fee has a fixed part in the currency the account settles in, and what it settles has a least amount there.
Both are converted at the last rates published, and rounded against ourselves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from math import ceil
from typing import Final

from sqlmodel import Session

from fundraise import money
from fundraise.donations.charging import CardFee
from fundraise.payments import ChargeLimits, PaymentGateway
from fundraise.rates.questions import recent_rates

# Rates move between their day and the payment's, and the card company converts at its own: one twentieth more.
_ROOM: Final = Fraction(21, 20)


@dataclass(frozen=True, slots=True)
class Tariff:
    """What an account usually pays for a charge: hundredths of a per cent, and minor units of what it settles in."""

    currency: str
    basis_points: int
    fixed_minor: int


@dataclass(frozen=True, slots=True)
class CardTerms:
    """Limits and fee of a charge in one currency; no fee where no rate is known for its fixed part."""

    limits: ChargeLimits
    fee: CardFee | None


def card_terms(
    session: Session, payments: PaymentGateway, tariffs: Sequence[Tariff], currencies: Iterable[str], day: date
) -> Mapping[str, CardTerms]:
    """Return the terms in each currency; of several tariffs always the dearest. Rates are asked for where needed."""
    wanted = tuple(currencies)
    rates = {
        settled: recent_rates(session, settled, wanted, day) if set(wanted) != {settled} else {}
        for settled in {tariff.currency for tariff in tariffs}
    }
    return {
        currency: _dearest([_terms(payments, tariff, currency, rates[tariff.currency]) for tariff in tariffs])
        for currency in wanted
    }


def _terms(payments: PaymentGateway, tariff: Tariff, currency: str, rates: Mapping[str, Fraction]) -> CardTerms:
    limits = payments.charge_limits(currency)
    if currency == tariff.currency:
        return CardTerms(limits, CardFee(tariff.basis_points, tariff.fixed_minor))
    if currency not in rates:
        known = CardFee(tariff.basis_points, 0) if not tariff.fixed_minor else None
        return CardTerms(limits, known)
    scale = Fraction(10) ** (money.exponent(currency) - money.exponent(tariff.currency))
    minor_per_minor = rates[currency] * scale * _ROOM
    least = limits.rounded_up(ceil(payments.charge_limits(tariff.currency).least_minor * minor_per_minor))
    return CardTerms(
        replace(limits, least_minor=max(limits.least_minor, least)),
        CardFee(tariff.basis_points, ceil(tariff.fixed_minor * minor_per_minor)),
    )


def _dearest(terms: Sequence[CardTerms]) -> CardTerms:
    limits = replace(terms[0].limits, least_minor=max(one.limits.least_minor for one in terms))
    fees = [one.fee for one in terms if one.fee is not None]
    if len(fees) < len(terms):
        return CardTerms(limits, None)
    return CardTerms(limits, CardFee(max(fee.basis_points for fee in fees), max(fee.fixed_minor for fee in fees)))
