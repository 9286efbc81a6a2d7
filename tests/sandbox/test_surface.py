"""The whole surface against Stripe's spec: every operation and parameter exists there, and every operation is used."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe

from fundraise.sandbox import ApiReply, ApiRequest, Sandbox
from fundraise.sandbox.operations import OPERATIONS, Operation, find_operation
from fundraise.sandbox.shapes import Either, Enum, ListOf, Nested, Required, Shape
from tests.sandbox.driving import add_account, client, new_sandbox, paid_charge, session_params
from tests.sandbox.spec_gate import Gate, gate

BESIDE_THE_SPEC = {("GET", "/v1/files/{file}/contents")}  # Stripe has it on files.stripe.com.
DAY = 86_400


def _differences(shape: Shape | Required, schema: dict[str, Any], path: str) -> Iterator[str]:
    """Yield what a declared shape takes that the spec does not."""
    shape = shape.shape if isinstance(shape, Required) else shape
    options = schema.get("anyOf", [schema])
    if isinstance(shape, Either):
        yield from _differences(shape.shape, schema, path)
    elif isinstance(shape, Nested):
        yield from _members(shape, next((one for one in options if "properties" in one), None), path)
    elif isinstance(shape, ListOf):
        items = next((one["items"] for one in options if "items" in one), None)
        yield from [f"{path}: no list in the spec"] if items is None else _differences(shape.item, items, path)
    elif isinstance(shape, Enum):
        known = {word for one in options for word in one.get("enum", [])}
        if known and not set(shape.words) <= known:
            yield f"{path}: {set(shape.words) - known} not in the spec"


def _members(shape: Nested, schema: dict[str, Any] | None, path: str) -> Iterator[str]:
    if schema is None:
        yield f"{path}: no object in the spec"
        return
    for name, member in shape.members.items():
        if name in schema["properties"]:
            yield from _differences(member, schema["properties"][name], f"{path}[{name}]")
        else:
            yield f"{path}[{name}]: not in the spec"
    for name in schema.get("required", []):
        if not isinstance(shape.members.get(name), Required):
            yield f"{path}[{name}]: required by the spec"


IN_THE_SPEC = [one for one in OPERATIONS if (one.method, one.path) not in BESIDE_THE_SPEC]


@pytest.mark.parametrize("operation", IN_THE_SPEC, ids=lambda one: f"{one.method} {one.path}")
def test_every_operation_and_parameter_is_stripes(operation: Operation):
    schema = gate().request_schema(operation.method, operation.path)
    assert list(_differences(operation.shape, schema, "")) == []


class Tour:
    """An observer that keeps which operations were used, beside the gate."""

    def __init__(self) -> None:
        self.used: set[tuple[str, str]] = set()

    def call(self, request: ApiRequest, reply: ApiReply) -> None:
        gate().call(request, reply)
        if reply.status == 200:
            self.used.add((request.method, find_operation(request.method, request.path)[0].path))

    def event(self, event: dict[str, Any]) -> None:
        gate().event(event)


def test_a_tour_through_every_operation_is_valid_by_the_spec():
    tour = Tour()
    sandbox = new_sandbox(observer=tour)
    account = add_account(sandbox)
    asking = client(sandbox, account["keys"][0])
    _money(sandbox, asking)
    _catalogue_and_customers(asking)
    _subscription(sandbox, asking)
    _intents(asking)
    _setup(sandbox, asking)
    _reports(sandbox, asking)
    made = asking.v1.accounts.create({"type": "standard"})
    addresses = {"refresh_url": "http://127.0.0.1:9/again", "return_url": "http://127.0.0.1:9/done"}
    asking.v1.account_links.create({"account": made.id, "type": "account_onboarding", **addresses})
    asking.v1.accounts.retrieve_current()
    asking.v1.accounts.retrieve(account["id"])
    assert {(one.method, one.path) for one in OPERATIONS} - tour.used == BESIDE_THE_SPEC
    assert sandbox.check_books() == []


def _money(sandbox: Sandbox, asking: stripe.StripeClient) -> None:
    v1 = asking.v1
    endpoint = v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/", "enabled_events": ["*"]})
    v1.webhook_endpoints.update(endpoint.id, {"description": "all"})
    v1.webhook_endpoints.retrieve(endpoint.id)
    v1.webhook_endpoints.list()
    v1.webhook_endpoints.delete(endpoint.id)
    expired = v1.checkout.sessions.create(session_params())
    v1.checkout.sessions.update(expired.id, {"metadata": {"a": "b"}})
    v1.checkout.sessions.line_items.list(expired.id)
    v1.checkout.sessions.expire(expired.id)
    v1.checkout.sessions.retrieve(v1.checkout.sessions.list().data[0].id)
    charge = paid_charge(sandbox, asking, 5000, card="4000000000000077")
    v1.charges.update(charge, {"description": "Gift"})
    method = v1.charges.retrieve(v1.charges.list().data[0].id).payment_method
    v1.payment_methods.retrieve(method)
    refund = v1.refunds.create({"charge": charge, "amount": 100})
    v1.refunds.update(refund.id, {"metadata": {"a": "b"}})
    v1.refunds.retrieve(v1.refunds.list().data[0].id)
    asking.raw_request("get", f"/v1/charges/{charge}/refunds")
    dispute = sandbox.control("dispute", {"charge": charge})["id"]
    v1.disputes.update(dispute, {"metadata": {"a": "b"}})
    v1.disputes.close(v1.disputes.retrieve(v1.disputes.list().data[0].id).id)
    sandbox.control("fraud-warning", {"charge": charge})
    v1.radar.early_fraud_warnings.retrieve(v1.radar.early_fraud_warnings.list().data[0].id)
    paid_charge(sandbox, asking, 50_000, card="4000000000000077")
    payout = v1.payouts.create({"amount": 1000, "currency": "gbp"})
    v1.payouts.update(payout.id, {"metadata": {"a": "b"}})
    v1.payouts.cancel(v1.payouts.retrieve(v1.payouts.list().data[0].id).id)
    v1.balance.retrieve()
    v1.balance_transactions.retrieve(v1.balance_transactions.list().data[0].id)
    v1.events.retrieve(v1.events.list().data[0].id)
    debit = v1.checkout.sessions.create(session_params())
    paid = sandbox.control("pay", {"session": debit.id, "bank_debit": True})
    v1.mandates.retrieve(v1.charges.retrieve(paid["charge"]).payment_method_details.bacs_debit.mandate)


def _catalogue_and_customers(asking: stripe.StripeClient) -> None:
    v1 = asking.v1
    product = v1.products.create({"name": "Gift", "id": "gift"})
    v1.products.update(product.id, {"description": "A gift", "metadata": {"a": "b"}})
    v1.products.retrieve(v1.products.list({"active": True}).data[0].id)
    price = v1.prices.create({"product": product.id, "currency": "gbp", "unit_amount": 1000})
    v1.prices.update(price.id, {"nickname": "ten"})
    v1.prices.retrieve(v1.prices.list({"product": product.id}).data[0].id)
    v1.checkout.sessions.create(session_params(line_items=[{"price": price.id, "quantity": 2}]))
    customer = v1.customers.create({"email": "ada@example.org", "name": "Ada"})
    v1.customers.update(customer.id, {"email": "ada@example.net", "metadata": {"a": "b"}})
    v1.customers.retrieve(v1.customers.list({"email": "ada@example.net"}).data[0].id)
    v1.customers.payment_methods.list(customer.id)
    v1.customers.delete(customer.id)


def _subscription(sandbox: Sandbox, asking: stripe.StripeClient) -> None:
    v1 = asking.v1
    params = session_params(1000, mode="subscription")
    params["line_items"][0]["price_data"]["recurring"] = {"interval": "month", "interval_count": 3}
    paid = sandbox.control("pay", {"session": v1.checkout.sessions.create(params).id, "email": "ada@example.org"})
    subscription = v1.subscriptions.retrieve(v1.subscriptions.list().data[0].id)
    assert subscription.id == paid["subscription"]
    v1.subscriptions.update(subscription.id, {"metadata": {"a": "b"}, "description": "Quarterly"})
    v1.invoices.retrieve(v1.invoices.list().data[0].id)
    v1.invoice_payments.retrieve(v1.invoice_payments.list().data[0].id)
    v1.billing_portal.sessions.create({"customer": subscription.customer})
    sandbox.advance(100 * DAY)
    v1.subscriptions.cancel(subscription.id)


def _intents(asking: stripe.StripeClient) -> None:
    v1 = asking.v1
    first = v1.payment_intents.create({"amount": 500, "currency": "gbp"})
    v1.payment_intents.update(first.id, {"metadata": {"a": "b"}})
    v1.payment_intents.confirm(first.id, {"payment_method": "pm_card_visa"})
    second = v1.payment_intents.create({"amount": 500, "currency": "gbp"})
    v1.payment_intents.cancel(second.id)
    v1.payment_intents.retrieve(v1.payment_intents.list().data[0].id)


def _setup(sandbox: Sandbox, asking: stripe.StripeClient) -> None:
    params = {"mode": "setup", "currency": "gbp", "success_url": "http://127.0.0.1:9/"}
    session = asking.v1.checkout.sessions.create(params)
    sandbox.control("save-card", {"session": session.id, "email": "ada@example.org"})
    asking.v1.setup_intents.retrieve(asking.v1.setup_intents.list().data[0].id)


def _reports(sandbox: Sandbox, asking: stripe.StripeClient) -> None:
    interval = {"interval_start": 0, "interval_end": sandbox.world.clock.now()}
    asking.v1.reporting.report_runs.create({"report_type": "payouts.itemized.3", "parameters": interval})
    sandbox.advance(5)
    run = asking.v1.reporting.report_runs.retrieve(asking.v1.reporting.report_runs.list().data[0].id)
    asking.v1.files.retrieve(run.result.id)


def _newer_spec() -> Path | None:
    """Return a newer spec where this machine has one; the tests do not need it."""
    shared = os.environ.get("FUNDRAISE_SHARED_DATA")
    folder = Path(shared) if shared else Path(__file__).parents[3] / "shared" / "data"
    return next(iter(sorted(folder.glob("stripe/openapi-subset-*.json"), reverse=True)), None)


@pytest.mark.long
def test_the_tour_is_valid_by_a_newer_spec_too(monkeypatch: pytest.MonkeyPatch):
    found = _newer_spec()
    newer = Gate(json.loads(found.read_text(encoding="utf-8"))) if found else gate()
    monkeypatch.setattr("tests.sandbox.test_surface.gate", lambda: newer)
    test_a_tour_through_every_operation_is_valid_by_the_spec()
    assert newer.violations == []
