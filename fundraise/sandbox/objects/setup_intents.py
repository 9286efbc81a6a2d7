"""SetupIntents: a card is kept for later, and no money moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.calls import Call, Page, list_page
from fundraise.sandbox.events import emit, public
from fundraise.sandbox.messages import Obj
from fundraise.sandbox.objects.charges import decline_text, error_code
from fundraise.sandbox.objects.payment_methods import attach, card_behind
from fundraise.sandbox.shapes import PAGE, TEXT, Nested, Range, merge_metadata

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account

LIST = Nested({**PAGE, "created": Range(), "customer": TEXT, "payment_method": TEXT})


def add_setup_intent(account: Account, details: dict[str, Any]) -> Obj:
    """Write a SetupIntent and say so. `details`: `customer`, `description`, `metadata`, `methods`."""
    intent_id = account.new_id("seti_")
    intent = account["setup_intents"].add(
        {
            "id": intent_id,
            "object": "setup_intent",
            "application": None,
            "automatic_payment_methods": None,
            "cancellation_reason": None,
            "client_secret": f"{intent_id}_secret_{account.new_id('')}",
            "created": account.now(),
            "customer": details.get("customer"),
            "customer_account": None,
            "description": details.get("description"),
            "excluded_payment_method_types": None,
            "flow_directions": None,
            "last_setup_error": None,
            "latest_attempt": None,
            "livemode": False,
            "mandate": None,
            "metadata": merge_metadata({}, details.get("metadata", {})),
            "next_action": None,
            "on_behalf_of": None,
            "payment_method": None,
            "payment_method_configuration_details": None,
            "payment_method_options": {},
            "payment_method_types": details["methods"],
            "single_use_mandate": None,
            "status": "requires_payment_method",
            "usage": "off_session",
        }
    )
    emit(account, "setup_intent.created", intent)
    return intent


@behaves("setup-asks-and-declines")
def confirm(account: Account, intent: Obj, method: Obj, *, authenticated: bool = False) -> str:
    """Ask the card's bank whether the card may be kept; return "succeeded", "declined" or "requires_action"."""
    account["setup_intents"].set(intent, "payment_method", method["id"])
    intent["next_action"] = None
    card = card_behind(method)
    if card is not None and card.three_d_secure and not authenticated:
        intent |= {"status": "requires_action", "next_action": {"type": "use_stripe_sdk", "use_stripe_sdk": {}}}
        emit(account, "setup_intent.requires_action", intent)
        return "requires_action"
    if card is not None and card.decline and not card.decline_later:
        return decline(account, intent, method, card.decline)
    return "succeeded"


def decline(account: Account, intent: Obj, method: Obj, code: str) -> str:
    """Refuse a card with the decline `code`; another one may follow."""
    error = {"code": error_code(code), "decline_code": code, "message": decline_text(code)}
    return _wait_for_another(account, intent, method, error)


def fail_authentication(account: Account, intent: Obj) -> str:
    """End an attempt that did not pass 3-D Secure."""
    method = account["payment_methods"].get(intent["payment_method"])
    error = {
        "code": "setup_intent_authentication_failure",
        "message": "The latest attempt to set up the payment method has failed because authentication failed.",
    }
    return _wait_for_another(account, intent, method, error)


def _wait_for_another(account: Account, intent: Obj, method: Obj, error: Obj) -> str:
    account["setup_intents"].set(intent, "payment_method", None)
    intent |= {
        "last_setup_error": {
            **error,
            "doc_url": "https://stripe.com/docs/error-codes/" + error["code"].replace("_", "-"),
            "payment_method": public(method),
            "type": "card_error",
        },
        "next_action": None,
        "status": "requires_payment_method",
    }
    emit(account, "setup_intent.setup_failed", intent)
    return "declined"


@behaves("setup-event-order")
def succeed(account: Account, intent: Obj, method: Obj, customer: str | None) -> None:
    """Keep the card, for the customer where there is one: attached first, then the SetupIntent has succeeded."""
    method["_set_up"] = True
    if customer is not None:
        attach(account, method, customer)
        account["setup_intents"].set(intent, "customer", customer)
    intent |= {"last_setup_error": None, "status": "succeeded"}
    emit(account, "setup_intent.succeeded", intent)


def cancel(account: Account, intent: Obj) -> None:
    """Cancel a SetupIntent whose page is over."""
    intent |= {"cancellation_reason": None, "next_action": None, "status": "canceled"}
    emit(account, "setup_intent.canceled", intent)


def listing(call: Call) -> Page:
    """`GET /v1/setup_intents`."""
    return list_page(call, "setup_intents", ("customer", "payment_method"))


def retrieve(call: Call) -> Obj:
    """`GET /v1/setup_intents/{intent}`."""
    return call.account["setup_intents"].get(call.ids["intent"], param="intent")
