"""Currencies: settled as they are or converted, without decimals, with three, too little and too much."""

from __future__ import annotations

from decimal import Decimal

import pytest
import stripe

from fundraise.sandbox import Sandbox
from tests.sandbox.driving import paid_charge, session_params


@pytest.mark.parametrize(
    ("currency", "amount", "rate", "settled"),
    [
        ("eur", 6000, "0.86", 5160),
        ("jpy", 5000, "0.0052", 2600),
        ("kwd", 10_000, "2.48", 2480),
        ("usd", 333, "0.75", 250),
    ],
)
def test_a_gift_in_another_currency_settles_in_the_accounts_own(
    sandbox: Sandbox, stripe_client: stripe.StripeClient, currency: str, amount: int, rate: str, settled: int
):
    sandbox.control("fx-rate", {"pair": f"{currency}/gbp", "rate": rate})
    charge = paid_charge(sandbox, stripe_client, amount, currency=currency)
    row = stripe_client.v1.balance_transactions.list({"source": charge}).data[0]
    assert (row.amount, row.currency) == (settled, "gbp")
    # Stripe: the amount in one currency, multiplied by the rate, is the amount in the other.
    assert abs(Decimal(amount) * Decimal(str(row.exchange_rate)) - settled) <= Decimal("0.5")
    assert stripe_client.v1.charges.retrieve(charge).currency == currency


def test_a_rate_may_be_set_either_way_round_and_holds_until_the_next(
    sandbox: Sandbox, stripe_client: stripe.StripeClient
):
    sandbox.control("fx-rate", {"pair": "gbp/eur", "rate": "1.25"})
    first = paid_charge(sandbox, stripe_client, 1000, currency="eur")
    sandbox.control("fx-rate", {"pair": "gbp/eur", "rate": "1.6"})
    second = paid_charge(sandbox, stripe_client, 1000, currency="eur")
    amounts = [stripe_client.v1.balance_transactions.list({"source": one}).data[0].amount for one in (first, second)]
    assert amounts == [800, 625]


def test_a_foreign_card_costs_more_where_the_tariff_says_so(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    sandbox.control("account", {"tariff": {"foreign_card_extra_bp": 175}})
    home = paid_charge(sandbox, stripe_client, 10_000)
    abroad = paid_charge(sandbox, stripe_client, 10_000, card="4000 0084 0000 0005")
    fees = [stripe_client.v1.balance_transactions.list({"source": one}).data[0].fee for one in (home, abroad)]
    assert fees == [170, 345]


@pytest.mark.parametrize(
    ("currency", "amount", "code"),
    [
        ("gbp", 29, "amount_too_small"),
        ("gbp", 100_000_000, "amount_too_large"),
        ("kwd", 10_001, "parameter_invalid_integer"),
        ("isk", 50_001, "parameter_invalid_integer"),
    ],
)
def test_amounts_that_stripe_would_not_charge_are_refused(
    stripe_client: stripe.StripeClient, currency: str, amount: int, code: str
):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        stripe_client.v1.checkout.sessions.create(session_params(amount, currency))
    assert refused.value.code == code


def test_the_later_of_two_rates_holds_whichever_way_round_it_was_set(
    sandbox: Sandbox, stripe_client: stripe.StripeClient
):
    sandbox.control("fx-rate", {"pair": "eur/gbp", "rate": "0.8"})
    sandbox.advance(1)
    sandbox.control("fx-rate", {"pair": "gbp/eur", "rate": "2"})
    charge = paid_charge(sandbox, stripe_client, 1000, currency="eur")
    assert stripe_client.v1.balance_transactions.list({"source": charge}).data[0].amount == 500


def test_every_line_of_a_session_has_one_currency(stripe_client: stripe.StripeClient):
    params = session_params()
    params["line_items"] += session_params(currency="eur")["line_items"]
    with pytest.raises(stripe.InvalidRequestError, match="same currency"):
        stripe_client.v1.checkout.sessions.create(params)


def test_what_converts_to_less_than_the_accounts_least_is_refused(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    sandbox.control("fx-rate", {"pair": "jpy/gbp", "rate": "0.00499"})
    intents, sessions = stripe_client.v1.payment_intents, stripe_client.v1.checkout.sessions
    with pytest.raises(stripe.InvalidRequestError, match=r"convert to at least £0\.30\. ¥59 converts to") as refused:
        intents.create({"amount": 59, "currency": "jpy"})
    assert refused.value.code == "amount_too_small"
    with pytest.raises(stripe.InvalidRequestError, match=r"convert to at least £0\.30\. ¥59 converts to") as refused:
        sessions.create(session_params(59, "jpy"))
    assert refused.value.code == "amount_too_small"
    assert sessions.create(session_params(61, "jpy")).id
    assert intents.create({"amount": 61, "currency": "jpy"}).id


def test_what_the_account_holds_itself_is_not_converted(sandbox: Sandbox, stripe_client: stripe.StripeClient):
    sandbox.control("account", {"settlement_currencies": ["jpy"]})
    assert stripe_client.v1.payment_intents.create({"amount": 50, "currency": "jpy"}).id


def test_where_no_rate_is_known_nothing_is_said_of_what_it_converts_to(stripe_client: stripe.StripeClient):
    assert stripe_client.v1.payment_intents.create({"amount": 5, "currency": "mga"}).id
