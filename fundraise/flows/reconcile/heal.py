"""Making good what was missed: a movement we know nothing of is looked behind, as its notice would have made us.

What was found this way is named as a difference that is fixed already, so that the treasurer sees what went unheard.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from sqlmodel import Session

from fundraise import plain
from fundraise.differences.rules import close, find, named
from fundraise.differences.tables import DifferenceState
from fundraise.flows.quarantine import QUARANTINE, hold
from fundraise.flows.settle import settle, settle_payment
from fundraise.job_runs import LeaseLost
from fundraise.money import Money, show
from fundraise.parts import Parts
from fundraise.payments import AccountKey, GatewayRefused, GatewayUnavailable, NotThereYet
from fundraise.stripe_accounts.rules import counted_since
from fundraise.stripe_accounts.tables import StripeAccount

_AT_ONCE: Final = 1000
logger = logging.getLogger(__name__)
# By category: the kind of object behind the movement, and what its absence from our books is called (stripe.md e.4).
_BEHIND: Final = {
    "charge": ("charge", "MISSING_WEBHOOK"),
    "charge_failure": ("charge", "DELAYED_PAYMENT_FAILED"),
    "refund": ("refund", "REFUND_NOT_RECORDED"),
    "refund_failure": ("refund", "REFUND_NOT_RECORDED"),
    "dispute": ("dispute", "DISPUTE_NOT_RECORDED"),
    "dispute_reversal": ("dispute", "DISPUTE_NOT_RECORDED"),
}
# The movements of gifts that our books do not know: what each should have been booked as is told by its category. One
# in suspense is looked behind again while it is fetched again: what kept us from it may be gone by the next run.
_UNKNOWN: Final = (
    "SELECT t.id, t.stripe_id, t.category, t.source_id, t.amount_minor, t.currency FROM balance_transaction t "
    "WHERE t.stripe_account_id = :account AND t.created_at >= :counted_since AND t.id > :after "
    "AND t.donation_id IS NULL AND t.source_id <> '' "
    "AND t.category IN ('charge', 'charge_failure', 'refund', 'refund_failure', 'dispute', 'dispute_reversal') "
    "AND (t.created_at >= :since "
    "OR NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.key = 'suspense:' || t.stripe_id)) "
    "AND NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.key = 'held:' || t.stripe_id) "
    "ORDER BY t.id LIMIT :most"
)
# Gifts, refunds and disputes of ours whose end was not heard of. CROSS makes SQLite begin with the few refunds.
_UNDECIDED: Final = (
    "SELECT d.payment_id FROM donation d WHERE d.state = 'processing' "
    "AND d.stripe_account_id = :account AND d.payment_id IS NOT NULL "
    "UNION SELECT d.payment_id FROM refund r CROSS JOIN donation d "
    "WHERE d.id = r.donation_id AND r.state IN ('pending', 'requires_action') "
    "AND d.stripe_account_id = :account AND d.payment_id IS NOT NULL "
    "UNION SELECT d.payment_id FROM dispute p CROSS JOIN donation d "
    "WHERE d.id = p.donation_id AND p.state NOT IN ('won', 'lost', 'warning_closed', 'prevented') "
    "AND d.stripe_account_id = :account AND d.payment_id IS NOT NULL"
)
# The gift of a dispute that we do not know, or know in another state.
_DISPUTED_UNHEARD: Final = (
    "SELECT d.payment_id FROM donation d WHERE d.stripe_account_id = :account AND d.charge_id = :charge "
    "AND d.payment_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM dispute p "
    "WHERE p.stripe_account_id = :account AND p.stripe_id = :dispute AND p.state = :state)"
)


def heal(parts: Parts, account: StripeAccount, key: AccountKey, since: datetime) -> Counter[str]:
    """Look behind what is unknown and at what is undecided; return what was mended, by name.

    Raises `GatewayUnavailable`. What is not ours stays unknown, for `leftovers` to book.
    """
    mended: Counter[str] = Counter()
    account_id = account.id
    with parts.db.read() as session:
        undecided = [payment_id for (payment_id,) in plain.ask(session, _UNDECIDED, {"account": account_id})]
    for payment_id in undecided:
        _look_again(parts, account_id, key, payment_id)
    looked: set[str] = set()
    for stripe_id, category, source_id, amount_minor, currency in _unknown(parts, account, since):
        object_type, code = _BEHIND[category]
        if source_id not in looked:
            looked.add(source_id)
            _look_behind(parts, account_id, key, object_type, source_id)
        with parts.db.write("reconcile: mended") as session:
            if _is_ours_now(session, account_id, stripe_id):
                amount = Money(int(amount_minor), currency)
                if _note_mended(session, account_id, code, source_id, amount, parts):
                    mended[code] += 1
    mended.update(_hear_of_disputes(parts, account_id, key, since))
    return mended


def _unknown(parts: Parts, account: StripeAccount, since: datetime) -> Iterator[tuple[str, str, str, int, str]]:
    """Yield all that is unknown, some at a time: what is not looked behind now is booked in suspense right after."""
    after = 0
    while True:
        with parts.db.read() as session:
            moments = {"counted_since": plain.at(session, counted_since(account)), "since": plain.at(session, since)}
            values = {"account": account.id, "after": after, "most": _AT_ONCE, **moments}
            rows = plain.ask(session, _UNKNOWN, values)
        for row_id, stripe_id, category, source_id, amount_minor, currency in rows:
            after = row_id
            yield stripe_id, category, source_id, amount_minor, currency
        if len(rows) < _AT_ONCE:
            return


def _hear_of_disputes(parts: Parts, account_id: int, key: AccountKey, since: datetime) -> Counter[str]:
    """Look at the disputes opened since then: an inquiry moves no money, so no movement of the balance tells of it."""
    mended: Counter[str] = Counter()
    for dispute in parts.payments.disputes(key, since):
        of_dispute = {"account": account_id, "dispute": dispute.id, "charge": dispute.charge_id, "state": dispute.state}
        with parts.db.read() as session:
            unheard = plain.ask(session, _DISPUTED_UNHEARD, of_dispute)
        if not unheard:
            continue
        [(payment_id,), *_] = unheard
        _look_again(parts, account_id, key, payment_id)
        with parts.db.write("reconcile: mended") as session:
            if not plain.ask(session, _DISPUTED_UNHEARD, of_dispute):
                code = "DISPUTE_NOT_RECORDED"
                mended[code] += _note_mended(session, account_id, code, dispute.id, dispute.amount, parts)
    return mended


def _look_again(parts: Parts, account_id: int, key: AccountKey, payment_id: str) -> None:
    try:
        settle_payment(parts, account_id, key, payment_id)
    except (GatewayRefused, NotThereYet):
        return  # It stays undecided and is looked at again with the next run.


def _look_behind(parts: Parts, account_id: int, key: AccountKey, object_type: str, source_id: str) -> None:
    with _leaving_what_breaks(source_id):
        payment_id = parts.payments.payment_of(key, object_type, source_id)
        if payment_id is None:
            return
        payment = parts.payments.payment(key, payment_id)
        with parts.db.write("reconcile: look behind") as session:
            if settle(parts, session, account_id, payment).startswith(QUARANTINE):
                hold(session, account_id, payment, parts.clock.now())


@contextmanager
def _leaving_what_breaks(object_id: str) -> Iterator[None]:
    """Look behind one movement; where Stripe refuses, or we break, it stays unknown and stops nothing behind it.

    What stays unknown lies in suspense and is a difference, so this hides nothing.
    """
    try:
        yield
    except (GatewayUnavailable, LeaseLost):
        raise
    except (GatewayRefused, NotThereYet):
        return
    except Exception:
        logger.exception("looking behind %s", object_id)


def _is_ours_now(session: Session, account_id: int, stripe_id: str) -> bool:
    statement = (
        "SELECT 1 FROM balance_transaction "
        "WHERE stripe_account_id = :account AND stripe_id = :id AND donation_id IS NOT NULL"
    )
    return bool(plain.ask(session, statement, {"account": account_id, "id": stripe_id}))


def _note_mended(session: Session, account_id: int, code: str, source_id: str, amount: Money, parts: Parts) -> bool:
    """Write down what went unheard, as found and fixed in one."""
    now = parts.clock.now()
    detail = f"{show(amount)} at Stripe ({source_id}) was not in the books; it was fetched and booked."
    if not find(session, account_id, code, source_id, amount=amount, detail=detail, now=now):
        return False
    session.flush()
    close(
        session,
        named(session, account_id, code, source_id),
        DifferenceState.FIXED,
        by="reconciliation",
        reason="Fetched from Stripe and booked.",
        now=now,
    )
    return True
