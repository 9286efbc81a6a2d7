"""A receipt is issued once, when a gift is paid, and never changed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from fundraise.columns import Id, UtcDateTime


class Receipt(SQLModel, table=True):
    """The number a charity gave a gift, and the names it bore then."""

    __table_args__ = (UniqueConstraint("body_id", "number"), CheckConstraint("number > 0", name="number_positive"))

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    donation_id: int = Field(sa_type=Id, foreign_key="donation.id", unique=True)
    body_id: int = Field(sa_type=Id, foreign_key="body.id")
    number: int
    issued_at: datetime = Field(sa_type=UtcDateTime)
    legal_name: str = Field(max_length=200)
    registration_number: str = Field(default="", max_length=40)
    regulator: str = Field(default="", max_length=120)
