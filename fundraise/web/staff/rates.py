"""The staff's doors to exchange rates: how new they are, and bringing a publisher's file."""

from typing import Final

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import RedirectResponse

from fundraise import times
from fundraise.doors import PartsOf
from fundraise.errors import Refusal
from fundraise.flows.import_rates import import_rates, seed_rates
from fundraise.jobs.rates import SEEDED_FROM
from fundraise.parts import Parts
from fundraise.published_rates import NAMES, RateSource
from fundraise.rates.questions import newest_day, recent_sheets
from fundraise.showing import values as showing
from fundraise.views.parts import Link, Moment, Toast
from fundraise.views.staff_parts import Answer, PostAction
from fundraise.views.staff_rates_page import RateSheetRow, RatesPage
from fundraise.web.forms import SentFile, read_form_with_file
from fundraise.web.pages import answer
from fundraise.web.staff.door import Person, StaffPerson, signed_in, staff_frame

HOME: Final = "/staff/rates"
router = APIRouter(prefix=HOME, dependencies=[Depends(signed_in)])
_SHOWN: Final = 10
_STALE_DAYS: Final = {RateSource.ECB: 7, RateSource.HMRC: 31}


@router.get("")
def show_rates(parts: PartsOf, person: Person, new: int | None = None, converted: int = 0) -> Response:
    """Show the newest rates and the form that brings a file."""
    toast = None
    if new is not None:
        days = "Nothing in it was new" if not new else f"{new} new day or month kept" if new == 1 else f"{new} new kept"
        toast = Toast(text=f"{days}. Converted because of it: {converted}.")
    return _page(parts, person, toast=toast)


@router.post("")
async def bring(request: Request, parts: PartsOf, person: Person) -> Response:
    """Keep the rates of a file."""
    _, sent = await read_form_with_file(request, "file")
    return await to_thread.run_sync(_bring, parts, person, sent)


@router.post("/seed")
def seed(parts: PartsOf, person: Person) -> Response:
    """Keep the rates that were installed along."""
    done = [seed_rates(parts, source, SEEDED_FROM, by=person.name) for source in RateSource]
    return RedirectResponse(
        f"{HOME}?new={sum(each.new for each in done)}&converted={sum(each.converted for each in done)}", 303
    )


def _bring(parts: Parts, person: StaffPerson, sent: SentFile) -> Response:
    try:
        done = import_rates(parts, sent.name, sent.raw, by=person.name)
    except Refusal as problem:
        if problem.field is None:
            raise
        return _page(parts, person, errors={problem.field: problem.message})
    return RedirectResponse(f"{HOME}?new={done.new}&converted={done.converted}", 303)


def _page(
    parts: Parts, person: StaffPerson, *, toast: Toast | None = None, errors: dict[str, str] | None = None
) -> Response:
    with parts.db.read() as session:
        newest = {source: newest_day(session, source) for source in RateSource}
        sheets = [row for source in RateSource for row in recent_sheets(session, source, _SHOWN)]
    today = parts.clock.now().date()
    old = [source for source, day in newest.items() if day is None or (today - day).days > _STALE_DAYS[source]]
    said = [
        f"{NAMES[source]}: {times.day_said(day)}" if day is not None else f"{NAMES[source]}: none"
        for source, day in newest.items()
    ]
    page = RatesPage(
        frame=staff_frame(person, "partners", toast=toast, back=Link(text="Partners", href="/staff/partners")),
        answer=Answer(
            sentence=f"The newest rates are of {'; '.join(said)}.",
            detail="Some are old. Bring the publisher’s file, or let the timetable fetch them." if old else "",
            tone="needs_you" if old else "settled",
        ),
        rows=tuple(
            RateSheetRow(
                day=Moment(text=times.day_said(sheet.effective_on), iso=sheet.effective_on.isoformat()),
                source=NAMES[RateSource(sheet.source)],
                count=f"{count}",
                file=sheet.file_name,
                fingerprint=sheet.file_sha256[:12],
                who=f"{sheet.imported_by}, {showing.on_day(sheet.imported_at).text}",
            )
            for sheet, count in sheets
        ),
        action=HOME,
        actions=(PostAction(action=f"{HOME}/seed", button="Keep the rates that were installed along"),)
        if None in newest.values()
        else (),
        errors=errors or {},
    )
    return answer(parts, "staff/rates.html", page, status=422 if errors else 200, private=True)
