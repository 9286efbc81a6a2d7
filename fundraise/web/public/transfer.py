"""The doors behind a receiver's link: whether a transfer arrived, how much of it, and when. No password."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from sqlmodel import Session, col, select
from starlette.responses import RedirectResponse

from fundraise import money, times
from fundraise.appeals.tables import Appeal
from fundraise.doors import PartsOf
from fundraise.errors import FieldErrors, NotFound
from fundraise.figures.passed_on import participant_names
from fundraise.flows.record_transfer import LINK, Arrived, acknowledge_transfer, receivers_currency
from fundraise.money import Money
from fundraise.parts import Parts
from fundraise.sealing import new_ref
from fundraise.text import TextError, clean_text
from fundraise.transfers.questions import acknowledgement_of, value_minor
from fundraise.transfers.tables import Transfer
from fundraise.views.partner_pages import TransferPage
from fundraise.views.parts import Link
from fundraise.web.forms import read_form
from fundraise.web.pages import answer

router = APIRouter()
_NOT_YET: Final = "not_yet"
_LONGEST_NOTE: Final = 1000


@dataclass(frozen=True, slots=True)
class _Filled:
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    said: str = ""


@router.get("/t/{token}")
def show_transfer(token: str, parts: PartsOf, said: str = "") -> Response:
    """Ask whether a transfer arrived, or show what was said."""
    noted = "Thank you. Please come back to this link when it has arrived." if said == _NOT_YET else ""
    with parts.db.read() as session:
        page = _page(session, parts, _transfer(session, parts, token), token, _Filled(said=noted))
    return answer(parts, "public/transfer.html", page, private=True)


@router.post("/t/{token}")
async def say_arrived(token: str, request: Request, parts: PartsOf) -> Response:
    """Take what the receiver says."""
    form = await read_form(request)
    return await to_thread.run_sync(_say, parts, token, form)


def _say(parts: Parts, token: str, form: Mapping[str, str]) -> Response:
    with parts.db.read() as session:
        transfer = _transfer(session, parts, token)
        name = _receiver(session, transfer)
        currency = receivers_currency(session, transfer)
    if form.get("answer") == _NOT_YET:
        return RedirectResponse(f"/t/{token}?said={_NOT_YET}", 303)
    try:
        acknowledge_transfer(parts, transfer.ref, _arrived(transfer, currency, name, form))
    except FieldErrors as problem:
        with parts.db.read() as session:
            page = _page(session, parts, transfer, token, _Filled(form, problem.errors))
        return answer(parts, "public/transfer.html", page, status=422, private=True)
    return RedirectResponse(f"/t/{token}", 303)


def _transfer(session: Session, parts: Parts, token: str) -> Transfer:
    ref = parts.sealer.open_link(LINK, token)
    found = session.exec(select(Transfer).where(col(Transfer.ref) == ref)).first() if ref is not None else None
    if found is None:
        raise NotFound("This link does not open anything. Please ask whoever sent it for a new one.")
    return found


def _arrived(transfer: Transfer, currency: str, name: str, form: Mapping[str, str]) -> Arrived:
    """Read the form; raises `FieldErrors`."""
    errors: dict[str, str] = {}
    amount = Money(0, currency)
    known = value_minor((transfer, None), currency)
    said = form.get("answer", "")
    if said not in {"arrived", "other"}:
        errors["answer"] = "Please say what you see on your account."
    elif said == "arrived" and known is not None:
        amount = Money(known, currency)
    else:
        try:
            amount = money.parse(form.get("amount", ""), currency)
        except money.AmountError as problem:
            errors["amount"] = str(problem)
    try:
        on = date.fromisoformat(form.get("arrived_on", ""))
    except ValueError:
        on = date.min
        errors["arrived_on"] = "Please write the day on your statement."
    try:
        note = clean_text(form.get("note", ""), longest=_LONGEST_NOTE)
    except TextError as problem:
        note = ""
        errors["note"] = str(problem)
    if errors:
        raise FieldErrors(errors)
    return Arrived(amount=amount, on=on, said_by=name, note=note)


def _receiver(session: Session, transfer: Transfer) -> str:
    names = participant_names(session, transfer.appeal_id, show_all=True)
    return names[transfer.receiver_body_id, transfer.receiver_partner_id]


def _page(session: Session, parts: Parts, transfer: Transfer, token: str, filled: _Filled) -> TransferPage:
    appeal = session.get_one(Appeal, transfer.appeal_id)
    names = participant_names(session, transfer.appeal_id)
    said = acknowledgement_of(session, transfer.id)
    currency = receivers_currency(session, transfer)
    words = filled.said
    if said is not None:
        arrived = money.show(Money(said.arrived_minor, said.arrived_currency))
        words = f"You said on {times.day(said.said_at)} that {arrived} arrived on {times.day_said(said.arrived_on)}."
    elif transfer.withdrawn_at is not None:
        words = "This was recorded by mistake and taken back. There is nothing for you to do."
    known = value_minor((transfer, None), currency)
    return TransferPage(
        receiver=_receiver(session, transfer),
        sender=names[transfer.sender_body_id, transfer.sender_partner_id],
        amount=money.show(Money(transfer.sent_minor, transfer.sent_currency)),
        sent_on=times.day_said(transfer.sent_on),
        reference=transfer.reference,
        appeal=Link(text=appeal.title, href=f"/a/{appeal.slug}"),
        action=f"/t/{token}" if said is None and transfer.withdrawn_at is None else "",
        token=new_ref(),
        said=words,
        answer=filled.values.get("answer", ""),
        currency=currency,
        needs_amount=known is None,
        arrived_amount=filled.values.get("amount", ""),
        arrived_on=filled.values.get("arrived_on", parts.clock.now().date().isoformat()),
        note=filled.values.get("note", ""),
        errors=filled.errors,
    )
