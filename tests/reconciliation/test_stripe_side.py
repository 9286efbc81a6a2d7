"""Stripe and the books: what agrees is clean, what does not has its name, and what was missed is mended."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from fundraise import faults, plain
from fundraise.differences.tables import Difference
from fundraise.flows.payout import book_payout
from fundraise.flows.reconcile import Outcome, reconcile_all
from fundraise.ledger.accounts import Account
from fundraise.payments import AccountKey, BalanceTransaction
from fundraise.reconciliation.tables import ReconciliationRun, RollForward, RunState
from fundraise.settlements.tables import PayoutRow
from fundraise.stripe_accounts.questions import key_of
from fundraise.stripe_accounts.tables import StripeAccount
from tests.stories.test_moments_of_money import charge_of
from tests.world import World


def run(world: World) -> Outcome:
    (outcome,) = reconcile_all(world.parts, by="test")
    return outcome


def differences(world: World, state: str = "open") -> dict[str, list[str]]:
    with world.parts.db.read() as session:
        found: dict[str, list[str]] = {}
        for difference in session.exec(select(Difference).where(Difference.state == state)):
            found.setdefault(difference.code, []).append(difference.object_id)
        return found


def rolled(world: World) -> dict[str, Any]:
    with world.parts.db.read() as session:
        rows = session.exec(select(RollForward).order_by(RollForward.id)).all()
        return {row.currency: row for row in rows}


def counts(world: World) -> dict[str, int]:
    with world.parts.db.read() as session:
        last = session.exec(select(ReconciliationRun).order_by(ReconciliationRun.id.desc())).first()
        assert last is not None
        return dict(json.loads(last.counts))


def lose_all_news(world: World) -> None:
    world.sandbox.take_due_deliveries()


def test_a_quiet_account_is_clean(shelter: World) -> None:
    assert run(shelter).state is RunState.CLEAN


def test_an_ordinary_week_is_clean_and_rolls_forward(shelter: World) -> None:
    gifts = [shelter.paid_gift(str(amount)) for amount in (10, 20, 30)]
    assert run(shelter).state is RunState.CLEAN
    shelter.advance(days=8)
    shelter.sandbox.control("refund", {"charge": charge_of(shelter, gifts[0].session), "amount": 300})
    shelter.advance(days=8)
    shelter.sandbox.control("payout", {"currency": "gbp"})
    shelter.settle()
    shelter.advance(days=4)
    shelter.settle()
    run(shelter)
    assert differences(shelter) == {}
    pounds = rolled(shelter)["GBP"]
    assert (
        pounds.opening_minor + pounds.movements_minor
        == pounds.closing_minor
        == pounds.stripe_minor
        == pounds.ledger_minor
    )


def test_what_no_webhook_brought_is_mended_and_named(shelter: World) -> None:
    heard = shelter.paid_gift("50")
    shelter.advance(days=8)
    shelter.settle()
    unheard = shelter.give(amount="20")
    shelter.pay(unheard)
    shelter.sandbox.control("refund", {"charge": charge_of(shelter, heard.session), "amount": 1000})
    shelter.advance(60)
    lose_all_news(shelter)
    outcome = run(shelter)
    assert outcome.state is RunState.CLEAN
    assert set(differences(shelter, "fixed")) == {"MISSING_WEBHOOK", "REFUND_NOT_RECORDED"}
    assert shelter.total_minor() == 6000
    assert counts(shelter)["mended"] == 2
    assert run(shelter).state is RunState.CLEAN


def test_many_that_no_webhook_brought_are_all_mended_by_one_run(
    shelter: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fundraise.flows.reconcile.heal._AT_ONCE", 2)
    for _ in range(5):
        shelter.pay(shelter.give(amount="20"))
    shelter.advance(60)
    lose_all_news(shelter)
    assert run(shelter).state is RunState.CLEAN
    assert (shelter.total_minor(), counts(shelter)["mended"], counts(shelter)["booked in suspense"]) == (10000, 5, 0)


def test_a_refund_made_while_something_is_mended_is_mended_too(shelter: World) -> None:
    heard = shelter.paid_gift("50")
    shelter.advance(days=8)
    shelter.settle()
    shelter.pay(shelter.give(amount="20"))
    shelter.advance(60)
    lose_all_news(shelter)
    charge = charge_of(shelter, heard.session)
    refunded = []

    def refund_meanwhile(point: str) -> None:
        if point == "reconcile: mended: after commit" and not refunded:
            refunded.append(point)
            shelter.sandbox.control("refund", {"charge": charge, "amount": 1000})

    with faults.listening(refund_meanwhile):
        run(shelter)
    lose_all_news(shelter)
    run(shelter)
    assert refunded
    assert (shelter.total_minor(), differences(shelter)) == (6000, {})


def test_a_dispute_nobody_heard_of_is_mended_and_stays_open_until_decided(shelter: World) -> None:
    shelter.paid_gift("100")
    gift = shelter.paid_gift("50")
    shelter.sandbox.control("dispute", {"do": "open", "charge": charge_of(shelter, gift.session)})
    shelter.advance(60)
    lose_all_news(shelter)
    assert run(shelter).state is RunState.DIFFERENCES
    assert set(differences(shelter)) == {"DISPUTE_OPEN"}
    assert set(differences(shelter, "fixed")) == {"DISPUTE_NOT_RECORDED"}
    shelter.sandbox.control("dispute", {"do": "win", "charge": charge_of(shelter, gift.session)})
    shelter.advance(60)
    lose_all_news(shelter)
    assert run(shelter).state is RunState.CLEAN
    assert shelter.total_minor() == 15000


def test_an_inquiry_nobody_heard_of_is_found_although_it_moves_no_money(shelter: World) -> None:
    gift = shelter.paid_gift("50")
    shelter.sandbox.control("dispute", {"do": "inquiry", "charge": charge_of(shelter, gift.session)})
    shelter.advance(60)
    lose_all_news(shelter)
    assert run(shelter).state is RunState.DIFFERENCES
    assert set(differences(shelter)) == {"DISPUTE_OPEN"}
    assert set(differences(shelter, "fixed")) == {"DISPUTE_NOT_RECORDED"}
    assert run(shelter).state is RunState.DIFFERENCES
    assert counts(shelter)["mended"] == 0
    assert shelter.total_minor() == 5000


def test_a_payment_of_another_program_is_named_and_booked_in_suspense(shelter: World) -> None:
    shelter.paid_gift("50")
    shelter.sandbox.control("external-charge", {"amount": 1234, "currency": "gbp"})
    shelter.settle()
    assert run(shelter).state is RunState.DIFFERENCES
    assert set(differences(shelter)) == {"ORPHAN_CHARGE"}
    assert shelter.total_minor() == 5000
    assert shelter.balances()["2900", "GBP"] == -1234
    again = run(shelter)
    assert again.open_differences == 1
    assert shelter.balances()["2900", "GBP"] == -1234


def test_a_payment_in_suspense_that_turns_out_to_be_a_gift_is_taken_out_again(shelter: World) -> None:
    gift = shelter.give(amount="20")
    paid = shelter.pay(gift)
    shelter.advance(60)
    lose_all_news(shelter)
    reference = shelter.stripe_object("payment_intents", paid["payment_intent"])["metadata"]["donation_id"]
    with shelter.parts.db.write("test") as session:  # As if the gift's row had not been there yet.
        session.execute(text("UPDATE donation SET ref = 'elsewhere', payment_id = NULL"))
    assert run(shelter).state is RunState.DIFFERENCES
    assert shelter.balances()["2900", "GBP"] == -2000
    with shelter.parts.db.write("test") as session:
        session.execute(text("UPDATE donation SET ref = :ref"), {"ref": reference})
    shelter.donor.get(gift.page + "/thanks")
    assert shelter.total_minor() == 2000
    assert ("2900", "GBP") not in shelter.balances()
    assert run(shelter).state is RunState.CLEAN


def test_stripes_own_fees_are_card_fees_and_somebody_is_to_say_what_for(shelter: World) -> None:
    shelter.paid_gift("50")
    shelter.sandbox.control("stripe-fee", {"amount": 150, "currency": "gbp", "description": "Radar"})
    shelter.settle()
    assert run(shelter).state is RunState.DIFFERENCES
    assert set(differences(shelter)) == {"FEE_UNALLOCATED"}
    assert shelter.balances()["5110", "GBP"] == 95 + 150


def test_a_payout_that_failed_after_it_was_paid_is_named(shelter: World) -> None:
    shelter.paid_gift("50")
    shelter.advance(days=8)
    payout = shelter.sandbox.control("payout", {"currency": "gbp"})
    shelter.advance(days=3)
    shelter.settle()
    assert run(shelter).state is RunState.CLEAN
    shelter.sandbox.control("payout-fail", {"payout": payout["id"]})
    shelter.advance(60)
    lose_all_news(shelter)
    assert run(shelter).state is RunState.DIFFERENCES
    assert differences(shelter) == {"PAYOUT_PAID_THEN_FAILED": [payout["id"]]}
    assert shelter.balances()["1110", "GBP"] == 4905


def test_history_from_before_we_were_connected_is_an_opening_balance_to_be_explained(world: World) -> None:
    body = world.body()
    made = world.account(body)
    world.sandbox.control("external-charge", {"account": made["id"], "amount": 5000, "currency": "gbp"})
    world.advance(days=10)
    world.campaign(body)
    with world.parts.db.write("test") as session:
        session.execute(
            text("UPDATE stripe_account SET created_at = :now"),
            {"now": world.now().replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")},
        )
    lose_all_news(world)
    world.paid_gift("20")
    assert run(world).state is RunState.DIFFERENCES
    assert set(differences(world)) == {"OPENING_BALANCE"}
    pounds = rolled(world)["GBP"]
    assert pounds.opening_minor == 4905
    assert pounds.closing_minor == pounds.stripe_minor


def test_who_asks_for_a_later_day_leaves_no_hole(shelter: World) -> None:
    shelter.paid_gift("50")
    run(shelter)
    shelter.advance(days=1)
    shelter.sandbox.control("external-charge", {"amount": 1234, "currency": "gbp"})
    shelter.advance(days=10)
    lose_all_news(shelter)
    reconcile_all(shelter.parts, by="the command line", since=shelter.now() - timedelta(days=1))
    assert set(differences(shelter)) == {"ORPHAN_CHARGE"}


def test_a_clock_that_was_ahead_keeps_no_later_run_from_looking(shelter: World) -> None:
    shelter.paid_gift("50")
    run(shelter)
    with shelter.parts.db.write("test") as session:
        ahead = plain.at(session, shelter.now() + timedelta(days=400))
        session.execute(text("UPDATE reconciliation_run SET until = :ahead"), {"ahead": ahead})
    shelter.advance(days=1)
    shelter.sandbox.control("external-charge", {"amount": 1234, "currency": "gbp"})
    shelter.advance(60)
    lose_all_news(shelter)
    run(shelter)
    assert set(differences(shelter)) == {"ORPHAN_CHARGE"}


def test_who_asks_for_a_day_before_the_first_run_gets_what_came_since(world: World) -> None:
    account = world.account(world.body())
    began = world.now()
    world.sandbox.control("external-charge", {"account": account["id"], "amount": 5000, "currency": "gbp"})
    world.advance(days=10)
    with world.parts.db.write("test") as session:
        session.execute(text("UPDATE stripe_account SET created_at = :now"), {"now": plain.at(session, world.now())})
    lose_all_news(world)
    run(world)
    assert set(differences(world)) == {"OPENING_BALANCE"}
    reconcile_all(world.parts, by="the command line", since=began - timedelta(days=1))
    run(world)
    assert set(differences(world)) == {"OPENING_BALANCE"}


def test_a_currency_that_the_first_run_did_not_see_began_at_nothing(
    shelter: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelter.paid_gift("50")
    run(shelter)
    for minor in (500, 700):
        row = {"type": "topup", "category": "topup", "amount": minor, "currency": "eur"}
        shelter.sandbox.control("balance-row", row)
    lose_all_news(shelter)
    listed = shelter.parts.payments.transactions

    def one_late(key: AccountKey, since: datetime) -> Iterator[BalanceTransaction]:
        return (row for row in listed(key, since) if row.amount_minor != 700)

    with monkeypatch.context() as patched:
        patched.setattr(shelter.parts.payments, "transactions", one_late)
        run(shelter)
        assert "ROLLFORWARD_BREAK" in differences(shelter)
    run(shelter)
    assert not {"ROLLFORWARD_BREAK", "OPENING_BALANCE"} & set(differences(shelter))


def test_what_came_back_of_a_payout_is_between_stripe_and_the_bank_once(shelter: World) -> None:
    shelter.paid_gift("50")
    shelter.advance(days=8)
    shelter.sandbox.control("payout", {"currency": "gbp"})
    shelter.advance(days=4)
    shelter.settle()
    assert run(shelter).state is RunState.CLEAN
    shelter.sandbox.control("discrepancy", {"code": "PAYOUT_REVERSED"})
    for _ in range(2):
        run(shelter)
        assert set(differences(shelter)) == {"PAYOUT_REVERSED"}
        assert rolled(shelter)["GBP"].ledger_minor == 4905
        assert shelter.balances().get((Account.PAYOUTS_IN_TRANSIT, "GBP"), 0) == 0
    with shelter.parts.db.read() as session:
        payout_id = session.exec(select(PayoutRow.stripe_id)).one()
    payout = shelter.parts.payments.payout(key_of_shelter(shelter), payout_id)
    with shelter.parts.db.write("test") as session:  # The news that it failed comes later.
        account = session.exec(select(StripeAccount)).one()
        book_payout(session, account.id, replace(payout, state="failed"), None, shelter.now())
    assert shelter.balances().get((Account.PAYOUTS_IN_TRANSIT, "GBP"), 0) == 0


def key_of_shelter(world: World) -> AccountKey:
    with world.parts.db.read() as session:
        return key_of(session.exec(select(StripeAccount)).one(), world.parts.sealer)


def test_two_runs_at_once_both_end_well(shelter: World) -> None:
    for number in range(3):
        shelter.sandbox.control("external-charge", {"amount": 1234 + number, "currency": "gbp"})
    shelter.settle()

    def slowly(point: str) -> None:
        if point == "reconcile: conclude: before commit":
            time.sleep(0.5)

    with faults.listening(slowly), ThreadPoolExecutor(2) as threads:
        runs = [threads.submit(reconcile_all, shelter.parts, by="test") for _ in range(2)]
        outcomes = [outcome for each in runs for outcome in each.result()]
    assert [(outcome.state, outcome.open_differences) for outcome in outcomes] == [(RunState.DIFFERENCES, 3)] * 2


def test_a_movement_that_disappears_breaks_the_roll_forward(shelter: World) -> None:
    shelter.paid_gift("50")
    assert run(shelter).state is RunState.CLEAN
    with shelter.parts.db.write("test") as session:
        session.execute(text("UPDATE balance_transaction SET net_minor = net_minor + 1, fee_minor = fee_minor - 1"))
    assert run(shelter).state is RunState.DIFFERENCES
    assert {"ROLLFORWARD_BREAK", "LEDGER_DIFFERS", "FEE_BREAKDOWN"} <= set(differences(shelter))


def test_stripe_away_is_a_failed_run_and_the_next_one_goes_on_from_before(shelter: World) -> None:
    shelter.paid_gift("50")
    shelter.sandbox.control("fault", {"kind": "status", "status": 500, "times": 1000})
    outcome = run(shelter)
    assert outcome.state is RunState.FAILED
    assert outcome.error
    shelter.sandbox.control("fault", {"clear": True})
    shelter.advance(days=20)
    assert run(shelter).state is RunState.CLEAN


def test_what_a_person_explained_stays_explained_until_it_changes(shelter: World) -> None:
    shelter.sandbox.control("external-charge", {"amount": 1234, "currency": "gbp"})
    shelter.settle()
    run(shelter)
    with shelter.parts.db.write("test") as session:
        session.execute(text("UPDATE difference SET state = 'explained', note = 'the bar takings'"))
    assert run(shelter).state is RunState.CLEAN
    assert set(differences(shelter, "explained")) == {"ORPHAN_CHARGE"}


@pytest.mark.parametrize("column", ["net_minor", "amount_minor", "fee_parts_minor"])
def test_one_minor_unit_is_enough_to_be_named(shelter: World, column: str) -> None:
    shelter.paid_gift("50")
    run(shelter)
    with shelter.parts.db.write("test") as session:
        session.execute(text(f"UPDATE balance_transaction SET {column} = {column} + 1"))
    assert run(shelter).open_differences > 0


def test_what_could_not_be_looked_behind_is_looked_behind_again(
    shelter: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelter.pay(shelter.give(amount="20"))
    shelter.advance(60)
    lose_all_news(shelter)

    def breaks(*_: object) -> str:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("fundraise.flows.reconcile.heal.settle", breaks)
        run(shelter)
        assert set(differences(shelter)) == {"ORPHAN_CHARGE"}
    assert shelter.total_minor() == 0
    assert run(shelter).state is RunState.CLEAN
    assert shelter.total_minor() == 2000
    assert shelter.balances().get((Account.SUSPENSE_RECEIPTS, "GBP"), 0) == 0
