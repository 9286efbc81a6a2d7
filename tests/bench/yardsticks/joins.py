"""Reconciliation as bare SQL: movements with gifts and entries, gifts with movements, payouts with both, the sums."""

from typing import Any

_MISSED = {
    # Every movement of a gift, with its gift and its entry in the books.
    "charge": (
        "SELECT t.stripe_id, t.net_minor FROM balance_transaction t LEFT JOIN donation d ON d.id = t.donation_id "
        "LEFT JOIN ledger_entry e ON e.key = 'settled:' || t.stripe_id "
        "WHERE t.stripe_account_id = 1 AND t.category = 'charge' AND (d.id IS NULL OR e.id IS NULL "
        "OR t.amount_minor <> d.gift_minor + d.fee_cover_minor OR t.net_minor <> t.amount_minor - t.fee_minor)"
    ),
    # Every paid gift, with its movement.
    "gift": (
        "SELECT d.ref, d.gift_minor FROM donation d "
        "LEFT JOIN balance_transaction t ON t.donation_id = d.id AND t.category = 'charge' "
        "WHERE d.stripe_account_id = 1 AND d.state = 'paid' AND t.id IS NULL"
    ),
    "other": (
        "SELECT t.stripe_id, t.net_minor FROM balance_transaction t WHERE t.stripe_account_id = 1 "
        "AND t.category NOT IN ('charge', 'payout')"
    ),
    # Every payout, with what it is made of.
    "sum": (
        "SELECT p.stripe_id, p.minor - COALESCE(SUM(t.net_minor), 0) FROM payout p "
        "LEFT JOIN balance_transaction t ON t.payout_id = p.id WHERE p.stripe_account_id = 1 AND p.items_known "
        "GROUP BY p.id, p.stripe_id, p.minor HAVING p.minor <> COALESCE(SUM(t.net_minor), 0)"
    ),
}
_DAYS = {
    "sqlite": "date(p.arrives_on, '-1 day') AND date(p.arrives_on, '+7 days')",
    "postgresql": "(p.arrives_on AT TIME ZONE 'UTC')::date - 1 AND (p.arrives_on AT TIME ZONE 'UTC')::date + 7",
}
# Every payout without a match, with the line that may be it.
_ARRIVED = (
    "SELECT p.id, l.id FROM payout p LEFT JOIN bank_match m ON m.payout_id = p.id "
    "JOIN bank_line l ON l.bank_account_id = 1 AND l.currency = p.currency AND l.minor = p.minor "
    "AND l.booked_on BETWEEN {days} LEFT JOIN bank_match n ON n.line_id = l.id WHERE m.id IS NULL AND n.id IS NULL"
)
_SUMS = (
    "SELECT currency, SUM(net_minor) FROM balance_transaction WHERE stripe_account_id = 1 GROUP BY currency",
    "SELECT currency, SUM(minor) FROM ledger_line WHERE account = '1110' AND held_at = 'stripe:1' GROUP BY currency",
)


def run(connection: Any, dialect: str) -> None:
    """Join, and store what does not agree and what was matched."""
    cursor = connection.cursor()
    cursor.execute("CREATE TEMP TABLE missed (what TEXT, object TEXT, minor BIGINT)")
    cursor.execute("CREATE TEMP TABLE arrived (payout BIGINT, line BIGINT)")
    cursor.execute("CREATE TEMP TABLE sums (what BIGINT, currency TEXT, minor BIGINT)")
    cursor.execute("COMMIT" if dialect == "postgresql" else "SELECT 1")
    cursor.execute("BEGIN")
    for what, statement in _MISSED.items():
        cursor.execute(f"INSERT INTO missed SELECT '{what}', * FROM ({statement}) AS found")
    cursor.execute(f"INSERT INTO arrived {_ARRIVED.format(days=_DAYS[dialect])}")
    for what, statement in enumerate(_SUMS):
        cursor.execute(f"INSERT INTO sums SELECT {what}, * FROM ({statement}) AS found")
    cursor.execute("COMMIT")
    if not cursor.execute("SELECT COUNT(*) FROM arrived").fetchone()[0]:
        raise AssertionError("no payout was matched")
