"""One payment that is kept out of the books, with both sides."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from fundraise.differences.tables import Difference
from fundraise.donations.tables import Donation, DonationState
from fundraise.errors import NotFound
from fundraise.figures.differences import DifferenceFacts, difference_facts
from fundraise.ledger.tables import Entry
from fundraise.settlements.tables import BalanceTransactionRow
from fundraise.stripe_accounts.tables import StripeAccount


@dataclass(frozen=True, slots=True)
class QuarantineFacts:
    """A payment and the gift it names. `became` is the gift it was taken into the books as, if it was."""

    facts: DifferenceFacts
    donation: Donation
    asked_of: StripeAccount
    became: Donation | None
    is_in_suspense: bool

    @property
    def difference(self) -> Difference:
        """The difference that names it."""
        return self.facts.difference


def quarantine_facts(session: Session, difference_id: int) -> QuarantineFacts:
    """Return a payment in quarantine by its difference; `NotFound`."""
    facts = difference_facts(session, difference_id)
    difference = facts.difference
    if difference.donation_id is None:
        raise NotFound("There is no such payment.")
    donation = session.get_one(Donation, difference.donation_id)
    became = session.exec(
        select(Donation).where(
            col(Donation.stripe_account_id) == difference.stripe_account_id,
            col(Donation.charge_id) == difference.object_id,
            col(Donation.state) == DonationState.PAID,
        )
    ).first()
    return QuarantineFacts(
        facts=facts,
        donation=donation,
        asked_of=session.get_one(StripeAccount, donation.stripe_account_id),
        became=became,
        is_in_suspense=became is None and _is_held(session, difference),
    )


def _is_held(session: Session, difference: Difference) -> bool:
    """Tell whether reconciliation has booked the payment in suspense."""
    transactions = session.exec(
        select(BalanceTransactionRow.stripe_id).where(
            col(BalanceTransactionRow.stripe_account_id) == difference.stripe_account_id,
            col(BalanceTransactionRow.source_id) == difference.object_id,
        )
    ).all()
    keys = [f"{kind}:{stripe_id}" for stripe_id in transactions for kind in ("held", "suspense")]
    return bool(keys) and session.exec(select(Entry.id).where(col(Entry.key).in_(keys))).first() is not None
