"""A campaign raises money for one or more charities; its events are dated, and gifts made there know it."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from fundraise.columns import CurrencyCode, Id, Minor, Text, UtcDateTime, one_of


class CampaignState(StrEnum):
    """Where a campaign stands; `rules.MOVES` says which way it may go."""

    DRAFT = "draft"
    LIVE = "live"
    PAUSED = "paused"
    ENDED = "ended"


class Holding(StrEnum):
    """Whose money a gift is when it arrives: the merchant's own, or held by it for the charity."""

    PRINCIPAL = "principal"
    AGENT = "agent"


class FeeBearer(StrEnum):
    """Who bears the card fee of money held for another."""

    CHARITY = "charity"
    BODY = "body"


class Campaign(SQLModel, table=True):
    """An organiser's page in an appeal."""

    __table_args__ = (
        one_of("state", *CampaignState),
        one_of("holding", *Holding),
        one_of("fee_borne_by", *FeeBearer),
        CheckConstraint("goal_minor IS NULL OR goal_minor > 0", name="goal_positive"),
        CheckConstraint("least_gift_minor > 0", name="least_positive"),
        CheckConstraint("ends_at IS NULL OR starts_at IS NULL OR ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("(holding = 'agent') = (merchant_body_id IS NOT NULL)", name="agent_named"),
        Index("ix_campaign_appeal_id", "appeal_id"),
    )

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    slug: str = Field(unique=True, max_length=60)
    appeal_id: int = Field(sa_type=Id, foreign_key="appeal.id")
    title: str = Field(max_length=120)
    summary: str = Field(max_length=300)  # One sentence: who is helped, and by whom.
    story: str = Field(default="", sa_type=Text)
    organiser: str = Field(max_length=120)
    currency: str = Field(default="GBP", sa_type=CurrencyCode)
    gift_currencies: str = Field(default="GBP", max_length=60)  # Comma-separated; the first is offered first.
    goal_minor: int | None = Field(default=None, sa_type=Minor)
    suggested_minor: str = Field(default="1000,2500,5000", max_length=60)  # Three amounts, comma-separated.
    least_gift_minor: int = Field(default=100, sa_type=Minor)
    starts_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    zone: str = Field(default="Europe/London", max_length=60)
    state: str = Field(default=CampaignState.DRAFT, max_length=10)
    holding: str = Field(default=Holding.PRINCIPAL, max_length=10)
    merchant_body_id: int | None = Field(default=None, sa_type=Id, foreign_key="body.id")  # The agent.
    fee_borne_by: str = Field(default=FeeBearer.CHARITY, max_length=10)
    # What follows the charity's own name on card statements; 22 characters in all (Stripe's rule).
    statement_suffix: str = Field(default="", max_length=20)
    created_at: datetime = Field(sa_type=UtcDateTime)


class CampaignStep(SQLModel, table=True):
    """A change of a campaign's state: which, when, by whom."""

    __tablename__: ClassVar[str] = "campaign_step"
    __table_args__ = (one_of("state", *CampaignState), Index("ix_campaign_step_campaign_id", "campaign_id"))

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    campaign_id: int = Field(sa_type=Id, foreign_key="campaign.id")
    state: str = Field(max_length=10)
    at: datetime = Field(sa_type=UtcDateTime)
    by: str = Field(max_length=60)


class Beneficiary(SQLModel, table=True):
    """A charity that a campaign raises money for, and when the charity agreed to it."""

    __tablename__: ClassVar[str] = "campaign_beneficiary"
    __table_args__ = (UniqueConstraint("campaign_id", "body_id"),)

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    campaign_id: int = Field(sa_type=Id, foreign_key="campaign.id")
    body_id: int = Field(sa_type=Id, foreign_key="body.id")
    position: int = 0
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    confirmed_by: str = Field(default="", max_length=120)


class Event(SQLModel, table=True):
    """Something that happens at a place and time, where people give."""

    __table_args__ = (
        UniqueConstraint("campaign_id", "slug"),
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="ends_after_start"),
    )

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    campaign_id: int = Field(sa_type=Id, foreign_key="campaign.id")
    slug: str = Field(max_length=60)
    title: str = Field(max_length=120)
    place: str = Field(default="", max_length=200)
    about: str = Field(default="", sa_type=Text)
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    zone: str = Field(default="Europe/London", max_length=60)
    created_at: datetime = Field(sa_type=UtcDateTime)
