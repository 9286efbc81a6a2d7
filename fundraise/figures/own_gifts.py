"""What bodies here were given for an appeal, by body and currency, and what of gifts is converted already."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from sqlmodel import Session, col, select

from fundraise import plain
from fundraise.appeals.tables import Appeal, ConvertedGifts, GiftIncrement, OwnIncrement
from fundraise.ledger.accounts import Account
from fundraise.ledger.balances import Balance, balances
from fundraise.money import convert_minor

_Row = TypeVar("_Row", bound=ConvertedGifts)
OwnKey = tuple[int, str]  # A body's id and a currency.
CampaignKey = tuple[int, int, str]  # A campaign's id, a body's, and a currency.


@dataclass(slots=True)
class Here:
    """Gifts to one body in one currency: what counts, what is paid and still on its way, how many gifts.

    `with_campaign_minor` is what of it is converted with a campaign that has the appeal's currency.
    """

    counted_minor: int = 0
    with_campaign_minor: int = 0
    on_its_way_minor: int = 0
    gifts: int = 0


@dataclass(slots=True)
class Converted:
    """What was converted of gifts to one body in one currency, and the newest row of it."""

    amount_minor: int = 0
    display_minor: int = 0
    newest: ConvertedGifts | None = None

    def add(self, row: ConvertedGifts) -> None:
        """Count the sums of a row in."""
        self.amount_minor += row.total_amount_minor
        self.display_minor += row.total_display_minor
        if row.total_amount_minor and (self.newest is None or self.newest.made_at <= row.made_at):
            self.newest = row

    @property
    def is_at_one_rate(self) -> bool:
        """Whether the newest rate alone explains the amount."""
        row = self.newest
        if row is None:
            return True
        whole = convert_minor(self.amount_minor, row.currency, Decimal(row.factor), row.display_currency)
        return whole == self.display_minor


@dataclass(frozen=True, slots=True)
class Given:
    """What campaigns were given, by the books, and what of it was converted gift by gift.

    `currencies` are the campaigns' own, by their ids; a balance's key is campaign, body, currency, account, counts.
    """

    currencies: Mapping[int, str]
    balances: Sequence[Balance]
    converted: Mapping[CampaignKey, GiftIncrement]

    def converted_into(self, currency: str) -> Mapping[CampaignKey, GiftIncrement]:
        """Return what was converted in the campaigns that have this currency."""
        return {key: row for key, row in self.converted.items() if self.currencies[key[0]] == currency}


def given_to(
    session: Session,
    currencies: Mapping[int, str],
    *,
    as_of: datetime | None = None,
    upto_entry_id: int | None = None,
) -> Given:
    """Ask the books what campaigns were given, now or as of a past moment."""
    by = ("campaign_id", "body_id", "currency", "account", "counts")
    return Given(
        currencies,
        balances(session, by, campaign_ids=list(currencies), as_of=as_of, upto_entry_id=upto_entry_id),
        newest_of_campaigns(session, list(currencies), as_of=as_of),
    )


def given_for(
    session: Session, appeal: Appeal, *, as_of: datetime | None = None, upto_entry_id: int | None = None
) -> Given:
    """Ask the books what an appeal's published campaigns were given."""
    return given_to(session, currencies_of(session, appeal), as_of=as_of, upto_entry_id=upto_entry_id)


def currencies_of(session: Session, appeal: Appeal) -> Mapping[int, str]:
    """Return the currencies of an appeal's published campaigns, by their ids."""
    published = "SELECT id, currency FROM campaign WHERE appeal_id = :appeal AND state <> 'draft'"
    return dict(plain.ask(session, published, {"appeal": appeal.id}))


def gifts_here(given: Given, appeal: Appeal) -> Mapping[OwnKey, Here]:
    """Sum up what an appeal's campaigns were given, by body and currency.

    A gift in its campaign's currency counts when it is paid, one in another currency when it is settled.
    """
    counted: dict[tuple[int, int, str], tuple[int, int]] = {}
    unsettled: Counter[tuple[int, int, str]] = Counter()
    for balance in given.balances:
        *key, account, counts = balance.key
        campaign_id, body_id, currency = key
        if counts:
            minor, gifts = counted.get((campaign_id, body_id, currency), (0, 0))
            counted[campaign_id, body_id, currency] = (minor - balance.minor, gifts + balance.gifts)
        if account == Account.STRIPE_FEE_UNKNOWN:
            unsettled[campaign_id, body_id, currency] += balance.minor
    found: dict[OwnKey, Here] = {}
    for (campaign_id, body_id, currency), (minor, gifts) in counted.items():
        here = found.setdefault((body_id, currency), Here())
        is_settled = currency == given.currencies[campaign_id]
        way = 0 if is_settled else max(0, min(minor, unsettled[campaign_id, body_id, currency]))
        here.counted_minor += minor - way
        if given.currencies[campaign_id] == appeal.currency != currency:
            here.with_campaign_minor += minor - way
        here.on_its_way_minor += way
        here.gifts += gifts
    return found


def converted_here(
    session: Session, appeal: Appeal, given: Given, *, as_of: datetime | None = None
) -> Mapping[OwnKey, Converted]:
    """Return what is converted into the appeal's currency, with its campaigns or for the appeal alone."""
    found: dict[OwnKey, Converted] = {}
    own = newest_own(session, appeal.id, as_of=as_of)
    of_campaigns = given.converted_into(appeal.currency)
    rows: list[tuple[OwnKey, ConvertedGifts]] = [
        *own.items(),
        *(((body_id, currency), row) for (_, body_id, currency), row in of_campaigns.items()),
    ]
    for key, row in rows:
        found.setdefault(key, Converted()).add(row)
    return found


def newest_own(session: Session, appeal_id: int, *, as_of: datetime | None = None) -> Mapping[OwnKey, OwnIncrement]:
    """Return the appeal's own newest conversion of each body and currency, whose sums answer for all before it."""
    rows = _newest(session, OwnIncrement, "appeal_id", [appeal_id], as_of)
    return {(body_id, currency): row for (_, body_id, currency), row in rows.items()}


def newest_of_campaigns(
    session: Session, campaign_ids: Sequence[int], *, as_of: datetime | None = None
) -> Mapping[CampaignKey, GiftIncrement]:
    """Return the newest conversion of each campaign, body and currency; most campaigns have none."""
    return _newest(session, GiftIncrement, "campaign_id", campaign_ids, as_of)


def _newest(
    session: Session, table: type[_Row], owner: str, ids: Sequence[int], as_of: datetime | None
) -> Mapping[tuple[int, int, str], _Row]:
    """Return the last row of each chain, by its owner, body and currency: a row follows one that has a smaller id."""
    named, values = plain.listed("id", ids)
    keys = f"SELECT DISTINCT {owner}, body_id, currency FROM {table.__tablename__} WHERE {owner} IN ({named})"  # noqa: S608  Names of ours.
    found = {}
    for owner_id, body_id, currency in plain.ask(session, keys, values):
        chain = select(table).where(
            getattr(table, owner) == owner_id, col(table.body_id) == body_id, col(table.currency) == currency
        )
        if as_of is not None:
            chain = chain.where(col(table.made_at) <= as_of)
        row = session.exec(chain.order_by(col(table.follows_id).desc()).limit(1)).first()
        if row is not None:
            found[owner_id, body_id, currency] = row
    return found
