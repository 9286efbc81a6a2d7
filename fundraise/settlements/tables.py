"""Balance transactions and payouts as Stripe last showed them. Amounts are in the settlement currency."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from fundraise.columns import CurrencyCode, Id, Minor, String, Text, UtcDateTime

_UNCOMMON = text("category NOT IN ('charge', 'payout')")
_DOES_NOT_ADD_UP = text("net_minor <> amount_minor - fee_minor OR fee_minor <> fee_parts_minor")


class BalanceTransactionRow(SQLModel, table=True):
    """One movement of an account's balance; `net = amount - fee`. Only `status` ever changes at Stripe."""

    __tablename__: ClassVar[str] = "balance_transaction"
    __table_args__ = (
        UniqueConstraint("stripe_account_id", "stripe_id"),
        Index("ix_balance_transaction_source", "stripe_account_id", "source_id"),
        Index("ix_balance_transaction_donation_id", "donation_id"),
        Index("ix_balance_transaction_created", "stripe_account_id", "currency", "created_at"),
        Index("ix_balance_transaction_payout_id", "payout_id"),
        # What is neither a gift nor a payout is rare, and asked for by its category.
        Index(
            "ix_balance_transaction_uncommon",
            "stripe_account_id",
            "category",
            sqlite_where=_UNCOMMON,
            postgresql_where=_UNCOMMON,
        ),
        # Hardly any: reconciliation asks for them without reading every movement.
        Index(
            "ix_balance_transaction_not_adding_up",
            "stripe_account_id",
            sqlite_where=_DOES_NOT_ADD_UP,
            postgresql_where=_DOES_NOT_ADD_UP,
        ),
    )

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    stripe_account_id: int = Field(sa_type=Id, foreign_key="stripe_account.id")
    stripe_id: str = Field(max_length=120)
    type: str = Field(max_length=60)
    category: str = Field(max_length=60)
    source_id: str = Field(default="", max_length=120)
    amount_minor: int = Field(sa_type=Minor)
    fee_minor: int = Field(sa_type=Minor)
    net_minor: int = Field(sa_type=Minor)
    fee_parts_minor: int = Field(default=0, sa_type=Minor)  # What the parts of the fee sum to.
    currency: str = Field(sa_type=CurrencyCode)
    exchange_rate: str = Field(default="", sa_type=String(40))  # Decimal, as published.
    description: str = Field(default="", sa_type=Text)
    status: str = Field(max_length=20)
    created_at: datetime = Field(sa_type=UtcDateTime)
    available_at: datetime = Field(sa_type=UtcDateTime)
    # Stripe's row does not name its payout; we keep the link when a payout is itemised.
    payout_id: int | None = Field(default=None, sa_type=Id, foreign_key="payout.id")
    donation_id: int | None = Field(default=None, sa_type=Id, foreign_key="donation.id")
    seen_at: datetime = Field(sa_type=UtcDateTime)


class PayoutRow(SQLModel, table=True):
    """Money sent to the bank; negative when the bank pays the account."""

    __tablename__: ClassVar[str] = "payout"
    __table_args__ = (
        UniqueConstraint("stripe_account_id", "stripe_id"),
        CheckConstraint("minor <> 0", name="not_zero"),
        Index("ix_payout_state", "stripe_account_id", "state"),
    )

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    stripe_account_id: int = Field(sa_type=Id, foreign_key="stripe_account.id")
    stripe_id: str = Field(max_length=120)
    minor: int = Field(sa_type=Minor)
    currency: str = Field(sa_type=CurrencyCode)
    state: str = Field(max_length=20)
    automatic: bool
    itemised: str = Field(max_length=20)
    was_paid: bool = False  # Whether Stripe ever called it paid; it may fail even then.
    items_known: bool = False  # Whether its balance transactions were fetched and linked.
    transaction_id: str = Field(default="", max_length=120)
    trace_id: str = Field(default="", max_length=120)
    descriptor: str = Field(default="", max_length=60)
    failure: str = Field(default="", sa_type=Text)
    created_at: datetime = Field(sa_type=UtcDateTime)
    arrives_on: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
