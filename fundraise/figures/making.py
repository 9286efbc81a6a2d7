"""The making of a combined total: every amount that was converted once, with all that is needed to do it again."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from fundraise import times
from fundraise.appeals.tables import Appeal, ConvertedGifts, OwnIncrement, Stage
from fundraise.figures.combined import Combined, Line
from fundraise.figures.own_gifts import currencies_of, newest_of_campaigns
from fundraise.figures.partner_parts import UNNAMED
from fundraise.money import Money, average, exponent
from fundraise.partners.tables import Increment, Partner, PartnerReport, ReportStep
from fundraise.published_rates import NAMES, RateSource
from fundraise.rates.tables import RateSheet

# What each stage is, word for word, on every page and in the API.
STAGE_WORDS: Final[Mapping[str, str]] = {
    "collected": "collected from outside donors by everybody who takes part, each gift once",
    "remitted": "sent on towards those it is for, and not yet acknowledged",
    "received": "received by those it is for: from their own donors, and what they acknowledged",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One conversion, or an amount that needed none: `display` is `amount` less `less` at `rate`, rounded half-even."""

    participant: str
    stage: str
    currency: str
    amount_minor: int
    less_transfers_minor: int
    rate: str
    rate_source: str
    rate_date: str
    display_minor: int
    evidence_sha256: str
    accepted_at: str
    as_of: str


def pieces(session: Session, appeal: Appeal, total: Combined, *, as_of: datetime | None = None) -> Sequence[Piece]:
    """Open the headline's lines to single conversions; they sum to the total."""
    sources = _Sources(session)
    only_final = total.stage is Stage.RECEIVED
    found = [
        _of_line(line, total.stage, sources)
        for line in total.lines
        if line.passed is not None or (line.currency == appeal.currency and line.partner is None)
    ]
    final = total.final.bodies if only_final else None
    found += _of_own(session, appeal, sources, final, total, as_of)
    found += _of_partners(session, appeal, sources, only_final=only_final, as_of=as_of)
    return found


def fingerprint(told: Mapping[str, Any]) -> str:
    """Return what names a total for ever: the SHA-256 of all it says but the moment it was asked."""
    said = {name: value for name, value in told.items() if name not in {"id", "as_of"}}
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


class _Sources:
    """Names and days of rate sheets, asked for once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._sheets: dict[int, tuple[str, str]] = {}

    def of(self, sheet_id: int | None) -> tuple[str, str]:
        """Return source and day of a sheet; empty where no conversion was needed."""
        if sheet_id is None:
            return "", ""
        if sheet_id not in self._sheets:
            sheet = self._session.get_one(RateSheet, sheet_id)
            self._sheets[sheet_id] = (NAMES[RateSource(sheet.source)], sheet.effective_on.isoformat())
        return self._sheets[sheet_id]


def _of_line(line: Line, stage: str, sources: _Sources) -> Piece:
    """A line that is one piece: gifts in the appeal's currency, or a transfer that arrived."""
    source, day = sources.of(line.sheet_id)
    return Piece(
        participant=line.name,
        stage=str(stage),
        currency=line.currency,
        amount_minor=line.amount_minor if not line.waiting_minor else 0,
        less_transfers_minor=0,
        rate=line.factor or "1",
        rate_source=source,
        rate_date=day,
        display_minor=line.display_minor,
        evidence_sha256="",
        accepted_at=times.iso(line.passed.said_at) if line.passed is not None and line.passed.said_at else "",
        as_of=line.as_of.isoformat() if line.as_of is not None else "",
    )


def _of_own(
    session: Session,
    appeal: Appeal,
    sources: _Sources,
    only: frozenset[int] | None,
    total: Combined,
    as_of: datetime | None,
) -> list[Piece]:
    """What the appeal converted as a whole, row by row; and what was converted gift by gift, with a campaign.

    That is one piece at its average for each charity and currency: what one donor gave is nobody's business.
    """
    statement = select(OwnIncrement).where(col(OwnIncrement.appeal_id) == appeal.id)
    if as_of is not None:
        statement = statement.where(col(OwnIncrement.made_at) <= as_of)
    converted: list[tuple[ConvertedGifts, int, str, int]] = [
        (row, row.amount_minor, row.factor, row.display_minor)
        for row in session.exec(statement.order_by(col(OwnIncrement.id)))
    ]
    with_it = [number for number, currency in currencies_of(session, appeal).items() if currency == appeal.currency]
    converted += [
        (row, row.total_amount_minor, _average(row), row.total_display_minor)
        for row in newest_of_campaigns(session, with_it, as_of=as_of).values()
        if row.total_amount_minor
    ]
    names = {line.body_id: line.name for line in total.lines if line.body_id is not None}
    found = []
    for row, amount_minor, rate, display_minor in converted:
        if only is not None and row.body_id not in only:
            continue
        source, day = sources.of(row.sheet_id)
        found.append(
            Piece(
                participant=names.get(row.body_id, ""),
                stage=str(total.stage),
                currency=row.currency,
                amount_minor=amount_minor,
                less_transfers_minor=0,
                rate=rate,
                rate_source=source,
                rate_date=day,
                display_minor=display_minor,
                evidence_sha256="",
                accepted_at=times.iso(row.made_at),
                as_of=row.made_at.date().isoformat(),
            )
        )
    return found


def _average(row: ConvertedGifts) -> str:
    return str(
        average(Money(row.total_amount_minor, row.currency), Money(row.total_display_minor, row.display_currency))
    )


def _of_partners(
    session: Session,
    appeal: Appeal,
    sources: _Sources,
    *,
    only_final: bool,
    as_of: datetime | None,
    partner_id: int | None = None,
) -> list[Piece]:
    """Every change that was converted, at once or later; the amounts of a later one stand on the row it converts."""
    first = aliased(Increment)
    columns: list[Any] = [
        Partner.name,
        Partner.is_unnamed,
        Increment.stage,
        Increment.currency,
        Increment.amount_minor,
        Increment.less_transfers_minor,
        first.amount_minor,
        first.less_transfers_minor,
        Increment.factor,
        Increment.sheet_id,
        Increment.display_minor,
        PartnerReport.raw_sha256,
        PartnerReport.as_of,
        ReportStep.at,
    ]
    statement = (
        sa_select(*columns)
        .select_from(Increment)
        .join(Partner, col(Partner.id) == col(Increment.partner_id))
        .outerjoin(first, col(first.id) == col(Increment.converts_id))
        .join(PartnerReport, col(PartnerReport.id) == func.coalesce(first.report_id, col(Increment.report_id)))
        .join(ReportStep, (col(ReportStep.report_id) == col(PartnerReport.id)) & (col(ReportStep.step) == "accepted"))
        .where(col(Partner.appeal_id) == appeal.id, col(Increment.display_minor).is_not(None))
        .order_by(col(Increment.id))
    )
    if as_of is not None:
        statement = statement.where(col(Increment.made_at) <= as_of)
    if only_final:
        statement = statement.where(col(Partner.is_beneficiary))
    if partner_id is not None:
        statement = statement.where(col(Partner.id) == partner_id)
    found = []
    for (
        name,
        unnamed,
        stage,
        currency,
        amount,
        less,
        amount_0,
        less_0,
        factor,
        sheet,
        display,
        sha,
        day,
        at,
    ) in session.execute(statement):
        source, rate_day = sources.of(sheet)
        found.append(
            Piece(
                participant=UNNAMED if unnamed else name,
                stage=stage,
                currency=currency,
                amount_minor=amount if amount_0 is None else amount_0,
                less_transfers_minor=less if less_0 is None else less_0,
                rate=factor or "1",
                rate_source=source,
                rate_date=rate_day,
                display_minor=display,
                evidence_sha256=sha,
                accepted_at=times.iso(at),
                as_of=day.isoformat(),
            )
        )
    return found


def partner_pieces(
    session: Session, appeal: Appeal, partner_id: int, *, as_of: datetime | None = None
) -> Sequence[Piece]:
    """Open one partner's part to its conversions, oldest first."""
    return _of_partners(session, appeal, _Sources(session), only_final=False, as_of=as_of, partner_id=partner_id)


def decimals(currencies: Iterable[str]) -> Mapping[str, int]:
    """Return how many decimals currencies have, so that a reader needs no table of them."""
    return {currency: exponent(currency) for currency in sorted(currencies)}
