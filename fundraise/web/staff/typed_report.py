"""The staff's door to a partner's figure that came by letter or telephone: the partner's own form, typed in."""

from collections.abc import Mapping

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import RedirectResponse

from fundraise.doors import PartsOf
from fundraise.errors import Conflict
from fundraise.flows.receive_report import receive_report
from fundraise.partners.questions import partner_by_slug
from fundraise.parts import Parts
from fundraise.sealing import new_ref
from fundraise.views.parts import Link
from fundraise.views.staff_partner_pages import TypedReportPage
from fundraise.web.forms import SentFile, read_form_with_file
from fundraise.web.pages import answer
from fundraise.web.report_form import Filled, form_page
from fundraise.web.report_reading import TOKEN_LETTERS, read_figure
from fundraise.web.staff.door import Person, StaffPerson, signed_in, staff_frame
from fundraise.web.staff.partner_page import HOME

router = APIRouter(prefix=HOME, dependencies=[Depends(signed_in)])


@router.get("/{slug}/report")
def show_form(slug: str, parts: PartsOf, person: Person) -> Response:
    """Show the form with what was answered last time."""
    return _form(parts, person, slug, Filled())


@router.post("/{slug}/report")
async def send_figure(slug: str, request: Request, parts: PartsOf, person: Person) -> Response:
    """Take the figure, or say what it would come to where only that was asked."""
    form, sent = await read_form_with_file(request, "file", several="transfers")
    return await to_thread.run_sync(_send, parts, person, slug, form, sent)


def _send(parts: Parts, person: StaffPerson, slug: str, form: Mapping[str, str], sent: SentFile) -> Response:
    with parts.db.read() as session:
        partner = partner_by_slug(session, slug)
        read = read_figure(session, partner, form, sent)
    if partner.left_at is not None:
        raise Conflict("This partner has left; its figures stay as they are.")
    if isinstance(read, Filled):
        return _form(parts, person, slug, read)
    came = receive_report(parts, partner.id, read, came_by="staff", by=person.name)
    return RedirectResponse(f"/staff/reports/{came.report_id}?done=typed", 303)


def _form(parts: Parts, person: StaffPerson, slug: str, filled: Filled) -> Response:
    token = filled.values.get("token", "")[:TOKEN_LETTERS] or new_ref()
    with parts.db.read() as session:
        partner = partner_by_slug(session, slug)
        if partner.left_at is not None:
            raise Conflict("This partner has left; its figures stay as they are.")
        form = form_page(session, partner, f"{HOME}/{slug}/report", token, parts.clock.now(), filled)
    frame = staff_frame(person, "partners", back=Link(text=partner.name, href=f"{HOME}/{slug}"))
    page = TypedReportPage(frame=frame, form=form)
    return answer(parts, "staff/typed_report.html", page, status=422 if filled.errors else 200, private=True)
