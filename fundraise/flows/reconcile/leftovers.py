"""Booking the movements that belong to no gift of ours, so that account 1110 always is what Stripe holds.

They are booked in suspense, where they stay until a person says what they are. Stripe's own fees are no mystery: they
are card fees. Each is keyed by its balance transaction, so a repeat books nothing. Money of a payout that came back is
between Stripe and the bank, as the payout was; it is booked once, also where Stripe calls the payout failed later.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import exists, literal
from sqlmodel import Session, col, func, select

from fundraise.flows.quarantine import suspense_legs
from fundraise.job_runs import fence
from fundraise.ledger.accounts import Account
from fundraise.ledger.post import at_stripe, post
from fundraise.ledger.tables import Entry
from fundraise.parts import Parts
from fundraise.settlements.tables import BalanceTransactionRow
from fundraise.stripe_accounts.rules import counted_since
from fundraise.stripe_accounts.tables import StripeAccount

_AT_ONCE: Final = 500
_OWN_FEES: Final = frozenset({"fee", "tax", "network_cost"})
_BY_THEIR_OWN_FLOW: Final = ("payout", "payout_reversal")
_FAILED: Final = "payout-failed:"  # The key under which `flows/payout.py` books a payout that failed.


def book_leftovers(parts: Parts, account: StripeAccount) -> Counter[str]:
    """Book what is left; return how many by category."""
    booked: Counter[str] = Counter()
    while True:
        with parts.db.write("reconcile: leftovers") as session:
            fence(session, parts.clock.now())
            rows = [*_left_over(session, account), *_came_back(session, account)]
            for row in rows:
                _book(session, account, row, parts)
                booked[row.category] += 1
        if len(rows) < _AT_ONCE:
            return booked


def _left_over(session: Session, account: StripeAccount) -> Sequence[BalanceTransactionRow]:
    booked = exists().where(
        col(Entry.key).in_([literal(kind) + col(BalanceTransactionRow.stripe_id) for kind in ("suspense:", "held:")])
    )
    return session.exec(
        select(BalanceTransactionRow)
        .where(
            col(BalanceTransactionRow.stripe_account_id) == account.id,
            col(BalanceTransactionRow.created_at) >= counted_since(account),
            col(BalanceTransactionRow.donation_id).is_(None),
            col(BalanceTransactionRow.category).not_in(_BY_THEIR_OWN_FLOW),
            col(BalanceTransactionRow.amount_minor) != 0,
            ~booked,
        )
        .order_by(col(BalanceTransactionRow.id))
        .limit(_AT_ONCE)
    ).all()


def _came_back(session: Session, account: StripeAccount) -> Sequence[BalanceTransactionRow]:
    """Return what came back of payouts that are not called failed, at most one row of each."""
    booked = exists().where(col(Entry.key) == literal(_FAILED) + col(BalanceTransactionRow.source_id))
    first = (
        select(func.min(BalanceTransactionRow.id))
        .where(
            col(BalanceTransactionRow.stripe_account_id) == account.id,
            col(BalanceTransactionRow.created_at) >= counted_since(account),
            # Named as the index for what is uncommon has it, else PostgreSQL reads every row.
            col(BalanceTransactionRow.category).not_in(("charge", "payout")),
            col(BalanceTransactionRow.category) == "payout_reversal",
            col(BalanceTransactionRow.source_id) != "",
            ~booked,
        )
        .group_by(col(BalanceTransactionRow.source_id))
    )
    return session.exec(select(BalanceTransactionRow).where(col(BalanceTransactionRow.id).in_(first))).all()


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
