"""What a campaign needs before gifts can be taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session

from fundraise.appeals.tables import Appeal, AppealState
from fundraise.bodies.questions import bodies_by_id
from fundraise.bodies.tables import Body
from fundraise.campaigns.questions import beneficiaries
from fundraise.campaigns.tables import Beneficiary, Campaign, Holding
from fundraise.stripe_accounts.questions import account_of
from fundraise.stripe_accounts.tables import StripeAccount

MOST_ON_STATEMENT: Final = 22


@dataclass(frozen=True, slots=True)
class Receiver:
    """A charity of a campaign, whether it agreed, who takes its cards, and the account that does."""

    row: Beneficiary
    body: Body
    merchant: Body
    account: StripeAccount | None


@dataclass(frozen=True, slots=True)
class Need:
    """Something a campaign needs: in words while it is missing and once it is there, and where it is done."""

    missing: str
    there: str
    is_there: bool
    thing: str = ""  # `appeal`, `campaign`, or the slug of a body after `body:`.


def receivers_of(session: Session, campaign: Campaign) -> Sequence[Receiver]:
    """List a campaign's charities in the order its organiser chose."""
    rows = beneficiaries(session, campaign.id)
    agent = campaign.merchant_body_id if campaign.holding == Holding.AGENT else None
    bodies = bodies_by_id(session, {row.body_id for row in rows} | ({agent} if agent is not None else set()))
    return [
        Receiver(row, bodies[row.body_id], bodies[agent or row.body_id], account_of(session, agent or row.body_id))
        for row in rows
    ]


def needs_of(session: Session, campaign: Campaign, now: datetime) -> Sequence[Need]:
    """List what a campaign needs before gifts can be taken, whether it is there or not."""
    receivers = receivers_of(session, campaign)
    appeal = session.get_one(Appeal, campaign.appeal_id)
    needs = [
        Need(
            f"its appeal, {appeal.title}, is not published yet",
            f"Its appeal, {appeal.title}, is published",
            appeal.state != AppealState.DRAFT,
            "appeal",
        ),
        Need("it has no charity yet", "It has a charity", bool(receivers), "campaign"),
    ]
    needs += [_account_need(merchant, account) for merchant, account in _merchants(receivers).values()]
    needs += [
        Need(
            f"{receiver.body.name} has not confirmed it yet",
            f"{receiver.body.name} has confirmed it",
            receiver.row.confirmed_at is not None,
            "consent",
        )
        for receiver in receivers
    ]
    if campaign.ends_at is not None:
        needs.append(Need("its end has passed", "Its end is still to come", campaign.ends_at > now, "campaign"))
    return needs


def _merchants(receivers: Sequence[Receiver]) -> dict[int, tuple[Body, StripeAccount | None]]:
    return {receiver.merchant.id: (receiver.merchant, receiver.account) for receiver in receivers}


def _account_need(merchant: Body, account: StripeAccount | None) -> Need:
    return Need(
        f"{merchant.name} has no Stripe account connected yet",
        f"{merchant.name} can take cards",
        account is not None,
        f"body:{merchant.slug}",
    )


def room_on_statement(receivers: Sequence[Receiver]) -> int:
    """Return how many characters a statement has for a campaign, after what each account's text begins with."""
    prefixes = [receiver.account.statement_prefix for receiver in receivers if receiver.account is not None]
    return MOST_ON_STATEMENT - max((len(prefix) + len("* ") for prefix in prefixes if prefix), default=0)
