"""Taking a match back: noted with who and why, and reversed in the books. The line is open again."""

from sqlmodel import Session, col, select

from fundraise.errors import Conflict, NotFound, Refusal
from fundraise.flows.book_match import entry_key
from fundraise.ledger.post import reverse
from fundraise.parts import Parts
from fundraise.settlements.tables import PayoutRow
from fundraise.staff.decisions import note_decision
from fundraise.statements.tables import BankMatch
from fundraise.text import TextError, clean_line

_LONGEST_WHY = 500


def undo_match(parts: Parts, match_id: int, *, by: str, why: str) -> None:
    """Undo a match, automatic or by hand; the same pair is never matched again without a person.

    Raises `NotFound`, `Conflict` for one that was undone already, and `Refusal` without a reason.
    """
    try:
        reason = clean_line(why, longest=_LONGEST_WHY)
    except TextError as problem:
        raise Refusal(str(problem), field="note") from None
    if not reason:
        raise Refusal("Please say why; it stays beside the match.", field="note")
    with parts.db.write("undo match") as session:
        now = parts.clock.now()
        match = _locked(session, match_id)
        if not match.stands:
            raise Conflict("This match was undone already.")
        if match.payout_id is not None and _has_return(session, _held(session, match.payout_id)):
            raise Conflict("The bank’s return of this payout is matched too. Undo that match first.")
        match.stands, match.undone_at, match.undone_by, match.undone_why = None, now, by[:60], reason
        session.add(match)
        session.flush()
        of_key = entry_key(session, match.id, match.line_id)
        reverse(session, f"bank-undone:{match.id}", of_key, why=f"match undone: {reason}", occurred_at=now, now=now)
        note_decision(session, "undid a match", f"line:{match.line_id}", reason, by=by, at=now)


def _locked(session: Session, match_id: int) -> BankMatch:
    match = session.exec(
        select(BankMatch)
        .where(col(BankMatch.id) == match_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if match is None:
        raise NotFound("There is no such match.")
    return match


def _held(session: Session, payout_id: int) -> int:
    """Hold the payout, so that nobody matches its return meanwhile."""
    return session.exec(select(PayoutRow.id).where(col(PayoutRow.id) == payout_id).with_for_update()).one()


def _has_return(session: Session, payout_id: int) -> bool:
    statement = select(BankMatch.id).where(
        col(BankMatch.returned_payout_id) == payout_id, col(BankMatch.stands).is_(True)
    )
    return session.exec(statement).first() is not None
