"""Charges: each attempt to take money, and the balance transaction that follows a success."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.books import Movement, book, fixed_part_rate, settled, settles_on
from fundraise.sandbox.calls import Call, Page, list_page
from fundraise.sandbox.clock import add_business_days
from fundraise.sandbox.events import emit
from fundraise.sandbox.messages import Obj
from fundraise.sandbox.objects.cards import DECLINE_TEXTS
from fundraise.sandbox.objects.payment_methods import card_behind, card_details, debit_details
from fundraise.sandbox.shapes import EXPAND, METADATA, PAGE, TEXT, Nested, Range, Text, merge_metadata
from fundraise.sandbox.timeline import action

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account, World

LIST = Nested({**PAGE, "created": Range(), "customer": TEXT, "payment_intent": TEXT})
UPDATE = Nested(
    {**EXPAND, "description": Text(clearable=True), "metadata": METADATA, "receipt_email": Text(clearable=True)}
)

DEBIT_BUSINESS_DAYS = {"bacs_debit": (7, 4), "sepa_debit": (5, 5)}
"""How long a bank debit takes with a new mandate and with one that is in place.

Source: https://docs.stripe.com/payments/bacs-debit, https://docs.stripe.com/payments/sepa-debit
"""

_AUTHORISED = ("approved_by_network", None, "Payment complete.", "authorized")
_DECLINED = "The bank did not return any further details with this decline."


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an attempt to charge went: `status` of the charge, Stripe's decline code, and whether 3-D Secure was done."""

    status: str
    decline: str = ""
    secured: bool = False


def add_charge(account: Account, intent: Obj, method: Obj, attempt: Attempt) -> Obj:
    """Write the charge of one attempt on a PaymentIntent. No event is made here."""
    now = account.now()
    debit = method["type"] != "card"
    declined = attempt.status == "failed"
    clears_on = _clears_on(method, now) if debit else now
    if debit:
        details = debit_details(account, method, clears_on)
    else:
        details = card_details(method, intent["amount"], secured=attempt.secured, authorised=not declined)
    return account["charges"].add(
        {
            "id": account.new_id("py_" if debit else "ch_"),
            "object": "charge",
            "amount": intent["amount"],
            "amount_captured": 0 if declined else intent["amount"],
            "amount_refunded": 0,
            "application": None,
            "application_fee": None,
            "application_fee_amount": None,
            "balance_transaction": None,
            "billing_details": method["billing_details"],
            "calculated_statement_descriptor": None if debit else descriptor(account, intent),
            "captured": not declined,
            "created": now,
            "currency": intent["currency"],
            "customer": intent["customer"],
            "description": intent["description"],
            "disputed": False,
            "failure_balance_transaction": None,
            "failure_code": error_code(attempt.decline) if declined else None,
            "failure_message": decline_text(attempt.decline) if declined else None,
            "fraud_details": {},
            "livemode": False,
            "metadata": dict(intent["metadata"]),
            "on_behalf_of": None,
            "outcome": _outcome(attempt, debit=debit),
            "paid": attempt.status == "succeeded",
            "payment_intent": intent["id"],
            "payment_method": method["id"],
            "payment_method_details": details,
            "receipt_email": intent["receipt_email"],
            "receipt_number": None,
            "receipt_url": None,
            "refunded": False,
            "review": None,
            "shipping": None,
            "source_transfer": None,
            "statement_descriptor": intent["statement_descriptor"],
            "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
            "status": attempt.status,
            "transfer_data": None,
            "transfer_group": None,
            "_clears_on": clears_on,
        }
    )


def _outcome(attempt: Attempt, *, debit: bool) -> Obj:
    status, reason, said, kind = _AUTHORISED
    if attempt.decline:
        status, reason, said, kind = "declined_by_network", attempt.decline, _DECLINED, "issuer_declined"
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": status,
        "reason": reason,
        "risk_level": "not_assessed" if debit else "normal",
        "seller_message": said,
        "type": kind,
    }


def error_code(decline: str) -> str:
    """Return the error code that goes with a decline code.

    Source: https://docs.stripe.com/declines/codes
    """
    return decline if decline in {"expired_card", "incorrect_cvc", "processing_error"} else "card_declined"


def decline_text(decline: str) -> str:
    """Return the message that Stripe gives the payer."""
    return DECLINE_TEXTS.get(decline, "Your card was declined.")


@behaves("statement-descriptor")
def descriptor(account: Account, intent: Obj) -> str:
    """Return what a card statement shows: `PREFIX* SUFFIX`, at most 22 characters.

    Source: https://docs.stripe.com/get-started/account/statement-descriptors
    """
    suffix = intent["statement_descriptor_suffix"]
    prefix = account.terms.statement_prefix
    return f"{prefix[:10]}* {suffix}"[:22].upper() if suffix else prefix[:22].upper()


@behaves("bank-debit-timing")
def _clears_on(method: Obj, moment: int) -> int:
    """Return when a bank debit begun at `moment` is known to have succeeded."""
    new, in_place = DEBIT_BUSINESS_DAYS[method["type"]]
    return add_business_days(moment, in_place if "_mandate" in method else new)


@behaves("balance-transaction-after-charge-updated")
def plan_settlement(account: Account, charge: Obj) -> None:
    """Let the balance transaction follow, at least one second after the charge.

    Source: https://docs.stripe.com/payments/payment-intents/asynchronous-capture
    """
    least, most = account.terms.settle_seconds
    account.plan(
        account.now() + account.world.random.randint(max(1, least), max(1, most)), "charge.settle", charge=charge["id"]
    )


@action("charge.settle")
def settle(world: World, details: Obj) -> None:
    """Write the balance transaction of a charge and say so with `charge.updated`."""
    account = world.accounts[details["account"]]
    charge = account["charges"].get(details["charge"])
    if charge["balance_transaction"] is not None:
        return
    method = account["payment_methods"].get(charge["payment_method"])
    card = card_behind(method)
    amount, currency, rate = settled(account, charge["amount"], charge["currency"])
    kind = method["type"]
    available_on = settles_on(account, charge["_clears_on"])
    row = book(
        account,
        Movement(
            kind="payment" if card is None else "charge",
            category="charge",
            amount=amount,
            currency=currency,
            source=charge["id"],
            fee=account.terms.tariff.fee_minor(
                amount,
                method=kind,
                foreign=card is not None and card.country != account.terms.country,
                fixed_rate=fixed_part_rate(account, currency),
            ),
            description=charge["description"],
            exchange_rate=rate,
            available_on=None if card is not None and card.instant else available_on,
        ),
    )
    charge["balance_transaction"] = row["id"]
    emit(account, "charge.updated", charge, {"balance_transaction": None})


def listing(call: Call) -> Page:
    """`GET /v1/charges`."""
    return list_page(call, "charges", ("customer", "payment_intent"))


def retrieve(call: Call) -> Obj:
    """`GET /v1/charges/{charge}`."""
    return call.account["charges"].get(call.ids["charge"], param="charge")


def update(call: Call) -> Obj:
    """`POST /v1/charges/{charge}`: description, metadata, receipt e-mail."""
    charge = retrieve(call)
    before = {name: charge[name] for name in call.params if name != "expand"}
    for name, value in call.params.items():
        if name == "metadata":
            charge["metadata"] = merge_metadata(charge["metadata"], value)
        elif name != "expand":
            charge[name] = value
    emit(call.account, "charge.updated", charge, before)
    return charge
