"""A Stripe account belongs to one body, and so does every charge on it: we only make direct charges."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from fundraise.columns import Id, Text, UtcDateTime, one_of

# The webhook address that all connected accounts share; their events name the account.
PLATFORM_SLUG = "platform"


class AccountMode(StrEnum):
    """How we reach an account: with its own restricted key, or through a platform's key."""

    OWN_KEY = "own-key"
    CONNECTED = "connected"


class StripeAccount(SQLModel, table=True):
    """One Stripe account. The key and the webhook secrets are sealed with the installation's secret key."""

    __tablename__: ClassVar[str] = "stripe_account"
    __table_args__ = (
        one_of("mode", *AccountMode),
        CheckConstraint("mode <> 'connected' OR account_ref <> ''", name="connected_named"),
        CheckConstraint("fee_basis_points >= 0 AND fee_fixed_minor >= 0", name="fee_not_negative"),
        Index("ix_stripe_account_body_id", "body_id"),
    )

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    slug: str = Field(unique=True, max_length=60)
    body_id: int = Field(sa_type=Id, foreign_key="body.id")
    mode: str = Field(max_length=10)
    account_ref: str = Field(default="", max_length=60)  # `acct_…`; needed in connected mode.
    sealed_key: str = Field(sa_type=Text)
    sealed_webhook_secrets: str = Field(sa_type=Text)
    livemode: bool
    # What card statements begin with; shown to donors before they give.
    statement_prefix: str = Field(default="", max_length=22)
    # The usual fee, for "about £9.65 reaches the charity". The books use what Stripe really took.
    fee_basis_points: int = 150
    fee_fixed_minor: int = 20
    created_at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # Where the last catch-up by the list of events ended.
    heard_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
