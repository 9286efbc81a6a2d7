"""Issuing a receipt: the gift gets the next number of its charity."""

from datetime import datetime

from sqlmodel import Session

from fundraise import plain

_NEXT = (
    "UPDATE body SET last_receipt_number = last_receipt_number + 1 WHERE id = :body_id "
    "RETURNING last_receipt_number, legal_name, registration_number, regulator"
)
_RECEIPT = (
    "INSERT INTO receipt (donation_id, body_id, number, issued_at, legal_name, registration_number, regulator) "
    "VALUES (:donation_id, :body_id, :number, :now, :legal_name, :registration_number, :regulator)"
)


def issue_receipt(session: Session, donation_id: int, body_id: int, now: datetime) -> None:
    """Give a paid gift the charity's next receipt number, unless it has one.

    Numbers have no gaps: the counter's row is held until this transaction ends, and ends as it does.
    """
    values = {"donation_id": donation_id, "body_id": body_id, "now": plain.at(session, now)}
    if plain.ask(session, "SELECT id FROM receipt WHERE donation_id = :donation_id", values):
        return
    number, legal_name, registration_number, regulator = plain.ask(session, _NEXT, values)[0]
    values |= {
        "number": number,
        "legal_name": legal_name,
        "registration_number": registration_number,
        "regulator": regulator,
    }
    plain.run(session, _RECEIPT, values)
