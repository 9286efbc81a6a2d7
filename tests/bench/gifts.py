"""Gifts that were begun and are about to be settled, and a Stripe whose objects are fetched already."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from fundraise.gateways.stripe.client import StripeGateway
from fundraise.money import Money
from fundraise.parts import Parts
from fundraise.payments import AccountKey, BalanceTransaction, Charge, ChargeState, Method, Payment

PAID_AT = datetime.fromtimestamp(1_700_000_000 + 2 * 365 * 86400, UTC)


def minor_of(number: int) -> int:
    """Return what the gift of a number is, in pence."""
    return 500 + (number * 7919) % 9500


def ref_of(number: int) -> str:
    return f"open{number:012d}"


def payment_id_of(number: int) -> str:
    return f"pi_open_{number}"


def payment_of(number: int) -> Payment:
    """Return what Stripe says of the payment of a gift: paid by card, its fee known."""
    amount = minor_of(number)
    fee = amount * 15 // 1000 + 20
    transaction = BalanceTransaction(
        id=f"txn_open_{number}",
        type="charge",
        category="charge",
        amount_minor=amount,
        fee_minor=fee,
        net_minor=amount - fee,
        currency="GBP",
        created_at=PAID_AT,
        available_at=PAID_AT,
        source_id=f"ch_open_{number}",
        fee_details=(("stripe_fee", fee),),
    )
    charge = Charge(
        id=f"ch_open_{number}",
        payment_id=payment_id_of(number),
        amount=Money(amount, "GBP"),
        state=ChargeState.SUCCEEDED,
        method=Method.AT_ONCE,
        created_at=PAID_AT,
        transaction=transaction,
        reference=ref_of(number),
        descriptor="SHELTER* BEDS",
    )
    return Payment(
        id=payment_id_of(number),
        amount=Money(amount, "GBP"),
        state="succeeded",
        livemode=False,
        reference=ref_of(number),
        charge=charge,
    )


class Fetched(StripeGateway):
    """A Stripe whose payments were fetched before the clock was started."""

    def __init__(self, payments: Mapping[str, Payment]) -> None:
        super().__init__()
        self._payments = payments

    def payment(self, _account: AccountKey, payment_id: str) -> Payment:
        return self._payments[payment_id]

    def payment_of(self, _account: AccountKey, _object_type: str, object_id: str) -> str | None:
        return object_id


def fetched(first: int, many: int) -> Fetched:
    """Return a Stripe that has fetched the payments of so many gifts."""
    return Fetched({payment_id_of(number): payment_of(number) for number in range(first, first + many)})


def begin(parts: Parts, first: int, many: int) -> None:
    """Write down gifts whose donors are at the payment page; every second of them left an address."""
    now = PAID_AT.replace(tzinfo=None).isoformat(" ") + ".000000" if parts.db.dialect == "sqlite" else PAID_AT
    rows: list[dict[str, Any]] = [
        {
            "ref": ref_of(number),
            "donor": 1 + number % 2,
            "gift": minor_of(number),
            "form": f"open{number}:0:1:1",
            "token": f"open{number}",
            "checkout": f"cs_open_{number}",
            "now": now,
            "no": False,
        }
        for number in range(first, first + many)
    ]
    with parts.db.write("bench: begin") as session:
        session.execute(
            text(
                "INSERT INTO donation (ref, campaign_id, beneficiary_body_id, stripe_account_id, donor_id, gift_minor, "
                "fee_cover_minor, currency, show_name, show_amount, show_message, message, state, form_key, "
                "form_token, group_ref, part, parts, origin, checkout_id, checkout_url, descriptor, created_at) VALUES "
                "(:ref, 1, 1, 1, :donor, :gift, 0, 'GBP', :no, :no, :no, '', 'opened', :form, :token, :ref, 1, 1, '', "
                ":checkout, '', '', :now)"
            ),
            rows,
        )
