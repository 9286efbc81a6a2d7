"""Idempotency keys: the same answer to the same call for a day, an error for another call, nothing shared."""

from __future__ import annotations

import pytest
import stripe

from fundraise.sandbox import Sandbox
from tests.sandbox.driving import add_account, client, paid_charge, session_params


def test_the_same_key_and_call_give_the_same_answer(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    first = stripe_client.v1.checkout.sessions.create(session_params(), {"idempotency_key": "don_1:checkout:1"})
    again = stripe_client.v1.checkout.sessions.create(session_params(), {"idempotency_key": "don_1:checkout:1"})
    assert again.id == first.id
    assert again.last_response.headers["idempotent-replayed"] == "true"
    assert len(stripe_client.v1.checkout.sessions.list().data) == 1


def test_the_same_key_and_another_call_is_an_error(stripe_client: stripe.StripeClient):
    stripe_client.v1.checkout.sessions.create(session_params(5000), {"idempotency_key": "key"})
    with pytest.raises(stripe.IdempotencyError, match="only be used with the same parameters") as refused:
        stripe_client.v1.checkout.sessions.create(session_params(5001), {"idempotency_key": "key"})
    assert (refused.value.http_status, refused.value.error.type) == (400, "idempotency_error")
    with pytest.raises(stripe.IdempotencyError):
        stripe_client.v1.customers.create({}, {"idempotency_key": "key"})


def test_a_key_is_forgotten_after_a_day(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    first = stripe_client.v1.customers.create({"name": "Ada"}, {"idempotency_key": "key"})
    sandbox.advance(86_399)
    assert stripe_client.v1.customers.create({"name": "Ada"}, {"idempotency_key": "key"}).id == first.id
    sandbox.advance(1)
    assert stripe_client.v1.customers.create({"name": "Ada"}, {"idempotency_key": "key"}).id != first.id


def test_a_refusal_of_the_endpoint_is_kept_one_of_a_parameter_is_not(
    sandbox: Sandbox, stripe_client: stripe.StripeClient
):
    charge = paid_charge(sandbox, stripe_client, 5000)
    sandbox.control("dispute", {"charge": charge})
    with pytest.raises(stripe.InvalidRequestError, match="charged back"):
        stripe_client.v1.refunds.create({"charge": charge}, {"idempotency_key": "refund"})
    sandbox.control("dispute", {"charge": charge, "do": "win"})
    with pytest.raises(stripe.InvalidRequestError, match="charged back"):
        stripe_client.v1.refunds.create({"charge": charge}, {"idempotency_key": "refund"})
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v1.refunds.create({"charge": charge, "amount": 0}, {"idempotency_key": "other"})
    assert stripe_client.v1.refunds.create({"charge": charge, "amount": 1}, {"idempotency_key": "other"}).amount == 1


def test_a_decline_is_kept_too(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    params = {"amount": 500, "currency": "gbp", "confirm": True, "payment_method": "pm_card_chargeDeclined"}
    for _ in range(2):
        with pytest.raises(stripe.CardError) as declined:
            stripe_client.v1.payment_intents.create(params, {"idempotency_key": "key"})
        assert (declined.value.code, declined.value.error.decline_code) == ("card_declined", "generic_decline")
    assert len(stripe_client.v1.charges.list().data) == 1


def test_keys_of_two_accounts_do_not_meet(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    other = client(sandbox, add_account(sandbox)["keys"][0])
    first = stripe_client.v1.customers.create({"name": "Ada"}, {"idempotency_key": "key"})
    assert other.v1.customers.create({"name": "Bea"}, {"idempotency_key": "key"}).id != first.id


def test_a_key_that_is_too_long_is_refused(stripe_client: stripe.StripeClient):
    stripe_client.v1.customers.create({}, {"idempotency_key": "k" * 255})
    with pytest.raises(stripe.InvalidRequestError, match="255"):
        stripe_client.v1.customers.create({}, {"idempotency_key": "k" * 256})


def test_a_500_that_is_kept_is_replayed_one_that_is_not_is_not(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    sandbox.control("fault", {"kind": "status", "status": 500, "kept": True, "path": "/v1/customers"})
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            stripe_client.v1.customers.create({}, {"idempotency_key": "kept"})
    sandbox.control("fault", {"kind": "status", "status": 500, "path": "/v1/customers"})
    with pytest.raises(stripe.APIError):
        stripe_client.v1.customers.create({}, {"idempotency_key": "lost"})
    assert stripe_client.v1.customers.create({}, {"idempotency_key": "lost"}).id


def test_an_answer_that_was_lost_is_found_again_by_its_key(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    sandbox.control("fault", {"kind": "status", "status": 502, "after": True})
    sandbox.control("fault", {"kind": "disconnect", "after": True})
    retrying = client(sandbox, stripe_client._requestor.api_key, max_network_retries=3)
    made = retrying.v1.customers.create({"name": "Ada"})
    assert [one.id for one in stripe_client.v1.customers.list()] == [made.id]
    tries = sandbox.control("requests", {"path": "/v1/customers"})["requests"]
    assert len({one["idempotency_key"] for one in tries if one["method"] == "POST"}) == 1
    assert len([one for one in tries if one["method"] == "POST"]) == 3
