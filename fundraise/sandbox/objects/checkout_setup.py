"""What happens on the page of a Checkout Session in setup mode: a card is kept, and nothing is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.messages import Obj
from fundraise.sandbox.objects import setup_intents
from fundraise.sandbox.objects.cards import card
from fundraise.sandbox.objects.checkout import complete
from fundraise.sandbox.objects.checkout_payment import Wallet, remember
from fundraise.sandbox.objects.payment_methods import add_card

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account


@behaves("session-setup")
def save_card(account: Account, session: Obj, wallet: Wallet, *, decline: str = "") -> str:
    """Try to keep the card; return "succeeded", "requires_action" or "declined" (`decline`: with that code).

    A Session that is not open any more keeps nothing; its status ("complete", "expired") is returned.
    """
    if session["status"] != "open":
        return str(session["status"])
    known = card(wallet.card_number)
    if known is None:
        raise ValueError(wallet.card_number)
    session["_payer"] = {"email": wallet.email or session["customer_email"], "name": wallet.name}
    method = add_card(account, known, email=wallet.email, name=wallet.name)
    intent = intent_of(account, session)
    if decline:
        return setup_intents.decline(account, intent, method, decline)
    return _go_on(account, session, method, setup_intents.confirm(account, intent, method))


def intent_of(account: Account, session: Obj) -> Obj:
    """Return the SetupIntent of a Session."""
    return account["setup_intents"].get(session["setup_intent"])


def authenticate(account: Account, session: Obj, *, passed: bool) -> str:
    """Take the answer to the bank's 3-D Secure question; return how the attempt went on."""
    if session["status"] != "open":
        return str(session["status"])
    intent = intent_of(account, session)
    if intent["status"] != "requires_action":
        return "declined"
    if not passed:
        return setup_intents.fail_authentication(account, intent)
    method = account["payment_methods"].get(intent["payment_method"])
    return _go_on(account, session, method, setup_intents.confirm(account, intent, method, authenticated=True))


def _go_on(account: Account, session: Obj, method: Obj, outcome: str) -> str:
    if outcome != "succeeded":
        return outcome
    if session["customer"] is None and session["customer_creation"] == "always":
        remember(account, session)
    setup_intents.succeed(account, intent_of(account, session), method, session["customer"])
    payer = session["_payer"]
    complete(account, session, session["payment_status"], email=payer["email"], name=payer["name"])
    return outcome
