"""Drafts of invoices: what a subscription's period costs, line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fundraise.sandbox.events import emit
from fundraise.sandbox.messages import Obj

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account


def add_invoice(account: Account, subscription: Obj, reason: str) -> Obj:
    """Write the draft invoice for a subscription's current period and say so."""
    now = account.now()
    customer = account["customers"].get(subscription["customer"])
    invoice_id = account.new_id("in_")
    lines = [_line(account, invoice_id, subscription, item) for item in subscription["items"]["data"]]
    total = sum(line["amount"] for line in lines)
    invoice = account["invoices"].add(
        {
            "id": invoice_id,
            "object": "invoice",
            **_fixed_fields(),
            "account_country": account.terms.country,
            "account_name": account.terms.business_name,
            "amount_due": total,
            "amount_remaining": total,
            "billing_reason": reason,
            "created": now,
            "currency": subscription["currency"],
            "customer": customer["id"],
            "customer_email": customer["email"],
            "customer_name": customer["name"],
            "lines": {
                "object": "list",
                "data": lines,
                "has_more": False,
                "url": f"/v1/invoices/{invoice_id}/lines",
            },
            "parent": {
                "quote_details": None,
                "subscription_details": {
                    "metadata": dict(subscription["metadata"]),
                    "subscription": subscription["id"],
                },
                "type": "subscription_details",
            },
            "period_end": now,
            "period_start": subscription["items"]["data"][0]["current_period_start"] if reason else now,
            "subtotal": total,
            "subtotal_excluding_tax": total,
            "total": total,
            "total_excluding_tax": total,
            "_subscription": subscription["id"],
        }
    )
    subscription["latest_invoice"] = invoice_id
    emit(account, "invoice.created", invoice)
    return invoice


def _line(account: Account, invoice_id: str, subscription: Obj, item: Obj) -> Obj:
    price = item["price"]
    amount = price["unit_amount"] * item["quantity"]
    name = account["products"].get(price["product"])["name"]
    return {
        "id": account.new_id("il_"),
        "object": "line_item",
        "amount": amount,
        "currency": price["currency"],
        "description": f"{item['quantity']} x {name}",
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": invoice_id,
        "livemode": False,
        "metadata": {},
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None,
                "proration": False,
                "proration_details": {"credited_items": None},
                "subscription": subscription["id"],
                "subscription_item": item["id"],
            },
            "type": "subscription_item_details",
        },
        "period": {"end": item["current_period_end"], "start": item["current_period_start"]},
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        "quantity": item["quantity"],
        "subscription": subscription["id"],
        "subtotal": amount,
        "taxes": [],
    }


def _fixed_fields() -> Obj:
    empty = (
        "account_tax_ids", "application", "automatically_finalizes_at", "custom_fields", "customer_account",
        "customer_address", "customer_phone", "customer_shipping", "default_payment_method", "default_source",
        "description", "due_date", "effective_at", "ending_balance", "footer", "from_invoice", "hosted_invoice_url",
        "invoice_pdf", "last_finalization_error", "latest_revision", "next_payment_attempt", "number",
        "on_behalf_of", "receipt_number", "rendering", "shipping_cost", "shipping_details", "statement_descriptor",
        "test_clock", "webhooks_delivered_at",
    )  # fmt: skip
    zero = (
        "amount_overpaid", "amount_paid", "amount_paid_off_stripe", "amount_shipping", "attempt_count",
        "post_payment_credit_notes_amount", "pre_payment_credit_notes_amount", "starting_balance",
    )  # fmt: skip
    lists = (
        "customer_tax_ids", "default_tax_rates", "discounts", "total_discount_amounts", "total_pretax_credit_amounts",
        "total_taxes",
    )  # fmt: skip
    return {
        **dict.fromkeys(empty),
        **dict.fromkeys(zero, 0),
        **{name: [] for name in lists},
        "attempted": False,
        "auto_advance": True,
        "automatic_tax": {
            "disabled_reason": None,
            "enabled": False,
            "liability": None,
            "provider": None,
            "status": None,
        },
        "collection_method": "charge_automatically",
        "customer_tax_exempt": "none",
        "issuer": {"type": "self"},
        "livemode": False,
        "metadata": {},
        "payment_settings": {"default_mandate": None, "payment_method_options": None, "payment_method_types": None},
        "status": "draft",
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
    }
