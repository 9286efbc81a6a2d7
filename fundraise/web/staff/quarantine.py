"""The staff's doors to payments that are kept out of the books: both sides, and what a person may decide."""

from collections.abc import Callable
from typing import Final

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response

from fundraise.doors import PartsOf
from fundraise.figures.differences import closed_differences, open_differences
from fundraise.figures.quarantine import quarantine_facts
from fundraise.flows.accept_payment import accept_payment, look_again
from fundraise.flows.explain import explain, open_again
from fundraise.parts import Parts
from fundraise.patience import in_patience
from fundraise.views.parts import Link, Toast
from fundraise.web.forms import read_form
from fundraise.web.pages import answer
from fundraise.web.staff.door import Number, Person, StaffPerson, act, signed_in, staff_frame
from fundraise.web.staff.quarantine_pages import HOME, item_page, quarantine_page

router = APIRouter(prefix=HOME, dependencies=[Depends(signed_in)])
_TOASTS: Final = {
    "accepted": Toast(text="Booked as what was paid. The total has it now."),
    "looked": Toast(text="Stripe was asked. What it says is below.", tone="quiet"),
    "explained": Toast(text="Explained. It stays outside every total."),
    "opened": Toast(text="Opened again.", tone="quiet"),
}


@router.get("")
def show_quarantine(parts: PartsOf, person: Person) -> Response:
    """Show what is kept out of the books, oldest first, and what was decided last."""
    with parts.db.read() as session:
        waiting = open_differences(session, kept_out=True)
        decided = closed_differences(session, kept_out=True)
    page = quarantine_page(staff_frame(person, "quarantine"), waiting, decided, parts.clock.now())
    return answer(parts, "staff/quarantine.html", page, private=True)


@router.get("/{item_id}")
def show_item(item_id: Number, parts: PartsOf, person: Person, done: str = "") -> Response:
    """Show both sides of one payment."""
    return _item(parts, person, item_id, toast=_TOASTS.get(done))


@router.post("/{item_id}/accept")
async def accept(item_id: Number, request: Request, parts: PartsOf, person: Person) -> Response:
    """Take the payment into the books as what was paid."""
    note = (await read_form(request)).get("note", "")

    def say() -> None:
        accept_payment(parts, item_id, note=note, by=person.name)

    return await in_patience(_done, parts, person, item_id, say, "accepted")


@router.post("/{item_id}/look")
async def look(item_id: Number, parts: PartsOf, person: Person) -> Response:
    """Ask Stripe again: what went back to the donor in full is decided by that."""

    def say() -> None:
        look_again(parts, item_id)

    return await in_patience(_done, parts, person, item_id, say, "looked")


@router.post("/{item_id}/explain")
async def set_aside(item_id: Number, request: Request, parts: PartsOf, person: Person) -> Response:
    """Leave the payment out of the books, with a note."""
    note = (await read_form(request)).get("note", "")

    def say() -> None:
        explain(parts, item_id, note=note, by=person.name)

    return await to_thread.run_sync(_done, parts, person, item_id, say, "explained")


@router.post("/{item_id}/open")
async def open_item_again(item_id: Number, request: Request, parts: PartsOf, person: Person) -> Response:
    """Open a payment again that was explained."""
    note = (await read_form(request)).get("note", "")

    def say() -> None:
        open_again(parts, item_id, note=note, by=person.name)

    return await to_thread.run_sync(_done, parts, person, item_id, say, "opened")


def _done(parts: Parts, person: StaffPerson, item_id: int, say: Callable[[], None], done: str) -> Response:
    """Do what was said and lead back; what is refused is said there."""
    return act(
        say,
        f"{HOME}/{item_id}?done={done}",
        lambda toast, status: _item(parts, person, item_id, toast=toast, status=status),
    )


def _item(
    parts: Parts, person: StaffPerson, item_id: int, *, toast: Toast | None = None, status: int = 200
) -> Response:
    with parts.db.read() as session:
        facts = quarantine_facts(session, item_id)
    frame = staff_frame(person, "quarantine", toast=toast, back=Link(text="Quarantine", href=HOME))
    page = item_page(frame, facts, parts.clock.now())
    return answer(parts, "staff/quarantine_item.html", page, status=status, private=True)
