"""The page of a Checkout Session in setup mode, where a person keeps a card for later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fundraise.sandbox.checkout_page import CheckoutPage
from fundraise.sandbox.messages import Obj
from fundraise.sandbox.objects.checkout_setup import authenticate, intent_of, save_card
from fundraise.sandbox.pay_form import TEST_CARDS, Entered

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account


def _values(account: Account, session: Obj, entered: Entered) -> Obj:
    return {
        "session": session,
        "merchant": account.terms.business_name,
        "entered": entered,
        "errors": dict(entered.errors),
        "cards": TEST_CARDS,
    }


def _done(_account: Account, _session: Obj) -> tuple[str, str]:
    return "Your card is saved", "Nothing was taken. There is nothing more to do here."


def _no_total(_session: Obj) -> None:
    return None


PAGE = CheckoutPage(
    path="/c/setup",
    modes=frozenset({"setup"}),
    template="save_card.html",
    values=_values,
    done=_done,
    nothing_done="No card was saved.",
    attempt=save_card,
    intent=intent_of,
    error="last_setup_error",
    authentication_failed="setup_intent_authentication_failure",
    total=_no_total,
    authenticate=authenticate,
)
