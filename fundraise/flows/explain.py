"""A person says why something does not agree, or takes that back. What money is worth does not change by it."""

from sqlmodel import Session, col, select

from fundraise.differences.rules import close, reopen
from fundraise.differences.tables import Difference, DifferenceState
from fundraise.donations.tables import Donation
from fundraise.errors import Conflict, NotFound, Refusal
from fundraise.parts import Parts
from fundraise.staff.decisions import note_decision
from fundraise.text import TextError, clean_line

LONGEST_NOTE = 500


def explain(parts: Parts, difference_id: int, *, note: str, by: str) -> None:
    """Close a difference with a note; found again with another amount it opens by itself.

    Raises `NotFound`, `Conflict` for one that is closed, and `Refusal` without a note.
    """
    reason = read_note(note)
    with parts.db.write("explain difference") as session:
        now = parts.clock.now()
        difference = held_difference(session, difference_id)
        close(session, difference, DifferenceState.EXPLAINED, by=by[:60], reason=reason, now=now)
        note_decision(session, "explained", f"difference:{difference.id}", reason, by=by, at=now)


def open_again(parts: Parts, difference_id: int, *, note: str, by: str) -> None:
    """Open an explained difference again, with a note why; raises like `explain`."""
    reason = read_note(note)
    with parts.db.write("open difference again") as session:
        now = parts.clock.now()
        difference = held_difference(session, difference_id)
        if _is_in_the_books(session, difference):
            raise Conflict("This payment was taken into the books. It can be refunded at Stripe, not put back here.")
        reopen(session, difference)
        note_decision(session, "opened again", f"difference:{difference.id}", reason, by=by, at=now)


def read_note(typed: str) -> str:
    """Return a note as it is kept; `Refusal` for none."""
    try:
        note = clean_line(typed, longest=LONGEST_NOTE)
    except TextError as problem:
        raise Refusal(str(problem), field="note") from None
    if not note:
        raise Refusal("Please write a note; it stays beside the decision.", field="note")
    return note


def held_difference(session: Session, difference_id: int) -> Difference:
    """Return a difference, held until commit; `NotFound`."""
    found = session.exec(
        select(Difference)
        .where(col(Difference.id) == difference_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound("There is no such difference.")
    return found


def _is_in_the_books(session: Session, difference: Difference) -> bool:
    """Tell whether a payment that had been kept out is some gift's charge now."""
    if difference.donation_id is None:
        return False
    booked = select(Donation.id).where(
        col(Donation.stripe_account_id) == difference.stripe_account_id,
        col(Donation.charge_id) == difference.object_id,
        col(Donation.state) == "paid",
    )
    return session.exec(booked).first() is not None
