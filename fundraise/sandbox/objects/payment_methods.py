"""Payment methods: a card or a bank account a donor gave, and the details of it that charges show."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fundraise.sandbox.events import emit
from fundraise.sandbox.messages import Obj
from fundraise.sandbox.objects.cards import CARDS, DEBIT_OUTCOMES, Card

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account

NO_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
_CHECKS = {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"}


def billing(email: str | None, name: str | None) -> Obj:
    """Return billing details with the donor's e-mail and name, both optional."""
    return {"address": dict(NO_ADDRESS), "email": email, "name": name, "phone": None, "tax_id": None}


def add_card(account: Account, card: Card, *, email: str | None, name: str | None) -> Obj:
    """Keep a card as a payment method."""
    return _add(
        account,
        "card",
        {
            **card.details(),
            "checks": dict(_CHECKS),
            "display_brand": card.brand,
            "generated_from": None,
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        billing(email, name),
        card.number,
    )


def add_debit(account: Account, kind: str, number: str, *, email: str | None, name: str | None) -> Obj:
    """Keep a bank account (`bacs_debit` or `sepa_debit`) as a payment method."""
    shown: Obj = {"fingerprint": number[:4] + "fingerprint", "last4": number[-4:]}
    if kind == "bacs_debit":
        shown["sort_code"] = "108800"
    else:
        shown |= {"bank_code": number[4:12], "branch_code": "", "country": number[:2]}
        shown["generated_from"] = {"charge": None, "setup_attempt": None}
    return _add(account, kind, shown, billing(email, name), number)


def _add(account: Account, kind: str, shown: Obj, details: Obj, number: str) -> Obj:
    return account["payment_methods"].add(
        {
            "id": account.new_id("pm_"),
            "object": "payment_method",
            "allow_redisplay": "limited",
            "billing_details": details,
            kind: shown,
            "created": account.now(),
            "customer": None,
            "customer_account": None,
            "livemode": False,
            "metadata": {},
            "type": kind,
            "_number": number,
        }
    )


def attach(account: Account, method: Obj, customer: str) -> None:
    """Keep a payment method for a customer's later payments."""
    account["payment_methods"].set(method, "customer", customer)
    emit(account, "payment_method.attached", method)


def card_behind(method: Obj) -> Card | None:
    """Return the test card behind a payment method, or None for a bank account."""
    return CARDS[method["_number"]] if method["type"] == "card" else None


def debit_outcome(method: Obj) -> str:
    """Return the failure code that a bank account leads to, or "" where the debit succeeds."""
    return DEBIT_OUTCOMES[method["type"]].get(method["_number"], "")


_DEBIT_SHOWN = {
    "bacs_debit": ("fingerprint", "last4", "sort_code"),
    "sepa_debit": ("bank_code", "branch_code", "country", "fingerprint", "last4"),
}


def debit_details(account: Account, method: Obj, debited_on: int) -> Obj:
    """Return `payment_method_details` of a bank debit that is taken at the moment `debited_on`."""
    kind = method["type"]
    shown = {key: method[kind][key] for key in _DEBIT_SHOWN[kind]}
    day = datetime.fromtimestamp(debited_on, UTC).date().isoformat()
    return {"type": kind, kind: {**shown, "expected_debit_date": day, "mandate": _mandate(account, method)}}


def card_details(method: Obj, amount_minor: int, *, secured: bool, authorised: bool) -> Obj:
    """Return `payment_method_details` of a card charge; `secured` after 3-D Secure, `authorised` unless declined."""
    card = CARDS[method["_number"]]
    return {
        "type": "card",
        "card": {
            **card.details(),
            "amount_authorized": amount_minor if authorised else None,
            "authorization_code": None,
            "checks": dict(_CHECKS),
            "extended_authorization": {"status": "disabled"},
            "incremental_authorization": {"status": "unavailable"},
            "installments": None,
            "mandate": None,
            "multicapture": {"status": "unavailable"},
            "network": card.brand,
            "network_token": {"used": False},
            "network_transaction_id": None,
            "overcapture": {"maximum_amount_capturable": amount_minor, "status": "unavailable"},
            "regulated_status": "unregulated",
            "three_d_secure": _secured() if secured else None,
            "wallet": None,
        },
    }


def _secured() -> Obj:
    return {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": None,
        "version": "2.2.0",
    }


def _mandate(account: Account, method: Obj) -> str:
    if "_mandate" not in method:
        method["_mandate"] = account["mandates"].add(_new_mandate(account, method))["id"]
    return str(method["_mandate"])


def _new_mandate(account: Account, method: Obj) -> Obj:
    now = account.now()
    kind = method["type"]
    reference = account.new_id("")[:12].upper()
    terms: Obj = {"reference": reference, "url": f"{account.world.base_url}/mandates/{reference}"}
    if kind == "bacs_debit":
        terms |= {
            "network_status": "accepted",
            "revocation_reason": None,
            "display_name": None,
            "service_user_number": None,
        }
    online = {"ip_address": "127.0.0.1", "user_agent": "sandbox"}
    return {
        "id": account.new_id("mandate_"),
        "object": "mandate",
        "_created": now,
        "customer_acceptance": {"accepted_at": now, "online": online, "type": "online"},
        "livemode": False,
        "multi_use": {},
        "payment_method": method["id"],
        "payment_method_details": {"type": kind, kind: terms},
        "status": "active",
        "type": "multi_use",
    }
