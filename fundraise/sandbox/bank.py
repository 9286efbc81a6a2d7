"""The charity's bank as the sandbox knows it: one account for each currency, and the lines on its statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.messages import Obj

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account

PAYER = "STRIPE PAYMENTS UK LTD"


def reference(payout: Obj) -> str:
    """Return the reference that a bank shows for a payout."""
    return f"STRIPE-{payout['id'][-10:].upper()}"


@behaves("bank-text")
def credit(account: Account, payout: Obj) -> None:
    """Put a payout on the statement: a credit, or a debit for a negative one."""
    add_line(account, payout["currency"], payout["amount"], PAYER, reference(payout), payout=payout["id"])


def take_back(account: Account, payout: Obj) -> None:
    """Take back a payout that was credited."""
    text = f"{PAYER} RETURNED"
    add_line(account, payout["currency"], -payout["amount"], text, reference(payout), payout=payout["id"])


def add_line(
    account: Account, currency: str, amount_minor: int, text: str, ref: str, *, payout: str | None = None
) -> Obj:
    """Add a line to the statement, dated now; `amount_minor` is positive for money in."""
    line = {
        "id": f"L{len(account.bank_lines) + 1:06d}",
        "at": account.now(),
        "currency": currency,
        "amount_minor": amount_minor,
        "text": text,
        "reference": ref,
        "payout": payout,
    }
    account.bank_lines.append(line)
    return line
