"""Keeping published rates: sheets are only added, a file read again adds nothing, and what waited is converted."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import insert, text
from sqlmodel import Session, col, select

from fundraise.db import note
from fundraise.flows.convert_waiting import convert_waiting
from fundraise.parts import Parts
from fundraise.published_rates import PublishedFile, PublishedSheet, RateSource
from fundraise.rates.tables import Rate, RateSheet
from fundraise.staff.rules import note_act

_RATES_LOCK = 0x52415445  # "RATE"
_AT_ONCE = 100  # Days or months in one transaction: some thousand rates.


@dataclass(frozen=True, slots=True)
class RatesImported:
    """What a file brought: sheets in it, new ones, and what could be converted because of them."""

    sheets: int
    new: int
    converted: int


def import_rates(parts: Parts, name: str, raw: bytes, *, by: str) -> RatesImported:
    """Keep the rates of a file that somebody brings; raises `RatesUnreadable` and then keeps nothing."""
    return keep_rates(parts, [parts.rates.read(name, raw)], by=by)


def seed_rates(parts: Parts, source: RateSource, since: date, *, by: str) -> RatesImported:
    """Keep the rates that were installed along with the product, from a day on."""
    return keep_rates(parts, [parts.rates.bundled(source, since)], by=by)


def keep_rates(parts: Parts, files: Sequence[PublishedFile], *, by: str) -> RatesImported:
    """Keep files of rates, then convert what waited for them.

    A long history is kept in several transactions, so that nobody waits long; what was cut short is made good by the
    same file again.
    """
    new = 0
    for file in files:
        kept, file_sha256 = 0, sha256(file.raw).hexdigest()
        for start in range(0, len(file.sheets), _AT_ONCE):
            sheets = file.sheets[start : start + _AT_ONCE]
            with parts.db.write("rates: keep") as session:
                now = parts.clock.now()
                here = _keep(session, file.name, file_sha256, sheets, by=by, now=now)
                if here and not kept:
                    note_act(session, what="kept exchange rates", about=f"rates:{file.name}", by=by, at=now)
                if here:
                    note(session, "rates")
                kept += here
        new += kept
    converted = sum(convert_waiting(parts).values()) if new else 0
    return RatesImported(sum(len(file.sheets) for file in files), new, converted)


def _keep(
    session: Session, name: str, file_sha256: str, sheets: Sequence[PublishedSheet], *, by: str, now: datetime
) -> int:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _RATES_LOCK})
    known = _known(session, sheets)
    fresh = [
        (sheet, digest)
        for sheet in sheets
        if (digest := content_sha256(sheet.rates)) not in known.get((sheet.source, sheet.effective_on), set())
    ]
    if not fresh:
        return 0
    ids = session.scalars(
        insert(RateSheet).returning(col(RateSheet.id), sort_by_parameter_order=True),
        [
            {
                "source": sheet.source.value,
                "effective_on": sheet.effective_on,
                "imported_at": now,
                "imported_by": by[:60],
                "file_name": name[:200],
                "file_sha256": file_sha256,
                "content_sha256": digest,
            }
            for sheet, digest in fresh
        ],
    ).all()
    session.execute(
        insert(Rate),
        [
            {"sheet_id": sheet_id, "currency": currency, "value": value}
            for sheet_id, (sheet, _) in zip(ids, fresh, strict=True)
            for currency, value in sheet.rates.items()
        ],
    )
    return len(fresh)


def _known(session: Session, sheets: Sequence[PublishedSheet]) -> Mapping[tuple[str, date], set[str]]:
    found: dict[tuple[str, date], set[str]] = {}
    days = [sheet.effective_on for sheet in sheets]
    for source in {sheet.source for sheet in sheets}:
        rows = session.exec(
            select(col(RateSheet.effective_on), col(RateSheet.content_sha256)).where(
                col(RateSheet.source) == source, col(RateSheet.effective_on).between(min(days), max(days))
            )
        )
        for day, digest in rows:
            found.setdefault((source, day), set()).add(digest)
    return found


def content_sha256(rates: Mapping[str, str]) -> str:
    """Return the fingerprint of a sheet's rates alone, whatever file they came in."""
    return sha256(json.dumps(rates, sort_keys=True).encode()).hexdigest()
