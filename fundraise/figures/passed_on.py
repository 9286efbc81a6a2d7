"""Transfers of an appeal as they stood at a moment: who sent what to whom, and what the receiver had said by then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from fundraise.bodies.tables import Body
from fundraise.figures.partner_parts import UNNAMED
from fundraise.partners.tables import Partner
from fundraise.transfers.questions import transfers_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A transfer with names as the public reads them. Display amounts are 0 until they were converted."""

    ref: str
    sender: str
    receiver: str
    sender_partner_id: int | None
    sender_body_id: int | None
    receiver_partner_id: int | None
    receiver_body_id: int | None
    sent_minor: int
    sent_currency: str
    sent_on: date
    sent_display_minor: int
    is_sent_converted: bool
    arrived_minor: int | None
    arrived_currency: str
    arrived_on: date | None
    arrived_display_minor: int
    is_arrival_converted: bool
    arrived_sheet_id: int | None
    arrived_factor: str
    said_at: datetime | None


def passed_on(session: Session, appeal_id: int, *, as_of: datetime | None = None) -> Sequence[Passed]:
    """List the transfers that stood, in the order they were sent."""
    rows = [
        (transfer, said)
        for transfer, said in transfers_of(session, appeal_id)
        if _had_happened(transfer.recorded_at, as_of) and not _had_happened(transfer.withdrawn_at, as_of)
    ]
    names = participant_names(session, appeal_id) if rows else {}
    found = []
    for transfer, said in rows:
        arrived = said if said is not None and _had_happened(said.said_at, as_of) else None
        is_sent_converted = _had_happened(transfer.converted_at, as_of)
        is_arrival_converted = arrived is not None and _had_happened(arrived.converted_at, as_of)
        found.append(
            Passed(
                ref=transfer.ref,
                sender=names[transfer.sender_body_id, transfer.sender_partner_id],
                receiver=names[transfer.receiver_body_id, transfer.receiver_partner_id],
                sender_partner_id=transfer.sender_partner_id,
                sender_body_id=transfer.sender_body_id,
                receiver_partner_id=transfer.receiver_partner_id,
                receiver_body_id=transfer.receiver_body_id,
                sent_minor=transfer.sent_minor,
                sent_currency=transfer.sent_currency,
                sent_on=transfer.sent_on,
                sent_display_minor=(transfer.display_minor or 0) if is_sent_converted else 0,
                is_sent_converted=is_sent_converted,
                arrived_minor=arrived.arrived_minor if arrived is not None else None,
                arrived_currency=arrived.arrived_currency if arrived is not None else "",
                arrived_on=arrived.arrived_on if arrived is not None else None,
                arrived_display_minor=(arrived.display_minor or 0)
                if arrived is not None and is_arrival_converted
                else 0,
                is_arrival_converted=is_arrival_converted,
                arrived_sheet_id=arrived.sheet_id if arrived is not None and is_arrival_converted else None,
                arrived_factor=arrived.factor if arrived is not None and is_arrival_converted else "",
                said_at=arrived.said_at if arrived is not None else None,
            )
        )
    return found


def _had_happened(moment: datetime | None, as_of: datetime | None) -> bool:
    return moment is not None and (as_of is None or moment <= as_of)


def participant_names(
    session: Session, appeal_id: int, *, show_all: bool = False
) -> dict[tuple[int | None, int | None], str]:
    """Return names by (body, partner) as the public reads them; `show_all` is for staff and for the named alone."""
    partners = session.exec(select(Partner).where(col(Partner.appeal_id) == appeal_id)).all()
    named: dict[tuple[int | None, int | None], str] = {
        (None, partner.id): UNNAMED if partner.is_unnamed and not show_all else partner.name for partner in partners
    }
    return named | {(body.id, None): body.name for body in session.exec(select(Body)).all()}
