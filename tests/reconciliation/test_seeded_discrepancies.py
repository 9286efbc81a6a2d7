"""Each discrepancy that the local Stripe makes on request is found under its name, or is none for us, as said here."""

from datetime import timedelta

import pytest
from sqlmodel import select

from fundraise.differences.tables import Difference
from fundraise.flows.reconcile import reconcile_all
from fundraise.reconciliation.tables import RunState
from fundraise.sandbox import ControlError
from fundraise.sandbox.control.discrepancies import RECIPES, REFUSED
from tests.world import World

# Why these open no difference of their own name: flows/reconcile/questions.py.
NONE_FOR_US = {"DUPLICATE_EVENT", "DISPUTE_FEE", "DISPUTE_WON", "DISPUTE_LOST", "METADATA_LOST", "PAYOUT_IN_TRANSIT"}
# What else has a name then, and rightly.
BESIDE = {
    "BALANCE_NEGATIVE": {"FEE_UNALLOCATED"},
    "DELAYED_PAYMENT_FAILED": {"MISSING_WEBHOOK"},
    "DISPUTE_FEE": {"DISPUTE_OPEN"},
    "DISPUTE_NOT_RECORDED": {"DISPUTE_OPEN"},
    "PAYOUT_REVERSED": {"LEDGER_DIFFERS"},
    "PAYOUT_NEGATIVE": {"FEE_UNALLOCATED"},
}


def names(world: World) -> set[str]:
    with world.parts.db.read() as session:
        return {difference.code for difference in session.exec(select(Difference))}


@pytest.fixture
def ready(world: World) -> World:
    """An account with a payout that arrived, a gift that can go back, and an open page; and one of another charity."""
    shelter, network = world.body(), world.body("network")
    world.account(shelter)
    world.account(network)
    world.campaign(shelter, gift_currencies="GBP,USD")
    world.campaign(network, slug="network")
    world.paid_gift("50", slug="network")
    world.paid_gift("100")
    world.advance(days=8)
    world.settle()
    world.sandbox.control("payout", {"account": world.accounts["shelter"]["id"]})
    world.advance(days=3)
    world.settle()
    world.paid_gift("100")
    world.paid_gift("40")
    world.advance(days=8)
    world.settle()
    assert {outcome.state for outcome in reconcile_all(world.parts, by="test")} == {RunState.CLEAN}
    return world


@pytest.mark.parametrize("code", RECIPES)
def test_what_is_seeded_is_found_by_its_name(ready: World, code: str) -> None:
    ready.give(amount="20", currency="USD" if code.startswith("FX_") else "GBP")
    made = ready.sandbox.control("discrepancy", {"code": code, "account": ready.accounts["shelter"]["id"]})
    ready.settle()
    ready.advance(timedelta(days=made["days"]).total_seconds())
    ready.settle()
    reconcile_all(ready.parts, by="test")
    if code == "METADATA_LOST":
        assert ready.total_minor() == 24_000 + 2_000  # It is joined by the page it was paid on.
    expected = BESIDE.get(code, set()) | (set() if code in NONE_FOR_US else {code})
    assert names(ready) == expected


@pytest.mark.parametrize("code", REFUSED)
def test_what_stripe_cannot_get_wrong_is_refused_in_words(world: World, code: str) -> None:
    with pytest.raises(ControlError, match=f"{code} cannot be made at Stripe: .+"):
        world.sandbox.control("discrepancy", {"code": code})


def test_unknown_codes_are_refused_with_the_known_ones(world: World) -> None:
    with pytest.raises(ControlError, match="no such discrepancy: NONSENSE; known are ACCOUNT_MIX, AMOUNT_MISMATCH"):
        world.sandbox.control("discrepancy", {"code": "NONSENSE"})
    assert set(world.sandbox.control("discrepancy")["codes"]) == {*RECIPES, *REFUSED}
