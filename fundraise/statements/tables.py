"""Files and lines as the bank gave them, what a line was matched with, and what a person said about files."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Date, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from fundraise.columns import Bytes, CurrencyCode, Id, Minor, Text, UtcDateTime


class BankAccount(SQLModel, table=True):
    """An account at a bank; Stripe pays a body out to it."""

    __tablename__: ClassVar[str] = "bank_account"
    __table_args__ = (Index("ix_bank_account_body_id", "body_id"),)

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    name: str = Field(unique=True, max_length=60)  # What staff call it; a slug.
    body_id: int = Field(sa_type=Id, foreign_key="body.id")
    currency: str = Field(sa_type=CurrencyCode)
    iban: str = Field(default="", max_length=40)  # Learnt from the first camt.053; another one is refused later.
    # Words, one of which stands in the text of a line that is a payout of Stripe's.
    stripe_pattern: str = Field(default="STRIPE", max_length=120)
    created_at: datetime = Field(sa_type=UtcDateTime)


class StatementFile(SQLModel, table=True):
    """A file as it was uploaded."""

    __tablename__: ClassVar[str] = "statement_file"
    __table_args__ = (UniqueConstraint("bank_account_id", "sha256"),)

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    bank_account_id: int = Field(sa_type=Id, foreign_key="bank_account.id")
    sha256: str = Field(max_length=64)
    name: str = Field(max_length=200)
    format: str = Field(max_length=20)  # camt.053 or csv
    raw: bytes = Field(sa_type=Bytes)
    lines_in_file: int
    lines_new: int
    from_date: date | None = Field(default=None, sa_type=Date)
    to_date: date | None = Field(default=None, sa_type=Date)
    opening_minor: int | None = Field(default=None, sa_type=Minor)
    closing_minor: int | None = Field(default=None, sa_type=Minor)
    # The bank's numbers of the first and the last statement in it, where the bank counts them.
    first_number: int | None = Field(default=None, sa_type=Minor)
    last_number: int | None = Field(default=None, sa_type=Minor)
    warnings: str = Field(default="[]", sa_type=Text)  # JSON list of sentences.
    imported_at: datetime = Field(sa_type=UtcDateTime)
    imported_by: str = Field(max_length=60)


class BankLine(SQLModel, table=True):
    """One line. `identity` tells it from every other, and `occurrence` tells twins of one day apart: both are real."""

    __tablename__: ClassVar[str] = "bank_line"
    __table_args__ = (
        UniqueConstraint("bank_account_id", "identity"),
        CheckConstraint("minor <> 0", name="not_zero"),
        Index("ix_bank_line_match", "bank_account_id", "currency", "minor", "booked_on"),
        Index("ix_bank_line_booked_on", "bank_account_id", "booked_on"),
    )

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    bank_account_id: int = Field(sa_type=Id, foreign_key="bank_account.id")
    file_id: int = Field(sa_type=Id, foreign_key="statement_file.id")
    position: int  # Its place in the file.
    booked_on: date = Field(sa_type=Date)
    value_on: date | None = Field(default=None, sa_type=Date)
    minor: int = Field(sa_type=Minor)  # Money in is positive.
    currency: str = Field(sa_type=CurrencyCode)
    text: str = Field(default="", sa_type=Text)
    counterparty: str = Field(default="", max_length=200)
    reference: str = Field(default="", max_length=200)
    bank_id: str = Field(default="", max_length=200)  # The bank's own id for it, where it gives one.
    occurrence: int = 1
    identity: str = Field(max_length=64)


class BankMatch(SQLModel, table=True):
    """A line was found to be a payout, its return by the bank, or a transfer we sent.

    Undoing it is noted here and reversed in the books.
    """

    __tablename__: ClassVar[str] = "bank_match"
    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN payout_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN transfer_id IS NULL THEN 0 ELSE 1 END) "
            "+ (CASE WHEN returned_payout_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_counterpart",
        ),
        # At most one standing match for each line and for each of what it may be; an undone one stands no more.
        UniqueConstraint("line_id", "stands"),
        UniqueConstraint("payout_id", "stands"),
        UniqueConstraint("returned_payout_id", "stands"),
        UniqueConstraint("transfer_id", "stands"),
    )

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    line_id: int = Field(sa_type=Id, foreign_key="bank_line.id")
    payout_id: int | None = Field(default=None, sa_type=Id, foreign_key="payout.id")
    # The bank sent a payout back: the line is the opposite of the one that the payout itself is matched with.
    returned_payout_id: int | None = Field(default=None, sa_type=Id, foreign_key="payout.id")
    transfer_id: int | None = Field(default=None, sa_type=Id, foreign_key="transfer.id")
    stands: bool | None = True  # Null once undone: the unique keys look away from nulls.
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str = Field(max_length=60)  # `rule` for the automatic one.
    reasons: str = Field(default="[]", sa_type=Text)  # JSON list of sentences.
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    undone_by: str = Field(default="", max_length=60)
    undone_why: str = Field(default="", sa_type=Text)


class StatementMapping(SQLModel, table=True):
    """What a person said once about an account's CSV files: how dates are meant, which column is what."""

    __tablename__: ClassVar[str] = "statement_mapping"

    bank_account_id: int = Field(primary_key=True, sa_type=Id, foreign_key="bank_account.id")
    date_order: str = Field(default="", max_length=12)  # `day-first`, `month-first`, or nothing.
    columns: str = Field(default="", sa_type=Text)  # JSON, a column's name by role; empty to find them by the heading.
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str = Field(max_length=60)


class StatementUpload(SQLModel, table=True):
    """A file that a person looks at before it is imported. It goes when they decide, or after a day."""

    __tablename__: ClassVar[str] = "statement_upload"
    __table_args__ = (Index("ix_statement_upload_uploaded_at", "uploaded_at"),)

    ref: str = Field(primary_key=True, max_length=40)  # Random.
    bank_account_id: int = Field(sa_type=Id, foreign_key="bank_account.id")
    name: str = Field(max_length=200)
    raw: bytes = Field(sa_type=Bytes)
    date_order: str = Field(default="", max_length=12)
    columns: str = Field(default="", sa_type=Text)
    uploaded_at: datetime = Field(sa_type=UtcDateTime)
    uploaded_by: str = Field(max_length=60)
