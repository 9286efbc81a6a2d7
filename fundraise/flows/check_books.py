"""The checks of the books: those of the ledger by itself, and that gifts, receipts, bank and ledger agree."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from fundraise.db import Database
from fundraise.flows.check_combined import CHECKS_OF_TOTALS
from fundraise.flows.check_matches import bank_differs_from_matches
from fundraise.ledger.check import CHECKS, Check, Finding, first_found, unbalanced_entries

_AT_ONCE: Final = 2


def paid_without_entry(session: Session) -> Iterator[Finding]:
    """Every paid gift is in the books."""
    rows = first_found(
        session,
        "SELECT d.ref FROM donation d WHERE d.state = 'paid' AND NOT EXISTS "
        "(SELECT 1 FROM ledger_entry e WHERE e.key = 'payment:' || d.charge_id)",
    )
    for (ref,) in rows:
        yield Finding("paid_without_entry", f"gift {ref} is paid, but the books have no payment of it")


def counted_and_not_paid(session: Session) -> Iterator[Finding]:
    """Nothing counts in the total but paid gifts."""
    rows = first_found(
        session,
        "SELECT d.ref FROM donation d WHERE d.state <> 'paid' AND EXISTS "
        "(SELECT 1 FROM ledger_line l WHERE l.donation_id = d.id AND l.counts)",
    )
    for (ref,) in rows:
        yield Finding("counted_and_not_paid", f"gift {ref} counts in the total and is not paid")


def counted_wrongly(session: Session) -> Iterator[Finding]:
    """A gift that was neither refunded nor disputed counts for exactly what was given, where it was not converted."""
    rows = first_found(
        session,
        # Summed first, so that what may have gone back is looked for of those few alone that differ.
        "SELECT g.ref, g.gift_minor, g.counted_minor FROM ("
        "SELECT d.id, d.ref, d.charge_id, d.gift_minor, -SUM(l.minor) AS counted_minor FROM donation d "
        "JOIN ledger_line l ON l.donation_id = d.id AND l.counts AND l.currency = d.currency "
        "WHERE d.state = 'paid' GROUP BY d.id, d.ref, d.charge_id, d.gift_minor "
        "HAVING -SUM(l.minor) <> d.gift_minor AND SUM(l.minor) <> 0) g "
        "WHERE NOT EXISTS (SELECT 1 FROM refund r WHERE r.donation_id = g.id) "
        "AND NOT EXISTS (SELECT 1 FROM dispute p WHERE p.donation_id = g.id) "
        "AND NOT EXISTS (SELECT 1 FROM difference f WHERE f.code = 'DELAYED_PAYMENT_FAILED' "
        "AND f.object_id = g.charge_id)",
    )
    for ref, given, counted in rows:
        yield Finding("counted_wrongly", f"gift {ref} of {given} counts for {counted} minor units")


def paid_without_receipt(session: Session) -> Iterator[Finding]:
    """Every paid gift has a receipt."""
    rows = first_found(
        session,
        "SELECT d.ref FROM donation d WHERE d.state = 'paid' AND NOT EXISTS "
        "(SELECT 1 FROM receipt r WHERE r.donation_id = d.id)",
    )
    for (ref,) in rows:
        yield Finding("paid_without_receipt", f"gift {ref} is paid and has no receipt")


def receipts_with_gaps(session: Session) -> Iterator[Finding]:
    """Each charity's receipts are numbered from 1 without gaps."""
    rows = session.execute(
        text(
            "SELECT b.slug, COUNT(r.id), COALESCE(MAX(r.number), 0), b.last_receipt_number FROM body b "
            "LEFT JOIN receipt r ON r.body_id = b.id GROUP BY b.id, b.slug, b.last_receipt_number "
            "HAVING COUNT(r.id) <> COALESCE(MAX(r.number), 0) OR COUNT(r.id) <> b.last_receipt_number"
        )
    )
    for slug, count, highest, last in rows:
        yield Finding(
            "receipts_with_gaps", f"{slug} has {count} receipts up to number {highest}; the counter says {last}"
        )


# Two at a time, the longest comes first and the next one that sorts every line last: what SQLite sorts it keeps in
# pieces of memory, and two that ask for such pieces at once wait for each other half of the time (measured).
CHECKS_OF_BOOKS: Sequence[Check] = (
    *(check for check in CHECKS if check is not unbalanced_entries),
    paid_without_entry,
    counted_and_not_paid,
    counted_wrongly,
    paid_without_receipt,
    receipts_with_gaps,
    bank_differs_from_matches,
    *CHECKS_OF_TOTALS,
    unbalanced_entries,
)


def check_books_side_by_side(db: Database) -> list[Finding]:
    """Run every check, two at a time, each in a transaction of its own: for a person who waits."""

    def ask(check: Check) -> list[Finding]:
        with db.read() as session:
            return list(check(session))

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return [finding for findings in threads.map(ask, CHECKS_OF_BOOKS) for finding in findings]


def check_books(session: Session) -> list[Finding]:
    """Run every check and report all that was found; an empty list is good news."""
    return [finding for check in CHECKS_OF_BOOKS for finding in check(session)]
