"""Notices from payment services, kept before anything is done about them.

A notice is unique by account and event id. Keeping it and acting on it are two transactions: the first answers the
service, the second may be repeated as often as it takes.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import ClassVar, NamedTuple

from sqlalchemy import Index, UniqueConstraint, or_, update
from sqlmodel import Field, Session, SQLModel, col, func, select

from fundraise import plain
from fundraise.columns import Id, Text, UtcDateTime
from fundraise.db import Database, note

MOST_TRIES = 8
MOST_IN_ONE = 200  # In one statement: SQLite takes 32,766 values in one, and a notice has nine.
_CLAIM_SECONDS = 120
_FIRST_WAIT_SECONDS = 5
_LONGEST_WAIT = timedelta(minutes=30)
_WAITS_FOR_STRIPE = timedelta(days=3)
WAITS = "waits"
_HANDLED = (
    "UPDATE inbox_notice SET handled_at = :now, outcome = :outcome, claimed_until = NULL, last_error = '' "
    "WHERE id = :id AND handled_at IS NULL"
)


class KeptNotice(SQLModel, table=True):
    """A notice as it came. `handled_at` is set in the same transaction as its effect."""

    __tablename__: ClassVar[str] = "inbox_notice"
    __table_args__ = (
        UniqueConstraint("account", "event_id"),
        Index("ix_inbox_notice_waiting", "handled_at", "dead_at", "next_try_at"),
        Index("ix_inbox_notice_object_id", "object_id"),
    )

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    account: str = Field(max_length=60)  # The slug of the account it is about.
    event_id: str = Field(max_length=120)
    type: str = Field(max_length=80)
    object_type: str = Field(max_length=60)
    object_id: str = Field(max_length=120)
    payment_id: str = Field(default="", max_length=120)  # A hint from the body: which payment to look at.
    came_by: str = Field(default="webhook", max_length=20)
    happened_at: datetime = Field(sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime)
    body: str = Field(default="", sa_type=Text)
    tries: int = 0
    next_try_at: datetime = Field(sa_type=UtcDateTime)
    claimed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    handled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: str = Field(default="", max_length=40)
    last_error: str = Field(default="", sa_type=Text)
    dead_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


_GIVEN_UP = (col(KeptNotice.dead_at).is_not(None), col(KeptNotice.handled_at).is_(None))


class Arrival(NamedTuple):
    """A verified notice to be kept: what its row begins with."""

    account: str
    event_id: str
    type: str
    object_type: str
    object_id: str
    payment_id: str
    happened_at: datetime
    body: str = ""
    came_by: str = "webhook"


def keep(db: Database, arrivals: Sequence[Arrival], now: datetime) -> int:
    """Keep each notice once; return how many were new. After this returns they are safe.

    Many are handed over in one statement, and each statement is a transaction.
    """
    return sum(_keep(db, arrivals[start : start + MOST_IN_ONE], now) for start in range(0, len(arrivals), MOST_IN_ONE))


def _keep(db: Database, arrivals: Sequence[Arrival], now: datetime) -> int:
    values: dict[str, object] = {"now": plain.at_on(db.dialect, now)}
    for place, arrival in enumerate(arrivals):
        values.update(zip(_places(place), arrival, strict=True))
        values[f"happened_at_{place}"] = plain.at_on(db.dialect, arrival.happened_at)
    return db.write_statement("hear", _keeping(len(arrivals)), values, topic="inbox")


@cache
def _keeping(many: int) -> str:
    """Return the statement that keeps so many."""
    given = ", ".join(
        f"({', '.join(f':{name}' for name in _places(place))}, :now, 0, :now, '', '')" for place in range(many)
    )
    named = ", ".join(Arrival._fields)
    return (
        f"INSERT INTO inbox_notice ({named}, received_at, tries, next_try_at, outcome, last_error) "  # noqa: S608  Only names and numbers of ours.
        f"VALUES {given} ON CONFLICT (account, event_id) DO NOTHING"
    )


@cache
def _places(place: int) -> tuple[str, ...]:
    """Return what the values of one of many are called."""
    return tuple(f"{name}_{place}" for name in Arrival._fields)


def claim(session: Session, now: datetime, limit: int) -> list[KeptNotice]:
    """Take up to `limit` waiting notices for two minutes, oldest first, leaving out what others have taken."""
    waiting = (
        select(KeptNotice.id)
        .where(
            col(KeptNotice.handled_at).is_(None),
            col(KeptNotice.dead_at).is_(None),
            col(KeptNotice.next_try_at) <= now,
            or_(col(KeptNotice.claimed_until).is_(None), col(KeptNotice.claimed_until) <= now),
        )
        .order_by(col(KeptNotice.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = session.exec(waiting).all()
    if not ids:
        return []
    session.execute(
        update(KeptNotice)
        .where(col(KeptNotice.id).in_(ids))
        .values(claimed_until=now + timedelta(seconds=_CLAIM_SECONDS))
    )
    return list(session.exec(select(KeptNotice).where(col(KeptNotice.id).in_(ids)).order_by(col(KeptNotice.id))))


def mark_handled(session: Session, ids: Sequence[int], outcome: str, now: datetime) -> None:
    """Say, in the transaction of the effect, that these notices have had theirs."""
    when = plain.at(session, now)
    plain.run_many(session, _HANDLED, [{"id": notice_id, "outcome": outcome, "now": when} for notice_id in ids])


def put_back(session: Session, ids: Sequence[int], error: str, now: datetime, *, counts: bool) -> None:
    """Let notices wait for another try; after eight that count they are dead until a person looks.

    A service that does not answer is no fault of the notice and does not count.
    """
    for notice in session.exec(select(KeptNotice).where(col(KeptNotice.id).in_(ids))):
        if notice.handled_at is not None:
            continue
        notice.tries += 1 if counts else 0
        notice.last_error = error[:500]
        notice.claimed_until = None
        wait = _FIRST_WAIT_SECONDS * 2 ** min(notice.tries, 10) if counts else 4 * _FIRST_WAIT_SECONDS
        notice.next_try_at = now + timedelta(seconds=wait)
        if notice.tries >= MOST_TRIES:
            notice.dead_at = now
        session.add(notice)


def put_off(session: Session, ids: Sequence[int], why: str, now: datetime) -> None:
    """Let notices wait for what Stripe will show by itself: about as long again as they waited, at most half an hour.

    All that could be done about them is done, so no alarm is due; after three days they are dead until a person looks.
    """
    for notice in session.exec(select(KeptNotice).where(col(KeptNotice.id).in_(ids))):
        if notice.handled_at is not None:
            continue
        age = now - notice.received_at
        if age > _WAITS_FOR_STRIPE and notice.outcome == WAITS:
            notice.dead_at = now
        notice.outcome = WAITS
        notice.last_error = why[:500]
        notice.claimed_until = None
        notice.next_try_at = now + min(max(age, timedelta(seconds=2 * _FIRST_WAIT_SECONDS)), _LONGEST_WAIT)
        session.add(notice)


def given_up(session: Session, *, most: int) -> Sequence[KeptNotice]:
    """List the notices that are dead until a person looks, oldest first."""
    return session.exec(select(KeptNotice).where(*_GIVEN_UP).order_by(col(KeptNotice.id)).limit(most)).all()


def revive(session: Session, notice_id: int, now: datetime) -> bool:
    """Give a dead notice its tries back; return False when there is no such one."""
    values = {"dead_at": None, "tries": 0, "outcome": "", "next_try_at": now}
    done = session.execute(
        update(KeptNotice)
        .where(col(KeptNotice.id) == notice_id, *_GIVEN_UP)
        .values(values)
        .returning(col(KeptNotice.id))
    ).first()
    if done:
        note(session, "inbox")
    return done is not None


def leave(session: Session, notice_id: int, now: datetime) -> bool:
    """End a dead notice without an effect, as a person decided; return False when there is no such one."""
    return (
        session.execute(
            update(KeptNotice)
            .where(col(KeptNotice.id) == notice_id, *_GIVEN_UP)
            .values(handled_at=now, outcome="left")
            .returning(col(KeptNotice.id))
        ).first()
        is not None
    )


def oldest_unhandled(session: Session) -> datetime | None:
    """Return when the oldest notice came that had no effect yet, also if it was given up; None for none.

    One that was looked at and waits for Stripe's own balance had all the effect it can have now.
    """
    return session.exec(
        select(func.min(KeptNotice.received_at)).where(
            col(KeptNotice.handled_at).is_(None),
            or_(col(KeptNotice.outcome) != WAITS, col(KeptNotice.dead_at).is_not(None)),
        )
    ).one()


def oldest_waiting(session: Session) -> datetime | None:
    """Return when the notice came that waits longest for us; None when none does.

    Dead ones wait for a person, and those that were looked at wait for Stripe.
    """
    return session.exec(
        select(func.min(KeptNotice.received_at)).where(
            col(KeptNotice.handled_at).is_(None),
            col(KeptNotice.dead_at).is_(None),
            col(KeptNotice.outcome) != WAITS,
        )
    ).one()


def count_dead(session: Session) -> int:
    """Count the notices that gave up and wait for a person."""
    return session.exec(select(func.count()).where(*_GIVEN_UP)).one()
