"""A donation is written before any call to Stripe. The person stands in a row of their own, so the link can be cut."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from fundraise.columns import CurrencyCode, Id, Minor, Text, UtcDateTime, one_of

_PAID = text("paid_at IS NOT NULL")


class DonationState(StrEnum):
    """Where a donation stands; `rules.MOVES` says which way it may go. Refunds and disputes are rows of their own."""

    CREATED = "created"  # Our row is written; no payment page yet.
    OPENED = "opened"  # The donor has a payment page.
    PROCESSING = "processing"  # A bank debit has begun; the money is not there yet.
    PAID = "paid"
    EXPIRED = "expired"  # The page closed and nothing was taken.
    FAILED = "failed"  # The debit failed and nothing was taken, or the page could not be opened.


class Donor(SQLModel, table=True):
    """What somebody told us of themselves with one gift; every field may be empty."""

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    name: str = Field(default="", max_length=200)
    email: str = Field(default="", max_length=254)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Donation(SQLModel, table=True):
    """One gift to one charity through one Stripe account."""

    __table_args__ = (
        one_of("state", *DonationState),
        CheckConstraint("gift_minor > 0", name="gift_positive"),
        CheckConstraint("fee_cover_minor >= 0", name="cover_not_negative"),
        CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name="paid_dated"),
        Index("ix_donation_campaign_paid", "campaign_id", "paid_at"),
        Index("ix_donation_paid", "paid_at", "id", sqlite_where=_PAID, postgresql_where=_PAID),
        Index("ix_donation_state", "state", "created_at"),
        Index("ix_donation_form_token", "form_token"),
        Index("ix_donation_group_ref", "group_ref"),
        Index("ix_donation_origin", "origin", "created_at"),
        Index("ix_donation_payment_id", "payment_id"),
        Index("ix_donation_charge_id", "charge_id"),
        UniqueConstraint("stripe_account_id", "checkout_id"),
    )

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    ref: str = Field(unique=True, max_length=40)  # Our random id; all that Stripe's metadata carries.
    campaign_id: int = Field(sa_type=Id, foreign_key="campaign.id")
    event_id: int | None = Field(default=None, sa_type=Id, foreign_key="event.id")
    beneficiary_body_id: int = Field(sa_type=Id, foreign_key="body.id")
    stripe_account_id: int = Field(sa_type=Id, foreign_key="stripe_account.id")
    donor_id: int | None = Field(default=None, sa_type=Id, foreign_key="donor.id")
    gift_minor: int = Field(sa_type=Minor)
    fee_cover_minor: int = Field(default=0, sa_type=Minor)
    currency: str = Field(sa_type=CurrencyCode)
    show_name: bool = False
    show_amount: bool = False
    show_message: bool = False
    message: str = Field(default="", sa_type=Text)
    state: str = Field(default=DonationState.CREATED, max_length=10)
    # What makes a second click the same gift: the form's token, what was in it, and which part of a shared gift.
    form_key: str = Field(unique=True, max_length=160)
    form_token: str = Field(max_length=64)
    group_ref: str = Field(max_length=40)  # The first part's `ref`, the same on every part of a shared gift.
    part: int = 1
    parts: int = 1
    origin: str = Field(default="", max_length=32)  # A keyed hash of the network address, with a key of the day.
    # Written before the call that opens the payment page, so that a repeat sends the same.
    checkout_expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    checkout_id: str | None = Field(default=None, max_length=120)
    checkout_url: str = Field(default="", sa_type=Text)
    payment_id: str | None = Field(default=None, max_length=120)
    charge_id: str | None = Field(default=None, max_length=120)
    descriptor: str = Field(default="", max_length=40)  # What Stripe says the statement shows.
    created_at: datetime = Field(sa_type=UtcDateTime)
    paid_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # When its form was sent again with other content, before it was paid: its page closes, and no other is opened.
    superseded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def total_minor(self) -> int:
        """What is charged: the gift and the fee cover."""
        return self.gift_minor + self.fee_cover_minor


class DonationStep(SQLModel, table=True):
    """A change of a donation: which, when, by whom."""

    __tablename__: ClassVar[str] = "donation_step"
    __table_args__ = (Index("ix_donation_step_donation_id", "donation_id"),)

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    donation_id: int = Field(sa_type=Id, foreign_key="donation.id")
    step: str = Field(max_length=40)
    at: datetime = Field(sa_type=UtcDateTime)
    by: str = Field(max_length=60)


class Refund(SQLModel, table=True):
    """Money given back, as Stripe last showed it."""

    __table_args__ = (
        UniqueConstraint("stripe_account_id", "stripe_id"),
        Index("ix_refund_donation_id", "donation_id"),
        CheckConstraint("minor > 0", name="positive"),
    )

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    stripe_account_id: int = Field(sa_type=Id, foreign_key="stripe_account.id")
    stripe_id: str = Field(max_length=120)
    donation_id: int = Field(sa_type=Id, foreign_key="donation.id")
    minor: int = Field(sa_type=Minor)
    currency: str = Field(sa_type=CurrencyCode)
    state: str = Field(max_length=30)
    reason: str = Field(default="", max_length=60)
    created_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)


class Dispute(SQLModel, table=True):
    """A gift whose bank takes it back, for now or for good, as Stripe last showed it."""

    __table_args__ = (
        UniqueConstraint("stripe_account_id", "stripe_id"),
        Index("ix_dispute_donation_id", "donation_id"),
        CheckConstraint("minor > 0", name="positive"),
    )

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    stripe_account_id: int = Field(sa_type=Id, foreign_key="stripe_account.id")
    stripe_id: str = Field(max_length=120)
    donation_id: int = Field(sa_type=Id, foreign_key="donation.id")
    minor: int = Field(sa_type=Minor)
    currency: str = Field(sa_type=CurrencyCode)
    state: str = Field(max_length=30)
    reason: str = Field(default="", max_length=60)
    evidence_due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
