"""Letting staff in: a link that works once opens a session that ends by itself.

Both tokens are random and kept as hashes alone. Looking at the link's page changes nothing, since mail scanners look at
links; its button opens the session. Whoever presses first is in, and the link is used up.
"""

import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import update
from sqlmodel import Session, col, select

from fundraise.errors import Refusal
from fundraise.parts import Parts
from fundraise.sealing import hash_token
from fundraise.staff.tables import StaffLink, StaffSession

LINK_LIVES: Final = timedelta(minutes=30)
SESSION_LIVES: Final = timedelta(hours=12)
_DEMO_LIVES: Final = timedelta(days=3650)
_TOKEN_BYTES: Final = 32
_USED_UP: Final = "This link was used already, or is too old. Ask for a new one: fundraise staff link"


class LinkUsedUp(Refusal):
    """A link that opens nothing any more, or never did; all of these look alike."""

    status = 410
    code = "link_used_up"


def make_link(parts: Parts, name: str = "staff") -> str:
    """Return a new link, good for half an hour and one use; `name` will stand beside what is done with it."""
    token, now = secrets.token_urlsafe(_TOKEN_BYTES), parts.clock.now()
    with parts.db.write("staff: link") as session:
        expires_at = now + _lives(parts, LINK_LIVES)
        session.add(StaffLink(token_hash=hash_token(token), name=name[:60], made_at=now, expires_at=expires_at))
    return f"{parts.settings.base_url}/staff/enter/{token}"


def _lives(parts: Parts, usual: timedelta) -> timedelta:
    """Return how long something opens doors; a visitor of the demo, who moves its clock, is not shut out by that."""
    return _DEMO_LIVES if parts.settings.demo and parts.settings.clock_url else usual


def good_link(session: Session, token: str, now: datetime) -> StaffLink | None:
    """Return the link of a token as long as it may be used."""
    link = session.exec(select(StaffLink).where(col(StaffLink.token_hash) == hash_token(token))).first()
    return link if link is not None and link.used_at is None and link.expires_at > now else None


def enter(parts: Parts, token: str) -> str:
    """Use a link up and return the token of a new session; raises `LinkUsedUp`."""
    session_token, now = secrets.token_urlsafe(_TOKEN_BYTES), parts.clock.now()
    with parts.db.write("staff: enter") as session:
        # One statement both looks and takes, so of two who press at once only one is let in.
        name = session.execute(
            update(StaffLink)
            .where(
                col(StaffLink.token_hash) == hash_token(token),
                col(StaffLink.used_at).is_(None),
                col(StaffLink.expires_at) > now,
            )
            .values(used_at=now)
            .returning(col(StaffLink.name))
            .execution_options(synchronize_session=False)
        ).scalar()
        if name is None:
            raise LinkUsedUp(_USED_UP)
        expires_at = now + _lives(parts, SESSION_LIVES)
        session.add(StaffSession(token_hash=hash_token(session_token), name=name, made_at=now, expires_at=expires_at))
    return session_token


def who(session: Session, session_token: str, now: datetime) -> StaffSession | None:
    """Return the session of a cookie as long as it lasts."""
    found = session.exec(select(StaffSession).where(col(StaffSession.token_hash) == hash_token(session_token))).first()
    return found if found is not None and found.ended_at is None and found.expires_at > now else None


def leave(parts: Parts, session_token: str) -> None:
    """End a session."""
    with parts.db.write("staff: leave") as session:
        found = who(session, session_token, parts.clock.now())
        if found is not None:
            found.ended_at = parts.clock.now()
            session.add(found)
