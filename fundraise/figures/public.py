"""Public figures of campaigns. An appeal's are in `combined`; no public page, API or stream has numbers from elsewhere.

A total is asked of the ledger: gross gifts received, before fees, less refunds and lost disputes. Gifts that are paid
and not settled yet in another currency are on their way. What Stripe settles in another currency than the campaign's
is converted once, at the appeal's source of rates; until there is a rate it waits.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, bindparam
from sqlmodel import Session, col, func, select

from fundraise import plain
from fundraise.appeals.questions import NO_APPEAL
from fundraise.appeals.tables import Appeal, AppealState, GiftIncrement
from fundraise.campaigns.tables import Campaign, CampaignState
from fundraise.errors import NotFound
from fundraise.figures.own_gifts import CampaignKey, Converted, Given, given_to, newest_of_campaigns
from fundraise.ledger.accounts import Account
from fundraise.ledger.balances import balances, last_entry_id
from fundraise.ledger.tables import Entry, Line
from fundraise.money import Money

# What the number is, word for word, on every page and in the API.
COUNTS: Final = "gifts received, before fees, after refunds and lost disputes"
LATEST_GIFTS: Final = 12
# One question, since every reader of an appeal asks for both; built once, since building takes as long as asking.
_PUBLISHED = (
    select(Appeal, Campaign)
    .outerjoin(Campaign, and_(col(Campaign.appeal_id) == col(Appeal.id), col(Campaign.state) != CampaignState.DRAFT))
    .where(col(Appeal.slug) == bindparam("slug"), col(Appeal.state) != AppealState.DRAFT)
    .order_by(col(Campaign.title))
)
# A paid gift is the one with `paid_at`. What its donor did not choose to show does not leave the database.
# The limit is no bound number: SQLite looks at those, and makes its plan anew each time the statement is asked.
_LATEST: Final = (
    "SELECT d.paid_at, CASE WHEN d.show_name THEN o.name END, d.show_amount, "  # noqa: S608  A number of ours.
    "d.gift_minor, d.fee_cover_minor, d.currency, CASE WHEN d.show_message THEN d.message END, "
    "COALESCE((SELECT SUM(r.minor) FROM refund r "
    "WHERE r.donation_id = d.id AND r.state NOT IN ('failed', 'canceled')), 0), EXISTS (SELECT 1 FROM dispute p "
    "WHERE p.donation_id = d.id AND p.state IN ('needs_response', 'under_review')) "
    "FROM donation d LEFT JOIN donor o ON o.id = d.donor_id "
    "WHERE d.campaign_id = :campaign AND d.paid_at IS NOT NULL "
    "AND (SELECT SUM(l.minor) FROM ledger_line l WHERE l.donation_id = d.id AND l.counts) < 0 "
    f"ORDER BY d.paid_at DESC, d.id DESC LIMIT {LATEST_GIFTS}"
)


@dataclass(frozen=True, slots=True)
class PublicTotal:
    """A campaign's total and what is not in it yet."""

    amount: Money
    gifts: int
    on_its_way: tuple[Money, ...]
    not_converted: tuple[Money, ...]
    as_of: datetime


@dataclass(frozen=True, slots=True)
class PublicGift:
    """A gift as its donor lets the public see it: what is not to be seen is not in here."""

    paid_at: datetime
    name: str
    amount: Money | None
    message: str
    is_disputed: bool


def campaign_totals(
    session: Session, campaigns: Sequence[Campaign], now: datetime, *, as_of: datetime | None = None
) -> Mapping[int, PublicTotal]:
    """Return the totals of campaigns by their ids, now or as of a past moment."""
    given = given_to(session, {campaign.id: campaign.currency for campaign in campaigns}, as_of=as_of)
    return totals_of(given, campaigns, as_of or now)


def appeal_with_campaigns(session: Session, slug: str) -> tuple[Appeal, Sequence[Campaign]]:
    """Return an appeal the public may see, and its published campaigns by title; `NotFound` for a draft or none."""
    rows: Sequence[tuple[Appeal, Campaign | None]] = session.exec(_PUBLISHED, params={"slug": slug}).all()
    if not rows:
        raise NotFound(NO_APPEAL)
    return rows[0][0], [campaign for _, campaign in rows if campaign is not None]


def newest_entry_id(session: Session) -> int:
    """Return what names the state of the books that totals are read from in this session: their newest entry."""
    return last_entry_id(session)


def totals_of(given: Given, campaigns: Sequence[Campaign], as_of: datetime) -> Mapping[int, PublicTotal]:
    """Return the totals of campaigns by their ids, from what the books said at that moment that they were given."""
    counted: dict[int, dict[str, tuple[int, int]]] = {campaign.id: {} for campaign in campaigns}
    unsettled: Counter[tuple[int, str]] = Counter()
    for balance in given.balances:
        campaign_id, _body_id, currency, account, counts = balance.key
        if counts:
            minor, gifts = counted[campaign_id].get(currency, (0, 0))
            counted[campaign_id][currency] = (minor - balance.minor, gifts + balance.gifts)
        if account == Account.STRIPE_FEE_UNKNOWN:
            unsettled[campaign_id, currency] += balance.minor
    return {
        campaign.id: _total(campaign, counted[campaign.id], unsettled, _of(campaign, given.converted), as_of)
        for campaign in campaigns
    }


def _of(campaign: Campaign, rows: Mapping[CampaignKey, GiftIncrement]) -> Mapping[str, Converted]:
    found: dict[str, Converted] = {}
    for (campaign_id, _body_id, currency), row in rows.items():
        if campaign_id == campaign.id:
            found.setdefault(currency, Converted()).add(row)
    return found


@dataclass(frozen=True, slots=True)
class CountedKind:
    """What one kind of entry brought into a total, or took out of it: how many entries, and their sum.

    `own` is what was converted, in its own currency, and `sheet_id` the rates it was converted at last.
    """

    kind: str
    amount: Money
    entries: int
    own: Money | None = None
    sheet_id: int | None = None


def counted_by_kind(session: Session, campaign: Campaign) -> Sequence[CountedKind]:
    """Open a campaign's total to the kinds of entries it is made of; they sum to the total."""
    rows = session.exec(
        select(Entry.kind, func.sum(Line.minor), func.count(func.distinct(Entry.id)))
        .join(Line, col(Line.entry_id) == col(Entry.id))
        .where(col(Line.campaign_id) == campaign.id, col(Line.counts), col(Line.currency) == campaign.currency)
        .group_by(col(Entry.kind))
        .order_by(func.sum(Line.minor))
    ).all()
    kinds = [CountedKind(kind, Money(-int(minor), campaign.currency), int(count)) for kind, minor, count in rows]
    converted = [
        CountedKind(
            "converted",
            Money(known.display_minor, campaign.currency),
            0,
            Money(known.amount_minor, currency),
            known.newest.sheet_id,
        )
        for currency, known in _of(campaign, newest_of_campaigns(session, [campaign.id])).items()
        if known.newest is not None
    ]
    return [*kinds, *converted]


def event_total(session: Session, campaign: Campaign, event_id: int) -> Money:
    """Return what was given through one event, in the campaign's currency."""
    found = balances(session, ["event_id", "currency"], campaign_ids=[campaign.id], counts=True)
    minor = sum(-balance.minor for balance in found if balance.key == (event_id, campaign.currency))
    converted = (
        "SELECT COALESCE(SUM(g.display_minor), 0) FROM gift_increment g JOIN donation d ON d.id = g.donation_id "
        "WHERE g.campaign_id = :campaign AND d.event_id = :event"
    )
    ((more,),) = plain.ask(session, converted, {"campaign": campaign.id, "event": event_id})
    return Money(minor + int(more), campaign.currency)


def latest_gifts(session: Session, campaign_id: int) -> Sequence[PublicGift]:
    """List the latest gifts that still stand, each showing what its donor chose."""
    return [
        PublicGift(
            paid_at=plain.moment(paid_at),
            name=name or "",
            amount=Money(min(gift, gift + cover - int(returned)), currency) if shows_amount else None,
            message=message or "",
            is_disputed=bool(disputed),
        )
        for paid_at, name, shows_amount, gift, cover, currency, message, returned, disputed in plain.ask(
            session, _LATEST, {"campaign": campaign_id}
        )
    ]


def _total(
    campaign: Campaign,
    counted: Mapping[str, tuple[int, int]],
    unsettled: Mapping[tuple[int, str], int],
    converted: Mapping[str, Converted],
    as_of: datetime,
) -> PublicTotal:
    minor, _ = counted.get(campaign.currency, (0, 0))
    on_its_way, not_converted = [], []
    for currency in sorted({*counted, *converted} - {campaign.currency}):
        given, _gifts = counted.get(currency, (0, 0))
        waiting = max(0, min(given, unsettled.get((campaign.id, currency), 0)))
        if waiting:
            on_its_way.append(Money(waiting, currency))
        known = converted.get(currency, Converted())
        minor += known.display_minor
        left = given - waiting - known.amount_minor
        if left:
            not_converted.append(Money(left, currency))
    return PublicTotal(
        amount=Money(minor, campaign.currency),
        gifts=sum(gifts for _, gifts in counted.values()),
        on_its_way=tuple(on_its_way),
        not_converted=tuple(not_converted),
        as_of=as_of,
    )
