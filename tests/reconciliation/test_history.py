"""An account that was in use before it was connected: what it held then is the opening balance, and stays that."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from fundraise.ledger.accounts import Account
from fundraise.settlements.tables import PayoutRow
from tests.reconciliation.test_stripe_side import counts, differences, rolled, run
from tests.world import World


def account_with_history(world: World) -> dict[str, Any]:
    """Return an account at Stripe with a payout that arrived and £500 that is still there."""
    made = dict(world.sandbox.control("accounts", {"business_name": "Shelter", "payouts": "manual"}))
    world.sandbox.control("external-charge", {"account": made["id"], "amount": 40000, "currency": "gbp"})
    world.advance(days=8)
    pay_out(world, made)
    world.sandbox.control("external-charge", {"account": made["id"], "amount": 50000, "currency": "gbp"})
    world.advance(days=8)
    return made


def pay_out(world: World, made: dict[str, Any]) -> str:
    return str(world.sandbox.control("payout", {"account": made["id"], "currency": "gbp"})["id"])


def connect(world: World, made: dict[str, Any]) -> None:
    body = world.body()
    world.connect(made, body)
    world.campaign(body)


def test_what_was_there_before_is_no_movement_also_when_a_payout_takes_it_along(world: World) -> None:
    made = account_with_history(world)
    connect(world, made)
    world.paid_gift("50")
    run(world)
    assert differences(world) == {"OPENING_BALANCE": ["GBP"]}
    opened = rolled(world)["GBP"]
    assert (opened.opening_minor, opened.movements_minor) == (49230, 4905)
    assert opened.closing_minor == opened.stripe_minor == opened.ledger_minor
    world.advance(days=8)
    pay_out(world, made)
    world.settle()
    world.advance(days=4)
    world.settle()
    run(world)
    assert differences(world) == {"OPENING_BALANCE": ["GBP"]}
    after = rolled(world)["GBP"]
    assert (after.closing_minor, after.stripe_minor, after.ledger_minor) == (0, 0, 0)
    with world.parts.db.read() as session:
        assert all(session.exec(select(PayoutRow.items_known)))


def test_control_where_all_that_ever_moved_is_counted_old_payments_are_differences(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fundraise.stripe_accounts.rules._BEFORE_WE_WERE_CONNECTED", timedelta(days=400))
    made = account_with_history(world)
    connect(world, made)
    run(world)
    pay_out(world, made)
    world.settle()
    world.advance(days=4)
    run(world)
    assert "ORPHAN_CHARGE" in differences(world)


def test_a_payout_from_before_that_fails_afterwards_is_a_movement(world: World) -> None:
    made = account_with_history(world)
    payout_id = pay_out(world, made)
    world.advance(days=4)
    connect(world, made)
    run(world)
    assert differences(world) == {}
    # It left before, so it is between Stripe and the bank, and what it was made of is for a person to say.
    in_transit = world.balances()[Account.PAYOUTS_IN_TRANSIT, "GBP"]
    assert in_transit == -world.balances()[Account.SUSPENSE_RECEIPTS, "GBP"]
    world.sandbox.control("payout-fail", {"account": made["id"], "payout": payout_id})
    world.settle()
    run(world)
    assert differences(world) == {"PAYOUT_PAID_THEN_FAILED": [payout_id]}
    row = rolled(world)["GBP"]
    assert row.closing_minor == row.stripe_minor == row.ledger_minor == 49230


def test_an_opening_is_booked_once(world: World) -> None:
    connect(world, account_with_history(world))
    for _ in range(2):
        run(world)
        assert world.balances()[Account.STRIPE_BALANCE, "GBP"] == 49230
    assert counts(world)["new"] == 0
