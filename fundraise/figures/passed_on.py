"""Transfers of an appeal as they stood at a moment: who sent what to whom, and what the receiver had said by then."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from sqlmodel import Session, col, select

from fundraise import plain
from fundraise.bodies.tables import Body
from fundraise.figures.partner_parts import UNNAMED
from fundraise.partners.tables import Partner

# In plain SQL, since every reader of an appeal asks it. The columns are those of `Passed`.
_STOOD: Final = (
    "SELECT t.ref, COALESCE(sb.name, CASE WHEN sp.is_unnamed THEN :unnamed ELSE sp.name END), "
    "COALESCE(rb.name, CASE WHEN rp.is_unnamed THEN :unnamed ELSE rp.name END), "
    "t.sender_partner_id, t.sender_body_id, t.receiver_partner_id, t.receiver_body_id, "
    "t.sent_minor, t.sent_currency, t.sent_on, CASE WHEN t.converted_at{by} THEN COALESCE(t.display_minor, 0) END, "
    "a.arrived_minor, COALESCE(a.arrived_currency, ''), a.arrived_on, "
    "CASE WHEN a.converted_at{by} THEN COALESCE(a.display_minor, 0) END, "
    "CASE WHEN a.converted_at{by} THEN a.sheet_id END, CASE WHEN a.converted_at{by} THEN a.factor ELSE '' END, "
    "a.said_at FROM transfer t "
    "LEFT JOIN transfer_acknowledgement a ON a.transfer_id = t.id AND a.said_at{by} "
    "LEFT JOIN body sb ON sb.id = t.sender_body_id LEFT JOIN partner sp ON sp.id = t.sender_partner_id "
    "LEFT JOIN body rb ON rb.id = t.receiver_body_id LEFT JOIN partner rp ON rp.id = t.receiver_partner_id "
    "WHERE t.appeal_id = :appeal AND t.recorded_at{by} AND (t.withdrawn_at{by}) IS NOT TRUE ORDER BY t.sent_on, t.id"
)


class Passed(NamedTuple):
    """A transfer with names as the public reads them. Display amounts are absent until they were converted."""

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
    sent_display_minor: int | None
    arrived_minor: int | None
    arrived_currency: str
    arrived_on: date | None
    arrived_display_minor: int | None
    arrived_sheet_id: int | None
    arrived_factor: str
    said_at: datetime | None


def passed_on(session: Session, appeal_id: int, *, as_of: datetime | None = None) -> Sequence[Passed]:
    """List the transfers that stood, in the order they were sent."""
    values: dict[str, Any] = {"appeal": appeal_id, "unnamed": UNNAMED}
    if as_of is not None:
        values["as_of"] = plain.at(session, as_of)
    statement = _STOOD.format(by=" IS NOT NULL" if as_of is None else " <= :as_of")
    found = []
    for row in plain.ask(session, statement, values):
        each = Passed(*row)
        found.append(
            each._replace(
                sent_on=plain.day(each.sent_on),
                arrived_on=plain.day(each.arrived_on) if each.arrived_on is not None else None,
                said_at=plain.moment(each.said_at) if each.said_at is not None else None,
            )
        )
    return found


def participant_names(
    session: Session, appeal_id: int, *, show_all: bool = False
) -> dict[tuple[int | None, int | None], str]:
    """Return names by (body, partner) as the public reads them; `show_all` is for staff and for the named alone."""
    partners = session.exec(select(Partner).where(col(Partner.appeal_id) == appeal_id)).all()
    named: dict[tuple[int | None, int | None], str] = {
        (None, partner.id): UNNAMED if partner.is_unnamed and not show_all else partner.name for partner in partners
    }
    return named | {(body.id, None): body.name for body in session.exec(select(Body)).all()}
