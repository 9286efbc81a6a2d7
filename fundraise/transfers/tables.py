"""A transfer has a sender and a receiver, each a body here or a partner elsewhere, and two amounts."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Date, Index
from sqlmodel import Field, SQLModel

from fundraise.columns import CurrencyCode, Id, Minor, Text, UtcDateTime


class Transfer(SQLModel, table=True):
    """Money sent on, as staff recorded it. What the receiver says of it is a row of its own."""

    __table_args__ = (
        CheckConstraint("(sender_body_id IS NULL) <> (sender_partner_id IS NULL)", name="one_sender"),
        CheckConstraint("(receiver_body_id IS NULL) <> (receiver_partner_id IS NULL)", name="one_receiver"),
        CheckConstraint("sent_minor > 0", name="sent_positive"),
        CheckConstraint("expected_minor IS NULL OR expected_minor > 0", name="expected_positive"),
        Index("ix_transfer_appeal_id", "appeal_id"),
        Index("ix_transfer_receiver", "receiver_partner_id"),
    )

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    ref: str = Field(unique=True, max_length=40)  # Random; the receiver's signed link is made of it.
    appeal_id: int = Field(sa_type=Id, foreign_key="appeal.id")
    sender_body_id: int | None = Field(default=None, sa_type=Id, foreign_key="body.id")
    sender_partner_id: int | None = Field(default=None, sa_type=Id, foreign_key="partner.id")
    receiver_body_id: int | None = Field(default=None, sa_type=Id, foreign_key="body.id")
    receiver_partner_id: int | None = Field(default=None, sa_type=Id, foreign_key="partner.id")
    sent_minor: int = Field(sa_type=Minor)
    sent_currency: str = Field(sa_type=CurrencyCode)
    sent_on: date = Field(sa_type=Date)
    # What is expected to arrive, in the receiver's currency, where it is known beforehand.
    expected_minor: int | None = Field(default=None, sa_type=Minor)
    expected_currency: str = Field(default="", sa_type=CurrencyCode)
    reference: str = Field(unique=True, max_length=60)  # What stands on both bank statements.
    note: str = Field(default="", sa_type=Text)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    recorded_by: str = Field(max_length=60)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # Recorded by mistake.
    withdrawn_by: str = Field(default="", max_length=60)
    # The amount sent in the appeal's currency, converted once, when there was a rate for the day it was sent.
    sheet_id: int | None = Field(default=None, sa_type=Id, foreign_key="rate_sheet.id")
    factor: str = Field(default="", max_length=60)
    display_minor: int | None = Field(default=None, sa_type=Minor)
    display_currency: str = Field(default="", sa_type=CurrencyCode)
    converted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Acknowledgement(SQLModel, table=True):
    """The receiver says that a transfer arrived: how much, when, and who says so. Once; a correction takes staff."""

    __table_args__ = (CheckConstraint("arrived_minor > 0", name="arrived_positive"),)
    __tablename__: ClassVar[str] = "transfer_acknowledgement"

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    transfer_id: int = Field(sa_type=Id, foreign_key="transfer.id", unique=True)
    arrived_minor: int = Field(sa_type=Minor)
    arrived_currency: str = Field(sa_type=CurrencyCode)
    arrived_on: date = Field(sa_type=Date)
    said_by: str = Field(max_length=120)
    said_at: datetime = Field(sa_type=UtcDateTime)
    note: str = Field(default="", sa_type=Text)
    # The arrived amount in the appeal's currency, converted once.
    sheet_id: int | None = Field(default=None, sa_type=Id, foreign_key="rate_sheet.id")
    factor: str = Field(default="", max_length=60)
    display_minor: int | None = Field(default=None, sa_type=Minor)
    display_currency: str = Field(default="", sa_type=CurrencyCode)
    converted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
