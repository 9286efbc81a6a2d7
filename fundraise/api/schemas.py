"""What the API says. Extend freely; what stands here is held on to by others and is not renamed."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from fundraise import times
from fundraise.figures.public import COUNTS, PublicTotal
from fundraise.money import Money


class Schema(BaseModel):
    """An answer; unknown fields are never sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Amount(Schema):
    """An amount in whole minor units of its currency (ISO 4217)."""

    currency: str = Field(examples=["EUR"])
    amount_minor: int = Field(examples=[6000])


class Total(Schema):
    """A public total: what is in it, what is not yet, and when it was so."""

    currency: str = Field(examples=["GBP"])
    amount_minor: int = Field(examples=[24883])
    as_of: str = Field(examples=["2026-11-22T14:05:00Z"])
    gifts: int
    counts: str = Field(description="What the number is, in words.", examples=[COUNTS])
    on_its_way: list[Amount] = Field(description="Paid in other currencies, and not yet settled into the total.")
    not_converted: list[Amount] = Field(description="Received in other currencies, waiting for a rate.")
    entry_id: int = Field(description="The newest entry of the books that was looked at.")


class Campaign(Schema):
    """A campaign in a list."""

    slug: str
    title: str
    total: Total


class Charity(Schema):
    """Who receives a campaign's gifts."""

    name: str
    legal_name: str
    registration_number: str
    regulator: str
    confirmed: bool = Field(description="Whether the charity agreed to this campaign.")


class Event(Schema):
    """An event of a campaign."""

    slug: str
    title: str
    place: str
    starts_at: str
    ends_at: str | None
    time_zone: str


class CampaignDetail(Campaign):
    """A campaign with what its page says."""

    appeal: str
    summary: str
    organiser: str
    state: str
    goal: Amount | None
    charities: list[Charity]
    events: list[Event]
    url: str


class CampaignList(Schema):
    """Published campaigns; `next` is the cursor of the next page, null on the last."""

    items: list[Campaign]
    next: str | None


class Problem(Schema):
    """What was wrong, for a program (`code`), a person (`message`), and where (`field`)."""

    code: str
    message: str
    field: str | None


class FieldProblem(Schema):
    """What is wrong with one field."""

    field: str
    message: str


class ProblemOfFields(Problem):
    """What was wrong with several fields; `field` and `message` name the first."""

    problems: list[FieldProblem]


class ErrorBody(Schema):
    """Every error answers this."""

    error: Problem | ProblemOfFields


class Health(Schema):
    """Whether the process is alive."""

    status: str


def total_of(total: PublicTotal, entry_id: int) -> Total:
    """Return a public total as the API says it, with the newest entry of the books it was read from."""
    return Total(
        currency=total.amount.currency,
        amount_minor=total.amount.minor,
        as_of=times.iso(total.as_of),
        gifts=total.gifts,
        counts=COUNTS,
        on_its_way=[amount_of(amount) for amount in total.on_its_way],
        not_converted=[amount_of(amount) for amount in total.not_converted],
        entry_id=entry_id,
    )


def amount_of(amount: Money) -> Amount:
    """Return an amount as the API says it."""
    return Amount(currency=amount.currency, amount_minor=amount.minor)


def error(code: str, message: str, field: str | None = None) -> dict[str, Any]:
    """Return the body of an error."""
    return ErrorBody(error=Problem(code=code, message=message, field=field)).model_dump()


def error_of_fields(errors: Mapping[str, str]) -> dict[str, Any]:
    """Return the body of an error about several fields."""
    problems = [FieldProblem(field=field, message=message) for field, message in errors.items()]
    first = problems[0]
    said = ProblemOfFields(code="invalid", message=first.message, field=first.field, problems=problems)
    return ErrorBody(error=said).model_dump()
