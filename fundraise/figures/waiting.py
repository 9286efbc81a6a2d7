"""How much waits for a person, by section of the staff menu. Every staff page asks, so every question has its index."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import ColumnElement, union_all
from sqlmodel import Session, col, func, select

from fundraise.differences.tables import Difference, DifferenceState
from fundraise.figures.statements import open_lines
from fundraise.inbox import count_dead
from fundraise.job_runs import JobRun
from fundraise.outbox import GIVEN_UP
from fundraise.partners.tables import PartnerReport, ReportState
from fundraise.statements.questions import bank_accounts

WAITING_REPORTS: Final = (ReportState.HELD, ReportState.RECEIVED)


def is_quarantine() -> ColumnElement[bool]:
    """Return the condition that a difference is a payment kept out of the books: it keeps the gift that it names."""
    return col(Difference.donation_id).is_not(None)


def failed_jobs(session: Session, jobs: Sequence[str]) -> Sequence[str]:
    """List the jobs whose newest finished run failed."""
    newest = [
        select(JobRun.job, JobRun.error)
        .where(col(JobRun.job) == job, col(JobRun.finished_at).is_not(None))
        .order_by(col(JobRun.finished_at).desc(), col(JobRun.slot).desc())
        .limit(1)
        .subquery()
        for job in jobs
    ]
    if not newest:
        return []
    found = session.execute(union_all(*(select(run.c.job, run.c.error) for run in newest)))
    return [job for job, error in found if error]


def dead_letters(session: Session) -> int:
    """Count the letters that gave up and wait for a person."""
    return session.exec(select(func.count()).where(*GIVEN_UP)).one()


def waiting(session: Session, jobs: Sequence[str]) -> Mapping[str, str]:
    """Return counts as the menu shows them, "3"; a section in which nothing waits is left out."""
    is_open = col(Difference.state) == DifferenceState.OPEN
    quarantined = session.exec(select(func.count()).select_from(Difference).where(is_open, is_quarantine())).one()
    differences = session.exec(select(func.count()).select_from(Difference).where(is_open)).one()
    reports = session.exec(
        select(func.count()).select_from(PartnerReport).where(col(PartnerReport.state).in_(WAITING_REPORTS))
    ).one()
    counts = {
        "quarantine": quarantined,
        "reconciliation": differences - quarantined,
        "statements": sum(open_lines(session, account) for account in bank_accounts(session)),
        "partners": reports,
        "jobs": len(failed_jobs(session, jobs)) + dead_letters(session) + count_dead(session),
    }
    return {section: f"{count:,}" for section, count in counts.items() if count}
