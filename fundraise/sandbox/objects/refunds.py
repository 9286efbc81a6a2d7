"""Refunds: money given back, at once or later, and refunds that fail afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.books import Movement, book, settled, settles_on
from fundraise.sandbox.calls import Call, Page, list_page
from fundraise.sandbox.events import emit
from fundraise.sandbox.messages import Obj, StripeError, invalid_parameter
from fundraise.sandbox.money import as_text
from fundraise.sandbox.objects.payment_methods import card_behind
from fundraise.sandbox.shapes import (
    EXPAND,
    METADATA,
    PAGE,
    TEXT,
    Integer,
    Nested,
    Range,
    merge_metadata,
    one_of,
)
from fundraise.sandbox.timeline import action

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account, World

CREATE = Nested(
    {
        **EXPAND,
        "amount": Integer(1),
        "charge": TEXT,
        "instructions_email": TEXT,
        "metadata": METADATA,
        "payment_intent": TEXT,
        "reason": one_of("duplicate", "fraudulent", "requested_by_customer"),
    }
)
LIST = Nested({**PAGE, "charge": TEXT, "created": Range(), "payment_intent": TEXT})
OF_CHARGE = Nested(PAGE)
UPDATE = Nested({**EXPAND, "metadata": METADATA})

CAN_FAIL = frozenset({"pending", "succeeded"})
"""The states a refund can fail in."""

LATER_SECONDS = 3_600
"""When a test card's pending refund succeeds or its succeeded refund fails; Stripe says only "some time later"."""


def create(call: Call) -> Obj:
    """`POST /v1/refunds`, by charge or by PaymentIntent."""
    given = call.params
    if ("charge" in given) == ("payment_intent" in given):
        raise invalid_parameter(
            "One of the following params should be provided for this request: payment_intent or charge.", "charge"
        )
    charge = _target(call.account, given)
    amount = given.get("amount", charge["amount_captured"] - charge["amount_refunded"])
    return refund(call.account, charge, amount, given)


def _target(account: Account, given: dict[str, Any]) -> Obj:
    if "charge" in given:
        return account["charges"].get(given["charge"])
    intent = account["payment_intents"].get(given["payment_intent"], param="payment_intent")
    charge = account["charges"].find(intent["latest_charge"]) if intent["latest_charge"] else None
    if charge is None or charge["status"] == "failed":
        raise StripeError(f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.")
    return charge


@behaves("refund-refusals")
def _refuse(account: Account, charge: Obj, amount: int) -> None:
    if charge["status"] == "failed":
        raise StripeError(
            f"This PaymentIntent ({charge['payment_intent']}) does not have a successful charge to refund."
        )
    if any(not one["is_charge_refundable"] for one in account["disputes"].where("charge", charge["id"])):
        raise StripeError(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed"
        )
    left = charge["amount_captured"] - charge["amount_refunded"]
    if left <= 0:
        raise StripeError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if amount > left:
        raise StripeError(
            f"Refund amount ({as_text(amount, charge['currency'])}) is greater than unrefunded amount on charge "
            f"({as_text(left, charge['currency'])})",
            param="amount",
        )


@behaves("refund-rows", "refund-test-cards")
def refund(account: Account, charge: Obj, amount: int, details: dict[str, Any]) -> Obj:
    """Refund `amount` minor units of a charge. Raises StripeError where Stripe would refuse."""
    _refuse(account, charge, amount)
    card = card_behind(account["payment_methods"].get(charge["payment_method"]))
    waits = _waits(account, amount, charge["currency"])
    pending = waits or card is None or card.refund == "pending"
    row = account["refunds"].add(
        {
            "id": account.new_id("re_" if card is not None else "pyr_"),
            "object": "refund",
            "amount": amount,
            "balance_transaction": None,
            "charge": charge["id"],
            "created": account.now(),
            "currency": charge["currency"],
            "customer": charge["customer"],
            "destination_details": _destination(charge),
            "metadata": merge_metadata({}, details.get("metadata", {})),
            "payment_intent": charge["payment_intent"],
            "payment_method": charge["payment_method"],
            "reason": details.get("reason"),
            "receipt_number": None,
            "source_transfer_reversal": None,
            "status": "pending" if pending else "succeeded",
            "transfer_reversal": None,
        }
    )
    if pending:
        row["pending_reason"] = "insufficient_funds" if waits else "processing"
    if not waits:
        row["balance_transaction"] = _take(account, charge, row)["id"]
    _count(charge, amount)
    emit(account, "refund.created", row)
    emit(account, "charge.refunded", charge)
    if waits:
        account.refunds_waiting.append(row["id"])
    elif pending:
        account.plan(account.now() + LATER_SECONDS, "refund.succeed", refund=row["id"])
    elif card is not None and card.refund == "fails":
        account.plan(account.now() + LATER_SECONDS, "refund.fail", refund=row["id"], reason="unknown")
    return row


@behaves("refund-waits-for-balance")
def _waits(account: Account, amount: int, currency: str) -> bool:
    """Say whether a refund must wait: what is available does not cover it, or others wait before it.

    Only where the account's term `refunds_wait` asks for it.
    """
    if not account.terms.refunds_wait:
        return False
    needed, settled_in, _ = settled(account, amount, currency)
    return bool(account.refunds_waiting) or account.available.get(settled_in, 0) < needed


@action("refunds.go_on")
def _go_on(world: World, details: Obj) -> None:
    """Make the refunds that waited, the oldest first, as far as what is available goes."""
    account = world.accounts[details["account"]]
    waiting, account.refunds_waiting = account.refunds_waiting, []
    while waiting:
        row = account["refunds"].get(waiting[0])
        if row["status"] == "pending":
            if _waits(account, row["amount"], row["currency"]):
                account.refunds_waiting = waiting
                return
            row["balance_transaction"] = _take(account, account["charges"].get(row["charge"]), row)["id"]
            _succeed(world, {"account": account.id, "refund": row["id"]})
        waiting = waiting[1:]


def _destination(charge: Obj) -> Obj:
    kind = charge["payment_method_details"]["type"]
    if kind != "card":
        return {"type": kind}
    return {
        "type": "card",
        "card": {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"},
    }


def _take(account: Account, charge: Obj, row: Obj) -> Obj:
    amount, currency, rate = settled(account, row["amount"], row["currency"])
    return book(
        account,
        Movement(
            kind="refund" if row["id"].startswith("re_") else "payment_refund",
            category="refund",
            amount=-amount,
            currency=currency,
            source=row["id"],
            description=f"REFUND FOR CHARGE ({charge['description']})"
            if charge["description"]
            else "REFUND FOR CHARGE",
            exchange_rate=rate,
            # Where refunds wait for what is available, each takes of it at once: the next one sees what is left.
            available_on=None if account.terms.refunds_wait else settles_on(account, account.now()),
        ),
    )


def _count(charge: Obj, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]


@action("refund.succeed")
def _succeed(world: World, details: Obj) -> None:
    account = world.accounts[details["account"]]
    row = account["refunds"].get(details["refund"])
    if row["status"] == "pending":
        row["status"] = "succeeded"
        row.pop("pending_reason", None)
        emit(account, "refund.updated", row, {"status": "pending"})
        emit(account, "charge.refund.updated", row, {"status": "pending"})


@action("refund.fail")
def _fail_later(world: World, details: Obj) -> None:
    account = world.accounts[details["account"]]
    row = account["refunds"].get(details["refund"])
    if row["status"] in CAN_FAIL:  # It may have ended otherwise since this was planned.
        fail(account, row, details["reason"])


@behaves("refund-failure-row")
def fail(account: Account, row: Obj, reason: str) -> None:
    """Let a refund fail to reach the donor: the money returns to the balance. Raises StripeError where it has ended.

    Source: https://docs.stripe.com/refunds#failed-refunds
    """
    if row["status"] not in CAN_FAIL:
        raise StripeError(f"This refund is {row['status']}; it cannot fail.")
    before = {"status": row["status"]}
    row.pop("pending_reason", None)
    row |= {"status": "failed", "failure_reason": reason}
    if row["id"] in account.refunds_waiting:
        account.refunds_waiting.remove(row["id"])
    if row["balance_transaction"] is not None:  # One that waited for money has taken none.
        row["failure_balance_transaction"] = _give_back(account, row)["id"]
    charge = account["charges"].get(row["charge"])
    _count(charge, -row["amount"])
    emit(account, "refund.updated", row, before)
    emit(account, "charge.refund.updated", row, before)
    emit(account, "refund.failed", row, before)


def _give_back(account: Account, row: Obj) -> Obj:
    taken = account["balance_transactions"].get(row["balance_transaction"])
    return book(
        account,
        Movement(
            kind="refund_failure",
            category="refund_failure",
            amount=-taken["amount"],
            currency=taken["currency"],
            source=row["id"],
            description="REFUND FAILURE",
            exchange_rate=taken["exchange_rate"],
            available_on=max(taken["available_on"], account.now()),
        ),
    )


def listing(call: Call) -> Page:
    """`GET /v1/refunds`."""
    return list_page(call, "refunds", ("charge", "payment_intent"))


def of_charge(call: Call) -> Page:
    """`GET /v1/charges/{charge}/refunds`."""
    charge = call.ids["charge"]
    call.account["charges"].get(charge, param="charge")
    narrowed = Call(call.account, {**call.params, "charge": charge}, call.ids, call.base_url)
    return list_page(narrowed, "refunds", ("charge",), url=f"/v1/charges/{charge}/refunds")


def retrieve(call: Call) -> Obj:
    """`GET /v1/refunds/{refund}`."""
    return call.account["refunds"].get(call.ids["refund"], param="refund")


def update(call: Call) -> Obj:
    """`POST /v1/refunds/{refund}`: metadata alone."""
    row = retrieve(call)
    if "metadata" in call.params:
        before = {"metadata": row["metadata"]}
        row["metadata"] = merge_metadata(row["metadata"], call.params["metadata"])
        emit(call.account, "refund.updated", row, before)
    return row
