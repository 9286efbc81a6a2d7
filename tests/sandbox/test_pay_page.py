"""The pay page as forms: what a donor sees and where each press leads, without a browser and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import stripe

from fundraise.sandbox import Sandbox
from tests.sandbox.driving import served_sandbox, session_params

GOOD = {"pay": "card", "card_number": "4242 4242 4242 4242", "exp": "12 / 34", "cvc": "123"}


@pytest.fixture
def donor(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with served_sandbox(sandbox) as base_url, httpx.Client(base_url=base_url, trust_env=False) as made:
        yield made


def _session(asking: stripe.StripeClient, **more: Any) -> tuple[stripe.checkout.Session, str]:
    session = asking.v1.checkout.sessions.create(session_params(**more))
    return session, f"/c/pay/{session.id}"


def _visible(page: httpx.Response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def test_the_page_says_who_what_and_how_much(donor: httpx.Client, stripe_client: stripe.StripeClient):
    items = session_params(5000)["line_items"] + session_params(98)["line_items"]
    items[1]["price_data"]["product_data"]["name"] = "Covering <the> fee"
    _, path = _session(stripe_client, line_items=items, custom_text={"submit": {"message": "Thank you, kindly."}})
    page = donor.get(path)
    text = _visible(page)
    for words in (
        "no real money moves here",
        "River Trust",
        "Gift to the winter appeal",
        "£50.98",
        "Thank you, kindly.",
    ):
        assert words in text
    assert "Covering &lt;the&gt; fee" in page.text
    assert re.search(r'<button[^>]+name="pay" value="card">Give £50.98</button>', page.text)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:9" in policy
    assert "<script" not in page.text


def test_paying_leads_to_the_success_page_with_the_session_filled_in(
    donor: httpx.Client, stripe_client: stripe.StripeClient
):
    session, path = _session(stripe_client)
    paid = donor.post(path, data={**GOOD, "email": "ada@example.org", "name": "Ada"})
    assert (paid.status_code, paid.headers["location"]) == (303, f"http://127.0.0.1:9/thanks?cs={session.id}")
    session = stripe_client.v1.checkout.sessions.retrieve(session.id)
    assert (session.payment_status, session.customer_details.email) == ("paid", "ada@example.org")
    again = donor.get(path)
    assert "This has been paid" in again.text
    assert f"http://127.0.0.1:9/thanks?cs={session.id}" in again.text


def test_a_declined_donor_may_try_again_on_the_same_page(donor: httpx.Client, stripe_client: stripe.StripeClient):
    session, path = _session(stripe_client)
    for number, words in (
        ("4000000000000002", "Your card was declined. Nothing was taken."),
        ("4000 0000 0000 9995", "there is not enough money"),
    ):
        refused = donor.post(path, data={**GOOD, "card_number": number, "email": "ada@example.org"})
        assert refused.status_code == 402
        assert words in _visible(refused)
        assert 'value="ada@example.org"' in refused.text
    assert donor.post(path, data=GOOD).status_code == 303
    assert [one.status for one in stripe_client.v1.charges.list()] == ["succeeded", "failed", "failed"]
    assert len(stripe_client.v1.payment_intents.list().data) == 1
    assert stripe_client.v1.checkout.sessions.retrieve(session.id).status == "complete"


def test_ten_presses_pay_once(donor: httpx.Client, stripe_client: stripe.StripeClient):
    session, path = _session(stripe_client)
    with ThreadPoolExecutor(10) as presses:
        answers = list(presses.map(lambda _: donor.post(path, data=GOOD), range(10)))
    assert {(one.status_code, one.headers["location"]) for one in answers} == {
        (303, f"http://127.0.0.1:9/thanks?cs={session.id}")
    }
    assert len(stripe_client.v1.charges.list().data) == 1


@pytest.mark.parametrize(
    ("entries", "field"),
    [
        ({"card_number": "4111 1111 1111 1111"}, "card_number"),
        ({"exp": "13 / 34"}, "exp"),
        ({"cvc": "12"}, "cvc"),
        ({"email": "ada"}, "email"),
        ({"pay": "bank_debit", "bank_account": "1"}, "bank_account"),
    ],
)
def test_what_cannot_be_right_is_marked_and_nothing_is_taken(
    donor: httpx.Client, stripe_client: stripe.StripeClient, entries: dict[str, str], field: str
):
    _, path = _session(stripe_client)
    marked = donor.post(path, data={**GOOD, **entries})
    assert marked.status_code == 422
    assert re.search(rf'id="{field}-help"><strong>', marked.text)
    assert stripe_client.v1.payment_intents.list().data == []


@pytest.mark.parametrize("answer", ["complete", "fail"])
def test_the_banks_question(donor: httpx.Client, stripe_client: stripe.StripeClient, answer: str):
    session, path = _session(stripe_client)
    asked = donor.post(path, data={**GOOD, "card_number": "4000 0025 0000 3155"})
    assert (asked.status_code, asked.headers["location"]) == (303, f"{path}/3ds")
    assert 'id="complete"' in donor.get(f"{path}/3ds").text
    answered = donor.post(f"{path}/3ds", data={"authentication": answer})
    if answer == "complete":
        assert answered.headers["location"].endswith(session.id)
        assert "This has been paid" in donor.get(f"{path}/3ds").text
        assert donor.post(f"{path}/3ds", data={"authentication": "complete"}).status_code == 303
    else:
        assert answered.status_code == 402
        assert "did not confirm" in _visible(answered)
        assert donor.post(path, data=GOOD).status_code == 303
    assert len([one for one in stripe_client.v1.charges.list() if one.paid]) == 1


def test_paying_from_the_bank_account(donor: httpx.Client, stripe_client: stripe.StripeClient):
    session, path = _session(stripe_client)
    assert "Bacs Direct Debit" in donor.get(path).text
    assert donor.post(path, data={"pay": "bank_debit", "bank_account": "00012345"}).status_code == 303
    session = stripe_client.v1.checkout.sessions.retrieve(session.id)
    assert (session.status, session.payment_status) == ("complete", "unpaid")


def test_only_what_the_session_takes(donor: httpx.Client, sandbox: Sandbox, stripe_client: stripe.StripeClient):
    _, cards = _session(stripe_client, allowed_payment_method_types=["card"])
    _, debits = _session(stripe_client, excluded_payment_method_types=["card"])
    assert "Direct Debit" not in donor.get(cards).text
    assert 'name="card_number"' not in donor.get(debits).text
    assert donor.post(cards, data={"pay": "bank_debit", "bank_account": "00012345"}).status_code == 422
    assert donor.post(debits, data=GOOD).status_code == 422
    iban = {"pay": "bank_debit", "bank_account": "DE89370400440532013000"}
    assert donor.post(debits, data=iban).status_code == 422
    assert stripe_client.v1.payment_intents.list().data == []


def test_an_expired_page_says_so_and_leads_back(
    donor: httpx.Client, sandbox: Sandbox, stripe_client: stripe.StripeClient
):
    _, path = _session(stripe_client)
    sandbox.advance(86_400)
    for page in (donor.get(path), donor.post(path, data=GOOD), donor.post(f"{path}/3ds", data={})):
        assert page.status_code == 410
        assert "This page has expired Nothing was taken." in _visible(page)
        assert "http://127.0.0.1:9/back" in page.text
    assert stripe_client.v1.charges.list().data == []


def test_a_monthly_gift_needs_an_address_to_stop_it_by(donor: httpx.Client, stripe_client: stripe.StripeClient):
    params = session_params(1000, mode="subscription", submit_type="donate")
    params["line_items"][0]["price_data"]["recurring"] = {"interval": "month"}
    session = stripe_client.v1.checkout.sessions.create(params)
    path = f"/c/pay/{session.id}"
    assert "Give £10.00 every month" in donor.get(path).text
    assert donor.post(path, data=GOOD).status_code == 422
    assert donor.post(path, data={**GOOD, "email": "ada@example.org"}).status_code == 303
    assert stripe_client.v1.subscriptions.list().data[0].status == "active"


def test_a_known_address_is_not_asked_for_again(donor: httpx.Client, stripe_client: stripe.StripeClient):
    session, path = _session(stripe_client, customer_email="ada@example.org", customer_creation="always")
    assert 'name="email"' not in donor.get(path).text
    donor.post(path, data=GOOD)
    session = stripe_client.v1.checkout.sessions.retrieve(session.id, {"expand": ["customer"]})
    assert (session.customer_details.email, session.customer.email) == ("ada@example.org", "ada@example.org")


def test_the_control_page_shows_and_does(donor: httpx.Client, sandbox: Sandbox, stripe_client: stripe.StripeClient):
    _, path = _session(stripe_client)
    donor.post(path, data=GOOD)
    charge = stripe_client.v1.charges.list().data[0].id
    now = sandbox.world.clock.now()

    def press(action: str, **details: str) -> httpx.Response:
        return donor.post(f"/_sandbox/do/{action}", data=details, follow_redirects=True)

    press("clock", advance_seconds="3600")
    assert sandbox.world.clock.now() == now + 3600
    assert "£10.00 refunded" in press("refund", charge=charge, amount="1000").text
    assert "dispute: needs response" in press("dispute", charge=charge, do="open").text
    assert "dispute: lost" in press("dispute", charge=charge, do="lose").text
    assert "£25.00" in press("external-charge", amount="2500", card="4000000000000077").text
    assert "pending" in press("payout").text
    payout = stripe_client.v1.payouts.list().data[0].id
    assert "failed" in press("payout-fail", payout=payout).text
    press("deliveries", drop_rate="1", shuffle="on")
    assert (sandbox.world.post.settings.drop_rate, sandbox.world.post.settings.shuffle) == (1.0, True)
    assert "The books add up." in donor.get("/_sandbox/").text
    refused = press("payout-fail", payout=payout)
    assert refused.status_code == 409
    assert "it cannot fail" in refused.text
    assert press("reset").status_code == 404
    statement = donor.get("/_sandbox/file", params={"format": "csv"})
    assert statement.headers["content-disposition"].startswith("attachment")
    assert donor.get("/_sandbox/file", params={"format": "pdf"}).status_code == 400
