"""Each slot of the timetable is run once: with kills and standstills, and whatever clocks on walls do."""

import multiprocessing
import os
import signal
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

from sqlalchemy import text

from fundraise import job_runs
from fundraise.assembly import build_parts
from fundraise.clock import FrozenClock
from fundraise.db import Database
from fundraise.job_runs import JobRun, Lease, LeaseLost, hold, take
from fundraise.jobs.runner import Daily, Every, Job, run_slot
from fundraise.settings import Settings
from tests.soak.report import Report
from tests.soak.town import Town

SECONDS: Final = 20.0
KILLS: Final = 4
STOPS: Final = 2
_STOPPED_SECONDS: Final = 4.0
_LEASE_SECONDS: Final = 0.3
WORKERS: Final = 3
# Both changes of summer time in Europe and in America, and a leap day.
DAYS: Final = tuple(
    datetime(*day, tzinfo=UTC) for day in ((2026, 3, 29), (2026, 10, 25), (2027, 3, 14), (2026, 11, 1), (2028, 2, 29))
)
ZONES: Final = ("Europe/London", "America/New_York", "UTC")


def slots_under_kills(report: Report, town: Town, database: str, seconds: float, seed: int) -> None:
    """Let three workers run a slot a second while some of them are killed and others stand still."""
    with tempfile.TemporaryDirectory(prefix="slots-") as made:
        settings = town.sqlite(Path(made)) if database == "sqlite" else town.postgresql("slots")
        ticks = Path(made) / "ticks"
        ticks.mkdir()
        _disturb(settings, ticks, seconds, Random(seed))
        problems = _problems(settings, ticks, seconds)
    report.check(f"a slot each second for {seconds:.0f} s with {KILLS} kills and {STOPS} stops on {database}", problems)


def _disturb(settings: Settings, ticks: Path, seconds: float, dice: Random) -> None:
    # The workers are told that it is over by a file: a process that is killed while it looks at a lock shared between
    # processes, or at what is built on one, takes the lock with it, and everybody else waits for it without end.
    context, over = multiprocessing.get_context("spawn"), ticks.parent / "over"
    workers = [_started(context, settings, ticks, over) for _ in range(WORKERS)]
    while len(list(ticks.iterdir())) < WORKERS:
        time.sleep(0.1)
    moments = sorted(dice.uniform(0, seconds - _STOPPED_SECONDS) for _ in range(KILLS + STOPS))
    kinds = ["kill"] * KILLS + ["stop"] * STOPS
    dice.shuffle(kinds)
    began: float = time.monotonic()
    stopped: list[tuple[int, float]] = []
    for moment, kind in zip(moments, kinds, strict=True):
        _wait_until(began + moment, stopped)
        # One worker at least is left alone, so that there is always somebody to take over.
        place = dice.randrange(WORKERS - 1)
        pid = workers[place].pid or 0
        if any(pid == other for other, _ in stopped):
            continue
        os.kill(pid, signal.SIGKILL if kind == "kill" else signal.SIGSTOP)
        if kind == "kill":
            workers[place].join()
            workers[place] = _started(context, settings, ticks, over)
        else:
            stopped.append((pid, time.monotonic() + _STOPPED_SECONDS))
    _wait_until(began + seconds, stopped)
    for pid, _ in stopped:
        os.kill(pid, signal.SIGCONT)
    over.touch()
    for process in workers:
        process.join(60)
        process.kill()  # The file goes now, and one that has not seen it would go on.


def _started(context: Any, settings: Settings, ticks: Path, over: Path) -> Any:
    process = context.Process(target=_work, args=(settings, ticks, over), daemon=True)
    process.start()
    return process


def _wait_until(moment: float, stopped: list[tuple[int, float]]) -> None:
    while time.monotonic() < moment:
        for pid, until in list(stopped):
            if time.monotonic() >= until:
                os.kill(pid, signal.SIGCONT)
                stopped.remove((pid, until))
        time.sleep(0.05)


def _work(settings: Settings, ticks: Path, over: Path) -> None:
    """Take each second's slot, take a little time over it, and leave one row as its effect; note each look."""
    job_runs.LEASE = timedelta(seconds=_LEASE_SECONDS)  # type: ignore[misc]
    db = Database(settings.database_url)
    owner = f"worker {os.getpid()}"
    with (ticks / str(os.getpid())).open("w", buffering=1) as looks:
        while not over.exists() and ticks.exists():
            now = time.time()
            lease = take(db, "effect", datetime.fromtimestamp(int(now), UTC), owner)
            if lease is not None:
                time.sleep(0.1)
                _leave_effect(db, lease)
            looks.write(f"{now}\n")
            time.sleep(0.02)
    db.close()


def _leave_effect(db: Database, lease: Lease) -> None:
    try:
        with db.write("effect") as session:
            session.execute(
                text("INSERT INTO donor (name, email, created_at) VALUES (:slot, '', :at)"),
                {"slot": str(lease.slot), "at": "2026-11-22 12:00:00"},
            )
            hold(session, lease, db.clock.now())
            run = session.get_one(JobRun, (lease.job, lease.slot))
            run.finished_at = db.clock.now()
            session.add(run)
    except LeaseLost:
        return


def _problems(settings: Settings, ticks: Path, seconds: float) -> list[str]:
    db = Database(settings.database_url)
    with db.read() as session:
        effects = Counter(session.execute(text("SELECT name FROM donor")).scalars())
    db.close()
    problems = [f"slot {slot} has {count} effects" for slot, count in effects.items() if count > 1]
    looks = [float(line) for path in ticks.iterdir() for line in path.read_text().split()]
    # A slot is due when somebody looked in its second half, after a lease of its first half had run out. The last one
    # belongs to stopping.
    due = {int(look) for look in looks if look % 1 >= 0.5 and look < max(looks) - 1}
    problems += [
        f"slot {slot} has no effect"
        for slot in (datetime.fromtimestamp(second, UTC) for second in sorted(due))
        if str(slot) not in effects
    ]
    if len(due) < seconds / 2:
        problems.append(f"only {len(due)} slots were looked at in {seconds:.0f} s")
    return problems


def slots_through_the_calendar(report: Report, town: Town) -> None:
    """Walk three workers through the odd days of the calendar, with a clock that goes back an hour on the way."""
    problems = []
    with tempfile.TemporaryDirectory(prefix="slots-") as made:
        for zone in ZONES:
            for day in DAYS:
                settings = town.sqlite(Path(made))
                problems += [f"{day:%Y-%m-%d} in {zone}: {problem}" for problem in _walk(settings, day, zone)]
    report.check(f"{len(DAYS)} odd days in {len(ZONES)} zones, and a clock that goes back an hour", problems)


def _walk(settings: Settings, day: datetime, zone: str) -> list[str]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        return _walked(settings, day)
    finally:
        os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
        time.tzset()


def _walked(settings: Settings, day: datetime) -> list[str]:
    clock = FrozenClock(day - timedelta(hours=12))
    parts = build_parts(settings, clock=clock)
    ran: Counter[tuple[str, datetime]] = Counter()
    when: dict[str, Every | Daily] = {"hourly": Every(3_600), "nightly": Daily(datetime(2000, 1, 1, 2, 10).time())}  # noqa: DTZ001
    due: set[tuple[str, datetime]] = set()
    for step in range(2 * 36):
        if step == 36:
            clock.move(hours=-1)
        for worker in range(WORKERS):
            for name, rhythm in when.items():
                slot = rhythm.slot(clock.now())
                due.add((name, slot))
                job = Job(name, rhythm, lambda _parts: {}, "")
                if run_slot(parts, job, slot, f"worker {worker}"):
                    ran[name, slot] += 1
        clock.move(minutes=30)
    parts.db.close()
    problems = [f"{name} at {slot} ran {count} times" for (name, slot), count in ran.items() if count != 1]
    return problems + [f"{name} at {slot} did not run" for name, slot in sorted(due - set(ran))]
