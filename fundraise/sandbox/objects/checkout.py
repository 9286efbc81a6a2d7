"""Checkout Sessions: what is to be paid, and the page that a donor pays it on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.calls import Call, Page, list_page
from fundraise.sandbox.events import emit
from fundraise.sandbox.messages import Obj, StripeError, invalid_parameter
from fundraise.sandbox.money import MINIMUM_CHARGE, as_text, check_chargeable
from fundraise.sandbox.objects.catalogue import PRICE_DATA, add_price
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
    merge_metadata,
    one_of,
)
from fundraise.sandbox.timeline import action

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account, World

LEAST_OPEN_SECONDS, MOST_OPEN_SECONDS = 30 * 60, 24 * 3_600

_METHOD_CHOICES = ("allowed_payment_method_types", "excluded_payment_method_types")
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


@behaves("session-page-url", "session-no-intent-until-paid")
def create(call: Call) -> Obj:
    """`POST /v1/checkout/sessions`, modes payment and subscription, hosted page only."""
    given, account = call.params, call.account
    _refuse(account, given)
    expires_at = _expiry(account, given)
    items = [_item(account, one, given["mode"], f"line_items[{at}]") for at, one in enumerate(given["line_items"])]
    currencies = {item["currency"] for item in items}
    if len(currencies) > 1:
        raise invalid_parameter("All line items must have the same currency.", "line_items")
    currency = currencies.pop()
    total = sum(item["amount_total"] for item in items)
    _check_total(total, currency)
    session_id = account.new_id("cs_test_")
    session = account["sessions"].add(
        {
            "id": session_id,
            "object": "checkout.session",
            **_fixed_fields(account),
            "adaptive_pricing": {"enabled": given.get("adaptive_pricing", {}).get("enabled", False)},
            "amount_subtotal": total,
            "amount_total": total,
            "billing_address_collection": given.get("billing_address_collection"),
            "cancel_url": given.get("cancel_url"),
            "client_reference_id": given.get("client_reference_id"),
            "created": account.now(),
            "currency": currency,
            "custom_text": _custom_text(given.get("custom_text", {})),
            "customer": given.get("customer"),
            "customer_creation": given.get("customer_creation", "if_required") if given["mode"] == "payment" else None,
            "customer_details": _details(given.get("customer_email"), None) if "customer_email" in given else None,
            "customer_email": given.get("customer_email"),
            **{name: given[name] for name in _METHOD_CHOICES if name in given},
            "expires_at": expires_at,
            "integration_identifier": given.get("integration_identifier"),
            "locale": given.get("locale"),
            "metadata": merge_metadata({}, given.get("metadata", {})),
            "mode": given["mode"],
            "origin_context": given.get("origin_context"),
            "payment_method_types": method_types(account, currency, given),
            "phone_number_collection": given.get("phone_number_collection", {"enabled": False}),
            "submit_type": given.get("submit_type"),
            "success_url": given["success_url"],
            "url": f"{call.base_url}/c/pay/{session_id}",
            "_items": items,
            "_intent_data": given.get("payment_intent_data", {}),
            "_subscription_data": given.get("subscription_data", {}),
        }
    )
    account.plan(expires_at, "session.expire", session=session_id)
    return session


@behaves("session-refusals")
def _refuse(account: Account, given: dict[str, Any]) -> None:
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


@behaves("session-expiry")
def _expiry(account: Account, given: dict[str, Any]) -> int:
    """Return when the Session ends. Source: https://docs.stripe.com/api/checkout/sessions/create (expires_at)."""
    now = account.now()
    expires_at: int = given.get("expires_at", now + MOST_OPEN_SECONDS)
    if expires_at < now + LEAST_OPEN_SECONDS:
        raise invalid_parameter(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.", "expires_at"
        )
    if expires_at > now + MOST_OPEN_SECONDS:
        raise invalid_parameter(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.", "expires_at"
        )
    return expires_at


def _item(account: Account, given: dict[str, Any], mode: str, path: str) -> Obj:
    if ("price" in given) == ("price_data" in given):
        raise invalid_parameter(f"You must specify either `{path}[price]` or `{path}[price_data]`.", path)
    if "price" in given:
        price = account["prices"].get(given["price"], param=f"{path}[price]", status=400)
    else:
        price = add_price(account, given["price_data"], active=False)
    if mode == "payment" and price["type"] == "recurring":
        raise invalid_parameter(
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use "
            "only one-time prices.",
            path,
        )
    if mode == "subscription" and price["type"] == "one_time":
        raise invalid_parameter("The sandbox takes only recurring prices in `subscription` mode.", path)
    quantity = given.get("quantity", 1)
    amount = price["unit_amount"] * quantity
    return {
        "id": account.new_id("li_"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": account["products"].get(price["product"])["name"],
        "metadata": given.get("metadata", {}),
        "price": price,
        "quantity": quantity,
    }


def _check_total(total: int, currency: str) -> None:
    minimum = MINIMUM_CHARGE.get(currency, 1)
    if total < minimum:
        raise StripeError(
            f"The Checkout Session's total amount due must add up to at least {as_text(minimum, currency)} {currency}",
            code="amount_too_small",
        )
    check_chargeable(total, currency, "line_items")


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


def _custom_text(given: dict[str, Any]) -> Obj:
    names = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
    return {name: given.get(name) for name in names}


def _details(email: str | None, name: str | None) -> Obj:
    return {
        "address": None,
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": name,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }


def _fixed_fields(account: Account) -> Obj:
    """Return the fields that begin the same in every Session."""
    return {
        "after_expiration": None,
        "allow_promotion_codes": None,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "branding_settings": {
            "background_color": "#ffffff",
            "border_style": "rounded",
            "button_color": "#0f5132",
            "display_name": account.terms.business_name,
            "font_family": "default",
            "icon": None,
            "logo": None,
        },
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "currency_conversion": None,
        "custom_fields": [],
        "customer_account": None,
        "discounts": [],
        "invoice": None,
        "invoice_creation": None,
        "livemode": False,
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "always",
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_status": "unpaid",
        "permissions": None,
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "subscription": None,
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "wallet_options": None,
    }


def complete(account: Account, session: Obj, *, paid: bool, email: str | None, name: str | None) -> None:
    """Complete a Session: the donor has paid, or a bank debit is under way."""
    session |= {
        "status": "complete",
        "payment_status": "paid" if paid else "unpaid",
        "customer_details": _details(email, name),
        "url": None,
    }
    emit(account, "checkout.session.completed", session)


@action("session.expire")
def _expire_later(world: World, details: Obj) -> None:
    account = world.accounts[details["account"]]
    session = account["sessions"].get(details["session"])
    if session["status"] == "open":
        _end(account, session)


def _end(account: Account, session: Obj) -> None:
    session |= {"status": "expired", "url": None}
    emit(account, "checkout.session.expired", session)


def expire(call: Call) -> Obj:
    """`POST /v1/checkout/sessions/{session}/expire`: only while it is open."""
    session = retrieve(call)
    if session["status"] != "open":
        raise StripeError(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status '
            f"of `{session['status']}`."
        )
    _end(call.account, session)
    return session


def listing(call: Call) -> Page:
    """`GET /v1/checkout/sessions`."""
    return list_page(
        call,
        "sessions",
        ("customer", "payment_intent", "status", "subscription"),
        url="/v1/checkout/sessions",
    )


def retrieve(call: Call) -> Obj:
    """`GET /v1/checkout/sessions/{session}`."""
    return call.account["sessions"].get(call.ids["session"], param="session")


def update(call: Call) -> Obj:
    """`POST /v1/checkout/sessions/{session}`: metadata alone."""
    session = retrieve(call)
    if "metadata" in call.params:
        session["metadata"] = merge_metadata(session["metadata"], call.params["metadata"])
    return session


def line_items(call: Call) -> Page:
    """`GET /v1/checkout/sessions/{session}/line_items`, in the order they were given."""
    session = retrieve(call)
    return Page(session["_items"], more=False, url=f"/v1/checkout/sessions/{session['id']}/line_items")
