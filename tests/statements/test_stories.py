"""Whole stories: gifts, a payout at Stripe, the bank's file of it, and books in which nothing is in transit."""

import pytest

from fundraise.flows.bank_accounts import add_bank_account
from fundraise.flows.import_statement import StatementRefused
from fundraise.flows.match_by_hand import match_with_payout
from fundraise.flows.reconcile import reconcile_all
from tests.reconciliation.test_stripe_side import differences
from tests.statements.teller import Teller
from tests.world import World


def paid_out(teller: Teller, amount: str = "50") -> str:
    """Give, and let Stripe send it to the bank."""
    world = teller.world
    world.paid_gift(amount)
    world.advance(days=8)
    payout = world.sandbox.control("payout", {"currency": "gbp"})
    world.advance(days=4)
    world.settle()
    return str(payout["id"])


def bank_file(teller: Teller, kind: str, **more: str) -> bytes:
    return str(teller.world.sandbox.control("bank-statement", {"format": kind, **more})["content"]).encode()


@pytest.mark.parametrize("kind", ["camt.053", "csv"])
def test_from_the_gift_to_the_bank(teller: Teller, kind: str) -> None:
    paid_out(teller)
    assert teller.in_transit == 4905
    done = teller.bring(bank_file(teller, kind), f"november.{kind}", in_child=True)
    assert (done.new, done.matched, done.warnings, done.notes) == (1, {"matched": 1}, (), ())
    assert teller.world.balances() == {("1010", "GBP"): 4905, ("5110", "GBP"): 95, ("4110", "GBP"): -5000}
    again = teller.bring(bank_file(teller, kind), "once more", in_child=True)
    assert (again.new, again.matched) == (0, {})
    (outcome,) = reconcile_all(teller.world.parts, by="test")
    assert differences(teller.world) == {}
    assert outcome.state == "clean"


def test_both_formats_of_one_month_are_not_both_taken_unawares(teller: Teller) -> None:
    paid_out(teller)
    teller.bring(bank_file(teller, "camt.053"))
    with pytest.raises(StatementRefused, match="1 new line has the day and amount of a line that came in another file"):
        teller.bring(bank_file(teller, "csv"))
    assert len(teller.lines()) == 1


def test_month_after_month(teller: Teller) -> None:
    began = teller.world.now().date()
    for _ in range(3):
        first = teller.world.now().date()
        paid_out(teller, "20")
        last = teller.world.now().date()
        done = teller.bring(bank_file(teller, "camt.053", **{"from": str(first), "to": str(last)}))
        assert (done.matched, done.warnings) == ({"matched": 1}, ())
        teller.world.advance(days=1)
    everything = teller.bring(bank_file(teller, "camt.053", **{"from": str(began)}))
    assert (everything.lines, everything.new) == (3, 0)
    assert (teller.in_transit, teller.at_bank) == (0, 3 * (2000 - 50))


def test_a_payout_that_failed_after_it_was_paid_is_shown_and_its_return_matched(teller: Teller) -> None:
    world = teller.world
    payout = paid_out(teller)
    teller.bring(bank_file(teller, "camt.053"))
    world.sandbox.control("payout-fail", {"payout": payout})
    world.settle()
    done = teller.bring(bank_file(teller, "camt.053"))
    assert (done.new, done.matched) == (1, {})
    assert (teller.in_transit, teller.at_bank) == (-4905, 4905)
    reconcile_all(world.parts, by="test")
    assert payout in differences(world)["BANK_MATCH_OF_FAILED_PAYOUT"]
    (match,) = teller.matches()
    assert match.payout_id is not None
    match_with_payout(world.parts, teller.line(-4905).id, match.payout_id, by="Priya")
    assert (teller.in_transit, teller.at_bank) == (0, 0)
    world.advance(days=1)
    world.sandbox.control("payout", {"currency": "gbp"})
    world.advance(days=4)
    world.settle()
    last = teller.bring(bank_file(teller, "camt.053"))
    assert (last.new, last.matched) == (1, {"matched": 1})
    assert (teller.in_transit, teller.at_bank) == (0, 4905)


def test_money_that_stripe_takes_from_the_bank(world: World) -> None:
    body = world.body()
    world.account(body, payouts="daily")
    world.campaign(body)
    teller = Teller(world, add_bank_account(world.parts, name="current", body_slug="shelter", currency="GBP"))
    world.paid_gift("50")
    world.advance(days=10)
    world.settle()
    (charge,) = [row["data"]["object"]["id"] for row in world.events("charge.succeeded")]
    world.sandbox.control("dispute", {"do": "open", "charge": charge})
    world.advance(days=6)
    world.settle()
    done = teller.bring(bank_file(teller, "camt.053"))
    assert done.matched == {"matched": 2}
    assert [line.minor for line in teller.lines()] == [4905, -7000]
    assert (teller.in_transit, teller.at_bank) == (0, 4905 - 7000)
