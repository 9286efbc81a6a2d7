"""A difference has an identity (account, code, object), so that finding it again adds nothing."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from fundraise.columns import CurrencyCode, Id, Minor, Text, UtcDateTime, one_of


class DifferenceState(StrEnum):
    """Open until a person explains it or the facts agree again."""

    OPEN = "open"
    EXPLAINED = "explained"
    FIXED = "fixed"


class Difference(SQLModel, table=True):
    """Something at Stripe or the bank that our books do not agree with."""

    __table_args__ = (
        UniqueConstraint("stripe_account_id", "code", "object_id"),
        one_of("state", *DifferenceState),
        Index("ix_difference_state", "state", "first_seen_at"),
        Index("ix_difference_donation_id", "donation_id"),
    )

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    stripe_account_id: int = Field(sa_type=Id, foreign_key="stripe_account.id")
    code: str = Field(max_length=40)
    object_id: str = Field(max_length=160)
    state: str = Field(default=DifferenceState.OPEN, max_length=10)
    minor: int | None = Field(default=None, sa_type=Minor)
    currency: str = Field(default="", sa_type=CurrencyCode)
    # The gift that a payment kept out of the books names; only a person's decision or a full refund closes such a one.
    donation_id: int | None = Field(default=None, sa_type=Id, foreign_key="donation.id")
    detail: str = Field(default="", sa_type=Text)
    first_seen_at: datetime = Field(sa_type=UtcDateTime)
    last_seen_at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_by: str = Field(default="", max_length=60)
    note: str = Field(default="", sa_type=Text)
