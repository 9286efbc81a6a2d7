"""The lines of a combined total as the public reads them: who, how much, at which rate, on what evidence."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel import Session

from fundraise import money, times
from fundraise.appeals.tables import Appeal
from fundraise.figures.combined import Combined, Line
from fundraise.figures.partner_parts import PartnerPart
from fundraise.money import Money
from fundraise.published_rates import BASES, NAMES, RateSource
from fundraise.rates.questions import published
from fundraise.views.appeal_pages import ParticipantLine
from fundraise.views.parts import Evidence, Moment, Status

STALE: Final = timedelta(days=30)
_NEWS: Final = timedelta(days=1)  # A figure older than this is no news; that is said quietly until it is stale.
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"]{1,500}")
_MARK_LETTERS: Final = 8
_LONGEST_SHOWN: Final = 160
_STAGES: Final = {"collected": "collected from donors", "received": "received from donors"}


@dataclass(frozen=True, slots=True)
class RateWords:
    """Rates as people read them: by sheet and the two currencies."""

    sheets: Mapping[int, tuple[str, date]]
    values: Mapping[tuple[int, str], str]

    def rate(self, sheet_id: int | None, currency: str, into: str) -> str:
        """Return `1 GBP = 173.9540 KES`, digit for digit as published; "" where none was needed."""
        if sheet_id is None:
            return ""
        base = BASES[RateSource(self.sheets[sheet_id][0])]
        others = [f"{self.values[sheet_id, code]} {code}" for code in (currency, into) if code != base]
        return " = ".join([f"1 {base}", *others])

    def source(self, sheet_id: int | None) -> str:
        """Return `European Central Bank, 28 April 2017`; for HMRC the month."""
        if sheet_id is None:
            return ""
        source, day = self.sheets[sheet_id]
        said = times.day_said(day)
        return f"{NAMES[RateSource(source)]}, {said.partition(' ')[2] if source == RateSource.HMRC else said}"


def rate_words(session: Session, wanted: Collection[tuple[int | None, str]], into: str) -> RateWords:
    """Ask once for all the rates that a page shows."""
    pairs = {(sheet, code) for sheet, currency in wanted if sheet is not None for code in (currency, into)}
    known = published(session, pairs)
    return RateWords(known.sheets, known.values)


def participant_lines(session: Session, appeal: Appeal, total: Combined) -> tuple[ParticipantLine, ...]:
    """Return the headline's lines; they sum to it."""
    words = rate_words(session, {(line.sheet_id, line.currency) for line in total.lines}, appeal.currency)
    return tuple(_line(appeal, line, words, total.as_of) for line in total.lines)


def _line(appeal: Appeal, line: Line, words: RateWords, now: datetime) -> ParticipantLine:
    rate = words.rate(line.sheet_id, line.currency, appeal.currency)
    if rate and not line.is_at_one_rate:
        rate = f"each part at its own rate, the last {rate}"
    part = line.partner
    return ParticipantLine(
        name=line.name,
        stage=_stage(line),
        own_amount=money.show(Money(line.amount_minor, line.currency)),
        less_transfers=money.show(Money(line.less_minor, line.currency)) if line.less_minor else "",
        rate=rate,
        rate_source=words.source(line.sheet_id),
        amount=""
        if line.waiting_minor and not line.display_minor
        else money.show(Money(line.display_minor, appeal.currency)),
        as_of=Moment(text=times.day_said(line.as_of), iso=line.as_of.isoformat())
        if line.as_of is not None
        else Moment(text=times.clock(now), iso=times.iso(now)),
        mark=_mark(line, now.date()),
        evidence=evidence_of(appeal, part) if part is not None else (),
        href=f"/a/{appeal.slug}/counted/{part.partner_id}" if part is not None else "",
    )


def _stage(line: Line) -> str:
    if line.passed is not None:
        return "passed on, and acknowledged"
    if line.partner is None:
        return "gifts by card here, before fees"
    basis = {"net": ", after card fees", "unknown": ", card fees unknown"}.get(line.partner.gross_or_net, "")
    low = ", estimated low" if line.is_low else ""
    return f"{_STAGES[line.partner.stage]}{basis}{low}"


def _mark(line: Line, today: date) -> Status | None:
    if line.waiting_minor:
        return Status(word="No rate yet", tone="on_its_way")
    if line.partner is None:
        return None
    if line.is_unclear:
        return Status(word="Not clear yet", tone="needs_you")
    said = times.day_said(line.partner.as_of)
    if line.partner.has_left:
        return Status(word=f"Took part until {said}", tone="quiet")
    if is_stale(line.partner, today):
        return Status(word=f"No news since {said}", tone="needs_you")
    age = today - line.partner.as_of
    return Status(word=f"{age.days} days ago", tone="quiet") if age > _NEWS else None


def is_stale(part: PartnerPart, today: date) -> bool:
    """Tell whether a figure is so old that the page says so; it still counts."""
    return today - part.as_of > STALE


def evidence_of(appeal: Appeal, part: PartnerPart) -> tuple[Evidence, ...]:
    """Return what is behind a partner's figure; of a partner that is not named nothing is shown that could name it.

    Who on the staff accepted it stays inside: working for a cause can put people in danger.
    """
    signed = times.day(part.accepted_at)
    found = [
        Evidence(
            text=f"The report as it came in, accepted on {signed}",
            fingerprint=part.sha256[:_MARK_LETTERS],
        )
    ]
    if part.is_unnamed:
        return tuple(found)
    if part.evidence:
        address = part.evidence if _ADDRESS.fullmatch(part.evidence) else ""
        found.insert(0, Evidence(text=part.evidence[:_LONGEST_SHOWN], href=address))
    if part.file_name is not None and part.file_sha256 is not None:
        found.append(
            Evidence(
                text=part.file_name if part.file_is_public else "A file, kept for those who check and not public",
                href=f"/a/{appeal.slug}/evidence/{part.file_sha256}" if part.file_is_public else "",
                fingerprint=part.file_sha256[:_MARK_LETTERS],
            )
        )
    return tuple(found)
