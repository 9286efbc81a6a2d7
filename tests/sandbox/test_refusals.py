"""What Stripe refuses: keys, versions, addresses, parameters, ids; each error in Stripe's shape."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
import stripe

from fundraise.sandbox import ApiRequest, ControlError, Sandbox
from tests.sandbox.driving import client, paid_charge, session_params


def _ask(sandbox: Sandbox, method: str, path: str, **headers: str) -> Any:
    return sandbox.handle(ApiRequest(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()}))


@pytest.mark.parametrize(
    ("key", "words"),
    [("sk_test_unknown000001234", "Invalid API Key provided: sk_test_"), ("", "did not provide an API key")],
)
def test_an_unknown_key_is_401(sandbox: Sandbox, account: dict[str, Any], key: str, words: str):
    reply = _ask(sandbox, "GET", "/v1/balance", authorization=f"Bearer {key}")
    assert (reply.status, reply.json()["error"]["type"]) == (401, "invalid_request_error")
    assert words in reply.json()["error"]["message"]
    assert "unknown" not in reply.json()["error"]["message"]


@pytest.mark.parametrize("prefix", ["sk_live_", "rk_live_"])
def test_live_keys_are_refused_everywhere(sandbox: Sandbox, prefix: str):
    with pytest.raises(stripe.AuthenticationError, match="refuses live keys"):
        client(sandbox, prefix + "0" * 24).v1.balance.retrieve()
    with pytest.raises(ControlError, match="must begin with sk_test_"):
        sandbox.control("accounts", {"keys": [prefix + "0" * 24]})


def test_a_key_may_come_as_basic_authorisation(sandbox: Sandbox, account: dict[str, Any]):
    basic = b64encode(f"{account['keys'][1]}:".encode()).decode()
    assert _ask(sandbox, "GET", "/v1/balance", authorization=f"Basic {basic}").status == 200
    assert _ask(sandbox, "GET", "/v1/balance", authorization="Basic !").status == 401


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v1/nothing"), ("DELETE", "/v1/charges/ch_1"), ("GET", "/v1/payment_intents/")]
)
def test_an_operation_that_is_not_there_is_404(sandbox: Sandbox, account: dict[str, Any], method: str, path: str):
    reply = _ask(sandbox, method, path, authorization=f"Bearer {account['keys'][0]}")
    assert (reply.status, reply.json()["error"]["type"]) == (404, "invalid_request_error")
    assert f"Unrecognized request URL ({method}: {path})" in reply.json()["error"]["message"]


def test_another_api_version_is_refused(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    with pytest.raises(stripe.InvalidRequestError, match="Invalid Stripe API version: 2020-08-27"):
        stripe_client.v1.balance.retrieve({}, {"stripe_version": "2020-08-27"})
    assert stripe_client.v1.balance.retrieve().last_response.headers["stripe-version"] == stripe.api_version


def _with(**more: Any) -> dict[str, Any]:
    return session_params(**more)


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        (_with(sucess_url="x"), "parameter_unknown", "sucess_url"),
        (
            _with(payment_intent_data={"statment_descriptor": "X"}),
            "parameter_unknown",
            "payment_intent_data[statment_descriptor]",
        ),
        (_with(submit_type="give"), None, "submit_type"),
        (_with(line_items=[{"price": "price_nope", "quantity": 1}]), "resource_missing", "line_items[0][price]"),
        (_with(line_items=[{"quantity": "two"}]), "parameter_invalid_integer", "line_items[0][quantity]"),
        (_with(line_items=[]), "parameter_missing", "line_items"),
        (_with(client_reference_id=""), "parameter_invalid_empty", "client_reference_id"),
        (_with(customer="cus_nope"), "resource_missing", "customer"),
        (_with(mode=None), "parameter_missing", "mode"),
        (_with(success_url=None), "parameter_missing", "success_url"),
        (_with(success_url="river.example/thanks"), "url_invalid", "success_url"),
        (_with(metadata={"k" * 41: "v"}), None, f"metadata[{'k' * 41}]"),
        (_with(metadata={"k": "v" * 501}), None, "metadata[k]"),
        (_with(metadata={f"k{n}": "v" for n in range(51)}), None, "metadata"),
        (
            _with(payment_intent_data={"statement_descriptor": "RIVER"}),
            None,
            "payment_intent_data[statement_descriptor]",
        ),
        (
            _with(payment_intent_data={"statement_descriptor_suffix": "1234"}),
            None,
            "payment_intent_data[statement_descriptor_suffix]",
        ),
        (
            _with(payment_intent_data={"statement_descriptor_suffix": "W" * 16}),
            None,
            "statement_descriptor_suffix",
        ),
        (_with(subscription_data={"description": "x"}), None, "subscription_data"),
        (_with(allowed_payment_method_types=["paypal"]), None, "allowed_payment_method_types"),
        (_with(payment_method_types=["card"]), "parameter_unknown", "payment_method_types"),
    ],
)
def test_a_session_that_stripe_would_not_open(
    stripe_client: stripe.StripeClient, params: dict[str, Any], code: str | None, param: str
):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe_client.v1.checkout.sessions.create({k: v for k, v in params.items() if v is not None})
    assert (refused.value.http_status, refused.value.code, refused.value.param) == (400, code, param)
    assert stripe_client.v1.checkout.sessions.list().data == []
    assert stripe_client.v1.events.list().data == [], "a refused call leaves nothing behind"


@pytest.mark.parametrize(("seconds", "words"), [(29 * 60, "at least 30 minutes"), (86_401, "less than 24 hours")])
def test_a_session_lives_half_an_hour_to_a_day(
    sandbox: Sandbox, stripe_client: stripe.StripeClient, seconds: int, words: str
):
    with pytest.raises(stripe.InvalidRequestError, match=words):
        stripe_client.v1.checkout.sessions.create(session_params(expires_at=sandbox.world.clock.now() + seconds))


def test_a_session_expires_by_itself_or_when_told(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    told = stripe_client.v1.checkout.sessions.create(session_params())
    assert stripe_client.v1.checkout.sessions.expire(told.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError, match="can be expired"):
        stripe_client.v1.checkout.sessions.expire(told.id)
    alone = stripe_client.v1.checkout.sessions.create(session_params(expires_at=sandbox.world.clock.now() + 1_860))
    sandbox.advance(1_860)
    assert stripe_client.v1.checkout.sessions.retrieve(alone.id).status == "expired"
    assert sandbox.control("pay", {"session": alone.id})["outcome"] == "expired"
    assert stripe_client.v1.charges.list().data == []
    assert [one.type for one in stripe_client.v1.events.list({"type": "checkout.*"})] == [
        "checkout.session.expired"
    ] * 2


@pytest.mark.parametrize(
    ("ask", "status", "param"),
    [
        (lambda c: c.v1.charges.retrieve("ch_nope"), 404, "charge"),
        (lambda c: c.v1.payment_intents.retrieve("pi_nope"), 404, "intent"),
        (lambda c: c.v1.balance_transactions.retrieve("txn_nope"), 404, "id"),
        (lambda c: c.v1.charges.list({"starting_after": "ch_nope"}), 400, "starting_after"),
        (lambda c: c.v1.charges.list({"ending_before": "ch_nope"}), 400, "ending_before"),
        (lambda c: c.v1.refunds.create({"charge": "ch_nope"}), 404, "id"),
        (lambda c: c.v1.billing_portal.sessions.create({"customer": "cus_nope"}), 400, "customer"),
    ],
)
def test_an_id_that_is_not_there(stripe_client: stripe.StripeClient, ask: Any, status: int, param: str):
    with pytest.raises(stripe.InvalidRequestError, match="No such") as refused:
        ask(stripe_client)
    assert (refused.value.http_status, refused.value.code, refused.value.param) == (status, "resource_missing", param)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"limit": 0}, "greater than or equal to 1"),
        ({"limit": 101}, "less than or equal to 100"),
        ({"payuot": "po_1"}, "Received unknown parameter: payuot"),
        ({"created": "yesterday"}, "Invalid integer"),
        ({"created": {"since": 1}}, "Received unknown parameter: created"),
        ({"expand": ["source"]}, "try expanding 'data.source' instead"),
        ({"expand": ["data.currency"]}, "cannot be expanded"),
        ({"expand": ["data.a.b.c.d.e"]}, "more than 4 levels"),
    ],
)
def test_a_list_that_stripe_would_not_give(
    sandbox: Sandbox, stripe_client: stripe.StripeClient, params: dict[str, Any], words: str
):
    paid_charge(sandbox, stripe_client, 5000)
    with pytest.raises(stripe.InvalidRequestError, match=words):
        stripe_client.v1.balance_transactions.list(params)


def test_form_keys_that_contradict_each_other(sandbox: Sandbox, account: dict[str, Any]):
    headers = {"authorization": f"Bearer {account['keys'][0]}"}
    reply = sandbox.handle(ApiRequest("POST", "/v1/customers", body=b"metadata=x&metadata[a]=b", headers=headers))
    assert reply.status == 400


@pytest.mark.parametrize(
    ("action", "details"),
    [
        ("nothing", {}),
        ("pay", {}),
        ("pay", {"session": "cs_test_nope"}),
        ("clock", {"advance_seconds": -1}),
        ("fault", {"kind": "gremlin"}),
        ("fault", {"kind": "status", "path": "("}),
        ("deliveries", {"speed": 1}),
        ("deliveries", {"signing_time": "local"}),
        ("deliveries", {"drop_rate": "0.5"}),
        ("deliveries", {"drop_next": True}),
        ("fault", {"kind": "status", "times": "2"}),
        ("accounts", {"delay_days": "3"}),
        ("account", {"tariff": {"percent_bp": 1.5}}),
        ("payout", {"currency": "eur"}),
        ("fx-rate", {"pair": "eur/gbp", "rate": "none"}),
        ("fx-rate", {"pair": "eur/gbp", "rate": "-1"}),
        ("bank-statement", {"format": "pdf"}),
        ("bank-statement", {"from": "yesterday"}),
        ("bank-statement", {"from": "2026-12-02", "to": "2026-12-01"}),
        ("accounts", {"colour": "green"}),
        ("accounts", {"platform": "acct_nope"}),
        ("account", {"account": "acct_nope"}),
        ("dispute", {"do": "win", "dispute": "du_nope"}),
    ],
)
def test_control_actions_refuse_what_makes_no_sense(
    sandbox: Sandbox, account: dict[str, Any], action: str, details: dict[str, Any]
):
    with pytest.raises(ControlError):
        sandbox.control(action, details)
