"""A reconciliation that somebody asks for: one process takes it, another takes over, and the command has its codes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlmodel import col, select
from typer.testing import CliRunner

from fundraise.cli import commands, reconciling
from fundraise.flows.ask_reconciliation import ask_for_reconciliation
from fundraise.flows.bank_accounts import add_bank_account
from fundraise.job_runs import JobRun, take
from fundraise.jobs.runner import asked_for, run_slot
from fundraise.jobs.timetable import job_named
from fundraise.parts import Parts
from fundraise.reconciliation.tables import ReconciliationRun
from tests.statements.teller import Teller
from tests.world import World

RECONCILE = job_named("reconcile")


def runs(world: World) -> list[str]:
    with world.parts.db.read() as session:
        return list(session.exec(select(ReconciliationRun.started_by).order_by(col(ReconciliationRun.id))))


def test_what_was_asked_for_is_run_once_whoever_looks(shelter: World) -> None:
    assert asked_for(shelter.parts, RECONCILE) is None
    assert ask_for_reconciliation(shelter.parts, by="Priya Raman")
    assert not ask_for_reconciliation(shelter.parts, by="Tom")
    slot = asked_for(shelter.parts, RECONCILE)
    assert slot is not None
    assert [run_slot(shelter.parts, RECONCILE, slot, owner) for owner in ("one", "two", "three")] == [
        True,
        False,
        False,
    ]
    assert runs(shelter) == ["Priya Raman"]
    assert asked_for(shelter.parts, RECONCILE) is None
    shelter.advance(1)
    assert ask_for_reconciliation(shelter.parts, by="Tom")


def test_a_run_whose_process_died_is_taken_over(shelter: World) -> None:
    ask_for_reconciliation(shelter.parts, by="Priya Raman")
    slot = asked_for(shelter.parts, RECONCILE)
    assert slot is not None
    assert take(shelter.parts.db, "reconcile", slot, "dies at once") is not None
    assert asked_for(shelter.parts, RECONCILE) is None
    assert not ask_for_reconciliation(shelter.parts, by="Tom")
    shelter.advance(timedelta(minutes=2).total_seconds())
    assert asked_for(shelter.parts, RECONCILE) == slot
    assert run_slot(shelter.parts, RECONCILE, slot, "another")
    assert runs(shelter) == ["Priya Raman"]
    with shelter.parts.db.read() as session:
        (run,) = session.exec(select(JobRun)).all()
        assert (run.attempt, run.finished_at is None) == (2, False)


def test_the_timetable_goes_on_beside_it(shelter: World) -> None:
    ask_for_reconciliation(shelter.parts, by="Priya Raman")
    slot = asked_for(shelter.parts, RECONCILE)
    assert slot is not None
    run_slot(shelter.parts, RECONCILE, slot, "one")
    shelter.advance(days=1)
    assert run_slot(shelter.parts, RECONCILE, RECONCILE.when.slot(shelter.now()), "one")
    assert runs(shelter) == ["Priya Raman", "the timetable"]


def test_the_command_matches_bank_lines_too_and_its_exit_code_says_how_it_went(
    shelter: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def opened() -> Iterator[Parts]:
        yield shelter.parts

    monkeypatch.setattr(reconciling, "opened", opened)

    def command() -> tuple[int, str]:
        done = CliRunner().invoke(commands(), ["reconcile", "--json"])
        (account,) = json.loads(done.stdout)["accounts"]
        return done.exit_code, account["state"]

    teller = Teller(shelter, add_bank_account(shelter.parts, name="current", body_slug="shelter", currency="GBP"))
    shelter.paid_gift("50")
    shelter.advance(days=8)
    shelter.sandbox.control("payout", {"currency": "gbp"})
    shelter.advance(days=4)
    shelter.sandbox.take_due_deliveries()
    raw = str(shelter.sandbox.control("bank-statement", {"format": "csv"})["content"]).encode()
    assert teller.bring(raw, "november.csv").matched == {}
    assert command() == (0, "clean")
    assert len(teller.matches()) == 1
    assert teller.bring(raw, "again.csv").new == 0
    shelter.sandbox.control("external-charge", {"amount": 1234, "currency": "gbp"})
    shelter.settle()
    assert command() == (1, "differences")
    shelter.sandbox.control("fault", {"kind": "status", "status": 500, "times": 1000})
    assert command() == (2, "failed")


def test_control_a_slot_without_its_lease_would_be_run_by_everyone(
    shelter: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_for_reconciliation(shelter.parts, by="Priya Raman")
    slot = asked_for(shelter.parts, RECONCILE)
    assert slot is not None
    monkeypatch.setattr("fundraise.job_runs._may_retake", lambda *_: True)
    monkeypatch.setattr("fundraise.job_runs.hold", lambda *_: None)
    for owner in ("one", "two"):
        run_slot(shelter.parts, RECONCILE, slot, owner)
    assert runs(shelter) == ["Priya Raman", "Priya Raman"]
