"""What the calls about Checkout Sessions take, and what Stripe refuses beyond the shape of a parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.messages import invalid_parameter
from fundraise.sandbox.objects.catalogue import PRICE_DATA
from fundraise.sandbox.objects.payment_intents import DESCRIPTOR_SUFFIX, check_descriptor, not_ready
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
        "mode": Required(one_of("payment", "setup", "subscription")),
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
        "setup_intent_data": Nested({"description": Text(longest=1000), "metadata": METADATA}),
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

_OF_MODE = (
    ("payment", "payment_intent_data"),
    ("setup", "setup_intent_data"),
    ("subscription", "subscription_data"),
)
"""Parameters that belong to one mode alone."""


@behaves("session-refusals")
def refuse(account: Account, given: dict[str, Any]) -> None:
    """Refuse a Session whose parameters do not go together. Raises StripeError."""
    if "success_url" not in given:
        raise invalid_parameter("Missing required param: success_url.", "success_url", "parameter_missing")
    if given["mode"] == "setup":
        _refuse_setup(given)
    elif not given.get("line_items"):
        raise invalid_parameter("Missing required param: line_items.", "line_items", "parameter_missing")
    for name in ("success_url", "cancel_url"):
        if name in given and not given[name].startswith(("http://", "https://")):
            raise invalid_parameter("Not a valid URL", name, "url_invalid")
    if "customer" in given:
        account["customers"].get(given["customer"], param="customer", status=400)
    if "customer" in given and "customer_email" in given:
        raise invalid_parameter("You may only specify one of these parameters: customer, customer_email.", "customer")
    _refuse_of_other_modes(given)
    intent_data = given.get("payment_intent_data", {})
    if "statement_descriptor" in intent_data:
        raise invalid_parameter(
            "`payment_intent_data[statement_descriptor]` cannot be used with cards; "
            "use `payment_intent_data[statement_descriptor_suffix]`.",
            "payment_intent_data[statement_descriptor]",
        )
    check_descriptor(account, intent_data)


def _refuse_of_other_modes(given: dict[str, Any]) -> None:
    for mode, name in _OF_MODE:
        if name in given and given["mode"] != mode:
            raise invalid_parameter(f"You can not pass `{name}` in `{given['mode']}` mode.", name)


def _refuse_setup(given: dict[str, Any]) -> None:
    """Refuse what has no sense where nothing is paid; without types of methods Stripe wants to know the currency."""
    for name in ("line_items", "submit_type"):
        if name in given:
            raise invalid_parameter(f"You can not pass `{name}` in `setup` mode.", name)
    if "currency" not in given and "allowed_payment_method_types" not in given:
        raise invalid_parameter("Missing required param: currency.", "currency", "parameter_missing")


@behaves("payment-method-types")
def method_types(account: Account, currency: str | None, given: dict[str, Any]) -> list[str]:
    """Return what the donor may pay with: what the account has, less what the Session leaves out."""
    if not account.profile["details_submitted"]:
        raise not_ready(account)
    offered = ["card"] if "card" in account.terms.methods else []
    debit = {"gbp": "bacs_debit", "eur": "sepa_debit"}.get(currency or "")
    if debit and given["mode"] != "setup" and "bank_debit" in account.terms.methods:
        offered.append(debit)
    allowed = given.get("allowed_payment_method_types")
    excluded = given.get("excluded_payment_method_types", [])
    left = [one for one in offered if (allowed is None or one in allowed) and one not in excluded]
    if not left:
        raise invalid_parameter(
            "No valid payment method types for this Checkout Session.", "allowed_payment_method_types"
        )
    return left
