"""Whether gifts that were converted arrived at the rate that Stripe names beside them."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from fundraise.flows.reconcile.found import Found
from fundraise.money import Money

# Stripe prints five digits of a rate or more, and rounds the product to a minor unit.
_RATE_STEP: Final = Decimal("0.00001")
# Within so many minor units it is a matter of rounding, beyond them another rate was used.
_ROUNDING_MINOR: Final = 10
_CONVERTED: Final = text(
    "SELECT t.stripe_id, t.amount_minor, t.currency, t.exchange_rate, d.gift_minor + d.fee_cover_minor AS paid_minor, "
    "d.currency AS paid_in, d.ref FROM balance_transaction t JOIN donation d ON d.id = t.donation_id "
    "WHERE t.stripe_account_id = :account AND t.category = 'charge' AND t.currency <> d.currency "
    "AND t.exchange_rate <> ''"
)


def conversions(session: Session, account_id: int) -> Iterator[Found]:
    """Name every converted gift that is off by more than rounding. The rate relates the amounts in minor units."""
    for row in session.execute(_CONVERTED, {"account": account_id}):
        paid = Money(int(row.paid_minor), row.paid_in)
        expected = paid.minor * Decimal(row.exchange_rate)
        off = Money(int(row.amount_minor) - int(expected.to_integral_value()), row.currency)
        if abs(off.minor) > 1 + abs(expected) * _RATE_STEP:
            code = "FX_ROUNDING" if abs(off.minor) <= _ROUNDING_MINOR else "FX_UNEXPECTED"
            detail = f"gift {row.ref}: {paid} at {row.exchange_rate} is off by {off} ({row.stripe_id})"
            yield Found(code, row.stripe_id, off, detail)
