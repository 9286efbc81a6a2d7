"""Partners' parts of an appeal, from the newest row of each: one question, whatever the number of reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any, Final, NamedTuple

from sqlmodel import Session

from fundraise import plain
from fundraise.money import Money, convert

UNNAMED = "A partner who asked not to be named"


# Hundreds of partners stand on one page, so the question is plain SQL: the ORM would take longer than the database.
# A partner without a part comes along without a stage, to be counted as silent; a report has one file at most, which
# comes along without its bytes. While the site is brought up to date, a process of before may accept a report and not
# note on it when. The columns are those of `PartnerPart`.
_NEWEST: Final = (
    "SELECT p.id, p.name, p.is_unnamed, p.is_beneficiary, p.left_at IS NOT NULL{left_by}, i.stage, "
    "i.currency, i.total_amount_minor, i.total_less_minor, i.total_display_minor, "
    "i.display_currency, i.total_waiting_minor, i.is_low, i.sheet_id, i.factor, i.report_id, r.as_of, "
    "r.gross_or_net, r.evidence, r.raw_sha256, COALESCE(r.accepted_at, (SELECT MAX(s.at) FROM report_step s "
    "WHERE s.report_id = i.report_id AND s.step = 'accepted')), f.name, f.sha256, f.is_public FROM partner p "
    "{newest} {reports} LEFT JOIN report_file f ON f.report_id = i.report_id WHERE p.appeal_id = :appeal{there_by}"
)
_NEWEST_OF_ONE: Final = {
    "sqlite": "LEFT JOIN increment i ON i.id = (SELECT n.id FROM increment n WHERE n.partner_id = p.id{until} "
    "ORDER BY n.made_at DESC, n.id DESC LIMIT 1)",
    # SQLite knows no such join; PostgreSQL need not look the row up: all of these are in the index.
    "postgresql": "LEFT JOIN LATERAL (SELECT n.id, n.stage, n.currency, n.total_amount_minor, n.total_less_minor, "
    "n.total_display_minor, n.display_currency, n.total_waiting_minor, n.is_low, n.sheet_id, n.factor, n.report_id "
    "FROM increment n WHERE n.partner_id = p.id{until} ORDER BY n.made_at DESC, n.id DESC LIMIT 1) i ON true",
}
_REPORT_OF_ONE: Final = "LEFT JOIN partner_report r ON r.id = i.report_id"
# PostgreSQL finds the accepted reports of an appeal together in a third of the time in which it looks each up by its
# id, and would not see that: OFFSET 0 has it look for them by themselves (measured).
_ACCEPTED_REPORTS: Final = (
    "LEFT JOIN (SELECT a.id, a.as_of, a.gross_or_net, a.evidence, a.raw_sha256, a.accepted_at FROM partner_report a "
    "WHERE a.state = 'accepted' AND a.partner_id IN (SELECT id FROM partner WHERE appeal_id = :appeal) OFFSET 0) r "
    "ON r.id = i.report_id"
)
# At a past moment: the increments until then, who had left by then, and who had joined by then.
_THEN: Final = (
    " AND n.made_at <= :as_of",
    " AND p.left_at <= :as_of",
    " AND (i.id IS NOT NULL OR p.created_at <= :as_of)",
)


class PartnerPart(NamedTuple):
    """A partner's part, the report behind it and when that was accepted. Its own name, in `name`, is for staff.

    Hundreds of them are made for a page, and a tuple is made five times as fast as a frozen dataclass.
    """

    partner_id: int
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
    accepted: str | datetime  # As the database yields it: who asks reads it, and most of what is asked is not shown.
    file_name: str | None
    file_sha256: str | None
    file_is_public: bool | None

    @property
    def public_name(self) -> str:
        """The name the public reads."""
        return UNNAMED if self.is_unnamed else self.name

    @property
    def accepted_at(self) -> datetime:
        """When somebody on the staff accepted the report."""
        return plain.moment(self.accepted)

    @property
    def is_at_one_rate(self) -> bool:
        """Whether the newest rate alone explains what the part comes to."""
        if self.currency == self.display_currency or not self.factor:
            return True
        own = Money(self.amount_minor - self.less_minor, self.currency)
        return convert(own, Decimal(self.factor), self.display_currency).minor == self.display_minor


_ID, _NAME, _IS_BENEFICIARY, _HAS_LEFT, _STAGE, _DISPLAY, _AS_OF = map(
    PartnerPart._fields.index, ("partner_id", "name", "is_beneficiary", "has_left", "stage", "display_minor", "as_of")
)


@dataclass(frozen=True, slots=True)
class PartnerParts:
    """The parts, largest first, how many partners have none yet, and who of all of them the money is for."""

    parts: Sequence[PartnerPart]
    silent: int
    beneficiaries: frozenset[int]


def partner_parts(session: Session, appeal_id: int, *, as_of: datetime | None = None) -> PartnerParts:
    """Return every partner's part, now or as of a past moment."""
    dialect = session.get_bind().dialect.name
    values: dict[str, Any] = {"appeal": appeal_id}
    if as_of is not None:
        values["as_of"] = plain.at(session, as_of)
    until, left_by, there_by = _THEN if as_of is not None else ("", "", "")
    asked = {"newest": _NEWEST_OF_ONE[dialect].format(until=until), "left_by": left_by, "there_by": there_by}
    reports = _ACCEPTED_REPORTS if dialect == "postgresql" and as_of is None else _REPORT_OF_ONE
    rows = plain.ask(session, _NEWEST.format(reports=reports, **asked), values)
    # Where books are not in order, what counts may stand on a report that is not accepted: it is shown all the same.
    if reports is _ACCEPTED_REPORTS and any(row[_STAGE] is not None and row[_AS_OF] is None for row in rows):
        rows = plain.ask(session, _NEWEST.format(reports=_REPORT_OF_ONE, **asked), values)
    made = _from_sqlite if dialect == "sqlite" else PartnerPart._make
    parts = [made(row) for row in rows if row[_STAGE] is not None]
    parts.sort(key=itemgetter(_NAME))
    parts.sort(key=itemgetter(_DISPLAY), reverse=True)  # Those of one amount stay in the order of their names.
    silent = sum(1 for row in rows if row[_STAGE] is None and not row[_HAS_LEFT])
    return PartnerParts(parts, silent, frozenset(row[_ID] for row in rows if row[_IS_BENEFICIARY]))


def _from_sqlite(row: Sequence[Any]) -> PartnerPart:
    """Return a part with the types that SQLite does not have: it keeps days as text, and yes and no as numbers."""
    (
        partner_id, name, is_unnamed, is_beneficiary, has_left, stage, currency, amount, less, display,
        display_currency, waiting, is_low, sheet_id, factor, report_id, day, basis, evidence, sha, at, *file,
    ) = row  # fmt: skip
    return PartnerPart(
        partner_id, name, bool(is_unnamed), bool(is_beneficiary), bool(has_left), stage, currency, amount, less,
        display, display_currency, waiting, bool(is_low), sheet_id, factor, report_id, plain.day(day), basis, evidence,
        sha, at, *file,
    )  # fmt: skip
