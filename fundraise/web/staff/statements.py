"""The staff's doors to bank statements: bring a file, look at what it holds, keep it or throw it away."""

from collections.abc import Mapping
from typing import Final

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import RedirectResponse

from fundraise.doors import PartsOf
from fundraise.errors import FieldErrors, Refusal
from fundraise.figures.statements import account_facts
from fundraise.flows.import_statement import Imported, import_statement, look_at
from fundraise.flows.upload_statement import drop_upload, keep_upload, say_of_upload, upload_of
from fundraise.parts import Parts
from fundraise.patience import in_patience
from fundraise.statements.questions import recent_files
from fundraise.statements.vocabulary import DateOrder, Question
from fundraise.views.parts import Link, Toast
from fundraise.web.forms import SentFile, read_form, read_form_with_file
from fundraise.web.pages import answer
from fundraise.web.staff.columns_page import columns_page, columns_said
from fundraise.web.staff.door import Person, signed_in, staff_frame
from fundraise.web.staff.preview_page import preview_page
from fundraise.web.staff.statement_pages import HOME, statements_page

# Held here as well as at each door, so that none is ever left open.
router = APIRouter(prefix=HOME, dependencies=[Depends(signed_in)])
BANK: Final = Link(text="Bank", href=HOME)
_FILES: Final = 20
_DROPPED: Final = Toast(text="The file was thrown away. Nothing of it was kept.", tone="quiet")


@router.get("")
def show_statements(parts: PartsOf, person: Person, done: str = "") -> Response:
    """Show the accounts, the form that brings a file, and what was read before."""
    return _statements(parts, person, toast=_DROPPED if done == "dropped" else None)


@router.post("")
async def bring(request: Request, parts: PartsOf, person: Person) -> Response:
    """Take a file and lead on to what it holds; nothing is imported yet."""
    form, sent = await read_form_with_file(request, "file")
    return await to_thread.run_sync(_bring, parts, person, form, sent)


@router.get("/uploads/{ref}")
async def show_upload(ref: str, parts: PartsOf, person: Person) -> Response:
    """Show what a file holds, or ask what only a person can say about it."""
    return await in_patience(_look, parts, person, ref)


@router.post("/uploads/{ref}/read")
async def say_dates(ref: str, request: Request, parts: PartsOf) -> Response:
    """Take the answer how dates are meant, and look again."""
    form = await read_form(request)
    said = form.get("date_order", "")
    if said not in set(DateOrder):
        raise Refusal("Please choose whether the day or the month comes first.")
    await to_thread.run_sync(lambda: say_of_upload(parts, ref, date_order=DateOrder(said)))
    return RedirectResponse(f"{HOME}/uploads/{ref}", 303)


@router.post("/uploads/{ref}/columns")
async def say_columns(ref: str, request: Request, parts: PartsOf, person: Person) -> Response:
    """Take the answer which column is what, and look again."""
    form = await read_form(request)
    try:
        said = columns_said(form)
    except FieldErrors as refusal:
        return await in_patience(_ask_columns, parts, person, ref, form, refusal.errors)
    await to_thread.run_sync(lambda: say_of_upload(parts, ref, columns=said))
    return RedirectResponse(f"{HOME}/uploads/{ref}", 303)


@router.post("/uploads/{ref}/keep")
async def keep(ref: str, request: Request, parts: PartsOf, person: Person) -> Response:
    """Import a file that was looked at, and lead on to its account's lines."""
    form = await read_form(request)
    account, done = await in_patience(_keep, parts, person, ref, form)
    return RedirectResponse(f"{HOME}/{account}?new={done.new}&matched={done.matched['matched']}", 303)


@router.post("/uploads/{ref}/drop")
def drop(ref: str, parts: PartsOf) -> Response:
    """Throw a file away that was looked at."""
    drop_upload(parts, ref)
    return RedirectResponse(f"{HOME}?done=dropped", 303)


def _statements(
    parts: Parts,
    person: Person,
    *,
    toast: Toast | None = None,
    chosen: str = "",
    errors: Mapping[str, str] | None = None,
) -> Response:
    with parts.db.read() as session:
        accounts, files = account_facts(session), recent_files(session, most=_FILES)
    frame = staff_frame(person, "statements", toast=toast)
    page = statements_page(frame, accounts, files, parts.clock.now(), chosen=chosen, errors=errors)
    return answer(parts, "staff/statements.html", page, status=422 if errors else 200, private=True)


def _bring(parts: Parts, person: Person, form: Mapping[str, str], sent: SentFile) -> Response:
    account = form.get("account", "")
    try:
        ref = keep_upload(parts, account, sent.name, sent.raw, by=person.name)
    except Refusal as refusal:
        if refusal.field is None:
            raise
        return _statements(parts, person, chosen=account, errors={refusal.field: refusal.message})
    return RedirectResponse(f"{HOME}/uploads/{ref}", 303)


def _look(parts: Parts, person: Person, ref: str) -> Response:
    upload = upload_of(parts, ref, by=person.name)
    look = look_at(parts, upload)
    frame = staff_frame(person, "statements", back=BANK)
    if look.read.question is Question.COLUMNS and look.read.header:
        page = columns_page(frame, upload.file_name, f"{HOME}/uploads/{ref}", look.read.header)
        return answer(parts, "staff/_statement_columns.html", page, private=True)
    return answer(parts, "staff/statement_preview.html", preview_page(frame, look, ref, upload.file_name), private=True)


def _ask_columns(
    parts: Parts, person: Person, ref: str, form: Mapping[str, str], errors: Mapping[str, str]
) -> Response:
    upload = upload_of(parts, ref, by=person.name)
    header = look_at(parts, upload).read.header
    address = f"{HOME}/uploads/{ref}"
    frame = staff_frame(person, "statements", back=BANK)
    page = columns_page(frame, upload.file_name, address, header, chosen=form, errors=errors)
    return answer(parts, "staff/_statement_columns.html", page, status=422, private=True)


def _keep(parts: Parts, person: Person, ref: str, form: Mapping[str, str]) -> tuple[str, Imported]:
    upload = upload_of(parts, ref, by=person.name, alike_is_new=bool(form.get("alike_is_new")))
    done = import_statement(parts, upload)
    drop_upload(parts, ref)
    return upload.account, done
