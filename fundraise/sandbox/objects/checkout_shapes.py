"""What the calls about Checkout Sessions take, and what Stripe refuses beyond the shape of a parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.messages import invalid_parameter
from fundraise.sandbox.objects.catalogue import PRICE_DATA
from fundraise.sandbox.objects.payment_intents import DESCRIPTOR_SUFFIX, check_descriptor
from fundraise.sandbox.shapes import (
    BOOLEAN,
    EXPAND,
    METADATA,
    PAGE,
    TEXT,
    Currency,
    Integer,
    ListOf,
    Nested,
    Range,
    Required,
    Text,
    one_of,
)

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account

_METHOD_TYPES = ListOf(TEXT, most=60)
_ENABLED = Nested({"enabled": Required(BOOLEAN)})
_MESSAGE = Nested({"message": Required(Text(longest=1200))})

CREATE = Nested(
    {
        **EXPAND,
        "adaptive_pricing": Nested({"enabled": BOOLEAN}),
        "allowed_payment_method_types": _METHOD_TYPES,
        "billing_address_collection": one_of("auto", "required"),
        "cancel_url": TEXT,
        "client_reference_id": Text(longest=200),
        "currency": Currency(),
        "custom_text": Nested({"submit": _MESSAGE, "after_submit": _MESSAGE}),
        "customer": TEXT,
        "customer_creation": one_of("always", "if_required"),
        "customer_email": Text(longest=800, pattern=r"[^@\s]+@[^@\s]+"),
        "excluded_payment_method_types": _METHOD_TYPES,
        "expires_at": Integer(0),
        "integration_identifier": TEXT,
        "line_items": ListOf(
            Nested({"metadata": METADATA, "price": TEXT, "price_data": PRICE_DATA, "quantity": Integer(1)})
        ),
        "locale": Text(longest=10),
        "metadata": METADATA,
        "mode": Required(one_of("payment", "subscription")),
        "origin_context": one_of("mobile_app", "web"),
        "payment_intent_data": Nested(
            {
                "description": TEXT,
                "metadata": METADATA,
                "receipt_email": TEXT,
                "setup_future_usage": one_of("off_session", "on_session"),
                "statement_descriptor": TEXT,
                "statement_descriptor_suffix": DESCRIPTOR_SUFFIX,
            }
        ),
        "phone_number_collection": _ENABLED,
        "submit_type": one_of("auto", "book", "donate", "pay", "subscribe"),
        "subscription_data": Nested({"description": TEXT, "metadata": METADATA}),
        "success_url": TEXT,
        "ui_mode": one_of("hosted_page"),
    }
)
LIST = Nested(
    {
        **PAGE,
        "created": Range(),
        "customer": TEXT,
        "payment_intent": TEXT,
        "status": one_of("complete", "expired", "open"),
        "subscription": TEXT,
    }
)
UPDATE = Nested({**EXPAND, "metadata": METADATA})
LINE_ITEMS = Nested(PAGE)


@behaves("session-refusals")
def refuse(account: Account, given: dict[str, Any]) -> None:
    """Refuse a Session whose parameters do not go together. Raises StripeError."""
    if "success_url" not in given:
        raise invalid_parameter("Missing required param: success_url.", "success_url", "parameter_missing")
    if not given.get("line_items"):
        raise invalid_parameter("Missing required param: line_items.", "line_items", "parameter_missing")
    for name in ("success_url", "cancel_url"):
        if name in given and not given[name].startswith(("http://", "https://")):
            raise invalid_parameter("Not a valid URL", name, "url_invalid")
    if "customer" in given:
        account["customers"].get(given["customer"], param="customer", status=400)
    if "customer" in given and "customer_email" in given:
        raise invalid_parameter("You may only specify one of these parameters: customer, customer_email.", "customer")
    if given["mode"] == "subscription" and "payment_intent_data" in given:
        raise invalid_parameter("You can not pass `payment_intent_data` in `subscription` mode.", "payment_intent_data")
    if given["mode"] == "payment" and "subscription_data" in given:
        raise invalid_parameter("You can not pass `subscription_data` in `payment` mode.", "subscription_data")
    intent_data = given.get("payment_intent_data", {})
    if "statement_descriptor" in intent_data:
        raise invalid_parameter(
            "`payment_intent_data[statement_descriptor]` cannot be used with cards; "
            "use `payment_intent_data[statement_descriptor_suffix]`.",
            "payment_intent_data[statement_descriptor]",
        )
    check_descriptor(account, intent_data)


@behaves("payment-method-types")
def method_types(account: Account, currency: str, given: dict[str, Any]) -> list[str]:
    """Return what the donor may pay with: what the account has, less what the Session leaves out."""
    offered = ["card"] if "card" in account.terms.methods else []
    debit = {"gbp": "bacs_debit", "eur": "sepa_debit"}.get(currency)
    if debit and "bank_debit" in account.terms.methods:
        offered.append(debit)
    allowed = given.get("allowed_payment_method_types")
    excluded = given.get("excluded_payment_method_types", [])
    left = [one for one in offered if (allowed is None or one in allowed) and one not in excluded]
    if not left:
        raise invalid_parameter(
            "No valid payment method types for this Checkout Session.", "allowed_payment_method_types"
        )
    return left
