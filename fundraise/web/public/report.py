"""The doors behind a partner's report link: the form, its questions, and what became of a figure. No password."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from anyio import to_thread
from fastapi import APIRouter, Path, Request, Response
from sqlmodel import Session
from starlette.responses import RedirectResponse

from fundraise import money
from fundraise.appeals.tables import Appeal
from fundraise.doors import PartsOf
from fundraise.errors import FieldErrors, Refusal
from fundraise.flows.add_partner import partner_of_link
from fundraise.flows.receive_report import LARGEST_EVIDENCE_BYTES, EvidenceFile, answer_question, receive_report
from fundraise.money import Money
from fundraise.partners.figure import Figure, checked
from fundraise.partners.questions import report_of
from fundraise.partners.tables import Partner
from fundraise.parts import Parts
from fundraise.sealing import new_ref
from fundraise.transfers.questions import transfers_to
from fundraise.web.forms import SentFile, read_form, read_form_with_file
from fundraise.web.pages import answer
from fundraise.web.public.report_pages import Filled, converted_words, done_page, form_page, held_page, open_question

router = APIRouter()
_FIELDS: Final[Mapping[str, str]] = {"amount_minor": "amount", "submitted_by": "name"}
_TOKEN_LETTERS: Final = 64
_ReportId = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("/r/{token}")
def show_form(token: str, parts: PartsOf) -> Response:
    """Show the form with what was answered last time."""
    with parts.db.read() as session:
        partner = partner_of_link(session, parts.sealer, token)
        page = form_page(session, partner, f"/r/{token}", new_ref(), parts.clock.now())
    return answer(parts, "public/report.html", page, private=True)


@router.post("/r/{token}")
async def send_figure(token: str, request: Request, parts: PartsOf) -> Response:
    """Take the figure, or say what it would come to where only that was asked."""
    await to_thread.run_sync(_require_link, parts, token)
    form, sent = await read_form_with_file(request, "file", several="transfers")
    return await to_thread.run_sync(_send, parts, token, form, sent)


@router.get("/r/{token}/{report_id}")
def show_report(token: str, report_id: _ReportId, parts: PartsOf) -> Response:
    """Show the question that a figure raises, or what became of it."""
    return _report(parts, token, report_id, Filled())


@router.post("/r/{token}/{report_id}")
async def answer_report(token: str, report_id: _ReportId, request: Request, parts: PartsOf) -> Response:
    """Take the answer to a question."""
    form = await read_form(request)
    return await to_thread.run_sync(_answer, parts, token, report_id, form)


def _require_link(parts: Parts, token: str) -> None:
    with parts.db.read() as session:
        partner_of_link(session, parts.sealer, token)


def _send(parts: Parts, token: str, form: Mapping[str, str], sent: SentFile) -> Response:
    with parts.db.read() as session:
        partner = partner_of_link(session, parts.sealer, token)
        try:
            values = _values(session, partner, form, sent)
            figure = checked(values)
        except FieldErrors as problem:
            errors = {_FIELDS.get(name, name): message for name, message in problem.errors.items()}
            return _form_again(parts, session, partner, token, Filled(form, errors), status=422)
        if form.get("look"):
            return _form_again(parts, session, partner, token, _looked(session, partner, form, figure))
    raw = json.dumps(values, ensure_ascii=False, sort_keys=True).encode()
    file = EvidenceFile(sent.name, sent.raw, is_public=bool(form.get("file_is_public")))
    # The same form with the same content is one report, however often its button is pressed.
    mark = hashlib.sha256(form.get("token", "")[:_TOKEN_LETTERS].encode() + b"\0" + raw + sent.raw).hexdigest()
    came = receive_report(parts, partner.id, figure, raw, came_by="link", key=f"form:{mark}", file=file)
    return RedirectResponse(f"/r/{token}/{came.report_id}", 303)


def _values(session: Session, partner: Partner, form: Mapping[str, str], sent: SentFile) -> dict[str, Any]:
    """Return the form's fields as the report they tell; raises `FieldErrors` for amounts and files that will not do."""
    errors: dict[str, str] = {}
    values: dict[str, Any] = {
        "amount_minor": _typed(form, "amount", partner.currency, errors),
        "currency": partner.currency,
        "as_of": form.get("as_of", ""),
        "stage": form.get("stage", ""),
        "gross_or_net": form.get("gross_or_net", ""),
        "gift_aid": form.get("gift_aid", ""),
        "our_transfers": form.get("our_transfers", ""),
        "evidence": form.get("evidence", ""),
        "submitted_by": form.get("name", ""),
    }
    if values["gift_aid"] == "amount":
        values["gift_aid"] = _typed(form, "gift_aid_amount", partner.currency, errors)
    if values["our_transfers"] == "some":
        ticked = set(form.get("transfers", "").split())
        known = [transfer.reference for transfer, _ in transfers_to(session, partner.id) if transfer.ref in ticked]
        values["our_transfers"] = sorted(known)
        if not known:
            errors["our_transfers"] = "Please tick which of them, or choose another answer."
    errors = {name: question for name, question in _CHOICES.items() if not values[name]} | errors
    if not values["submitted_by"].strip():
        errors["name"] = "Please write your name: it stands beside the figure for those who check it."
    if len(sent.raw) > LARGEST_EVIDENCE_BYTES:
        errors["file"] = f"The file is larger than {LARGEST_EVIDENCE_BYTES // 1024**2} MB."
    if not _is_a_day(values["as_of"]):
        errors["as_of"] = "Please write the day that the figure is of."
    if errors:
        raise FieldErrors(_with_the_rest(values, errors))
    return values


_CHOICES: Final[Mapping[str, str]] = {
    "stage": "Please say what the money is.",
    "gross_or_net": "Please say whether card fees are taken off.",
    "gift_aid": "Please say whether tax relief is in the figure.",
    "our_transfers": "Please say whether money from other participants is in the figure.",
}


def _with_the_rest(values: dict[str, Any], errors: dict[str, str]) -> dict[str, str]:
    """Say all that is wrong at once: what the form noticed, and what the figure's own rules say of the rest."""
    try:
        checked({name: value for name, value in values.items() if value not in ("", None)})
    except FieldErrors as problem:
        missing = "This field is missing."
        rest = {_FIELDS.get(name, name): said for name, said in problem.errors.items() if said != missing}
        return {**rest, **errors}
    return errors


def _typed(form: Mapping[str, str], name: str, currency: str, errors: dict[str, str]) -> int | None:
    try:
        return money.parse(form.get(name, ""), currency).minor
    except money.AmountError as problem:
        said = str(problem)
        errors[name] = "That is more than we can take." if "in one gift" in said else said
        return None


def _is_a_day(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _looked(session: Session, partner: Partner, form: Mapping[str, str], figure: Figure) -> Filled:
    appeal = session.get_one(Appeal, partner.appeal_id)
    day = datetime.combine(figure.as_of, datetime.min.time())
    amount = Money(figure.amount_minor, figure.currency)
    said = converted_words(session, appeal, amount, day)
    return Filled(form, converted=f"{money.show(amount)} {said or 'is what you typed; no conversion is needed.'}")


def _form_again(
    parts: Parts, session: Session, partner: Partner, token: str, filled: Filled, *, status: int = 200
) -> Response:
    page = form_page(
        session, partner, f"/r/{token}", filled.values.get("token", "")[:64] or new_ref(), parts.clock.now(), filled
    )
    return answer(parts, "public/report.html", page, status=status, private=True)


def _report(parts: Parts, token: str, report_id: int, filled: Filled) -> Response:
    with parts.db.read() as session:
        partner = partner_of_link(session, parts.sealer, token)
        report = report_of(session, partner.id, report_id)
        question = open_question(report) if report.state == "held" else None
        if question is not None:
            page: Any = held_page(session, partner, report, question, f"/r/{token}", filled)
            return answer(parts, "public/report_held.html", page, status=422 if filled.errors else 200, private=True)
        page = done_page(session, partner, report, f"/r/{token}")
    return answer(parts, "public/report_done.html", page, private=True)


def _answer(parts: Parts, token: str, report_id: int, form: Mapping[str, str]) -> Response:
    with parts.db.read() as session:
        partner = partner_of_link(session, parts.sealer, token)
        by = report_of(session, partner.id, report_id).submitted_by
    said = form.get("answer", "")
    try:
        answer_question(
            parts, partner.id, report_id, form.get("token", ""), said, form.get("note", ""), by=by or partner.name
        )
    except Refusal as problem:
        if problem.field is None:
            raise
        return _report(parts, token, report_id, Filled(form, {problem.field: problem.message}))
    # "It is the same money": the figure is sent again with the transfer ticked.
    return RedirectResponse(f"/r/{token}" if said == "same" else f"/r/{token}/{report_id}", 303)
