"""A run compares while donors give and payouts leave: what happens meanwhile is in it whole, or in the next one.

Each moment here is one at which the web processes may settle something between two looks of the run.
"""

import importlib
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from fundraise.differences.rules import find
from fundraise.payments import AccountKey, BalanceTransaction
from fundraise.reconciliation.tables import RunState
from fundraise.stripe_accounts.tables import StripeAccount
from tests.reconciliation.test_stripe_side import counts, differences, lose_all_news, rolled, run
from tests.world import World

ALL_AGREES = {"opening_minor": 0, "movements_minor": 4905, "stripe_minor": 4905, "ledger_minor": 4905}


def meanwhile(patched: pytest.MonkeyPatch, where: str, happens: Callable[[], object]) -> None:
    """Let something happen once, right before the run comes to the function of this name."""
    module, _, name = where.rpartition(".")
    usual = getattr(importlib.import_module(module), name)
    left = [happens]

    def after_it(*args: Any, **named: Any) -> Any:
        if left:
            left.pop()()
        return usual(*args, **named)

    patched.setattr(where, after_it)


RECONCILE = "fundraise.flows.reconcile"
MOMENTS = [
    f"{RECONCILE}.story.heal",
    f"{RECONCILE}.story.match_payouts",
    f"{RECONCILE}.story.roll",
    f"{RECONCILE}.roll_forward._ledger",
    f"{RECONCILE}.story.compare",
]


@pytest.mark.parametrize("where", MOMENTS)
@pytest.mark.parametrize("which", ["first run", "later run"])
def test_a_gift_that_is_settled_while_a_run_compares_changes_nothing_it_finds(
    shelter: World, monkeypatch: pytest.MonkeyPatch, where: str, which: str
) -> None:
    shelter.paid_gift("50")
    if which == "later run":
        run(shelter)
    with monkeypatch.context() as patched:
        meanwhile(patched, where, lambda: shelter.paid_gift("20"))
        assert run(shelter).state is RunState.CLEAN
    row = rolled(shelter)["GBP"]
    assert {name: getattr(row, name) for name in ALL_AGREES} == ALL_AGREES
    assert run(shelter).state is RunState.CLEAN
    assert rolled(shelter)["GBP"].stripe_minor == 4905 + 1950


def test_control_without_the_last_row_a_gift_settled_meanwhile_is_taken_for_a_difference(
    shelter: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{RECONCILE}.fetch._last_row", lambda *_: sys.maxsize)
    meanwhile(monkeypatch, f"{RECONCILE}.story.match_payouts", lambda: shelter.paid_gift("20"))
    run(shelter)
    assert differences(shelter) == {"OPENING_BALANCE": ["GBP"]}


@pytest.mark.parametrize("where", MOMENTS)
def test_a_payout_that_is_sent_while_a_run_compares_changes_nothing_it_finds(
    shelter: World, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    shelter.paid_gift("50")
    shelter.advance(days=4)
    shelter.settle()
    with monkeypatch.context() as patched:

        def sent() -> None:
            shelter.sandbox.control("payout", {"currency": "gbp"})
            shelter.settle()

        meanwhile(patched, where, sent)
        assert run(shelter).state is RunState.CLEAN
    row = rolled(shelter)["GBP"]
    assert {name: getattr(row, name) for name in ALL_AGREES} == ALL_AGREES
    assert run(shelter).state is RunState.CLEAN
    assert rolled(shelter)["GBP"].ledger_minor == 0


def test_a_payout_that_nobody_heard_of_is_booked_in_the_run_that_lists_its_row(
    shelter: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelter.paid_gift("50")
    shelter.advance(days=4)
    with monkeypatch.context() as patched:

        def sent() -> None:
            shelter.sandbox.control("payout", {"currency": "gbp"})
            lose_all_news(shelter)

        meanwhile(patched, f"{RECONCILE}.fetch._keep_transactions", sent)
        assert run(shelter).state is RunState.CLEAN
    assert rolled(shelter)["GBP"].ledger_minor == 0


def test_a_balance_that_always_moves_is_still_compared(shelter: World, monkeypatch: pytest.MonkeyPatch) -> None:
    listed, rounds = shelter.parts.payments.transactions, []

    def and_one_more(key: AccountKey, since: datetime) -> Iterator[BalanceTransaction]:
        rows = list(listed(key, since))
        rounds.append(since)
        if len(rounds) < 6:
            shelter.paid_gift("50")
        return iter(rows)

    monkeypatch.setattr(shelter.parts.payments, "transactions", and_one_more)
    assert run(shelter).state is RunState.CLEAN
    assert rolled(shelter)["GBP"].stripe_minor == 5 * 4905
    assert all(later - rounds[0] > timedelta(days=2) for later in rounds[1:])  # Only what is new is listed once more.


def test_a_run_that_ended_meanwhile_is_looked_behind(shelter: World, monkeypatch: pytest.MonkeyPatch) -> None:
    shelter.sandbox.control("external-charge", {"amount": 1234, "currency": "gbp"})
    shelter.settle()
    with monkeypatch.context() as patched:
        meanwhile(patched, f"{RECONCILE}.story._write_down", lambda: run(shelter))
        assert run(shelter).state is RunState.DIFFERENCES
    assert counts(shelter)["new"] == 0
    assert differences(shelter)["ORPHAN_CHARGE"]


def test_what_others_open_while_a_run_compares_is_not_called_fixed(
    shelter: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opens() -> None:
        with shelter.parts.db.write("test") as session:
            account = session.exec(select(StripeAccount)).one()
            find(session, account.id, "CONTROL_TOTAL", "x", amount=None, detail="", now=shelter.now())

    meanwhile(monkeypatch, f"{RECONCILE}.story._write_down", opens)
    run(shelter)
    assert differences(shelter) == {"CONTROL_TOTAL": ["x"]}
