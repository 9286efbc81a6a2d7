"""Connected accounts made over the API: onboarded on a page behind a link that is good once, then used by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import stripe

from fundraise.sandbox import Sandbox
from tests.sandbox.driving import add_account, client, served_sandbox, session_params

ADDRESSES = {"refresh_url": "http://127.0.0.1:9/again", "return_url": "http://127.0.0.1:9/done"}


@pytest.fixture
def person(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with served_sandbox(sandbox) as base_url, httpx.Client(base_url=base_url, trust_env=False) as made:
        yield made


def _made(asking: stripe.StripeClient, **more: Any) -> stripe.Account:
    return asking.v1.accounts.create(
        {
            "country": "GB",
            "email": "office@library.example",
            "business_type": "non_profit",
            "business_profile": {"name": "Village Library"},
            "controller": {"fees": {"payer": "account"}, "stripe_dashboard": {"type": "full"}},
            "capabilities": {"card_payments": {"requested": True}},
            "metadata": {"body": "library"},
            **more,
        }
    )


def _path(asking: stripe.StripeClient, account: str) -> str:
    link = asking.v1.account_links.create({"account": account, "type": "account_onboarding", **ADDRESSES})
    assert link.expires_at - link.created == 300
    return "/setup/s/" + link.url.rpartition("/")[2]


def test_an_account_is_onboarded_and_takes_gifts(
    person: httpx.Client, sandbox: Sandbox, stripe_client: stripe.StripeClient
):
    v1 = stripe_client.v1
    v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/hook", "enabled_events": ["*"], "connect": True})
    made = _made(stripe_client)
    assert (made.details_submitted, made.charges_enabled, made.payouts_enabled) == (False, False, False)
    assert (made.business_profile.name, made.metadata["body"], made.type) == ("Village Library", "library", "none")
    within: Any = {"stripe_account": made.id}
    with pytest.raises(stripe.InvalidRequestError, match="onboarding"):
        v1.checkout.sessions.create(session_params(), within)
    with pytest.raises(stripe.InvalidRequestError, match="onboarding"):
        v1.payment_intents.create({"amount": 500, "currency": "gbp"}, within)

    path = _path(stripe_client, made.id)
    page = person.get(path)
    assert "Open an account for Village Library" in page.text
    assert "form-action 'self' http://127.0.0.1:9" in page.headers["content-security-policy"]
    done = person.post(path, data={"onboarding": "finish"})
    assert (done.status_code, done.headers["location"]) == (303, ADDRESSES["return_url"])
    ready = v1.accounts.retrieve(made.id)
    assert (ready.details_submitted, ready.charges_enabled, ready.payouts_enabled) == (True, True, True)
    assert ready.requirements.currently_due == []
    (event,) = v1.events.list({"type": "account.updated"}, within).data
    assert event.data.previous_attributes["charges_enabled"] is False
    (news,) = sandbox.take_due_deliveries()
    assert (news.event_type, made.id.encode() in news.body) == ("account.updated", True)

    session = v1.checkout.sessions.create(session_params(), within)
    assert sandbox.control("pay", {"session": session.id})["outcome"] == "succeeded"
    sandbox.advance(5)
    assert v1.balance.retrieve({}, within).pending[0].amount == 4905
    assert v1.charges.list().data == []


def test_a_link_is_good_for_one_visit_and_five_minutes(
    person: httpx.Client, sandbox: Sandbox, stripe_client: stripe.StripeClient
):
    made = _made(stripe_client)
    path = _path(stripe_client, made.id)
    unopened = person.post(path, data={"onboarding": "finish"})
    assert unopened.headers["location"] == ADDRESSES["refresh_url"]
    assert person.get(path).status_code == 200
    assert person.get(path).headers["location"] == ADDRESSES["refresh_url"]
    assert person.post(path, data={"onboarding": "later"}).headers["location"] == ADDRESSES["return_url"]
    assert stripe_client.v1.accounts.retrieve(made.id).details_submitted is False
    late = _path(stripe_client, made.id)
    sandbox.advance(300)
    assert person.get(late).headers["location"] == ADDRESSES["refresh_url"]
    assert person.get("/setup/s/alink_nope").status_code == person.post("/setup/s/alink_nope").status_code == 404


def test_only_its_platform_reaches_a_new_account(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    made = _made(stripe_client)
    other = client(sandbox, add_account(sandbox)["keys"][0])
    link: Any = {"account": made.id, "type": "account_onboarding", **ADDRESSES}
    with pytest.raises(stripe.PermissionError):
        other.v1.account_links.create(link)
    with pytest.raises(stripe.PermissionError):
        other.v1.balance.retrieve({}, {"stripe_account": made.id})
    with pytest.raises(stripe.InvalidRequestError, match="Only a platform"):
        stripe_client.v1.accounts.create({"type": "standard"}, {"stripe_account": made.id})
    with pytest.raises(stripe.InvalidRequestError, match="only supported type"):
        stripe_client.v1.account_links.create({**link, "type": "account_update"})
    with pytest.raises(stripe.InvalidRequestError, match="refresh_url"):
        stripe_client.v1.account_links.create({"account": made.id, "type": "account_onboarding"})
    with pytest.raises(stripe.InvalidRequestError, match="only specify one"):
        _made(stripe_client, type="standard")
