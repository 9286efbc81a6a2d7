"""Keeping copies of balance transactions and payouts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, func, select

from fundraise import plain
from fundraise.payments import BalanceTransaction, Payout
from fundraise.settlements.tables import BalanceTransactionRow, PayoutRow

# Payouts only go forward at Stripe; an earlier look that is acted on later says nothing new.
PAYOUT_GOES: Final = {"pending": 1, "in_transit": 2, "paid": 3, "canceled": 4, "failed": 4}

_NAMES: Final = (
    *("stripe_account_id", "stripe_id", "type", "category", "source_id", "amount_minor", "fee_minor", "net_minor"),
    *("fee_parts_minor", "currency", "exchange_rate", "description", "status", "created_at", "available_at"),
    *("payout_id", "donation_id", "seen_at"),
)
_KNOWN: Final = (
    "SELECT donation_id FROM balance_transaction "
    "WHERE stripe_account_id = :stripe_account_id AND stripe_id = :stripe_id"
)
_PLACES: Final = ", ".join(f":{name}" for name in _NAMES)
# Others who look at the same movement wait here.
_KEEP: Final = (
    f"INSERT INTO balance_transaction ({', '.join(_NAMES)}) VALUES ({_PLACES}) "  # noqa: S608  Our own names.
    "ON CONFLICT (stripe_account_id, stripe_id) DO NOTHING RETURNING id"
)
_RENEW: Final = (
    "UPDATE balance_transaction SET status = CASE WHEN status = 'available' THEN status ELSE :status END, "
    "seen_at = :seen_at, donation_id = COALESCE(:donation_id, donation_id), "
    "payout_id = COALESCE(:payout_id, payout_id) "
    "WHERE stripe_account_id = :stripe_account_id AND stripe_id = :stripe_id"
)


def keep_transaction(
    session: Session,
    account_id: int,
    transaction: BalanceTransaction,
    *,
    now: datetime,
    donation_id: int | None = None,
    payout_id: int | None = None,
) -> bool:
    """Keep a balance transaction, once; of a known one only what may change is renewed: status and links.

    Return whether it had been known without a gift, and has one now.
    """
    values = _values(account_id, transaction, now) | {"donation_id": donation_id, "payout_id": payout_id}
    values |= {name: plain.at(session, values[name]) for name in ("created_at", "available_at", "seen_at")}
    if plain.ask(session, _KEEP, values):
        return False
    known = plain.ask(session, _KNOWN, values)
    plain.run(session, _RENEW, values)
    return known[0][0] is None and donation_id is not None


def keep_transactions(
    session: Session, account_id: int, transactions: Sequence[BalanceTransaction], *, now: datetime
) -> int:
    """Keep many balance transactions at once; return how many were new. Links that are known stay."""
    known = set(
        session.exec(
            select(BalanceTransactionRow.stripe_id).where(
                col(BalanceTransactionRow.stripe_account_id) == account_id,
                col(BalanceTransactionRow.stripe_id).in_([transaction.id for transaction in transactions]),
            )
        )
    )
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(BalanceTransactionRow)
    # In one order, so that two who keep some of the same rows wait for each other and do not block each other.
    transactions = sorted(transactions, key=lambda transaction: transaction.id)
    statement = statement.on_conflict_do_update(
        index_elements=["stripe_account_id", "stripe_id"],
        set_={"status": statement.excluded.status, "seen_at": statement.excluded.seen_at},
    )
    session.execute(statement, [_values(account_id, transaction, now) for transaction in transactions])
    return sum(transaction.id not in known for transaction in transactions)


def _inserted(session: Session, table: type[PayoutRow], values: dict[str, Any]) -> bool:
    """Insert a row unless it is there; tell whether it was new. Others who look at the same thing wait here."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = (
        dialect.insert(table).values(**values).on_conflict_do_nothing(index_elements=["stripe_account_id", "stripe_id"])
    )
    return session.execute(statement.returning(col(table.id))).first() is not None


def _values(account_id: int, transaction: BalanceTransaction, now: datetime) -> dict[str, Any]:
    return {
        "stripe_account_id": account_id,
        "stripe_id": transaction.id,
        "type": transaction.type,
        "category": transaction.category,
        "source_id": transaction.source_id or "",
        "amount_minor": transaction.amount_minor,
        "fee_minor": transaction.fee_minor,
        "net_minor": transaction.net_minor,
        "fee_parts_minor": sum(minor for _, minor in transaction.fee_details),
        "currency": transaction.currency,
        "exchange_rate": str(transaction.exchange_rate) if transaction.exchange_rate is not None else "",
        "description": transaction.description,
        "status": transaction.status,
        "created_at": transaction.created_at,
        "available_at": transaction.available_at,
        "seen_at": now,
    }


def adds_up(session: Session, payout: PayoutRow) -> bool:
    """Tell whether the movements that are linked to a payout come to it."""
    statement = select(func.sum(BalanceTransactionRow.net_minor)).where(
        col(BalanceTransactionRow.payout_id) == payout.id
    )
    return int(session.exec(statement).one() or 0) == payout.minor


def keep_payout(session: Session, account_id: int, payout: Payout, *, now: datetime) -> PayoutRow:
    """Keep a payout as it is now."""
    new = PayoutRow(
        stripe_account_id=account_id,
        stripe_id=payout.id,
        minor=payout.amount.minor,
        currency=payout.amount.currency,
        automatic=payout.automatic,
        state=payout.state,
        itemised=payout.itemised,
        created_at=payout.created_at,
        arrives_on=payout.arrives_on,
        seen_at=now,
    )
    _inserted(session, PayoutRow, new.model_dump(exclude={"id"}))
    row = session.exec(
        select(PayoutRow)
        .where(col(PayoutRow.stripe_account_id) == account_id, col(PayoutRow.stripe_id) == payout.id)
        .with_for_update()
    ).one()
    if PAYOUT_GOES.get(payout.state, 0) >= PAYOUT_GOES.get(row.state, 0):
        row.state = payout.state
        row.itemised = payout.itemised if row.itemised != "completed" else row.itemised
        row.arrives_on = payout.arrives_on
        row.failure = payout.failure_message
        row.was_paid = row.was_paid or payout.state == "paid"
    row.transaction_id = payout.transaction_id or row.transaction_id
    row.trace_id = payout.trace_id or row.trace_id
    row.descriptor = payout.descriptor[:60]
    row.seen_at = now
    session.add(row)
    session.flush()
    return row
