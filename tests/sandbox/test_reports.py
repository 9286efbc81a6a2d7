"""Reports: the CSV files of the Dashboard say what the API says."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

import httpx
import pytest
import stripe

from fundraise.sandbox import Sandbox
from tests.sandbox.driving import http_client, paid_charge, served_sandbox, session_params

DAY = 86_400


def _table(sandbox: Sandbox, asking: stripe.StripeClient, report_type: str, **parameters: Any) -> list[dict[str, str]]:
    run = asking.v1.reporting.report_runs.create({"report_type": report_type, "parameters": parameters})
    assert (run.status, run.result) == ("pending", None)
    sandbox.advance(5)
    run = asking.v1.reporting.report_runs.retrieve(run.id)
    assert run.status == "succeeded"
    assert asking.v1.events.list().data[0].type == "reporting.report_run.succeeded"
    assert asking.v1.files.retrieve(run.result.id).purpose == "finance_report_run"
    content = sandbox.world.owner(run.result.id)[1]["_content"]
    assert len(content.encode()) == run.result.size
    return list(csv.DictReader(io.StringIO(content)))


def _busy(sandbox: Sandbox, asking: stripe.StripeClient) -> None:
    session = asking.v1.checkout.sessions.create(
        session_params(6000, "eur", payment_intent_data={"metadata": {"donation_id": "don_1"}})
    )
    sandbox.control("pay", {"session": session.id, "email": "ada@example.org"})
    sandbox.advance(5)
    charge = paid_charge(sandbox, asking, 5000)
    asking.v1.refunds.create({"charge": charge, "amount": 700})
    sandbox.advance(10 * DAY)


def test_the_itemised_reconciliation_adds_up_to_the_payout(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    _busy(sandbox, stripe_client)
    payout = stripe_client.v1.payouts.list().data[0]
    interval = {"interval_start": payout.arrival_date, "interval_end": payout.arrival_date + DAY}
    rows = _table(sandbox, stripe_client, "payout_reconciliation.itemized.5", **interval)
    assert sum(Decimal(row["net"]) for row in rows) * 100 == payout.amount
    assert [row["reporting_category"] for row in rows] == ["charge", "charge", "refund"]
    assert {row["automatic_payout_id"] for row in rows} == {payout.id}
    euro = rows[0]
    assert (euro["customer_facing_amount"], euro["customer_facing_currency"]) == ("60.00", "eur")
    assert (euro["currency"], euro["customer_email"]) == ("gbp", "ada@example.org")
    assert (rows[2]["gross"], rows[2]["charge_id"]) == ("-7.00", rows[1]["charge_id"])
    assert rows == _table(sandbox, stripe_client, "payout_reconciliation.by_id.itemized.4", payout=payout.id)


def test_columns_and_hours_as_asked_for(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    _busy(sandbox, stripe_client)
    columns = ["source_id", "created", "created_utc", "payment_metadata[donation_id]"]
    rows = _table(
        sandbox,
        stripe_client,
        "balance_change_from_activity.itemized.3",
        interval_start=0,
        interval_end=sandbox.world.clock.now(),
        columns=columns,
        timezone="Asia/Tokyo",
        reporting_category="charge",
    )
    assert list(rows[0]) == columns
    assert [row["payment_metadata[donation_id]"] for row in rows] == ["don_1", ""]
    assert (rows[0]["created_utc"][11:13], rows[0]["created"][11:13]) == ("11", "20")


def test_payouts_with_the_one_that_came_back(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    _busy(sandbox, stripe_client)
    payout = stripe_client.v1.payouts.list().data[0]
    sandbox.control("payout-fail", {"payout": payout.id})
    rows = _table(
        sandbox, stripe_client, "payouts.itemized.3", interval_start=0, interval_end=sandbox.world.clock.now() + 1
    )
    assert [row["reporting_category"] for row in rows] == ["payout", "payout_reversal"]
    assert sum(Decimal(row["net"]) for row in rows) == 0


@pytest.mark.parametrize(
    ("report_type", "parameters", "param"),
    [
        ("no.such.1", {}, "report_type"),
        ("payouts.itemized.3", {"interval_start": 0}, "parameters[interval_end]"),
        ("payout_reconciliation.by_id.itemized.4", {}, "parameters[payout]"),
        ("payouts.itemized.3", {"interval_start": 0, "interval_end": 1, "columns": ["colour"]}, "parameters[columns]"),
    ],
)
def test_reports_that_cannot_be_made(
    stripe_client: stripe.StripeClient, report_type: str, parameters: dict[str, Any], param: str
):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe_client.v1.reporting.report_runs.create({"report_type": report_type, "parameters": parameters})
    assert refused.value.param == param


def test_the_file_is_fetched_with_the_key_alone(sandbox: Sandbox, account: dict[str, Any]):
    with served_sandbox(sandbox) as base_url:
        asking = http_client(base_url, account["keys"][0])
        run = asking.v1.reporting.report_runs.create(
            {"report_type": "payouts.itemized.3", "parameters": {"interval_start": 0, "interval_end": 9}}
        )
        sandbox.advance(5)
        url = asking.v1.reporting.report_runs.retrieve(run.id).result.url
        asking._requestor._client.close()
        assert url.startswith(base_url)
        assert httpx.get(url, trust_env=False).status_code == 401
        file = httpx.get(url, headers={"authorization": f"Bearer {account['keys'][0]}"}, trust_env=False)
    assert file.headers["content-type"].startswith("text/csv")
    assert file.text.startswith("payout_id,")
