"""Disputes: the money leaves with a fee, comes back when won, and never leaves for an inquiry."""

from __future__ import annotations

import pytest
import stripe

from fundraise.sandbox import ControlError, Sandbox
from tests.sandbox.driving import paid_charge


def _net(client: stripe.StripeClient) -> int:
    balance = client.v1.balance.retrieve()
    return balance.available[0].amount + balance.pending[0].amount


def test_a_dispute_takes_amount_and_fee_at_once_and_losing_changes_no_money(
    sandbox: Sandbox, stripe_client: stripe.StripeClient
):
    charge = paid_charge(sandbox, stripe_client, 5000)
    sandbox.control("refund", {"charge": charge, "amount": 2000})
    before = _net(stripe_client)
    opened = sandbox.control("dispute", {"charge": charge, "do": "open"})
    dispute = stripe_client.v1.disputes.retrieve(opened["id"])
    row = dispute.balance_transactions[0]
    assert (dispute.amount, dispute.status, dispute.is_charge_refundable) == (3000, "needs_response", False)
    assert (row.amount, row.fee, row.net, row.type, row.reporting_category) == (
        -3000,
        2000,
        -5000,
        "adjustment",
        "dispute",
    )
    assert row.fee_details[0].description == "Dispute fee"
    assert _net(stripe_client) == before - 5000
    assert stripe_client.v1.charges.retrieve(charge).disputed is True

    stripe_client.v1.disputes.close(dispute.id)
    assert stripe_client.v1.disputes.retrieve(dispute.id).status == "lost"
    assert _net(stripe_client) == before - 5000
    with pytest.raises(ControlError, match="already closed"):
        sandbox.control("dispute", {"dispute": dispute.id, "do": "win"})


def test_a_won_dispute_brings_the_amount_back_and_keeps_the_fee(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    charge = paid_charge(sandbox, stripe_client, 5000)
    before = _net(stripe_client)
    sandbox.control("dispute", {"charge": charge})
    sandbox.control("dispute", {"charge": charge, "do": "win"})
    dispute = stripe_client.v1.disputes.list({"charge": charge}).data[0]
    rows = dispute.balance_transactions
    assert (dispute.status, dispute.is_charge_refundable) == ("won", True)
    assert [(row.net, row.reporting_category) for row in rows] == [(-7000, "dispute"), (5000, "dispute_reversal")]
    assert _net(stripe_client) == before - 2000
    types = [event.type for event in stripe_client.v1.events.list({"type": "charge.dispute.*"})]
    assert types[::-1] == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
    ]


def test_an_inquiry_moves_no_money_until_it_is_escalated(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    charge = paid_charge(sandbox, stripe_client, 5000, card="4000000000001976")
    before = _net(stripe_client)
    sandbox.advance(60)
    dispute = stripe_client.v1.disputes.list({"charge": charge}).data[0]
    assert (dispute.status, dispute.balance_transactions) == ("warning_needs_response", [])
    assert _net(stripe_client) == before
    sandbox.control("dispute", {"dispute": dispute.id, "do": "escalate"})
    assert stripe_client.v1.disputes.retrieve(dispute.id).status == "needs_response"
    assert _net(stripe_client) == before - 7000


def test_an_inquiry_that_ends_by_itself(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    charge = paid_charge(sandbox, stripe_client, 5000)
    sandbox.control("dispute", {"charge": charge, "do": "inquiry"})
    sandbox.control("dispute", {"charge": charge, "do": "lose"})
    assert stripe_client.v1.disputes.list().data[0].status == "warning_closed"


@pytest.mark.parametrize(("words", "status"), [("winning_evidence", "won"), ("losing_evidence", "lost")])
def test_the_dispute_card_and_stripes_magic_evidence(
    sandbox: Sandbox, stripe_client: stripe.StripeClient, words: str, status: str
):
    charge = paid_charge(sandbox, stripe_client, 5000, card="4000000000000259")
    sandbox.advance(60)
    dispute = stripe_client.v1.disputes.list({"charge": charge}).data[0]
    stripe_client.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": words}, "submit": True})
    assert stripe_client.v1.disputes.retrieve(dispute.id).status == status


def test_plain_evidence_puts_a_dispute_under_review(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    charge = paid_charge(sandbox, stripe_client, 5000)
    opened = sandbox.control("dispute", {"charge": charge})
    updated = stripe_client.v1.disputes.update(opened["id"], {"evidence": {"customer_name": "Ada"}})
    assert (updated.status, updated.evidence_details.submission_count) == ("under_review", 1)


def test_a_fraud_warning_moves_no_money(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    charge = paid_charge(sandbox, stripe_client, 5000, card="4000000000005423")
    sandbox.advance(60)
    warnings = stripe_client.v1.radar.early_fraud_warnings.list({"charge": charge}).data
    assert [one.actionable for one in warnings] == [True]
    assert stripe_client.v1.radar.early_fraud_warnings.retrieve(warnings[0].id).charge == charge
