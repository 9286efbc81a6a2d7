"""The staff's doors to bank lines: an account's lines, one line, matching by hand, undoing."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request, Response

from fundraise.doors import PartsOf
from fundraise.errors import NotFound, Refusal
from fundraise.figures.line_candidates import candidates
from fundraise.figures.statements import LineFilter, equal_lines, lines_page, matches_of, open_lines
from fundraise.flows.match_by_hand import match_with_payout, match_with_transfer
from fundraise.flows.undo_match import undo_match
from fundraise.parts import Parts
from fundraise.statements.questions import WITHOUT_BYTES, bank_account_by_name
from fundraise.statements.reasons import words_in
from fundraise.statements.rules import stripe_words
from fundraise.statements.tables import BankAccount, BankLine, StatementFile
from fundraise.views.parts import Link, Toast
from fundraise.web.forms import read_form
from fundraise.web.pages import answer
from fundraise.web.staff import statement_pages
from fundraise.web.staff.door import Number, Person, act, signed_in, staff_frame
from fundraise.web.staff.line_page import line_page
from fundraise.web.staff.statement_pages import HOME
from fundraise.web.staff.statements import BANK

router = APIRouter(prefix="/staff", dependencies=[Depends(signed_in)])
_MOST_PAGES = 100_000
_TOASTS = {
    "matched": Toast(text="Matched, and booked. You can undo it here."),
    "undone": Toast(text="Undone. The line is open again.", tone="quiet"),
}


@router.get("/statements/{name}")
def show_lines(  # noqa: PLR0913, PLR0917  A filter's fields.
    name: str,
    parts: PartsOf,
    person: Person,
    show: str = "",
    q: Annotated[str, Query(max_length=200)] = "",
    begins: Annotated[str, Query(alias="from", max_length=10)] = "",
    ends: Annotated[str, Query(alias="to", max_length=10)] = "",
    page: Annotated[int, Query(ge=1, le=_MOST_PAGES)] = 1,
    new: Annotated[int | None, Query(ge=0)] = None,
    matched: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Show an account's lines: first those that need a person, as long as there are any."""
    kept = f"{_count(new or 0, 'new line')} kept, {_count(matched, 'payout')} matched."
    toast = Toast(text=kept) if new is not None else None
    with parts.db.read() as session:
        account = bank_account_by_name(session, name)
        waiting = open_lines(session, account)
        wanted = LineFilter(show, q.replace("\x00", ""), _day(begins), _day(ends), page)
        if wanted == LineFilter(page=page) and waiting:
            wanted = replace(wanted, show="open")
        found = lines_page(session, account, wanted)
    frame = staff_frame(person, "statements", toast=toast, back=BANK)
    context = statement_pages.lines_page(frame, account, found, wanted, waiting)
    return answer(parts, "staff/bank_lines.html", context, private=True)


@router.get("/lines/{line_id}")
def show_line(line_id: Number, parts: PartsOf, person: Person, done: str = "") -> Response:
    """Show a line, what it is matched with and why, or what it may be."""
    return _line(parts, person, line_id, toast=_TOASTS.get(done))


@router.post("/lines/{line_id}/match")
async def match(line_id: Number, request: Request, parts: PartsOf, person: Person) -> Response:
    """Say what a line is."""
    form = await read_form(request)
    payout, transfer = _number(form.get("payout", "")), _number(form.get("transfer", ""))
    if (payout is None) == (transfer is None):
        raise Refusal("Please say which payout or which transfer the line is.")

    def say() -> None:
        if payout is not None:
            match_with_payout(parts, line_id, payout, by=person.name)
        elif transfer is not None:
            match_with_transfer(parts, line_id, transfer, by=person.name)

    return await to_thread.run_sync(_done, parts, person, line_id, say, "matched")


@router.post("/lines/{line_id}/undo")
async def undo(line_id: Number, request: Request, parts: PartsOf, person: Person) -> Response:
    """Take a line's match back, with a reason."""
    form = await read_form(request)
    number, why = _number(form.get("match", "")), form.get("note", "")
    if number is None:
        raise Refusal("Please say which match is to be undone.")

    def say() -> None:
        undo_match(parts, number, by=person.name, why=why)

    return await to_thread.run_sync(_done, parts, person, line_id, say, "undone")


def _done(parts: Parts, person: Person, line_id: int, say: Callable[[], None], done: str) -> Response:
    """Do what was said and lead back to the line; what is refused is said there."""
    return act(
        say,
        f"/staff/lines/{line_id}?done={done}",
        lambda toast, status: _line(parts, person, line_id, toast=toast, status=status),
    )


def _line(parts: Parts, person: Person, line_id: int, *, toast: Toast | None = None, status: int = 200) -> Response:
    with parts.db.read() as session:
        line = session.get(BankLine, line_id)
        if line is None:
            raise NotFound("There is no such line.")
        account = session.get_one(BankAccount, line.bank_account_id)
        page = line_page(
            staff_frame(person, "statements", toast=toast, back=Link(text=account.name, href=f"{HOME}/{account.name}")),
            line,
            account,
            session.get_one(StatementFile, line.file_id, options=[WITHOUT_BYTES]),
            matches_of(session, line.id),
            candidates(session, line, account),
            equal_lines(session, line),
            says_stripe=bool(stripe_words(words_in(line), account.stripe_pattern)),
        )
    return answer(parts, "staff/bank_line.html", page, status=status, private=True)


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def _day(typed: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(typed)
    return None


def _number(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else None  # noqa: PLR2004  Within BIGINT.
