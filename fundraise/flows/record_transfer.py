"""Money passed from one participant to another: recorded by staff, and acknowledged by whoever received it.

None of it is new money; each step changes what the receiver's own figure counts for.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from fundraise.appeals.holding import hold_figures
from fundraise.appeals.questions import any_appeal
from fundraise.appeals.tables import Appeal
from fundraise.bodies.questions import body_by_slug
from fundraise.errors import Conflict, FieldErrors, NotFound, Refusal
from fundraise.flows.convert_waiting import convert_transfers
from fundraise.flows.count_partner import recount
from fundraise.money import Money, is_currency
from fundraise.partners.figure import LARGEST_FIGURE_MINOR
from fundraise.partners.questions import partner_by_slug
from fundraise.partners.tables import Partner
from fundraise.parts import Parts
from fundraise.sealing import new_ref
from fundraise.staff.rules import note_act
from fundraise.statements.tables import BankMatch
from fundraise.text import TextError, clean_line, clean_text
from fundraise.transfers.questions import acknowledgement_of, transfer_by_ref
from fundraise.transfers.tables import Acknowledgement, Transfer

LINK: Final = "transfer"
_LONGEST_REFERENCE: Final = 60
_KEPT_OF_REFERENCE: Final = 35  # Of a transfer that was taken back, beside the words that say so.
_LONGEST_NOTE: Final = 1000
_EARLIEST: Final = date(1990, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A transfer as staff tell it. Sender and receiver are `body:SLUG` or `partner:SLUG`."""

    appeal: str
    sender: str
    receiver: str
    sent: Money
    sent_on: date
    reference: str = ""  # One is made where there is none.
    expected: Money | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """What the receiver says: how much arrived and when."""

    amount: Money
    on: date
    said_by: str
    note: str = ""


def record_transfer(parts: Parts, sent: Sent, *, by: str) -> str:
    """Record a transfer and return its random name; the receiver's link is made of that.

    Raises `FieldErrors`, `NotFound`, and `Conflict` for a reference that another transfer has.
    """
    reference, note = _checked(sent, parts.clock.now().date())
    with parts.db.write("record transfer") as session:
        appeal, moment = hold_figures(session, any_appeal(session, sent.appeal).id, parts.clock.now())
        sender, receiver = (
            _end(session, appeal, sent.sender, "sender"),
            _end(session, appeal, sent.receiver, "receiver"),
        )
        if sender == receiver:
            raise FieldErrors({"receiver": "Sender and receiver are the same."})
        if session.exec(select(Transfer.id).where(col(Transfer.reference) == reference)).first() is not None:
            raise Conflict(f"There is a transfer with the reference {reference} already.", field="reference")
        transfer = Transfer(
            ref=new_ref(),
            appeal_id=appeal.id,
            sender_body_id=sender[0],
            sender_partner_id=sender[1],
            receiver_body_id=receiver[0],
            receiver_partner_id=receiver[1],
            sent_minor=sent.sent.minor,
            sent_currency=sent.sent.currency,
            sent_on=sent.sent_on,
            expected_minor=sent.expected.minor if sent.expected is not None else None,
            expected_currency=sent.expected.currency if sent.expected is not None else "",
            reference=reference,
            note=note,
            recorded_at=moment,
            recorded_by=by[:60],
        )
        session.add(transfer)
        session.flush()
        _act(session, moment, by, f"recorded transfer {reference}", f"transfer:{transfer.id}")
        _changed(session, appeal, transfer, moment, f"transfer {reference} recorded")
        return transfer.ref


def withdraw_transfer(parts: Parts, ref: str, *, by: str, why: str) -> None:
    """Take a transfer back that was recorded by mistake; what the receiver said of it no longer counts either."""
    reason = _line(why, "note")
    if not reason:
        raise Refusal("Please say why; it stays beside the transfer.", field="note")
    with parts.db.write("withdraw transfer") as session:
        appeal, transfer, moment = _held(session, ref, parts.clock.now())
        if transfer.withdrawn_at is not None:
            raise Conflict("This transfer was taken back already.")
        if _is_matched(session, transfer):
            raise Conflict("A line of the bank statement is matched with this transfer. Please undo that match first.")
        transfer.withdrawn_at, transfer.withdrawn_by = moment, by[:60]
        transfer.note = f"{transfer.note}\n{by} took it back: {reason}".strip()
        reference = transfer.reference
        # Its reference stands on the bank statements and in reports, so the one that is recorded anew must get it.
        transfer.reference = f"{reference[:_KEPT_OF_REFERENCE]} (taken back, {transfer.ref[:6]})"
        session.add(transfer)
        _act(session, moment, by, f"took back transfer {reference}", f"transfer:{transfer.id}")
        _changed(session, appeal, transfer, moment, f"transfer {reference} taken back")


def acknowledge_transfer(parts: Parts, ref: str, arrived: Arrived, *, by: str = "") -> bool:
    """Keep what the receiver says; return False when the very same was said before.

    `by` is the staff member who writes it down for the receiver; empty where it says so itself. Raises `FieldErrors`,
    and `Conflict` when something else was said already: a correction takes staff, who take the transfer back and record
    it anew.
    """
    with parts.db.write("acknowledge transfer") as session:
        appeal, transfer, moment = _held(session, ref, parts.clock.now())
        _refuse_bad_arrival(transfer, arrived, moment.date())
        before = acknowledgement_of(session, transfer.id)
        if before is not None:
            same = (before.arrived_minor, before.arrived_currency, before.arrived_on)
            if same == (arrived.amount.minor, arrived.amount.currency, arrived.on):
                return False
            way_out = "Take the transfer back and record it anew" if by else "Please write to us"
            raise Conflict(f"It was said already what arrived. {way_out} to correct it.")
        session.add(
            Acknowledgement(
                transfer_id=transfer.id,
                arrived_minor=arrived.amount.minor,
                arrived_currency=arrived.amount.currency,
                arrived_on=arrived.on,
                said_by=arrived.said_by[:120],
                said_at=moment,
                note=arrived.note,
            )
        )
        session.flush()
        if by:
            _act(session, moment, by, f"acknowledged {transfer.reference}", f"transfer:{transfer.id}")
        _changed(session, appeal, transfer, moment, f"transfer {transfer.reference} arrived")
        return True


def receivers_currency(session: Session, transfer: Transfer) -> str:
    """Return the currency in which a transfer arrives."""
    if transfer.receiver_partner_id is not None:
        return session.get_one(Partner, transfer.receiver_partner_id).currency
    return transfer.expected_currency or transfer.sent_currency


def _checked(sent: Sent, today: date) -> tuple[str, str]:
    errors = _amount_errors(amount=sent.sent, expected=sent.expected)
    if not _EARLIEST <= sent.sent_on <= today:
        errors["sent_on"] = "Please write the day it was sent; that is not after today."
    reference, note = "", ""
    try:
        reference = clean_line(sent.reference, longest=_LONGEST_REFERENCE) or f"TRANSFER-{new_ref()[:6].upper()}"
        note = clean_text(sent.note, longest=_LONGEST_NOTE)
    except TextError as problem:
        errors["reference"] = str(problem)
    if errors:
        raise FieldErrors(errors)
    return reference, note


def _amount_errors(**amounts: Money | None) -> dict[str, str]:
    """Say of each amount that is none, or larger than any figure, why it is not taken."""
    errors = {}
    for field, amount in amounts.items():
        if amount is not None and amount.minor <= 0:
            errors[field] = "Please write an amount above zero."
        elif amount is not None and amount.minor > LARGEST_FIGURE_MINOR:
            errors[field] = "That is more than we can take."
    return errors


def _end(session: Session, appeal: Appeal, name: str, field: str) -> tuple[int | None, int | None]:
    """Return a participant as the id of a body or of a partner of this appeal."""
    kind, _, slug = name.partition(":")
    try:
        if kind == "body":
            return body_by_slug(session, slug).id, None
        if kind == "partner":
            partner = partner_by_slug(session, slug)
            if partner.appeal_id == appeal.id:
                return None, partner.id
    except NotFound:
        pass
    raise FieldErrors({field: "Please choose a participant of this appeal."})


def _held(session: Session, ref: str, now: datetime) -> tuple[Appeal, Transfer, datetime]:
    appeal, moment = hold_figures(session, transfer_by_ref(session, ref).appeal_id, now)
    statement = select(Transfer).where(col(Transfer.ref) == ref).with_for_update(key_share=True)
    return appeal, session.exec(statement.execution_options(populate_existing=True)).one(), moment


def _is_matched(session: Session, transfer: Transfer) -> bool:
    standing = select(BankMatch.id).where(col(BankMatch.transfer_id) == transfer.id, col(BankMatch.stands).is_(True))
    return session.exec(standing).first() is not None


def _refuse_bad_arrival(transfer: Transfer, arrived: Arrived, today: date) -> None:
    if transfer.withdrawn_at is not None:
        raise Conflict("This transfer was recorded by mistake and taken back. There is nothing to say about it.")
    errors = _amount_errors(amount=arrived.amount)
    if not is_currency(arrived.amount.currency):
        errors["amount"] = "Please write the amount in a currency we know."
    # A bank may book to the day before where clocks differ.
    if not transfer.sent_on - timedelta(days=1) <= arrived.on <= today + timedelta(days=1):
        errors["arrived_on"] = "Please write the day it arrived; that lies between the day it was sent and today."
    if errors:
        raise FieldErrors(errors)


def _changed(session: Session, appeal: Appeal, transfer: Transfer, moment: datetime, why: str) -> None:
    convert_transfers(session, appeal, moment)
    if transfer.receiver_partner_id is not None:
        partner = session.get_one(Partner, transfer.receiver_partner_id)
        recount(session, appeal, partner, moment, why=why)


def _act(session: Session, moment: datetime, by: str, what: str, about: str) -> None:
    note_act(session, what=what, about=about, by=by, at=moment)


def _line(typed: str, field: str) -> str:
    try:
        return clean_line(typed, longest=500)
    except TextError as problem:
        raise Refusal(str(problem), field=field) from None
