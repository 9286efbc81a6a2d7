"""The ledger's tables. Entries and lines are only ever added; triggers and grants hold that on both databases."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from fundraise.columns import CurrencyCode, Id, Minor, String, Text, UtcDateTime


class Entry(SQLModel, table=True):
    """One thing that happened to money. Its lines sum to zero per body and currency."""

    __tablename__: ClassVar[str] = "ledger_entry"
    __table_args__ = (UniqueConstraint("key"), Index("ix_ledger_entry_booked_at", "booked_at"))

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    key: str = Field(sa_type=String(200))  # What it is about: `payment:ch_…`.
    kind: str = Field(sa_type=String(40))  # The key's first word.
    occurred_at: datetime = Field(sa_type=UtcDateTime)
    booked_at: datetime = Field(sa_type=UtcDateTime)
    why: str = Field(sa_type=Text)
    reverses_id: int | None = Field(default=None, sa_type=Id, foreign_key="ledger_entry.id", unique=True)


class Line(SQLModel, table=True):
    """One side of an entry: `minor` units of `currency`, debit positive, on one body's account."""

    __tablename__: ClassVar[str] = "ledger_line"
    __table_args__ = (
        CheckConstraint("minor <> 0", name="not_zero"),
        CheckConstraint("counts OR gifts = 0", name="gifts_count"),
        Index("ix_ledger_line_entry_id", "entry_id"),
        Index("ix_ledger_line_balance", "body_id", "account", "held_at", "currency", "entry_id", "minor"),
        # Covers the question every public page asks.
        Index(
            "ix_ledger_line_campaign",
            *("campaign_id", "counts", "account", "currency", "event_id", "entry_id", "minor", "gifts"),
        ),
        Index("ix_ledger_line_donation", "donation_id"),
    )

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    entry_id: int = Field(sa_type=Id, foreign_key="ledger_entry.id")
    body_id: int = Field(sa_type=Id, foreign_key="body.id")
    account: str = Field(sa_type=String(4))
    minor: int = Field(sa_type=Minor)
    currency: str = Field(sa_type=CurrencyCode)
    campaign_id: int | None = Field(default=None, sa_type=Id, foreign_key="campaign.id")
    donation_id: int | None = Field(default=None, sa_type=Id, foreign_key="donation.id")
    event_id: int | None = Field(default=None, sa_type=Id, foreign_key="event.id")
    due_body_id: int | None = Field(default=None, sa_type=Id, foreign_key="body.id")
    # Which of the body's accounts elsewhere holds it: `stripe:3`, `bank:1`; empty where none does.
    held_at: str = Field(default="", max_length=20)
    # Whether the line is part of the public total (gross credits of gifts, and what takes them back), and by how many
    # gifts it changes their number.
    counts: bool = False
    gifts: int = 0


class Checkpoint(SQLModel, table=True):
    """All balances up to and including one entry. Derived: it may be dropped and rebuilt at any time."""

    __tablename__: ClassVar[str] = "ledger_checkpoint"

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    upto_entry_id: int = Field(sa_type=Id, unique=True)
    upto_booked_at: datetime = Field(sa_type=UtcDateTime)
    made_at: datetime = Field(sa_type=UtcDateTime)


class CheckpointBalance(SQLModel, table=True):
    """One balance of a checkpoint; the columns are those of `Line`, summed."""

    __tablename__: ClassVar[str] = "ledger_checkpoint_balance"
    __table_args__ = (Index("ix_ledger_checkpoint_balance_campaign", "checkpoint_id", "campaign_id", "counts"),)

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    checkpoint_id: int = Field(sa_type=Id, foreign_key="ledger_checkpoint.id", ondelete="CASCADE")
    body_id: int = Field(sa_type=Id)
    account: str = Field(sa_type=String(4))
    currency: str = Field(sa_type=CurrencyCode)
    campaign_id: int | None = Field(default=None, sa_type=Id)
    event_id: int | None = Field(default=None, sa_type=Id)
    due_body_id: int | None = Field(default=None, sa_type=Id)
    held_at: str = Field(default="", max_length=20)
    counts: bool
    minor: int = Field(sa_type=Minor)
    gifts: int
