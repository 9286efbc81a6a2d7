"""Questions to the books: balances by any of their columns, now or as of any past moment.

A balance is the newest usable checkpoint plus the lines booked after it, so that the total of a million gifts costs
as much as that of the last few thousand. Without a checkpoint the answer is the same, only slower.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, insert, text, union_all
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from fundraise.db import Database
from fundraise.ledger.accounts import Account
from fundraise.ledger.tables import Checkpoint, CheckpointBalance, Entry, Line

# With this many lines after the last checkpoint a new one is due; the sum over so many takes about a millisecond.
LINES_BETWEEN_CHECKPOINTS = 4000
_KEPT_CHECKPOINTS = 40
_BUILDER_LOCK = 0x46554E44  # The ledger's own lock: nothing is being posted while a checkpoint is made.
_COLUMNS = ("body_id", "account", "currency", "campaign_id", "event_id", "due_body_id", "held_at", "counts")


@dataclass(frozen=True, slots=True)
class Balance:
    """A sum of lines: `key` holds the values of the columns asked for, in their order."""

    key: tuple[Any, ...]
    minor: int
    gifts: int


def balances(  # noqa: PLR0913  Each is a filter of its own.
    session: Session,
    by: Sequence[str],
    *,
    body_id: int | None = None,
    account: Account | None = None,
    currency: str | None = None,
    campaign_ids: Sequence[int] | None = None,
    due_body_id: int | None = None,
    held_at: str | None = None,
    counts: bool | None = None,
    as_of: datetime | None = None,
    upto_entry_id: int | None = None,
) -> list[Balance]:
    """Sum the lines, grouped by the columns named in `by` (any of `_COLUMNS`).

    Debit positive. `as_of` leaves out what was booked later; `upto_entry_id` what was booked after that entry.
    """
    wanted: dict[str, Any] = {
        "body_id": body_id,
        "account": account.value if account is not None else None,
        "currency": currency,
        "due_body_id": due_body_id,
        "held_at": held_at,
        "counts": counts,
    }
    filters = {name: value for name, value in wanted.items() if value is not None}
    checkpoint = _newest_checkpoint(session, as_of, upto_entry_id)
    tail = _narrow(sa_select(*_grouped(Line, by)), Line, filters, campaign_ids)
    if checkpoint is not None:
        tail = tail.where(col(Line.entry_id) > checkpoint.upto_entry_id)
    if upto_entry_id is not None:
        tail = tail.where(col(Line.entry_id) <= upto_entry_id)
    if as_of is not None:
        tail = tail.join(Entry, col(Entry.id) == col(Line.entry_id)).where(col(Entry.booked_at) <= as_of)
    parts = [tail.group_by(*(getattr(Line, name) for name in by))]
    if checkpoint is not None:
        base = _narrow(sa_select(*_grouped(CheckpointBalance, by)), CheckpointBalance, filters, campaign_ids)
        base = base.where(col(CheckpointBalance.checkpoint_id) == checkpoint.id)
        parts.append(base.group_by(*(getattr(CheckpointBalance, name) for name in by)))
    sums: dict[tuple[Any, ...], list[int]] = {}
    for *key, minor, gifts in session.execute(union_all(*parts)):
        total = sums.setdefault(tuple(key), [0, 0])
        total[0] += int(minor)
        total[1] += int(gifts)
    return [Balance(key, minor, gifts) for key, (minor, gifts) in sums.items() if minor or gifts]


def standing_minor(session: Session, donation_id: int, currency: str) -> int:
    """Return what a donation still counts for in a currency, in minor units."""
    found = session.exec(
        select(func.sum(Line.minor)).where(
            col(Line.donation_id) == donation_id, col(Line.counts), col(Line.currency) == currency
        )
    ).one()
    return -int(found or 0)


def last_entry_id(session: Session) -> int:
    """Return the newest entry's id, 0 for empty books: together with the filters it names a total for ever."""
    return session.exec(select(Entry.id).order_by(col(Entry.id).desc()).limit(1)).first() or 0


def make_checkpoint(db: Database, *, least_lines: int = LINES_BETWEEN_CHECKPOINTS) -> bool:
    """Sum all balances up to the newest entry, if enough lines came since the last time; tell whether it was done."""
    with db.write("ledger: checkpoint") as session:
        if db.dialect == "postgresql":
            session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _BUILDER_LOCK})
        newest = session.exec(select(Entry).order_by(col(Entry.id).desc()).limit(1)).first()
        before = _newest_checkpoint(session, None, None)
        if newest is None or (before is not None and _lines_after(session, before) < least_lines):
            return False
        if before is None and _lines_after(session, None) < least_lines:
            return False
        _write_checkpoint(session, newest, before, db.clock.now())
        _forget_oldest(session)
    return True


def rebuild_checkpoints(db: Database) -> None:
    """Forget all checkpoints and make one afresh from the lines alone."""
    with db.write("ledger: forget checkpoints") as session:
        session.execute(delete(Checkpoint))
    make_checkpoint(db, least_lines=1)


def _grouped(table: type[Line] | type[CheckpointBalance], by: Sequence[str]) -> list[ColumnElement[Any]]:
    columns = [getattr(table, name) for name in by]
    return [*columns, func.coalesce(func.sum(table.minor), 0), func.coalesce(func.sum(table.gifts), 0)]


def _narrow(
    statement: Select[Any],
    table: type[Line] | type[CheckpointBalance],
    filters: dict[str, Any],
    campaign_ids: Sequence[int] | None,
) -> Select[Any]:
    for name, value in filters.items():
        statement = statement.where(getattr(table, name) == value)
    if campaign_ids is not None:
        statement = statement.where(col(table.campaign_id).in_(campaign_ids))
    return statement


def _newest_checkpoint(session: Session, as_of: datetime | None, upto_entry_id: int | None) -> Checkpoint | None:
    statement = select(Checkpoint).order_by(col(Checkpoint.upto_entry_id).desc()).limit(1)
    if as_of is not None:
        statement = statement.where(col(Checkpoint.upto_booked_at) <= as_of)
    if upto_entry_id is not None:
        statement = statement.where(col(Checkpoint.upto_entry_id) <= upto_entry_id)
    return session.exec(statement).first()


def _lines_after(session: Session, checkpoint: Checkpoint | None) -> int:
    statement = select(func.count()).select_from(Line)
    if checkpoint is not None:
        statement = statement.where(col(Line.entry_id) > checkpoint.upto_entry_id)
    return session.exec(statement).one()


def _write_checkpoint(session: Session, newest: Entry, before: Checkpoint | None, now: datetime) -> None:
    made = session.execute(
        insert(Checkpoint)
        .values(upto_entry_id=newest.id, upto_booked_at=newest.booked_at, made_at=now)
        .returning(col(Checkpoint.id))
    ).scalar_one()
    lines = sa_select(*(getattr(Line, name) for name in (*_COLUMNS, "minor", "gifts")))
    if before is not None:
        lines = lines.where(col(Line.entry_id) > before.upto_entry_id)
        base = sa_select(*(getattr(CheckpointBalance, name) for name in (*_COLUMNS, "minor", "gifts")))
        lines_and_base = union_all(lines, base.where(col(CheckpointBalance.checkpoint_id) == before.id)).subquery()
    else:
        lines_and_base = lines.subquery()
    columns = [lines_and_base.c[name] for name in _COLUMNS]
    minor, gifts = func.sum(lines_and_base.c.minor), func.sum(lines_and_base.c.gifts)
    summed = sa_select(text(str(int(made))), *columns, minor, gifts).group_by(*columns)
    target = ["checkpoint_id", *_COLUMNS, "minor", "gifts"]
    session.execute(insert(CheckpointBalance).from_select(target, summed))


def _forget_oldest(session: Session) -> None:
    kept = session.exec(
        select(Checkpoint.id).order_by(col(Checkpoint.upto_entry_id).desc()).offset(_KEPT_CHECKPOINTS).limit(1)
    ).first()
    if kept is not None:
        session.execute(delete(Checkpoint).where(col(Checkpoint.id) <= kept))
