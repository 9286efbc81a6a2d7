"""Finding the bank line of each payout, where there is no doubt about it.

The ruling (money.md): currency and amount exact, the day from one business day before the expected arrival to five
after, the words of the account's Stripe pattern in the text, exactly one payout for the line and one line for the
payout. What is open on both sides is joined by the database in one question, over the indexes of payouts and lines; the
exact rule is asked of the few pairs that come back. Who writes a match takes the payouts' rows first, looks again, and
leaves the last word to the unique keys.

A payout that failed is never matched, but it counts: a line may be the one that came before the bank sent it back.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final, NamedTuple

from sqlmodel import Session, col, select

from fundraise import plain
from fundraise.flows.book_match import BY_RULE, book, keep_matches, payout_leg, row_of
from fundraise.job_runs import fence
from fundraise.parts import Parts
from fundraise.settlements.tables import PayoutRow
from fundraise.statements.questions import bank_accounts
from fundraise.statements.reasons import ALONE, arrival_reasons
from fundraise.statements.rules import EARLIEST_DAYS, LATEST_DAYS, RETURN_DAYS, may_arrive, may_return, stripe_words
from fundraise.statements.tables import BankLine

_AT_ONCE: Final = 200
_NEVER: Final = ("failed", "canceled")
_DAY: Final = {
    "sqlite": "date(p.arrives_on, '{0:+d} days')",
    "postgresql": "((p.arrives_on AT TIME ZONE 'UTC')::date {0:+d})",
}
# Open payouts beside open lines. The second half finds lines that may be a failed payout coming back: they make a debit
# doubtful that could also be a payout below zero.
_PAIRS: Final = (
    "SELECT {columns}, p.minor AS line_minor, 1 AS arrives FROM payout p {joins} AND l.minor = p.minor "
    "AND l.booked_on BETWEEN {earliest} AND {latest} "
    "WHERE p.state <> 'canceled' AND NOT EXISTS (SELECT 1 FROM bank_match m WHERE m.payout_id = p.id AND m.stands) "
    "{open_line} "
    "{of_body} "
    "UNION ALL "
    "SELECT {columns}, -p.minor AS line_minor, 0 AS arrives FROM payout p {joins} AND l.minor = -p.minor "
    "AND l.booked_on BETWEEN {earliest} AND {latest_return} "
    "WHERE p.state = 'failed' "
    "AND NOT EXISTS (SELECT 1 FROM bank_match m WHERE m.returned_payout_id = p.id AND m.stands) {open_line} {of_body} "
    "ORDER BY body_id, currency, line_minor, payout_id, line_id"
)
_COLUMNS: Final = (
    "b.body_id AS body_id, p.currency AS currency, p.id AS payout_id, p.state AS state, p.arrives_on AS arrives_on, "
    "l.id AS line_id, l.booked_on AS booked_on, l.text AS line_text, l.counterparty AS counterparty, "
    "l.reference AS reference, b.stripe_pattern AS stripe_pattern, "
    "EXISTS (SELECT 1 FROM bank_match u WHERE u.line_id = l.id AND u.payout_id = p.id) AS taken_back"
)
_JOINS: Final = (
    "JOIN stripe_account a ON a.id = p.stripe_account_id "
    "JOIN bank_account b ON b.body_id = a.body_id AND b.currency = p.currency "
    "JOIN bank_line l ON l.bank_account_id = b.id AND l.currency = p.currency"
)
_OPEN_LINE: Final = "AND NOT EXISTS (SELECT 1 FROM bank_match m WHERE m.line_id = l.id AND m.stands)"


class _Row(NamedTuple):
    """What the database says of a payout and a line that may be it, in the order of the question's columns."""

    body_id: int
    currency: str
    payout_id: int
    state: str
    arrives_on: date | str
    line_id: int
    booked_on: date | str
    line_text: str
    counterparty: str
    reference: str
    stripe_pattern: str
    taken_back: bool
    line_minor: int
    arrives: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A payout and a line that may be it. `arrives` is false where the line may be the payout coming back.

    A pair that a person took back is not matched again by itself, nor is anything else that it stood in the way of:
    who took it back may not have been sure.
    """

    payout_id: int
    line_id: int
    state: str
    arrives: bool
    taken_back: bool = False


def match_payouts(parts: Parts, body_id: int | None = None) -> Counter[str]:
    """Match what can be matched without doubt, of one body or of all; return what was done, by name.

    Any number of processes may do so at once; a repeat does nothing.
    """
    done: Counter[str] = Counter()
    with parts.db.read() as session:
        found = list(certain_pairs(session, body_id))
    for start in range(0, len(found), _AT_ONCE):
        with parts.db.write("match payouts") as session:
            fence(session, parts.clock.now())
            done["matched"] += _match(session, parts, found[start : start + _AT_ONCE])
    return +done


def certain_pairs(session: Session, body_id: int | None = None) -> Iterator[Pair]:
    """Yield the pairs that the ruling lets match by themselves, in the order of their lines within each amount."""
    statement = pairs_sql(session.get_bind().dialect.name, of_body=body_id is not None)
    rows = map(_Row._make, plain.stream(session, statement, {"body": body_id} if body_id is not None else {}))
    # Only pairs of one body, currency and amount can stand in each other's way, and they come one after the other.
    for _, group in groupby(rows, key=lambda row: (row.body_id, row.currency, row.line_minor)):
        yield from _unique(_fitting(group))


def pairs_sql(dialect: str, *, of_body: bool) -> str:
    """Return the question for open payouts and the open lines that may be them."""
    day = _DAY[dialect]
    return _PAIRS.format(
        columns=_COLUMNS,
        joins=_JOINS,
        open_line=_OPEN_LINE,
        earliest=day.format(EARLIEST_DAYS),
        latest=day.format(LATEST_DAYS),
        latest_return=day.format(RETURN_DAYS),
        of_body="AND b.body_id = :body" if of_body else "",
    )


def _fitting(rows: Iterable[_Row]) -> Iterator[Pair]:
    for row in rows:
        arrives_on, booked_on = _day(row.arrives_on), _day(row.booked_on)
        fits = may_arrive(arrives_on, booked_on) if row.arrives else may_return(arrives_on, booked_on)
        if fits and stripe_words(f"{row.line_text} {row.counterparty} {row.reference}", row.stripe_pattern):
            yield Pair(row.payout_id, row.line_id, row.state, bool(row.arrives), bool(row.taken_back))


def _day(value: date | str) -> date:
    """Return the day of what a plain statement yields: SQLite keeps dates and moments as text, in UTC."""
    text_of = value if isinstance(value, str) else value.isoformat()
    return date.fromisoformat(text_of[:10])


def _unique(pairs: Iterable[Pair]) -> Iterator[Pair]:
    """Yield the pairs whose line has no other payout and whose payout has no other line."""
    by_line: dict[int, list[Pair]] = defaultdict(list)
    by_payout: dict[tuple[int, bool], list[Pair]] = defaultdict(list)
    for pair in pairs:
        by_line[pair.line_id].append(pair)
        by_payout[pair.payout_id, pair.arrives].append(pair)
    for line_id in sorted(by_line):
        pair = by_line[line_id][0]
        alone = len(by_line[line_id]) == 1 and len(by_payout[pair.payout_id, pair.arrives]) == 1
        if alone and pair.arrives and not pair.taken_back and pair.state not in _NEVER:
            yield pair


def _match(session: Session, parts: Parts, pairs: Sequence[Pair]) -> int:
    """Match pairs that were certain when they were found, if they still are: the payout lives, and both are free."""
    now = parts.clock.now()
    payouts = _locked(session, [pair.payout_id for pair in pairs])
    lines = {
        line.id: line
        for line in session.exec(select(BankLine).where(col(BankLine.id).in_([pair.line_id for pair in pairs])))
    }
    banks = {account.id: account for account in bank_accounts(session)}
    rows = []
    for pair in sorted(pairs, key=lambda each: each.line_id):
        payout, line = payouts[pair.payout_id], lines[pair.line_id]
        if payout.state in _NEVER or payout.minor != line.minor or payout.currency != line.currency:
            continue
        reasons = [*arrival_reasons(line, payout.arrives_on.date(), banks[line.bank_account_id].stripe_pattern), ALONE]
        rows.append(row_of(line.id, reasons, by=BY_RULE, now=now, payout_id=payout.id))
    payout_of = {pair.line_id: payouts[pair.payout_id] for pair in pairs}
    kept = keep_matches(session, rows)
    for match_id, line_id in kept:
        line, payout = lines[line_id], payout_of[line_id]
        why = f"payout {payout.stripe_id} on the bank statement"
        book(session, match_id, line, [payout_leg(session, payout, line)], why=why, now=now)
    return len(kept)


def _locked(session: Session, payout_ids: Sequence[int]) -> dict[int, PayoutRow]:
    """Hold the payouts, in the order of their ids, until commit: what Stripe says of one cannot change in between."""
    rows = session.exec(
        select(PayoutRow)
        .where(col(PayoutRow.id).in_(payout_ids))
        .order_by(col(PayoutRow.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in rows}
