"""Partners' parts of an appeal, from the newest row of each: one question, whatever the number of reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from fundraise.money import Money, convert
from fundraise.partners.tables import Increment, Partner, PartnerReport, ReportStep

UNNAMED = "A partner who asked not to be named"


_COLUMNS: Final[Sequence[Any]] = (
    Partner.id,
    Partner.slug,
    Partner.name,
    Partner.is_unnamed,
    Partner.is_beneficiary,
    Partner.left_at,
    Increment.stage,
    Increment.currency,
    Increment.total_amount_minor,
    Increment.total_less_minor,
    Increment.total_display_minor,
    Increment.display_currency,
    Increment.total_waiting_minor,
    Increment.is_low,
    Increment.sheet_id,
    Increment.factor,
    Increment.report_id,
    PartnerReport.as_of,
    PartnerReport.gross_or_net,
    PartnerReport.evidence,
    PartnerReport.raw_sha256,
    ReportStep.at,
    ReportStep.by,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerPart:
    """A partner's part, with the report behind it and who accepted that. Its own name is in `name`, for staff alone."""

    partner_id: int
    slug: str
    name: str
    is_unnamed: bool
    is_beneficiary: bool
    has_left: bool
    stage: str
    currency: str
    amount_minor: int
    less_minor: int
    display_minor: int
    display_currency: str
    waiting_minor: int
    is_low: bool
    sheet_id: int | None
    factor: str
    report_id: int
    as_of: date
    gross_or_net: str
    evidence: str
    sha256: str
    accepted_at: datetime
    accepted_by: str

    @property
    def public_name(self) -> str:
        """The name the public reads."""
        return UNNAMED if self.is_unnamed else self.name

    @property
    def is_at_one_rate(self) -> bool:
        """Whether the newest rate alone explains what the part comes to."""
        if self.currency == self.display_currency or not self.factor:
            return True
        own = Money(self.amount_minor - self.less_minor, self.currency)
        return convert(own, Decimal(self.factor), self.display_currency).minor == self.display_minor


@dataclass(frozen=True, slots=True)
class PartnerParts:
    """The parts, largest first, and how many partners have none yet."""

    parts: Sequence[PartnerPart]
    silent: int


def partner_parts(session: Session, appeal_id: int, *, as_of: datetime | None = None) -> PartnerParts:
    """Return every partner's part, now or as of a past moment."""
    inner = aliased(Increment)
    newest = select(inner.id).where(inner.partner_id == col(Partner.id))
    if as_of is not None:
        newest = newest.where(col(inner.made_at) <= as_of)
    newest = newest.order_by(col(inner.made_at).desc(), col(inner.id).desc()).limit(1)
    statement = (
        sa_select(*_COLUMNS)
        .select_from(Partner)
        .join(Increment, col(Increment.id) == newest.correlate(Partner).scalar_subquery())
        .join(PartnerReport, col(PartnerReport.id) == col(Increment.report_id))
        .join(
            ReportStep, (col(ReportStep.report_id) == col(Increment.report_id)) & (col(ReportStep.step) == "accepted")
        )
        .where(col(Partner.appeal_id) == appeal_id)
    )
    parts = []
    for row in session.execute(statement):  # Plain rows: hundreds of objects would cost more than the question.
        (
            partner_id, slug, name, is_unnamed, is_beneficiary, left_at, stage, currency, amount, less, display,
            display_currency, waiting, is_low, sheet_id, factor, report_id, day, basis, evidence, sha, at, by,
        ) = row  # fmt: skip
        parts.append(
            PartnerPart(
                partner_id=partner_id,
                slug=slug,
                name=name,
                is_unnamed=is_unnamed,
                is_beneficiary=is_beneficiary,
                has_left=left_at is not None and (as_of is None or left_at <= as_of),
                stage=stage,
                currency=currency,
                amount_minor=amount,
                less_minor=less,
                display_minor=display,
                display_currency=display_currency,
                waiting_minor=waiting,
                is_low=is_low,
                sheet_id=sheet_id,
                factor=factor,
                report_id=report_id,
                as_of=day,
                gross_or_net=basis,
                evidence=evidence,
                sha256=sha,
                accepted_at=at,
                accepted_by=by,
            )
        )
    parts.sort(key=lambda part: (-part.display_minor, part.name))
    everybody = session.exec(
        select(Partner.id, Partner.left_at, Partner.created_at).where(col(Partner.appeal_id) == appeal_id)
    ).all()
    known = {part.partner_id for part in parts}
    silent = sum(
        partner_id not in known and left_at is None and (as_of is None or created_at <= as_of)
        for partner_id, left_at, created_at in everybody
    )
    return PartnerParts(parts, silent)
