"""Questions about partners and their reports."""

from collections.abc import Sequence

from sqlmodel import Session, col, func, or_, select

from fundraise.errors import NotFound
from fundraise.partners.tables import Increment, Partner, PartnerReport, ReportFile, ReportState, ReportStep

_OPEN = (ReportState.HELD, ReportState.RECEIVED)


def partner_by_slug(session: Session, slug: str) -> Partner:
    """Return a partner by its name here; `NotFound`."""
    found = session.exec(select(Partner).where(col(Partner.slug) == slug)).first()
    if found is None:
        raise NotFound("There is no partner of this name.")
    return found


def partner_by_ref(session: Session, ref: str) -> Partner | None:
    """Return the partner that a report link's random part names."""
    return session.exec(select(Partner).where(col(Partner.ref) == ref)).first()


def partners_of(session: Session, appeal_id: int) -> Sequence[Partner]:
    """List an appeal's partners by name."""
    return session.exec(select(Partner).where(col(Partner.appeal_id) == appeal_id).order_by(col(Partner.name))).all()


def all_partners(session: Session) -> Sequence[Partner]:
    """List all partners by name."""
    return session.exec(select(Partner).order_by(col(Partner.name))).all()


def newest_increment(session: Session, partner_id: int) -> Increment | None:
    """Return a partner's newest row, which holds its sums so far."""
    return session.exec(
        select(Increment)
        .where(col(Increment.partner_id) == partner_id)
        .order_by(col(Increment.made_at).desc(), col(Increment.id).desc())
        .limit(1)
    ).first()


def report_by_id(session: Session, report_id: int) -> PartnerReport:
    """Return a report; `NotFound`."""
    found = session.get(PartnerReport, report_id)
    if found is None:
        raise NotFound("There is no such report.")
    return found


def report_of(session: Session, partner_id: int, report_id: int) -> PartnerReport:
    """Return a report of this partner; somebody else's and an absent one look alike: `NotFound`."""
    found = session.get(PartnerReport, report_id)
    if found is None or found.partner_id != partner_id:
        raise NotFound("There is no such report.")
    return found


def counted_report(session: Session, partner_id: int) -> PartnerReport | None:
    """Return the report whose figure counts."""
    return session.exec(
        select(PartnerReport).where(
            col(PartnerReport.partner_id) == partner_id, col(PartnerReport.state) == ReportState.ACCEPTED
        )
    ).first()


def last_report(session: Session, partner_id: int) -> PartnerReport | None:
    """Return what a partner sent last, whatever became of it."""
    return session.exec(
        select(PartnerReport)
        .where(col(PartnerReport.partner_id) == partner_id)
        .order_by(col(PartnerReport.id).desc())
        .limit(1)
    ).first()


def reports_of(session: Session, partner_id: int, most: int = 100) -> Sequence[PartnerReport]:
    """List a partner's reports, newest first."""
    return session.exec(
        select(PartnerReport)
        .where(col(PartnerReport.partner_id) == partner_id)
        .order_by(col(PartnerReport.id).desc())
        .limit(most)
    ).all()


def accepted_before(session: Session, partner_id: int, most: int = 12) -> Sequence[PartnerReport]:
    """List the figures of a partner that counted at some time, newest first."""
    return session.exec(
        select(PartnerReport)
        .join(ReportStep, col(ReportStep.report_id) == col(PartnerReport.id))
        .where(col(PartnerReport.partner_id) == partner_id, col(ReportStep.step) == "accepted")
        .order_by(col(PartnerReport.id).desc())
        .limit(most)
    ).all()


def open_reports(session: Session, partner_id: int | None = None) -> Sequence[PartnerReport]:
    """List reports that wait for somebody, oldest first."""
    statement = select(PartnerReport).where(col(PartnerReport.state).in_(_OPEN))
    if partner_id is not None:
        statement = statement.where(col(PartnerReport.partner_id) == partner_id)
    return session.exec(statement.order_by(col(PartnerReport.submitted_at), col(PartnerReport.id))).all()


def count_open(session: Session, partner_id: int) -> int:
    """Count the reports of a partner that wait for somebody."""
    is_open = (col(PartnerReport.partner_id) == partner_id, col(PartnerReport.state).in_(_OPEN))
    return session.exec(select(func.count()).select_from(PartnerReport).where(*is_open)).one()


def report_by_key(session: Session, partner_id: int, key: str) -> PartnerReport | None:
    """Return the report that came under an idempotency key."""
    return session.exec(
        select(PartnerReport).where(
            col(PartnerReport.partner_id) == partner_id, col(PartnerReport.idempotency_key) == key
        )
    ).first()


def steps_of(session: Session, report_id: int) -> Sequence[ReportStep]:
    """List what became of a report, in order."""
    return session.exec(
        select(ReportStep).where(col(ReportStep.report_id) == report_id).order_by(col(ReportStep.id))
    ).all()


def file_of(session: Session, report_id: int) -> ReportFile | None:
    """Return the file that came with a report."""
    return session.exec(select(ReportFile).where(col(ReportFile.report_id) == report_id)).first()


def added_minor(session: Session, report_id: int) -> int | None:
    """Return what a report added to its appeal's total, in the appeal's currency; None when it did not, or not yet.

    A row that waited for a rate is converted by a later one, which may stand under a later report.
    """
    own = select(Increment.id).where(col(Increment.report_id) == report_id, col(Increment.converts_id).is_(None))
    found = session.exec(
        select(func.sum(Increment.display_minor)).where(
            or_(col(Increment.id).in_(own), col(Increment.converts_id).in_(own))
        )
    ).one()
    return int(found) if found is not None else None
