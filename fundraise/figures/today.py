"""What waits for a person today, and what each account's state is."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, not_
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, func, select

from fundraise.bodies.questions import all_bodies, bodies_by_id
from fundraise.bodies.tables import Body
from fundraise.campaigns.tables import Beneficiary, Campaign
from fundraise.differences.tables import Difference, DifferenceState
from fundraise.figures.job_history import Beside, beside
from fundraise.figures.statements import AccountFacts, account_facts
from fundraise.figures.waiting import is_quarantine
from fundraise.partners.tables import PartnerReport, ReportState
from fundraise.reconciliation.tables import ReconciliationRun
from fundraise.stripe_accounts.questions import all_accounts
from fundraise.stripe_accounts.tables import StripeAccount


@dataclass(frozen=True, slots=True)
class Pile:
    """Things of one kind that wait: how many, since when the oldest, and what they sum to by currency."""

    count: int
    oldest: datetime | None
    sums: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class AccountState:
    """A Stripe account that is in use, whose it is, and its newest reconciliation."""

    account: StripeAccount
    body: Body
    run: ReconciliationRun | None
    open_differences: int


@dataclass(frozen=True, slots=True)
class Today:
    """What staff find in the morning."""

    quarantine: Pile
    differences: Pile
    reports_held: Pile
    reports_received: Pile
    accounts: Sequence[AccountState]
    banks: Sequence[AccountFacts]
    beside: Beside
    bodies: int
    without_account: Sequence[Body]
    campaigns: int


def today(session: Session) -> Today:
    """Look at everything that may need a person."""
    bodies = all_bodies(session)
    accounts = [account for account in all_accounts(session) if account.closed_at is None]
    with_account = {account.body_id for account in accounts}
    merchants = _merchants_of_campaigns(session)
    return Today(
        quarantine=_differences(session, is_quarantine()),
        differences=_differences(session, not_(is_quarantine())),
        reports_held=_reports(session, ReportState.HELD),
        reports_received=_reports(session, ReportState.RECEIVED),
        accounts=_states(session, accounts),
        banks=account_facts(session),
        beside=beside(session),
        bodies=len(bodies),
        without_account=[body for body in bodies if body.id not in with_account and body.id in merchants],
        campaigns=session.exec(select(func.count()).select_from(Campaign)).one(),
    )


def _differences(session: Session, which: ColumnElement[bool]) -> Pile:
    # A thing of which two are named counts once in the sum, as on the page of reconciliation.
    things = (
        select(
            col(Difference.currency).label("currency"),
            func.count(col(Difference.id)).label("count"),
            func.min(col(Difference.first_seen_at)).label("since"),
            func.max(func.abs(col(Difference.minor))).label("minor"),
        )
        .where(col(Difference.state) == DifferenceState.OPEN, which)
        .group_by(col(Difference.currency), col(Difference.stripe_account_id), col(Difference.object_id))
        .subquery()
    )
    rows = session.execute(
        sa_select(
            things.c.currency, func.sum(things.c.count), func.min(things.c.since), func.sum(things.c.minor)
        ).group_by(things.c.currency)
    ).all()
    sums = Counter({currency: int(minor) for currency, _, _, minor in rows if currency and minor})
    oldest = min((since for _, _, since, _ in rows), default=None)
    return Pile(sum(int(count) for _, count, _, _ in rows), oldest, sums)


def _reports(session: Session, state: ReportState) -> Pile:
    count, oldest = session.exec(
        select(func.count(), func.min(PartnerReport.submitted_at)).where(col(PartnerReport.state) == state)
    ).one()
    return Pile(int(count), oldest, {})


def _states(session: Session, accounts: Sequence[StripeAccount]) -> Sequence[AccountState]:
    bodies = bodies_by_id(session, {account.body_id for account in accounts})
    counted = session.exec(
        select(Difference.stripe_account_id, func.count())
        .where(col(Difference.state) == DifferenceState.OPEN)
        .group_by(col(Difference.stripe_account_id))
    ).all()
    open_differences = {account_id: int(count) for account_id, count in counted}
    return [
        AccountState(
            account,
            bodies[account.body_id],
            session.exec(
                select(ReconciliationRun)
                .where(col(ReconciliationRun.stripe_account_id) == account.id)
                .order_by(col(ReconciliationRun.started_at).desc())
                .limit(1)
            ).first(),
            open_differences.get(account.id, 0),
        )
        for account in accounts
    ]


def _merchants_of_campaigns(session: Session) -> frozenset[int]:
    """Return the bodies that campaigns need an account of: who holds the money, else the charities themselves."""
    agents = session.exec(select(Campaign.merchant_body_id).where(col(Campaign.merchant_body_id).is_not(None))).all()
    own = session.exec(
        select(Beneficiary.body_id)
        .join(Campaign, col(Campaign.id) == col(Beneficiary.campaign_id))
        .where(col(Campaign.merchant_body_id).is_(None))
    ).all()
    return frozenset(body_id for body_id in (*agents, *own) if body_id is not None)
