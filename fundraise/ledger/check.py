"""The books check themselves: small questions that must all come back empty."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from sqlalchemy import TextClause, text
from sqlmodel import Session

from fundraise.ledger.accounts import Account

SHOWN: Final = 20  # Of each kind: who knows of twenty knows enough.
# SQLite sorts what fits its cache twice as fast; PostgreSQL takes half a millisecond for each question (measured).
_ENTRIES_AT_ONCE: Final = {"sqlite": 2_000, "postgresql": 20_000}
# SQLite looks the entry before one up in an eighth of the time it takes to sort them, where it has the next lower id;
# PostgreSQL takes thrice as long.
_WENT_BACK: Final = {
    "sqlite": "SELECT e.key FROM ledger_entry e LEFT JOIN ledger_entry p ON p.id = e.id - 1 "
    "WHERE e.id > :after AND e.id <= :upto AND e.booked_at < COALESCE(p.booked_at, "
    "(SELECT q.booked_at FROM ledger_entry q WHERE q.id < e.id ORDER BY q.id DESC LIMIT 1)) ORDER BY e.id",
    "postgresql": "SELECT e.key FROM (SELECT id, booked_at, LAG(booked_at) OVER (ORDER BY id) AS earlier "
    "FROM ledger_entry WHERE id >= COALESCE((SELECT MAX(id) FROM ledger_entry WHERE id <= :after), 0) "
    "AND id <= :upto) t JOIN ledger_entry e ON e.id = t.id WHERE t.booked_at < t.earlier",
}
# SQLite finds the entry of each line twice as fast as it takes out the repeats; PostgreSQL the other way round.
_WITHOUT_ENTRY: Final = {
    "sqlite": "SELECT l.id FROM ledger_line l LEFT JOIN ledger_entry e ON e.id = l.entry_id WHERE e.id IS NULL",
    "postgresql": "SELECT l.id FROM (SELECT DISTINCT entry_id FROM ledger_line) d "
    "JOIN ledger_line l ON l.entry_id = d.entry_id "
    "WHERE NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.id = d.entry_id)",
}
# Each account in use by one step in the index of balances: there are a dozen of a body, and a million lines on them.
_IN_USE: Final = (
    "WITH RECURSIVE bodies(id) AS (SELECT MIN(body_id) FROM ledger_line UNION ALL "
    "SELECT (SELECT MIN(l.body_id) FROM ledger_line l WHERE l.body_id > b.id) FROM bodies b WHERE b.id IS NOT NULL), "
    "used(body_id, account) AS ("
    "SELECT b.id, (SELECT MIN(l.account) FROM ledger_line l WHERE l.body_id = b.id) FROM bodies b UNION ALL "
    "SELECT u.body_id, (SELECT MIN(l.account) FROM ledger_line l WHERE l.body_id = u.body_id "
    "AND l.account > u.account) FROM used u WHERE u.account IS NOT NULL) "
    "SELECT DISTINCT account FROM used WHERE account IS NOT NULL ORDER BY account"
)
# The finding on which gifts are no longer taken nor settled.
UNBALANCED: Final = "unbalanced_entry"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be: which check found it, and what it found, for the treasurer and the operator."""

    check: str
    message: str


Check = Callable[[Session], Iterator[Finding]]


def first_found(session: Session, statement: str) -> Sequence[Any]:
    """Return the first rows of a question that should have none.

    The limit stands outside: PostgreSQL would look for a way to the first rows, and where there are none such a way
    takes seven times as long as the whole (measured on a million entries).
    """
    shown = f"WITH found AS MATERIALIZED ({statement}) SELECT * FROM found LIMIT :shown"  # noqa: S608  Our own questions.
    return session.execute(text(shown), {"shown": SHOWN}).all()


def unbalanced_entries(session: Session) -> Iterator[Finding]:
    """Every entry sums to zero per body and currency."""
    statement = text(
        "SELECT e.key, l.body_id, l.currency, l.off FROM (SELECT entry_id, body_id, currency, SUM(minor) AS off "
        "FROM ledger_line WHERE entry_id > :after AND entry_id <= :upto "
        "GROUP BY entry_id, body_id, currency HAVING SUM(minor) <> 0) l JOIN ledger_entry e ON e.id = l.entry_id"
    )
    for key, body_id, currency, off in islice(_by_and_by(session, statement), SHOWN):
        yield Finding(UNBALANCED, f"entry {key} is off by {off} minor units of {currency} for body {body_id}")


def _by_and_by(session: Session, statement: TextClause, last: int | None = None) -> Iterator[Any]:
    """Ask about the entries after `:after` up to `:upto`, range by range through the books, or up to entry `last`.

    Sorting a million lines at once takes two hundred megabytes on SQLite, which sorts in memory as it comes with its
    wheel, and on PostgreSQL files on disk; some thousands take neither (measured).
    """
    at_once = _ENTRIES_AT_ONCE[session.get_bind().dialect.name]
    if last is None:
        last = session.execute(text("SELECT MAX(id) FROM ledger_entry")).scalar() or 0
    for after in range(0, last, at_once):
        yield from session.execute(statement, {"after": after, "upto": min(after + at_once, last)})


def entries_without_lines(session: Session) -> Iterator[Finding]:
    """Every entry has lines.

    Every line has an entry (the next check), so as many entries with lines as there are entries means that all have.
    """
    entries = session.execute(text("SELECT COUNT(*) FROM ledger_entry")).scalar_one()
    if entries == session.execute(text("SELECT COUNT(DISTINCT entry_id) FROM ledger_line")).scalar_one():
        return
    rows = first_found(
        session,
        "SELECT e.key FROM ledger_entry e WHERE NOT EXISTS (SELECT 1 FROM ledger_line l WHERE l.entry_id = e.id)",
    )
    for (key,) in rows:
        yield Finding("entry_without_lines", f"entry {key} has no lines")


def lines_without_entry(session: Session) -> Iterator[Finding]:
    """Every line belongs to an entry."""
    for (line_id,) in first_found(session, _WITHOUT_ENTRY[session.get_bind().dialect.name]):
        yield Finding("line_without_entry", f"line {line_id} belongs to no entry")


def unknown_accounts(session: Session) -> Iterator[Finding]:
    """Every line is on an account of the chart."""
    known = {account.value for account in Account}
    for account in session.execute(text(_IN_USE)).scalars():
        if account in known:
            continue
        lines = text("SELECT COUNT(*) FROM ledger_line WHERE account = :account")
        count = session.execute(lines, {"account": account}).scalar_one()
        yield Finding("unknown_account", f"{count} lines are on account {account}, which the chart does not have")


def reversals_that_do_not_mirror(session: Session) -> Iterator[Finding]:
    """A reversing entry is the exact opposite of the one it names."""
    rows = first_found(
        session,
        "SELECT r.key, l.account, l.currency, SUM(l.minor) AS off FROM ledger_entry r "
        "JOIN ledger_line l ON l.entry_id = r.id OR l.entry_id = r.reverses_id "
        "WHERE r.reverses_id > 0 "
        "GROUP BY r.id, r.key, l.body_id, l.account, l.currency HAVING SUM(l.minor) <> 0",
    )
    for key, account, currency, off in rows:
        yield Finding("reversal_differs", f"entry {key} leaves {off} minor units of {currency} on account {account}")


def bookings_that_went_back(session: Session) -> Iterator[Finding]:
    """Entries are booked in the order of their ids, so a total at a past moment never changes."""
    statement = text(_WENT_BACK[session.get_bind().dialect.name])
    for (key,) in islice(_by_and_by(session, statement), SHOWN):
        yield Finding("booked_out_of_order", f"entry {key} was booked before an earlier one")


def checkpoint_that_differs(session: Session) -> Iterator[Finding]:
    """The newest checkpoint holds what its lines sum to."""
    columns = "body_id, account, currency, campaign_id, event_id, due_body_id, held_at, counts"
    newest = session.execute(
        text("SELECT id, upto_entry_id FROM ledger_checkpoint ORDER BY upto_entry_id DESC LIMIT 1")
    ).first()
    if newest is None:
        return
    checkpoint_id, last = newest
    if session.get_bind().dialect.name == "postgresql":
        # It expects as many sums as lines, and in its usual four megabytes would sort those on disk, at twice the time.
        session.execute(text("SET LOCAL work_mem = '16MB'"))
    summed = text(
        f"SELECT {columns}, SUM(minor), SUM(gifts) FROM ledger_line "  # noqa: S608  Our own columns.
        f"WHERE entry_id > :after AND entry_id <= :upto GROUP BY {columns}"
    )
    kept = text(
        f"SELECT {columns}, minor, gifts FROM ledger_checkpoint_balance "  # noqa: S608  Our own columns.
        "WHERE checkpoint_id = :checkpoint"
    )
    off: dict[tuple[Any, ...], list[int]] = {}
    for sign, rows in (
        (1, _by_and_by(session, summed, last)),
        (-1, session.execute(kept, {"checkpoint": checkpoint_id})),
    ):
        for *key, minor, gifts in rows:
            both = off.setdefault(tuple(key), [0, 0])
            both[0] += sign * int(minor)
            both[1] += sign * int(gifts)
    differing = ((key, minor) for key, (minor, gifts) in off.items() if minor or gifts)
    for (body_id, account, currency, *_), minor in islice(differing, SHOWN):
        yield Finding(
            "checkpoint_differs",
            f"the newest checkpoint is off by {minor} minor units of {currency} on account {account} of body "
            f"{body_id}; fundraise check --rebuild makes it afresh",
        )


# The longest first, for where two are asked at a time.
CHECKS: tuple[Check, ...] = (
    checkpoint_that_differs,
    unbalanced_entries,
    entries_without_lines,
    lines_without_entry,
    unknown_accounts,
    reversals_that_do_not_mirror,
    bookings_that_went_back,
)
