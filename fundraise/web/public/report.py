"""The doors behind a partner's report link: the form, its questions, and what became of a figure. No password."""

from collections.abc import Mapping
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Path, Request, Response
from starlette.responses import RedirectResponse

from fundraise.doors import PartsOf
from fundraise.errors import Refusal, TooMany
from fundraise.flows.add_partner import partner_of_link
from fundraise.flows.receive_report import answer_question, receive_report
from fundraise.partners.questions import report_of
from fundraise.parts import Parts
from fundraise.sealing import new_ref
from fundraise.web.forms import SentFile, read_form, read_form_with_file
from fundraise.web.pages import answer
from fundraise.web.public.report_pages import done_page, held_page, open_question
from fundraise.web.report_form import Filled, form_page
from fundraise.web.report_reading import TOKEN_LETTERS, read_figure

router = APIRouter()
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
    now = parts.clock.now()
    with parts.db.read() as session:
        partner = partner_of_link(session, parts.sealer, token)
        read = read_figure(session, partner, form, sent)
        if isinstance(read, Filled):
            drawn = form.get("token", "")[:TOKEN_LETTERS] or new_ref()
            page = form_page(session, partner, f"/r/{token}", drawn, now, read)
            return answer(parts, "public/report.html", page, status=422 if read.errors else 200, private=True)
    try:
        came = receive_report(parts, partner.id, read, came_by="link")
    except TooMany as problem:
        with parts.db.read() as session:
            filled = Filled(form, {"form": problem.message})
            page = form_page(session, partner, f"/r/{token}", form.get("token", "")[:TOKEN_LETTERS], now, filled)
        return answer(parts, "public/report.html", page, status=problem.status, private=True)
    return RedirectResponse(f"/r/{token}/{came.report_id}", 303)


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
