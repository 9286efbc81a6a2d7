"""The bank's statement: payouts as a bank shows them, balances that agree with the lines on any day."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
import stripe

from fundraise.sandbox import Sandbox
from fundraise.sandbox.bank_statement import NAMESPACE, iban
from tests.sandbox.driving import paid_charge

DAY = 86_400
NS = {"c": NAMESPACE}


def _busy(sandbox: Sandbox, asking: stripe.StripeClient) -> None:
    """A payout that arrives, one that comes back, a debit by Stripe, and lines of the charity's own."""
    first = paid_charge(sandbox, asking, 5000, card="4000000000000077")
    sandbox.control("payout")
    sandbox.advance(4 * DAY)
    paid_charge(sandbox, asking, 2500, card="4000000000000077")
    returned = sandbox.control("payout")["id"]
    sandbox.advance(4 * DAY)
    sandbox.control("payout-fail", {"payout": returned})
    sandbox.control("payout-fail", {"payout": sandbox.control("payout")["id"]})
    sandbox.control("bank-line", {"amount": -1250, "text": "OFFICE RENT & CO", "reference": "NOV"})
    sandbox.control("dispute", {"charge": first})
    sandbox.advance(5 * DAY)


def _camt(content: str) -> tuple[dict[str, Decimal], list[tuple[str, Decimal, str, str]]]:
    document = ET.fromstring(content)  # noqa: S314  The sandbox itself wrote it.
    stmt = document.find("c:BkToCstmrStmt/c:Stmt", NS)
    assert stmt is not None

    def signed(node: ET.Element) -> Decimal:
        sign = 1 if node.findtext("c:CdtDbtInd", None, NS) == "CRDT" else -1
        return sign * Decimal(node.findtext("c:Amt", "", NS))

    balances = {one.findtext("c:Tp/c:CdOrPrtry/c:Cd", "", NS): signed(one) for one in stmt.findall("c:Bal", NS)}
    lines = [
        (
            one.findtext("c:BookgDt/c:Dt", "", NS),
            signed(one),
            one.findtext(".//c:Pty/c:Nm", "", NS),
            one.findtext(".//c:Ustrd", "", NS),
        )
        for one in stmt.findall("c:Ntry", NS)
    ]
    return balances, lines


def test_payouts_arrive_as_the_bank_shows_them(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    _busy(sandbox, stripe_client)
    made = sandbox.control("bank-statement", {"format": "camt.053"})
    balances, lines = _camt(made["content"])
    # The dispute costs 70.00; the payout that came back pays 24.42 of it, the bank the rest.
    assert [(amount, name) for _, amount, name, _ in lines] == [
        (Decimal("49.05"), "STRIPE PAYMENTS UK LTD"),
        (Decimal("24.42"), "STRIPE PAYMENTS UK LTD"),
        (Decimal("-24.42"), "STRIPE PAYMENTS UK LTD RETURNED"),
        (Decimal("-12.50"), "OFFICE RENT & CO"),
        (Decimal("-45.58"), "STRIPE PAYMENTS UK LTD"),
    ]
    payouts = {f"STRIPE-{one.id[-10:].upper()}" for one in stripe_client.v1.payouts.list()}
    assert {ref for _, _, _, ref in lines} - payouts == {"NOV"}
    assert balances == {"OPBD": Decimal(0), "CLBD": sum(amount for _, amount, _, _ in lines)}
    assert made["filename"].endswith(".camt053.xml")


def test_each_days_closing_balance_is_the_next_days_opening(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    first = datetime.fromtimestamp(sandbox.world.clock.now(), UTC).date()
    _busy(sandbox, stripe_client)
    closing, seen = Decimal(0), []
    for number in range(20):
        day = (first + timedelta(days=number)).isoformat()
        balances, lines = _camt(sandbox.control("bank-statement", {"from": day, "to": day})["content"])
        assert balances["OPBD"] == closing
        closing = balances["CLBD"]
        assert closing == balances["OPBD"] + sum(amount for _, amount, _, _ in lines)
        seen += lines
    assert seen == _camt(sandbox.control("bank-statement")["content"])[1]


def test_the_csv_file_says_the_same(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    _busy(sandbox, stripe_client)
    _, lines = _camt(sandbox.control("bank-statement")["content"])
    rows = list(csv.DictReader(io.StringIO(sandbox.control("bank-statement", {"format": "csv"})["content"])))
    assert [(Decimal(row["Amount (GBP)"]), row["Counter Party"]) for row in rows] == [
        (amount, name) for _, amount, name, _ in lines
    ]
    assert [Decimal(row["Balance (GBP)"]) for row in rows][-1] == sum(amount for _, amount, _, _ in lines)


def test_each_currency_has_a_statement_of_its_own(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    sandbox.control("account", {"settlement_currencies": ["jpy"]})
    for currency, amount in (("gbp", 5000), ("jpy", 7000)):
        paid_charge(sandbox, stripe_client, amount, currency=currency, card="4000000000000077")
    sandbox.advance(4 * DAY)
    content = sandbox.control("bank-statement", {"currency": "jpy"})["content"]
    row = stripe_client.v1.balance_transactions.list({"currency": "jpy", "type": "charge"}).data[0]
    assert [amount for _, amount, _, _ in _camt(content)[1]] == [Decimal(row.net)]
    assert 'Ccy="JPY"' in content


@pytest.mark.parametrize("account", ["acct_A", "acct_Zz9", "acct_0123456789abcdef"])
def test_made_up_accounts_have_right_check_digits(account: str):
    number = iban(account, "gbp")
    turned = number[4:] + number[:4]
    assert int("".join(str(int(one, 36)) for one in turned)) % 97 == 1
