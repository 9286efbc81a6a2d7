"""What staff see of one donation beyond what its donor sees: the books, the bank, what differs, who did what."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, or_, select

from fundraise.differences.tables import Difference
from fundraise.donations.tables import Donation
from fundraise.figures.doubles import doubles_of
from fundraise.figures.gift import GiftFacts, gift_facts
from fundraise.ledger.tables import Entry, Line
from fundraise.staff.decisions import decisions_about
from fundraise.staff.tables import StaffAct
from fundraise.statements.tables import BankLine, BankMatch


@dataclass(frozen=True, slots=True)
class StaffGiftFacts:
    """A gift, its lines in the books, the bank line of its payout, its differences, acts about it and its doubles."""

    gift: GiftFacts
    lines: Sequence[tuple[Entry, Line]]
    bank_line: BankLine | None
    differences: Sequence[Difference]
    acts: Sequence[StaffAct]
    doubles: Sequence[Donation]


def staff_gift_facts(session: Session, ref: str) -> StaffGiftFacts:
    """Return one gift as staff see it; `NotFound`."""
    gift = gift_facts(session, ref)
    donation = gift.donation
    lines = session.exec(
        select(Entry, Line)
        .join(Line, col(Line.entry_id) == col(Entry.id))
        .where(col(Line.donation_id) == donation.id)
        .order_by(col(Entry.id), col(Line.id))
    ).all()
    doubles = doubles_of(session, [donation.id]).get(donation.id, [])
    return StaffGiftFacts(
        gift=gift,
        lines=lines,
        bank_line=_bank_line(session, gift),
        differences=_differences(session, gift),
        acts=decisions_about(session, f"donation:{ref}"),
        doubles=session.exec(select(Donation).where(col(Donation.ref).in_(doubles))).all(),
    )


def _bank_line(session: Session, gift: GiftFacts) -> BankLine | None:
    if gift.payout is None:
        return None
    return session.exec(
        select(BankLine)
        .join(BankMatch, col(BankMatch.line_id) == col(BankLine.id))
        .where(col(BankMatch.payout_id) == gift.payout.id, col(BankMatch.stands).is_(True))
    ).first()


def _differences(session: Session, gift: GiftFacts) -> Sequence[Difference]:
    """Return what differs about a gift: payments that name it, and what is called by the id of any object of it."""
    ids = [gift.donation.charge_id, *(refund.stripe_id for refund in gift.refunds)]
    ids += [dispute.stripe_id for dispute in gift.disputes]
    ids += [gift.settlement.stripe_id] if gift.settlement is not None else []
    return session.exec(
        select(Difference)
        .where(
            or_(
                col(Difference.donation_id) == gift.donation.id,
                col(Difference.object_id).in_([each for each in ids if each]),
            )
        )
        .order_by(col(Difference.id))
    ).all()
