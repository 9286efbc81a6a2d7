"""Bank debits: on their way for days, then there or not; what the donor was told stays true."""

from __future__ import annotations

import pytest
import stripe

from fundraise.sandbox import ControlError, Sandbox
from tests.sandbox.driving import session_params

DAY = 86_400


@pytest.mark.parametrize(
    ("currency", "kind", "days", "fee"), [("gbp", "bacs_debit", 7, 120), ("eur", "sepa_debit", 5, 123)]
)
def test_a_debit_that_succeeds_after_days(
    sandbox: Sandbox, stripe_client: stripe.StripeClient, currency: str, kind: str, days: int, fee: int
):
    sandbox.control("account", {"settlement_currencies": ["eur"]})
    session = stripe_client.v1.checkout.sessions.create(session_params(10_000, currency))
    assert session.payment_method_types == ["card", kind]
    begun = sandbox.control("pay", {"session": session.id, "bank_debit": True})
    assert (begun["outcome"], begun["status"], begun["payment_status"]) == ("processing", "complete", "unpaid")
    charge = stripe_client.v1.charges.retrieve(begun["charge"])
    assert (charge.id[:3], charge.status, charge.paid, charge.balance_transaction) == ("py_", "pending", False, None)
    mandate = charge.payment_method_details[kind].mandate
    assert stripe_client.v1.mandates.retrieve(mandate).status == "active"

    sandbox.advance(5)
    row = stripe_client.v1.charges.retrieve(charge.id, {"expand": ["balance_transaction"]}).balance_transaction
    assert (row.type, row.reporting_category, row.amount, row.fee) == ("payment", "charge", 10_000, fee)
    assert row.status == "pending"

    sandbox.advance((days - 1) * DAY)
    assert stripe_client.v1.checkout.sessions.retrieve(session.id).payment_status == "unpaid"
    sandbox.advance(5 * DAY)
    assert stripe_client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
    assert stripe_client.v1.charges.retrieve(charge.id).status == "succeeded"
    assert "checkout.session.async_payment_succeeded" in _types(stripe_client)


def test_a_debit_that_fails_leaves_two_rows_that_add_up_to_nothing(
    sandbox: Sandbox, stripe_client: stripe.StripeClient
):
    session = stripe_client.v1.checkout.sessions.create(session_params(10_000))
    begun = sandbox.control("pay", {"session": session.id, "bank_debit": True, "outcome": "fails"})
    sandbox.advance(12 * DAY)
    charge = stripe_client.v1.charges.retrieve(begun["charge"], {"expand": ["failure_balance_transaction"]})
    back = charge.failure_balance_transaction
    assert (charge.status, charge.failure_code) == ("failed", "insufficient_funds")
    assert (back.type, back.reporting_category, back.amount) == ("payment_failure_refund", "charge_failure", -10_000)
    assert sum(row.net for row in stripe_client.v1.balance_transactions.list({"source": charge.id})) == 0
    session = stripe_client.v1.checkout.sessions.retrieve(session.id)
    assert (session.status, session.payment_status) == ("complete", "unpaid")
    assert "checkout.session.async_payment_failed" in _types(stripe_client)


def test_a_failure_fee_stays_with_stripe(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    sandbox.control("account", {"tariff": {"bank_debit_failure_minor": 400}})
    session = stripe_client.v1.checkout.sessions.create(session_params(10_000))
    begun = sandbox.control("pay", {"session": session.id, "bank_debit": True, "outcome": "fails"})
    sandbox.advance(12 * DAY)
    assert sum(row.net for row in stripe_client.v1.balance_transactions.list({"source": begun["charge"]})) == -400


def test_a_debit_may_be_disputed_for_good_after_it_succeeded(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    session = stripe_client.v1.checkout.sessions.create(session_params(10_000))
    begun = sandbox.control("pay", {"session": session.id, "bank_debit": "55555559"})
    sandbox.advance(12 * DAY)
    dispute = stripe_client.v1.disputes.list({"charge": begun["charge"]}).data[0]
    assert (dispute.status, dispute.balance_transactions[0].net) == ("lost", -12_000)


def test_a_refund_of_a_debit_is_a_payment_refund(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    session = stripe_client.v1.checkout.sessions.create(session_params(10_000))
    begun = sandbox.control("pay", {"session": session.id, "bank_debit": True})
    sandbox.advance(12 * DAY)
    refund = stripe_client.v1.refunds.create({"charge": begun["charge"]}, {"stripe_version": stripe.api_version})
    assert refund.id.startswith("pyr_")
    row = stripe_client.v1.balance_transactions.retrieve(refund.balance_transaction)
    assert (row.type, row.reporting_category) == ("payment_refund", "refund")


def test_a_session_without_bank_debit_refuses_it(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    session = stripe_client.v1.checkout.sessions.create(session_params(excluded_payment_method_types=["bacs_debit"]))
    assert session.payment_method_types == ["card"]
    with pytest.raises(ControlError, match="cannot be paid by bank debit"):
        sandbox.control("pay", {"session": session.id, "bank_debit": True})


def _types(client: stripe.StripeClient) -> list[str]:
    return [event.type for event in client.v1.events.list({"limit": 100})]
