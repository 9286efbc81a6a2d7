"""Who ran which slot of which job, and what came of it.

The primary key (job, slot) is what keeps two workers apart: the insert is won by one of them, which holds the slot by
a lease. A lease that ran out (the process died or stood still) is taken over, and whoever lost it can no longer say
that it finished.
"""

import json
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from sqlalchemy import Index, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, col, select

from fundraise.columns import Text, UtcDateTime
from fundraise.db import Database

LEASE: Final = timedelta(seconds=60)
MOST_ATTEMPTS: Final = 5
BY_HAND: Final = "by hand: "  # What the owner of a run begins with that a person started.
_KEPT: Final = timedelta(days=60)
_KEPT_IF_NOTHING_DONE: Final = timedelta(days=2)


class LeaseLost(Exception):  # noqa: N818
    """Another process took this slot over; what it does now counts, and what we do must not."""


class JobRun(SQLModel, table=True):
    """One slot of one job. `owner` holds it until `lease_until`; only the owner may finish it."""

    __tablename__: ClassVar[str] = "job_run"
    __table_args__ = (Index("ix_job_run_open", "job", "finished_at"), Index("ix_job_run_started_at", "started_at"))

    job: str = Field(primary_key=True, max_length=40)
    slot: datetime = Field(primary_key=True, sa_type=UtcDateTime)
    owner: str = Field(max_length=60)
    attempt: int = 1
    lease_until: datetime = Field(sa_type=UtcDateTime)
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    counts: str = Field(default="", sa_type=Text)  # JSON: what was done, by name.
    error: str = Field(default="", sa_type=Text)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to run one slot; `attempt` tells it from an earlier one of the same owner."""

    job: str
    slot: datetime
    owner: str
    attempt: int


# The slot that the present thread works on, if any.
running: ContextVar[Lease | None] = ContextVar("running", default=None)


def take(db: Database, job: str, slot: datetime, owner: str, *, by_hand: bool = False) -> Lease | None:
    """Take a slot that nobody has, or whose holder's lease ran out; None when there is nothing to do.

    The timetable takes no slot before one that was taken already; a person may.
    """
    now = db.clock.now()
    with db.read() as session:
        known = session.get(JobRun, (job, slot))
        if known is not None and not _may_retake(known, now):
            return None
        if known is None and not by_hand and _was_passed(session, job, slot):
            return None
    with db.write(f"job {job}: take") as session:
        dialect = sqlite if db.dialect == "sqlite" else postgresql
        values = {"owner": owner, "lease_until": now + LEASE, "started_at": now}
        new = session.execute(
            dialect.insert(JobRun)
            .values(job=job, slot=slot, attempt=1, counts="", error="", **values)
            .on_conflict_do_nothing(index_elements=["job", "slot"])
            .returning(col(JobRun.attempt))
        ).first()
        if new is not None:
            return Lease(job, slot, owner, 1)
        statement = select(JobRun).where(col(JobRun.job) == job, col(JobRun.slot) == slot)
        run = session.exec(statement.with_for_update(skip_locked=True)).first()
        if run is None or not _may_retake(run, now):
            return None
        run.owner, run.lease_until, run.started_at, run.attempt = owner, now + LEASE, now, run.attempt + 1
        session.add(run)
        return Lease(job, slot, owner, run.attempt)


def ask(session: Session, job: str, by: str, now: datetime) -> bool:
    """Ask for a run at once, by whichever process runs the timetable; False when one is asked for or under way.

    The slot asked for is this very moment. Nobody holds it yet, so whoever looks first takes it.
    """
    if open_slot(session, job) is not None:
        return False
    asked = JobRun(job=job, slot=now, owner=f"asked by {by}"[:60], attempt=0, lease_until=now, started_at=now)
    session.add(asked)
    return True


def open_slot(session: Session, job: str) -> JobRun | None:
    """Return the newest run of a job that is asked for or under way."""
    statement = select(JobRun).where(
        col(JobRun.job) == job, col(JobRun.finished_at).is_(None), col(JobRun.attempt) < MOST_ATTEMPTS
    )
    return session.exec(statement.order_by(col(JobRun.slot).desc()).limit(1)).first()


def slot_to_take(session: Session, job: str, now: datetime) -> datetime | None:
    """Return a slot that was asked for and that nobody has begun, or whose holder's lease ran out."""
    run = open_slot(session, job)
    return run.slot if run is not None and _may_retake(run, now) else None


def hold(session: Session, lease: Lease, now: datetime) -> None:
    """Make sure, inside a transaction, that the slot is still ours, and keep it; raises `LeaseLost`."""
    kept = session.execute(
        update(JobRun)
        .where(
            col(JobRun.job) == lease.job,
            col(JobRun.slot) == lease.slot,
            col(JobRun.owner) == lease.owner,
            col(JobRun.attempt) == lease.attempt,
            col(JobRun.finished_at).is_(None),
        )
        .values(lease_until=now + LEASE)
        .returning(col(JobRun.job))
    ).first()
    if kept is None:
        raise LeaseLost(f"{lease.job} {lease.slot} was taken over")


def fence(session: Session, now: datetime) -> None:
    """Make sure that the job this runs in still holds its slot, if it runs in one; raises `LeaseLost`.

    Called in the transaction of an effect, it lets the effect and the right to it stand or fall together.
    """
    lease = running.get()
    if lease is not None:
        hold(session, lease, now)


def finish(db: Database, lease: Lease, counts: Mapping[str, int], error: str) -> bool:
    """Record the end of a slot; return False when it was taken over meanwhile."""
    now = db.clock.now()
    try:
        with db.write(f"job {lease.job}: finish") as session:
            hold(session, lease, now)
            run = session.get_one(JobRun, (lease.job, lease.slot))
            session.refresh(run)
            run.finished_at = now
            run.counts = json.dumps(dict(counts), ensure_ascii=False)
            run.error = error[:2000]
            session.add(run)
    except LeaseLost:
        return False
    return True


def forget_old_runs(session: Session, now: datetime) -> None:
    """Keep the record of runs for two months, and of those that found nothing to do for two days."""
    session.execute(delete(JobRun).where(col(JobRun.started_at) < now - _KEPT))
    session.execute(
        delete(JobRun).where(
            col(JobRun.started_at) < now - _KEPT_IF_NOTHING_DONE, col(JobRun.counts) == "{}", col(JobRun.error) == ""
        )
    )


def _may_retake(run: JobRun, now: datetime) -> bool:
    return run.finished_at is None and run.lease_until <= now and run.attempt < MOST_ATTEMPTS


def _was_passed(session: Session, job: str, slot: datetime) -> bool:
    """Tell whether a later slot was taken already: a clock that went back starts nothing again."""
    later = select(JobRun.slot).where(col(JobRun.job) == job, col(JobRun.slot) > slot).limit(1)
    return session.exec(later).first() is not None
