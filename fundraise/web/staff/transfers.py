"""The staff's doors to transfers: what participants pass on, who received it, and what is overdue."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session
from starlette.responses import RedirectResponse

from fundraise import money, times
from fundraise.appeals.tables import Appeal
from fundraise.bodies.questions import all_bodies
from fundraise.doors import PartsOf
from fundraise.errors import Conflict, FieldErrors, NotFound, Refusal
from fundraise.figures.passed_on import participant_names
from fundraise.flows.record_transfer import LINK, Sent, record_transfer, withdraw_transfer
from fundraise.money import Money
from fundraise.partners.questions import all_partners
from fundraise.parts import Parts
from fundraise.transfers.questions import Known, all_transfers
from fundraise.views.parts import EmptyState, Link, Moment, Option, Status, Toast
from fundraise.views.staff_partner_pages import TransferRow, TransfersPage
from fundraise.views.staff_parts import Answer, PostAction, StaffFrame
from fundraise.web.forms import read_form
from fundraise.web.pages import answer
from fundraise.web.staff.door import Person, StaffPerson, signed_in, staff_frame

router = APIRouter(prefix="/staff/transfers", dependencies=[Depends(signed_in)])
HOME: Final = "/staff/transfers"
OVERDUE: Final = timedelta(days=14)
_TOASTS: Final[Mapping[str, Toast]] = {
    "recorded": Toast(text="Recorded. Send its link to the receiver, who says whether it arrived."),
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


@router.post("/{ref}/withdraw")
async def withdraw(ref: str, request: Request, parts: PartsOf, person: Person) -> Response:
    """Take a transfer back that was recorded by mistake."""
    form = await read_form(request)
    note = form.get("note", "")
    try:
        await to_thread.run_sync(lambda: withdraw_transfer(parts, ref, by=person.name, why=note))
    except Refusal as problem:
        if isinstance(problem, NotFound):
            raise
        toast, status = Toast(text=problem.message, tone="wrong"), problem.status
        return await to_thread.run_sync(lambda: _page(parts, person, {}, {}, toast=toast, status=status))
    return RedirectResponse(f"{HOME}?done=withdrawn", 303)


def _record(parts: Parts, person: StaffPerson, form: Mapping[str, str]) -> Response:
    try:
        sent = _sent(parts, form)
        record_transfer(parts, sent, by=person.name)
    except FieldErrors as problem:
        return _page(parts, person, form, problem.errors, status=422)
    except Conflict as problem:
        return _page(parts, person, form, {problem.field or "reference": problem.message}, status=422)
    return RedirectResponse(f"{HOME}?done=recorded", 303)


def _sent(parts: Parts, form: Mapping[str, str]) -> Sent:
    """Read the form; raises `FieldErrors`. The appeal is the one in which a partner of the two takes part."""
    errors: dict[str, str] = {}
    currency, amount, sent_on = form.get("currency", ""), Money(0, "GBP"), date.min
    if not money.is_currency(currency):
        errors["currency"] = "Please choose a currency."
    else:
        try:
            amount = money.parse(form.get("amount", ""), currency)
        except money.AmountError as problem:
            errors["amount"] = str(problem)
    try:
        sent_on = date.fromisoformat(form.get("sent_on", ""))
    except ValueError:
        errors["sent_on"] = "Please write the day it was sent."
    sender, receiver = form.get("sender", ""), form.get("receiver", "")
    with parts.db.read() as session:
        appeal = _appeal_of(session, (receiver, sender))
    if not appeal:
        errors["receiver"] = "Please choose at least one partner: a transfer is between participants of one appeal."
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


def _appeal_of(session: Session, names: tuple[str, str]) -> str:
    wanted = {name.partition(":")[2] for name in names if name.startswith("partner:")}
    partner = next((each for each in all_partners(session) if each.slug in wanted), None)
    return session.get_one(Appeal, partner.appeal_id).slug if partner is not None else ""


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
        page = _transfers_page(session, parts, frame, values, errors)
    return answer(parts, "staff/transfers.html", page, status=status, private=True)


def _transfers_page(
    session: Session, parts: Parts, frame: StaffFrame, values: Mapping[str, str], errors: Mapping[str, str]
) -> TransfersPage:
    now = parts.clock.now()
    known = list(reversed(all_transfers(session)))
    names = {
        appeal_id: participant_names(session, appeal_id, show_all=True)
        for appeal_id in {transfer.appeal_id for transfer, _ in known}
    }
    return TransfersPage(
        frame=frame,
        answer=_answer(known, now),
        rows=tuple(_row(each, names[each[0].appeal_id], parts, now) for each in known),
        empty=EmptyState(sentence="Nothing was passed on yet. What is recorded below appears here."),
        action=HOME,
        sender=_participants(session, values.get("sender", "")),
        receiver=_participants(session, values.get("receiver", "")),
        currency=_currencies(session, values.get("currency", "")),
        amount=values.get("amount", ""),
        sent_on=values.get("sent_on", now.date().isoformat()),
        reference=values.get("reference", ""),
        errors=errors,
    )


def _answer(known: list[Known], now: datetime) -> Answer:
    way = [transfer for transfer, said in known if said is None and transfer.withdrawn_at is None]
    if not way:
        return Answer(sentence="Nothing is on its way.", tone="settled" if known else "quiet")
    sums: dict[str, int] = {}
    for transfer in way:
        sums[transfer.sent_currency] = sums.get(transfer.sent_currency, 0) + transfer.sent_minor
    amounts = ", ".join(money.show(Money(minor, currency)) for currency, minor in sorted(sums.items()))
    days = max((now.date() - transfer.sent_on).days for transfer in way)
    count = "1 transfer" if len(way) == 1 else f"{len(way)} transfers"
    overdue = any(now.date() - transfer.sent_on > OVERDUE for transfer in way)
    return Answer(
        sentence=f"{count} on the way, {amounts}, oldest {days} day{'' if days == 1 else 's'}.",
        tone="needs_you" if overdue else "on_its_way",
    )


def _row(known: Known, names: Mapping[tuple[int | None, int | None], str], parts: Parts, now: datetime) -> TransferRow:
    transfer, said = known
    link = f"{parts.settings.base_url}/t/{parts.sealer.link_token(LINK, transfer.ref)}"
    stands = transfer.withdrawn_at is None
    return TransferRow(
        sent_on=Moment(text=times.day_said(transfer.sent_on), iso=transfer.sent_on.isoformat()),
        sender=names[transfer.sender_body_id, transfer.sender_partner_id],
        receiver=names[transfer.receiver_body_id, transfer.receiver_partner_id],
        sent=money.show(Money(transfer.sent_minor, transfer.sent_currency)),
        arrived=money.show(Money(said.arrived_minor, said.arrived_currency)) if said is not None else "",
        reference=transfer.reference,
        status=_status(known, now),
        link=link if stands and said is None else "",
        actions=(
            PostAction(
                action=f"{HOME}/{transfer.ref}/withdraw",
                button="Take back",
                kind="grave",
                question="For a transfer that was recorded by mistake. It will count nowhere.",
                note_label="Why",
            ),
        )
        if stands
        else (),
    )


def _status(known: Known, now: datetime) -> Status:
    transfer, said = known
    if transfer.withdrawn_at is not None:
        return Status(word="Taken back", tone="quiet")
    if said is None:
        overdue = now.date() - transfer.sent_on > OVERDUE
        return Status(word="Overdue", tone="needs_you") if overdue else Status(word="On its way", tone="on_its_way")
    if said.arrived_currency == transfer.sent_currency and said.arrived_minor != transfer.sent_minor:
        return Status(word="Another amount arrived", tone="needs_you")
    return Status(word="Acknowledged", tone="settled")


def _participants(session: Session, chosen: str) -> tuple[Option, ...]:
    bodies = [Option(value=f"body:{body.slug}", text=body.name) for body in all_bodies(session)]
    others = [Option(value=f"partner:{each.slug}", text=each.name) for each in all_partners(session)]
    return (
        Option(value="", text="Please choose"),
        *(Option(value=each.value, text=each.text, is_chosen=each.value == chosen) for each in [*bodies, *others]),
    )


def _currencies(session: Session, chosen: str) -> tuple[Option, ...]:
    codes = sorted({each.currency for each in all_partners(session)} | {body.currency for body in all_bodies(session)})
    return tuple(Option(value=code, text=f"{money.name(code)} ({code})", is_chosen=code == chosen) for code in codes)
