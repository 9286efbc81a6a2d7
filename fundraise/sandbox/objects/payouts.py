"""Payouts: what leaves the balance for the bank, when it arrives, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fundraise.sandbox import bank
from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.books import Movement, book
from fundraise.sandbox.clock import DAY_SECONDS, is_business_day, midnight, next_business_day
from fundraise.sandbox.events import emit
from fundraise.sandbox.messages import Obj, StripeError
from fundraise.sandbox.timeline import action

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account, World

RUN_SECONDS = 600
TO_BANK_SECONDS = 3_600
ARRIVES_SECONDS = 8 * 3_600
ITEMISED_SECONDS = 3_600
TRACE_SECONDS = DAY_SECONDS


@dataclass(frozen=True, slots=True)
class Order:
    """What a payout is made of; `items` are the rows it pays out, none for a manual one."""

    amount: int
    currency: str
    automatic: bool
    items: tuple[str, ...] = ()
    description: str = "STRIPE PAYOUT"
    method: str = "standard"
    statement_descriptor: str | None = None


@action("payouts.daily")
@behaves("payouts-daily", "payout-negative")
def run_daily(world: World, details: Obj) -> None:
    """Each night of a business day: pay out what is available, or debit the bank for what nothing pending covers."""
    account = world.accounts[details["account"]]
    plan_daily(account)
    if account.terms.payouts != "daily" or not is_business_day(account.now()):
        return
    for currency in account.settles():
        available = account.available.get(currency, 0)
        if available > 0 or available + account.pending.get(currency, 0) < 0:
            pay_out_available(account, currency)


def plan_daily(account: Account) -> None:
    """Plan the next nightly run: shortly after the midnight (UTC) at which money becomes available."""
    account.plan(midnight(account.now()) + DAY_SECONDS + RUN_SECONDS, "payouts.daily")


def pay_out_available(account: Account, currency: str) -> Obj | None:
    """Make an automatic payout of all that is available in a currency; None where there is nothing."""
    items = tuple(account.unpaid.get(currency, []))
    amount = account.available.get(currency, 0)
    if amount == 0:
        return None
    account.unpaid[currency] = []
    return make(account, Order(amount, currency, automatic=True, items=items))


@behaves("payout-own-row", "payout-lifecycle")
def make(account: Account, order: Order) -> Obj:
    """Make a payout with its own row; `order.items` belong to it from here on."""
    now = account.now()
    payout_id = account.new_id("po_")
    own = book(
        account,
        Movement(
            kind="payout",
            category="payout",
            amount=-order.amount,
            currency=order.currency,
            source=payout_id,
            description=order.description,
            payout=payout_id if order.automatic else None,
        ),
    )
    for txn in order.items:
        account["balance_transactions"].set(account["balance_transactions"].get(txn), "_payout", payout_id)
    payout = account["payouts"].add(
        {
            "id": payout_id,
            "object": "payout",
            "amount": order.amount,
            "application_fee": None,
            "application_fee_amount": None,
            "arrival_date": next_business_day(now),
            "automatic": order.automatic,
            "balance_transaction": own["id"],
            "created": now,
            "currency": order.currency,
            "description": order.description,
            "destination": f"ba_{account.id[5:]}{order.currency}",
            "failure_balance_transaction": None,
            "failure_code": None,
            "failure_message": None,
            "livemode": False,
            "metadata": {},
            "method": order.method,
            "original_payout": None,
            "payout_method": None,
            "reconciliation_status": "in_progress" if order.automatic else "not_applicable",
            "reversed_by": None,
            "source_type": "card",
            "statement_descriptor": order.statement_descriptor,
            "status": "pending",
            "trace_id": {"status": "pending", "value": None},
            "type": "bank_account",
        }
    )
    emit(account, "payout.created", payout)
    account.plan(now + TO_BANK_SECONDS, "payout.to_bank", payout=payout_id)
    account.plan(payout["arrival_date"] + ARRIVES_SECONDS, "payout.arrive", payout=payout_id)
    return payout


def _of(world: World, details: Obj) -> tuple[Account, Obj]:
    account = world.accounts[details["account"]]
    return account, account["payouts"].get(details["payout"])


@action("payout.to_bank")
def _to_bank(world: World, details: Obj) -> None:
    account, payout = _of(world, details)
    if payout["status"] == "pending":
        payout["status"] = "in_transit"
        emit(account, "payout.updated", payout, {"status": "pending"})


@action("payout.arrive")
def _arrive(world: World, details: Obj) -> None:
    account, payout = _of(world, details)
    if payout["status"] not in {"pending", "in_transit"} or payout.get("_stuck"):
        return
    payout["status"] = "paid"
    bank.credit(account, payout)
    emit(account, "payout.paid", payout)
    _plan_itemising(account, payout)
    account.plan(account.now() + TRACE_SECONDS, "payout.trace", payout=payout["id"])


def _plan_itemising(account: Account, payout: Obj) -> None:
    if payout["automatic"]:
        account.plan(account.now() + ITEMISED_SECONDS, "payout.itemise", payout=payout["id"])


@action("payout.itemise")
@behaves("payout-reconciliation-completed")
def _itemise(world: World, details: Obj) -> None:
    account, payout = _of(world, details)
    if payout["reconciliation_status"] == "in_progress":
        payout["reconciliation_status"] = "completed"
        emit(account, "payout.reconciliation_completed", payout)


@action("payout.trace")
@behaves("payout-trace-id")
def _trace(world: World, details: Obj) -> None:
    account, payout = _of(world, details)
    if payout["status"] != "paid":
        return
    payout["trace_id"] = {"status": "supported", "value": bank.reference(payout)}
    emit(account, "payout.updated", payout, {"trace_id": {"status": "pending", "value": None}})


@behaves("payout-failure-row", "payout-paid-then-failed")
def fail(account: Account, payout: Obj, code: str) -> None:
    """Let the bank refuse a payout, even one that was paid: the money returns to the balance.

    Raises StripeError where the payout has ended. Source: https://docs.stripe.com/payouts#payout-failures
    """
    if payout["status"] in {"failed", "canceled"}:
        raise StripeError(f"This payout is {payout['status']}; it cannot fail.")
    before = {"status": payout["status"]}
    if payout["status"] == "paid":
        bank.take_back(account, payout)
    give_back(account, payout, "payout_failure", "failed")
    payout["failure_code"] = code
    payout["failure_message"] = "The bank could not process this payout: " + code.replace("_", " ") + "."
    emit(account, "payout.failed", payout, before)
    _plan_itemising(account, payout)


def cancel(account: Account, payout: Obj) -> None:
    """Cancel a payout that is pending."""
    give_back(account, payout, "payout_cancel", "canceled")
    emit(account, "payout.canceled", payout, {"status": "pending"})
    _plan_itemising(account, payout)


def give_back(account: Account, payout: Obj, kind: str, status: str) -> None:
    """Write the row (of type `kind`) that returns a payout's money, and set its `status`."""
    row = book(
        account,
        Movement(
            kind=kind,
            category="payout_reversal",
            amount=payout["amount"],
            currency=payout["currency"],
            source=payout["id"],
            description=kind.replace("_", " ").upper(),
        ),
    )
    payout |= {"status": status, "failure_balance_transaction": row["id"]}
