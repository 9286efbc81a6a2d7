"""Test cards and bank accounts: what each number does.

Source: https://docs.stripe.com/testing
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.messages import Obj

DECLINE_TEXTS = {
    "generic_decline": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "lost_card": "Your card was declined.",
    "stolen_card": "Your card was declined.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
}


@dataclass(frozen=True, slots=True)
class Card:
    """One test card; the empty fields are what an ordinary card does.

    `decline` is Stripe's decline code; `dispute` a dispute reason; `refund` "pending" or "fails"; with `instant` the
    money is available at once; `asked_once`: a bank that has confirmed the card for later does not ask again.
    """

    number: str
    brand: str = "visa"
    country: str = "GB"
    funding: str = "credit"
    decline: str = ""
    three_d_secure: bool = False
    asked_once: bool = False
    dispute: str = ""
    inquiry: bool = False
    fraud_warning: bool = False
    refund: str = ""
    instant: bool = False
    decline_later: bool = False

    def details(self) -> Obj:
        """Return what Stripe tells of a card."""
        return {
            "brand": self.brand,
            "country": self.country,
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": hashlib.sha256(self.number.encode()).hexdigest()[:16],
            "funding": self.funding,
            "last4": self.number[-4:],
        }


_CARDS = (
    Card("4242424242424242"),
    Card("4000056655665556", funding="debit"),
    Card("5555555555554444", brand="mastercard"),
    Card("5200828282828210", brand="mastercard", funding="debit"),
    Card("378282246310005", brand="amex"),
    Card("4000008260000000", country="GB"),
    Card("4000002760000016", country="DE"),
    Card("4000002500000003", country="FR"),
    Card("4000008400000005", country="US"),
    Card("4000003920000003", country="JP"),
    Card("4000000000000002", decline="generic_decline"),
    Card("4000000000009995", decline="insufficient_funds"),
    Card("4000000000009987", decline="lost_card"),
    Card("4000000000009979", decline="stolen_card"),
    Card("4000000000000069", decline="expired_card"),
    Card("4000000000000127", decline="incorrect_cvc"),
    Card("4000000000000119", decline="processing_error"),
    Card("4000000000000341", decline="generic_decline", decline_later=True),
    Card("4000002500003155", three_d_secure=True, asked_once=True),
    Card("4000002760003184", three_d_secure=True),
    Card("4000000000003220", three_d_secure=True),
    Card("4000008400001629", three_d_secure=True, decline="generic_decline"),
    Card("4000000000000259", dispute="fraudulent"),
    Card("4000000000002685", dispute="product_not_received"),
    Card("4000000000001976", dispute="fraudulent", inquiry=True),
    Card("4000000000005423", fraud_warning=True),
    Card("4000000000007726", refund="pending"),
    Card("4000000000005126", refund="fails"),
    Card("4000000000000077", instant=True),
)

CARDS = {card.number: card for card in _CARDS}

_TOKENS = {
    "pm_card_visa": "4242424242424242",
    "pm_card_visa_debit": "4000056655665556",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_us": "4000008400000005",
    "pm_card_de": "4000002760000016",
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_visa_chargeDeclined": "4000000000000002",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_chargeDeclinedExpiredCard": "4000000000000069",
    "pm_card_chargeCustomerFail": "4000000000000341",
    "pm_card_threeDSecure2Required": "4000000000003220",
    "pm_card_authenticationRequired": "4000002500003155",
    "pm_card_createDispute": "4000000000000259",
    "pm_card_createDisputeInquiry": "4000000000001976",
    "pm_card_bypassPending": "4000000000000077",
    "pm_card_pendingRefund": "4000000000007726",
    "pm_card_refundFail": "4000000000005126",
}

DISPUTED = "disputed"
"""Stands among the failure codes for a debit that succeeds and is disputed afterwards."""

BACS_OUTCOMES = {
    "00012345": "",
    "22222227": "insufficient_funds",
    "33333335": "debit_not_authorized",
    "55555559": DISPUTED,
}
"""Bacs account numbers (sort code 108800) and what each leads to: success, a failure code, or a dispute afterwards.

Source: https://docs.stripe.com/payments/bacs-debit/accept-a-payment (test your integration)
"""

SEPA_OUTCOMES = {
    "DE89370400440532013000": "",
    "FR1420041010050500013M02606": "",
    "IE29AIBK93115212345678": "",
    "DE62370400440532013001": "generic_decline",
    "FR8420041010050500013M02607": "generic_decline",
    "DE35370400440532013002": DISPUTED,
}
"""SEPA IBANs and what each leads to, as above.

Source: https://docs.stripe.com/payments/sepa-debit/accept-a-payment (test your integration)
"""

DEBIT_OUTCOMES = {"bacs_debit": BACS_OUTCOMES, "sepa_debit": SEPA_OUTCOMES}


@behaves("test-cards")
def card(number: str) -> Card | None:
    """Return the test card of a number, or None where the number is no test card."""
    return CARDS.get("".join(one for one in number if one.isdigit()))


def card_of_token(token: str) -> Card | None:
    """Return the card behind a `pm_card_…` token, or None."""
    return CARDS.get(_TOKENS.get(token, ""))
