"""An appeal is a cause; campaigns here and partners elsewhere raise money for it."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from fundraise.columns import CurrencyCode, Id, Minor, Text, UtcDateTime, one_of


class AppealState(StrEnum):
    """Whether the public sees an appeal."""

    DRAFT = "draft"
    LIVE = "live"
    ENDED = "ended"


class Stage(StrEnum):
    """How far money has come: the word that says what an appeal's headline counts."""

    COLLECTED = "collected"
    RECEIVED = "received"


class Appeal(SQLModel, table=True):
    """A cause, the currency its total is shown in, and the stage its headline names."""

    __table_args__ = (
        one_of("state", *AppealState),
        one_of("headline_stage", *Stage),
        one_of("rate_source", "ECB", "HMRC"),
    )

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    slug: str = Field(unique=True, max_length=60)
    title: str = Field(max_length=120)
    cause: str = Field(max_length=300)  # One sentence: who is helped, and by whom.
    story: str = Field(default="", sa_type=Text)
    beneficiary: str = Field(default="", max_length=200)  # Who finally receives it, as the public reads it.
    currency: str = Field(default="GBP", sa_type=CurrencyCode)
    rate_source: str = Field(default="ECB", max_length=10)
    # A body here that the money is finally for; a partner elsewhere says so on its own row.
    beneficiary_body_id: int | None = Field(default=None, sa_type=Id, foreign_key="body.id")
    headline_stage: str = Field(default=Stage.COLLECTED, max_length=10)
    state: str = Field(default=AppealState.DRAFT, max_length=10)
    created_at: datetime = Field(sa_type=UtcDateTime)
    # When a figure of this appeal changed last. Whoever changes one holds this row meanwhile, and this never goes back.
    figures_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ConvertedGifts(SQLModel):
    """Gifts in another currency, converted once. Only added to, never changed, each row after the one before.

    `amount_minor` is what the books say more (or less) than at the row before; the books up to and including
    `upto_entry_id` were looked at. The `total_` columns are the sums so far.
    """

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    body_id: int = Field(sa_type=Id, foreign_key="body.id")
    currency: str = Field(sa_type=CurrencyCode)
    follows_id: int = Field(default=0, sa_type=Id)  # The row before this one; 0 for the first.
    upto_entry_id: int = Field(sa_type=Id)
    amount_minor: int = Field(sa_type=Minor)
    sheet_id: int = Field(sa_type=Id, foreign_key="rate_sheet.id")
    factor: str = Field(max_length=60)  # Decimal: the display currency per one unit of `currency`.
    display_minor: int = Field(sa_type=Minor)
    display_currency: str = Field(sa_type=CurrencyCode)
    total_amount_minor: int = Field(sa_type=Minor)
    total_display_minor: int = Field(sa_type=Minor)
    made_at: datetime = Field(sa_type=UtcDateTime)


class OwnIncrement(ConvertedGifts, table=True):
    """Gifts to a body here in another currency than the appeal's."""

    __tablename__: ClassVar[str] = "own_increment"
    __table_args__ = (
        UniqueConstraint("appeal_id", "body_id", "currency", "follows_id"),
        Index("ix_own_increment_made_at", "appeal_id", "made_at"),
    )

    appeal_id: int = Field(sa_type=Id, foreign_key="appeal.id")


class GiftIncrement(ConvertedGifts, table=True):
    """A gift that Stripe settled in another currency than its campaign's, or what went back of it.

    Rows follow each other by campaign, body and currency, and their sums are of that.
    """

    __tablename__: ClassVar[str] = "gift_increment"
    __table_args__ = (
        UniqueConstraint("campaign_id", "body_id", "currency", "follows_id"),
        Index("ix_gift_increment_donation_id", "donation_id"),
    )

    campaign_id: int = Field(sa_type=Id, foreign_key="campaign.id")
    donation_id: int | None = Field(default=None, sa_type=Id, foreign_key="donation.id")
