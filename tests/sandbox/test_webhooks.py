"""Webhooks as the core hands them out: signed, retried, lost, doubled, shuffled, late, for a platform."""

from __future__ import annotations

import json

import pytest
import stripe

from fundraise.sandbox import Delivery, Sandbox
from tests.sandbox.driving import add_account, client, new_sandbox, paid_charge

DAY = 86_400


def _listen(asking: stripe.StripeClient, *types: str, **more: object) -> stripe.WebhookEndpoint:
    return asking.v1.webhook_endpoints.create(
        {
            "url": "http://127.0.0.1:9/hook",
            "enabled_events": list(types) or ["*"],
            "api_version": stripe.api_version,
            **more,
        }
    )


def _take_all(sandbox: Sandbox, status: int | None = 200) -> list[Delivery]:
    taken = sandbox.take_due_deliveries()
    for delivery in taken:
        sandbox.delivery_result(delivery.id, status)
    return taken


def test_the_sdk_accepts_the_signature_at_the_sandboxs_time(
    sandbox: Sandbox, stripe_client: stripe.StripeClient, monkeypatch: pytest.MonkeyPatch
):
    endpoint = _listen(stripe_client, "charge.succeeded")
    paid_charge(sandbox, stripe_client, 5000)
    delivery = _take_all(sandbox)[0]
    header = delivery.headers["stripe-signature"]
    now = sandbox.world.clock.now()
    monkeypatch.setattr("time.time", lambda: now)
    assert stripe.WebhookSignature.verify_header(delivery.body, header, endpoint.secret, 300)
    event = stripe_client.construct_event(delivery.body, header, endpoint.secret)
    assert (event.type, event.data.object.amount, event.livemode) == ("charge.succeeded", 5000, False)
    assert (event.api_version, event.pending_webhooks) == (stripe.api_version, 1)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.WebhookSignature.verify_header(delivery.body + b" ", header, endpoint.secret, 300)
    monkeypatch.setattr("time.time", lambda: now + 301)
    with pytest.raises(stripe.SignatureVerificationError, match="outside the tolerance"):
        stripe.WebhookSignature.verify_header(delivery.body, header, endpoint.secret, 300)


def test_an_event_is_what_the_object_was_then(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    _listen(stripe_client, "charge.succeeded", "charge.updated")
    charge = paid_charge(sandbox, stripe_client, 5000)
    stripe_client.v1.charges.update(charge, {"metadata": {"seen": "yes"}})
    then, booked, named = (json.loads(one.body) for one in _take_all(sandbox))
    assert (then["data"]["object"]["balance_transaction"], then["data"]["object"]["metadata"]) == (None, {})
    assert booked["data"]["previous_attributes"] == {"balance_transaction": None}
    assert named["data"]["previous_attributes"] == {"metadata": {}}
    assert named["request"]["idempotency_key"]


def test_a_failing_endpoint_is_tried_for_three_days(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    endpoint = _listen(stripe_client, "checkout.session.completed")
    paid_charge(sandbox, stripe_client, 5000)
    attempts, stamps = 0, set()
    for _ in range(4 * 24 * 2):
        for delivery in _take_all(sandbox, 500 if attempts % 2 else None):
            attempts += 1
            assert delivery.attempt == attempts
            stamps.add(delivery.headers["stripe-signature"])
        sandbox.advance(1_800)
    assert 8 <= attempts <= 20
    assert len(stamps) == attempts, "each attempt is signed afresh"
    event = stripe_client.v1.events.list({"delivery_success": False}).data[0]
    assert (event.type, event.pending_webhooks) == ("checkout.session.completed", 1)
    assert sandbox.control("deliveries")["done"][-1]["state"] == "failed"
    assert endpoint.status == "enabled"


def test_a_retry_that_arrives_ends_the_trying(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    _listen(stripe_client, "checkout.session.completed")
    paid_charge(sandbox, stripe_client, 5000)
    assert len(_take_all(sandbox, 503)) == 1
    assert _take_all(sandbox) == []
    sandbox.advance(60)
    assert len(_take_all(sandbox)) == 1
    sandbox.advance(5 * DAY)
    assert [one for one in _take_all(sandbox) if one.event_type == "checkout.session.completed"] == []
    assert stripe_client.v1.events.list({"type": "checkout.session.completed"}).data[0].pending_webhooks == 0


def test_lost_deliveries_are_found_by_asking_for_events(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    _listen(stripe_client, "charge.*"[:-2] + ".succeeded", "charge.updated")
    sandbox.control("deliveries", {"drop_next": 1})
    paid_charge(sandbox, stripe_client, 5000)
    assert [one.event_type for one in _take_all(sandbox)] == ["charge.updated"]
    sandbox.control("deliveries", {"drop_types": ["charge.updated"]})
    paid_charge(sandbox, stripe_client, 5000)
    assert [one.event_type for one in _take_all(sandbox)] == ["charge.succeeded"]
    missed = stripe_client.v1.events.list({"delivery_success": False})
    assert [one.type for one in missed] == ["charge.updated", "charge.succeeded"]
    resent = sandbox.control("resend", {"event": missed.data[0].id})
    assert resent == {"sent": 1}


def test_deliveries_doubled_shuffled_and_twinned(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    _listen(stripe_client)
    sandbox.control("deliveries", {"duplicate_rate": 1.0})
    paid_charge(sandbox, stripe_client, 5000)
    doubled = [one.event_id for one in _take_all(sandbox)]
    assert len(doubled) == 2 * len(set(doubled))

    sandbox.control("deliveries", {"duplicate_rate": 0, "shuffle": True})
    orders = []
    for _ in range(4):
        paid_charge(sandbox, stripe_client, 5000)
        orders.append(tuple(one.event_type for one in _take_all(sandbox)))
    assert len(set(orders)) > 1

    sandbox.control("deliveries", {"shuffle": False, "twin_rate": 1.0})
    paid_charge(sandbox, stripe_client, 5000)
    paid = [one for one in _take_all(sandbox) if one.event_type == "charge.succeeded"]
    assert len({one.event_id for one in paid}) == 2
    assert len({json.loads(one.body)["data"]["object"]["id"] for one in paid}) == 1


def test_late_deliveries_come_when_their_time_has_come(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    _listen(stripe_client, "checkout.session.completed")
    sandbox.control("deliveries", {"delay_seconds": [600, 600]})
    paid_charge(sandbox, stripe_client, 5000)
    assert _take_all(sandbox) == []
    sandbox.advance(600)
    assert len(_take_all(sandbox)) == 1


def test_a_rolled_secret_signs_beside_the_old_one_for_a_day(
    sandbox: Sandbox, stripe_client: stripe.StripeClient, monkeypatch: pytest.MonkeyPatch
):
    endpoint = _listen(stripe_client, "charge.succeeded")
    fresh = sandbox.control("roll-secret", {"endpoint": endpoint.id})["secret"]
    for wait, old_works in ((0, True), (DAY, False)):
        sandbox.advance(wait)
        paid_charge(sandbox, stripe_client, 5000)
        delivery = _take_all(sandbox)[0]
        header = delivery.headers["stripe-signature"]
        assert header.count("v1=") == (2 if old_works else 1)
        monkeypatch.setattr("time.time", sandbox.world.clock.now)
        assert stripe.WebhookSignature.verify_header(delivery.body, header, fresh, 300)
        if old_works:
            assert stripe.WebhookSignature.verify_header(delivery.body, header, endpoint.secret, 300)
        else:
            with pytest.raises(stripe.SignatureVerificationError):
                stripe.WebhookSignature.verify_header(delivery.body, header, endpoint.secret, 300)


def test_a_platforms_connect_endpoint_hears_of_its_accounts_alone():
    sandbox = new_sandbox()
    platform = add_account(sandbox, id="acct_platform0000001")
    charity = add_account(sandbox, id="acct_charity00000001", platform=platform["id"])
    asking = client(sandbox, platform["keys"][0])
    _listen(asking, "charge.succeeded")
    connect = _listen(asking, "charge.succeeded", connect=True)
    session = asking.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "success_url": "http://127.0.0.1:9/",
            "line_items": [
                {
                    "price_data": {"currency": "gbp", "unit_amount": 500, "product_data": {"name": "Gift"}},
                    "quantity": 1,
                }
            ],
        },
        {"stripe_account": charity["id"]},
    )
    sandbox.control("pay", {"session": session.id})
    delivery = _take_all(sandbox)[0]
    assert (delivery.endpoint_id, json.loads(delivery.body)["account"]) == (connect.id, charity["id"])
    assert asking.v1.events.list({"type": "charge.succeeded"}).data == []

    sandbox.control("external-charge", {"account": platform["id"], "amount": 700})
    own = _take_all(sandbox)
    assert [one.endpoint_id == connect.id for one in own] == [False]
    assert "account" not in json.loads(own[0].body)


def test_endpoints_are_changed_disabled_and_deleted(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    endpoint = _listen(stripe_client, "charge.succeeded")
    shown = stripe_client.v1.webhook_endpoints.retrieve(endpoint.id)
    assert "secret" not in shown
    stripe_client.v1.webhook_endpoints.update(endpoint.id, {"disabled": True})
    paid_charge(sandbox, stripe_client, 5000)
    assert _take_all(sandbox) == []
    stripe_client.v1.webhook_endpoints.update(endpoint.id, {"disabled": False, "enabled_events": ["charge.updated"]})
    paid_charge(sandbox, stripe_client, 5000)
    assert [one.event_type for one in _take_all(sandbox)] == ["charge.updated"]
    assert stripe_client.v1.webhook_endpoints.delete(endpoint.id).deleted is True
    assert stripe_client.v1.webhook_endpoints.list().data == []
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v1.webhook_endpoints.create({"url": "river.example", "enabled_events": ["*"]})


def test_events_reach_back_thirty_days(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    paid_charge(sandbox, stripe_client, 5000)
    old = stripe_client.v1.events.list({"type": "charge.*"}).data[0]
    sandbox.advance(29 * DAY)
    assert stripe_client.v1.events.retrieve(old.id).type == "charge.updated"
    sandbox.advance(DAY)
    paid_charge(sandbox, stripe_client, 5000)
    with pytest.raises(stripe.InvalidRequestError, match="No such event"):
        stripe_client.v1.events.retrieve(old.id)
    assert old.id not in [one.id for one in stripe_client.v1.events.list({"limit": 100}).auto_paging_iter()]


def test_events_are_found_by_type(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    paid_charge(sandbox, stripe_client, 5000)
    assert {one.type for one in stripe_client.v1.events.list({"type": "charge.*"})} == {
        "charge.succeeded",
        "charge.updated",
    }
    wanted = {"types": ["charge.updated", "product.created"]}
    assert [one.type for one in stripe_client.v1.events.list(wanted)] == ["charge.updated", "product.created"]
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v1.events.list({"type": "charge.*", "types": ["charge.updated"]})
