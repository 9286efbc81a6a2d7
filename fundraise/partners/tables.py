"""Reports are kept as they came and never changed; what became of one is a row of its own. Only accepted ones count."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, Date, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from fundraise.columns import Bytes, CurrencyCode, Id, Minor, String, Text, UtcDateTime, one_of


class Partner(SQLModel, table=True):
    """An organisation that reports what it collected or received for one appeal."""

    __table_args__ = (Index("ix_partner_appeal_id", "appeal_id"),)

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    ref: str = Field(unique=True, max_length=40)  # Random; its signed report link is made of it.
    slug: str = Field(unique=True, max_length=60)
    appeal_id: int = Field(sa_type=Id, foreign_key="appeal.id")
    name: str = Field(max_length=200)
    currency: str = Field(sa_type=CurrencyCode)
    is_unnamed: bool = False  # Counted, and not named to the public.
    is_beneficiary: bool = False  # Whom the appeal's money is finally for.
    contact_email: str = Field(default="", max_length=254)
    link_version: int = 1  # Raised to make its old report link useless.
    api_key_hash: str = Field(default="", max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)
    left_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ReportState(StrEnum):
    """Where a report stands."""

    HELD = "held"  # It raises a question that somebody must answer first.
    RECEIVED = "received"  # Waits for a staff member.
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"  # A later one of the same kind was accepted.


class PartnerReport(SQLModel, table=True):
    """A figure as a partner reported it, with the very bytes it came in."""

    __tablename__: ClassVar[str] = "partner_report"
    __table_args__ = (
        one_of("stage", "collected", "received"),
        one_of("kind", "cumulative"),
        one_of("gross_or_net", "gross", "net", "unknown"),
        one_of("state", *ReportState),
        CheckConstraint("amount_minor >= 0", name="amount_not_negative"),
        UniqueConstraint("partner_id", "idempotency_key"),
        Index("ix_partner_report_latest", "partner_id", "stage", "state", "as_of"),
        Index("ix_partner_report_state", "state", "submitted_at"),
    )

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    partner_id: int = Field(sa_type=Id, foreign_key="partner.id")
    stage: str = Field(max_length=10)
    kind: str = Field(default="cumulative", max_length=10)
    amount_minor: int = Field(sa_type=Minor)
    currency: str = Field(sa_type=CurrencyCode)
    as_of: date = Field(sa_type=Date)
    gross_or_net: str = Field(max_length=10)
    gift_aid: str = Field(max_length=30)  # none, unknown, or minor units that the figure contains.
    our_transfers: str = Field(sa_type=Text)  # none, all, unknown, or a JSON list of references.
    evidence: str = Field(default="", sa_type=Text)
    reason: str = Field(default="", sa_type=Text)  # What the partner said about a question.
    submitted_by: str = Field(default="", max_length=120)
    came_by: str = Field(max_length=10)  # link, api or staff
    raw: bytes = Field(sa_type=Bytes)
    raw_sha256: str = Field(max_length=64)
    idempotency_key: str | None = Field(default=None, max_length=255)
    submitted_at: datetime = Field(sa_type=UtcDateTime)
    # The only columns that change: where it stands, the questions it raised (JSON list of codes), when it was accepted.
    state: str = Field(max_length=12)
    questions: str = Field(default="[]", sa_type=Text)
    accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ReportFile(SQLModel, table=True):
    """A file that a partner sent as evidence. Staff see it; the public only where the partner allowed that."""

    __tablename__: ClassVar[str] = "report_file"

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    report_id: int = Field(sa_type=Id, foreign_key="partner_report.id", unique=True)
    name: str = Field(max_length=120)
    raw: bytes = Field(sa_type=Bytes)
    sha256: str = Field(max_length=64)
    is_public: bool = False


class ReportStep(SQLModel, table=True):
    """Something that became of a report: what, when, by whom, why."""

    __tablename__: ClassVar[str] = "report_step"
    __table_args__ = (Index("ix_report_step_report", "report_id", "step", "at"),)

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    report_id: int = Field(sa_type=Id, foreign_key="partner_report.id")
    step: str = Field(max_length=20)
    at: datetime = Field(sa_type=UtcDateTime)
    by: str = Field(max_length=120)
    note: str = Field(default="", sa_type=Text)


class Increment(SQLModel, table=True):
    """What one acceptance (or one transfer learnt of later) added to a partner's part. Only added to, never changed.

    `display_minor` is the increment in the appeal's currency at `factor`, rounded half-even, once and for all; it is
    null while there is no rate, and then a later row of the same partner brings the conversion. The `total_` columns
    are the partner's sums so far, so that its newest row answers for all of them; a check adds them up. `stage` is what
    the partner called its figure: it has one figure, and whoever reports under the other name replaces it.
    """

    __table_args__ = (
        one_of("stage", "collected", "received"),
        UniqueConstraint("partner_id", "follows_id"),  # Two who add at once cannot both follow the same row.
        Index(
            "ix_increment_partner",
            "partner_id",
            "made_at",
            "id",
            # What pages show of the newest row; see the migration of 29 November.
            postgresql_include=[
                "stage",
                "currency",
                "total_amount_minor",
                "total_less_minor",
                "total_display_minor",
                "display_currency",
                "total_waiting_minor",
                "is_low",
                "sheet_id",
                "factor",
                "report_id",
            ],
        ),
        Index("ix_increment_report_id", "report_id"),
        Index(
            "ix_increment_waiting",
            "id",
            sqlite_where=text("display_minor IS NULL"),
            postgresql_where=text("display_minor IS NULL"),
        ),
    )

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    partner_id: int = Field(sa_type=Id, foreign_key="partner.id")
    stage: str = Field(max_length=10)
    report_id: int = Field(sa_type=Id, foreign_key="partner_report.id")
    follows_id: int = Field(default=0, sa_type=Id)  # The partner's row before this one; 0 for its first.
    converts_id: int | None = Field(default=None, sa_type=Id, foreign_key="increment.id", unique=True)
    currency: str = Field(sa_type=CurrencyCode)
    amount_minor: int = Field(sa_type=Minor)
    less_transfers_minor: int = Field(sa_type=Minor)
    sheet_id: int | None = Field(default=None, sa_type=Id, foreign_key="rate_sheet.id")
    factor: str = Field(default="", max_length=60)  # Decimal: the appeal's currency per one unit of `currency`.
    display_minor: int | None = Field(default=None, sa_type=Minor)
    display_currency: str = Field(sa_type=CurrencyCode)
    total_amount_minor: int = Field(sa_type=Minor)
    total_less_minor: int = Field(sa_type=Minor)
    total_display_minor: int = Field(sa_type=Minor)
    total_waiting_minor: int = Field(sa_type=Minor)  # Of the partner's currency, not converted yet.
    is_low: bool = False  # Transfers were taken out that may not be in the figure.
    made_at: datetime = Field(sa_type=UtcDateTime)
    why: str = Field(default="", sa_type=String(300))
