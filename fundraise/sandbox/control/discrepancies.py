"""The control action `discrepancy`: what a treasurer's catalogue names (stripe.md e.4) comes about at Stripe.

What only the bank or our own books can get wrong is refused in words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.control.discrepant_charges import OF_CHARGES
from fundraise.sandbox.control.discrepant_payouts import OF_PAYOUTS
from fundraise.sandbox.control.registry import account_of, control
from fundraise.sandbox.messages import ControlError, Obj

if TYPE_CHECKING:
    from fundraise.sandbox.engine import Sandbox

RECIPES = {**OF_CHARGES, **OF_PAYOUTS}
"""By code of stripe.md e.4: how it comes about."""

DAYS = {
    "NO_BALANCE_TXN": 3,
    "REFUND_PENDING_LONG": 11,
    "PAYOUT_SUM": 5,
    "PAYOUT_NOT_ITEMISED": 10,
    "PAYOUT_OVERDUE": 12,
}
"""How many days until a discrepancy is more than a delay."""

_ROWS_AGREE = "Stripe's own rows agree with themselves; only a copy of them can be wrong"
_BANK = "it comes about at the bank: see bank-line, and leave lines out of what bank-statement gives"
REFUSED = {
    "FEE_BREAKDOWN": _ROWS_AGREE,
    "NET_MISMATCH": _ROWS_AGREE,
    "ARITHMETIC": _ROWS_AGREE,
    "ROLLFORWARD_BREAK": "a list must lack a row that the balance has: see fault with late_row",
    "MODE_MIX": "this sandbox has test mode alone",
    "GIFTAID_CLAIMED_THEN_REFUNDED": "the claim is ours; refund a gift of it",
    **dict.fromkeys(
        (
            "BANK_CREDIT_MISSING",
            "BANK_CREDIT_LATE",
            "BANK_CREDIT_AMOUNT",
            "BANK_CREDIT_MERGED",
            "BANK_CREDIT_SPLIT",
            "BANK_CREDIT_UNMATCHED",
            "BANK_CREDIT_WRONG_ACCOUNT",
        ),
        _BANK,
    ),
}
"""By code: why it is not made here."""


@control("discrepancy")
@behaves("discrepancy-seeds")
def seed_discrepancy(sandbox: Sandbox, details: Obj) -> Obj:
    """Let one discrepancy come about: `code`, `account`. Without `code`: list all.

    Returns `code`, the `objects` it is about, and `days`: after how many days it can be told from a mere delay.
    """
    if not details.get("code"):
        return {"codes": {**dict.fromkeys(RECIPES, "made at Stripe"), **REFUSED}}
    code = str(details["code"])
    if code in REFUSED:
        raise ControlError(f"{code} cannot be made at Stripe: {REFUSED[code]}", status=409)
    if code not in RECIPES:
        raise ControlError(f"no such discrepancy: {code}; known are {', '.join(sorted({*RECIPES, *REFUSED}))}", 404)
    objects = RECIPES[code](sandbox, account_of(sandbox.world, details))
    return {"code": code, "days": DAYS.get(code, 0), "objects": objects}
