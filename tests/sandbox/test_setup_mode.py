"""Checkout Sessions in setup mode: a card is kept for later, and no money moves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import stripe

from fundraise.sandbox import ControlError, Sandbox
from tests.sandbox.driving import served_sandbox, session_params

GOOD = {"card_number": "4242 4242 4242 4242", "exp": "12 / 34", "cvc": "123"}


@pytest.fixture
def person(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with served_sandbox(sandbox) as base_url, httpx.Client(base_url=base_url, trust_env=False) as made:
        yield made


def _session(asking: stripe.StripeClient, **more: Any) -> stripe.checkout.Session:
    addresses = {"success_url": "http://127.0.0.1:9/thanks?cs={CHECKOUT_SESSION_ID}", "cancel_url": "http://x/back"}
    return asking.v1.checkout.sessions.create({"mode": "setup", "currency": "gbp", **addresses, **more})


def _types(asking: stripe.StripeClient) -> list[str]:
    return [event.type for event in asking.v1.events.list({"limit": 100})][::-1]


def test_a_card_is_saved_on_the_page_for_a_customer_and_charged_later(
    person: httpx.Client, sandbox: Sandbox, stripe_client: stripe.StripeClient
):
    v1 = stripe_client.v1
    customer = v1.customers.create({"email": "ada@example.org"}).id
    data = {"description": "Gifts to three charities", "metadata": {"gift": "7"}}
    session = _session(stripe_client, customer=customer, setup_intent_data=data, expand=["setup_intent"])
    waiting = session.setup_intent
    assert (waiting.status, waiting.customer, waiting.metadata["gift"]) == ("requires_payment_method", customer, "7")
    assert (session.amount_total, session.payment_status, session.currency) == (None, "no_payment_required", "gbp")
    path = session.url.partition("127.0.0.1:")[2].partition("/")[2]
    page = person.get(f"/{path}")
    assert "Nothing is taken now." in page.text
    assert "form-action 'self' http://127.0.0.1:9" in page.headers["content-security-policy"]
    saved = person.post(f"/{path}", data=GOOD)
    assert (saved.status_code, saved.headers["location"]) == (303, f"http://127.0.0.1:9/thanks?cs={session.id}")
    assert person.post(f"/{path}", data=GOOD).headers["location"].endswith(session.id)
    assert "Your card is saved" in person.get(f"/{path}").text

    session = v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent.payment_method"]})
    kept = session.setup_intent
    assert (session.status, session.payment_status, kept.status) == ("complete", "no_payment_required", "succeeded")
    assert (kept.payment_method.customer, kept.payment_method.card.last4) == (customer, "4242")
    assert v1.setup_intents.retrieve(waiting.id).payment_method == kept.payment_method.id
    assert [one.id for one in v1.setup_intents.list({"customer": customer})] == [waiting.id]
    assert [one.id for one in v1.customers.payment_methods.list(customer)] == [kept.payment_method.id]
    assert _types(stripe_client) == [
        "customer.created", "setup_intent.created", "payment_method.attached", "setup_intent.succeeded",
        "checkout.session.completed",
    ]  # fmt: skip
    assert v1.charges.list().data == v1.payment_intents.list().data == v1.balance_transactions.list().data == []

    later = {"payment_method": kept.payment_method.id, "customer": customer, "off_session": True, "confirm": True}
    assert v1.payment_intents.create({"amount": 500, "currency": "gbp", **later}).status == "succeeded"


def test_the_bank_is_asked_once_and_not_again(person: httpx.Client, stripe_client: stripe.StripeClient):
    session = _session(stripe_client, customer_creation="always")
    path = f"/c/setup/{session.id}"
    asked = person.post(path, data={**GOOD, "card_number": "4000 0025 0000 3155", "email": "ada@example.org"})
    assert asked.headers["location"] == f"{path}/3ds"
    assert "wants to keep your card for later" in person.get(f"{path}/3ds").text
    refused = person.post(f"{path}/3ds", data={"authentication": "fail"})
    assert refused.status_code == 402
    error = stripe_client.v1.setup_intents.retrieve(session.setup_intent).last_setup_error
    assert error.code == "setup_intent_authentication_failure"
    person.post(path, data={**GOOD, "card_number": "4000 0025 0000 3155", "email": "ada@example.org"})
    assert person.post(f"{path}/3ds", data={"authentication": "complete"}).status_code == 303
    kept = stripe_client.v1.setup_intents.retrieve(session.setup_intent, {"expand": ["customer"]})
    assert (kept.status, kept.customer.email, kept.last_setup_error) == ("succeeded", "ada@example.org", None)
    later = {"payment_method": kept.payment_method, "customer": kept.customer.id, "off_session": True, "confirm": True}
    paid = stripe_client.v1.payment_intents.create({"amount": 500, "currency": "gbp", **later})
    assert paid.status == "succeeded"
    again = _types(stripe_client)
    assert again.count("setup_intent.requires_action") == 2
    assert again.count("setup_intent.setup_failed") == 1


def test_without_a_customer_the_card_belongs_to_nobody(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    session = _session(stripe_client)
    assert sandbox.control("save-card", {"session": session.id, "outcome": "lost_card"})["outcome"] == "declined"
    saved = sandbox.control("save-card", {"session": session.id})
    assert (saved["outcome"], saved["status"], saved["customer"]) == ("succeeded", "complete", None)
    assert stripe_client.v1.payment_methods.retrieve(saved["payment_method"]).customer is None
    with pytest.raises(ControlError, match="save-card"):
        sandbox.control("pay", {"session": session.id})
    ordinary = stripe_client.v1.checkout.sessions.create(session_params())
    with pytest.raises(ControlError, match="not in setup mode"):
        sandbox.control("save-card", {"session": ordinary.id})


@pytest.mark.parametrize(("card", "outcome"), [("4000000000000002", "declined"), ("4000000000000341", "succeeded")])
def test_a_card_that_is_declined_at_once_or_only_later(
    sandbox: Sandbox, stripe_client: stripe.StripeClient, card: str, outcome: str
):
    session = _session(stripe_client)
    assert sandbox.control("save-card", {"session": session.id, "card": card})["outcome"] == outcome


def test_what_cannot_be_right_is_marked_and_nothing_is_kept(person: httpx.Client, stripe_client: stripe.StripeClient):
    session = _session(stripe_client)
    marked = person.post(f"/c/setup/{session.id}", data={**GOOD, "cvc": "1"})
    assert marked.status_code == 422
    assert "Nothing was saved" in marked.text
    refused = person.post(f"/c/setup/{session.id}", data={**GOOD, "card_number": "4000000000000002"})
    assert (refused.status_code, "Your card was declined" in refused.text) == (402, True)
    assert stripe_client.v1.setup_intents.retrieve(session.setup_intent).status == "requires_payment_method"
    assert person.get(f"/c/pay/{session.id}").status_code == 404
    assert person.get("/c/setup/cs_test_nope").status_code == 404


def test_a_page_that_is_over_keeps_nothing(person: httpx.Client, sandbox: Sandbox, stripe_client: stripe.StripeClient):
    session = _session(stripe_client)
    sandbox.advance(86_400)
    assert person.get(f"/c/setup/{session.id}").status_code == 410
    assert person.post(f"/c/setup/{session.id}", data=GOOD).status_code == 410
    assert stripe_client.v1.setup_intents.retrieve(session.setup_intent).status == "canceled"
    assert _types(stripe_client)[-2:] == ["setup_intent.canceled", "checkout.session.expired"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"line_items": session_params()["line_items"]}, "line_items` in `setup` mode"),
        ({"payment_intent_data": {"description": "x"}}, "payment_intent_data` in `setup` mode"),
        ({"mode": "payment", **session_params(), "setup_intent_data": {"description": "x"}}, "in `payment` mode"),
    ],
)
def test_what_does_not_go_with_the_mode_is_refused(
    stripe_client: stripe.StripeClient, more: dict[str, Any], words: str
):
    with pytest.raises(stripe.InvalidRequestError, match=words):
        _session(stripe_client, **more)


def test_a_currency_is_needed_to_know_what_may_be_saved(stripe_client: stripe.StripeClient):
    with pytest.raises(stripe.InvalidRequestError, match="Missing required param: currency"):
        stripe_client.v1.checkout.sessions.create({"mode": "setup", "success_url": "http://127.0.0.1:9/"})
