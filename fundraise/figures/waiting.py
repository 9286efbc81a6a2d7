"""How much waits for a person, by section of the staff menu. Every staff page asks, so every question has its index."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import ColumnElement, and_, literal, union_all
from sqlmodel import Session, col, func, select

from fundraise.differences.tables import Difference, DifferenceState
from fundraise.figures.statements import open_lines
from fundraise.inbox import count_dead
from fundraise.job_runs import JobRun
from fundraise.outbox import Letter
from fundraise.partners.tables import PartnerReport, ReportState
from fundraise.statements.questions import bank_accounts

WAITING_REPORTS: Final = (ReportState.HELD, ReportState.RECEIVED)


def is_quarantine() -> ColumnElement[bool]:
    """Return the condition that a difference is a payment kept out of the books: it keeps the gift that it names."""
    return col(Difference.donation_id).is_not(None)


def failed_jobs(session: Session, jobs: Sequence[str]) -> Sequence[JobRun]:
    """List the jobs whose newest finished run failed, by that run."""
    newest = [
        select(literal(job).label("job"), func.max(JobRun.finished_at).label("finished_at"))
        .where(col(JobRun.job) == job, col(JobRun.finished_at).is_not(None))
        .subquery()
        for job in jobs
    ]
    if not newest:
        return []
    found = union_all(*(select(table.c.job, table.c.finished_at) for table in newest)).subquery()
    return session.exec(
        select(JobRun)
        .join(found, and_(col(JobRun.job) == found.c.job, col(JobRun.finished_at) == found.c.finished_at))
        .where(col(JobRun.error) != "")
        .order_by(col(JobRun.job))
    ).all()


def dead_letters(session: Session) -> int:
    """Count the letters that gave up and wait for a person."""
    return session.exec(
        select(func.count()).where(col(Letter.sent_at).is_(None), col(Letter.dead_at).is_not(None))
    ).one()


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
