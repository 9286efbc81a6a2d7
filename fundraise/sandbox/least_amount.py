"""The least amount in the currency that a payment settles in: what it converts to counts, not only what is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.books import settled
from fundraise.sandbox.messages import StripeError
from fundraise.sandbox.money import MINIMUM_CHARGE, as_text

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account


@behaves("amount-converts-to-least")
def check_settled(account: Account, amount_minor: int, currency: str, *, what: str, param: str | None = None) -> None:
    """Refuse an amount that converts to less than the least of the account's own currency. Raises StripeError.

    `what` begins the message. Without an exchange rate nothing can be said, and nothing is refused.
    Source: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
    """
    if currency in account.settles():
        return  # Its own least has been asked for already.
    try:
        converted, own, _ = settled(account, amount_minor, currency)
    except StripeError:
        return
    least = MINIMUM_CHARGE.get(own, 1)
    if converted < least:
        raise StripeError(
            f"{what} must convert to at least {as_text(least, own)}. {as_text(amount_minor, currency)} converts to "
            f"approximately {as_text(converted, own)}.",
            code="amount_too_small",
            param=param,
        )
