"""The API's calls about payouts."""

from __future__ import annotations

from fundraise.sandbox.calls import Call, Page, list_page
from fundraise.sandbox.events import emit
from fundraise.sandbox.messages import Obj, StripeError
from fundraise.sandbox.money import as_text
from fundraise.sandbox.objects.payouts import Order, make
from fundraise.sandbox.objects.payouts import cancel as cancel_payout
from fundraise.sandbox.shapes import (
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

LIST = Nested({**PAGE, "arrival_date": Range(), "created": Range(), "destination": TEXT, "status": TEXT})
CREATE = Nested(
    {
        **EXPAND,
        "amount": Required(Integer(1)),
        "currency": Required(Currency()),
        "description": TEXT,
        "metadata": METADATA,
        "method": one_of("standard", "instant"),
        "statement_descriptor": Text(longest=22),
    }
)
UPDATE = Nested({**EXPAND, "metadata": METADATA})
CANCEL = Nested(EXPAND)


def create(call: Call) -> Obj:
    """`POST /v1/payouts`: a manual payout; it cannot be itemised."""
    given, account = call.params, call.account
    have = account.available.get(given["currency"], 0)
    if given["amount"] > have:
        raise StripeError(
            f"You have insufficient funds in your Stripe account for this transfer: "
            f"{as_text(have, given['currency'])} is available.",
            code="balance_insufficient",
        )
    payout = make(
        account,
        Order(
            given["amount"],
            given["currency"],
            automatic=False,
            description=given.get("description", "STRIPE PAYOUT"),
            method=given.get("method", "standard"),
            statement_descriptor=given.get("statement_descriptor"),
        ),
    )
    payout["metadata"] = merge_metadata({}, given.get("metadata", {}))
    return payout


def listing(call: Call) -> Page:
    """`GET /v1/payouts`."""
    arrival = call.params.get("arrival_date", {})
    tests = {"gt": int.__gt__, "gte": int.__ge__, "lt": int.__lt__, "lte": int.__le__}

    def arrives(row: Obj) -> bool:
        return all(tests[name](row["arrival_date"], bound) for name, bound in arrival.items())

    return list_page(call, "payouts", ("status", "destination"), arrives)


def retrieve(call: Call) -> Obj:
    """`GET /v1/payouts/{payout}`."""
    return call.account["payouts"].get(call.ids["payout"], param="payout")


def update(call: Call) -> Obj:
    """`POST /v1/payouts/{payout}`: metadata alone."""
    payout = retrieve(call)
    if "metadata" in call.params:
        payout["metadata"] = merge_metadata(payout["metadata"], call.params["metadata"])
        emit(call.account, "payout.updated", payout)
    return payout


def cancel(call: Call) -> Obj:
    """`POST /v1/payouts/{payout}/cancel`: only while it is pending."""
    payout = retrieve(call)
    if payout["status"] != "pending":
        raise StripeError(f"Payouts can only be canceled while they are pending; this one is {payout['status']}.")
    cancel_payout(call.account, payout)
    return payout
