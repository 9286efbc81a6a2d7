"""While the books hold an entry that does not balance, no gift is taken nor settled; afterwards nothing is missing."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from fundraise.flows import money_doors
from fundraise.flows.bank_accounts import add_bank_account
from fundraise.flows.catch_up import catch_up
from fundraise.flows.follow_up import follow_up
from fundraise.flows.reconcile import reconcile_all
from fundraise.flows.sweep import sweep
from fundraise.jobs.check import BooksBroken
from fundraise.jobs.runner import Every, run_slot
from fundraise.jobs.timetable import TIMETABLE, job_named
from fundraise.ledger.balances import make_checkpoint
from fundraise.reconciliation.tables import RunState
from tests.ledger.test_check import BREAKS, refund_that_fails, seed
from tests.world import World, token_in

BREAK = BREAKS["unbalanced_entry"]
MEND = BREAK.replace("minor + 1", "minor - 1")


def check_by_the_timetable(world: World) -> str:
    """Let ten minutes pass and the check run; return the error its record holds."""
    world.advance(minutes=10)
    job = job_named("check")
    assert run_slot(world.parts, job, job.when.slot(world.now()), "test")
    with world.parts.db.read() as session:
        return str(
            session.execute(text("SELECT error FROM job_run WHERE job = 'check' ORDER BY slot DESC LIMIT 1")).scalar()
        )


def break_the_books(world: World) -> None:
    world.books_are_broken = True
    seed(world.settings, BREAK)
    assert "unbalanced_entry" in check_by_the_timetable(world)


def mend_the_books(world: World) -> None:
    seed_again(world)
    world.books_are_broken = False
    assert check_by_the_timetable(world) == ""


def seed_again(world: World) -> None:
    if world.parts.db.dialect == "sqlite":  # The triggers are gone since the books were broken.
        with world.parts.db.write("test") as session:
            session.execute(text(MEND))
    else:
        seed(world.settings, MEND)


def test_the_books_are_checked_every_ten_minutes() -> None:
    job = job_named(money_doors.CHECK)
    assert job in TIMETABLE
    assert isinstance(job.when, Every)
    assert job.when.seconds <= timedelta(minutes=10).total_seconds()
    assert f"{BooksBroken.__name__}: " == money_doors.BROKEN


@pytest.mark.parametrize("name", BREAKS)
def test_each_break_raises_its_alarm_by_the_timetable(
    shelter: World, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    gift = shelter.paid_gift("50")
    add_bank_account(shelter.parts, name="current", body_slug="shelter", currency="GBP")
    if name == "reversal_differs":
        refund_that_fails(shelter, gift.session)
    make_checkpoint(shelter.parts.db, least_lines=1)
    assert check_by_the_timetable(shelter) == ""
    seed(shelter.settings, BREAKS[name])
    shelter.books_are_broken = True
    assert f"{name}: " in check_by_the_timetable(shelter)
    assert any(name in record.getMessage() for record in caplog.records if record.levelname == "ERROR")


def test_gifts_are_not_taken_and_the_page_says_so(shelter: World) -> None:
    shelter.paid_gift("50")
    token = token_in(shelter.donor.get("/c/winter").text)
    before = shelter.give(amount="10")
    break_the_books(shelter)
    page = shelter.donor.get("/c/winter?fresh=1")
    assert page.status_code == 200
    assert "We are not taking gifts right now. Nothing was taken." in page.text
    assert '<form method="post" action="/c/winter/give"' not in page.text
    sent = shelter.send_form(amount="20", token=token)
    assert sent.status_code == 503
    assert "Nothing was taken" in sent.text
    assert not re.search(r"balanc|ledger|entry", sent.text)
    assert shelter.donor.post(f"{before.page}/pay").status_code == 303  # Its payment page is open already.
    with shelter.parts.db.read() as session:
        assert session.execute(text("SELECT COUNT(*) FROM donation")).scalar_one() == 2
    mend_the_books(shelter)
    assert "We are not taking" not in shelter.donor.get("/c/winter?fresh=1").text
    assert shelter.send_form(amount="20", token=token).status_code == 303


def test_nothing_is_settled_while_notices_are_kept_and_then_nothing_is_missing(shelter: World) -> None:
    shelter.paid_gift("50")
    gift = shelter.give(amount="10")
    break_the_books(shelter)
    shelter.pay(gift)
    shelter.advance(10)
    assert set(shelter.deliver()) == {200}
    kept = entries(shelter)
    assert follow_up(shelter.parts).total() == 0
    shelter.advance(minutes=20)
    assert sweep(shelter.parts).total() == 0
    assert catch_up(shelter.parts).total() == 0
    assert [outcome.state for outcome in reconcile_all(shelter.parts, by="test")] == [RunState.FAILED]
    assert 'data-state="confirming"' in shelter.donor.get(f"{gift.page}/thanks").text
    assert entries(shelter) == kept
    mend_the_books(shelter)
    shelter.hear()
    assert shelter.total_minor() == 6000


def test_a_finding_that_leaves_every_entry_balanced_stops_nobody(shelter: World) -> None:
    gift = shelter.paid_gift("50")
    seed(shelter.settings, BREAKS["receipts_with_gaps"])
    shelter.books_are_broken = True
    assert "receipts_with_gaps" in check_by_the_timetable(shelter)
    assert shelter.form(amount="20").status_code == 303
    assert shelter.donor.get(gift.page).status_code == 200


def test_a_check_that_could_not_be_made_opens_nothing(shelter: World) -> None:
    shelter.paid_gift("50")
    break_the_books(shelter)
    with shelter.parts.db.write("test") as session:
        session.execute(
            text(
                "INSERT INTO job_run (job, slot, owner, attempt, lease_until, started_at, finished_at, counts, error) "
                "SELECT job, lease_until, owner, 1, lease_until, lease_until, lease_until, '', "
                "'OperationalError: the database went away' FROM job_run WHERE job = 'check' AND error <> ''"
            )
        )
    with shelter.parts.db.read() as session:
        assert money_doors.are_closed(session)


def test_control_without_the_doors_a_gift_is_taken_on_broken_books(
    shelter: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelter.paid_gift("50")
    token = token_in(shelter.donor.get("/c/winter").text)
    break_the_books(shelter)
    monkeypatch.setattr(money_doors, "are_closed", lambda _session: False)
    assert shelter.send_form(amount="20", token=token).status_code == 303


def entries(world: World) -> int:
    with world.parts.db.read() as session:
        return int(session.execute(text("SELECT COUNT(*) FROM ledger_entry")).scalar_one())
