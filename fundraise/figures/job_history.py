"""What the jobs did: the last runs, who runs the timetable, and what waits beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import not_
from sqlmodel import Session, col, func, select

from fundraise.donations.tables import Donation
from fundraise.inbox import count_dead, oldest_waiting
from fundraise.job_runs import BY_HAND, JobRun
from fundraise.outbox import GIVEN_UP, Letter, count_waiting


@dataclass(frozen=True, slots=True)
class Beside:
    """What waits for the jobs, or for a person because they gave up."""

    letters_waiting: int
    letters_dead: int
    last_letter_error: str
    notices_dead: int
    oldest_notice: datetime | None


def last_runs(session: Session, job: str, *, most: int) -> Sequence[JobRun]:
    """List a job's last runs, newest first, those that have not ended among them."""
    unfinished = session.exec(
        select(JobRun)
        .where(col(JobRun.job) == job, col(JobRun.finished_at).is_(None))
        .order_by(col(JobRun.slot).desc())
        .limit(most)
    ).all()
    finished = session.exec(
        select(JobRun)
        .where(col(JobRun.job) == job, col(JobRun.finished_at).is_not(None))
        .order_by(col(JobRun.finished_at).desc(), col(JobRun.slot).desc())
        .limit(most)
    ).all()
    return sorted([*unfinished, *finished], key=lambda run: (run.started_at, run.slot), reverse=True)[:most]


def newest_runs(session: Session, jobs: Sequence[str]) -> Mapping[str, Sequence[JobRun]]:
    """Return the last two runs of each job: the newest may not have ended yet."""
    return {job: last_runs(session, job, most=2) for job in jobs}


def timetable_seen(session: Session) -> JobRun | None:
    """Return the newest run that the timetable started, not a person; None when nobody runs it."""
    return session.exec(
        select(JobRun)
        .where(not_(col(JobRun.owner).startswith(BY_HAND, autoescape=True)))
        .order_by(col(JobRun.started_at).desc())
        .limit(1)
    ).first()


def is_running(run: JobRun, now: datetime) -> bool:
    """Tell whether somebody is at a run; one whose holder died is not running."""
    return run.finished_at is None and run.lease_until > now


def beside(session: Session) -> Beside:
    """Return what waits beside the timetable."""
    failed = col(Letter.sent_at).is_(None), col(Letter.last_error) != ""
    return Beside(
        count_waiting(session),
        session.exec(select(func.count()).where(*GIVEN_UP)).one(),
        session.exec(select(Letter.last_error).where(*failed).order_by(col(Letter.id).desc()).limit(1)).first() or "",
        count_dead(session),
        oldest_waiting(session),
    )


def letters_given_up(session: Session, *, most: int) -> Sequence[tuple[Letter, str]]:
    """List the letters that wait for a person, oldest first, each with its gift's reference, "" for none."""
    found = session.exec(
        select(Letter, Donation.ref)
        .outerjoin(Donation, col(Donation.id) == col(Letter.donation_id))
        .where(*GIVEN_UP)
        .order_by(col(Letter.id))
        .limit(most)
    )
    return [(letter, ref or "") for letter, ref in found]
