"""The gate itself: what it must catch is caught, what is right passes."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import stripe

from fundraise.sandbox import Sandbox
from tests.sandbox.driving import client, paid_charge, session_params
from tests.sandbox.spec_gate import Gate, OffSpecError, decode_form, gate


@pytest.fixture
def own_gate() -> Gate:
    """A gate whose findings are not held against this test."""
    twin = copy.copy(gate())
    twin.violations = []
    return twin


@pytest.mark.parametrize(
    ("method", "path", "params"),
    [
        ("POST", "/v1/checkout/sessions", {**session_params(), "sucess_url": "x"}),
        ("POST", "/v1/checkout/sessions", session_params(submit_type="give")),
        ("POST", "/v1/checkout/sessions", session_params(payment_method_types=["card"])),
        ("POST", "/v1/checkout/sessions", session_params(payment_intent_data={"statment_descriptor": "X"})),
        ("POST", "/v1/checkout/sessions", session_params(line_items=[{"quantity": "two"}])),
        ("GET", "/v1/balance_transactions", {"payuot": "po_1"}),
        ("GET", "/v1/no_such_thing", {}),
        ("DELETE", "/v1/charges/ch_1", {}),
        ("POST", "/v1/webhook_endpoints", {"url": "https://x.example", "enabled_events": ["charge.paid"]}),
        ("POST", "/v1/webhook_endpoints", {"url": "https://x.example"}),
    ],
)
def test_requests_that_stripe_would_refuse(own_gate: Gate, method: str, path: str, params: dict[str, Any]):
    with pytest.raises(OffSpecError):
        own_gate.check_request(method, path, params)


@pytest.mark.parametrize(
    ("method", "path", "params"),
    [
        ("POST", "/v1/checkout/sessions", session_params(allowed_payment_method_types=["card"])),
        ("GET", "/v1/balance_transactions", {"created": {"gte": "1"}, "limit": "100", "expand": ["data.source"]}),
        ("GET", "/v1/balance_transactions", {"created": "1"}),
        ("POST", "/v1/customers/cus_1", {"metadata": "", "description": ""}),
        ("POST", "/v1/subscriptions/sub_1", {"cancel_at_period_end": "true"}),
    ],
)
def test_requests_that_stripe_would_take(own_gate: Gate, method: str, path: str, params: dict[str, Any]):
    own_gate.check_request(method, path, params)
    assert own_gate.violations == []


def _row(sandbox: Sandbox, asking: stripe.StripeClient) -> dict[str, Any]:
    paid_charge(sandbox, asking, 5000)
    return asking.v1.balance_transactions.list().data[0].to_dict()


@pytest.mark.parametrize("change", [{"fee": "59"}, {"net": None}, {"type": "gift"}, {"payout": "po_1"}])
def test_replies_that_stripe_would_not_give(
    own_gate: Gate, sandbox: Sandbox, stripe_client: stripe.StripeClient, change: dict[str, Any]
):
    row = _row(sandbox, stripe_client)
    path = f"/v1/balance_transactions/{row['id']}"
    own_gate.check_reply("GET", path, 200, row)
    with pytest.raises(OffSpecError):
        own_gate.check_reply("GET", path, 200, {**row, **change})
    with pytest.raises(OffSpecError):
        own_gate.check_reply("GET", path, 404, {"error": {"type": "lost", "message": "?"}})


def test_events_of_unknown_types_and_shapes(own_gate: Gate, sandbox: Sandbox, stripe_client: stripe.StripeClient):
    paid_charge(sandbox, stripe_client, 5000)
    event = stripe_client.v1.events.list().data[0].to_dict()
    own_gate.check_event(event)
    with pytest.raises(OffSpecError, match="no such event type"):
        own_gate.check_event({**event, "type": "charge.paid"})
    wrong = copy.deepcopy(event)
    wrong["data"]["object"]["amount"] = "5000"
    with pytest.raises(OffSpecError):
        own_gate.check_event(wrong)


def test_what_a_sandbox_does_off_the_spec_is_found(own_gate: Gate, monkeypatch: pytest.MonkeyPatch):
    sandbox = Sandbox(observer=own_gate)
    key = sandbox.control("accounts", {"business_name": "River Trust"})["keys"][0]
    monkeypatch.setattr("fundraise.sandbox.objects.reads.books.balance", lambda _account: {"object": "balance"})
    with pytest.raises(OffSpecError, match="available"):
        client(sandbox, key).v1.balance.retrieve()
    assert len(own_gate.violations) == 1


def test_forms_are_read_as_stripe_reads_them():
    assert decode_form(b"a[b][0]=1&a[b][1]=2&c[]=3&c[]=4&d=") == {
        "a": {"b": {"0": "1", "1": "2"}},
        "c": {"0": "3", "1": "4"},
        "d": "",
    }
