"""A body is an organisation: a charity, or a society that holds money for one. Every ledger line names its body."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from fundraise.columns import CurrencyCode, Id, String, UtcDateTime, one_of


class BodyKind(StrEnum):
    """What an organisation is, as donors would say it."""

    CHARITY = "charity"
    SOCIETY = "society"


class Body(SQLModel, table=True):
    """An organisation, as receipts and footers name it."""

    __table_args__ = (
        one_of("kind", *BodyKind),
        CheckConstraint("last_receipt_number >= 0", name="receipts_count_up"),
    )

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    slug: str = Field(unique=True, max_length=60)
    kind: str = Field(default=BodyKind.CHARITY, max_length=10)
    legal_name: str = Field(max_length=200)
    name: str = Field(max_length=120)  # What people call it.
    registration_number: str = Field(default="", max_length=40)
    regulator: str = Field(default="", max_length=120)
    country: str = Field(default="GB", max_length=2)
    currency: str = Field(default="GBP", sa_type=CurrencyCode)
    gift_aid_claimant: bool = False  # Whether HMRC recognises it, so that it may claim Gift Aid.
    contact_email: str = Field(default="", max_length=254)
    website: str = Field(default="", max_length=300)
    refund_policy: str = Field(default="", sa_type=String(2000))
    last_receipt_number: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime)
