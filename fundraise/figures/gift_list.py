"""Every gift of a period in one row: what was given and what it cost, which payout took it, when the bank showed it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Final

from sqlalchemy import text
from sqlmodel import Session

from fundraise import money, plain
from fundraise.sheets import Cell, neutral

HEADING: Final = (
    "paid at (UTC)",
    "gift",
    "campaign",
    "charity",
    "account of",
    "event",
    "currency",
    "given",
    "fee cover",
    "charged",
    "refunded",
    "lost in disputes",
    "settled in",
    "settled gross",
    "fee",
    "net",
    "charge",
    "balance transaction",
    "payout",
    "payout arrives",
    "bank date",
    "bank line",
)
TOTALS_HEADING: Final = ("currency", "what", "gifts", "amount")
_KNOWN_BY_HEART: Final = 4096  # Most gifts are of a few amounts.
# Moments are written by the database, which does it faster than a million objects can be made.
_MOMENT: Final = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%SZ', {0})",
    "postgresql": "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
}
_DAY: Final = {
    "sqlite": "strftime('%Y-%m-%d', {0})",
    "postgresql": "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
}
_BANK_DAY: Final = {"sqlite": "{0}", "postgresql": "to_char({0}, 'YYYY-MM-DD')"}
# Every join is an outer one, so that SQLite goes from gift to gift by the index of when they were paid; to sort a
# million takes it three hundred megabytes. Only paid gifts have that moment. A payout that failed brought no bank
# anything.
_STATEMENT: Final = (
    "SELECT {paid_at}, d.ref, c.title, b.name, m.name, e.title, d.currency, d.gift_minor, d.fee_cover_minor, "
    "(SELECT SUM(r.minor) FROM refund r WHERE r.donation_id = d.id AND r.state NOT IN ('failed', 'canceled')), "
    "(SELECT SUM(p.minor) FROM dispute p WHERE p.donation_id = d.id AND p.state = 'lost'), "
    "t.currency, t.amount_minor, t.fee_minor, t.net_minor, d.charge_id, t.stripe_id, p.stripe_id, {arrives_on}, "
    "{booked_on}, l.id "
    "FROM donation d LEFT JOIN campaign c ON c.id = d.campaign_id LEFT JOIN body b ON b.id = d.beneficiary_body_id "
    "LEFT JOIN stripe_account a ON a.id = d.stripe_account_id LEFT JOIN body m ON m.id = a.body_id "
    "LEFT JOIN event e ON e.id = d.event_id "
    "LEFT JOIN balance_transaction t ON t.donation_id = d.id AND t.category = 'charge' AND t.source_id = d.charge_id "
    "LEFT JOIN payout p ON p.id = t.payout_id AND p.state NOT IN ('failed', 'canceled') "
    "LEFT JOIN bank_match k ON k.payout_id = p.id AND k.stands "
    "LEFT JOIN bank_line l ON l.id = k.line_id "
    "WHERE d.paid_at >= :begins AND d.paid_at < :ends ORDER BY d.paid_at, d.id"
)


# What is summed, in the order of a row's sums: first in the currency of the gift, then in the one it was settled in.
_GIVEN: Final = ("given", "fee cover", "refunded", "lost in disputes")
_SETTLED: Final = ("settled gross", "fee", "net")


@dataclass(slots=True)
class ControlTotals:
    """What the rows that went by sum to, by currency and kind of amount, in minor units; and how many there were.

    A gift is counted in the currency it was given in and, once settled, in the one it was settled in.
    """

    # By the two currencies, the second "" for what is not settled: how many gifts, and their sums.
    of_currencies: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def add(self, currency: str, settled_in: str, amounts: Iterable[int | None]) -> None:
        """Add a gift: what was given, fee cover, refunded, lost in disputes; settled gross, fee, net."""
        sums = self.of_currencies.get((currency, settled_in))
        if sums is None:
            sums = self.of_currencies[currency, settled_in] = [0] * (1 + len(_GIVEN) + len(_SETTLED))
        sums[0] += 1
        for place, minor in enumerate(amounts, start=1):
            if minor:
                sums[place] += minor

    @property
    def gifts(self) -> dict[str, int]:
        """How many gifts were given in each currency."""
        return self._counts(0)

    @property
    def settled(self) -> dict[str, int]:
        """How many gifts were settled in each currency."""
        return self._counts(1)

    @property
    def sums(self) -> dict[tuple[str, str], int]:
        """The sums that are not zero, by currency and kind of amount."""
        found: Counter[tuple[str, str]] = Counter()
        for (currency, settled_in), (_count, *amounts) in self.of_currencies.items():
            for what, minor in zip(_GIVEN, amounts, strict=False):
                found[currency, what] += minor
            for what, minor in zip(_SETTLED, amounts[len(_GIVEN) :], strict=True):
                found[settled_in, what] += minor
        return {key: minor for key, minor in found.items() if minor}

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """Yield the totals as rows under `TOTALS_HEADING`."""
        gifts, settled = self.gifts, self.settled
        for (currency, what), minor in sorted(self.sums.items()):
            count = settled if what in _SETTLED else gifts
            yield currency, what, count.get(currency, 0), _decimal(currency, minor)

    def _counts(self, which: int) -> dict[str, int]:
        found: Counter[str] = Counter()
        for currencies, (count, *_amounts) in self.of_currencies.items():
            found[currencies[which]] += count
        return {currency: count for currency, count in found.items() if currency}


def gift_count(session: Session, begins: date, ends: date) -> int:
    """Count the gifts paid from `begins` to `ends`, both days included (UTC)."""
    dialect = session.get_bind().dialect.name
    statement = text("SELECT COUNT(*) FROM donation d WHERE d.paid_at >= :begins AND d.paid_at < :ends")
    values = {"begins": _bound(begins, dialect), "ends": _bound(ends + timedelta(days=1), dialect)}
    return int(session.execute(statement, values).scalar_one())


def gift_rows(session: Session, begins: date, ends: date, totals: ControlTotals) -> Iterator[tuple[Cell, ...]]:
    """Yield the gifts paid from `begins` to `ends`, both days included (UTC), under `HEADING`, and fill `totals`.

    Rows come from the database as they are taken, so a million of them take no more memory than a few.
    """
    dialect = session.get_bind().dialect.name
    if dialect == "postgresql":  # A long list may take longer than a page may.
        session.execute(text("SET LOCAL statement_timeout = 0"))
    statement = _STATEMENT.format(
        paid_at=_MOMENT[dialect].format("d.paid_at"),
        arrives_on=_DAY[dialect].format("p.arrives_on"),
        booked_on=_BANK_DAY[dialect].format("l.booked_on"),
    )
    values = {"begins": _bound(begins, dialect), "ends": _bound(ends + timedelta(days=1), dialect)}
    for row in plain.stream(session, statement, values):
        yield _row(row, totals)


def _row(row: Sequence[Any], totals: ControlTotals) -> tuple[Cell, ...]:
    (paid_at, ref, title, charity, merchant, event, currency, gift, cover, refunded, lost, settled_in, gross, fee, net,
     charge, transaction, payout, arrives_on, bank_date, bank_line) = row  # fmt: skip
    printed = _printer(currency)
    settled = _printer(settled_in) if settled_in else printed
    totals.add(currency, settled_in or "", (gift, cover, refunded, lost, gross, fee, net))
    return (
        paid_at,
        ref,
        neutral(title),
        neutral(charity),
        neutral(merchant),
        neutral(event) if event else "",
        currency,
        printed(gift),
        printed(cover),
        printed(gift + cover),
        printed(refunded) if refunded else "",
        printed(lost) if lost else "",
        settled_in or "",
        settled(gross) if gross is not None else "",
        settled(fee) if fee is not None else "",
        settled(net) if net is not None else "",
        charge,
        transaction or "",
        payout or "",
        arrives_on or "",
        bank_date or "",
        bank_line or "",
    )


@cache
def _printer(currency: str) -> Callable[[int], Cell]:
    """Return how amounts of a currency are written: exact, with all their decimals."""
    places = money.exponent(currency)

    @lru_cache(_KNOWN_BY_HEART)
    def printed(minor: int) -> Decimal:
        return Decimal(minor).scaleb(-places)

    return printed


def _decimal(currency: str, minor: int) -> Decimal:
    return Decimal(minor).scaleb(-money.exponent(currency))


def _bound(day: date, dialect: str) -> object:
    moment = datetime.combine(day, time(), UTC)
    if dialect == "sqlite":
        return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
    return moment
