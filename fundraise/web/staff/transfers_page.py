"""The pages about transfers, made out of what is known: the list with its form, and the form about one's arrival."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from fundraise import money, times
from fundraise.appeals.questions import all_appeals
from fundraise.bodies.questions import all_bodies
from fundraise.figures.passed_on import participant_names
from fundraise.flows.record_transfer import LINK, receivers_currency
from fundraise.money import Money
from fundraise.partners.questions import all_partners
from fundraise.parts import Parts
from fundraise.transfers.questions import Known, all_transfers
from fundraise.transfers.tables import Transfer
from fundraise.views.parts import EmptyState, Link, Moment, Option, Status
from fundraise.views.staff_partner_pages import ArrivalPage, TransferOnItsWay, TransferRow, TransfersPage
from fundraise.views.staff_parts import Answer, Fact, PostAction, StaffFrame

HOME: Final = "/staff/transfers"
_OVERDUE: Final = timedelta(days=14)
_PLEASE_CHOOSE: Final = Option(value="", text="Please choose")

Names = Mapping[tuple[int | None, int | None], str]


def transfers_page(
    session: Session, parts: Parts, frame: StaffFrame, values: Mapping[str, str], errors: Mapping[str, str]
) -> TransfersPage:
    """Make the list of transfers, with the form that records one."""
    now = parts.clock.now()
    known = all_transfers(session)
    names = {
        appeal_id: participant_names(session, appeal_id, show_all=True)
        for appeal_id in {transfer.appeal_id for transfer, _ in known}
    }
    way = [transfer for transfer, said in known if said is None and transfer.withdrawn_at is None]
    ended = [(transfer, said) for transfer, said in known if said is not None or transfer.withdrawn_at is not None]
    return TransfersPage(
        frame=frame,
        answer=_answer(way, now, is_any_known=bool(known)),
        on_the_way=tuple(_on_its_way(each, names[each.appeal_id], parts, now) for each in way),
        rows=tuple(_row(each, names[each[0].appeal_id]) for each in reversed(ended)),
        empty=EmptyState(sentence="Nothing was passed on yet. What is recorded below appears here."),
        action=HOME,
        appeal=_appeals(session, values.get("appeal", "")),
        sender=_participants(session, values.get("sender", "")),
        receiver=_participants(session, values.get("receiver", "")),
        currency=_currencies(session, values.get("currency", "")),
        amount=values.get("amount", ""),
        sent_on=values.get("sent_on", now.date().isoformat()),
        reference=values.get("reference", ""),
        errors=errors,
    )


def arrival_page(
    session: Session, frame: StaffFrame, transfer: Transfer, values: Mapping[str, str], errors: Mapping[str, str]
) -> ArrivalPage:
    """Make the form about the arrival of a transfer."""
    names = participant_names(session, transfer.appeal_id, show_all=True)
    sent = money.show(Money(transfer.sent_minor, transfer.sent_currency))
    return ArrivalPage(
        frame=frame,
        heading=f"What arrived of {sent}?",
        facts=(
            Fact(label="From", value=names[transfer.sender_body_id, transfer.sender_partner_id]),
            Fact(label="To", value=names[transfer.receiver_body_id, transfer.receiver_partner_id]),
            Fact(label="Sent", value=times.day_said(transfer.sent_on)),
            Fact(label="Reference", value=transfer.reference, is_code=True),
        ),
        action=f"{HOME}/{transfer.ref}/arrived",
        submit="Record its arrival",
        currency=receivers_currency(session, transfer),
        amount=values.get("amount", ""),
        arrived_on=values.get("arrived_on", ""),
        said_by=values.get("said_by", ""),
        note=values.get("note", ""),
        errors=errors,
    )


def _answer(way: Sequence[Transfer], now: datetime, *, is_any_known: bool) -> Answer:
    if not way:
        return Answer(sentence="Nothing is on its way.", tone="settled" if is_any_known else "quiet")
    sums: dict[str, int] = {}
    for transfer in way:
        sums[transfer.sent_currency] = sums.get(transfer.sent_currency, 0) + transfer.sent_minor
    amounts = ", ".join(money.show(Money(minor, currency)) for currency, minor in sorted(sums.items()))
    days = max((now.date() - transfer.sent_on).days for transfer in way)
    count = "1 transfer" if len(way) == 1 else f"{len(way)} transfers"
    return Answer(
        sentence=f"{count} on the way, {amounts}, oldest {days} day{'' if days == 1 else 's'}.",
        tone="needs_you" if any(_is_overdue(transfer, now) for transfer in way) else "on_its_way",
    )


def _is_overdue(transfer: Transfer, now: datetime) -> bool:
    return now.date() - transfer.sent_on > _OVERDUE


def _on_its_way(transfer: Transfer, names: Names, parts: Parts, now: datetime) -> TransferOnItsWay:
    overdue = _is_overdue(transfer, now)
    return TransferOnItsWay(
        sender=names[transfer.sender_body_id, transfer.sender_partner_id],
        receiver=names[transfer.receiver_body_id, transfer.receiver_partner_id],
        sent=money.show(Money(transfer.sent_minor, transfer.sent_currency)),
        sent_on=_sent_on(transfer),
        reference=transfer.reference,
        status=Status(word="Overdue", tone="needs_you") if overdue else Status(word="On its way", tone="on_its_way"),
        record=Link(text="Record its arrival", href=f"{HOME}/{transfer.ref}/arrived"),
        link=f"{parts.settings.base_url}/t/{parts.sealer.link_token(LINK, transfer.ref)}",
        actions=(_take_back(transfer),),
    )


def _row(known: Known, names: Names) -> TransferRow:
    transfer, said = known
    return TransferRow(
        sent_on=_sent_on(transfer),
        sender=names[transfer.sender_body_id, transfer.sender_partner_id],
        receiver=names[transfer.receiver_body_id, transfer.receiver_partner_id],
        sent=money.show(Money(transfer.sent_minor, transfer.sent_currency)),
        reference=transfer.reference,
        status=_status(known),
        arrived=money.show(Money(said.arrived_minor, said.arrived_currency)) if said is not None else "",
        said=f"{times.day_said(said.arrived_on)}, said by {said.said_by}" if said is not None else "",
        note=said.note if said is not None and transfer.withdrawn_at is None else transfer.note,
        actions=(_take_back(transfer),) if transfer.withdrawn_at is None else (),
    )


def _sent_on(transfer: Transfer) -> Moment:
    return Moment(text=times.day_said(transfer.sent_on), iso=transfer.sent_on.isoformat())


def _status(known: Known) -> Status:
    transfer, said = known
    if transfer.withdrawn_at is not None:
        return Status(word="Taken back", tone="quiet")
    if (
        said is not None
        and said.arrived_currency == transfer.sent_currency
        and said.arrived_minor != transfer.sent_minor
    ):
        return Status(word="Another amount arrived", tone="needs_you")
    return Status(word="Acknowledged", tone="settled")


def _take_back(transfer: Transfer) -> PostAction:
    return PostAction(
        action=f"{HOME}/{transfer.ref}/withdraw",
        button="Take back",
        kind="grave",
        question="For a transfer that was recorded by mistake. It will count nowhere.",
        note_label="Why",
    )


def _appeals(session: Session, chosen: str) -> tuple[Option, ...]:
    appeals = all_appeals(session)
    if len(appeals) == 1:
        return (Option(value=appeals[0].slug, text=appeals[0].title, is_chosen=True),)
    options = (Option(value=each.slug, text=each.title, is_chosen=each.slug == chosen) for each in appeals)
    return (_PLEASE_CHOOSE, *options)


def _participants(session: Session, chosen: str) -> tuple[Option, ...]:
    bodies = [Option(value=f"body:{body.slug}", text=body.name) for body in all_bodies(session)]
    others = [Option(value=f"partner:{each.slug}", text=each.name) for each in all_partners(session)]
    return (
        _PLEASE_CHOOSE,
        *(Option(value=each.value, text=each.text, is_chosen=each.value == chosen) for each in [*bodies, *others]),
    )


def _currencies(session: Session, chosen: str) -> tuple[Option, ...]:
    codes = sorted({each.currency for each in all_partners(session)} | {body.currency for body in all_bodies(session)})
    options = (Option(value=code, text=f"{money.name(code)} ({code})", is_chosen=code == chosen) for code in codes)
    return (_PLEASE_CHOOSE, *options)
