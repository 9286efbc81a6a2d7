"""Subscriptions: gifts that repeat, begun by a Checkout Session, renewed by the timeline, ended by the donor."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.calls import Call, Page, list_page
from fundraise.sandbox.events import emit
from fundraise.sandbox.messages import Obj, StripeError
from fundraise.sandbox.objects import invoices
from fundraise.sandbox.objects.invoice_drafts import add_invoice
from fundraise.sandbox.objects.payment_methods import attach
from fundraise.sandbox.objects.subscription_states import cancel_at_period_end, end, period_end
from fundraise.sandbox.shapes import (
    BOOLEAN,
    EXPAND,
    METADATA,
    PAGE,
    TEXT,
    Either,
    Nested,
    Range,
    Text,
    merge_metadata,
    one_of,
)
from fundraise.sandbox.timeline import action

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account, World

_DETAILS = Nested(
    {
        "comment": Text(clearable=True),
        "feedback": Either(
            one_of(
                "customer_service",
                "low_quality",
                "missing_features",
                "other",
                "switched_service",
                "too_complex",
                "too_expensive",
                "unused",
            )
        ),
    }
)
LIST = Nested({**PAGE, "created": Range(), "customer": TEXT, "status": TEXT})
UPDATE = Nested(
    {
        **EXPAND,
        "cancel_at_period_end": BOOLEAN,
        "cancellation_details": _DETAILS,
        "description": Text(clearable=True),
        "metadata": METADATA,
    }
)
CANCEL = Nested({**EXPAND, "cancellation_details": _DETAILS, "invoice_now": BOOLEAN, "prorate": BOOLEAN})


def later(moment: int, interval: str, count: int) -> int:
    """Return `moment` moved on by `count` intervals; a month that is too short ends on its last day."""
    start = datetime.fromtimestamp(moment, UTC)
    if interval in {"day", "week"}:
        return int((start + timedelta(days=count * (7 if interval == "week" else 1))).timestamp())
    months = start.year * 12 + start.month - 1 + count * (12 if interval == "year" else 1)
    year, month = divmod(months, 12)
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return int(start.replace(year=year, month=month + 1, day=day).timestamp())


def _period(anchor: int, recurring: Obj, turn: int) -> tuple[int, int]:
    count = recurring["interval_count"]
    return (
        later(anchor, recurring["interval"], turn * count),
        later(anchor, recurring["interval"], (turn + 1) * count),
    )


@behaves("subscription-first-invoice")
def begin(account: Account, session: Obj, intent: Obj) -> Obj:
    """Begin the subscription that a Checkout Session has been paid for, with its first invoice."""
    method = account["payment_methods"].get(intent["payment_method"])
    attach(account, method, session["customer"])
    given = session["_subscription_data"]
    now = account.now()
    subscription_id = account.new_id("sub_")
    subscription = account["subscriptions"].add(
        {
            "id": subscription_id,
            "object": "subscription",
            **_fixed_fields(),
            "billing_cycle_anchor": now,
            "created": now,
            "currency": session["currency"],
            "customer": session["customer"],
            "default_payment_method": method["id"],
            "description": given.get("description"),
            "items": _items(account, subscription_id, session["_items"], now),
            "metadata": merge_metadata({}, given.get("metadata", {})),
            "start_date": now,
            "status": "active",
            "_turn": 0,
        }
    )
    account["sessions"].set(session, "subscription", subscription_id)
    emit(account, "customer.subscription.created", subscription)
    invoice = add_invoice(account, subscription, "subscription_create")
    invoices.finalise(account, invoice)
    invoices.settle_with(account, invoice, intent)
    session["invoice"] = invoice["id"]
    _plan_renewal(account, subscription)
    return subscription


def _items(account: Account, subscription_id: str, items: list[Obj], now: int) -> Obj:
    rows = []
    for item in items:
        start, end = _period(now, item["price"]["recurring"], 0)
        rows.append(
            {
                "id": account.new_id("si_"),
                "object": "subscription_item",
                "billing_thresholds": None,
                "created": now,
                "current_period_end": end,
                "current_period_start": start,
                "discounts": [],
                "metadata": {},
                "price": item["price"],
                "quantity": item["quantity"],
                "subscription": subscription_id,
                "tax_rates": [],
            }
        )
    url = f"/v1/subscription_items?subscription={subscription_id}"
    return {"object": "list", "data": rows, "has_more": False, "url": url}


def _fixed_fields() -> Obj:
    return {
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor_config": None,
        "billing_mode": {"flexible": None, "type": "classic"},
        "billing_schedules": [],
        "billing_thresholds": None,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "customer_account": None,
        "days_until_due": None,
        "default_source": None,
        "default_tax_rates": [],
        "discounts": [],
        "ended_at": None,
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
        "latest_invoice": None,
        "livemode": False,
        "next_pending_invoice_item_invoice": None,
        "on_behalf_of": None,
        "pause_collection": None,
        "payment_settings": None,
        "pending_invoice_item_interval": None,
        "pending_setup_intent": None,
        "pending_update": None,
        "schedule": None,
        "test_clock": None,
        "transfer_data": None,
        "trial_end": None,
        "trial_settings": None,
        "trial_start": None,
    }


def _plan_renewal(account: Account, subscription: Obj) -> None:
    account.plan(period_end(subscription), "subscription.renew", subscription=subscription["id"])


@action("subscription.renew")
@behaves("subscription-renewal")
def _renew(world: World, details: Obj) -> None:
    account = world.accounts[details["account"]]
    subscription = account["subscriptions"].get(details["subscription"])
    if subscription["status"] == "canceled":
        return
    if subscription["cancel_at_period_end"]:
        end(account, subscription, "cancellation_requested")
        return
    before = {"latest_invoice": subscription["latest_invoice"]}
    subscription["_turn"] += 1
    for item in subscription["items"]["data"]:
        item["current_period_start"], item["current_period_end"] = _period(
            subscription["billing_cycle_anchor"], item["price"]["recurring"], subscription["_turn"]
        )
    invoice = add_invoice(account, subscription, "subscription_cycle")
    emit(account, "customer.subscription.updated", subscription, before)
    account.plan(account.now() + invoices.DRAFT_SECONDS, "invoice.collect", invoice=invoice["id"])
    _plan_renewal(account, subscription)


def listing(call: Call) -> Page:
    """`GET /v1/subscriptions`; canceled ones only where asked for (`status=canceled` or `all`)."""
    status = call.params.get("status")

    def wanted(row: Obj) -> bool:
        if status in {None, "all"}:
            return status == "all" or row["status"] != "canceled"
        return bool(row["status"] == status)

    return list_page(call, "subscriptions", ("customer",), wanted)


def retrieve(call: Call) -> Obj:
    """`GET /v1/subscriptions/{subscription_exposed_id}`."""
    return call.account["subscriptions"].get(call.ids["subscription_exposed_id"])


def update(call: Call) -> Obj:
    """`POST /v1/subscriptions/{subscription_exposed_id}`: cancel at the period's end, description, metadata."""
    subscription, given = retrieve(call), call.params
    if subscription["status"] == "canceled":
        raise StripeError("A canceled subscription can only update its cancellation_details.")
    subscription["cancellation_details"] |= given.get("cancellation_details", {})
    if "cancel_at_period_end" in given:
        cancel_at_period_end(call.account, subscription, wanted=given["cancel_at_period_end"])
    before: Obj = {name: subscription[name] for name in ("description", "metadata") if name in given}
    if "description" in given:
        subscription["description"] = given["description"]
    if "metadata" in given:
        subscription["metadata"] = merge_metadata(subscription["metadata"], given["metadata"])
    if before:
        emit(call.account, "customer.subscription.updated", subscription, before)
    return subscription


def cancel(call: Call) -> Obj:
    """`DELETE /v1/subscriptions/{subscription_exposed_id}`: at once."""
    subscription = retrieve(call)
    subscription["cancellation_details"] |= call.params.get("cancellation_details", {})
    end(call.account, subscription, "cancellation_requested")
    return subscription
