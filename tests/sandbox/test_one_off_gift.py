"""The story of a one-off gift by card, in process: each state in between is looked at."""

from __future__ import annotations

import pytest
import stripe

from fundraise.sandbox import Sandbox
from tests.sandbox.driving import session_params


def test_fee_and_net_come_with_charge_updated_one_clock_step_after_the_payment(
    sandbox: Sandbox, stripe_client: stripe.StripeClient
):
    session = stripe_client.v1.checkout.sessions.create(
        session_params(payment_intent_data={"metadata": {"donation": "don_1"}, "statement_descriptor_suffix": "WINTER"})
    )
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)

    paid = sandbox.control("pay", {"session": session.id, "email": "ada@example.org"})
    assert paid["outcome"] == "succeeded"

    session = stripe_client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
    charge = session.payment_intent.latest_charge
    assert (session.status, session.payment_status, session.url) == ("complete", "paid", None)
    assert session.customer_details.email == "ada@example.org"
    assert (charge.amount, charge.status, charge.metadata.to_dict()) == (5000, "succeeded", {"donation": "don_1"})
    assert charge.calculated_statement_descriptor == "RIVER* WINTER"
    # The test stops in between: nothing is due before the clock moves.
    assert sandbox.run_due() == 0
    assert charge.balance_transaction is None
    assert stripe_client.v1.balance_transactions.list().data == []
    assert "charge.updated" not in _types(stripe_client)

    sandbox.advance(5)
    charge = stripe_client.v1.charges.retrieve(charge.id, {"expand": ["balance_transaction"]})
    row = charge.balance_transaction
    assert (row.amount, row.fee, row.net, row.currency, row.exchange_rate) == (5000, 95, 4905, "gbp", None)
    assert (row.type, row.reporting_category, row.status, row.source) == ("charge", "charge", "pending", charge.id)
    assert _types(stripe_client)[0] == "charge.updated"


def _types(client: stripe.StripeClient) -> list[str]:
    return [event.type for event in client.v1.events.list({"limit": 100})]


def test_a_declined_card_leaves_a_failed_charge_and_the_session_open(
    sandbox: Sandbox, stripe_client: stripe.StripeClient
):
    session = stripe_client.v1.checkout.sessions.create(session_params())
    declined = sandbox.control("pay", {"session": session.id, "card": "4000 0000 0000 9995"})
    assert (declined["outcome"], declined["status"]) == ("declined", "open")
    assert sandbox.control("pay", {"session": session.id})["outcome"] == "succeeded"

    charges = stripe_client.v1.charges.list({"payment_intent": declined["payment_intent"]}).data
    assert [(one.status, one.paid, one.captured) for one in charges] == [
        ("succeeded", True, True),
        ("failed", False, False),
    ]
    assert (charges[1].failure_code, charges[1].outcome.reason) == ("card_declined", "insufficient_funds")


@pytest.mark.parametrize("answer", [True, False])
def test_three_d_secure_asks_first(sandbox: Sandbox, stripe_client: stripe.StripeClient, *, answer: bool):
    session = stripe_client.v1.checkout.sessions.create(session_params())
    asked = sandbox.control("pay", {"session": session.id, "card": "4000002500003155", "authenticate": None})
    assert asked["outcome"] == "requires_action"
    intent = stripe_client.v1.payment_intents.retrieve(asked["payment_intent"])
    assert (intent.status, intent.next_action.type) == ("requires_action", "use_stripe_sdk")

    after = sandbox.control("pay", {"session": session.id, "card": "4000002500003155", "authenticate": answer})
    assert after["outcome"] == ("succeeded" if answer else "declined")
