"""The door for partners' programs: a figure comes in as JSON, with the partner's key and a key of its own."""

from typing import Annotated, Any, Final

from anyio import to_thread
from fastapi import APIRouter, Header, Request
from pydantic import Field

from fundraise.api.schemas import ErrorBody, Schema
from fundraise.doors import PartsOf
from fundraise.errors import Refusal
from fundraise.flows.add_partner import BadKey, partner_of_key
from fundraise.flows.question_report import questions_of
from fundraise.flows.receive_report import Received, SentFigure, receive_report
from fundraise.partners.figure import figure_in
from fundraise.partners.questions import report_of
from fundraise.parts import Parts
from fundraise.sealing import hash_token

router = APIRouter(prefix="/api/v1", tags=["partners"])
_LONGEST_KEY: Final = 255
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": [
                        "amount_minor", "currency", "as_of", "stage", "gross_or_net", "gift_aid", "our_transfers",
                    ],
                    "properties": {
                        "amount_minor": {"type": "integer", "minimum": 0, "maximum": 10**13},
                        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
                        "as_of": {"type": "string", "format": "date"},
                        "stage": {"enum": ["collected", "received"]},
                        "kind": {"enum": ["cumulative"]},
                        "gross_or_net": {"enum": ["gross", "net", "unknown"]},
                        "gift_aid": {"oneOf": [{"enum": ["none", "unknown"]}, {"type": "integer", "minimum": 0}]},
                        "our_transfers": {
                            "oneOf": [
                                {"enum": ["none", "all", "unknown"]},
                                {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 60}},
                            ]
                        },
                        "evidence": {"type": "string", "maxLength": 2000},
                        "submitted_by": {"type": "string", "maxLength": 120},
                    },
                }
            }
        },
    }
}  # fmt: skip


class ReportQuestion(Schema):
    """What somebody has to answer before the figure counts."""

    code: str
    message: str


class ReportTaken(Schema):
    """A report that came in: `held` has questions, `received` waits for a person, `accepted` counts."""

    id: str
    state: str = Field(examples=["received"])
    sha256: str = Field(description="Fingerprint of the request's body, kept as it came.")
    questions: list[ReportQuestion]


@router.post(
    "/partners/{slug}/reports",
    status_code=201,
    responses={code: {"model": ErrorBody} for code in (400, 401, 404, 409, 413, 422, 429)},
    openapi_extra=_BODY,
)
async def take_report(
    slug: str,
    request: Request,
    parts: PartsOf,
    authorization: Annotated[str, Header(description="Bearer KEY")] = "",
    idempotency_key: Annotated[str, Header(description="The same key and body again: the same answer.")] = "",
) -> ReportTaken:
    """Take a partner's figure. The same key with another body is refused (409)."""
    key = _bearer(authorization)
    partner_id = await to_thread.run_sync(_partner, parts, slug, key)
    if not idempotency_key.strip() or len(idempotency_key) > _LONGEST_KEY:
        raise Refusal("Send an Idempotency-Key of at most 255 characters.", field="Idempotency-Key", code="key_missing")
    raw = await request.body()
    return await to_thread.run_sync(_take, parts, partner_id, raw, idempotency_key)


@router.get("/partners/{slug}/reports/{report_id}", responses={401: {"model": ErrorBody}, 404: {"model": ErrorBody}})
def show_report(
    slug: str, report_id: str, parts: PartsOf, authorization: Annotated[str, Header(description="Bearer KEY")] = ""
) -> ReportTaken:
    """Tell where a partner's own report stands."""
    partner_id = _partner(parts, slug, _bearer(authorization))
    with parts.db.read() as session:
        number = int(report_id) if report_id.isascii() and report_id.isdigit() and len(report_id) < 18 else 0  # noqa: PLR2004
        report = report_of(session, partner_id, number)
        questions = [each for each in questions_of(report) if each.is_open]
    return ReportTaken(
        id=str(report.id),
        state=report.state,
        sha256=report.raw_sha256,
        questions=[ReportQuestion(code=each.code, message=f"{each.says} {each.kind.asks}") for each in questions],
    )


def _bearer(header: str) -> str:
    scheme, _, key = header.partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise BadKey("Send the partner’s key: Authorization: Bearer KEY")
    return key.strip()


def _partner(parts: Parts, slug: str, key: str) -> int:
    with parts.db.read() as session:
        return partner_of_key(session, slug, key).id


def _take(parts: Parts, partner_id: int, raw: bytes, key: str) -> ReportTaken:
    return _told(receive_report(parts, partner_id, SentFigure(figure_in(raw), raw, _kept_key(key)), came_by="api"))


def _kept_key(key: str) -> str:
    """Keep a program's key apart from those of forms, at one length whatever it is."""
    return f"api:{hash_token(key)}"


def _told(received: Received) -> ReportTaken:
    return ReportTaken(
        id=str(received.report_id),
        state=received.state,
        sha256=received.sha256,
        questions=[
            ReportQuestion(code=each.code, message=f"{each.says} {each.kind.asks}") for each in received.questions
        ],
    )
