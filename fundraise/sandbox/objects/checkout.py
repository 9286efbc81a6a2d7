"""Checkout Sessions: what is to be paid or kept for later, and the page where that is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.calls import Call, Page, list_page
from fundraise.sandbox.events import emit
from fundraise.sandbox.least_amount import check_settled
from fundraise.sandbox.messages import Obj, StripeError, invalid_parameter
from fundraise.sandbox.money import MINIMUM_CHARGE, as_text, check_chargeable
from fundraise.sandbox.objects.catalogue import add_price, check_price
from fundraise.sandbox.objects.checkout_fields import custom_text, details, fixed_fields
from fundraise.sandbox.objects.checkout_shapes import method_types, refuse
from fundraise.sandbox.objects.setup_intents import add_setup_intent, cancel
from fundraise.sandbox.shapes import merge_metadata
from fundraise.sandbox.timeline import action

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account, World

LEAST_OPEN_SECONDS, MOST_OPEN_SECONDS = 30 * 60, 24 * 3_600


@behaves("session-page-url", "session-no-intent-until-paid")
def create(call: Call) -> Obj:
    """`POST /v1/checkout/sessions`, hosted page only."""
    given, account = call.params, call.account
    refuse(account, given)
    expires_at = _expiry(account, given)
    currency, total = _check_items(account, given)
    methods = method_types(account, currency, given)
    items = [_item(account, one) for one in given.get("line_items", [])]
    saves = given["mode"] == "setup"
    session_id = account.new_id("cs_test_")
    session = account["sessions"].add(
        {
            "id": session_id,
            "object": "checkout.session",
            **fixed_fields(account),
            "adaptive_pricing": {"enabled": given.get("adaptive_pricing", {}).get("enabled", False)},
            "amount_subtotal": total,
            "amount_total": total,
            "billing_address_collection": given.get("billing_address_collection"),
            "cancel_url": given.get("cancel_url"),
            "client_reference_id": given.get("client_reference_id"),
            "created": account.now(),
            "currency": currency,
            "custom_text": custom_text(given.get("custom_text", {})),
            "customer": given.get("customer"),
            "customer_creation": None
            if given["mode"] == "subscription"
            else given.get("customer_creation", "if_required"),
            "customer_details": details(given.get("customer_email"), None) if "customer_email" in given else None,
            "customer_email": given.get("customer_email"),
            "allowed_payment_method_types": given.get("allowed_payment_method_types"),
            **{name: given[name] for name in ("excluded_payment_method_types",) if name in given},
            "expires_at": expires_at,
            "integration_identifier": given.get("integration_identifier"),
            "locale": given.get("locale"),
            "metadata": merge_metadata({}, given.get("metadata", {})),
            "mode": given["mode"],
            "origin_context": given.get("origin_context"),
            "payment_method_types": methods,
            "payment_status": "no_payment_required" if saves else "unpaid",
            "phone_number_collection": given.get("phone_number_collection", {"enabled": False}),
            "submit_type": given.get("submit_type"),
            "success_url": given["success_url"],
            "url": f"{call.base_url}/c/{'setup' if saves else 'pay'}/{session_id}",
            "_items": items,
            "_intent_data": given.get("payment_intent_data", {}),
            "_subscription_data": given.get("subscription_data", {}),
        }
    )
    if saves:
        _add_setup_intent(account, session, given)
    account.plan(expires_at, "session.expire", session=session_id)
    return session


@behaves("session-setup-intent-at-once")
def _add_setup_intent(account: Account, session: Obj, given: dict[str, Any]) -> None:
    details = {
        **given.get("setup_intent_data", {}),
        "customer": session["customer"],
        "methods": session["payment_method_types"],
    }
    session["setup_intent"] = add_setup_intent(account, details)["id"]


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


def _check_items(account: Account, given: dict[str, Any]) -> tuple[str | None, int | None]:
    """Return currency and total of the line items, before anything is written; nothing is due in setup mode.

    Raises StripeError.
    """
    if given["mode"] == "setup":
        return given.get("currency"), None
    currencies, total = set(), 0
    for at, item in enumerate(given["line_items"]):
        price = _price(account, item, f"line_items[{at}]")
        _check_mode(given["mode"], price, f"line_items[{at}]")
        currencies.add(price["currency"])
        total += price["unit_amount"] * item.get("quantity", 1)
    if len(currencies) > 1:
        raise invalid_parameter("All line items must have the same currency.", "line_items")
    currency = currencies.pop()
    _check_total(account, total, currency)
    return currency, total


def _price(account: Account, item: dict[str, Any], path: str) -> dict[str, Any]:
    if ("price" in item) == ("price_data" in item):
        raise invalid_parameter(f"You must specify either `{path}[price]` or `{path}[price_data]`.", path)
    if "price" in item:
        return account["prices"].get(item["price"], param=f"{path}[price]", status=400)
    price: dict[str, Any] = item["price_data"]
    check_price(account, price)
    return price


def _check_mode(mode: str, price: dict[str, Any], path: str) -> None:
    recurring = bool(price.get("recurring"))
    if mode == "payment" and recurring:
        raise invalid_parameter(
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use "
            "only one-time prices.",
            path,
        )
    if mode == "subscription" and not recurring:
        raise invalid_parameter("The sandbox takes only recurring prices in `subscription` mode.", path)


def _item(account: Account, given: dict[str, Any]) -> Obj:
    if "price" in given:
        price = account["prices"].get(given["price"])
    else:
        price = add_price(account, given["price_data"], active=False)
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


def _check_total(account: Account, total: int, currency: str) -> None:
    minimum = MINIMUM_CHARGE.get(currency, 1)
    if total < minimum:
        raise StripeError(
            f"The Checkout Session's total amount due must add up to at least {as_text(minimum, currency)} {currency}",
            code="amount_too_small",
        )
    check_chargeable(total, currency, "line_items")
    check_settled(account, total, currency, what="The Checkout Session's total amount")


def complete(account: Account, session: Obj, payment_status: str, *, email: str | None, name: str | None) -> None:
    """Complete a Session: the donor has paid, a bank debit is under way, or a card is kept."""
    session |= {
        "status": "complete",
        "payment_status": payment_status,
        "customer_details": details(email, name),
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
    if session["setup_intent"] is not None:
        cancel(account, account["setup_intents"].get(session["setup_intent"]))
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
