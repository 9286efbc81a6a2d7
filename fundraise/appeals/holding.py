"""Holding an appeal while its figures change, so that they change one after the other and at moments in order."""

from datetime import datetime

from sqlmodel import Session, col, select

from fundraise.appeals.tables import Appeal
from fundraise.db import note
from fundraise.errors import NotFound


def hold_figures(session: Session, appeal_id: int, now: datetime) -> tuple[Appeal, datetime]:
    """Lock the appeal until commit and return it with the moment of the change.

    The moment never goes back, even when the clock does, so that a total at a past moment stays what it was.
    """
    appeal = session.exec(
        select(Appeal).where(col(Appeal.id) == appeal_id).with_for_update().execution_options(populate_existing=True)
    ).first()
    if appeal is None:
        raise NotFound("There is no such appeal.")
    moment = max(now, appeal.figures_at) if appeal.figures_at is not None else now
    appeal.figures_at = moment
    session.add(appeal)
    note(session, "public")
    return appeal, moment
