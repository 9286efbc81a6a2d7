"""One-time links, the sessions they open, and a row for everything staff do. Tokens are kept as hashes."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from fundraise.columns import Id, Text, UtcDateTime


class StaffLink(SQLModel, table=True):
    """A link that `fundraise staff link` printed; it opens one session."""

    __tablename__: ClassVar[str] = "staff_link"

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    token_hash: str = Field(unique=True, max_length=64)
    name: str = Field(max_length=60)
    made_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class StaffSession(SQLModel, table=True):
    """A browser that staff pages are open in."""

    __tablename__: ClassVar[str] = "staff_session"

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    token_hash: str = Field(unique=True, max_length=64)
    name: str = Field(max_length=60)
    made_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class StaffAct(SQLModel, table=True):
    """What somebody on the staff did, to what, and when."""

    __tablename__: ClassVar[str] = "staff_act"
    __table_args__ = (Index("ix_staff_act_at", "at"),)

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    at: datetime = Field(sa_type=UtcDateTime)
    by: str = Field(max_length=60)
    what: str = Field(max_length=60)
    about: str = Field(default="", sa_type=Text)
