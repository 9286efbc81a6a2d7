"""Gifts that repeat: begun at Checkout, renewed by time, declined and tried again, stopped by the donor."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import httpx
import pytest
import stripe

from fundraise.sandbox import FrozenClock, Sandbox
from fundraise.sandbox.objects.subscriptions import later
from tests.sandbox.driving import served_sandbox, session_params

DAY = 86_400


def _begin(sandbox: Sandbox, client: stripe.StripeClient, **pay: object) -> stripe.Subscription:
    params = session_params(1000, mode="subscription", submit_type="subscribe")
    params["line_items"][0]["price_data"]["recurring"] = {"interval": "month"}
    params["subscription_data"] = {"metadata": {"gift": "g_1"}}
    session = client.v1.checkout.sessions.create(params)
    paid = sandbox.control("pay", {"session": session.id, "email": "ada@example.org", **pay})
    assert paid["status"] == "complete"
    return client.v1.subscriptions.retrieve(paid["subscription"])


def test_a_monthly_gift_begins_with_a_paid_invoice(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    subscription = _begin(sandbox, stripe_client)
    assert (subscription.status, subscription.metadata.to_dict()) == ("active", {"gift": "g_1"})
    invoice = stripe_client.v1.invoices.retrieve(
        subscription.latest_invoice, {"expand": ["payments.data.payment.payment_intent.latest_charge"]}
    )
    assert (invoice.status, invoice.amount_paid, invoice.billing_reason) == ("paid", 1000, "subscription_create")
    assert invoice.parent.subscription_details.subscription == subscription.id
    payment = invoice.payments.data[0]
    charge = payment.payment.payment_intent.latest_charge
    assert (payment.status, charge.amount, charge.customer) == ("paid", 1000, subscription.customer)
    by_intent = {"payment": {"type": "payment_intent", "payment_intent": charge.payment_intent}}
    assert [one.invoice for one in stripe_client.v1.invoice_payments.list(by_intent)] == [invoice.id]
    customer = stripe_client.v1.customers.retrieve(subscription.customer, {"expand": ["subscriptions"]})
    assert (customer.email, customer.subscriptions.data[0].id) == ("ada@example.org", subscription.id)


def test_it_renews_each_month_on_its_day(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    subscription = _begin(sandbox, stripe_client)
    for month in (1, 2, 3):
        end = stripe_client.v1.subscriptions.retrieve(subscription.id)["items"].data[0].current_period_end
        sandbox.advance_to(end)
        draft = stripe_client.v1.invoices.list({"subscription": subscription.id}).data[0]
        assert (draft.status, draft.billing_reason) == ("draft", "subscription_cycle")
        sandbox.advance(3_600)
        assert stripe_client.v1.invoices.retrieve(draft.id).status == "paid"
        assert datetime.fromtimestamp(end, UTC).day == datetime.fromtimestamp(subscription.created, UTC).day
        assert len(stripe_client.v1.invoices.list({"subscription": subscription.id}).data) == month + 1
    numbers = [one.number for one in stripe_client.v1.invoices.list()]
    assert len(set(numbers)) == 4


def test_a_declined_renewal_is_tried_again_and_then_recovers(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    subscription = _begin(sandbox, stripe_client)
    sandbox.control("decline-renewal", {"subscription": subscription.id, "code": "insufficient_funds"})
    sandbox.advance(31 * DAY + 3_600)
    invoice = stripe_client.v1.invoices.list({"subscription": subscription.id}).data[0]
    assert (invoice.status, invoice.attempt_count) == ("open", 1)
    assert stripe_client.v1.subscriptions.retrieve(subscription.id).status == "past_due"
    assert invoice.next_payment_attempt is not None
    sandbox.advance_to(invoice.next_payment_attempt)
    assert stripe_client.v1.invoices.retrieve(invoice.id).status == "paid"
    assert stripe_client.v1.subscriptions.retrieve(subscription.id).status == "active"


def test_a_renewal_that_is_never_paid_ends_the_gift(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    subscription = _begin(sandbox, stripe_client)
    sandbox.control("decline-renewal", {"subscription": subscription.id, "times": 4})
    sandbox.advance(50 * DAY)
    ended = stripe_client.v1.subscriptions.retrieve(subscription.id)
    assert (ended.status, ended.cancellation_details.reason) == ("canceled", "payment_failed")
    assert stripe_client.v1.subscriptions.list({"customer": ended.customer}).data == []
    assert [one.id for one in stripe_client.v1.subscriptions.list({"status": "canceled"})] == [ended.id]


@pytest.mark.parametrize("fails", [False, True])
def test_a_monthly_gift_by_bank_debit(sandbox: Sandbox, stripe_client: stripe.StripeClient, *, fails: bool):
    outcome = "fails" if fails else "succeeds"
    subscription = _begin(sandbox, stripe_client, bank_debit=True, outcome=outcome)
    invoice = stripe_client.v1.invoices.retrieve(subscription.latest_invoice)
    assert invoice.status == "open"
    sandbox.advance(12 * DAY)
    assert stripe_client.v1.invoices.retrieve(invoice.id).status == ("open" if fails else "paid")
    expected = "past_due" if fails else "active"
    assert stripe_client.v1.subscriptions.retrieve(subscription.id).status == expected


def test_stopping_over_the_api(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    first, second = _begin(sandbox, stripe_client), _begin(sandbox, stripe_client)
    updated = stripe_client.v1.subscriptions.update(first.id, {"cancel_at_period_end": True})
    assert (updated.status, updated.cancel_at_period_end) == ("active", True)
    sandbox.advance(32 * DAY)
    assert stripe_client.v1.subscriptions.retrieve(first.id).status == "canceled"
    assert len(stripe_client.v1.invoices.list({"subscription": first.id}).data) == 1

    assert stripe_client.v1.subscriptions.cancel(second.id).status == "canceled"
    sandbox.advance(70 * DAY)
    assert len(stripe_client.v1.invoices.list({"subscription": second.id}).data) == 2
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v1.subscriptions.cancel(second.id)


def test_deleting_a_customer_ends_what_runs(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    subscription = _begin(sandbox, stripe_client)
    assert stripe_client.v1.customers.delete(subscription.customer).deleted is True
    assert stripe_client.v1.subscriptions.retrieve(subscription.id).status == "canceled"
    assert stripe_client.v1.customers.retrieve(subscription.customer).deleted is True


def test_the_donor_stops_and_keeps_a_gift_in_the_portal(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    subscription = _begin(sandbox, stripe_client)
    with served_sandbox(sandbox) as base_url, httpx.Client(follow_redirects=True, trust_env=False) as donor:
        portal = stripe_client.v1.billing_portal.sessions.create(
            {"customer": subscription.customer, "return_url": "http://127.0.0.1:9/me"}
        )
        url = portal.url.replace(sandbox.world.base_url, base_url)
        page = donor.get(url).text
        assert "£10.00" in page
        assert re.search(r'name="cancel" value="(sub_\w+)"', page)
        assert "This gift ends on" in donor.post(url, data={"cancel": subscription.id}).text
        assert stripe_client.v1.subscriptions.retrieve(subscription.id).cancel_at_period_end is True
        assert "The next payment is on" in donor.post(url, data={"keep": subscription.id}).text
        assert stripe_client.v1.subscriptions.retrieve(subscription.id).cancel_at_period_end is False


def test_the_deep_link_to_stop_leads_back_where_it_was_told(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    subscription = _begin(sandbox, stripe_client)
    back = {"type": "redirect", "redirect": {"return_url": "http://127.0.0.1:9/stopped"}}
    portal = stripe_client.v1.billing_portal.sessions.create(
        {
            "customer": subscription.customer,
            "flow_data": {
                "type": "subscription_cancel",
                "subscription_cancel": {"subscription": subscription.id},
                "after_completion": back,
            },
        }
    )
    with served_sandbox(sandbox) as base_url, httpx.Client(trust_env=False) as donor:
        url = portal.url.replace(sandbox.world.base_url, base_url)
        assert "http://127.0.0.1:9" in donor.get(url).headers["content-security-policy"]
        stopped = donor.post(url, data={"cancel": subscription.id})
    assert (stopped.status_code, stopped.headers["location"]) == (303, "http://127.0.0.1:9/stopped")


@pytest.mark.parametrize(
    ("start", "interval", "count", "end"),
    [
        ("2027-01-31", "month", 1, "2027-02-28"),
        ("2027-01-31", "month", 2, "2027-03-31"),
        ("2028-02-29", "year", 1, "2029-02-28"),
        ("2026-12-30", "week", 2, "2027-01-13"),
        ("2026-12-31", "day", 1, "2027-01-01"),
    ],
)
def test_months_that_are_too_short_end_on_their_last_day(start: str, interval: str, count: int, end: str):
    moment = int(datetime.fromisoformat(start).replace(tzinfo=UTC).timestamp())
    assert datetime.fromtimestamp(later(moment, interval, count), UTC).date().isoformat() == end


def test_a_gift_begun_on_the_31st_stays_on_the_31st():
    clock = FrozenClock(int(datetime(2027, 1, 31, 12, tzinfo=UTC).timestamp()))
    starts = [later(clock.now(), "month", turn) for turn in range(5)]
    assert [datetime.fromtimestamp(one, UTC).day for one in starts] == [31, 28, 31, 30, 31]
