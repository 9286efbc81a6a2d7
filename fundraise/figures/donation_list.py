"""Donations as staff look for them: a filter, a page of what it finds, and the sums of all that it finds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, true
from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from fundraise.bodies.tables import Body
from fundraise.campaigns.tables import Campaign, Event
from fundraise.donations.tables import Dispute, Donation, DonationState, Donor, Refund
from fundraise.figures.doubles import doubles_of
from fundraise.figures.gift import OPEN_DISPUTES
from fundraise.settlements.tables import BalanceTransactionRow, PayoutRow

PAGE: Final = 50
# What a filter may ask for; a gift that was begun and not paid is in `unpaid`.
STATES: Final = ("paid", "processing", "refunded", "disputed", "unpaid", "any")
SORTS: Final = ("when", "campaign", "status", "amount")
_GONE: Final = ("failed", "canceled")
_UNPAID: Final = (DonationState.CREATED, DonationState.OPENED, DonationState.EXPIRED, DonationState.FAILED)


@dataclass(frozen=True, slots=True)
class DonationFilter:
    """Which donations: a state, slugs, days by when they were paid or begun, words; sorted how; the page, from 1."""

    state: str = "paid"
    campaign: str = ""
    event: str = ""
    charity: str = ""
    begins: date | None = None
    ends: date | None = None
    words: str = ""
    sort: str = "when"
    descending: bool = True
    page: int = 1


@dataclass(frozen=True, slots=True)
class DonationFacts:
    """One donation of a list, with what became of it."""

    donation: Donation
    campaign: Campaign
    event: Event | None
    settlement: BalanceTransactionRow | None
    payout: PayoutRow | None
    returned_minor: int
    is_disputed: bool
    is_lost: bool
    is_double: bool


@dataclass(frozen=True, slots=True)
class DonationSums:
    """What the filter finds in one currency: what was paid in it, and fee and net of what settled in it."""

    paid_minor: int = 0
    fee_minor: int | None = None
    net_minor: int | None = None


@dataclass(frozen=True, slots=True)
class DonationsFound:
    """A page of donations, how many the filter finds, and its sums by currency."""

    rows: tuple[DonationFacts, ...]
    count: int
    sums: Mapping[str, DonationSums]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filter offers: slugs and names."""

    campaigns: Sequence[tuple[str, str]]
    events: Sequence[tuple[str, str]]
    charities: Sequence[tuple[str, str]]


def find_donations(session: Session, wanted: DonationFilter) -> DonationsFound:
    """Return a page of the donations that a filter finds, and their sums."""
    count = session.execute(_from(sa_select(func.count()), wanted)).scalar_one()
    statement = _from(sa_select(Donation, Campaign, Event, BalanceTransactionRow, PayoutRow), wanted)
    ordered = statement.order_by(*_order(wanted)).limit(PAGE).offset((wanted.page - 1) * PAGE)
    found = session.execute(ordered).all()
    ids = [donation.id for donation, *_ in found]
    returned, disputed, lost = _returned(session, ids), _disputed(session, ids), _lost(session, ids)
    doubles = doubles_of(session, ids)
    rows = tuple(
        DonationFacts(
            donation,
            campaign,
            event,
            settlement,
            payout,
            returned.get(donation.id, 0),
            donation.id in disputed,
            donation.id in lost,
            donation.id in doubles,
        )
        for donation, campaign, event, settlement, payout in found
    )
    return DonationsFound(rows, int(count), _sums(session, wanted))


def choices(session: Session) -> Choices:
    """Return what can be chosen in the filter."""
    campaigns = session.exec(select(Campaign.slug, Campaign.title).order_by(col(Campaign.title))).all()
    events = session.exec(select(Event.slug, Event.title).distinct().order_by(col(Event.title))).all()
    used = select(Donation.id).where(col(Donation.beneficiary_body_id) == col(Body.id)).exists()
    charities = session.exec(select(Body.slug, Body.name).where(used).order_by(col(Body.name))).all()
    return Choices(campaigns, events, charities)


def _from(statement: Any, wanted: DonationFilter) -> Any:
    """Join what a donation belongs to, and narrow."""
    other = aliased(BalanceTransactionRow)
    first = (
        select(func.min(col(other.id)))
        .where(col(other.donation_id) == col(Donation.id), col(other.category) == "charge")
        .correlate(Donation)
        .scalar_subquery()
    )
    return (
        statement.select_from(Donation)
        .join(Campaign, col(Campaign.id) == col(Donation.campaign_id))
        .join(Body, col(Body.id) == col(Donation.beneficiary_body_id))
        .outerjoin(Event, col(Event.id) == col(Donation.event_id))
        .outerjoin(Donor, col(Donor.id) == col(Donation.donor_id))
        .outerjoin(BalanceTransactionRow, col(BalanceTransactionRow.id) == first)
        .outerjoin(PayoutRow, col(PayoutRow.id) == col(BalanceTransactionRow.payout_id))
        .where(*_conditions(wanted))
    )


def _conditions(wanted: DonationFilter) -> list[ColumnElement[bool]]:
    conditions = [_state(wanted.state)]
    if wanted.campaign:
        conditions.append(col(Campaign.slug) == wanted.campaign)
    if wanted.event:
        conditions.append(col(Event.slug) == wanted.event)
    if wanted.charity:
        conditions.append(col(Body.slug) == wanted.charity)
    if wanted.begins is not None:
        conditions.append(_when() >= _midnight(wanted.begins))
    if wanted.ends is not None:
        conditions.append(_when() < _midnight(wanted.ends + timedelta(days=1)))
    conditions += [_says(word) for word in wanted.words.split()[:10]]
    return conditions


def _state(state: str) -> ColumnElement[bool]:
    is_paid = col(Donation.state) == DonationState.PAID
    if state == "processing":
        return col(Donation.state) == DonationState.PROCESSING
    if state == "refunded":
        back = select(Refund.id).where(col(Refund.donation_id) == col(Donation.id), col(Refund.state).not_in(_GONE))
        return and_(is_paid, back.exists())
    if state == "disputed":
        return and_(is_paid, select(Dispute.id).where(col(Dispute.donation_id) == col(Donation.id)).exists())
    if state == "unpaid":
        return col(Donation.state).in_(_UNPAID)
    return true() if state == "any" else is_paid


def _when() -> ColumnElement[Any]:
    return func.coalesce(col(Donation.paid_at), col(Donation.created_at), type_=Donation.__table__.c.created_at.type)  # type: ignore[attr-defined]


def _says(word: str) -> ColumnElement[bool]:
    """Find a word in what a person may have at hand: our reference, Stripe's ids, the donor's name or address."""
    ref = word.lower().removeprefix("g-").replace("-", "")
    said = func.lower(func.coalesce(col(Donor.name), "") + " " + func.coalesce(col(Donor.email), ""))
    ids = (col(Donation.charge_id), col(Donation.payment_id), col(Donation.checkout_id))
    return or_(
        said.contains(word.lower(), autoescape=True),
        func.lower(col(Donation.ref)).startswith(ref, autoescape=True) if len(ref) > 3 else col(Donation.id) < 0,  # noqa: PLR2004
        *(column == word for column in ids),
    )


def _order(wanted: DonationFilter) -> list[Any]:
    columns: dict[str, Sequence[Any]] = {
        "campaign": (col(Campaign.title), col(Donation.id)),
        "status": (col(Donation.state), col(Donation.id)),
        "amount": (col(Donation.currency), col(Donation.gift_minor) + col(Donation.fee_cover_minor), col(Donation.id)),
        "when": (_when(), col(Donation.id)),
    }
    return [column.desc() if wanted.descending else column.asc() for column in columns[wanted.sort]]


def _sums(session: Session, wanted: DonationFilter) -> dict[str, DonationSums]:
    """Sum what was paid by its currency, and fee and net by the currency they settled in."""
    paid: Select[Any] = _from(
        sa_select(col(Donation.currency), func.sum(col(Donation.gift_minor) + col(Donation.fee_cover_minor))), wanted
    )
    paid = paid.where(col(Donation.state) == DonationState.PAID).group_by(col(Donation.currency))
    settlement = BalanceTransactionRow
    settled: Select[Any] = _from(
        sa_select(col(settlement.currency), func.sum(col(settlement.fee_minor)), func.sum(col(settlement.net_minor))),
        wanted,
    )
    settled = settled.where(col(settlement.id).is_not(None)).group_by(col(settlement.currency))
    sums = {currency: DonationSums(int(minor)) for currency, minor in session.execute(paid)}
    for currency, fee, net in session.execute(settled):
        known = sums.get(currency, DonationSums())
        sums[currency] = DonationSums(known.paid_minor, int(fee), int(net))
    return dict(sorted(sums.items()))


def _returned(session: Session, ids: Sequence[int]) -> dict[int, int]:
    statement = (
        sa_select(col(Refund.donation_id), func.sum(col(Refund.minor)))
        .where(col(Refund.donation_id).in_(ids), col(Refund.state).not_in(_GONE))
        .group_by(col(Refund.donation_id))
    )
    return {donation_id: int(minor) for donation_id, minor in session.execute(statement)}


def _disputed(session: Session, ids: Sequence[int]) -> set[int]:
    statement = select(Dispute.donation_id).where(
        col(Dispute.donation_id).in_(ids), col(Dispute.state).in_(OPEN_DISPUTES)
    )
    return set(session.exec(statement))


def _lost(session: Session, ids: Sequence[int]) -> set[int]:
    statement = select(Dispute.donation_id).where(col(Dispute.donation_id).in_(ids), col(Dispute.state) == "lost")
    return set(session.exec(statement))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
