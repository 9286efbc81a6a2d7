"""The timetable's pages: what ran, what came of it, and the button that runs a job now."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from fundraise.flows.follow_up import follow_up
from fundraise.inbox import Arrival, keep
from fundraise.job_runs import BY_HAND, JobRun, ask
from fundraise.jobs import timetable
from fundraise.jobs.runner import Every, Job, run_slot
from fundraise.outbox import Letter
from fundraise.web.staff import jobs
from tests.staff.office import Office, signed_in
from tests.stories.test_moments_of_money import charge_of

pytestmark = pytest.mark.pages

LETTER = {"kind": "receipt", "message_id": "<a@b>", "last_error": "no such mailbox"}


def runs(office: Office) -> list[JobRun]:
    with office.world.parts.db.read() as session:
        return list(session.exec(select(JobRun)))


def run_all(office: Office) -> None:
    """Let the timetable run once; what would ask others outside finds nothing to do."""
    parts = office.world.parts
    for job in timetable.TIMETABLE:
        quiet = Job(job.name, job.when, lambda _: {}, job.about) if job.name == "rates" else job
        run_slot(parts, quiet, quiet.when.slot(parts.clock.now()), "host:1:x")


def menu_count(office: Office, section: str) -> str:
    page = office.open("/staff/design").text
    entry = page[page.index(f'href="/staff/{section}"') :].partition("</li>")[0]
    return entry.partition('num">')[2].partition("<")[0]


def test_a_fresh_installation_says_that_nobody_runs_them(at_shelter: Office) -> None:
    page = at_shelter.open("/staff/jobs")
    assert f"Nobody runs the {len(timetable.TIMETABLE)} jobs" in page.text
    run_all(at_shelter)
    page = at_shelter.open("/staff/jobs")
    assert f"All {len(timetable.TIMETABLE)} jobs are on time" in page.text
    assert "host, last seen just now" in page.text


def test_a_button_runs_a_job_and_its_page_says_what_came_of_it(at_shelter: Office) -> None:
    world = at_shelter.world
    gift = world.give(amount="20", email="mara@example.org")
    world.pay(gift)
    world.deliver()
    page = at_shelter.press("/staff/jobs/inbox", "/staff/jobs/inbox")
    assert "It ran. What came of it stands below." in page.text
    assert world.total_minor() == 2000
    (run,) = runs(at_shelter)
    assert run.owner == f"{BY_HAND}Priya Raman"
    assert "<bdi>Priya Raman</bdi>" in page.text
    assert "It ran just now" in page.text
    assert at_shelter.acts() == [("Priya Raman", "ran inbox now")]


def breaks(_: object) -> dict[str, int]:
    raise RuntimeError("the mail server is on fire <script>")


def test_a_job_that_fails_is_named_everywhere(at_shelter: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tuple(
        Job(job.name, job.when, breaks, job.about) if job.name == "outbox" else job for job in timetable.TIMETABLE
    )
    monkeypatch.setattr(jobs, "TIMETABLE", broken)
    run_all(at_shelter)
    page = at_shelter.press("/staff/jobs/outbox", "/staff/jobs/outbox")
    assert "It failed just now" in page.text
    assert "the mail server is on fire &lt;script&gt;" in page.text
    assert f"1 of {len(broken)} jobs failed: outbox" in at_shelter.open("/staff/jobs").text
    assert menu_count(at_shelter, "jobs") == "1"
    today = at_shelter.open("/staff").text
    assert "1 job failed when last run" in today
    monkeypatch.undo()
    at_shelter.press("/staff/jobs/outbox", "/staff/jobs/outbox")
    assert menu_count(at_shelter, "jobs") == ""


def test_a_long_run_is_not_waited_for_and_not_started_twice(
    at_shelter: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end, ended = threading.Event(), threading.Event()

    def slow(_: object) -> dict[str, int]:
        may_end.wait(60)
        ended.set()
        return {"counted": 3}

    monkeypatch.setattr(jobs, "TIMETABLE", (Job("slow", Every(60), slow, "counts slowly"),))
    monkeypatch.setattr(jobs, "_PATIENCE_SECONDS", 0.05)
    try:
        answer = at_shelter.browser.post("/staff/jobs/slow")
        assert answer.headers["location"] == "/staff/jobs/slow?done=running"
        while not runs(at_shelter):
            pass
        page = at_shelter.open(answer.headers["location"])
        assert "You can leave this page" in page.text
        assert 'data-wait="2"' in page.text
        assert "Run it now" not in page.text
        again = at_shelter.browser.post("/staff/jobs/slow")
        assert again.headers["location"] == "/staff/jobs/slow?done=already"
    finally:
        may_end.set()
    assert ended.wait(60)
    while runs(at_shelter)[0].finished_at is None:
        pass
    page = at_shelter.open("/staff/jobs/slow")
    assert "It ran just now: 3 counted." in page.text
    assert len(runs(at_shelter)) == 1


def test_a_run_whose_process_died_is_told_from_one_that_runs(at_shelter: Office) -> None:
    world = at_shelter.world
    now = world.now()
    with world.parts.db.write("test") as session:
        session.add(
            JobRun(job="check", slot=now, owner="host:1:x", lease_until=now + timedelta(seconds=60), started_at=now)
        )
    assert "Runs now" in at_shelter.open("/staff/jobs/check").text
    world.advance(seconds=61)
    page = at_shelter.open("/staff/jobs/check")
    assert "Stopped before its end" in page.text
    assert "Run it now" in page.text


def test_a_run_that_was_asked_for_is_shown_as_that(at_shelter: Office) -> None:
    world = at_shelter.world
    with world.parts.db.write("test") as session:
        assert ask(session, "reconcile", "Jo Miller", world.now())
    page = at_shelter.open("/staff/jobs/reconcile").text
    assert "Asked for" in page
    assert "<bdi>Jo Miller</bdi>" in page
    assert "Stopped" not in page


def test_letters_that_wait_and_letters_that_gave_up_are_said(at_shelter: Office) -> None:
    world = at_shelter.world
    now = world.now()
    with world.parts.db.write("test") as session:
        for number in range(3):
            dead = now if number else None
            session.add(Letter(key=f"receipt:{number}", written_at=now, next_try_at=now, dead_at=dead, **LETTER))
    object.__setattr__(world.parts, "mailer", None)
    page = at_shelter.open("/staff/jobs").text
    assert "No mail is set up: 1 letter waits." in page
    assert "2 letters could not be delivered." in page
    assert "no such mailbox" in page
    assert menu_count(at_shelter, "jobs") == "2"
    today = at_shelter.open("/staff").text
    assert "No mail is set up, so no receipt is sent" in today
    assert "2 letters could not be delivered" in today


def test_what_was_given_up_is_decided_on_its_jobs_page(at_shelter: Office) -> None:
    world = at_shelter.world
    now = world.now()
    gift = world.paid_gift("20", email="mara@example.org")
    charge = charge_of(world, gift.session)
    arrivals = [
        Arrival("shelter", f"evt_{name}", "charge.updated", "charge", name, "", now) for name in (charge, "ch_x")
    ]
    keep(world.parts.db, arrivals, now)
    with world.parts.db.write("test") as session:
        session.execute(
            text("UPDATE inbox_notice SET dead_at = :now, tries = 8 WHERE event_id LIKE 'evt_ch%'"), {"now": now}
        )
        found = dict(session.execute(text("SELECT object_id, id FROM inbox_notice WHERE dead_at IS NOT NULL")).all())
    page = at_shelter.open("/staff/jobs").text
    assert "2 were given up after eight tries" in page
    page = at_shelter.press("/staff/jobs/inbox", f"/{found[charge]}/again")
    assert "It is tried again within a minute." in page.text
    assert follow_up(world.parts).total() == 1
    wrong = at_shelter.send(page, f"/{found['ch_x']}/leave", note=" ")
    assert wrong.status_code == 422
    assert "Please write a note" in wrong.text
    page = at_shelter.press("/staff/jobs/inbox", f"/{found['ch_x']}/leave", note="Not ours.")
    assert "Given up" not in page.text
    assert world.donor.get("/readyz").status_code == 200
    assert at_shelter.browser.post(f"/staff/jobs/inbox/{found['ch_x']}/again").status_code == 404
    assert at_shelter.acts() == [("Priya Raman", "let a notice be tried again"), ("Priya Raman", "left a notice")]


def test_a_letter_that_was_given_up_is_sent_again(at_shelter: Office) -> None:
    world = at_shelter.world
    world.paid_gift("20", email="mara@example.org")
    with world.parts.db.write("test") as session:
        session.execute(text("UPDATE letter SET dead_at = :now, last_error = 'full'"), {"now": world.now()})
    page = at_shelter.open("/staff/jobs/outbox")
    assert "Given up" in page.text
    assert "full" in page.text
    at_shelter.press("/staff/jobs/outbox", "/again")
    world.send_mail()
    assert len(world.mailbox.letters) == 1
    assert "Given up" not in at_shelter.open("/staff/jobs/outbox").text


def test_what_is_late_is_late(at_shelter: Office) -> None:
    world = at_shelter.world
    run_all(at_shelter)
    world.advance(hours=26)
    page = signed_in(world, world.donor).open("/staff/jobs").text
    assert "Nobody runs" in page
    assert page.count("Late") == len(timetable.TIMETABLE)
