"""Customers: donors whom Stripe remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fundraise.sandbox.calls import Call, Page, list_page
from fundraise.sandbox.events import emit
from fundraise.sandbox.messages import Obj
from fundraise.sandbox.objects.subscription_states import end
from fundraise.sandbox.shapes import EXPAND, METADATA, PAGE, TEXT, Nested, Range, Text, merge_metadata

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account

_FIELDS = ("email", "name", "description", "phone")
CREATE = Nested({**EXPAND, **dict.fromkeys(_FIELDS, Text(clearable=True)), "metadata": METADATA})
LIST = Nested({**PAGE, "created": Range(), "email": TEXT})
DELETE = Nested({})
METHODS = Nested({**PAGE, "type": TEXT})


def add_customer(account: Account, given: dict[str, Any]) -> Obj:
    """Write a customer and say so."""
    customer_id = account.new_id("cus_")
    customer = account["customers"].add(
        {
            "id": customer_id,
            "object": "customer",
            "address": None,
            "balance": 0,
            "created": account.now(),
            "currency": None,
            "customer_account": None,
            "default_source": None,
            "delinquent": False,
            "description": given.get("description"),
            "discount": None,
            "email": given.get("email"),
            "invoice_prefix": customer_id[-8:].upper(),
            "invoice_settings": {
                "custom_fields": None,
                "default_payment_method": None,
                "footer": None,
                "rendering_options": None,
            },
            "livemode": False,
            "metadata": merge_metadata({}, given.get("metadata", {})),
            "name": given.get("name"),
            "next_invoice_sequence": 1,
            "phone": given.get("phone"),
            "preferred_locales": [],
            "shipping": None,
            "tax_exempt": "none",
            "test_clock": None,
        }
    )
    emit(account, "customer.created", customer)
    return customer


def create(call: Call) -> Obj:
    """`POST /v1/customers`."""
    return add_customer(call.account, call.params)


def listing(call: Call) -> Page:
    """`GET /v1/customers`."""
    return list_page(call, "customers", ("email",))


def retrieve(call: Call) -> Obj:
    """`GET /v1/customers/{customer}`; a deleted one is a stub."""
    customer = call.account["customers"].find(call.ids["customer"], deleted=True)
    if customer is not None and customer.get("_deleted"):
        return _stub(customer)
    return call.account["customers"].get(call.ids["customer"], param="customer")


def update(call: Call) -> Obj:
    """`POST /v1/customers/{customer}`."""
    customer = call.account["customers"].get(call.ids["customer"], param="customer")
    given = {name: value for name, value in call.params.items() if name != "expand"}
    before = {name: customer[name] for name in given}
    for name, value in given.items():
        if name == "metadata":
            customer["metadata"] = merge_metadata(customer["metadata"], value)
        elif name == "email":
            call.account["customers"].set(customer, "email", value)
        else:
            customer[name] = value
    emit(call.account, "customer.updated", customer, before)
    return customer


def delete(call: Call) -> Obj:
    """`DELETE /v1/customers/{customer}`; running subscriptions end at once."""
    customer = call.account["customers"].get(call.ids["customer"], param="customer")
    for subscription in call.account["subscriptions"].where("customer", customer["id"]):
        if subscription["status"] != "canceled":
            end(call.account, subscription, "cancellation_requested")
    customer["_deleted"] = True
    emit(call.account, "customer.deleted", customer)
    return _stub(customer)


def _stub(customer: Obj) -> Obj:
    return {"id": customer["id"], "object": "customer", "deleted": True}


def list_methods(call: Call) -> Page:
    """`GET /v1/customers/{customer}/payment_methods`."""
    customer = call.ids["customer"]
    call.account["customers"].get(customer, param="customer")
    narrowed = Call(call.account, {**call.params, "customer": customer}, call.ids, call.base_url)
    return list_page(narrowed, "payment_methods", ("customer", "type"), url=f"/v1/customers/{customer}/payment_methods")
