"""The staff's doors to partners: who they are, their links and keys, and their reports to decide on."""

from collections.abc import Callable, Mapping
from typing import Annotated, Final

from anyio import to_thread
from fastapi import APIRouter, Depends, Path, Request, Response
from starlette.responses import RedirectResponse

from fundraise.appeals.questions import all_appeals
from fundraise.doors import PartsOf
from fundraise.errors import Conflict, FieldErrors, NotFound, Refusal
from fundraise.flows.add_partner import NewPartner, add_partner, leave, new_key, renew_link, report_link
from fundraise.flows.decide_report import accept_report, ask_about_report, refuse_report
from fundraise.partners.questions import file_of, report_by_id
from fundraise.parts import Parts
from fundraise.text import slug_of
from fundraise.views.parts import Link, Toast
from fundraise.web.forms import read_form
from fundraise.web.pages import answer
from fundraise.web.staff.door import Person, StaffPerson, signed_in, staff_frame
from fundraise.web.staff.partner_page import HOME, partner_form, partner_page, partners_page
from fundraise.web.staff.report_page import report_page

router = APIRouter(prefix="/staff", dependencies=[Depends(signed_in)])
PARTNERS: Final = Link(text="Partners", href=HOME)
_ReportId = Annotated[int, Path(ge=1, lt=2**62)]
_TOASTS: Final[Mapping[str, Toast]] = {
    "added": Toast(text="Added. Send the link below to its treasurer."),
    "left": Toast(text="It has left. Its figures stay, with the day they are of.", tone="quiet"),
    "typed": Toast(text="Kept. It counts once it is accepted."),
    "accepted": Toast(text="Accepted. The figure is in the total."),
    "asked": Toast(text="Asked. The report waits until the partner answers on its link.", tone="quiet"),
    "refused": Toast(text="Refused. It does not count.", tone="quiet"),
}


@router.get("/partners")
def show_partners(parts: PartsOf, person: Person) -> Response:
    """Show the partners, and first the reports that wait for a person."""
    with parts.db.read() as session:
        page = partners_page(session, staff_frame(person, "partners"), parts.clock.now())
    return answer(parts, "staff/partners.html", page, private=True)


@router.get("/partners/new")
def new_partner(parts: PartsOf, person: Person) -> Response:
    """Show the form that adds a partner."""
    return _form(parts, person, {}, {})


@router.post("/partners/new")
async def create_partner(request: Request, parts: PartsOf, person: Person) -> Response:
    """Add a partner."""
    form = await read_form(request)
    return await to_thread.run_sync(_create, parts, person, form)


@router.get("/partners/{slug}")
def show_partner(slug: str, parts: PartsOf, person: Person, done: str = "") -> Response:
    """Show a partner with its reports."""
    return _partner(
        parts, person, slug, toast=_TOASTS.get(done), link=report_link(parts, slug) if done == "added" else ""
    )


@router.post("/partners/{slug}/link")
def make_link(slug: str, parts: PartsOf, person: Person) -> Response:
    """Make a new report link; shown once, so the answer is the page itself."""
    return _partner(parts, person, slug, link=renew_link(parts, slug, by=person.name))


@router.post("/partners/{slug}/key")
def make_key(slug: str, parts: PartsOf, person: Person) -> Response:
    """Make a new key for the partner's programs; shown once, so the answer is the page itself."""
    return _partner(parts, person, slug, key=new_key(parts, slug, by=person.name))


@router.post("/partners/{slug}/leave")
def let_go(slug: str, parts: PartsOf, person: Person) -> Response:
    """Let a partner go."""
    leave(parts, slug, by=person.name)
    return RedirectResponse(f"{HOME}/{slug}?done=left", 303)


@router.get("/reports/{report_id}")
def show_report(report_id: _ReportId, parts: PartsOf, person: Person, done: str = "") -> Response:
    """Show one report, and what accepting it does."""
    return _report(parts, person, report_id, toast=_TOASTS.get(done))


@router.get("/reports/{report_id}/raw")
def show_raw(report_id: _ReportId, parts: PartsOf) -> Response:
    """Give out the very bytes a report came in, as a download."""
    with parts.db.read() as session:
        raw = report_by_id(session, report_id).raw
    return _download(raw, f"report-{report_id}.json")


@router.get("/reports/{report_id}/file")
def show_file(report_id: _ReportId, parts: PartsOf) -> Response:
    """Give out the file that came with a report, as a download."""
    with parts.db.read() as session:
        file = file_of(session, report_id)
    if file is None:
        raise NotFound("No file came with this report.")
    return _download(file.raw, f"report-{report_id}-evidence")


@router.post("/reports/{report_id}/accept")
async def accept(report_id: _ReportId, request: Request, parts: PartsOf, person: Person) -> Response:
    """Let a report count."""
    form = await read_form(request)
    note = form.get("note", "")
    return await _decide(
        parts, person, report_id, "accepted", lambda: accept_report(parts, report_id, by=person.name, why=note)
    )


@router.post("/reports/{report_id}/ask")
async def ask(report_id: _ReportId, request: Request, parts: PartsOf, person: Person) -> Response:
    """Hold a report with a question."""
    form = await read_form(request)
    note = form.get("note", "")
    return await _decide(
        parts, person, report_id, "asked", lambda: ask_about_report(parts, report_id, by=person.name, question=note)
    )


@router.post("/reports/{report_id}/refuse")
async def refuse(report_id: _ReportId, request: Request, parts: PartsOf, person: Person) -> Response:
    """Refuse a report."""
    form = await read_form(request)
    note = form.get("note", "")
    return await _decide(
        parts, person, report_id, "refused", lambda: refuse_report(parts, report_id, by=person.name, why=note)
    )


async def _decide(parts: Parts, person: StaffPerson, report_id: int, done: str, work: Callable[[], None]) -> Response:
    try:
        await to_thread.run_sync(work)
    except (Conflict, Refusal) as problem:
        if isinstance(problem, NotFound):
            raise
        toast, status = Toast(text=problem.message, tone="wrong"), problem.status
        return await to_thread.run_sync(lambda: _report(parts, person, report_id, toast=toast, status=status))
    return RedirectResponse(f"/staff/reports/{report_id}?done={done}", 303)


def _create(parts: Parts, person: StaffPerson, form: Mapping[str, str]) -> Response:
    slug = form.get("slug", "").strip().lower() or slug_of(form.get("name", ""))
    new = NewPartner(
        slug=slug,
        appeal=form.get("appeal", "").replace("\x00", ""),
        name=form.get("name", ""),
        currency=form.get("currency", ""),
        is_unnamed=bool(form.get("unnamed")),
        is_beneficiary=bool(form.get("beneficiary")),
        contact_email=form.get("email", ""),
    )
    try:
        add_partner(parts, new, by=person.name)
    except FieldErrors as problem:
        return _form(parts, person, form, problem.errors)
    except (Conflict, NotFound) as problem:
        return _form(parts, person, form, {problem.field or "appeal": problem.message})
    return RedirectResponse(f"{HOME}/{slug}?done=added", 303)


def _form(parts: Parts, person: StaffPerson, values: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    with parts.db.read() as session:
        appeals = all_appeals(session)
    page = partner_form(staff_frame(person, "partners", back=PARTNERS), appeals, values, errors)
    return answer(parts, "staff/partner_form.html", page, status=422 if errors else 200, private=True)


def _partner(
    parts: Parts, person: StaffPerson, slug: str, *, toast: Toast | None = None, link: str = "", key: str = ""
) -> Response:
    with parts.db.read() as session:
        frame = staff_frame(person, "partners", toast=toast, back=PARTNERS)
        page = partner_page(session, frame, slug, parts.clock.now(), link=link, key=key)
    return answer(parts, "staff/partner.html", page, private=True)


def _report(
    parts: Parts, person: StaffPerson, report_id: int, *, toast: Toast | None = None, status: int = 200
) -> Response:
    with parts.db.read() as session:
        frame = staff_frame(person, "partners", toast=toast, back=PARTNERS)
        page = report_page(session, frame, report_id, parts.clock.now())
    return answer(parts, "staff/report.html", page, status=status, private=True)


def _download(raw: bytes, name: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "no-store",
    }
    return Response(raw, media_type="application/octet-stream", headers=headers)
