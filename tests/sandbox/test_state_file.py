"""The state in a file: a sandbox that is opened again goes on as if it had never stopped."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
import stripe

from fundraise.sandbox import FrozenClock, RunningClock, Sandbox
from fundraise.sandbox.serve import open_sandbox
from fundraise.sandbox.web import create_sandbox_app
from tests.sandbox.driving import add_account, client, new_sandbox, paid_charge, served, session_params

DAY = 86_400


def _busy(sandbox: Sandbox) -> stripe.StripeClient:
    asking = client(sandbox, add_account(sandbox)["keys"][0])
    asking.v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/", "enabled_events": ["*"]})
    charge = paid_charge(sandbox, asking, 5000)
    asking.v1.refunds.create({"charge": charge, "amount": 500}, {"idempotency_key": "refund"})
    open_one = asking.v1.checkout.sessions.create(session_params())
    sandbox.control("pay", {"session": open_one.id, "bank_debit": True})
    sandbox.control("fx-rate", {"pair": "eur/gbp", "rate": "0.9"})
    sandbox.control("fault", {"kind": "status", "path": "/v1/prices"})
    return asking


def _future(sandbox: Sandbox) -> list[object]:
    sandbox.advance(20 * DAY)
    account = sandbox.control("accounts")["accounts"][0]
    statement = sandbox.control("bank-statement")["content"]
    types = [one["type"] for one in sandbox.control("events")["events"]]
    due = [(one.event_type, one.url, one.attempt) for one in sandbox.take_due_deliveries()]
    return [account, statement, types, due]


def test_a_saved_sandbox_has_the_same_future(tmp_path: Path):
    first = new_sandbox(seed=3)
    _busy(first)
    first.save(tmp_path / "state.json")
    second = new_sandbox(clock=FrozenClock(1), seed=99)
    second.load(tmp_path / "state.json")
    assert second.world.clock.now() == first.world.clock.now()
    assert _future(second) == _future(first)
    assert second.check_books() == []
    second.save(tmp_path / "again.json")
    first.save(tmp_path / "state.json")
    assert json.loads((tmp_path / "again.json").read_text()) == json.loads((tmp_path / "state.json").read_text())


def test_keys_of_calls_are_remembered_over_a_stop(tmp_path: Path):
    first = new_sandbox()
    asking = _busy(first)
    first.save(tmp_path / "state.json")
    second = new_sandbox()
    second.load(tmp_path / "state.json")
    again = client(second, asking._requestor.api_key)
    charge = again.v1.refunds.list().data[0].charge
    made = again.v1.refunds.create({"charge": charge, "amount": 500}, {"idempotency_key": "refund"})
    assert [one.id for one in again.v1.refunds.list()] == [made.id]
    with pytest.raises(stripe.APIError):
        again.v1.prices.list()


def test_a_file_of_another_kind_is_refused_and_nothing_is_left_behind(tmp_path: Path):
    path = tmp_path / "state.json"
    path.write_text('{"format": 0}')
    with pytest.raises(ValueError, match="another version of the sandbox"):
        Sandbox().load(path)
    Sandbox().save(path)
    assert [one.name for one in tmp_path.iterdir()] == ["state.json"]


def test_a_served_sandbox_saves_and_goes_on_later_than_it_stopped(tmp_path: Path):
    path = tmp_path / "deep" / "state.json"
    sandbox = open_sandbox(0, path)
    with served(create_sandbox_app(sandbox, state_path=path)) as base_url:
        made = httpx.post(f"{base_url}/_sandbox/accounts", json={"business_name": "River Trust"}, trust_env=False)
        httpx.post(f"{base_url}/_sandbox/clock", json={"advance_seconds": 5 * DAY}, trust_env=False)
    stopped_at = sandbox.world.clock.now()
    again = open_sandbox(0, path)
    assert isinstance(again.world.clock, RunningClock)
    assert again.world.clock.now() >= stopped_at
    assert again.control("accounts")["accounts"][0]["keys"] == made.json()["keys"]
