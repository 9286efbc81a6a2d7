"""Running the timetable, by any number of processes at once.

APScheduler only wakes us, every second. Which slot of which job is due is reckoned from our own clock, and a row in
`job_run` decides who runs it (see `fundraise.job_runs`).
"""

import logging
import os
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from time import monotonic
from typing import Final

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from fundraise.job_runs import BY_HAND, LEASE, Lease, LeaseLost, finish, hold, running, slot_to_take, take
from fundraise.parts import Parts

_LOOK_AGAIN_SECONDS: Final = 20.0
logger = logging.getLogger(__name__)

Counts = Mapping[str, int]
Body = Callable[[Parts], Counts]


@dataclass(frozen=True, slots=True)
class Every:
    """A slot at every whole multiple of so many seconds since 1970, UTC."""

    seconds: int

    def __str__(self) -> str:
        whole, word = (self.seconds // 60, "minute") if self.seconds % 60 == 0 else (self.seconds, "second")
        return f"every {word}" if whole == 1 else f"every {whole} {word}s"

    def slot(self, now: datetime) -> datetime:
        """Return the latest slot that is not after `now`."""
        return datetime.fromtimestamp(int(now.timestamp()) // self.seconds * self.seconds, UTC)

    def next(self, now: datetime) -> datetime:
        """Return the first slot that is after `now`."""
        return self.slot(now) + timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class Daily:
    """A slot each day at one time, UTC, so that no change to summer time skips or doubles it."""

    at: time

    def __str__(self) -> str:
        return f"daily at {self.at:%H:%M} UTC"

    def slot(self, now: datetime) -> datetime:
        """Return the latest slot that is not after `now`."""
        today = datetime.combine(now.astimezone(UTC).date(), self.at, UTC)
        return today if today <= now else today - timedelta(days=1)

    def next(self, now: datetime) -> datetime:
        """Return the first slot that is after `now`."""
        return self.slot(now) + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Job:
    """A line of the timetable: a name, when, what, and the topics of a commit that wake it at once.

    `on_request`: a person may ask for it at any time (`fundraise.job_runs.ask`), whichever process runs the timetable.
    """

    name: str
    when: Every | Daily
    run: Body
    about: str
    woken_by: frozenset[str] = frozenset()
    on_request: bool = False


class Runner:
    """Wakes every second, and at once when something was committed that a job waits for."""

    def __init__(self, parts: Parts, timetable: Sequence[Job]) -> None:
        self._parts = parts
        self._timetable = timetable
        self._owner = f"{socket.gethostname()[:30]}:{os.getpid()}:{os.urandom(3).hex()}"
        self._running: set[str] = set()
        self._woken: set[str] = set()
        # By job: the slot looked at last and when (monotonic seconds) to look again, in case its holder died.
        self._looked: dict[str, tuple[datetime, float]] = {}
        self._is_stopping = False
        self._lock = threading.Lock()
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(len(timetable) + 2)},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def start(self) -> None:
        """Begin to run the timetable in this process."""
        self._parts.db.on_commit(self._hear)
        self._scheduler.add_job(self.tick, "interval", seconds=1, id="tick", next_run_time=datetime.now(UTC))
        self._scheduler.start()

    def stop(self) -> None:
        """Finish what is running and start nothing more."""
        with self._lock:
            self._is_stopping = True
        self._scheduler.shutdown(wait=True)

    def _begin(self, work: Callable[..., None], *args: object) -> None:
        """Hand work to the scheduler, unless it stops: then it waits for its threads and holds the lock of new work."""
        with self._lock:
            if not self._is_stopping:
                self._scheduler.add_job(work, args=args)

    def tick(self) -> None:
        """Start every job that has a slot due, unless it is running here already."""
        for job in self._timetable:
            slot = job.when.slot(self._parts.clock.now())
            with self._lock:
                looked_at, again_at = self._looked.get(job.name, (None, 0.0))
                if job.name in self._running or (looked_at == slot and monotonic() < again_at):
                    continue
                self._running.add(job.name)
                self._looked[job.name] = (slot, monotonic() + _LOOK_AGAIN_SECONDS)
            self._begin(self._run_due, job, slot)
        for job in self._timetable:
            if job.on_request:
                self._look_for_request(job)

    def _look_for_request(self, job: Job) -> None:
        slot = asked_for(self._parts, job)
        with self._lock:
            if slot is None or job.name in self._running:
                return
            self._running.add(job.name)
        self._begin(self._run_due, job, slot)

    def _hear(self, topics: frozenset[str]) -> None:
        for job in self._timetable:
            if job.woken_by & topics:
                with self._lock:
                    self._woken.add(job.name)
                    if job.name in self._running:
                        continue
                    self._running.add(job.name)
                self._begin(self._run_woken, job)

    def _run_due(self, job: Job, slot: datetime) -> None:
        try:
            run_slot(self._parts, job, slot, self._owner)
        except Exception:  # The scheduler's thread goes on; the next second tries again.
            logger.exception("job %s", job.name)
        finally:
            self._done(job)

    def _run_woken(self, job: Job) -> None:
        """Run without a slot: such a job claims its work row by row, so it needs no other right."""
        try:
            with self._lock:
                self._woken.discard(job.name)
            job.run(self._parts)
        except Exception:
            logger.exception("job %s", job.name)
        finally:
            self._done(job)

    def _done(self, job: Job) -> None:
        with self._lock:
            self._running.discard(job.name)
            again = job.name in self._woken
            if again:
                self._running.add(job.name)
        if again:
            self._begin(self._run_woken, job)


def asked_for(parts: Parts, job: Job) -> datetime | None:
    """Return the slot of a job that a person asked for and nobody has begun."""
    with parts.db.read() as session:
        return slot_to_take(session, job.name, parts.clock.now())


def run_slot(parts: Parts, job: Job, slot: datetime, owner: str) -> bool:
    """Run a job's slot if nobody else has it; return whether we did and were the ones to finish it."""
    lease = take(parts.db, job.name, slot, owner)
    if lease is None:
        return False
    with _renewing(parts, lease):
        counts, error = _attempt(parts, job)
    return finish(parts.db, lease, counts, error)


def run_now(parts: Parts, job: Job, *, by: str = "the command line") -> Counts:
    """Run a job at this moment, by a person's wish, and record it; raises what the job raises."""
    owner, now = f"{BY_HAND}{by[:40]}", parts.clock.now()
    # Its slot is this very moment, or the next microsecond that nobody has.
    slots = (now + timedelta(microseconds=later) for later in range(1000))
    lease = next(filter(None, (take(parts.db, job.name, slot, owner, by_hand=True) for slot in slots)), None)
    if lease is None:
        raise LeaseLost(f"{job.name} could not be started")
    with _renewing(parts, lease):
        try:
            counts = job.run(parts)
        except BaseException as problem:
            finish(parts.db, lease, {}, f"{type(problem).__name__}: {problem}")
            raise
    finish(parts.db, lease, counts, "")
    return counts


def _attempt(parts: Parts, job: Job) -> tuple[Counts, str]:
    try:
        return job.run(parts), ""
    except Exception as problem:
        logger.exception("job %s", job.name)
        return {}, f"{type(problem).__name__}: {problem}"


class _renewing:  # noqa: N801  Used as `with _renewing(...)`.
    """Keep a lease alive while a long job runs; the thread dies with the process, and the lease runs out."""

    def __init__(self, parts: Parts, lease: Lease) -> None:
        self._parts = parts
        self._lease = lease
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._renew, name=f"lease {lease.job}", daemon=True)

    def __enter__(self) -> None:
        self._token = running.set(self._lease)
        self._thread.start()

    def __exit__(self, *_exc: object) -> None:
        running.reset(self._token)
        self._over.set()

    def _renew(self) -> None:
        while not self._over.wait(LEASE.total_seconds() / 3):
            try:
                with self._parts.db.write(f"job {self._lease.job}: renew") as session:
                    hold(session, self._lease, self._parts.clock.now())
            except LeaseLost:
                return
            except Exception:  # The database is busy or away; the lease has two more thirds.
                logger.exception("lease of %s", self._lease.job)
