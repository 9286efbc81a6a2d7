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
_AT_ONCE = 500


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
    """Keep files of rates, then convert what waited for them."""
    sheets = new = 0
    for file in files:
        with parts.db.write("rates: keep") as session:
            now = parts.clock.now()
            kept = _keep(session, file, by=by, now=now)
            sheets, new = sheets + len(file.sheets), new + kept
            if kept:
                note(session, "rates")
                note_act(
                    session, what=f"kept {kept} days or months of rates", about=f"rates:{file.name}", by=by, at=now
                )
    return RatesImported(sheets, new, sum(convert_waiting(parts).values()) if new else 0)


def _keep(session: Session, file: PublishedFile, *, by: str, now: datetime) -> int:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _RATES_LOCK})
    file_sha256 = sha256(file.raw).hexdigest()
    known = _known(session, file.sheets)
    fresh = [
        (sheet, digest)
        for sheet in file.sheets
        if (digest := content_sha256(sheet.rates)) not in known.get((sheet.source, sheet.effective_on), set())
    ]
    for start in range(0, len(fresh), _AT_ONCE):
        some = fresh[start : start + _AT_ONCE]
        made = insert(RateSheet).returning(col(RateSheet.id), sort_by_parameter_order=True)
        ids = session.scalars(
            made,
            [
                {
                    "source": sheet.source.value,
                    "effective_on": sheet.effective_on,
                    "imported_at": now,
                    "imported_by": by[:60],
                    "file_name": file.name[:200],
                    "file_sha256": file_sha256,
                    "content_sha256": digest,
                }
                for sheet, digest in some
            ],
        ).all()
        session.execute(
            insert(Rate),
            [
                {"sheet_id": sheet_id, "currency": currency, "value": value}
                for sheet_id, (sheet, _) in zip(ids, some, strict=True)
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
