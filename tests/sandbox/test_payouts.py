"""Payouts: made at night, itemised after they arrive, refused by the bank, negative, by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import stripe

from fundraise.sandbox import Sandbox
from tests.sandbox.driving import add_account, client, new_sandbox, paid_charge

DAY = 86_400


def _rows(client: stripe.StripeClient, payout: str) -> list[stripe.BalanceTransaction]:
    return list(client.v1.balance_transactions.list({"payout": payout, "limit": 100}).auto_paging_iter())


def test_the_nightly_payout_from_pending_money_to_the_itemised_statement(
    sandbox: Sandbox, stripe_client: stripe.StripeClient
):
    sandbox.control("account", {"delay_days": 2})
    for amount in (5000, 2500):
        paid_charge(sandbox, stripe_client, amount)
    row = stripe_client.v1.balance_transactions.list().data[0]
    created_day = row.created - row.created % DAY
    assert row.available_on == created_day + 2 * DAY
    assert stripe_client.v1.balance.retrieve().pending[0].amount == 4905 + 2442

    sandbox.advance_to(row.available_on)
    assert stripe_client.v1.balance.retrieve().available[0].amount == 7347
    assert stripe_client.v1.balance_transactions.retrieve(row.id).status == "available"
    sandbox.advance(600)
    payout = stripe_client.v1.payouts.list().data[0]
    assert (payout.amount, payout.status, payout.automatic) == (7347, "pending", True)
    assert (payout.reconciliation_status, payout.method) == ("in_progress", "standard")
    assert stripe_client.v1.balance.retrieve().available[0].amount == 0
    assert datetime.fromtimestamp(payout.arrival_date, UTC).weekday() < 5

    sandbox.advance(3_600)
    assert stripe_client.v1.payouts.retrieve(payout.id).status == "in_transit"
    sandbox.advance_to(payout.arrival_date + 8 * 3_600)
    payout = stripe_client.v1.payouts.retrieve(payout.id)
    assert (payout.status, payout.reconciliation_status) == ("paid", "in_progress")
    sandbox.advance(3_600)
    payout = stripe_client.v1.payouts.retrieve(payout.id)
    assert payout.reconciliation_status == "completed"
    assert stripe_client.v1.events.list().data[0].type == "payout.reconciliation_completed"

    rows = _rows(stripe_client, payout.id)
    assert sum(one.net for one in rows) == 0
    assert [(one.type, one.net) for one in rows] == [("payout", -7347), ("charge", 2442), ("charge", 4905)]
    sandbox.advance(DAY)
    trace = stripe_client.v1.payouts.retrieve(payout.id).trace_id
    assert (trace.status, trace.value) == ("supported", f"STRIPE-{payout.id[-10:].upper()}")


@pytest.mark.parametrize("after_paid", [False, True])
def test_a_payout_that_the_bank_refuses_comes_back(
    sandbox: Sandbox, stripe_client: stripe.StripeClient, *, after_paid: bool
):
    paid_charge(sandbox, stripe_client, 5000, card="4000000000000077")
    payout_id = sandbox.control("payout", {})["id"]
    if after_paid:
        sandbox.advance(4 * DAY)
        assert stripe_client.v1.payouts.retrieve(payout_id).status == "paid"
    sandbox.control("payout-fail", {"payout": payout_id, "code": "account_closed"})
    failed = stripe_client.v1.payouts.retrieve(payout_id, {"expand": ["failure_balance_transaction"]})
    back = failed.failure_balance_transaction
    assert (failed.status, failed.failure_code) == ("failed", "account_closed")
    assert (back.type, back.reporting_category, back.net) == ("payout_failure", "payout_reversal", 4905)
    assert stripe_client.v1.balance.retrieve().available[0].amount == 4905

    again = sandbox.control("payout", {})
    rows = _rows(stripe_client, again["id"])
    assert [(row.type, row.net) for row in rows] == [("payout", -4905), ("payout_failure", 4905)]


def test_a_balance_below_zero_is_debited_from_the_bank(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    charge = paid_charge(sandbox, stripe_client, 5000, card="4000000000000077")
    sandbox.control("payout", {})
    sandbox.control("dispute", {"charge": charge})
    sandbox.advance(4 * DAY)
    payout = stripe_client.v1.payouts.list().data[0]
    assert (payout.amount, payout.status) == (-7000, "paid")
    assert sum(row.net for row in _rows(stripe_client, payout.id)) == 0


def test_what_pending_money_covers_is_not_debited(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    first = paid_charge(sandbox, stripe_client, 5000, card="4000000000000077")
    sandbox.control("account", {"delay_days": 7})
    paid_charge(sandbox, stripe_client, 20_000)
    sandbox.control("payout", {})
    sandbox.control("dispute", {"charge": first})
    sandbox.advance(3 * DAY)
    assert [one.amount for one in stripe_client.v1.payouts.list()] == [4905]


def test_a_payout_by_hand_cannot_be_itemised(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    sandbox.control("account", {"payouts": "manual"})
    paid_charge(sandbox, stripe_client, 5000, card="4000000000000077")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe_client.v1.payouts.create({"amount": 5000, "currency": "gbp"})
    assert refused.value.code == "balance_insufficient"
    payout = stripe_client.v1.payouts.create({"amount": 4000, "currency": "gbp"})
    assert (payout.automatic, payout.reconciliation_status) == (False, "not_applicable")
    with pytest.raises(stripe.InvalidRequestError, match="automatic transfers, not manual"):
        stripe_client.v1.balance_transactions.list({"payout": payout.id})
    with pytest.raises(stripe.InvalidRequestError, match="No such payout"):
        stripe_client.v1.balance_transactions.list({"payout": "po_nope"})

    cancelled = stripe_client.v1.payouts.cancel(payout.id)
    assert cancelled.status == "canceled"
    assert stripe_client.v1.balance.retrieve().available[0].amount == 4905
    # The rows of a payout made by hand are items of the next automatic one, so that its sum is right again.
    after = sandbox.control("payout", {})
    assert sum(row.net for row in _rows(stripe_client, after["id"])) == 0


def test_each_currency_has_its_own_balance_and_payouts():
    sandbox = new_sandbox()
    stripe_client = client(sandbox, add_account(sandbox, settlement_currencies=["eur"])["keys"][0])
    for currency in ("gbp", "eur", "usd"):
        paid_charge(sandbox, stripe_client, 10_000, currency=currency, card="4000000000000077")
    balance = {one.currency: one.amount for one in stripe_client.v1.balance.retrieve().available}
    assert set(balance) == {"gbp", "eur"}
    sandbox.advance(7 * DAY)
    paid = {one.currency: one.amount for one in stripe_client.v1.payouts.list({"status": "paid"})}
    assert paid == balance
    assert sandbox.check_books() == []


def test_payouts_are_made_on_business_days_alone(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    for _ in range(14):
        paid_charge(sandbox, stripe_client, 5000)
        sandbox.advance(DAY)
    days = {datetime.fromtimestamp(one.created, UTC).weekday() for one in stripe_client.v1.payouts.list()}
    assert days
    assert max(days) < 5


def test_payouts_are_found_by_their_arrival(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    paid_charge(sandbox, stripe_client, 5000, card="4000000000000077")
    made = sandbox.control("payout", {})
    arrival = made["arrival_date"]
    assert [one.id for one in stripe_client.v1.payouts.list({"arrival_date": arrival})] == [made["id"]]
    assert stripe_client.v1.payouts.list({"arrival_date": {"gt": arrival}}).data == []
