"""Letters waiting to leave. A letter is noted in the transaction of what it tells of, and written and sent afterwards.

Mail is delivered at least once: after a crash between sending and noting it, a letter goes out again with the same
Message-ID. A letter is keyed by what it is about, so the same news is never sent twice on purpose. What it says and
to whom is read when it leaves, so this table holds no address and no text.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Index, or_, update
from sqlmodel import Field, Session, SQLModel, col, func, select

from fundraise import plain
from fundraise.columns import Id, Text, UtcDateTime
from fundraise.db import note

MOST_TRIES = 10
_CLAIM_SECONDS = 120
_FIRST_WAIT_SECONDS = 30
_WRITE = (
    "INSERT INTO letter (key, kind, message_id, donation_id, about, written_at, tries, next_try_at, last_error) "
    "VALUES (:key, :kind, :message_id, :donation_id, :about, :now, 0, :now, '') "
    "ON CONFLICT (key) DO NOTHING RETURNING id"
)


class Letter(SQLModel, table=True):
    """A letter and what became of it."""

    __table_args__ = (
        Index("ix_letter_waiting", "sent_at", "dead_at", "next_try_at"),
        Index("ix_letter_donation_id", "donation_id"),
    )

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    key: str = Field(unique=True, max_length=160)  # What it is about: `receipt:12`.
    kind: str = Field(max_length=40)
    message_id: str = Field(max_length=200)
    donation_id: int | None = Field(default=None, sa_type=Id, foreign_key="donation.id")
    about: str = Field(default="", max_length=200)  # What else the text needs: a refund's amount.
    written_at: datetime = Field(sa_type=UtcDateTime)
    tries: int = 0
    next_try_at: datetime = Field(sa_type=UtcDateTime)
    claimed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_error: str = Field(default="", sa_type=Text)
    dead_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


GIVEN_UP = (col(Letter.sent_at).is_(None), col(Letter.dead_at).is_not(None))


def write(
    session: Session, key: str, kind: str, *, donation_id: int | None, about: str = "", host: str, now: datetime
) -> bool:
    """Put a letter in the outbox; return False when one with this key was written before."""
    values = {
        "key": key,
        "kind": kind,
        "message_id": f"<{kind}.{hashlib.sha256(key.encode()).hexdigest()[:32]}@{host}>",
        "donation_id": donation_id,
        "about": about,
        "now": plain.at(session, now),
    }
    written = plain.ask(session, _WRITE, values)
    if written:
        note(session, "outbox")
    return bool(written)


def claim(session: Session, now: datetime, limit: int) -> list[Letter]:
    """Take up to `limit` waiting letters for two minutes, leaving out what others have taken."""
    waiting = (
        select(Letter.id)
        .where(
            col(Letter.sent_at).is_(None),
            col(Letter.dead_at).is_(None),
            col(Letter.next_try_at) <= now,
            or_(col(Letter.claimed_until).is_(None), col(Letter.claimed_until) <= now),
        )
        .order_by(col(Letter.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = session.exec(waiting).all()
    if not ids:
        return []
    session.execute(
        update(Letter).where(col(Letter.id).in_(ids)).values(claimed_until=now + timedelta(seconds=_CLAIM_SECONDS))
    )
    return list(session.exec(select(Letter).where(col(Letter.id).in_(ids)).order_by(col(Letter.id))))


def mark_sent(session: Session, letter_id: int, now: datetime) -> None:
    """Note that a letter left."""
    session.execute(
        update(Letter).where(col(Letter.id) == letter_id).values(sent_at=now, claimed_until=None, last_error="")
    )


def put_back(session: Session, letter_id: int, error: str, now: datetime, *, final: bool) -> None:
    """Let a letter wait for another try; after ten, or when asking again cannot help, it waits for a person."""
    letter = session.get_one(Letter, letter_id)
    letter.tries += 1
    letter.last_error = error[:500]
    letter.claimed_until = None
    letter.next_try_at = now + timedelta(seconds=_FIRST_WAIT_SECONDS * 2 ** min(letter.tries, 9))
    if final or letter.tries >= MOST_TRIES:
        letter.dead_at = now
    session.add(letter)


def revive(session: Session, letter_id: int, now: datetime) -> bool:
    """Give a letter that was given up its tries back; return False when there is no such one."""
    values = {"dead_at": None, "tries": 0, "next_try_at": now}
    done = session.execute(
        update(Letter).where(col(Letter.id) == letter_id, *GIVEN_UP).values(values).returning(col(Letter.id))
    ).first()
    if done:
        note(session, "outbox")
    return done is not None


def count_waiting(session: Session) -> int:
    """Count the letters that have not left and may yet."""
    return session.exec(select(func.count()).where(col(Letter.sent_at).is_(None), col(Letter.dead_at).is_(None))).one()


def letters_of(session: Session, donation_id: int) -> Sequence[Letter]:
    """List the letters about a donation, newest first."""
    return session.exec(
        select(Letter).where(col(Letter.donation_id) == donation_id).order_by(col(Letter.id).desc())
    ).all()
