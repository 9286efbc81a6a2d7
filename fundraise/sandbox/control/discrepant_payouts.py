"""Discrepancies of payouts and of what an account holds, each made of the other control actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fundraise.sandbox.books import Movement, book
from fundraise.sandbox.control import money_back
from fundraise.sandbox.control.discrepant_charges import Recipe
from fundraise.sandbox.faults import Fault
from fundraise.sandbox.messages import ControlError, Obj
from fundraise.sandbox.objects import payouts

if TYPE_CHECKING:
    from fundraise.sandbox.engine import Sandbox
    from fundraise.sandbox.world import Account


def _paid_out(sandbox: Sandbox, account: Account) -> Obj:
    """Pay out what is available, and return the payout. Raises ControlError."""
    made = money_back.payout(sandbox, {"account": account.id})
    return account["payouts"].get(made["id"])


def _payout_lacks_a_row(sandbox: Sandbox, account: Account) -> Obj:
    payout = _paid_out(sandbox, account)
    fault = Fault("late_row", times=10, path="/v1/balance_transactions", query=f"payout={payout['id']}")
    sandbox.world.faults.planned.append(fault)
    return {"payout": payout["id"]}


def _payout_by_hand(_sandbox: Sandbox, account: Account) -> Obj:
    currency = account.terms.default_currency
    amount = account.available.get(currency, 0)
    if amount <= 0:
        raise ControlError(f"nothing is available in {currency}", status=409)
    return {"payout": payouts.make(account, payouts.Order(amount, currency, automatic=False))["id"]}


def _payout_under_way(sandbox: Sandbox, account: Account) -> Obj:
    return {"payout": _paid_out(sandbox, account)["id"]}


def _payout_stuck(sandbox: Sandbox, account: Account) -> Obj:
    payout = _paid_out(sandbox, account)
    payout["_stuck"] = True
    return {"payout": payout["id"]}


def _payout_fails(sandbox: Sandbox, account: Account) -> Obj:
    payout = _paid_out(sandbox, account)
    payouts.fail(account, payout, "account_closed")
    return {"payout": payout["id"]}


def _payout_canceled(sandbox: Sandbox, account: Account) -> Obj:
    payout = _paid_out(sandbox, account)
    payouts.cancel(account, payout)
    return {"payout": payout["id"]}


def _arrived(account: Account) -> Obj:
    for payout in reversed(account["payouts"].rows):
        if payout["status"] == "paid":
            return payout
    raise ControlError("no payout of this account has arrived yet: pay out, and move the clock on", status=409)


def _paid_then_fails(_sandbox: Sandbox, account: Account) -> Obj:
    payout = _arrived(account)
    payouts.fail(account, payout, "account_closed")
    return {"payout": payout["id"]}


def _payout_reversed(_sandbox: Sandbox, account: Account) -> Obj:
    payout = _arrived(account)
    back = Movement("payout", "payout_reversal", payout["amount"], payout["currency"], payout["id"])
    return {"payout": payout["id"], "row": book(account, back)["id"]}


def _own_fee(sandbox: Sandbox, account: Account) -> Obj:
    return {"row": money_back.stripe_fee(sandbox, {"account": account.id, "amount": 150})["id"]}


def _below_zero(sandbox: Sandbox, account: Account) -> Obj:
    currency = account.terms.default_currency
    held = account.available.get(currency, 0) + account.pending.get(currency, 0)
    fee = {"account": account.id, "amount": max(held, 0) + 1_000, "description": "Fees of Stripe's of this month"}
    return {"row": money_back.stripe_fee(sandbox, fee)["id"]}


def _negative_payout(sandbox: Sandbox, account: Account) -> Obj:
    return {**_below_zero(sandbox, account), "payout": _paid_out(sandbox, account)["id"]}


def _row(kind: str, category: str, amount: int) -> Recipe:
    def recipe(sandbox: Sandbox, account: Account) -> Obj:
        details = {"account": account.id, "type": kind, "category": category, "amount": amount}
        return {"row": money_back.balance_row(sandbox, details)["id"]}

    return recipe


OF_PAYOUTS: dict[str, Recipe] = {
    "FEE_UNALLOCATED": _own_fee,
    "PAYOUT_SUM": _payout_lacks_a_row,
    "PAYOUT_NOT_ITEMISED": _payout_by_hand,
    "PAYOUT_IN_TRANSIT": _payout_under_way,
    "PAYOUT_OVERDUE": _payout_stuck,
    "PAYOUT_FAILED": _payout_fails,
    "PAYOUT_CANCELED": _payout_canceled,
    "PAYOUT_PAID_THEN_FAILED": _paid_then_fails,
    "PAYOUT_REVERSED": _payout_reversed,
    "PAYOUT_NEGATIVE": _negative_payout,
    "BALANCE_NEGATIVE": _below_zero,
    "RESERVE_HELD": _row("reserve_transaction", "risk_reserved_funds", -300),
    "TOPUP": _row("topup", "topup", 500),
}
"""By code of stripe.md e.4: how it comes about."""
