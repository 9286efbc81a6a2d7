"""The page of a Checkout Session on which a donor pays, once or again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fundraise.sandbox.checkout_page import CheckoutPage
from fundraise.sandbox.messages import Obj
from fundraise.sandbox.money import as_text
from fundraise.sandbox.objects.cards import DEBIT_OUTCOMES
from fundraise.sandbox.objects.checkout_payment import authenticate, pay
from fundraise.sandbox.pay_form import DEBIT_TEXTS, TEST_CARDS, Entered

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account

VERBS = {"donate": "Give", "book": "Book", "subscribe": "Subscribe for"}


def _values(account: Account, session: Obj, entered: Entered) -> dict[str, Any]:
    every = ""
    if session["mode"] == "subscription":
        recurring = session["_items"][0]["price"]["recurring"]
        count = recurring["interval_count"]
        every = f"every {recurring['interval']}" if count == 1 else f"every {count} {recurring['interval']}s"
    debits = [kind for kind in session["payment_method_types"] if kind != "card"]
    return {
        "session": session,
        "merchant": account.terms.business_name,
        "total": _total(session),
        "every": every,
        "verb": VERBS.get(session["submit_type"] or "", "Pay"),
        "entered": entered,
        "errors": dict(entered.errors),
        "cards": TEST_CARDS if "card" in session["payment_method_types"] else (),
        "debit": {"bacs_debit": "Bacs Direct Debit", "sepa_debit": "SEPA Direct Debit"}[debits[0]] if debits else "",
        "bank_accounts": [
            (number, DEBIT_TEXTS[failure]) for number, failure in (DEBIT_OUTCOMES[debits[0]].items() if debits else ())
        ],
        "email_needed": session["mode"] == "subscription" and session["customer_email"] is None,
        "intent_data": session["_intent_data"],
    }


def _total(session: Obj) -> str:
    return as_text(session["amount_total"], session["currency"])


def _done(account: Account, session: Obj) -> tuple[str, str]:
    said = f"Thank you. {_total(session)} to {account.terms.business_name} went through once"
    return "This has been paid", f"{said}; there is nothing more to do here."


def _intent(account: Account, session: Obj) -> Obj | None:
    return account["payment_intents"].find(str(session["payment_intent"] or session.get("_intent")))


PAGE = CheckoutPage(
    path="/c/pay",
    modes=frozenset({"payment", "subscription"}),
    template="pay.html",
    values=_values,
    done=_done,
    nothing_done="Nothing was taken.",
    attempt=pay,
    intent=_intent,
    error="last_payment_error",
    authentication_failed="payment_intent_authentication_failure",
    total=_total,
    authenticate=authenticate,
)
