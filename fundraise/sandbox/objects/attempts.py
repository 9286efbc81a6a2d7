"""Attempts to take the money of a PaymentIntent: cards at once, with 3-D Secure in between, bank debits days later."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.books import Movement, book
from fundraise.sandbox.events import emit, public
from fundraise.sandbox.messages import Obj
from fundraise.sandbox.objects.cards import DISPUTED
from fundraise.sandbox.objects.charges import (
    Attempt,
    add_charge,
    decline_text,
    error_code,
    plan_settlement,
    settle,
)
from fundraise.sandbox.objects.disputes import open_dispute, warn_of_fraud
from fundraise.sandbox.objects.payment_methods import card_behind, debit_outcome
from fundraise.sandbox.timeline import action

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account, World

Follower = Callable[["Account", Obj, str], None]

TROUBLE_SECONDS = 60
"""When a test card's dispute or fraud warning comes; Stripe says only that it comes after the payment."""

FOLLOWERS: list[Follower] = []
"""Told of a PaymentIntent's later end ("succeeded" or "failed"): Checkout Sessions and invoices listen here."""


@behaves("attempt-event-order")
def attempt(account: Account, intent: Obj, method: Obj, *, authenticated: bool = False) -> str:
    """Try to take the money; return "succeeded", "declined", "requires_action" or "processing".

    Event order: charge first, then PaymentIntent (recorded in seahaven-stripe-world 0.3.0).
    """
    intent["payment_method"] = method["id"]
    intent["payment_method_types"] = [method["type"]]
    intent["next_action"] = None
    card = card_behind(method)
    if card is None:
        return _begin_debit(account, intent, method)
    if card.three_d_secure and not authenticated and not (card.asked_once and method.get("_set_up")):
        return _ask_for_authentication(account, intent)
    if card.decline:
        return decline(account, intent, method, card.decline)
    charge = add_charge(account, intent, method, Attempt("succeeded", secured=authenticated))
    emit(account, "charge.succeeded", charge)
    _succeed(account, intent, charge)
    plan_settlement(account, charge)
    if card.dispute:
        _plan_dispute(account, charge, card.dispute, inquiry=card.inquiry)
    if card.fraud_warning:
        account.plan(account.now() + TROUBLE_SECONDS, "charge.fraud_warning", charge=charge["id"])
    return "succeeded"


@behaves("three-d-secure")
def _ask_for_authentication(account: Account, intent: Obj) -> str:
    intent["status"] = "requires_action"
    intent["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": {}}
    emit(account, "payment_intent.requires_action", intent)
    return "requires_action"


@behaves("decline-leaves-failed-charge")
def decline(account: Account, intent: Obj, method: Obj, code: str) -> str:
    """Write a failed charge with the decline `code`; the PaymentIntent waits for another payment method."""
    charge = add_charge(account, intent, method, Attempt("failed", decline=code))
    intent["latest_charge"] = charge["id"]
    emit(account, "charge.failed", charge)
    _wait_for_another(account, intent, method, error_code(code), code, charge)
    return "declined"


def fail_authentication(account: Account, intent: Obj) -> None:
    """End an attempt that did not pass 3-D Secure: no charge, another payment method may follow."""
    method = account["payment_methods"].get(intent["payment_method"])
    _wait_for_another(account, intent, method, "payment_intent_authentication_failure", "", None)


def _wait_for_another(
    account: Account, intent: Obj, method: Obj, code: str, decline_code: str, charge: Obj | None
) -> None:
    error: Obj = {
        "code": code,
        "doc_url": "https://stripe.com/docs/error-codes/" + code.replace("_", "-"),
        "message": decline_text(decline_code)
        if charge is not None
        else "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new "
        "PaymentMethod to attempt to fulfill this PaymentIntent again.",
        "payment_method": public(method),
        "type": "card_error",
    }
    if charge is not None:
        error |= {"charge": charge["id"], "decline_code": decline_code}
    intent |= {
        "last_payment_error": error,
        "next_action": None,
        "payment_method": None,
        "status": "requires_payment_method",
    }
    emit(account, "payment_intent.payment_failed", intent)


def _succeed(account: Account, intent: Obj, charge: Obj) -> None:
    intent |= {
        "amount_received": intent["amount"],
        "last_payment_error": None,
        "latest_charge": charge["id"],
        "processing": None,
        "status": "succeeded",
    }
    emit(account, "payment_intent.succeeded", intent)


def _begin_debit(account: Account, intent: Obj, method: Obj) -> str:
    charge = add_charge(account, intent, method, Attempt("pending"))
    intent |= {"latest_charge": charge["id"], "status": "processing", "last_payment_error": None}
    emit(account, "charge.pending", charge)
    emit(account, "payment_intent.processing", intent)
    plan_settlement(account, charge)
    account.plan(charge["_clears_on"], "debit.end", charge=charge["id"], failure=debit_outcome(method))
    return "processing"


@action("debit.end")
def end_debit(world: World, details: Obj) -> None:
    """Take the bank's answer: the debit succeeded, or failed with the code in `failure`."""
    account = world.accounts[details["account"]]
    charge = account["charges"].get(details["charge"])
    intent = account["payment_intents"].get(charge["payment_intent"])
    if charge["status"] != "pending":
        return
    if details["failure"] not in {"", DISPUTED}:
        _fail_debit(account, charge, intent, details["failure"])
    else:
        charge |= {"status": "succeeded", "paid": True}
        emit(account, "charge.succeeded", charge)
        _succeed(account, intent, charge)
        if details["failure"] == DISPUTED:
            _plan_dispute(account, charge, "bank_cannot_process", inquiry=False)
    for follow in FOLLOWERS:
        follow(account, intent, charge["status"])


@behaves("bank-debit-failure-row")
def _fail_debit(account: Account, charge: Obj, intent: Obj, code: str) -> None:
    settle(account.world, {"account": account.id, "charge": charge["id"]})
    paid_in = account["balance_transactions"].get(charge["balance_transaction"])
    kept = account.terms.tariff.bank_debit_failure_minor
    row = book(
        account,
        Movement(
            kind="payment_failure_refund",
            category="charge_failure",
            amount=-paid_in["amount"],
            currency=paid_in["currency"],
            source=charge["id"],
            fee=kept - paid_in["fee"],
            description="REFUND FOR FAILED PAYMENT",
            exchange_rate=paid_in["exchange_rate"],
            available_on=max(paid_in["available_on"], account.now()),
        ),
    )
    message = "The customer's account has insufficient funds." if code == "insufficient_funds" else "The debit failed."
    charge |= {
        "status": "failed",
        "captured": False,
        "amount_captured": 0,
        "failure_balance_transaction": row["id"],
        "failure_code": code,
        "failure_message": message,
    }
    emit(account, "charge.failed", charge)
    method = account["payment_methods"].get(charge["payment_method"])
    _wait_for_another(account, intent, method, code, code, charge)


def _plan_dispute(account: Account, charge: Obj, reason: str, *, inquiry: bool) -> None:
    due = account.now() + TROUBLE_SECONDS
    account.plan(due, "charge.dispute", charge=charge["id"], reason=reason, inquiry=inquiry)


@action("charge.dispute")
def _dispute_later(world: World, details: Obj) -> None:
    account = world.accounts[details["account"]]
    charge = account["charges"].get(details["charge"])
    if charge["amount_refunded"] < charge["amount"] and not charge["disputed"]:
        open_dispute(account, charge, details["reason"], inquiry=details["inquiry"])


@action("charge.fraud_warning")
def _warn_later(world: World, details: Obj) -> None:
    account = world.accounts[details["account"]]
    warn_of_fraud(account, account["charges"].get(details["charge"]))
