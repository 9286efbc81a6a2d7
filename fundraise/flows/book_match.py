"""A match and its entry in the books, always together: money arrives on 1010 from where it was, in transit on 1120."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, time

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from fundraise.ledger.accounts import Account
from fundraise.ledger.post import Leg, at_bank, at_stripe, post
from fundraise.settlements.tables import PayoutRow
from fundraise.statements.tables import BankAccount, BankLine, BankMatch
from fundraise.stripe_accounts.tables import StripeAccount

BY_RULE = "rule"


class AlreadyBooked(Exception):  # noqa: N818
    """The books have an entry of this match, though there was no match: something other than us wrote here."""


def keep_matches(session: Session, rows: Sequence[dict[str, object]]) -> list[tuple[int, int]]:
    """Insert matches; return the (id, line id) of those that stand now. The unique keys let one of two rivals in.

    The rows must come in the order of their lines, so that two processes never wait for each other.
    """
    if not rows:
        return []
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(BankMatch).on_conflict_do_nothing().returning(col(BankMatch.id), col(BankMatch.line_id))
    return [(int(match_id), int(line_id)) for match_id, line_id in session.execute(statement, rows).all()]


def row_of(line_id: int, reasons: Sequence[str], *, by: str, now: datetime, **counterpart: int) -> dict[str, object]:
    """Return a match as a row; `counterpart` is one of `payout_id`, `returned_payout_id`, `transfer_id`."""
    nothing: dict[str, object] = {"payout_id": None, "returned_payout_id": None, "transfer_id": None}
    return {
        **nothing,
        **counterpart,
        "line_id": line_id,
        "stands": True,
        "made_at": now,
        "made_by": by[:60],
        "reasons": json.dumps(list(reasons), ensure_ascii=False),
        "undone_by": "",
        "undone_why": "",
    }


def book(session: Session, match_id: int, line: BankLine, others: Sequence[Leg], *, why: str, now: datetime) -> None:
    """Book a match: the line's money on the bank account, against the other legs."""
    account = session.get_one(BankAccount, line.bank_account_id)
    bank = Leg(Account.BANK, line.minor, line.currency, account.body_id, held_at=at_bank(account.id))
    when = datetime.combine(line.booked_on, time(), UTC)
    key = entry_key(session, match_id, line.id)
    if not post(session, key, [bank, *others], why=why, occurred_at=when, now=now):
        raise AlreadyBooked(key)


def payout_leg(session: Session, payout: PayoutRow, line: BankLine) -> Leg:
    """Return the other side of a payout's line: what was in transit has arrived, or what was sent back has left."""
    account = session.get_one(StripeAccount, payout.stripe_account_id)
    where = at_stripe(account.id)
    return Leg(Account.PAYOUTS_IN_TRANSIT, -line.minor, line.currency, account.body_id, held_at=where)


def entry_key(session: Session, match_id: int, line_id: int) -> str:
    """Return the key of a match's entry: `bank:<line>` for a line's first match, with its own id for a later one."""
    first = session.exec(
        select(BankMatch.id).where(col(BankMatch.line_id) == line_id).order_by(col(BankMatch.id)).limit(1)
    ).first()
    return f"bank:{line_id}" if first == match_id else f"bank:{line_id}:{match_id}"
