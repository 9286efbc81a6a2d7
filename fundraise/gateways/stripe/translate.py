"""Stripe's objects, as plain dictionaries, in our own words. Pure: nothing is fetched here."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from fundraise.gateways.stripe.units import from_stripe, money
from fundraise.payments import (
    BalanceTransaction,
    Charge,
    ChargeState,
    Checkout,
    CheckoutState,
    Dispute,
    Method,
    Notice,
    Payout,
    Refund,
)

# Our random id in the metadata of Session and PaymentIntent.
REFERENCE_KEY = "donation_id"
# Kinds of payment that are confirmed days later and may fail until then.
_BANK_DEBITS = frozenset(
    {"bacs_debit", "sepa_debit", "au_becs_debit", "acss_debit", "us_bank_account", "nz_bank_account"}
)

Json = Mapping[str, Any]


def moment(seconds: int) -> datetime:
    """Return a Unix time as a moment."""
    return datetime.fromtimestamp(seconds, UTC)


def id_of(value: object) -> str | None:
    """Return the id of something that is an id, an expanded object, or nothing."""
    if isinstance(value, Mapping):
        value = value.get("id")
    return value if isinstance(value, str) else None


def reference_of(obj: Json) -> str | None:
    """Return our random id from an object's metadata."""
    value = (obj.get("metadata") or {}).get(REFERENCE_KEY)
    return value if isinstance(value, str) and value else None


def balance_transaction(obj: object) -> BalanceTransaction | None:
    """Translate a balance transaction; None for what is not expanded or not there yet."""
    if not isinstance(obj, Mapping):
        return None
    currency = obj["currency"].upper()
    rate = obj.get("exchange_rate")
    return BalanceTransaction(
        id=obj["id"],
        type=obj["type"],
        category=obj["reporting_category"],
        amount_minor=from_stripe(obj["amount"], currency),
        fee_minor=from_stripe(obj["fee"], currency),
        net_minor=from_stripe(obj["net"], currency),
        currency=currency,
        created_at=moment(obj["created"]),
        available_at=moment(obj["available_on"]),
        source_id=id_of(obj.get("source")),
        description=obj.get("description") or "",
        exchange_rate=Decimal(str(rate)) if rate is not None else None,
        fee_details=tuple((part["type"], from_stripe(part["amount"], currency)) for part in obj["fee_details"]),
        status=obj["status"],
    )


def charge(obj: Json) -> Charge:
    """Translate a charge."""
    kind = (obj.get("payment_method_details") or {}).get("type", "")
    amount = money(obj["amount"], obj["currency"])
    return Charge(
        id=obj["id"],
        payment_id=id_of(obj.get("payment_intent")),
        amount=amount,
        state=ChargeState(obj["status"]),
        method=Method.BANK_DEBIT if kind in _BANK_DEBITS else Method.AT_ONCE,
        created_at=moment(obj["created"]),
        transaction=balance_transaction(obj.get("balance_transaction")),
        failure_transaction=balance_transaction(obj.get("failure_balance_transaction")),
        refunded_minor=from_stripe(obj["amount_refunded"], amount.currency),
        disputed=bool(obj["disputed"]),
        reference=reference_of(obj),
        descriptor=obj.get("calculated_statement_descriptor") or "",
    )


def refund(obj: Json) -> Refund:
    """Translate a refund."""
    return Refund(
        id=obj["id"],
        charge_id=id_of(obj.get("charge")) or "",
        amount=money(obj["amount"], obj["currency"]),
        state=obj.get("status") or "succeeded",
        created_at=moment(obj["created"]),
        transaction=balance_transaction(obj.get("balance_transaction")),
        failure_transaction=balance_transaction(obj.get("failure_balance_transaction")),
        reason=obj.get("reason") or "",
    )


def dispute(obj: Json) -> Dispute:
    """Translate a dispute; its balance transactions come whole with it."""
    due = (obj.get("evidence_details") or {}).get("due_by")
    rows = (balance_transaction(row) for row in obj["balance_transactions"])
    return Dispute(
        id=obj["id"],
        charge_id=id_of(obj["charge"]) or "",
        amount=money(obj["amount"], obj["currency"]),
        state=obj["status"],
        created_at=moment(obj["created"]),
        transactions=tuple(sorted((row for row in rows if row), key=lambda row: (row.created_at, row.id))),
        reason=obj.get("reason") or "",
        evidence_due_at=moment(due) if due else None,
    )


def checkout(obj: Json) -> Checkout:
    """Translate a Checkout Session."""
    return Checkout(
        id=obj["id"],
        state=CheckoutState(obj.get("status") or "open"),
        paid=obj["payment_status"] == "paid",
        payment_id=id_of(obj.get("payment_intent")),
        amount=money(obj.get("amount_total") or 0, obj.get("currency") or "GBP"),
        livemode=bool(obj["livemode"]),
        reference=reference_of(obj) or obj.get("client_reference_id"),
        url=obj.get("url"),
        expires_at=moment(obj["expires_at"]),
    )


def payout(obj: Json) -> Payout:
    """Translate a payout."""
    trace = obj.get("trace_id") or {}
    return Payout(
        id=obj["id"],
        amount=money(obj["amount"], obj["currency"]),
        state=obj["status"],
        automatic=bool(obj["automatic"]),
        itemised=obj["reconciliation_status"],
        created_at=moment(obj["created"]),
        arrives_on=moment(obj["arrival_date"]),
        transaction_id=id_of(obj.get("balance_transaction")),
        transaction=balance_transaction(obj.get("balance_transaction")),
        failure_transaction=balance_transaction(obj.get("failure_balance_transaction")),
        failure_message=obj.get("failure_message") or obj.get("failure_code") or "",
        trace_id=trace.get("value") if isinstance(trace, Mapping) else None,
        descriptor=obj.get("statement_descriptor") or "",
    )


def notice(obj: Json) -> Notice:
    """Translate an event; KeyError or TypeError for what is none."""
    about = obj["data"]["object"]
    about_id = about.get("id")
    return Notice(
        id=str(obj["id"]),
        type=str(obj["type"]),
        object_type=str(about["object"]),
        object_id=about_id if isinstance(about_id, str) else "",
        payment_id=_payment_hint(about),
        connected_account=obj.get("account") if isinstance(obj.get("account"), str) else None,
        livemode=obj["livemode"] is True,
        created_at=moment(int(obj["created"])),
    )


def _payment_hint(about: Json) -> str:
    if about.get("object") == "payment_intent":
        return id_of(about) or ""
    return id_of(about.get("payment_intent")) or ""
