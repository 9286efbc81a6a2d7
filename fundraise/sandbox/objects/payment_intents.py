"""PaymentIntents: one amount to be paid, with as many attempts as it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.calls import Call, Page, list_page
from fundraise.sandbox.events import emit, public
from fundraise.sandbox.least_amount import check_settled
from fundraise.sandbox.messages import Obj, StripeError, invalid_parameter
from fundraise.sandbox.money import check_chargeable
from fundraise.sandbox.objects.attempts import attempt
from fundraise.sandbox.objects.cards import card_of_token
from fundraise.sandbox.objects.payment_methods import add_card
from fundraise.sandbox.shapes import (
    BOOLEAN,
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

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account

DESCRIPTOR_SUFFIX = Text(longest=22, pattern=r"(?=.*[A-Za-z])[^<>\\'\"*]+")
"""Source: https://docs.stripe.com/get-started/account/statement-descriptors (requirements)"""

CREATE = Nested(
    {
        **EXPAND,
        "amount": Required(Integer(1)),
        "currency": Required(Currency()),
        "automatic_payment_methods": Nested(
            {"enabled": Required(BOOLEAN), "allow_redirects": one_of("always", "never")}
        ),
        "confirm": BOOLEAN,
        "customer": TEXT,
        "description": TEXT,
        "metadata": METADATA,
        "off_session": BOOLEAN,
        "payment_method": TEXT,
        "receipt_email": TEXT,
        "return_url": TEXT,
        "setup_future_usage": one_of("off_session", "on_session"),
        "statement_descriptor_suffix": DESCRIPTOR_SUFFIX,
    }
)
LIST = Nested({**PAGE, "created": Range(), "customer": TEXT})
UPDATE = Nested({**EXPAND, "description": Text(clearable=True), "metadata": METADATA})
CONFIRM = Nested({**EXPAND, "payment_method": TEXT, "return_url": TEXT, "off_session": BOOLEAN})
CANCEL = Nested(
    {**EXPAND, "cancellation_reason": one_of("abandoned", "duplicate", "fraudulent", "requested_by_customer")}
)


def add_intent(account: Account, amount_minor: int, currency: str, details: dict[str, Any]) -> Obj:
    """Write a PaymentIntent and say so. `details` holds the optional fields of the create call."""
    intent_id = account.new_id("pi_")
    intent = account["payment_intents"].add(
        {
            "id": intent_id,
            "object": "payment_intent",
            "amount": amount_minor,
            "amount_capturable": 0,
            "amount_details": {"tip": {}},
            "amount_received": 0,
            "application": None,
            "application_fee_amount": None,
            "automatic_payment_methods": {"allow_redirects": "always", "enabled": True},
            "canceled_at": None,
            "cancellation_reason": None,
            "capture_method": "automatic_async",
            "client_secret": f"{intent_id}_secret_{account.new_id('')}",
            "confirmation_method": "automatic",
            "created": account.now(),
            "currency": currency,
            "customer": details.get("customer"),
            "customer_account": None,
            "description": details.get("description"),
            "excluded_payment_method_types": None,
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "metadata": merge_metadata({}, details.get("metadata", {})),
            "next_action": None,
            "on_behalf_of": None,
            "payment_method": details.get("payment_method"),
            "payment_method_configuration_details": None,
            "payment_method_options": {},
            "payment_method_types": ["card"],
            "processing": None,
            "receipt_email": details.get("receipt_email"),
            "review": None,
            "setup_future_usage": details.get("setup_future_usage"),
            "shipping": None,
            "statement_descriptor": details.get("statement_descriptor"),
            "statement_descriptor_suffix": details.get("statement_descriptor_suffix"),
            "status": "requires_payment_method",
            "transfer_data": None,
            "transfer_group": None,
            "_session": details.get("session"),
            "_invoice": details.get("invoice"),
        }
    )
    emit(account, "payment_intent.created", intent)
    return intent


def create(call: Call) -> Obj:
    """`POST /v1/payment_intents`. Test cards by their `pm_card_…` tokens."""
    given = dict(call.params)
    if not call.account.profile["details_submitted"]:
        raise not_ready(call.account)
    check_chargeable(given["amount"], given["currency"])
    check_settled(call.account, given["amount"], given["currency"], what="Amount", param="amount")
    check_descriptor(call.account, given)
    method = _method(call.account, given.pop("payment_method", None))
    if given.get("confirm") and method is None:
        raise invalid_parameter(
            "You cannot confirm this PaymentIntent because it's missing a payment method.", "payment_method"
        )
    intent = add_intent(call.account, given["amount"], given["currency"], given)
    if method is not None:
        intent["payment_method"] = method["id"]
        intent["status"] = "requires_confirmation"
        if given.get("confirm"):
            return _confirmed(call.account, intent, method)
    return intent


@behaves("account-not-ready")
def not_ready(account: Account) -> StripeError:
    """Return the error for an account that is still to tell who it is."""
    return StripeError(
        f"The account {account.id} cannot charge yet: it has not finished its onboarding.", code="account_invalid"
    )


@behaves("statement-descriptor-length")
def check_descriptor(account: Account, given: dict[str, Any]) -> None:
    """Refuse a suffix that does not fit behind the account's prefix. Raises StripeError."""
    suffix = given.get("statement_descriptor_suffix")
    if suffix and len(account.terms.statement_prefix[:10]) + 2 + len(suffix) > 22:
        raise invalid_parameter(
            "The statement descriptor (prefix, `* ` and suffix) must be at most 22 characters.",
            "statement_descriptor_suffix",
        )


def _method(account: Account, name: str | None) -> Obj | None:
    if name is None:
        return None
    card = card_of_token(name)
    if card is not None:
        return add_card(account, card, email=None, name=None)
    return account["payment_methods"].get(name, param="payment_method", status=400)


def confirm(call: Call) -> Obj:
    """`POST /v1/payment_intents/{intent}/confirm`."""
    intent = retrieve(call)
    if intent["status"] not in {"requires_payment_method", "requires_confirmation", "requires_action"}:
        raise unexpected_state(intent, "confirm")
    method = _method(call.account, call.params.get("payment_method") or intent["payment_method"])
    if method is None:
        raise invalid_parameter(
            "You cannot confirm this PaymentIntent because it's missing a payment method.", "payment_method"
        )
    return _confirmed(call.account, intent, method)


def _confirmed(account: Account, intent: Obj, method: Obj) -> Obj:
    if attempt(account, intent, method) == "declined":
        error = dict(intent["last_payment_error"])
        raise StripeError(
            error.pop("message"),
            status=402,
            kind=error.pop("type"),
            code=error.pop("code"),
            **{key: value for key, value in error.items() if key != "doc_url"},
            payment_intent=public(intent),
        )
    return intent


def unexpected_state(intent: Obj, verb: str) -> StripeError:
    """Return the error for a PaymentIntent that cannot do `verb` any more."""
    return StripeError(
        f"This PaymentIntent's status is {intent['status']}, so it could not be done: {verb}.",
        code="payment_intent_unexpected_state",
        payment_intent=public(intent),
    )


def cancel(call: Call) -> Obj:
    """`POST /v1/payment_intents/{intent}/cancel`; a Session's PaymentIntent cannot be cancelled."""
    intent = retrieve(call)
    if intent["_session"]:
        raise StripeError(
            "You cannot cancel this PaymentIntent because it was created by Checkout: expire the Checkout Session."
        )
    if intent["status"] in {"succeeded", "processing", "canceled"}:
        raise unexpected_state(intent, "cancel")
    intent |= {
        "status": "canceled",
        "canceled_at": call.account.now(),
        "cancellation_reason": call.params.get("cancellation_reason"),
        "next_action": None,
    }
    emit(call.account, "payment_intent.canceled", intent)
    return intent


def listing(call: Call) -> Page:
    """`GET /v1/payment_intents`."""
    return list_page(call, "payment_intents", ("customer",))


def retrieve(call: Call) -> Obj:
    """`GET /v1/payment_intents/{intent}`."""
    return call.account["payment_intents"].get(call.ids["intent"], param="intent")


def update(call: Call) -> Obj:
    """`POST /v1/payment_intents/{intent}`: description and metadata."""
    intent = retrieve(call)
    if "description" in call.params:
        intent["description"] = call.params["description"]
    if "metadata" in call.params:
        intent["metadata"] = merge_metadata(intent["metadata"], call.params["metadata"])
    return intent
