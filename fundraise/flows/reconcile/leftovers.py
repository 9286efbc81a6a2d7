"""Booking the movements that belong to no gift of ours, so that account 1110 always is what Stripe holds.

They are booked in suspense, where they stay until a person says what they are. Stripe's own fees are no mystery: they
are card fees. Each is keyed by its balance transaction, so a repeat books nothing.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from sqlalchemy import exists, literal
from sqlmodel import Session, col, select

from fundraise.flows.quarantine import suspense_legs
from fundraise.job_runs import fence
from fundraise.ledger.accounts import Account
from fundraise.ledger.post import post
from fundraise.ledger.tables import Entry
from fundraise.parts import Parts
from fundraise.settlements.tables import BalanceTransactionRow
from fundraise.stripe_accounts.tables import StripeAccount

_AT_ONCE: Final = 500
_OWN_FEES: Final = frozenset({"fee", "tax", "network_cost"})
_BY_THEIR_OWN_FLOW: Final = ("payout", "payout_reversal")


def book_leftovers(parts: Parts, account_id: int) -> Counter[str]:
    """Book what is left; return how many by category."""
    booked: Counter[str] = Counter()
    while True:
        with parts.db.write("reconcile: leftovers") as session:
            fence(session, parts.clock.now())
            rows = _left_over(session, account_id)
            account = session.get_one(StripeAccount, account_id)
            for row in rows:
                _book(session, account, row, parts)
                booked[row.category] += 1
        if len(rows) < _AT_ONCE:
            return booked


def _left_over(session: Session, account_id: int) -> Sequence[BalanceTransactionRow]:
    booked = exists().where(
        col(Entry.key).in_([literal(kind) + col(BalanceTransactionRow.stripe_id) for kind in ("suspense:", "held:")])
    )
    return session.exec(
        select(BalanceTransactionRow)
        .where(
            col(BalanceTransactionRow.stripe_account_id) == account_id,
            col(BalanceTransactionRow.donation_id).is_(None),
            col(BalanceTransactionRow.category).not_in(_BY_THEIR_OWN_FLOW),
            col(BalanceTransactionRow.amount_minor) != 0,
            ~booked,
        )
        .order_by(col(BalanceTransactionRow.id))
        .limit(_AT_ONCE)
    ).all()


def _book(session: Session, account: StripeAccount, row: BalanceTransactionRow, parts: Parts) -> None:
    counterpart = _counterpart(row.category, row.amount_minor)
    legs = suspense_legs(account, row.currency, row.net_minor, row.fee_minor, counterpart)
    why = f"{row.category} {row.source_id or row.stripe_id}: belongs to no gift of ours"
    post(session, f"suspense:{row.stripe_id}", legs, why=why, occurred_at=row.created_at, now=parts.clock.now())


def _counterpart(category: str, gross_minor: int) -> Account:
    if category in _OWN_FEES:
        return Account.CARD_FEES
    return Account.SUSPENSE_RECEIPTS if gross_minor > 0 else Account.SUSPENSE_PAYMENTS
