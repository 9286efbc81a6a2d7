"""The staff's doors to differences: look at one, explain it, open it again."""

from collections.abc import Callable
from typing import Final

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import RedirectResponse

from fundraise.doors import PartsOf
from fundraise.figures.differences import difference_facts
from fundraise.flows.explain import explain, open_again
from fundraise.parts import Parts
from fundraise.views.parts import Link, Toast
from fundraise.web.forms import read_form
from fundraise.web.pages import answer
from fundraise.web.staff.difference_page import HOME, difference_page
from fundraise.web.staff.door import Number, Person, StaffPerson, act, signed_in, staff_frame

router = APIRouter(prefix=HOME, dependencies=[Depends(signed_in)])
_TOASTS: Final = {
    "explained": Toast(text="Explained. It opens by itself if the amount changes."),
    "opened": Toast(text="Opened again.", tone="quiet"),
}


@router.get("/{difference_id}")
def show_difference(difference_id: Number, parts: PartsOf, person: Person, done: str = "") -> Response:
    """Show what differs, what it means and what to do about it."""
    return _difference(parts, person, difference_id, toast=_TOASTS.get(done))


@router.post("/{difference_id}/explain")
async def say_why(difference_id: Number, request: Request, parts: PartsOf, person: Person) -> Response:
    """Close a difference with a note."""
    note = (await read_form(request)).get("note", "")

    def say() -> None:
        explain(parts, difference_id, note=note, by=person.name)

    return await to_thread.run_sync(_done, parts, person, difference_id, say, "explained")


@router.post("/{difference_id}/open")
async def open_it_again(difference_id: Number, request: Request, parts: PartsOf, person: Person) -> Response:
    """Open an explained difference again, with a note."""
    note = (await read_form(request)).get("note", "")

    def say() -> None:
        open_again(parts, difference_id, note=note, by=person.name)

    return await to_thread.run_sync(_done, parts, person, difference_id, say, "opened")


def _done(parts: Parts, person: StaffPerson, difference_id: int, say: Callable[[], None], done: str) -> Response:
    """Do what was said and lead back; what is refused is said there."""
    return act(
        say,
        f"{HOME}/{difference_id}?done={done}",
        lambda toast, status: _difference(parts, person, difference_id, toast=toast, status=status),
    )


def _difference(
    parts: Parts, person: StaffPerson, difference_id: int, *, toast: Toast | None = None, status: int = 200
) -> Response:
    with parts.db.read() as session:
        facts = difference_facts(session, difference_id)
    if facts.difference.donation_id is not None:
        return RedirectResponse(f"/staff/quarantine/{difference_id}", 303)
    back = Link(text="Reconciliation", href="/staff/reconciliation")
    frame = staff_frame(person, "reconciliation", toast=toast, back=back)
    page = difference_page(frame, facts, parts.clock.now())
    return answer(parts, "staff/difference.html", page, status=status, private=True)
