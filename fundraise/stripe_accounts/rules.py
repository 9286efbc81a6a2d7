"""From when on an account's money is ours to explain."""

from datetime import datetime, timedelta
from typing import Final

from fundraise.stripe_accounts.tables import StripeAccount

# Clocks differ, and who connects an account may have tried it out the day before.
_BEFORE_WE_WERE_CONNECTED: Final = timedelta(days=3)


def counted_since(account: StripeAccount) -> datetime:
    """Return from when on what moves at Stripe is counted, in whole seconds as Stripe's moments are.

    What moved before is part of what Stripe held then, the opening balance, also where a later payout lists it.
    """
    return (account.created_at - _BEFORE_WE_WERE_CONNECTED).replace(microsecond=0)
