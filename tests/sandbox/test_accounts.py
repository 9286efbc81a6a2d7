"""Several accounts in one sandbox: nothing of one is seen or touched from another."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from fundraise.sandbox import ControlError, Sandbox
from tests.sandbox.driving import add_account, client, new_sandbox, paid_charge, session_params

LISTS = (
    "charges", "payment_intents", "balance_transactions", "payouts", "refunds", "disputes", "customers", "products",
    "prices", "subscriptions", "invoices", "invoice_payments", "webhook_endpoints", "events",
)  # fmt: skip


def _ids(asking: stripe.StripeClient, options: dict[str, Any] | None = None) -> set[str]:
    services = [getattr(asking.v1, name) for name in LISTS]
    services += [asking.v1.checkout.sessions, asking.v1.radar.early_fraud_warnings]
    return {one.id for service in services for one in service.list({"limit": 100}, options or {}).auto_paging_iter()}


def _use(sandbox: Sandbox, asking: stripe.StripeClient) -> str:
    charge = paid_charge(sandbox, asking, 5000, card="4000000000000077")
    asking.v1.refunds.create({"charge": charge, "amount": 100})
    asking.v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/", "enabled_events": ["*"]})
    asking.v1.customers.create({"name": "Ada"})
    return charge


def test_own_keys_see_their_own_account_alone():
    sandbox = new_sandbox()
    clients = [client(sandbox, add_account(sandbox)["keys"][0]) for _ in range(2)]
    charges = [_use(sandbox, one) for one in clients]
    sandbox.advance(86_400)
    mine, theirs = (_ids(one) for one in clients)
    assert len(mine) > 10
    assert not mine & theirs
    for asking, foreign in zip(clients, reversed(charges), strict=True):
        for ask in (
            lambda c, i: c.v1.charges.retrieve(i),
            lambda c, i: c.v1.charges.update(i, {"metadata": {"x": "y"}}),
            lambda c, i: c.v1.refunds.create({"charge": i}),
            lambda c, i: c.v1.charges.list({"starting_after": i}),
        ):
            with pytest.raises(stripe.InvalidRequestError, match="No such charge"):
                ask(asking, foreign)
    assert sandbox.check_books() == []


def test_a_platform_reaches_its_accounts_by_name_and_no_others():
    sandbox = new_sandbox()
    platform = add_account(sandbox)
    connected = add_account(sandbox, platform=platform["id"])
    stranger = add_account(sandbox)
    assert connected["keys"] == []
    asking = client(sandbox, platform["keys"][0])
    within = {"stripe_account": connected["id"]}
    session = asking.v1.checkout.sessions.create(session_params(), within)
    sandbox.control("pay", {"session": session.id})
    sandbox.advance(5)
    assert _ids(asking) == set()
    assert session.id in _ids(asking, within)
    assert asking.v1.accounts.retrieve(connected["id"]).settings.payouts.schedule.delay_days == 3
    assert asking.v1.balance.retrieve({}, within).pending[0].amount == 4905

    for name in (stranger["id"], "acct_nope"):
        with pytest.raises(stripe.PermissionError, match="does not have access to account") as refused:
            asking.v1.balance.retrieve({}, {"stripe_account": name})
        assert (refused.value.http_status, refused.value.error.code) == (403, "account_invalid")
        with pytest.raises(stripe.PermissionError):
            asking.v1.accounts.retrieve(name)
    own = client(sandbox, stranger["keys"][0])
    with pytest.raises(stripe.PermissionError):
        own.v1.balance.retrieve({}, within)


def test_an_account_tells_how_it_trades(sandbox: Sandbox, stripe_client: stripe.StripeClient, account: dict[str, Any]):
    own = stripe_client.v1.accounts.retrieve_current()
    assert (own.id, own.default_currency, own.business_profile.name) == (account["id"], "gbp", "River Trust")
    changed = sandbox.control("account", {"delay_days": 7, "tariff": {"percent_bp": 120}})
    assert (changed["terms"]["delay_days"], changed["terms"]["tariff"]["fixed_minor"]) == (7, 20)
    with pytest.raises(ControlError, match="there already"):
        sandbox.control("accounts", {"id": account["id"]})
    with pytest.raises(ControlError, match="belongs to an account already"):
        sandbox.control("accounts", {"keys": account["keys"]})
    assert [one["id"] for one in sandbox.control("accounts")["accounts"]] == [account["id"]]


def test_the_control_plane_asks_which_account_where_there_are_several(sandbox: Sandbox, account: dict[str, Any]):
    add_account(sandbox)
    with pytest.raises(ControlError, match="account is needed"):
        sandbox.control("payout")
