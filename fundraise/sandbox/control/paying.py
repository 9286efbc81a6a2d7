"""Control actions about payments: pay as a donor, charge outside our product, make a renewal fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.control.registry import account_of, control, need, owned
from fundraise.sandbox.messages import ControlError, Obj
from fundraise.sandbox.money import check_chargeable
from fundraise.sandbox.objects import checkout_setup
from fundraise.sandbox.objects.attempts import attempt, decline, fail_authentication
from fundraise.sandbox.objects.cards import DEBIT_OUTCOMES, DISPUTED, card
from fundraise.sandbox.objects.checkout_payment import Wallet, authenticate, decline_as, pay
from fundraise.sandbox.objects.payment_intents import add_intent
from fundraise.sandbox.objects.payment_methods import add_card, add_debit

if TYPE_CHECKING:
    from fundraise.sandbox.engine import Sandbox

GOOD_CARD = "4242424242424242"


@control("pay")
def pay_as(sandbox: Sandbox, details: Obj) -> Obj:
    """Pay a Session as a donor would on its page.

    `session`; `card` (a test number, default 4242…) or `bank_debit` (true, or an account number); `outcome` to
    override: for a card any decline code, for a debit "succeeds" or "fails"; `email`, `name`;
    `authenticate` (default true) answers 3-D Secure. Returns `outcome` and the Session's state.
    """
    account, session = owned(sandbox.world, details, "session")
    if session["mode"] == "setup":
        raise ControlError("nothing is paid in setup mode: save-card", status=409)
    outcome = details.get("outcome", "")
    debit = details.get("bank_debit")
    wallet = Wallet(
        card_number=str(details.get("card", GOOD_CARD)),
        bank_account=_bank_account(session, debit, outcome) if debit else "",
        email=details.get("email"),
        name=details.get("name"),
    )
    if not debit and card(wallet.card_number) is None:
        raise ControlError(f"{wallet.card_number} is no test card")
    if outcome not in {"", "succeeds"} and not debit:
        result = decline_as(account, session, wallet, outcome) if session["status"] == "open" else session["status"]
    else:
        result = pay(account, session, wallet)
    if result == "requires_action" and details.get("authenticate", True) is not None:
        result = authenticate(account, session, passed=bool(details.get("authenticate", True)))
    intent = session["payment_intent"] or session.get("_intent")
    return {
        "outcome": result,
        "status": session["status"],
        "payment_status": session["payment_status"],
        "payment_intent": intent,
        "charge": account["payment_intents"].get(intent)["latest_charge"] if intent else None,
        "subscription": session["subscription"],
    }


def _bank_account(session: Obj, debit: object, outcome: str) -> str:
    kinds = [kind for kind in session["payment_method_types"] if kind != "card"]
    if not kinds:
        raise ControlError("this Session cannot be paid by bank debit", status=409)
    if isinstance(debit, str):
        return debit
    outcomes = DEBIT_OUTCOMES[kinds[0]]
    fails = outcome not in {"", "succeeds"}
    return next(number for number, failure in outcomes.items() if bool(failure) == fails and failure != DISPUTED)


@control("save-card")
def save_card_as(sandbox: Sandbox, details: Obj) -> Obj:
    """Keep a card on the page of a Session in setup mode.

    `session`; `card` (default 4242…); `outcome`, a decline code; `email`, `name`; `authenticate` (default true; null
    leaves the bank's question open). Returns `outcome`, the Session's `status`, `setup_intent`, `payment_method` and
    `customer`.
    """
    account, session = owned(sandbox.world, details, "session")
    if session["mode"] != "setup":
        raise ControlError("this Session is not in setup mode: pay", status=409)
    number = str(details.get("card", GOOD_CARD))
    if card(number) is None:
        raise ControlError(f"{number} is no test card")
    wallet = Wallet(card_number=number, email=details.get("email"), name=details.get("name"))
    result = checkout_setup.save_card(account, session, wallet, decline=str(details.get("outcome", "")))
    if result == "requires_action" and details.get("authenticate", True) is not None:
        result = checkout_setup.authenticate(account, session, passed=bool(details.get("authenticate", True)))
    return {
        "outcome": result,
        "status": session["status"],
        "setup_intent": session["setup_intent"],
        "payment_method": checkout_setup.intent_of(account, session)["payment_method"],
        "customer": session["customer"],
    }


@control("external-charge")
@behaves("external-charge")
def external_charge(sandbox: Sandbox, details: Obj) -> Obj:
    """Charge an account outside our product: no Session, no metadata. `amount`, `currency`, `card` or `bank_debit`.

    Returns the ids of charge and PaymentIntent.
    """
    account = account_of(sandbox.world, details)
    amount, currency = int(need(details, "amount")), str(details.get("currency", account.terms.default_currency))
    check_chargeable(amount, currency)
    description = details.get("description", "Payment made in the Dashboard")
    intent = add_intent(account, amount, currency, {"description": description})
    if details.get("bank_debit"):
        kind = "sepa_debit" if currency == "eur" else "bacs_debit"
        number = next(iter(DEBIT_OUTCOMES[kind]))
        method = add_debit(account, kind, number, email=details.get("email"), name=None)
    else:
        known = card(str(details.get("card", GOOD_CARD)))
        if known is None:
            raise ControlError("no such test card")
        method = add_card(account, known, email=details.get("email"), name=None)
    refused = details.get("outcome")
    result = decline(account, intent, method, refused) if refused else attempt(account, intent, method)
    return {"outcome": result, "charge": intent["latest_charge"], "payment_intent": intent["id"]}


@control("authenticate")
def answer_bank(sandbox: Sandbox, details: Obj) -> Obj:
    """Answer 3-D Secure for a PaymentIntent that was made over the API: `payment_intent`, `passed` (default true)."""
    account, intent = owned(sandbox.world, details, "payment_intent")
    if intent["status"] != "requires_action":
        raise ControlError("this PaymentIntent waits for no answer", status=409)
    if not details.get("passed", True):
        fail_authentication(account, intent)
        return {"outcome": "declined"}
    method = account["payment_methods"].get(intent["payment_method"])
    return {"outcome": attempt(account, intent, method, authenticated=True)}


@control("decline-renewal")
def decline_renewal(sandbox: Sandbox, details: Obj) -> Obj:
    """Let the next `times` collections (default 1) of a `subscription` be declined.

    `code` is the decline code (default insufficient_funds).
    """
    _, subscription = owned(sandbox.world, details, "subscription")
    subscription["_declines"] = [details.get("code", "insufficient_funds")] * int(details.get("times", 1))
    return {"subscription": subscription["id"]}
