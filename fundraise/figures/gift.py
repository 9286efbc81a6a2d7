"""Everything about one gift, for its donor's pages, its letters and the staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from fundraise.bodies.tables import Body
from fundraise.campaigns.tables import Campaign, Event
from fundraise.differences.tables import Difference, DifferenceState
from fundraise.donations.tables import Dispute, Donation, DonationState, DonationStep, Donor, Refund
from fundraise.errors import NotFound
from fundraise.figures.waiting import is_quarantine
from fundraise.money import Money
from fundraise.receipts.tables import Receipt
from fundraise.settlements.tables import BalanceTransactionRow, PayoutRow
from fundraise.stripe_accounts.tables import StripeAccount

OPEN_DISPUTES = frozenset({"needs_response", "under_review"})
_RETURNED = frozenset({"pending", "requires_action", "succeeded"})


@dataclass(frozen=True, slots=True)
class GiftFacts:
    """One gift with all that belongs to it. `merchant` took the money; `charity` is whom it is for."""

    donation: Donation
    campaign: Campaign
    charity: Body
    merchant: Body
    account: StripeAccount
    event: Event | None
    donor: Donor | None
    receipt: Receipt | None
    refunds: Sequence[Refund]
    disputes: Sequence[Dispute]
    steps: Sequence[DonationStep]
    settlement: BalanceTransactionRow | None
    payout: PayoutRow | None
    parts: Sequence[tuple[Donation, Body]]
    kept_out: Difference | None  # A payment for it that differs from what was asked, the newest one.

    @property
    def gift(self) -> Money:
        """What was given, without what was added for the fee."""
        return Money(self.donation.gift_minor, self.donation.currency)

    @property
    def total(self) -> Money:
        """What was charged."""
        return Money(self.donation.total_minor, self.donation.currency)

    @property
    def returned(self) -> Money:
        """What went back by refunds that did not fail."""
        return Money(sum(refund.minor for refund in self.refunds if refund.state in _RETURNED), self.donation.currency)

    @property
    def is_paid(self) -> bool:
        """Whether the gift arrived; what came back since is another matter."""
        return self.donation.state == DonationState.PAID

    @property
    def looked_at(self) -> Money | None:
        """What was paid and is not taken for this gift, as long as the gift is not paid and a person is to decide."""
        found = self.kept_out
        if found is None or found.minor is None or found.state != DifferenceState.OPEN or self.is_paid:
            return None
        return Money(found.minor, found.currency)

    @property
    def open_dispute(self) -> Dispute | None:
        """The dispute that is not decided yet, if any."""
        return next((dispute for dispute in self.disputes if dispute.state in OPEN_DISPUTES), None)

    @property
    def lost_dispute(self) -> Dispute | None:
        """The dispute that was lost, if any."""
        return next((dispute for dispute in self.disputes if dispute.state == "lost"), None)


def gift_facts(session: Session, ref: str) -> GiftFacts:
    """Return one gift by our reference; `NotFound`."""
    donation = session.exec(select(Donation).where(col(Donation.ref) == ref)).first()
    if donation is None:
        raise NotFound("There is no gift at this address.")
    account = session.get_one(StripeAccount, donation.stripe_account_id)
    settlement = _settlement(session, donation)
    parts = session.exec(
        select(Donation, Body)
        .join(Body, col(Body.id) == col(Donation.beneficiary_body_id))
        .where(col(Donation.group_ref) == donation.group_ref)
        .order_by(col(Donation.part))
    ).all()
    return GiftFacts(
        donation=donation,
        campaign=session.get_one(Campaign, donation.campaign_id),
        charity=session.get_one(Body, donation.beneficiary_body_id),
        merchant=session.get_one(Body, account.body_id),
        account=account,
        event=session.get(Event, donation.event_id) if donation.event_id is not None else None,
        donor=session.get(Donor, donation.donor_id) if donation.donor_id is not None else None,
        receipt=session.exec(select(Receipt).where(col(Receipt.donation_id) == donation.id)).first(),
        refunds=session.exec(
            select(Refund).where(col(Refund.donation_id) == donation.id).order_by(col(Refund.created_at))
        ).all(),
        disputes=session.exec(
            select(Dispute).where(col(Dispute.donation_id) == donation.id).order_by(col(Dispute.created_at))
        ).all(),
        steps=session.exec(
            select(DonationStep).where(col(DonationStep.donation_id) == donation.id).order_by(col(DonationStep.id))
        ).all(),
        settlement=settlement,
        payout=session.get(PayoutRow, settlement.payout_id) if settlement and settlement.payout_id else None,
        parts=list(parts),
        kept_out=session.exec(
            select(Difference)
            .where(col(Difference.donation_id) == donation.id, is_quarantine())
            .order_by(col(Difference.id).desc())
            .limit(1)
        ).first(),
    )


def step_at(facts: GiftFacts, step: str) -> datetime | None:
    """Return when a step was taken, if it was."""
    return next((taken.at for taken in facts.steps if taken.step == step), None)


def _settlement(session: Session, donation: Donation) -> BalanceTransactionRow | None:
    return session.exec(
        select(BalanceTransactionRow)
        .where(col(BalanceTransactionRow.donation_id) == donation.id, col(BalanceTransactionRow.category) == "charge")
        .order_by(col(BalanceTransactionRow.id))
        .limit(1)
    ).first()
