"""A run says what it looked at, what it found, and whether the balance rolled forward."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from fundraise.columns import CurrencyCode, Id, Minor, Text, UtcDateTime, one_of


class RunState(StrEnum):
    """How a run ended."""

    CLEAN = "clean"
    DIFFERENCES = "differences"
    FAILED = "failed"


class ReconciliationRun(SQLModel, table=True):
    """One reconciliation of one Stripe account."""

    __tablename__: ClassVar[str] = "reconciliation_run"
    __table_args__ = (
        one_of("state", *RunState),
        Index("ix_reconciliation_run_account", "stripe_account_id", "started_at"),
    )

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    stripe_account_id: int = Field(sa_type=Id, foreign_key="stripe_account.id")
    since: datetime = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime)
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime = Field(sa_type=UtcDateTime)
    started_by: str = Field(max_length=60)
    state: str = Field(max_length=12)
    counts: str = Field(default="{}", sa_type=Text)  # JSON: what was fetched, compared, healed, found.
    error: str = Field(default="", sa_type=Text)


class RollForward(SQLModel, table=True):
    """Opening plus the movements is closing, and closing is what Stripe says: one row per run and currency."""

    __tablename__: ClassVar[str] = "roll_forward"
    __table_args__ = (UniqueConstraint("run_id", "currency"),)

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    run_id: int = Field(sa_type=Id, foreign_key="reconciliation_run.id")
    currency: str = Field(sa_type=CurrencyCode)
    opening_minor: int = Field(sa_type=Minor)
    movements_minor: int = Field(sa_type=Minor)
    closing_minor: int = Field(sa_type=Minor)
    stripe_minor: int = Field(sa_type=Minor)  # Available and pending.
    ledger_minor: int = Field(sa_type=Minor)  # Account 1110 of the body, for this Stripe account.


class RunDifference(SQLModel, table=True):
    """A difference that was open when a run ended, with its amount then; runs from before these rows have none."""

    __tablename__: ClassVar[str] = "run_difference"

    run_id: int = Field(sa_type=Id, foreign_key="reconciliation_run.id", primary_key=True)
    difference_id: int = Field(sa_type=Id, foreign_key="difference.id", primary_key=True)
    minor: int | None = Field(default=None, sa_type=Minor)
    currency: str = Field(default="", sa_type=CurrencyCode)
