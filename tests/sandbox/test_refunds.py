"""Money given back: at once, in parts, in another currency, and refunds that fail afterwards."""

from __future__ import annotations

import pytest
import stripe

from fundraise.sandbox import Sandbox
from tests.sandbox.driving import paid_charge

HOUR = 3_600


def test_parts_of_a_gift_are_refunded_until_nothing_is_left(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    charge = paid_charge(sandbox, stripe_client, 5000)
    first = stripe_client.v1.refunds.create({"charge": charge, "amount": 2000, "metadata": {"why": "asked"}})
    row = stripe_client.v1.balance_transactions.retrieve(first.balance_transaction)
    assert (first.status, row.amount, row.fee, row.net) == ("succeeded", -2000, 0, -2000)
    assert (row.type, row.reporting_category, row.source) == ("refund", "refund", first.id)

    shown = stripe_client.v1.charges.retrieve(charge, {"expand": ["refunds"]})
    assert (shown.amount_refunded, shown.refunded, shown.refunds.data[0].id) == (2000, False, first.id)
    with pytest.raises(stripe.InvalidRequestError, match=r"Refund amount \(£30.01\) is greater than unrefunded amount"):
        stripe_client.v1.refunds.create({"charge": charge, "amount": 3001})

    second = stripe_client.v1.refunds.create({"payment_intent": shown.payment_intent})
    assert second.amount == 3000
    assert stripe_client.v1.charges.retrieve(charge).refunded is True
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe_client.v1.refunds.create({"charge": charge})
    assert refused.value.code == "charge_already_refunded"
    assert [one.id for one in stripe_client.v1.refunds.list({"charge": charge})] == [second.id, first.id]


def test_a_refund_costs_what_the_rate_says_today(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    sandbox.control("fx-rate", {"pair": "eur/gbp", "rate": "0.86"})
    charge = paid_charge(sandbox, stripe_client, 6000, currency="eur")
    paid_in = stripe_client.v1.balance_transactions.list({"source": charge}).data[0]
    assert (paid_in.amount, paid_in.currency, paid_in.exchange_rate, paid_in.fee) == (5160, "gbp", 0.86, 97)

    sandbox.control("fx-rate", {"pair": "eur/gbp", "rate": "0.868333"})
    refund = stripe_client.v1.refunds.create({"charge": charge})
    row = stripe_client.v1.balance_transactions.retrieve(refund.balance_transaction)
    assert (refund.amount, refund.currency, row.amount, row.currency) == (6000, "eur", -5210, "gbp")


def test_the_card_whose_refund_fails_gives_the_money_back_to_us(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    charge = paid_charge(sandbox, stripe_client, 5000, card="4000000000005126")
    refund = stripe_client.v1.refunds.create({"charge": charge})
    assert refund.status == "succeeded"
    sandbox.advance(HOUR)
    failed = stripe_client.v1.refunds.retrieve(refund.id, {"expand": ["failure_balance_transaction"]})
    row = failed.failure_balance_transaction
    assert (failed.status, failed.failure_reason, row.amount) == ("failed", "unknown", 5000)
    assert (row.type, row.reporting_category) == ("refund_failure", "refund_failure")
    shown = stripe_client.v1.charges.retrieve(charge)
    assert (shown.amount_refunded, shown.refunded) == (0, False)
    assert _types(stripe_client)[:3] == ["refund.failed", "charge.refund.updated", "refund.updated"]


def test_time_goes_on_over_a_refund_that_failed_before_it_was_due_to(
    sandbox: Sandbox, stripe_client: stripe.StripeClient
):
    charge = paid_charge(sandbox, stripe_client, 5000, card="4000000000005126")
    refund = stripe_client.v1.refunds.create({"charge": charge})
    sandbox.control("refund-fail", {"refund": refund.id})
    sandbox.advance(2 * HOUR)
    rows = [row.type for row in stripe_client.v1.balance_transactions.list({"limit": 100}).data]
    assert rows.count("refund_failure") == 1
    assert sandbox.check_books() == []


def test_the_card_whose_refund_waits_succeeds_later(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    charge = paid_charge(sandbox, stripe_client, 5000, card="4000000000007726")
    refund = stripe_client.v1.refunds.create({"charge": charge})
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    sandbox.advance(HOUR)
    assert stripe_client.v1.refunds.retrieve(refund.id).status == "succeeded"


def test_the_dashboard_refunds_without_our_asking(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    charge = paid_charge(sandbox, stripe_client, 5000)
    made = sandbox.control("refund", {"charge": charge, "amount": 1000})
    refund = stripe_client.v1.refunds.retrieve(made["id"])
    assert (refund.amount, refund.reason, refund.metadata.to_dict()) == (1000, "requested_by_customer", {})
    event = stripe_client.v1.events.list({"type": "refund.created"}).data[0]
    assert event.request.id is None
    sandbox.control("refund-fail", {"refund": refund.id})
    assert stripe_client.v1.refunds.retrieve(refund.id).failure_reason == "expired_or_canceled_card"


def test_a_disputed_gift_cannot_be_refunded(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    charge = paid_charge(sandbox, stripe_client, 5000)
    sandbox.control("dispute", {"charge": charge})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe_client.v1.refunds.create({"charge": charge})
    assert refused.value.code == "charge_disputed"


def test_a_refund_waits_until_there_is_money_for_it(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    v1 = stripe_client.v1
    sandbox.control("account", {"refunds_wait": True, "payouts": "manual"})
    charge = paid_charge(sandbox, stripe_client, 5000)
    first, second = [v1.refunds.create({"charge": charge, "amount": amount}) for amount in (3000, 1500)]
    assert [(one.status, one.pending_reason) for one in (first, second)] == [("pending", "insufficient_funds")] * 2
    assert (first.balance_transaction, v1.charges.retrieve(charge).amount_refunded) == (None, 4500)
    assert [row.type for row in v1.balance_transactions.list()] == ["charge"]
    sandbox.advance(4 * 24 * HOUR)
    done = [v1.refunds.retrieve(one.id, {"expand": ["balance_transaction"]}) for one in (first, second)]
    assert [(one.status, one.balance_transaction.amount) for one in done] == [
        ("succeeded", -3000),
        ("succeeded", -1500),
    ]
    events = v1.events.list({"type": "refund.updated"}).data
    assert [one.data.previous_attributes["status"] for one in events] == ["pending", "pending"]
    assert v1.balance.retrieve().available[0].amount == 4905 - 4500

    third = v1.refunds.create({"charge": charge, "amount": 500})
    sandbox.control("refund-fail", {"refund": third.id})
    failed = v1.refunds.retrieve(third.id)
    assert (failed.status, failed.balance_transaction) == ("failed", None)
    assert v1.charges.retrieve(charge).amount_refunded == 4500
    assert v1.refunds.create({"charge": charge, "amount": 400}).status == "succeeded"


def test_without_the_term_a_refund_waits_for_nothing(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    charge = paid_charge(sandbox, stripe_client, 5000)
    assert stripe_client.v1.refunds.create({"charge": charge}).status == "succeeded"


def _types(client: stripe.StripeClient) -> list[str]:
    return [event.type for event in client.v1.events.list({"limit": 100})]
