"""What is only read: the balance, its transactions, events, mandates, payment methods."""

from __future__ import annotations

from typing import Any

from fundraise.sandbox import books
from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.calls import Call, Page, list_page
from fundraise.sandbox.events import is_kept, whole
from fundraise.sandbox.messages import Obj, StripeError, invalid_parameter, missing_object
from fundraise.sandbox.shapes import BOOLEAN, EXPAND, PAGE, TEXT, Currency, ListOf, Nested, Range

READ = Nested(EXPAND)
TRANSACTIONS = Nested(
    {**PAGE, "created": Range(), "currency": Currency(), "payout": TEXT, "source": TEXT, "type": TEXT}
)
EVENTS = Nested({**PAGE, "created": Range(), "delivery_success": BOOLEAN, "type": TEXT, "types": ListOf(TEXT, most=20)})


def balance(call: Call) -> Obj:
    """`GET /v1/balance`."""
    return books.balance(call.account)


@behaves("payout-filter", "source-filter-no-disputes")
def list_transactions(call: Call) -> Page:
    """`GET /v1/balance_transactions`; with `payout` its rows and its own row, for automatic payouts alone."""
    given = dict(call.params)
    if "payout" in given:
        given["_payout"] = _itemised(call, given.pop("payout"))
    if given.get("source", "").startswith("du_"):
        return Page([], more=False, url="/v1/balance_transactions")
    narrowed = Call(call.account, given, call.ids, call.base_url)
    return list_page(narrowed, "balance_transactions", ("currency", "_payout", "source", "type"))


def _itemised(call: Call, payout_id: str) -> str:
    payout = call.account["payouts"].get(payout_id, param="payout", status=400)
    if not payout["automatic"]:
        raise StripeError(
            "Balance transaction history can only be filtered on automatic transfers, not manual.", param="payout"
        )
    return payout_id


def retrieve_transaction(call: Call) -> Obj:
    """`GET /v1/balance_transactions/{id}`."""
    return call.account["balance_transactions"].get(call.ids["id"])


@behaves("events-kept-30-days", "event-type-wildcard")
def list_events(call: Call) -> Page:
    """`GET /v1/events`: of the last 30 days, by type (`charge.*`), types, time or delivery."""
    given = call.params
    if "type" in given and "types" in given:
        raise invalid_parameter("You may only specify one of these parameters: type, types.", "types")
    now = call.account.now()

    def fits(row: Obj) -> bool:
        delivered = row["pending_webhooks"] == 0
        return (
            is_kept(row, now) and given.get("delivery_success", delivered) == delivered and _of_type(row["type"], given)
        )

    page = list_page(call, "events", (), fits)
    return Page([whole(row) for row in page.rows], page.more, page.url)


def _of_type(event_type: str, given: dict[str, Any]) -> bool:
    wanted = given.get("types") or ([given["type"]] if "type" in given else [])
    if not wanted:
        return True
    return any(event_type == one or (one.endswith("*") and event_type.startswith(one[:-1])) for one in wanted)


def retrieve_event(call: Call) -> Obj:
    """`GET /v1/events/{id}`; gone after 30 days."""
    event = call.account["events"].get(call.ids["id"])
    if not is_kept(event, call.account.now()):
        raise missing_object("event", event["id"])
    return whole(event)


def retrieve_mandate(call: Call) -> Obj:
    """`GET /v1/mandates/{mandate}`."""
    return call.account["mandates"].get(call.ids["mandate"], param="mandate")


def retrieve_payment_method(call: Call) -> Obj:
    """`GET /v1/payment_methods/{payment_method}`."""
    return call.account["payment_methods"].get(call.ids["payment_method"], param="payment_method")
