"""The page of today: each thing that needs a person is there by name, counted in the menu, and gone when it is done."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import select

from fundraise.differences.tables import Difference
from fundraise.figures import waiting
from fundraise.flows.bank_accounts import add_bank_account
from fundraise.flows.import_statement import Upload, import_statement
from fundraise.jobs.timetable import TIMETABLE
from fundraise.partners.tables import Partner, PartnerReport
from fundraise.reconciliation.tables import ReconciliationRun
from tests.staff.office import Office
from tests.staff.test_jobs_pages import menu_count, run_all
from tests.statements.bank_files import Movement, camt053, reader
from tests.world import World

pytestmark = pytest.mark.pages


def difference(world: World, code: str, minor: int, *, object_id: str = "ch_1", **more: Any) -> None:
    now = world.now()
    with world.parts.db.write("test") as session:
        session.add(
            Difference(
                stripe_account_id=1,
                code=code,
                object_id=object_id,
                minor=minor,
                currency="GBP",
                first_seen_at=now - timedelta(days=2),
                last_seen_at=now,
                **more,
            )
        )


def report(world: World, state: str) -> None:
    now = world.now()
    with world.parts.db.write("test") as session:
        partner = Partner(ref=state, slug=state, appeal_id=1, name=state, currency="EUR", created_at=now)
        session.add(partner)
        session.flush()
        session.add(
            PartnerReport(
                partner_id=partner.id, stage="collected", amount_minor=100, currency="EUR", as_of=date(2026, 11, 1),
                gross_or_net="gross", gift_aid="none", our_transfers="none", came_by="link", raw=b"{}",
                raw_sha256="0" * 64, submitted_at=now, state=state,
            )
        )  # fmt: skip


def test_when_all_is_well_it_says_so_in_one_green_line(at_shelter: Office) -> None:
    run_all(at_shelter)
    page = at_shelter.open("/staff").text
    assert "Nothing needs you." in page
    assert (
        f"The books agree with themselves (just now); all {len(TIMETABLE)} jobs are on time; 1 Stripe account" in page
    )
    assert "menu-count" not in page


def test_each_thing_that_needs_a_person_is_there_and_counted(at_shelter: Office) -> None:
    world = at_shelter.world
    run_all(at_shelter)
    world.give(amount="20")
    difference(world, "AMOUNT_MISMATCH", 1500, donation_id=1)
    difference(world, "PAYOUT_SUM", -1240, object_id="po_1")
    difference(world, "ARITHMETIC", 5, object_id="txn_1")
    difference(world, "PAYOUT_SUM", 900, object_id="po_2", state="fixed", closed_at=world.now())
    report(world, "held")
    report(world, "received")
    report(world, "rejected")
    add_bank_account(world.parts, name="current", body_slug="shelter", currency="GBP")
    lines = camt053([Movement(date(2026, 11, 20), 120_410, "STRIPE PAYOUT"), Movement(date(2026, 11, 20), 500, "Rent")])
    import_statement(world.parts, Upload("current", "november.xml", lines, "test"), reader=reader)

    page = at_shelter.open("/staff").text
    for words in (
        "5 things need you, £27.45 unexplained, oldest 2 days.",
        "1 payment differs from its gift",
        "2 differences between Stripe, the bank and the books",
        "1 line on a bank statement has no match with a payout",
        "£1,204.10",
        "1 partner’s report raises a question",
        "1 partner’s report waits to be accepted",
    ):
        assert words in page
    counts = {name: menu_count(at_shelter, name) for name in ("quarantine", "reconciliation", "statements", "partners")}
    assert counts == {"quarantine": "1", "reconciliation": "2", "statements": "1", "partners": "2"}
    assert menu_count(at_shelter, "jobs") == menu_count(at_shelter, "campaigns") == ""


def test_an_account_that_nobody_compared_lately_is_named(at_shelter: Office) -> None:
    world = at_shelter.world
    run_all(at_shelter)
    with world.parts.db.write("test") as session:
        for run in session.exec(select(ReconciliationRun)):
            run.finished_at -= timedelta(hours=40)
            session.add(run)
    page = at_shelter.open("/staff").text
    assert "Shelter’s Stripe account was not reconciled lately" in page
    assert "Not looked at lately" in page


def test_what_could_not_be_reconciled_says_why(at_shelter: Office) -> None:
    world = at_shelter.world
    now = world.now()
    with world.parts.db.write("test") as session:
        session.add(
            ReconciliationRun(
                stripe_account_id=1, since=now, until=now, started_at=now, finished_at=now, started_by="test",
                state="failed", error="Stripe does not answer",
            )
        )  # fmt: skip
    page = at_shelter.open("/staff").text
    assert "Shelter’s Stripe account could not be reconciled" in page
    assert "Stripe does not answer" in page


def test_the_menu_asks_few_questions_and_each_finds_its_rows_by_an_index(at_shelter: Office) -> None:
    parts = at_shelter.world.parts
    asked: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        asked.append((statement, values))

    with parts.db.read() as session:
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", hear)
        waiting.waiting(session, [job.name for job in TIMETABLE])
        event.remove(connection, "before_cursor_execute", hear)
        assert 4 <= len(asked) <= 7
        if parts.db.dialect != "sqlite":
            return
        for statement, values in asked:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
            scans = [str(row[3]) for row in plan if str(row[3]).startswith("SCAN ")]
            assert not [scan for scan in scans if "job_run" in scan or "difference" in scan or "report" in scan], plan
