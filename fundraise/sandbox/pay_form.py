"""What a donor types on the pay page, and what is said about it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fundraise.sandbox.messages import Obj
from fundraise.sandbox.objects.cards import DEBIT_OUTCOMES, card
from fundraise.sandbox.objects.checkout_payment import Wallet

TEST_CARDS = (
    ("4242 4242 4242 4242", "the payment succeeds"),
    ("4000 0000 0000 0002", "the card is declined"),
    ("4000 0000 0000 9995", "declined: not enough money"),
    ("4000 0025 0000 3155", "the bank asks first (3-D Secure)"),
    ("4000 0000 0000 3220", "the bank asks first (3-D Secure 2)"),
    ("4000 0084 0000 1629", "the bank asks, then declines"),
    ("4000 0000 0000 0259", "succeeds, disputed a minute later"),
    ("4000 0000 0000 5126", "succeeds, but a refund of it fails"),
    ("4000 0084 0000 0005", "succeeds, an American card"),
)

DEBIT_TEXTS = {
    "": "the debit succeeds",
    "insufficient_funds": "fails: not enough money",
    "debit_not_authorized": "fails: the bank was not told",
    "generic_decline": "fails",
    "disputed": "succeeds, disputed a minute later",
}

MESSAGES = {
    "declined": "Your card was declined. Nothing was taken. Try another card, or ask your bank.",
    "insufficient_funds": "Your card was declined: there is not enough money in the account. Nothing was taken.",
    "expired_card": "Your card has expired. Nothing was taken. Try another card.",
    "incorrect_cvc": "The security code is not right. Nothing was taken. Look at the back of your card.",
    "processing_error": "Something went wrong with your card. Nothing was taken. Please try again.",
    "authentication": "Your bank did not confirm it was you. Nothing was taken. Try again, or use another card.",
}


@dataclass(frozen=True, slots=True)
class Entered:
    """What the donor typed, as typed; `errors` by field name, `message` above the form."""

    card_number: str = "4242 4242 4242 4242"
    exp: str = "12 / 34"
    cvc: str = "123"
    email: str = ""
    name: str = ""
    bank_account: str = ""
    errors: tuple[tuple[str, str], ...] = ()
    message: str = ""


def read(form: dict[str, str]) -> Entered:
    """Return what was typed."""
    return Entered(
        card_number=form.get("card_number", "").strip(),
        exp=form.get("exp", "").strip(),
        cvc=form.get("cvc", "").strip(),
        email=form.get("email", "").strip(),
        name=form.get("name", "").strip(),
        bank_account=form.get("bank_account", "").strip(),
    )


def mistakes(session: Obj, form: dict[str, str], entered: Entered) -> tuple[tuple[str, str], ...]:
    """Return what is wrong with the entries, by field."""
    found: list[tuple[str, str]] = []
    if session["mode"] == "subscription" and not (entered.email or session["customer_email"]):
        found.append(("email", "Please give an e-mail address, so that you can stop the gift later."))
    elif entered.email and not re.fullmatch(r"[^@\s]+@[^@\s]+", entered.email):
        found.append(("email", "This does not look like an e-mail address."))
    if form.get("pay") == "bank_debit":
        if not any(entered.bank_account in DEBIT_OUTCOMES.get(kind, {}) for kind in session["payment_method_types"]):
            found.append(("bank_account", "Choose one of the test accounts."))
        return tuple(found)
    if "card" not in session["payment_method_types"]:
        found.append(("bank_account", "Please pay from your bank account; cards are not taken here."))
        return tuple(found)
    if card(entered.card_number) is None:
        found.append(("card_number", "This is not one of the test cards. Never type a real card here."))
    if not re.fullmatch(r"(0?[1-9]|1[0-2])\s*/\s*\d{2}(\d{2})?", entered.exp):
        found.append(("exp", "Give month and year, such as 12 / 34."))
    if not re.fullmatch(r"\d{3,4}", entered.cvc):
        found.append(("cvc", "Give the three or four digits."))
    return tuple(found)


def wallet(form: dict[str, str], entered: Entered) -> Wallet:
    """Return what the donor pays with."""
    return Wallet(
        card_number=entered.card_number,
        bank_account=entered.bank_account if form.get("pay") == "bank_debit" else "",
        email=entered.email or None,
        name=entered.name or None,
    )
