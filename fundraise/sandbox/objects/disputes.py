"""Disputes: money taken back by the bank, and what becomes of it; inquiries and early fraud warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.books import Movement, book, fixed_part_rate, settled
from fundraise.sandbox.calls import Call, Page, list_page
from fundraise.sandbox.clock import DAY_SECONDS, midnight
from fundraise.sandbox.events import emit, public
from fundraise.sandbox.messages import Obj, StripeError
from fundraise.sandbox.money import half_up
from fundraise.sandbox.shapes import BOOLEAN, EXPAND, METADATA, PAGE, TEXT, Nested, Range, merge_metadata

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account

_EVIDENCE_TEXTS = (
    "access_activity_log", "billing_address", "cancellation_policy_disclosure", "cancellation_rebuttal",
    "customer_email_address", "customer_name", "customer_purchase_ip", "duplicate_charge_explanation",
    "duplicate_charge_id", "product_description", "refund_policy_disclosure", "refund_refusal_explanation",
    "service_date", "shipping_address", "shipping_carrier", "shipping_date", "shipping_tracking_number",
    "uncategorized_text",
)  # fmt: skip
_EVIDENCE_FILES = (
    "cancellation_policy", "customer_communication", "customer_signature", "duplicate_charge_documentation",
    "receipt", "refund_policy", "service_documentation", "shipping_documentation", "uncategorized_file",
)  # fmt: skip
_NETWORK_CODES = {"fraudulent": "10.4", "product_not_received": "13.1", "duplicate": "12.6"}
MAGIC_EVIDENCE = {"winning_evidence": "won", "losing_evidence": "lost"}
"""Source: https://docs.stripe.com/testing#evidence"""

LIST = Nested({**PAGE, "created": Range(), "charge": TEXT, "payment_intent": TEXT})
UPDATE = Nested(
    {**EXPAND, "evidence": Nested(dict.fromkeys(_EVIDENCE_TEXTS, TEXT)), "metadata": METADATA, "submit": BOOLEAN}
)
CLOSE = Nested(EXPAND)
WARNINGS = Nested({**PAGE, "created": Range(), "charge": TEXT, "payment_intent": TEXT})


@behaves("dispute-event-order", "dispute-due-by")
def open_dispute(
    account: Account, charge: Obj, reason: str, *, inquiry: bool = False, amount_minor: int | None = None
) -> Obj:
    """Open a dispute about a charge; unless it is an inquiry its amount and the fee leave the balance at once."""
    now = account.now()
    bank = charge["payment_method_details"]["type"] != "card"
    dispute = account["disputes"].add(
        {
            "id": account.new_id("du_"),
            "object": "dispute",
            "amount": amount_minor or charge["amount"] - charge["amount_refunded"],
            "balance_transactions": [],
            "charge": charge["id"],
            "created": now,
            "currency": charge["currency"],
            "enhanced_eligibility_types": [],
            "evidence": {**dict.fromkeys((*_EVIDENCE_TEXTS, *_EVIDENCE_FILES)), "enhanced_evidence": {}},
            "evidence_details": {
                "due_by": None if bank else midnight(now) + 9 * DAY_SECONDS - 1,
                "enhanced_eligibility": {},
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
            },
            "is_charge_refundable": inquiry,
            "livemode": False,
            "metadata": {},
            "payment_intent": charge["payment_intent"],
            **_method_details(charge, reason, inquiry=inquiry),
            "reason": reason,
            "status": "warning_needs_response" if inquiry else "needs_response",
        }
    )
    charge["disputed"] = True
    if not inquiry:
        _withdraw(account, dispute)
    emit(account, "charge.dispute.created", dispute)
    if not inquiry:
        emit(account, "charge.dispute.funds_withdrawn", dispute)
    if bank:
        close_dispute(account, dispute, "lost")
    return dispute


def _method_details(charge: Obj, reason: str, *, inquiry: bool) -> Obj:
    card = charge["payment_method_details"].get("card")
    if card is None:
        return {}  # Stripe's spec knows no such details for bank debits.
    shown = {
        "brand": card["brand"],
        "case_type": "inquiry" if inquiry else "chargeback",
        "network": card["network"],
        "network_reason_code": _NETWORK_CODES.get(reason, "10.4"),
    }
    return {"payment_method_details": {"type": "card", "card": shown}}


@behaves("dispute-rows", "dispute-fee-kept")
def _withdraw(account: Account, dispute: Obj) -> None:
    amount, currency, rate = settled(account, dispute["amount"], dispute["currency"])
    row = book(
        account,
        Movement(
            kind="adjustment",
            category="dispute",
            amount=-amount,
            currency=currency,
            source=dispute["id"],
            fee=half_up(account.terms.tariff.dispute_minor * fixed_part_rate(account, currency)),
            fee_text="Dispute fee",
            description=f"Chargeback withdrawal for {dispute['charge']}",
            exchange_rate=rate,
        ),
    )
    dispute["balance_transactions"].append(public(row))


def _reinstate(account: Account, dispute: Obj) -> None:
    taken = dispute["balance_transactions"][0]
    row = book(
        account,
        Movement(
            kind="adjustment",
            category="dispute_reversal",
            amount=-taken["amount"],
            currency=taken["currency"],
            source=dispute["id"],
            description=f"Chargeback reversal for {dispute['charge']}",
            exchange_rate=taken["exchange_rate"],
        ),
    )
    dispute["balance_transactions"].append(public(row))


def close_dispute(account: Account, dispute: Obj, outcome: str) -> None:
    """End a dispute as "won" or "lost"; an inquiry ends as "warning_closed". Raises StripeError where it has ended."""
    _refuse_ended(dispute)
    before = {"status": dispute["status"]}
    inquiry = dispute["status"].startswith("warning")
    dispute["status"] = "warning_closed" if inquiry else outcome
    dispute["is_charge_refundable"] = inquiry or outcome == "won"
    if outcome == "won" and not inquiry:
        _reinstate(account, dispute)
        emit(account, "charge.dispute.funds_reinstated", dispute)
    emit(account, "charge.dispute.closed", dispute, before)


def escalate(account: Account, dispute: Obj) -> None:
    """Turn an inquiry into a chargeback: the money leaves now. Raises StripeError where it is none."""
    if dispute["status"] not in {"warning_needs_response", "warning_under_review"}:
        raise StripeError("Only an open inquiry can be escalated.")
    before = {"status": dispute["status"]}
    dispute |= {"status": "needs_response", "is_charge_refundable": False}
    _withdraw(account, dispute)
    emit(account, "charge.dispute.updated", dispute, before)
    emit(account, "charge.dispute.funds_withdrawn", dispute)


def _refuse_ended(dispute: Obj) -> None:
    if dispute["status"] in {"won", "lost", "warning_closed"}:
        raise StripeError("This dispute is already closed")


def listing(call: Call) -> Page:
    """`GET /v1/disputes`."""
    return list_page(call, "disputes", ("charge", "payment_intent"))


def retrieve(call: Call) -> Obj:
    """`GET /v1/disputes/{dispute}`."""
    return call.account["disputes"].get(call.ids["dispute"], param="dispute")


@behaves("dispute-magic-evidence")
def update(call: Call) -> Obj:
    """`POST /v1/disputes/{dispute}`: evidence puts it under review; Stripe's magic words win or lose it at once."""
    dispute = retrieve(call)
    _refuse_ended(dispute)
    if "metadata" in call.params:
        dispute["metadata"] = merge_metadata(dispute["metadata"], call.params["metadata"])
    evidence: dict[str, Any] = call.params.get("evidence", {})
    before = {"status": dispute["status"]}
    if evidence:
        dispute["evidence"].update(evidence)
        dispute["evidence_details"]["has_evidence"] = True
        dispute["evidence_details"]["submission_count"] += 1
        dispute["status"] = "warning_under_review" if before["status"].startswith("warning") else "under_review"
    emit(call.account, "charge.dispute.updated", dispute, before)
    outcome = MAGIC_EVIDENCE.get(evidence.get("uncategorized_text", ""))
    if outcome:
        close_dispute(call.account, dispute, outcome)
    return dispute


def close(call: Call) -> Obj:
    """`POST /v1/disputes/{dispute}/close`: accept that it is lost."""
    dispute = retrieve(call)
    close_dispute(call.account, dispute, "lost")
    return dispute


def warn_of_fraud(account: Account, charge: Obj) -> Obj:
    """Let the card's issuer warn of fraud; nothing moves."""
    warning = account["early_fraud_warnings"].add(
        {
            "id": account.new_id("issfr_"),
            "object": "radar.early_fraud_warning",
            "actionable": not charge["refunded"] and not charge["disputed"],
            "charge": charge["id"],
            "created": account.now(),
            "fraud_type": "unauthorized_use_of_card",
            "livemode": False,
            "payment_intent": charge["payment_intent"],
        }
    )
    emit(account, "radar.early_fraud_warning.created", warning)
    return warning


def list_warnings(call: Call) -> Page:
    """`GET /v1/radar/early_fraud_warnings`."""
    return list_page(call, "early_fraud_warnings", ("charge", "payment_intent"), url="/v1/radar/early_fraud_warnings")


def retrieve_warning(call: Call) -> Obj:
    """`GET /v1/radar/early_fraud_warnings/{early_fraud_warning}`."""
    return call.account["early_fraud_warnings"].get(call.ids["early_fraud_warning"], param="early_fraud_warning")
