"""What the jobs gave up and a person decides about: a notice of Stripe's, or a letter."""

from fundraise import inbox, outbox
from fundraise.errors import NotFound
from fundraise.flows.explain import read_note
from fundraise.parts import Parts
from fundraise.staff.decisions import note_decision

_DECIDED = "It was decided already, or there is no such one."


def try_notice_again(parts: Parts, notice_id: int, *, by: str) -> None:
    """Give a notice its eight tries back; `NotFound` for one that was not given up."""
    with parts.db.write("try a notice again") as session:
        now = parts.clock.now()
        if not inbox.revive(session, notice_id, now):
            raise NotFound(_DECIDED)
        note_decision(session, "let a notice be tried again", f"notice:{notice_id}", "", by=by, at=now)


def leave_notice(parts: Parts, notice_id: int, *, note: str, by: str) -> None:
    """End a notice without an effect; what it spoke of, the nightly reconciliation looks at all the same.

    Raises `NotFound` for one that was not given up, and `Refusal` without a note.
    """
    reason = read_note(note)
    with parts.db.write("leave a notice") as session:
        now = parts.clock.now()
        if not inbox.leave(session, notice_id, now):
            raise NotFound(_DECIDED)
        note_decision(session, "left a notice", f"notice:{notice_id}", reason, by=by, at=now)


def send_letter_again(parts: Parts, letter_id: int, *, by: str) -> None:
    """Give a letter its ten tries back; `NotFound` for one that was not given up."""
    with parts.db.write("send a letter again") as session:
        now = parts.clock.now()
        if not outbox.revive(session, letter_id, now):
            raise NotFound(_DECIDED)
        note_decision(session, "let a letter be sent again", f"letter:{letter_id}", "", by=by, at=now)
