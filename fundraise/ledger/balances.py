"""Questions to the books: balances by any of their columns, now or as of any past moment.

A balance is the newest usable checkpoint plus the lines booked after it, so that the total of a million gifts costs
as much as that of the last few thousand. Without a checkpoint the answer is the same, only slower.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import delete, func, insert, text, union_all
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from fundraise import plain
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


@dataclass(frozen=True, slots=True)
class _Since:
    """A checkpoint, and the last entry that is in it."""

    id: int
    upto_entry_id: int


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
    if campaign_ids is not None and not campaign_ids:
        return []
    wanted: dict[str, Any] = {
        "body_id": body_id,
        "account": account.value if account is not None else None,
        "currency": currency,
        "due_body_id": due_body_id,
        "held_at": held_at,
        "counts": counts,
    }
    values = {name: value for name, value in wanted.items() if value is not None}
    since = _newest_checkpoint(session, as_of, upto_entry_id)
    statement = _statement(
        tuple(by),
        tuple(values),
        session.get_bind().dialect.name,
        None if campaign_ids is None else len(campaign_ids),
        has_checkpoint=since is not None,
        has_as_of=as_of is not None,
        has_upto=upto_entry_id is not None,
    )
    values |= {f"campaign_{place}": campaign_id for place, campaign_id in enumerate(campaign_ids or ())}
    if since is not None:
        values |= {"checkpoint": since.id, "from_entry": since.upto_entry_id}
    if as_of is not None:
        values["as_of"] = plain.at(session, as_of)
    if upto_entry_id is not None:
        values["upto_entry"] = upto_entry_id
    sums: dict[tuple[Any, ...], list[int]] = {}
    is_boolean = tuple(name == "counts" for name in by)
    for *columns, minor, gifts in plain.ask(session, statement, values):
        key = tuple(bool(value) if boolean else value for value, boolean in zip(columns, is_boolean, strict=True))
        total = sums.setdefault(key, [0, 0])
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
    return int(plain.ask(session, "SELECT COALESCE(MAX(id), 0) FROM ledger_entry")[0][0])


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


@cache
def _statement(
    by: tuple[str, ...],
    filters: tuple[str, ...],
    dialect: str,
    campaigns: int | None,
    *,
    has_checkpoint: bool,
    has_as_of: bool,
    has_upto: bool,
) -> str:
    """Write the question: the lines, after the checkpoint if there is one, and the checkpoint's balances.

    The tail is looked for by its entries: SQLite, which does not know how few they are, is told so, since it would go
    through all lines of a campaign or account instead.
    """
    if unknown := {*by} - {*_COLUMNS}:
        raise ValueError(f"lines have no {sorted(unknown)}")
    grouped = f" GROUP BY {', '.join(by)}" if by else ""
    columns = "".join(f"{name}, " for name in by)
    head = f"SELECT {columns}COALESCE(SUM(minor), 0), COALESCE(SUM(gifts), 0) FROM "  # noqa: S608  Names of our own columns.
    lines = "ledger_line"
    if has_checkpoint and dialect == "sqlite":
        lines += " INDEXED BY ix_ledger_line_entry_id"
    base = [f"{name} = :{name}" for name in filters]
    if campaigns is not None:
        base.append(f"campaign_id IN ({', '.join(f':campaign_{place}' for place in range(campaigns))})")
    tail = [*base]
    if has_checkpoint:
        tail.append("entry_id > :from_entry")
    if has_upto:
        tail.append("entry_id <= :upto_entry")
    if has_as_of:
        tail.append("EXISTS (SELECT 1 FROM ledger_entry e WHERE e.id = entry_id AND e.booked_at <= :as_of)")
    statement = f"{head}{lines} WHERE {' AND '.join(tail) or '1 = 1'}{grouped}"
    if has_checkpoint:
        wanted = " AND ".join(["checkpoint_id = :checkpoint", *base])
        statement += f" UNION ALL {head}ledger_checkpoint_balance WHERE {wanted}{grouped}"
    return statement


def _newest_checkpoint(session: Session, as_of: datetime | None, upto_entry_id: int | None) -> _Since | None:
    values: dict[str, object] = {}
    limits = []
    if as_of is not None:
        limits.append("upto_booked_at <= :as_of")
        values["as_of"] = plain.at(session, as_of)
    if upto_entry_id is not None:
        limits.append("upto_entry_id <= :upto_entry")
        values["upto_entry"] = upto_entry_id
    where = f"WHERE {' AND '.join(limits)} " if limits else ""
    statement = f"SELECT id, upto_entry_id FROM ledger_checkpoint {where}ORDER BY upto_entry_id DESC LIMIT 1"  # noqa: S608
    found = plain.ask(session, statement, values)
    return _Since(*found[0]) if found else None


def _lines_after(session: Session, checkpoint: _Since | None) -> int:
    statement = select(func.count()).select_from(Line)
    if checkpoint is not None:
        statement = statement.where(col(Line.entry_id) > checkpoint.upto_entry_id)
    return session.exec(statement).one()


def _write_checkpoint(session: Session, newest: Entry, before: _Since | None, now: datetime) -> None:
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
