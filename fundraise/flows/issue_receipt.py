"""Issuing a receipt: the gift gets the next number of its charity."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from fundraise.bodies.tables import Body
from fundraise.receipts.tables import Receipt


def issue_receipt(session: Session, donation_id: int, body_id: int, now: datetime) -> Receipt:
    """Give a paid gift the charity's next receipt number; the same receipt when it has one.

    Numbers have no gaps: the counter's row is held until this transaction ends, and ends as it does.
    """
    known = session.exec(select(Receipt).where(col(Receipt.donation_id) == donation_id)).first()
    if known is not None:
        return known
    number, legal_name, registration_number, regulator = session.execute(
        update(Body)
        .where(col(Body.id) == body_id)
        .values(last_receipt_number=col(Body.last_receipt_number) + 1)
        .returning(
            col(Body.last_receipt_number), col(Body.legal_name), col(Body.registration_number), col(Body.regulator)
        )
        .execution_options(synchronize_session=False)
    ).one()
    receipt = Receipt(
        donation_id=donation_id,
        body_id=body_id,
        number=number,
        issued_at=now,
        legal_name=legal_name,
        registration_number=registration_number,
        regulator=regulator,
    )
    session.add(receipt)
    return receipt
