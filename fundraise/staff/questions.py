"""Questions about what staff did."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from fundraise.staff.tables import StaffAct


def acts_about(session: Session, about: str, *, most: int) -> Sequence[StaffAct]:
    """List what was done to a thing, newest first."""
    return session.exec(
        select(StaffAct).where(col(StaffAct.about) == about).order_by(col(StaffAct.id).desc()).limit(most)
    ).all()
