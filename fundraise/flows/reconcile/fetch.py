"""Fetching what Stripe's balance and payouts say, into our copies.

The list of balance transactions and the balance itself are two calls, and money may move between them. So the balance
is asked before and after, and when it moved, what is new on the list is fetched as well.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import col, select

from fundraise import plain
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
NEW_ROWS: Final = "new balance transactions"
_AT_ONCE: Final = 500
# What moved the balance meanwhile is new; Stripe's clock and ours may differ by as much.
_JUST_NOW: Final = timedelta(minutes=15)
_MOST_ROUNDS: Final = 8


@dataclass(frozen=True, slots=True)
class Fetched:
    """What Stripe says it holds, the last of our rows that is surely part of it, and how much was fetched."""

    balance: Sequence[BalanceNow] = ()
    last_row_id: int = 0
    counts: Counter[str] = field(default_factory=Counter)


def fetch(parts: Parts, account_id: int, key: AccountKey, since: datetime) -> Fetched:
    """Renew our copies since then.

    Raises `GatewayUnavailable` and `GatewayRefused`; what was fetched until then is kept.
    """
    done: Counter[str] = Counter()
    # Payouts come first: what they are made of, even what is older than all we list, is then part of what is added up.
    done["payouts"] = _keep_payouts(parts, account_id, key, since)
    before = parts.payments.balance(key)
    recently = parts.clock.now() - _JUST_NOW
    last_row_id, paid_out = 0, set[str]()
    for _ in range(_MOST_ROUNDS):
        listed, payout_ids = _keep_transactions(parts, account_id, key, since)
        done["balance transactions"] = max(listed["balance transactions"], done["balance transactions"])
        done[NEW_ROWS] += listed[NEW_ROWS]
        paid_out |= payout_ids
        last_row_id = _last_row(parts)
        after = parts.payments.balance(key)
        if after == before:
            break
        before, since = after, max(since, recently)
    for payout_id in _unknown_of(parts, account_id, paid_out):  # Sent on its way while we looked.
        _keep_payout(parts, account_id, key, parts.payments.payout(key, payout_id))
        done["payouts"] += 1
    return Fetched(before, last_row_id, done)


def _last_row(parts: Parts) -> int:
    """Return the id of our newest row, of any account: it and all before it were at Stripe before now.

    Who settles a gift while we compare keeps a row of which the balance asked here knows nothing.
    """
    with parts.db.read() as session:
        return plain.ask(session, "SELECT MAX(id) FROM balance_transaction")[0][0] or 0


def _keep_transactions(
    parts: Parts, account_id: int, key: AccountKey, since: datetime
) -> tuple[Counter[str], set[str]]:
    """Return how many were listed and how many are new, and the payouts whose own rows were among them."""
    listed: Counter[str] = Counter()
    payout_ids: set[str] = set()
    for chunk in _chunks(parts.payments.transactions(key, since)):
        with parts.db.write("reconcile: keep transactions") as session:
            fence(session, parts.clock.now())
            listed[NEW_ROWS] += keep_transactions(session, account_id, chunk, now=parts.clock.now())
        listed["balance transactions"] += len(chunk)
        payout_ids |= {each.source_id for each in chunk if each.category == "payout" and each.source_id}
    return listed, payout_ids


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
    statement = "SELECT stripe_id FROM payout WHERE stripe_account_id = :account AND state IN ('pending', 'in_transit')"
    with parts.db.read() as session:
        return [stripe_id for (stripe_id,) in plain.ask(session, statement, {"account": account_id})]


def _unknown_of(parts: Parts, account_id: int, payout_ids: set[str]) -> list[str]:
    """Return those of some payouts that we do not keep yet."""
    if not payout_ids:
        return []
    with parts.db.read() as session:
        statement = select(PayoutRow.stripe_id).where(
            col(PayoutRow.stripe_account_id) == account_id, col(PayoutRow.stripe_id).in_(payout_ids)
        )
        return sorted(payout_ids - set(session.exec(statement).all()))


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
