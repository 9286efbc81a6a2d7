"""The stories over real HTTP: the official SDK against a served sandbox, webhooks to a real receiver, faults."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fundraise.sandbox import RunningClock, Sandbox
from fundraise.sandbox.serve import run
from tests.sandbox.driving import add_account, http_client, new_sandbox, served, served_sandbox, session_params


class Receiver:
    """A webhook endpoint that verifies with the SDK and keeps what it got."""

    def __init__(self) -> None:
        self.secret = ""
        self.events: list[stripe.Event] = []
        self.answers: list[int] = []
        self.arrived = threading.Event()
        self.app = Starlette(routes=[Route("/hook", self._hook, methods=["POST"])])

    async def _hook(self, request: Request) -> Response:
        raw = await request.body()
        # The frozen sandbox is at another time than this test, so that only the signature is held against it.
        event = stripe.Webhook.construct_event(raw, request.headers["stripe-signature"], self.secret, tolerance=0)
        self.events.append(event)
        self.arrived.set()
        return Response(status_code=self.answers.pop(0) if self.answers else 200)


@pytest.fixture
def receiver() -> Iterator[tuple[Receiver, str]]:
    made = Receiver()
    with served(made.app) as base_url:
        yield made, f"{base_url}/hook"


@pytest.fixture
def base_url(sandbox: Sandbox) -> Iterator[str]:
    with served_sandbox(sandbox) as address:
        yield address


@pytest.fixture
def asking(base_url: str, account: dict[str, Any]) -> Iterator[stripe.StripeClient]:
    made = http_client(base_url, account["keys"][0])
    yield made
    made._requestor._client.close()


def test_a_gift_from_session_to_settled_webhooks(
    base_url: str, asking: stripe.StripeClient, receiver: tuple[Receiver, str]
):
    hook, address = receiver
    hook.secret = asking.v1.webhook_endpoints.create({"url": address, "enabled_events": ["*"]}).secret
    with httpx.Client(base_url=base_url, trust_env=False) as control:
        session = asking.v1.checkout.sessions.create(session_params())
        assert session.url.startswith(f"{base_url}/c/pay/cs_test_")
        assert control.post("/_sandbox/pay", json={"session": session.id}).json()["outcome"] == "succeeded"
        sent = control.post("/_sandbox/deliver").json()["deliveries"]
        assert [one["type"] for one in sent][-1] == "checkout.session.completed"
        assert {one["status"] for one in sent} == {200}
        assert control.post("/_sandbox/deliver").json() == {"deliveries": []}

        hook.answers = [500]
        control.post("/_sandbox/clock", json={"advance_seconds": 5})
        failed = control.post("/_sandbox/deliver").json()["deliveries"]
        assert [(one["type"], one["status"], one["attempt"]) for one in failed] == [("charge.updated", 500, 1)]
        assert asking.v1.events.list({"delivery_success": False}).data[0].type == "charge.updated"
        control.post("/_sandbox/clock", json={"advance_seconds": 60})
        assert [one["attempt"] for one in control.post("/_sandbox/deliver").json()["deliveries"]] == [2]
    assert asking.v1.events.list({"delivery_success": False}).data == []
    assert hook.events[-1].data.object.balance_transaction.startswith("txn_")


def test_in_automatic_mode_webhooks_come_by_themselves(receiver: tuple[Receiver, str]):
    hook, address = receiver
    sandbox = new_sandbox(clock=RunningClock())
    account = add_account(sandbox, settle_seconds=[1, 1])
    hook.secret = sandbox.control("webhook-endpoint", {"url": address, "enabled_events": ["charge.updated"]})["secret"]
    with served_sandbox(sandbox, deliveries="automatic") as base_url:
        asking = http_client(base_url, account["keys"][0])
        session = asking.v1.checkout.sessions.create(session_params())
        sandbox.control("pay", {"session": session.id})
        assert hook.arrived.wait(timeout=30)
        asking._requestor._client.close()
    assert hook.events[0].type == "charge.updated"


def test_webhooks_leave_this_machine_for_no_address(base_url: str, sandbox: Sandbox, account: dict[str, Any]):
    sandbox.control("webhook-endpoint", {"url": "http://198.51.100.7/hook"})
    sandbox.control("external-charge", {"amount": 500})
    sent = httpx.post(f"{base_url}/_sandbox/deliver", trust_env=False).json()["deliveries"]
    assert sent
    assert {one["status"] for one in sent} == {None}


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (429, stripe.RateLimitError),
        (500, stripe.APIError),
        (503, stripe.APIError),
        (409, stripe.StripeError),
        (401, stripe.AuthenticationError),
        (403, stripe.PermissionError),
    ],
)
def test_calls_fail_as_often_as_asked(
    sandbox: Sandbox, asking: stripe.StripeClient, status: int, error: type[Exception]
):
    sandbox.control("fault", {"kind": "status", "status": status, "times": 2, "method": "GET", "path": "/v1/bal"})
    for _ in range(2):
        asking.v1.charges.list()
        with pytest.raises(error):
            asking.v1.balance.retrieve()
    assert asking.v1.balance.retrieve().object == "balance"


@pytest.mark.parametrize("kind", ["malformed", "disconnect", "half_open"])
def test_a_broken_answer_to_a_call_that_was_carried_out(sandbox: Sandbox, asking: stripe.StripeClient, kind: str):
    details = {"kind": kind, "method": "POST", "path": "/v1/customers"}
    if kind == "half_open":
        details["seconds"] = 0.2
    if kind == "disconnect":
        details["after"] = True
    sandbox.control("fault", details)
    with pytest.raises(stripe.StripeError):
        asking.v1.customers.create({"name": "Ada"}, {"idempotency_key": "once"})
    assert len(asking.v1.customers.list().data) == 1
    asking.v1.customers.create({"name": "Ada"}, {"idempotency_key": "once"})
    assert len(asking.v1.customers.list().data) == 1


def test_a_lost_call_leaves_nothing(sandbox: Sandbox, asking: stripe.StripeClient):
    sandbox.control("fault", {"kind": "disconnect", "path": "/v1/customers"})
    with pytest.raises(stripe.APIConnectionError):
        asking.v1.customers.create({"name": "Ada"})
    assert asking.v1.customers.list().data == []


def test_a_hanging_call_holds_up_nobody_else(sandbox: Sandbox, base_url: str, account: dict[str, Any]):
    sandbox.control("fault", {"kind": "hang", "seconds": 600, "path": "/v1/balance$"})
    impatient = httpx.Client(
        base_url=base_url, headers={"authorization": f"Bearer {account['keys'][0]}"}, trust_env=False
    )
    with impatient, pytest.raises(httpx.ReadTimeout):
        impatient.get("/v1/balance", timeout=0.3)
    with httpx.Client(base_url=base_url, headers=impatient.headers, trust_env=False) as patient:
        assert patient.get("/v1/charges").status_code == 200


def test_faults_are_forgotten_when_told(sandbox: Sandbox, asking: stripe.StripeClient):
    sandbox.control("fault", {"kind": "status", "times": 100})
    assert sandbox.control("fault", {"clear": True}) == {"faults": []}
    assert asking.v1.balance.retrieve().object == "balance"


@pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # The SDK's own way of calling httpx.
def test_the_async_client_works_too(base_url: str, account: dict[str, Any]):
    async def ask() -> list[str]:
        addresses = dict.fromkeys(("api", "files", "connect", "meter_events"), base_url)
        http = stripe.HTTPXClient(timeout=20)
        made = stripe.StripeClient(account["keys"][0], base_addresses=addresses, http_client=http)
        for name in ("Ada", "Bea", "Cyd"):
            await made.v1.customers.create_async({"name": name})
        listed = await made.v1.customers.list_async({"limit": 2})
        names = [one.name async for one in listed.auto_paging_iter()]
        await http.close_async()
        return names

    assert asyncio.run(ask()) == ["Cyd", "Bea", "Ada"]


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/v1/balance", {"host": "stripe.example"}, 403),
        ("/_sandbox/", {"host": "192.0.2.1:80"}, 403),
        ("/_sandbox/", {"host": "localhost:80"}, 200),
        ("/static/sandbox.css", {}, 200),
        ("/c/pay/cs_test_nope", {}, 404),
        ("/p/session/bps_nope", {}, 404),
        ("/_sandbox/nothing", {}, 404),
    ],
)
def test_only_this_machine_under_its_own_name(base_url: str, path: str, headers: dict[str, str], status: int):
    assert httpx.get(base_url + path, headers=headers, trust_env=False).status_code == status


def test_another_sites_page_cannot_press_buttons_here(base_url: str):
    foreign = {"sec-fetch-site": "cross-site"}
    assert httpx.post(f"{base_url}/_sandbox/reset", headers=foreign, trust_env=False).status_code == 403
    assert httpx.post(f"{base_url}/_sandbox/reset", trust_env=False).status_code == 200
    assert httpx.post(f"{base_url}/_sandbox/clock", content=b"[", trust_env=False).status_code == 400


@pytest.mark.parametrize("path", ["reset", "refund?charge=ch_1", "payout", "clock?advance_seconds=9"])
def test_looking_changes_nothing(base_url: str, sandbox: Sandbox, account: dict[str, Any], path: str):
    now = sandbox.world.clock.now()
    looked = httpx.get(f"{base_url}/_sandbox/{path}", trust_env=False)
    assert looked.status_code == (200 if path.startswith("clock") else 405)
    assert sandbox.world.clock.now() == now
    assert list(sandbox.world.accounts) == [account["id"]]
    asked = httpx.get(f"{base_url}/_sandbox/events", params={"type": "charge.updated"}, trust_env=False)
    assert asked.json() == {"events": []}


def test_the_process_listens_on_this_machines_own_address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    told: dict[str, Any] = {}
    monkeypatch.setattr("uvicorn.run", lambda app, **options: told.update(options, app=app))
    run(12999, tmp_path / "state.json")
    assert (told["host"], told["port"]) == ("127.0.0.1", 12999)
    assert told["app"].state.sandbox.world.base_url == "http://127.0.0.1:12999"


def test_the_running_clock_only_goes_forward(monkeypatch: pytest.MonkeyPatch):
    clock = RunningClock()
    start = clock.now()
    clock.stand_at(start + 1000)
    assert clock.now() >= start + 1000
    clock.stand_at(start)
    assert clock.now() >= start + 1000
    monkeypatch.setattr(time, "time", lambda: 5.0)
    assert clock.now() >= start + 1000
    assert clock.wall() == 5
