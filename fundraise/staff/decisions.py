"""Acts that carry a note: what somebody decided about a thing, and why."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, or_, select

from fundraise.staff.rules import note_act
from fundraise.staff.tables import StaffAct


def note_decision(session: Session, what: str, about: str, why: str, *, by: str, at: datetime) -> None:
    """Note an act with its reason, which stands behind the thing: `difference:7 bar takings`."""
    note_act(session, what, f"{about} {why}" if why else about, by=by, at=at)


def decisions_about(session: Session, about: str) -> Sequence[StaffAct]:
    """List what was decided about a thing, newest first."""
    column = col(StaffAct.about)
    statement = select(StaffAct).where(or_(column == about, column.startswith(f"{about} ", autoescape=True)))
    return session.exec(statement.order_by(col(StaffAct.id).desc())).all()
