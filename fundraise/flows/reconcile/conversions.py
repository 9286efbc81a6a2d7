"""Whether gifts that were converted arrived at the rate that Stripe names beside them."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from sqlmodel import Session

from fundraise import plain
from fundraise.flows.reconcile.found import Found
from fundraise.money import Money

# Stripe prints five digits of a rate or more, and rounds the product to a minor unit.
_RATE_STEP: Final = Decimal("0.00001")
# Within so many minor units it is a matter of rounding, beyond them another rate was used.
_ROUNDING_MINOR: Final = 10
_CONVERTED: Final = (
    "SELECT t.stripe_id, t.amount_minor, t.currency, t.exchange_rate, d.gift_minor + d.fee_cover_minor AS paid_minor, "
    "d.currency AS paid_in, d.ref FROM balance_transaction t JOIN donation d ON d.id = t.donation_id "
    "WHERE t.stripe_account_id = :account AND t.category = 'charge' AND t.currency <> d.currency "
    "AND t.exchange_rate <> ''"
)


def conversions(session: Session, account_id: int) -> Iterator[Found]:
    """Name every converted gift that is off by more than rounding. The rate relates the amounts in minor units."""
    converted = plain.stream(session, _CONVERTED, {"account": account_id})
    for stripe_id, amount_minor, currency, rate, paid_minor, paid_in, ref in converted:
        paid = Money(int(paid_minor), paid_in)
        expected = paid.minor * Decimal(rate)
        off = Money(int(amount_minor) - int(expected.to_integral_value()), currency)
        if abs(off.minor) > 1 + abs(expected) * _RATE_STEP:
            code = "FX_ROUNDING" if abs(off.minor) <= _ROUNDING_MINOR else "FX_UNEXPECTED"
            detail = f"gift {ref}: {paid} at {rate} is off by {off} ({stripe_id})"
            yield Found(code, stripe_id, off, detail)
