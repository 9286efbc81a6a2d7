"""Invoices of subscriptions and the payments that settle them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.calls import Call, Page, list_page
from fundraise.sandbox.clock import DAY_SECONDS
from fundraise.sandbox.events import emit
from fundraise.sandbox.messages import Obj
from fundraise.sandbox.objects.attempts import FOLLOWERS, attempt, decline
from fundraise.sandbox.objects.payment_intents import add_intent
from fundraise.sandbox.objects.subscription_states import end, set_status
from fundraise.sandbox.shapes import EXPAND, PAGE, TEXT, Nested, Range, Required, one_of
from fundraise.sandbox.timeline import action

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account, World

DRAFT_SECONDS = 3_600
"""How long a renewal's invoice stays a draft. Source: https://docs.stripe.com/billing/invoices/subscription"""

RETRY_DAYS = (3, 5, 7)
"""How many days after each declined attempt the next one follows; after the last the subscription ends."""

LIST = Nested({**PAGE, "created": Range(), "customer": TEXT, "status": TEXT, "subscription": TEXT})
READ = Nested(EXPAND)
PAYMENT_LIST = Nested(
    {
        **PAGE,
        "invoice": TEXT,
        "payment": Nested({"payment_intent": TEXT, "type": Required(one_of("payment_intent"))}),
        "status": one_of("canceled", "open", "paid"),
    }
)


def finalise(account: Account, invoice: Obj) -> None:
    """Give a draft its number; it is open from here on."""
    account.invoice_count += 1
    now = account.now()
    customer = account["customers"].get(invoice["customer"])
    invoice |= {
        "status": "open",
        "number": f"{customer['invoice_prefix']}-{account.invoice_count:04d}",
        "effective_at": now,
    }
    invoice["status_transitions"]["finalized_at"] = now
    emit(account, "invoice.finalized", invoice)


@behaves("invoice-payments")
def settle_with(account: Account, invoice: Obj, intent: Obj) -> None:
    """Join a PaymentIntent to an invoice, and take its status: paid, or open while a debit is under way."""
    intent["_invoice"] = invoice["id"]
    invoice["attempted"] = True
    invoice["attempt_count"] += 1
    payment = account["invoice_payments"].add(
        {
            "id": account.new_id("inpay_"),
            "object": "invoice_payment",
            "amount_paid": None,
            "amount_requested": invoice["amount_due"],
            "created": account.now(),
            "currency": invoice["currency"],
            "invoice": invoice["id"],
            "is_default": True,
            "livemode": False,
            "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
            "status": "open",
            "status_transitions": {"canceled_at": None, "paid_at": None},
        }
    )
    if intent["status"] == "succeeded":
        _paid(account, invoice, payment)


def _paid(account: Account, invoice: Obj, payment: Obj) -> None:
    now = account.now()
    payment |= {"status": "paid", "amount_paid": invoice["amount_due"]}
    payment["status_transitions"]["paid_at"] = now
    invoice |= {
        "status": "paid",
        "amount_paid": invoice["amount_due"],
        "amount_remaining": 0,
        "next_payment_attempt": None,
        "auto_advance": False,
    }
    invoice["status_transitions"]["paid_at"] = now
    emit(account, "invoice_payment.paid", payment)
    emit(account, "invoice.paid", invoice)
    emit(account, "invoice.payment_succeeded", invoice)
    subscription = account["subscriptions"].get(invoice["_subscription"])
    set_status(account, subscription, "active")


@action("invoice.collect")
@behaves("invoice-collection-retries")
def _collect(world: World, details: Obj) -> None:
    account = world.accounts[details["account"]]
    invoice = account["invoices"].get(details["invoice"])
    subscription = account["subscriptions"].get(invoice["_subscription"])
    if subscription["status"] == "canceled" or invoice["status"] not in {"draft", "open"}:
        return
    if invoice["status"] == "draft":
        finalise(account, invoice)
    intent = _intent(account, invoice, subscription)
    method = account["payment_methods"].get(subscription["default_payment_method"])
    declines: list[str] = subscription.get("_declines", [])
    if declines:
        outcome = decline(account, intent, method, declines.pop())
    else:
        outcome = attempt(account, intent, method, authenticated=True)
    if outcome == "declined":
        _failed(account, invoice, subscription)
    else:
        settle_with(account, invoice, intent)


def _intent(account: Account, invoice: Obj, subscription: Obj) -> Obj:
    details = {
        "customer": subscription["customer"],
        "description": "Subscription update",
        "invoice": invoice["id"],
        "setup_future_usage": "off_session",
    }
    if "_intent" not in invoice:
        intent = add_intent(account, invoice["amount_due"], invoice["currency"], details)
        invoice["_intent"] = intent["id"]
    return account["payment_intents"].get(invoice["_intent"])


def _failed(account: Account, invoice: Obj, subscription: Obj) -> None:
    invoice["attempted"] = True
    invoice["attempt_count"] += 1
    tries = invoice["attempt_count"]
    if tries <= len(RETRY_DAYS):
        due = account.now() + RETRY_DAYS[tries - 1] * DAY_SECONDS
        invoice["next_payment_attempt"] = due
        account.plan(due, "invoice.collect", invoice=invoice["id"])
    else:
        invoice["next_payment_attempt"] = None
    emit(account, "invoice.payment_failed", invoice)
    set_status(account, subscription, "past_due")
    if invoice["next_payment_attempt"] is None:
        end(account, subscription, "payment_failed")


def _debit_ended(account: Account, intent: Obj, status: str) -> None:
    invoice = account["invoices"].find(intent["_invoice"]) if intent["_invoice"] else None
    if invoice is None or invoice["status"] != "open":
        return
    if status == "succeeded":
        _paid(account, invoice, account["invoice_payments"].where("invoice", invoice["id"])[-1])
    else:
        invoice["attempt_count"] -= 1  # This attempt was counted when the debit began.
        _failed(account, invoice, account["subscriptions"].get(invoice["_subscription"]))


FOLLOWERS.append(_debit_ended)


def listing(call: Call) -> Page:
    """`GET /v1/invoices`."""
    given = dict(call.params)
    if "subscription" in given:
        given["_subscription"] = given.pop("subscription")
    narrowed = Call(call.account, given, call.ids, call.base_url)
    return list_page(narrowed, "invoices", ("customer", "status", "_subscription"))


def retrieve(call: Call) -> Obj:
    """`GET /v1/invoices/{invoice}`."""
    return call.account["invoices"].get(call.ids["invoice"], param="invoice")


def payments(account: Account, invoice: Obj) -> Page:
    """Return the payments of an invoice, newest first."""
    rows = account["invoice_payments"].where("invoice", invoice["id"])[::-1]
    return Page(rows, more=False, url=f"/v1/invoice_payments?invoice={invoice['id']}")


def list_payments(call: Call) -> Page:
    """`GET /v1/invoice_payments`."""
    wanted = call.params.get("payment", {}).get("payment_intent")

    def fits(row: Obj) -> bool:
        return wanted is None or row["payment"]["payment_intent"] == wanted

    return list_page(call, "invoice_payments", ("invoice", "status"), fits)


def retrieve_payment(call: Call) -> Obj:
    """`GET /v1/invoice_payments/{invoice_payment}`."""
    return call.account["invoice_payments"].get(call.ids["invoice_payment"], param="invoice_payment")
