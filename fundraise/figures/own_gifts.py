"""What bodies here were given for an appeal, by body and currency, and what of it is converted already."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from fundraise import plain
from fundraise.appeals.tables import Appeal, OwnIncrement
from fundraise.ledger.accounts import Account
from fundraise.ledger.balances import balances

OwnKey = tuple[int, str]  # A body's id and a currency.


@dataclass(slots=True)
class Here:
    """Gifts to one body in one currency: what counts, what is paid and still on its way, how many gifts."""

    counted_minor: int = 0
    on_its_way_minor: int = 0
    gifts: int = 0


def gifts_here(
    session: Session, appeal: Appeal, *, as_of: datetime | None = None, upto_entry_id: int | None = None
) -> Mapping[OwnKey, Here]:
    """Ask the books what an appeal's published campaigns were given.

    A gift in its campaign's currency counts when it is paid, one in another currency when it is settled.
    """
    published = "SELECT id, currency FROM campaign WHERE appeal_id = :appeal AND state <> 'draft'"
    currencies = dict(plain.ask(session, published, {"appeal": appeal.id}))
    counted: dict[tuple[int, int, str], tuple[int, int]] = {}
    unsettled: Counter[tuple[int, int, str]] = Counter()
    by = ("campaign_id", "body_id", "currency", "account", "counts")
    for balance in balances(session, by, campaign_ids=list(currencies), as_of=as_of, upto_entry_id=upto_entry_id):
        *key, account, counts = balance.key
        campaign_id, body_id, currency = key
        if counts:
            minor, gifts = counted.get((campaign_id, body_id, currency), (0, 0))
            counted[campaign_id, body_id, currency] = (minor - balance.minor, gifts + balance.gifts)
        if account == Account.STRIPE_FEE_UNKNOWN:
            unsettled[campaign_id, body_id, currency] += balance.minor
    found: dict[OwnKey, Here] = {}
    for (campaign_id, body_id, currency), (given, gifts) in counted.items():
        here = found.setdefault((body_id, currency), Here())
        is_settled = currency == currencies[campaign_id]
        way = 0 if is_settled else max(0, min(given, unsettled[campaign_id, body_id, currency]))
        here.counted_minor += given - way
        here.on_its_way_minor += way
        here.gifts += gifts
    return found


def newest_own(session: Session, appeal_id: int, *, as_of: datetime | None = None) -> Mapping[OwnKey, OwnIncrement]:
    """Return the newest conversion of each body and currency, whose sums answer for all before it."""
    statement = select(OwnIncrement).where(col(OwnIncrement.appeal_id) == appeal_id)
    if as_of is not None:
        statement = statement.where(col(OwnIncrement.made_at) <= as_of)
    rows = session.exec(statement.order_by(col(OwnIncrement.made_at), col(OwnIncrement.id)))
    return {(row.body_id, row.currency): row for row in rows}
