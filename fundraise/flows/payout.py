"""What becomes of a payout: from Stripe's balance to the bank, and back when it fails."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from fundraise import inbox
from fundraise.ledger.accounts import Account
from fundraise.ledger.post import Leg, at_stripe, is_booked, post
from fundraise.parts import Parts
from fundraise.payments import AccountKey, BalanceTransaction, Payout
from fundraise.settlements.rules import adds_up, keep_payout, keep_transaction
from fundraise.stripe_accounts.rules import counted_since
from fundraise.stripe_accounts.tables import StripeAccount

_UNDONE = frozenset({"failed", "canceled"})


def settle_payout(
    parts: Parts, account_id: int, key: AccountKey, payout_id: str, notice_ids: Sequence[int] = ()
) -> str:
    """Ask Stripe about a payout and bring our books to what it says.

    Raises `GatewayUnavailable` and `GatewayRefused`; then nothing was changed.
    """
    payout = parts.payments.payout(key, payout_id)
    items: list[BalanceTransaction] | None = None
    if payout.itemised == "completed":
        items = parts.payments.payout_transactions(key, payout_id)
    with parts.db.write("payout") as session:
        now = parts.clock.now()
        book_payout(session, account_id, payout, items, now)
        inbox.mark_handled(session, notice_ids, f"payout {payout.state}", now)
    return f"payout {payout.state}"


def book_payout(
    session: Session, account_id: int, payout: Payout, items: Sequence[BalanceTransaction] | None, now: datetime
) -> None:
    """Book a payout through the in-transit account, and link what it is made of; a repeat changes nothing.

    Its own row of the balance is kept with it, so that whoever compares sees both or neither.
    What does not come to the payout is linked again: of a list Stripe may show a row later.
    """
    account = session.get_one(StripeAccount, account_id)
    row = keep_payout(session, account_id, payout, now=now)
    key = f"payout:{payout.id}"
    if not is_booked(session, key):
        # What left before we opened the account is not in the balance we opened with.
        is_older = payout.created_at < counted_since(account)
        legs = _legs(account, payout.amount.minor, payout.amount.currency, is_older=is_older)
        post(session, key, legs, why=f"payout {payout.id}", occurred_at=payout.created_at, now=now)
    if payout.state in _UNDONE and not is_booked(session, f"payout-failed:{payout.id}"):
        failure = payout.failure_transaction
        legs = _legs(account, -payout.amount.minor, payout.amount.currency)
        when = failure.created_at if failure is not None else now
        why = f"payout {payout.id} {payout.state}: {payout.failure_message}"
        post(session, f"payout-failed:{payout.id}", legs, why=why, occurred_at=when, now=now)
    for own in (payout.transaction, payout.failure_transaction):
        if own is not None:
            keep_transaction(session, account_id, own, now=now)
    if items is not None and not (row.items_known and adds_up(session, row)):
        for item in items:
            keep_transaction(session, account_id, item, payout_id=row.id, now=now)
        row.items_known = True
        session.add(row)


def _legs(account: StripeAccount, minor: int, currency: str, *, is_older: bool = False) -> list[Leg]:
    where = at_stripe(account.id)
    out_of = Leg(Account.STRIPE_BALANCE, -minor, currency, account.body_id, held_at=where)
    if is_older:
        out_of = Leg(Account.SUSPENSE_RECEIPTS, -minor, currency, account.body_id)
    return [Leg(Account.PAYOUTS_IN_TRANSIT, minor, currency, account.body_id, held_at=where), out_of]
