"""The staff's doors to transfers: what participants pass on, what the receiver says, and what was a mistake."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session
from starlette.responses import RedirectResponse

from fundraise import money
from fundraise.appeals.questions import all_appeals
from fundraise.appeals.tables import Appeal
from fundraise.bodies.questions import all_bodies
from fundraise.doors import PartsOf
from fundraise.errors import Conflict, FieldErrors, NotFound, Refusal
from fundraise.flows.record_transfer import (
    Arrived,
    Sent,
    acknowledge_transfer,
    receivers_currency,
    record_transfer,
    withdraw_transfer,
)
from fundraise.money import Money
from fundraise.partners.questions import all_partners
from fundraise.parts import Parts
from fundraise.text import TextError, clean_line, clean_text
from fundraise.transfers.questions import acknowledgement_of, transfer_by_ref
from fundraise.views.parts import Link, Toast
from fundraise.web.forms import read_form
from fundraise.web.pages import answer
from fundraise.web.staff.door import Person, StaffPerson, signed_in, staff_frame
from fundraise.web.staff.transfers_page import HOME, arrival_page, transfers_page

router = APIRouter(prefix=HOME, dependencies=[Depends(signed_in)])
_LONGEST_NAME: Final = 120
_LONGEST_NOTE: Final = 1000
_TOASTS: Final[Mapping[str, Toast]] = {
    "recorded": Toast(text="Recorded. Send its link to the receiver, who says whether it arrived."),
    "arrived": Toast(text="Recorded. It has arrived."),
    "withdrawn": Toast(text="Taken back. It counts nowhere any more.", tone="quiet"),
}


@router.get("")
def show_transfers(parts: PartsOf, person: Person, done: str = "") -> Response:
    """Show the transfers and the form that records one."""
    return _page(parts, person, {}, {}, toast=_TOASTS.get(done))


@router.post("")
async def record(request: Request, parts: PartsOf, person: Person) -> Response:
    """Record a transfer."""
    form = await read_form(request)
    return await to_thread.run_sync(_record, parts, person, form)


@router.get("/{ref}/arrived")
def ask_what_arrived(ref: str, parts: PartsOf, person: Person) -> Response:
    """Show the form in which staff write down what the receiver says."""
    return _arrival(parts, person, ref, {}, {})


@router.post("/{ref}/arrived")
async def record_arrival(ref: str, request: Request, parts: PartsOf, person: Person) -> Response:
    """Record that a transfer arrived, where the receiver said so without its link."""
    form = await read_form(request)
    return await to_thread.run_sync(_record_arrival, parts, person, ref, form)


@router.post("/{ref}/withdraw")
async def withdraw(ref: str, request: Request, parts: PartsOf, person: Person) -> Response:
    """Take a transfer back that was recorded by mistake."""
    note = (await read_form(request)).get("note", "")
    return await to_thread.run_sync(_withdraw, parts, person, ref, note)


def _record(parts: Parts, person: StaffPerson, form: Mapping[str, str]) -> Response:
    try:
        record_transfer(parts, _sent(parts, form), by=person.name)
    except FieldErrors as problem:
        return _page(parts, person, form, problem.errors, status=422)
    except Conflict as problem:
        return _page(parts, person, form, {problem.field or "reference": problem.message}, status=422)
    return RedirectResponse(f"{HOME}?done=recorded", 303)


def _sent(parts: Parts, form: Mapping[str, str]) -> Sent:
    """Read the form; raises `FieldErrors`."""
    errors: dict[str, str] = {}
    currency, amount = form.get("currency", ""), Money(0, "GBP")
    if not money.is_currency(currency):
        errors["currency"] = "Please choose a currency."
    else:
        amount = _amount(form, currency, errors)
    sent_on = _day(form, "sent_on", "Please write the day it was sent.", errors)
    sender, receiver = form.get("sender", ""), form.get("receiver", "")
    with parts.db.read() as session:
        known = _participants(session)
        appeal = _appeal_of(session, form.get("appeal", ""), (receiver, sender))
    for field, name, question in (("sender", sender, "sent"), ("receiver", receiver, "received")):
        if name not in known:
            errors[field] = f"Please choose a participant: who {question} it."
    if not appeal:
        errors["appeal"] = "Please choose the appeal whose money it is."
    if errors:
        raise FieldErrors(errors)
    return Sent(
        appeal=appeal,
        sender=sender,
        receiver=receiver,
        sent=amount,
        sent_on=sent_on,
        reference=form.get("reference", ""),
    )


def _participants(session: Session) -> set[str]:
    bodies, partners = all_bodies(session), all_partners(session)
    return {f"body:{body.slug}" for body in bodies} | {f"partner:{partner.slug}" for partner in partners}


def _appeal_of(session: Session, chosen: str, names: tuple[str, str]) -> str:
    """Return the appeal that was chosen, else the one in which a partner of the two takes part; "" for none."""
    if chosen in {appeal.slug for appeal in all_appeals(session)}:
        return chosen
    wanted = {name.partition(":")[2] for name in names if name.startswith("partner:")}
    partner = next((each for each in all_partners(session) if each.slug in wanted), None)
    return session.get_one(Appeal, partner.appeal_id).slug if partner is not None else ""


def _record_arrival(parts: Parts, person: StaffPerson, ref: str, form: Mapping[str, str]) -> Response:
    with parts.db.read() as session:
        currency = receivers_currency(session, transfer_by_ref(session, ref))
    try:
        acknowledge_transfer(parts, ref, _arrived(form, currency), by=person.name)
    except FieldErrors as problem:
        return _arrival(parts, person, ref, form, problem.errors)
    except Conflict as problem:
        return _refused(parts, person, problem)
    return RedirectResponse(f"{HOME}?done=arrived", 303)


def _arrived(form: Mapping[str, str], currency: str) -> Arrived:
    """Read the form about an arrival; raises `FieldErrors`."""
    errors: dict[str, str] = {}
    amount = _amount(form, currency, errors)
    on = _day(form, "arrived_on", "Please write the day it arrived.", errors)
    said_by, note = "", ""
    try:
        said_by = clean_line(form.get("said_by", ""), longest=_LONGEST_NAME)
        if not said_by:
            errors["said_by"] = "Please write who says so: it stands beside the transfer."
    except TextError as problem:
        errors["said_by"] = str(problem)
    try:
        note = clean_text(form.get("note", ""), longest=_LONGEST_NOTE)
    except TextError as problem:
        errors["note"] = str(problem)
    if errors:
        raise FieldErrors(errors)
    return Arrived(amount=amount, on=on, said_by=said_by, note=note)


def _amount(form: Mapping[str, str], currency: str, errors: dict[str, str]) -> Money:
    try:
        return money.parse(form.get("amount", ""), currency)
    except money.AmountError as problem:
        errors["amount"] = str(problem)
        return Money(0, currency)


def _day(form: Mapping[str, str], field: str, question: str, errors: dict[str, str]) -> date:
    try:
        return date.fromisoformat(form.get(field, ""))
    except ValueError:
        errors[field] = question
        return date.min


def _withdraw(parts: Parts, person: StaffPerson, ref: str, note: str) -> Response:
    try:
        withdraw_transfer(parts, ref, by=person.name, why=note)
    except NotFound:
        raise
    except Refusal as problem:
        return _refused(parts, person, problem)
    return RedirectResponse(f"{HOME}?done=withdrawn", 303)


def _refused(parts: Parts, person: StaffPerson, problem: Refusal) -> Response:
    toast = Toast(text=problem.message, tone="wrong")
    return _page(parts, person, {}, {}, toast=toast, status=problem.status)


def _page(
    parts: Parts,
    person: StaffPerson,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    toast: Toast | None = None,
    status: int = 200,
) -> Response:
    frame = staff_frame(person, "partners", toast=toast, back=Link(text="Partners", href="/staff/partners"))
    with parts.db.read() as session:
        page = transfers_page(session, parts, frame, values, errors)
    return answer(parts, "staff/transfers.html", page, status=status, private=True)


def _arrival(
    parts: Parts, person: StaffPerson, ref: str, values: Mapping[str, str], errors: Mapping[str, str]
) -> Response:
    frame = staff_frame(person, "partners", back=Link(text="Transfers", href=HOME))
    with parts.db.read() as session:
        transfer = transfer_by_ref(session, ref)
        said = acknowledgement_of(session, transfer.id)
        page = arrival_page(session, frame, transfer, values, errors)
    if transfer.withdrawn_at is not None:
        return _refused(parts, person, Conflict("This transfer was taken back. There is nothing to say about it."))
    if said is not None:
        return _refused(parts, person, Conflict("It was said already what arrived."))
    return answer(parts, "staff/transfer_arrival.html", page, status=422 if errors else 200, private=True)
