"""Products and prices, made beforehand or inline with a Checkout Session."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fundraise.sandbox.calls import Call, Page, list_page
from fundraise.sandbox.events import emit
from fundraise.sandbox.messages import Obj, invalid_parameter
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

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account

RECURRING = Nested({"interval": Required(one_of("day", "month", "week", "year")), "interval_count": Integer(1, 156)})
PRODUCT_DATA = Nested(
    {"name": Required(TEXT), "description": TEXT, "images": ListOf(TEXT, most=8), "metadata": METADATA}
)
PRICE_DATA = Nested(
    {
        "currency": Required(Currency()),
        "product": TEXT,
        "product_data": PRODUCT_DATA,
        "recurring": RECURRING,
        "unit_amount": Integer(0),
    }
)
PRODUCT_CREATE = Nested({**EXPAND, **PRODUCT_DATA.members, "active": BOOLEAN, "id": TEXT})
PRODUCT_UPDATE = Nested(
    {**EXPAND, "active": BOOLEAN, "description": Text(clearable=True), "metadata": METADATA, "name": TEXT}
)
PRODUCT_LIST = Nested({**PAGE, "active": BOOLEAN, "created": Range()})
PRICE_CREATE = Nested(
    {
        **EXPAND,
        **PRICE_DATA.members,
        "active": BOOLEAN,
        "product_data": Nested({"id": TEXT, "metadata": METADATA, "name": Required(TEXT)}),
        "lookup_key": Text(longest=200),
        "metadata": METADATA,
        "nickname": TEXT,
    }
)
PRICE_UPDATE = Nested({**EXPAND, "active": BOOLEAN, "metadata": METADATA, "nickname": Text(clearable=True)})
PRICE_LIST = Nested(
    {
        **PAGE,
        "active": BOOLEAN,
        "created": Range(),
        "currency": Currency(),
        "product": TEXT,
        "type": one_of("one_time", "recurring"),
    }
)


def add_product(account: Account, given: dict[str, Any], *, active: bool = True) -> Obj:
    """Write a product and say so."""
    now = account.now()
    product = account["products"].add(
        {
            "id": given.get("id") or account.new_id("prod_"),
            "object": "product",
            "active": given.get("active", active),
            "created": now,
            "default_price": None,
            "description": given.get("description"),
            "images": given.get("images", []),
            "livemode": False,
            "marketing_features": [],
            "metadata": merge_metadata({}, given.get("metadata", {})),
            "name": given["name"],
            "package_dimensions": None,
            "shippable": None,
            "statement_descriptor": None,
            "tax_code": None,
            "unit_label": None,
            "updated": now,
            "url": None,
        }
    )
    emit(account, "product.created", product)
    return product


def check_price(account: Account, given: dict[str, Any]) -> None:
    """Refuse what is no price. Raises StripeError."""
    if ("product" in given) == ("product_data" in given):
        raise invalid_parameter("You must specify either `product` or `product_data`.", "product")
    if "unit_amount" not in given:
        raise invalid_parameter("You must specify `unit_amount`.", "unit_amount")
    if "product" in given:
        account["products"].get(given["product"], param="product", status=400)


def add_price(account: Account, given: dict[str, Any], *, active: bool = True) -> Obj:
    """Write a price (and its product where `product_data` is given). Raises StripeError for what Stripe refuses."""
    check_price(account, given)
    if "product" in given:
        product = account["products"].get(given["product"])
    else:
        product = add_product(account, given["product_data"], active=active)
    recurring = given.get("recurring")
    price = account["prices"].add(
        {
            "id": account.new_id("price_"),
            "object": "price",
            "active": given.get("active", active),
            "billing_scheme": "per_unit",
            "created": account.now(),
            "currency": given["currency"],
            "custom_unit_amount": None,
            "livemode": False,
            "lookup_key": given.get("lookup_key"),
            "metadata": merge_metadata({}, given.get("metadata", {})),
            "nickname": given.get("nickname"),
            "product": product["id"],
            "recurring": _recurring(recurring) if recurring else None,
            "tax_behavior": "unspecified",
            "tiers_mode": None,
            "transform_quantity": None,
            "type": "recurring" if recurring else "one_time",
            "unit_amount": given["unit_amount"],
            "unit_amount_decimal": str(Decimal(given["unit_amount"])),
        }
    )
    emit(account, "price.created", price)
    return price


def _recurring(given: dict[str, Any]) -> Obj:
    return {
        "interval": given["interval"],
        "interval_count": given.get("interval_count", 1),
        "meter": None,
        "usage_type": "licensed",
    }


def create_product(call: Call) -> Obj:
    """`POST /v1/products`."""
    return add_product(call.account, call.params)


def list_products(call: Call) -> Page:
    """`GET /v1/products`."""
    return list_page(call, "products", ("active",))


def retrieve_product(call: Call) -> Obj:
    """`GET /v1/products/{id}`."""
    return call.account["products"].get(call.ids["id"])


def update_product(call: Call) -> Obj:
    """`POST /v1/products/{id}`."""
    product = retrieve_product(call)
    product["updated"] = call.account.now()
    return _updated(call, product, "product.updated")


def create_price(call: Call) -> Obj:
    """`POST /v1/prices`."""
    return add_price(call.account, call.params)


def list_prices(call: Call) -> Page:
    """`GET /v1/prices`."""
    return list_page(call, "prices", ("active", "currency", "product", "type"))


def retrieve_price(call: Call) -> Obj:
    """`GET /v1/prices/{price}`."""
    return call.account["prices"].get(call.ids["price"], param="price")


def update_price(call: Call) -> Obj:
    """`POST /v1/prices/{price}`."""
    return _updated(call, retrieve_price(call), "price.updated")


def _updated(call: Call, row: Obj, event_type: str) -> Obj:
    given = {name: value for name, value in call.params.items() if name != "expand"}
    before = {name: row[name] for name in given}
    for name, value in given.items():
        row[name] = merge_metadata(row["metadata"], value) if name == "metadata" else value
    emit(call.account, event_type, row, before)
    return row
