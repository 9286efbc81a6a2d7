"""How a partner's figure counts: rows that are only added to, each following the one before it."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from fundraise.partners.questions import newest_increment
from fundraise.partners.tables import Increment, Partner, PartnerReport


@dataclass(frozen=True, slots=True)
class Part:
    """A partner's part of the total, in its own currency: the figure, and what of it is counted elsewhere."""

    amount_minor: int
    less_minor: int
    is_low: bool = False  # Transfers were taken out that may not be in the figure.

    @property
    def own_minor(self) -> int:
        """What came from outside donors; never below zero."""
        return self.amount_minor - self.less_minor


@dataclass(frozen=True, slots=True)
class Frozen:
    """A change in the appeal's currency; no amount while there is no rate."""

    display_minor: int | None
    sheet_id: int | None
    factor: str


def change(session: Session, partner_id: int, part: Part) -> Part:
    """Return what a partner's new part changes; zero in both amounts when they are what they were."""
    before = newest_increment(session, partner_id)
    if before is None:
        return part
    return Part(part.amount_minor - before.total_amount_minor, part.less_minor - before.total_less_minor, part.is_low)


def is_said(session: Session, partner_id: int, report_id: int, part: Part) -> bool:
    """Tell whether a partner's newest row says all of this already, from this very report."""
    before = newest_increment(session, partner_id)
    return before is not None and (
        before.report_id,
        before.total_amount_minor,
        before.total_less_minor,
        before.is_low,
    ) == (report_id, part.amount_minor, part.less_minor, part.is_low)


def add_change(  # noqa: PLR0913  Each is a part of what is kept.
    session: Session,
    partner: Partner,
    report: PartnerReport,
    changed: Part,
    frozen: Frozen,
    *,
    display_currency: str,
    moment: datetime,
    why: str,
) -> Increment:
    """Add a change to a partner's part, and the sums with it."""
    before = newest_increment(session, partner.id)
    waits = frozen.display_minor is None
    row = Increment(
        partner_id=partner.id,
        stage=report.stage,
        report_id=report.id,
        follows_id=before.id if before is not None else 0,
        currency=partner.currency,
        amount_minor=changed.amount_minor,
        less_transfers_minor=changed.less_minor,
        sheet_id=frozen.sheet_id,
        factor=frozen.factor,
        display_minor=frozen.display_minor,
        display_currency=display_currency,
        total_amount_minor=_sum(before, "total_amount_minor") + changed.amount_minor,
        total_less_minor=_sum(before, "total_less_minor") + changed.less_minor,
        total_display_minor=_sum(before, "total_display_minor") + (frozen.display_minor or 0),
        total_waiting_minor=_sum(before, "total_waiting_minor") + (changed.own_minor if waits else 0),
        is_low=changed.is_low,
        made_at=moment,
        why=why[:300],
    )
    session.add(row)
    session.flush()
    return row


def add_conversion(session: Session, waiting: Increment, frozen: Frozen, *, moment: datetime) -> Increment:
    """Add the conversion of a row that waited for a rate."""
    before = newest_increment(session, waiting.partner_id)
    if before is None or frozen.display_minor is None:
        raise ValueError("only what waits is converted later, and only with a rate")
    row = Increment(
        partner_id=waiting.partner_id,
        stage=before.stage,
        report_id=before.report_id,
        follows_id=before.id,
        converts_id=waiting.id,
        currency=waiting.currency,
        amount_minor=0,
        less_transfers_minor=0,
        sheet_id=frozen.sheet_id,
        factor=frozen.factor,
        display_minor=frozen.display_minor,
        display_currency=waiting.display_currency,
        total_amount_minor=before.total_amount_minor,
        total_less_minor=before.total_less_minor,
        total_display_minor=before.total_display_minor + frozen.display_minor,
        total_waiting_minor=before.total_waiting_minor - waiting.amount_minor + waiting.less_transfers_minor,
        is_low=before.is_low,
        made_at=moment,
        why="the rate came",
    )
    session.add(row)
    session.flush()
    return row


def _sum(before: Increment | None, name: str) -> int:
    return int(getattr(before, name)) if before is not None else 0
