"""Fetching what Stripe's balance and payouts say, into our copies.

The list of balance transactions and the balance itself are two calls, and money may move between them. So the balance
is asked before and after, and when it moved the list is fetched once more.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import col, select

from fundraise.flows.payout import book_payout
from fundraise.job_runs import fence
from fundraise.parts import Parts
from fundraise.payments import AccountKey, BalanceNow, BalanceTransaction, Payout
from fundraise.settlements.rules import adds_up, keep_transactions
from fundraise.settlements.tables import PayoutRow

# A payout may still fail five business days after it was paid; it is looked at for twice as long.
PAYOUTS_REACH_BACK: Final = timedelta(days=35)
# Rows are listed by creation and may appear late; three days are fetched again with every run (docs.stripe.com).
OVERLAP: Final = timedelta(days=3)
_AT_ONCE: Final = 500
_MOST_ROUNDS: Final = 4


def fetch(parts: Parts, account_id: int, key: AccountKey, since: datetime) -> tuple[list[BalanceNow], Counter[str]]:
    """Renew our copies since then; return the balance they belong to, and what was fetched.

    Raises `GatewayUnavailable` and `GatewayRefused`; what was fetched until then is kept.
    """
    done: Counter[str] = Counter()
    before = parts.payments.balance(key)
    for _ in range(_MOST_ROUNDS):
        done["balance transactions"] = _keep_transactions(parts, account_id, key, since, done)
        after = parts.payments.balance(key)
        if after == before:
            break
        before = after
    done["payouts"] = _keep_payouts(parts, account_id, key, since)
    return before, done


def _keep_transactions(parts: Parts, account_id: int, key: AccountKey, since: datetime, done: Counter[str]) -> int:
    fetched = 0
    for chunk in _chunks(parts.payments.transactions(key, since)):
        with parts.db.write("reconcile: keep transactions") as session:
            fence(session, parts.clock.now())
            done["new balance transactions"] += keep_transactions(session, account_id, chunk, now=parts.clock.now())
        fetched += len(chunk)
    return fetched


def _chunks(transactions: Iterator[BalanceTransaction]) -> Iterator[list[BalanceTransaction]]:
    chunk: list[BalanceTransaction] = []
    for transaction in transactions:
        chunk.append(transaction)
        if len(chunk) == _AT_ONCE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _keep_payouts(parts: Parts, account_id: int, key: AccountKey, since: datetime) -> int:
    reach = min(since, parts.clock.now() - PAYOUTS_REACH_BACK)
    payouts = {payout.id: payout for payout in parts.payments.payouts(key, reach)}
    for payout_id in _undecided(parts, account_id):
        if payout_id not in payouts:
            payouts[payout_id] = parts.payments.payout(key, payout_id)
    for payout in payouts.values():
        _keep_payout(parts, account_id, key, payout)
    return len(payouts)


def _undecided(parts: Parts, account_id: int) -> list[str]:
    """Return older payouts that had not arrived when we last looked."""
    with parts.db.read() as session:
        statement = select(PayoutRow.stripe_id).where(
            col(PayoutRow.stripe_account_id) == account_id, col(PayoutRow.state).in_(["pending", "in_transit"])
        )
        return list(session.exec(statement))


def _keep_payout(parts: Parts, account_id: int, key: AccountKey, payout: Payout) -> None:
    with parts.db.read() as session:
        statement = select(PayoutRow).where(
            col(PayoutRow.stripe_account_id) == account_id, col(PayoutRow.stripe_id) == payout.id
        )
        known = session.exec(statement).first()
        is_whole = known is not None and known.items_known and adds_up(session, known)
    items = None
    if payout.itemised == "completed" and not is_whole:
        items = list(parts.payments.payout_transactions(key, payout.id))
    with parts.db.write("reconcile: keep payout") as session:
        fence(session, parts.clock.now())
        book_payout(session, account_id, payout, items, parts.clock.now())
