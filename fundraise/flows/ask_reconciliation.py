"""Somebody asks for a reconciliation now. It may take minutes, so whoever runs the timetable does it; nobody waits."""

from typing import Final

from sqlmodel import col, select

from fundraise.job_runs import ask, running
from fundraise.parts import Parts
from fundraise.staff.rules import note_act
from fundraise.staff.tables import StaffAct

RECONCILE: Final = "reconcile"
_ASKED: Final = "asked for a reconciliation"


def ask_for_reconciliation(parts: Parts, *, by: str) -> bool:
    """Ask for a run; return False when one is asked for or under way."""
    with parts.db.write("ask for reconciliation") as session:
        now = parts.clock.now()
        if not ask(session, RECONCILE, by, now):
            return False
        note_act(session, _ASKED, "reconciliation", by=by, at=now)
    return True


def asked_by(parts: Parts) -> str:
    """Return who asked for the slot that is being run; empty for a slot of the timetable."""
    lease = running.get()
    if lease is None:
        return ""
    with parts.db.read() as session:
        statement = select(StaffAct.by).where(col(StaffAct.what) == _ASKED, col(StaffAct.at) == lease.slot)
        return session.exec(statement).first() or ""
