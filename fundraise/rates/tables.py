"""A sheet is what a source published for a day or month; its rates are units of a currency per unit of the base."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import Date, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from fundraise.columns import CurrencyCode, Id, UtcDateTime, one_of
from fundraise.published_rates import RateSource


class RateSheet(SQLModel, table=True):
    """One publication. A day may come again with other figures; then there are two sheets, and the first stays."""

    __tablename__: ClassVar[str] = "rate_sheet"
    __table_args__ = (
        one_of("source", *RateSource),
        UniqueConstraint("source", "effective_on", "content_sha256"),
        Index("ix_rate_sheet_in_force", "source", "effective_on", "imported_at"),
    )

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    source: str = Field(max_length=10)
    effective_on: date = Field(sa_type=Date)  # The day, or the first day of the month.
    imported_at: datetime = Field(sa_type=UtcDateTime)
    imported_by: str = Field(max_length=60)
    file_name: str = Field(default="", max_length=200)
    file_sha256: str = Field(max_length=64)  # Of the file it came in.
    content_sha256: str = Field(max_length=64)  # Of this sheet's rates alone, so that a file read again adds nothing.


class Rate(SQLModel, table=True):
    """Units of `currency` per one unit of the sheet's base, digit for digit as published."""

    __table_args__ = (UniqueConstraint("sheet_id", "currency"),)

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    sheet_id: int = Field(sa_type=Id, foreign_key="rate_sheet.id")
    currency: str = Field(sa_type=CurrencyCode)
    value: str = Field(max_length=40)
