"""Everything staff do is written down in the transaction that does it."""

from datetime import datetime
from typing import Final

from sqlmodel import Session

from fundraise.staff.tables import StaffAct

_LONGEST: Final = 60


def note_act(session: Session, what: str, about: str, *, by: str, at: datetime) -> None:
    """Note that somebody did something; `about` names the thing: `campaign:winter`."""
    session.add(StaffAct(at=at, by=by[:_LONGEST], what=what[:_LONGEST], about=about))
