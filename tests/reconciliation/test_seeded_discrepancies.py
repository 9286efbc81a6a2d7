"""Each discrepancy that the local Stripe makes on request is found under its name, or is none for us, as said here."""

import pytest

from fundraise.flows.reconcile import reconcile_all
from fundraise.reconciliation.tables import RunState
from fundraise.sandbox import ControlError
from fundraise.sandbox.control.discrepancies import DAYS, RECIPES, REFUSED
from tests.reconciliation.test_random_sequences import found
from tests.world import World

# Why these open no difference of their own name: flows/reconcile/questions.py.
NONE_FOR_US = {"DUPLICATE_EVENT", "DISPUTE_FEE", "DISPUTE_WON", "DISPUTE_LOST", "METADATA_LOST", "PAYOUT_IN_TRANSIT"}
# What else has a name then, and rightly.
BESIDE = {
    "BALANCE_NEGATIVE": {"FEE_UNALLOCATED"},
    "DELAYED_PAYMENT_FAILED": {"MISSING_WEBHOOK"},
    "DISPUTE_FEE": {"DISPUTE_OPEN"},
    "DISPUTE_NOT_RECORDED": {"DISPUTE_OPEN"},
    "PAYOUT_NEGATIVE": {"FEE_UNALLOCATED"},
}


# Codes that can be told from a mere delay after as many days come about side by side, each on an account of its own.
TOGETHER = {
    days: [code for code in RECIPES if DAYS.get(code, 0) == days]
    for days in sorted({DAYS.get(code, 0) for code in RECIPES})
}


def slug_of(code: str) -> str:
    return code.lower().replace("_", "-")


def make_ready(world: World, codes: list[str]) -> None:
    """Let each have an account with a payout that arrived, gifts that can go back, and an open page."""
    slugs = [slug_of(code) for code in codes]
    for slug in [*slugs, "network"]:
        body = world.body(slug)
        world.account(body)
        world.campaign(body, slug=slug, gift_currencies="GBP,USD")
    world.paid_gift("50", slug="network")
    give_to_each(world, slugs, "100")
    for slug in slugs:
        world.sandbox.control("payout", {"account": world.accounts[slug]["id"]})
    world.advance(days=3)
    world.settle()
    give_to_each(world, slugs, "100", "40")
    assert {outcome.state for outcome in reconcile_all(world.parts, by="test")} == {RunState.CLEAN}


def give_to_each(world: World, slugs: list[str], *amounts: str) -> None:
    """Let gifts be paid, and eight days pass in which they become available."""
    for slug in slugs:
        for amount in amounts:
            world.pay(world.give(slug, amount=amount))
    world.settle()
    world.advance(days=8)
    world.settle()


def names(world: World) -> dict[str, set[str]]:
    """Return what has a name, by account."""
    return {slug: set(codes) for slug, codes in found(world).items()}


@pytest.mark.parametrize("days", TOGETHER)
def test_what_is_seeded_is_found_by_its_name(world: World, days: int) -> None:
    codes = TOGETHER[days]
    make_ready(world, codes)
    for code in codes:
        slug = slug_of(code)
        world.give(slug, amount="20", currency="USD" if code.startswith("FX_") else "GBP")
        made = world.sandbox.control("discrepancy", {"code": code, "account": world.accounts[slug]["id"]})
        assert made["days"] == days
    world.settle()
    world.advance(days=days)
    world.settle()
    reconcile_all(world.parts, by="test")
    expected = {slug_of(code): BESIDE.get(code, set()) | ({code} - NONE_FOR_US) for code in codes}
    assert names(world) == {slug: codes for slug, codes in expected.items() if codes}
    if "METADATA_LOST" in codes:
        assert world.total_minor(slug_of("METADATA_LOST")) == 24_000 + 2_000  # It is joined by the page it was paid on.


@pytest.mark.parametrize("code", REFUSED)
def test_what_stripe_cannot_get_wrong_is_refused_in_words(world: World, code: str) -> None:
    with pytest.raises(ControlError, match=f"{code} cannot be made at Stripe: .+"):
        world.sandbox.control("discrepancy", {"code": code})


def test_unknown_codes_are_refused_with_the_known_ones(world: World) -> None:
    with pytest.raises(ControlError, match="no such discrepancy: NONSENSE; known are ACCOUNT_MIX, AMOUNT_MISMATCH"):
        world.sandbox.control("discrepancy", {"code": "NONSENSE"})
    assert set(world.sandbox.control("discrepancy")["codes"]) == {*RECIPES, *REFUSED}
