"""Payouts: what leaves the balance for the bank, when it arrives, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fundraise.sandbox import bank
from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.books import Movement, book
from fundraise.sandbox.calls import Call, Page, list_page
from fundraise.sandbox.clock import DAY_SECONDS, midnight, next_business_day
from fundraise.sandbox.events import emit
from fundraise.sandbox.messages import Obj, StripeError
from fundraise.sandbox.money import as_text
from fundraise.sandbox.shapes import (
    EXPAND,
    METADATA,
    PAGE,
    TEXT,
    Currency,
    Integer,
    Nested,
    Range,
    Required,
    Text,
    merge_metadata,
    one_of,
)
from fundraise.sandbox.timeline import action

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account, World

LIST = Nested({**PAGE, "arrival_date": Range(), "created": Range(), "destination": TEXT, "status": TEXT})
CREATE = Nested(
    {
        **EXPAND,
        "amount": Required(Integer(1)),
        "currency": Required(Currency()),
        "description": TEXT,
        "metadata": METADATA,
        "method": one_of("standard", "instant"),
        "statement_descriptor": Text(longest=22),
    }
)
UPDATE = Nested({**EXPAND, "metadata": METADATA})
CANCEL = Nested(EXPAND)

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
    """Each night: pay out what is available in each currency, or debit the bank for what is missing."""
    account = world.accounts[details["account"]]
    plan_daily(account)
    if account.terms.payouts == "daily":
        for currency in account.settles():
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
    return _make(account, Order(amount, currency, automatic=True, items=items))


@behaves("payout-own-row", "payout-lifecycle")
def _make(account: Account, order: Order) -> Obj:
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
    if payout["status"] not in {"pending", "in_transit"}:
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
    _give_back(account, payout, "payout_failure", "failed")
    payout["failure_code"] = code
    payout["failure_message"] = "The bank could not process this payout: " + code.replace("_", " ") + "."
    emit(account, "payout.failed", payout, before)
    _plan_itemising(account, payout)


def _give_back(account: Account, payout: Obj, kind: str, status: str) -> None:
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


def create(call: Call) -> Obj:
    """`POST /v1/payouts`: a manual payout; it cannot be itemised."""
    given, account = call.params, call.account
    have = account.available.get(given["currency"], 0)
    if given["amount"] > have:
        raise StripeError(
            f"You have insufficient funds in your Stripe account for this transfer: "
            f"{as_text(have, given['currency'])} is available.",
            code="balance_insufficient",
        )
    payout = _make(
        account,
        Order(
            given["amount"],
            given["currency"],
            automatic=False,
            description=given.get("description", "STRIPE PAYOUT"),
            method=given.get("method", "standard"),
            statement_descriptor=given.get("statement_descriptor"),
        ),
    )
    payout["metadata"] = merge_metadata({}, given.get("metadata", {}))
    return payout


def listing(call: Call) -> Page:
    """`GET /v1/payouts`."""
    arrival = call.params.get("arrival_date", {})
    tests = {"gt": int.__gt__, "gte": int.__ge__, "lt": int.__lt__, "lte": int.__le__}

    def arrives(row: Obj) -> bool:
        return all(tests[name](row["arrival_date"], bound) for name, bound in arrival.items())

    return list_page(call, "payouts", ("status", "destination"), arrives)


def retrieve(call: Call) -> Obj:
    """`GET /v1/payouts/{payout}`."""
    return call.account["payouts"].get(call.ids["payout"], param="payout")


def update(call: Call) -> Obj:
    """`POST /v1/payouts/{payout}`: metadata alone."""
    payout = retrieve(call)
    if "metadata" in call.params:
        payout["metadata"] = merge_metadata(payout["metadata"], call.params["metadata"])
        emit(call.account, "payout.updated", payout)
    return payout


def cancel(call: Call) -> Obj:
    """`POST /v1/payouts/{payout}/cancel`: only while it is pending."""
    payout = retrieve(call)
    if payout["status"] != "pending":
        raise StripeError(f"Payouts can only be canceled while they are pending; this one is {payout['status']}.")
    _give_back(call.account, payout, "payout_cancel", "canceled")
    emit(call.account, "payout.canceled", payout, {"status": "pending"})
    return payout
