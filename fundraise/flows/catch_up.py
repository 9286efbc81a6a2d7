"""Hearing afterwards what was missed: by Stripe's list of events, and beyond its 30 days by the balance itself."""

from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta

from sqlmodel import col, select

from fundraise.flows.follow_up import follow_up
from fundraise.flows.hear import HEARD, keep
from fundraise.flows.money_doors import are_closed
from fundraise.flows.payout import settle_payout
from fundraise.flows.settle import settle_payment
from fundraise.inbox import Arrival
from fundraise.parts import Parts
from fundraise.payments import AccountKey, BalanceTransaction, Notice, NotThereYet
from fundraise.settlements.tables import BalanceTransactionRow
from fundraise.stripe_accounts.questions import all_accounts, key_of
from fundraise.stripe_accounts.tables import StripeAccount

# Stripe keeps events for 30 days; a day less leaves room for clocks and for the run itself.
EVENTS_REACH_BACK = timedelta(days=29)
# Events are listed by creation and may appear a little late.
_OVERLAP = timedelta(hours=6)
_OBJECT_OF = {
    "charge": "charge",
    "charge_failure": "charge",
    "refund": "refund",
    "refund_failure": "refund",
    "dispute": "dispute",
    "dispute_reversal": "dispute",
    "payout": "payout",
    "payout_reversal": "payout",
}


def catch_up(parts: Parts) -> Counter[str]:
    """Hear for every account what its webhooks did not bring, and act on it; return what was done, counted.

    Raises `GatewayUnavailable` and `GatewayRefused`; what was heard until then is kept.
    """
    done: Counter[str] = Counter()
    with parts.db.read() as session:
        if are_closed(session):
            return done
        accounts = all_accounts(session)
    for account in accounts:
        done.update(catch_up_account(parts, account))
    done.update(follow_up(parts))
    return done


def catch_up_account(parts: Parts, account: StripeAccount) -> Counter[str]:
    """Hear what one account's webhooks did not bring."""
    now = parts.clock.now()
    since = (account.heard_until or account.created_at) - _OVERLAP
    key = key_of(account, parts.sealer)
    done: Counter[str] = Counter()
    if since < now - EVENTS_REACH_BACK:
        done["found in the balance"] += _by_balance(parts, account.id, key, since)
        since = now - EVENTS_REACH_BACK
    notices = [notice for notice in parts.payments.notices(key, since) if _is_heard(account, notice)]
    for start in range(0, len(notices), 200):
        done["found in the list"] += keep(
            parts, [_arrival(account.slug, notice) for notice in notices[start : start + 200]]
        )
    with parts.db.write("catch up: heard until") as session:
        row = session.get_one(StripeAccount, account.id)
        row.heard_until = now
        session.add(row)
    return done


def _by_balance(parts: Parts, account_id: int, key: AccountKey, since: datetime) -> int:
    """Look at everything behind those balance transactions that we hold no copy of.

    All are named before the first is looked at: a payout brings copies of all that is in it, and looks behind nothing.
    """
    unknown = {
        (transaction.category, transaction.source_id)
        for transaction in parts.payments.transactions(key, since)
        if not _is_known(parts, account_id, transaction)
    }
    behind = {(_OBJECT_OF[category], source_id) for category, source_id in unknown if category in _OBJECT_OF}
    return sum(_look_behind(parts, account_id, key, kind, source_id) for kind, source_id in sorted(behind, key=str))


def _is_known(parts: Parts, account_id: int, transaction: BalanceTransaction) -> bool:
    with parts.db.read() as session:
        statement = select(BalanceTransactionRow.id).where(
            col(BalanceTransactionRow.stripe_account_id) == account_id,
            col(BalanceTransactionRow.stripe_id) == transaction.id,
        )
        return session.exec(statement).first() is not None


def _look_behind(parts: Parts, account_id: int, key: AccountKey, object_type: str, object_id: str | None) -> int:
    if object_id is None:
        return 0
    if object_type == "payout":
        settle_payout(parts, account_id, key, object_id)
        return 1
    payment_id = parts.payments.payment_of(key, object_type, object_id)
    if payment_id is None:
        return 0
    with suppress(NotThereYet):  # What waits for the balance is looked behind by the nightly reconciliation.
        settle_payment(parts, account_id, key, payment_id)
    return 1


def _is_heard(account: StripeAccount, notice: Notice) -> bool:
    return notice.object_type in HEARD and notice.livemode == account.livemode and bool(notice.object_id)


def _arrival(slug: str, notice: Notice) -> Arrival:
    return Arrival(
        account=slug,
        event_id=notice.id,
        type=notice.type[:80],
        object_type=notice.object_type,
        object_id=notice.object_id,
        payment_id=notice.payment_id,
        happened_at=notice.created_at,
        came_by="catch-up",
    )
