"""Each slot of each job is run by one worker, whoever dies, stands still, or has a clock that went back."""

import multiprocessing
import os
import signal
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

import pytest
from sqlalchemy import text

from fundraise import job_runs
from fundraise.assembly import build_parts
from fundraise.clock import FrozenClock, SystemClock
from fundraise.db import Database
from fundraise.job_runs import JobRun, Lease, LeaseLost, fence, finish, forget_old_runs, hold, take
from fundraise.jobs.runner import Daily, Every, Job, Runner, run_now, run_slot
from fundraise.parts import Parts
from fundraise.settings import Settings

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOON)


@pytest.fixture
def parts(settings: Settings, clock: FrozenClock):
    made = build_parts(settings, clock=clock)
    yield made
    made.db.close()


def test_a_slot_is_taken_by_one(parts: Parts) -> None:
    assert take(parts.db, "sweep", NOON, "one") is not None
    assert take(parts.db, "sweep", NOON, "two") is None
    assert take(parts.db, "sweep", NOON + timedelta(minutes=5), "two") is not None
    assert take(parts.db, "check", NOON, "two") is not None


def test_a_finished_slot_is_never_run_again(parts: Parts, clock: FrozenClock) -> None:
    lease = take(parts.db, "sweep", NOON, "one")
    assert lease is not None
    assert finish(parts.db, lease, {"seen": 3}, "")
    clock.move(days=1)
    assert take(parts.db, "sweep", NOON, "two") is None


def test_a_lease_that_ran_out_is_taken_over_and_its_old_holder_can_do_nothing_more(
    parts: Parts, clock: FrozenClock
) -> None:
    old = take(parts.db, "sweep", NOON, "one")
    assert old is not None
    clock.move(seconds=job_runs.LEASE.total_seconds() - 1)
    assert take(parts.db, "sweep", NOON, "two") is None
    clock.move(seconds=1)
    new = take(parts.db, "sweep", NOON, "two")
    assert new is not None
    assert new.attempt == 2
    assert not finish(parts.db, old, {}, "")
    with pytest.raises(LeaseLost), parts.db.write("test") as session:
        hold(session, old, clock.now())
    assert finish(parts.db, new, {}, "")


def test_the_effect_of_a_lost_lease_is_not_committed(parts: Parts, clock: FrozenClock) -> None:
    def body(parts: Parts) -> Counter[str]:
        clock.move(minutes=10)
        assert take(parts.db, "sweep", NOON, "another") is not None
        with parts.db.write("test") as session:
            session.execute(text("INSERT INTO donor (name, email, created_at) VALUES ('x', '', '2026-11-22 12:00:00')"))
            fence(session, clock.now())
        return Counter()

    assert not run_slot(parts, Job("sweep", Every(60), body, ""), NOON, "one")
    with parts.db.read() as session:
        assert session.execute(text("SELECT COUNT(*) FROM donor")).scalar_one() == 0


def test_a_job_that_fails_is_recorded_with_its_error_and_the_next_slot_runs(parts: Parts) -> None:
    def fails(_parts: Parts) -> Counter[str]:
        raise ValueError("no such thing")

    job = Job("sweep", Every(60), fails, "")
    assert run_slot(parts, job, NOON, "one")
    with parts.db.read() as session:
        error = session.execute(text("SELECT error FROM job_run")).scalar_one()
    assert error == "ValueError: no such thing"
    assert run_slot(parts, job, NOON + timedelta(minutes=1), "one")
    with pytest.raises(ValueError, match="no such thing"):
        run_now(parts, job)


def test_a_slot_is_given_up_after_five_attempts(parts: Parts, clock: FrozenClock) -> None:
    for attempt in range(1, job_runs.MOST_ATTEMPTS + 1):
        lease = take(parts.db, "sweep", NOON, "dies")
        assert lease is not None
        assert lease.attempt == attempt
        clock.move(minutes=5)
    assert take(parts.db, "sweep", NOON, "one") is None


def test_a_clock_that_went_back_starts_nothing_again(parts: Parts) -> None:
    assert take(parts.db, "sweep", NOON, "one") is not None
    assert take(parts.db, "sweep", NOON - timedelta(hours=1), "one") is None


def test_the_record_is_kept_for_two_months_and_of_nothing_for_two_days(parts: Parts, clock: FrozenClock) -> None:
    for name, counts in (("idle", {}), ("busy", {"seen": 1})):
        lease = take(parts.db, name, NOON, "one")
        assert lease is not None
        finish(parts.db, lease, counts, "")
    for days, left in ((1, {"idle", "busy"}), (2, {"busy"}), (60, set())):
        clock.move(days=days)
        with parts.db.write("test") as session:
            forget_old_runs(session, clock.now())
            assert set(session.execute(text("SELECT job FROM job_run")).scalars()) == left


SUMMER_TIME = [
    datetime(2026, 3, 29, tzinfo=UTC),  # Clocks go forward in Europe.
    datetime(2026, 10, 25, tzinfo=UTC),  # Clocks go back in Europe.
    datetime(2028, 2, 29, tzinfo=UTC),
]


@pytest.mark.parametrize("day", SUMMER_TIME, ids=lambda day: f"{day:%Y-%m-%d}")
def test_each_day_has_each_slot_once_whatever_the_clocks_on_the_wall_do(day: datetime) -> None:
    minutes = [day - timedelta(days=1) + timedelta(minutes=minute) for minute in range(3 * 24 * 60)]
    daily = [Daily(clock_time(2, 10)).slot(moment) for moment in minutes]
    hourly = [Every(3600).slot(moment) for moment in minutes]
    assert daily == sorted(daily)
    assert {slot.date() for slot in daily} == {(day + timedelta(days=offset)).date() for offset in (-2, -1, 0, 1)}
    assert len(set(hourly)) == 3 * 24


def test_after_a_day_of_standing_still_one_run_catches_up(parts: Parts, clock: FrozenClock) -> None:
    job = Job("catch-up", Daily(clock_time(2, 10)), lambda _parts: Counter(), "")
    clock.move(days=3)
    assert run_slot(parts, job, job.when.slot(clock.now()), "one")
    with parts.db.read() as session:
        assert session.execute(text("SELECT COUNT(*) FROM job_run")).scalar_one() == 1


def test_the_runner_runs_what_is_due_and_what_a_commit_wakes(settings: Settings) -> None:
    ran: list[str] = []
    woken = threading.Event()
    due = threading.Event()

    def on_time(_parts: Parts) -> Counter[str]:
        ran.append("due")
        due.set()
        return Counter()

    def on_commit(_parts: Parts) -> Counter[str]:
        ran.append("woken")
        woken.set()
        return Counter()

    parts = build_parts(settings, clock=SystemClock())
    far_away = Daily((datetime.now(UTC) + timedelta(hours=2)).time())
    with parts.db.write("test") as session:  # Its slot of today has run.
        session.execute(
            text(
                "INSERT INTO job_run (job, slot, owner, attempt, lease_until, started_at, finished_at, counts, error) "
                "VALUES ('b', :slot, 'x', 1, :slot, :slot, :slot, '', '')"
            ),
            {"slot": far_away.slot(datetime.now(UTC)).strftime("%Y-%m-%d %H:%M:%S.%f")},
        )
    timetable = [Job("a", Every(3600), on_time, ""), Job("b", far_away, on_commit, "", frozenset({"inbox"}))]
    runner = Runner(parts, timetable)
    runner.start()
    assert due.wait(20)
    assert not woken.is_set()
    with parts.db.write("test") as session:
        session.info["topics"] = {"inbox"}
    assert woken.wait(20)
    runner.stop()
    parts.db.close()
    assert ran == ["due", "woken"]


def test_who_stops_while_a_job_commits_what_wakes_another_still_stops(settings: Settings) -> None:
    parts = build_parts(settings)
    begun, stopping = threading.Event(), threading.Event()

    def commits_late(own: Parts) -> Counter[str]:
        begun.set()
        stopping.wait(20)
        time.sleep(0.5)  # By then the scheduler waits for this thread.
        with own.db.write("test") as session:
            session.info["topics"] = {"inbox"}
        return Counter()

    woken = Job("b", Every(3600), lambda _: Counter(), "", frozenset({"inbox"}))
    runner = Runner(parts, [Job("a", Every(3600), commits_late, ""), woken])
    runner.start()
    assert begun.wait(20)
    ending = threading.Thread(target=runner.stop, daemon=True)
    ending.start()
    stopping.set()
    ending.join(20)
    assert not ending.is_alive()
    parts.db.close()


def worker(settings: Settings, effects: Path, number: int, seconds: float) -> None:
    """Tick like the runner does, with a slot each quarter of a second; write down each effect with its slot."""
    job_runs.LEASE = timedelta(seconds=1)
    db = Database(settings.database_url)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        quarter = int(time.time() * 4)
        slot = datetime.fromtimestamp(quarter / 4, UTC)
        lease = take(db, "effect", slot, f"worker {number}:{os.getpid()}")
        if lease is not None:
            one_effect(db, lease)
        time.sleep(0.02)
    db.close()
    effects.touch()


def one_effect(db: Database, lease: Lease) -> None:
    try:
        with db.write("test: effect") as session:
            session.execute(
                text("INSERT INTO donor (name, email, created_at) VALUES (:slot, '', :at)"),
                {"slot": str(lease.slot), "at": "2026-11-22 12:00:00"},
            )
            hold(session, lease, db.clock.now())
            run = session.get_one(JobRun, (lease.job, lease.slot))
            run.finished_at = db.clock.now()
            session.add(run)
    except LeaseLost:
        pass


def test_three_processes_with_kills_run_each_slot_once(settings: Settings, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    seconds = 6.0
    running = [
        context.Process(target=worker, args=(settings, tmp_path / f"done{number}", number, seconds))
        for number in range(3)
    ]
    for process in running:
        process.start()
    time.sleep(2.5)
    os.kill(running[0].pid or 0, signal.SIGKILL)
    os.kill(running[1].pid or 0, signal.SIGSTOP)
    time.sleep(1.5)
    os.kill(running[1].pid or 0, signal.SIGCONT)
    for process in running:
        process.join(30)
    db = Database(settings.database_url)
    with db.read() as session:
        effects = session.execute(text("SELECT name, COUNT(*) FROM donor GROUP BY name")).all()
        finished = session.execute(text("SELECT COUNT(*) FROM job_run WHERE finished_at IS NOT NULL")).scalar_one()
    db.close()
    assert len(effects) > 5
    assert {count for _, count in effects} == {1}
    assert finished == len(effects)
