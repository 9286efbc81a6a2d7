"""Booking the movements that belong to no gift of ours, so that account 1110 always is what Stripe holds.

They are booked in suspense, where they stay until a person says what they are. Stripe's own fees are no mystery: they
are card fees. Each is keyed by its balance transaction, so a repeat books nothing. Money of a payout that came back is
between Stripe and the bank, as the payout was; it is booked once, also where Stripe calls the payout failed later.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlmodel import Session, col, select

from fundraise import plain
from fundraise.flows.quarantine import suspense_legs
from fundraise.job_runs import fence
from fundraise.ledger.accounts import Account
from fundraise.ledger.post import at_stripe, post
from fundraise.parts import Parts
from fundraise.settlements.tables import BalanceTransactionRow
from fundraise.stripe_accounts.rules import counted_since
from fundraise.stripe_accounts.tables import StripeAccount

_AT_ONCE: Final = 500
_OWN_FEES: Final = frozenset({"fee", "tax", "network_cost"})
_FAILED: Final = "payout-failed:"  # The key under which `flows/payout.py` books a payout that failed.
# What belongs to no gift, found by the index of those few: SQLite keeps the order of a cross join. Payouts and what
# came back of them are booked by what they are.
_LEFT_OVER: Final = (
    "SELECT t.id FROM balance_transaction n CROSS JOIN balance_transaction t WHERE n.donation_id IS NULL "
    "AND t.id = n.id AND t.stripe_account_id = :account AND t.created_at >= :counted_since "
    "AND t.category NOT IN ('payout', 'payout_reversal') AND t.amount_minor <> 0 AND NOT EXISTS (SELECT 1 "
    "FROM ledger_entry e WHERE e.key IN ('suspense:' || t.stripe_id, 'held:' || t.stripe_id)) "
    "ORDER BY t.id LIMIT :most"
)
# What came back of payouts that are not called failed, at most one row of each. What is uncommon is named as its index
# has it, else PostgreSQL reads every row.
_CAME_BACK: Final = (
    "SELECT MIN(t.id) FROM balance_transaction t WHERE t.stripe_account_id = :account "
    "AND t.created_at >= :counted_since AND t.category NOT IN ('charge', 'payout') "
    "AND t.category = 'payout_reversal' AND t.source_id <> '' "
    "AND NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.key = :failed || t.source_id) "
    # By what no index has in order, else SQLite reads every row of that one.
    "GROUP BY t.source_id || ''"
)


def book_leftovers(parts: Parts, account: StripeAccount) -> Counter[str]:
    """Book what is left; return how many by category."""
    booked: Counter[str] = Counter()
    while True:
        with parts.db.write("reconcile: leftovers") as session:
            fence(session, parts.clock.now())
            rows = [*_found(session, account, _LEFT_OVER), *_found(session, account, _CAME_BACK)]
            for row in rows:
                _book(session, account, row, parts)
                booked[row.category] += 1
        if len(rows) < _AT_ONCE:
            return booked


def _found(session: Session, account: StripeAccount, statement: str) -> Sequence[BalanceTransactionRow]:
    """Return the rows that a statement names; nearly always none."""
    since = plain.at(session, counted_since(account))
    values = {"account": account.id, "counted_since": since, "most": _AT_ONCE, "failed": _FAILED}
    ids = [row_id for (row_id,) in plain.ask(session, statement, values)]
    if not ids:
        return []
    rows = select(BalanceTransactionRow).where(col(BalanceTransactionRow.id).in_(ids))
    return session.exec(rows.order_by(col(BalanceTransactionRow.id))).all()


def _book(session: Session, account: StripeAccount, row: BalanceTransactionRow, parts: Parts) -> None:
    key, counterpart = f"suspense:{row.stripe_id}", _counterpart(row.category, row.amount_minor)
    why = f"{row.category} {row.source_id or row.stripe_id}: belongs to no gift of ours"
    if row.category == "payout_reversal":
        key, counterpart = _FAILED + row.source_id, Account.PAYOUTS_IN_TRANSIT
        why = f"payout {row.source_id}: the money came back"
    *legs, other = suspense_legs(account, row.currency, row.net_minor, row.fee_minor, counterpart)
    if counterpart is Account.PAYOUTS_IN_TRANSIT:
        other = replace(other, held_at=at_stripe(account.id))
    post(session, key, [*legs, other], why=why, occurred_at=row.created_at, now=parts.clock.now())


def _counterpart(category: str, gross_minor: int) -> Account:
    if category in _OWN_FEES:
        return Account.CARD_FEES
    return Account.SUSPENSE_RECEIPTS if gross_minor > 0 else Account.SUSPENSE_PAYMENTS
