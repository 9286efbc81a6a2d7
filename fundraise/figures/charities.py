"""Charities and societies: whom campaigns raise for, their accounts, where their gifts come from, what they said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from sqlmodel import Session, col, select

from fundraise import plain
from fundraise.bodies.questions import all_bodies
from fundraise.bodies.tables import Body
from fundraise.campaigns.tables import Beneficiary, Campaign
from fundraise.inbox import KeptNotice
from fundraise.staff.questions import acts_about
from fundraise.staff.tables import StaffAct
from fundraise.stripe_accounts.questions import account_of
from fundraise.stripe_accounts.tables import StripeAccount

_ACTS_SHOWN = 30
# In plain SQL, since every reader of an appeal asks it.
_OF_CAMPAIGNS: Final = (
    "SELECT legal_name, kind, registration_number, regulator, contact_email, refund_policy FROM body "
    "WHERE id IN (SELECT body_id FROM campaign_beneficiary WHERE campaign_id IN ({campaigns})) ORDER BY id"
)


class Charity(NamedTuple):
    """An organisation as its regulator knows it, and what it says about giving gifts back."""

    legal_name: str
    kind: str
    registration_number: str
    regulator: str
    contact_email: str
    refund_policy: str


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """A Stripe account, and when Stripe last sent news of it."""

    account: StripeAccount
    heard_at: datetime | None


@dataclass(frozen=True, slots=True)
class BodyFacts:
    """A body with its accounts, the newest first, and what happens with its money."""

    body: Body
    accounts: Sequence[AccountFacts]
    campaigns: Sequence[Campaign]
    consents: Sequence[tuple[Beneficiary, Campaign]]
    history: Sequence[StaffAct]


def charities_of(session: Session, campaigns: Sequence[Campaign]) -> Sequence[Charity]:
    """List whom campaigns raise money for, each once."""
    named, values = plain.listed("campaign", (campaign.id for campaign in campaigns))
    return [Charity(*row) for row in plain.ask(session, _OF_CAMPAIGNS.format(campaigns=named), values)]


def every_body(session: Session) -> Sequence[tuple[Body, StripeAccount | None]]:
    """List the bodies by name, each with the account that takes its gifts now."""
    return [(body, account_of(session, body.id)) for body in all_bodies(session)]


def body_facts(session: Session, body: Body) -> BodyFacts:
    """Return what staff see of a body."""
    accounts = session.exec(
        select(StripeAccount).where(col(StripeAccount.body_id) == body.id).order_by(col(StripeAccount.id).desc())
    ).all()
    rows = session.exec(
        select(Beneficiary, Campaign)
        .join(Campaign, col(Campaign.id) == col(Beneficiary.campaign_id))
        .where(col(Beneficiary.body_id) == body.id)
        .order_by(col(Campaign.title))
    ).all()
    held = session.exec(select(Campaign).where(col(Campaign.merchant_body_id) == body.id)).all()
    campaigns = {campaign.id: campaign for campaign in (*(campaign for _, campaign in rows), *held)}
    return BodyFacts(
        body,
        [AccountFacts(account, _heard_at(session, account)) for account in accounts],
        sorted(campaigns.values(), key=lambda campaign: campaign.title.lower()),
        [(row, campaign) for row, campaign in rows if row.confirmed_at is not None],
        acts_about(session, f"body:{body.id}", most=_ACTS_SHOWN),
    )


def _heard_at(session: Session, account: StripeAccount) -> datetime | None:
    return session.exec(
        select(KeptNotice.received_at)
        .where(col(KeptNotice.account) == account.slug)
        .order_by(col(KeptNotice.id).desc())
        .limit(1)
    ).first()
