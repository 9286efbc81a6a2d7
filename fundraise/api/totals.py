"""An appeal's combined total for programs, with all that is needed to rebuild it."""

from datetime import UTC, date, datetime, time
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from sqlmodel import Session
from starlette.responses import JSONResponse

from fundraise.api.schemas import Amount, ErrorBody, Schema, amount_of
from fundraise.appeals.questions import public_appeal
from fundraise.appeals.tables import Appeal
from fundraise.doors import PartsOf
from fundraise.errors import Refusal
from fundraise.figures.combined import Combined, combined_total
from fundraise.figures.making import STAGE_WORDS, Piece, decimals, fingerprint, pieces
from fundraise.money import Money

router = APIRouter(prefix="/api/v1", tags=["appeals"])
_DAY_LETTERS = len("2026-11-22")


class TotalLine(Schema):
    """One amount of a total, converted once: `amount_minor` less `less_transfers_minor`, times `rate`, half-even."""

    participant: str
    stage: str
    currency: str
    amount_minor: int
    less_transfers_minor: int
    rate: str | None = Field(
        description="Units of the total's currency per unit of this one; null where it is the same."
    )
    rate_source: str | None
    rate_date: str | None
    display_minor: int = Field(description="What it comes to in the total's currency.")
    evidence_sha256: str | None = Field(description="Fingerprint of the report as it came in; null for gifts here.")
    accepted_at: str | None
    as_of: str | None = Field(description="The day the figure is of.")


class StageTotal(Schema):
    """The money at one stage, and what that means."""

    amount_minor: int
    counts: str
    not_converted: list[Amount] = Field(
        default=[], description="Waits for an exchange rate; left out when nothing does."
    )


class CombinedTotal(Schema):
    """An appeal's total; `id` is the SHA-256 of everything but `id` and `as_of`, as JSON with sorted keys."""

    id: str
    appeal: str
    currency: str
    stage: str
    counts: str
    amount_minor: int
    as_of: str
    decimals: dict[str, int] = Field(description="How many decimals each currency here has.")
    stages: dict[str, StageTotal | None] = Field(description="Null: not known.")
    on_its_way: list[Amount]
    not_converted: list[Amount] = Field(description="Waits for an exchange rate.")
    partners_without_a_figure: int
    estimated_low: list[str] = Field(
        default=[],
        description="Whose figure may hold money of others, which was taken out to be sure; left out for nobody.",
    )
    not_clear: list[str] = Field(
        default=[], description="Of those, whose figure may be money of others alone; left out for nobody."
    )
    lines: list[TotalLine]


@router.get(
    "/appeals/{slug}/total",
    response_model=None,
    responses={200: {"model": CombinedTotal}, 404: {"model": ErrorBody}, 422: {"model": ErrorBody}},
)
def show_total(
    slug: str,
    parts: PartsOf,
    as_of: Annotated[
        str,
        Query(max_length=40, description="A moment like 2026-11-22T14:05:00Z, or a day (its end, UTC). Empty: now."),
    ] = "",
) -> JSONResponse:
    """Show a published appeal's combined total, now or as it was at a past moment."""
    now = parts.clock.now()
    with parts.db.read() as session:
        appeal = public_appeal(session, slug)
        return JSONResponse(total_told(session, appeal, now, moment_in(as_of, now) if as_of else None))


def moment_in(text: str, now: datetime) -> datetime:
    """Read a moment of the past, or a day, which means its end; raises `Refusal`."""
    try:
        said = _end_of(text, now) if len(text) == _DAY_LETTERS else datetime.fromisoformat(text.replace(" ", "+"))
        moment = said.astimezone(UTC) if said.tzinfo is not None else None
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        raise Refusal("Write a moment with its zone, like 2026-11-22T14:05:00Z, or a day.", field="as_of")
    if moment > now:
        raise Refusal("That moment has not come yet.", field="as_of")
    return moment


def _end_of(day: str, now: datetime) -> datetime:
    end = datetime.combine(date.fromisoformat(day), time.max, UTC)
    return now if end.date() == now.date() else end


def total_told(session: Session, appeal: Appeal, now: datetime, as_of: datetime | None) -> dict[str, Any]:
    """Return the total as the API tells it, in the shape of `CombinedTotal`; its `as_of` can be asked again.

    A plain dictionary: a large appeal has a hundred thousand lines, and a model for each would cost more than they do.
    """
    total = combined_total(session, appeal, now, as_of=as_of)
    lines = [_line(piece) for piece in pieces(session, appeal, total, as_of=as_of)]
    amounts = {"collected": total.collected, "remitted": total.remitted, "received": total.received}
    stages = {stage: _stage(stage, amount, total) for stage, amount in amounts.items()}
    told = {
        "id": "",
        "appeal": appeal.slug,
        "currency": appeal.currency,
        "stage": str(total.stage),
        "counts": STAGE_WORDS[total.stage],
        "amount_minor": total.amount.minor,
        "as_of": total.as_of.isoformat().replace("+00:00", "Z"),
        "decimals": dict(decimals({appeal.currency, *(line["currency"] for line in lines)})),
        "stages": {"pledged": None, **stages, "spent": None},
        "on_its_way": [amount_of(amount).model_dump() for amount in total.on_its_way],
        "not_converted": [amount_of(amount).model_dump() for amount in total.not_converted],
        "partners_without_a_figure": total.silent_partners,
        **_doubts(total),
        "lines": lines,
    }
    return {**told, "id": fingerprint(told)}


def _doubts(total: Combined) -> dict[str, list[str]]:
    found = {
        "estimated_low": [line.name for line in total.lines if line.is_low],
        "not_clear": [line.name for line in total.lines if line.is_unclear],
    }
    return {doubt: names for doubt, names in found.items() if names}


def _stage(stage: str, amount: Money, total: Combined) -> dict[str, Any]:
    told: dict[str, Any] = {"amount_minor": amount.minor, "counts": STAGE_WORDS[stage]}
    waiting = total.stages_waiting.get(stage)
    if waiting:
        told["not_converted"] = [amount_of(each).model_dump() for each in waiting]
    return told


def _line(piece: Piece) -> dict[str, Any]:
    return {
        "participant": piece.participant,
        "stage": piece.stage,
        "currency": piece.currency,
        "amount_minor": piece.amount_minor,
        "less_transfers_minor": piece.less_transfers_minor,
        "rate": piece.rate if piece.rate_source else None,
        "rate_source": piece.rate_source or None,
        "rate_date": piece.rate_date or None,
        "display_minor": piece.display_minor,
        "evidence_sha256": piece.evidence_sha256 or None,
        "accepted_at": piece.accepted_at or None,
        "as_of": piece.as_of or None,
    }
