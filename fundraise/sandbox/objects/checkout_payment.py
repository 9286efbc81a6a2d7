"""What happens when a donor presses "pay" on the page of a Checkout Session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.events import emit
from fundraise.sandbox.messages import Obj
from fundraise.sandbox.objects import subscriptions
from fundraise.sandbox.objects.attempts import FOLLOWERS, attempt, decline, fail_authentication
from fundraise.sandbox.objects.cards import card
from fundraise.sandbox.objects.checkout import complete
from fundraise.sandbox.objects.customers import add_customer
from fundraise.sandbox.objects.payment_intents import add_intent
from fundraise.sandbox.objects.payment_methods import add_card, add_debit

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account


@dataclass(frozen=True, slots=True)
class Wallet:
    """What the donor pays with: a test card's number, or a bank account; e-mail and name as far as given."""

    card_number: str = ""
    bank_account: str = ""
    email: str | None = None
    name: str | None = None


@behaves("session-pays-once", "session-retry-after-decline")
def pay(account: Account, session: Obj, wallet: Wallet) -> str:
    """Try to pay an open Session; return "succeeded", "processing", "requires_action" or "declined".

    A Session that is not open any more is not paid again; its status ("complete", "expired") is returned.
    """
    if session["status"] != "open":
        return str(session["status"])
    session["_payer"] = {"email": wallet.email or session["customer_email"], "name": wallet.name}
    intent = _intent(account, session)
    if wallet.bank_account:
        kind = next(one for one in session["payment_method_types"] if one != "card")
        method = add_debit(account, kind, wallet.bank_account, email=wallet.email, name=wallet.name)
    else:
        known = card(wallet.card_number)
        if known is None:
            raise ValueError(wallet.card_number)
        method = add_card(account, known, email=wallet.email, name=wallet.name)
    return _go_on(account, session, intent, attempt(account, intent, method))


def _intent(account: Account, session: Obj) -> Obj:
    if session["payment_intent"] is not None:
        return account["payment_intents"].get(session["payment_intent"])
    if "_intent" in session:
        return account["payment_intents"].get(session["_intent"])
    if session["mode"] == "subscription" and session["customer"] is None:
        remember(account, session)
    details = {**session["_intent_data"], "customer": session["customer"], "session": session["id"]}
    if session["mode"] == "subscription":
        details["setup_future_usage"] = "off_session"
        details["description"] = "Subscription creation"
    intent = add_intent(account, session["amount_total"], session["currency"], details)
    if session["mode"] == "payment":
        account["sessions"].set(session, "payment_intent", intent["id"])
    else:
        session["_intent"] = intent["id"]
    return intent


def remember(account: Account, session: Obj) -> str:
    """Make a customer of who is at the page; return the id."""
    customer = add_customer(account, session["_payer"])
    account["sessions"].set(session, "customer", customer["id"])
    return str(customer["id"])


def decline_as(account: Account, session: Obj, wallet: Wallet, code: str) -> str:
    """Let an attempt fail with the decline `code`, whatever the card would do."""
    known = card(wallet.card_number)
    if known is None:
        raise ValueError(wallet.card_number)
    session["_payer"] = {"email": wallet.email or session["customer_email"], "name": wallet.name}
    method = add_card(account, known, email=wallet.email, name=wallet.name)
    return decline(account, _intent(account, session), method, code)


def authenticate(account: Account, session: Obj, *, passed: bool) -> str:
    """Take the donor's answer to the bank's 3-D Secure question; return how the attempt went on."""
    if session["status"] != "open":
        return str(session["status"])
    intent = _intent(account, session)
    if intent["status"] != "requires_action":
        return "declined"
    if not passed:
        fail_authentication(account, intent)
        return "declined"
    method = account["payment_methods"].get(intent["payment_method"])
    return _go_on(account, session, intent, attempt(account, intent, method, authenticated=True))


def _go_on(account: Account, session: Obj, intent: Obj, outcome: str) -> str:
    if outcome not in {"succeeded", "processing"}:
        return outcome
    payer = session["_payer"]
    if session["mode"] == "subscription":
        subscriptions.begin(account, session, intent)
    elif session["customer"] is None and session["customer_creation"] == "always":
        account["payment_intents"].set(intent, "customer", remember(account, session))
    status = "paid" if outcome == "succeeded" else "unpaid"
    complete(account, session, status, email=payer["email"], name=payer["name"])
    return outcome


@behaves("session-async-events")
def _debit_ended(account: Account, intent: Obj, status: str) -> None:
    session = account["sessions"].find(intent["_session"]) if intent["_session"] else None
    if session is None or session["payment_status"] != "unpaid":
        return
    if status == "succeeded":
        session["payment_status"] = "paid"
        emit(account, "checkout.session.async_payment_succeeded", session)
    else:
        emit(account, "checkout.session.async_payment_failed", session)


FOLLOWERS.append(_debit_ended)
