"""The only door into the books."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from fundraise import plain
from fundraise.db import note
from fundraise.ledger.accounts import Account
from fundraise.ledger.tables import Entry, Line

# Any constant will do: whoever posts takes this lock, so entries are booked one after the other.
_LEDGER_LOCK = 0x46554E44  # "FUND"
_ENTRY = (
    "INSERT INTO ledger_entry (key, kind, occurred_at, booked_at, why, reverses_id) "
    "VALUES (:key, :kind, :occurred_at, :booked_at, :why, :reverses_id) RETURNING id"
)
_LINE = (
    "INSERT INTO ledger_line (entry_id, body_id, account, minor, currency, campaign_id, event_id, donation_id, "
    "due_body_id, held_at, counts, gifts) VALUES (:entry_id, :body_id, :account, :minor, :currency, :campaign_id, "
    ":event_id, :donation_id, :due_body_id, :held_at, :counts, :gifts)"
)
_COUNTED = (
    "SELECT currency, SUM(minor), SUM(gifts) FROM ledger_line "
    "WHERE donation_id = :donation_id AND counts = :counts GROUP BY currency"
)


class Unbalanced(Exception):  # noqa: N818
    """The legs do not sum to zero for each body and currency."""


class KeyReused(Exception):  # noqa: N818
    """An entry with this key is in the books with other legs: two different things under one name."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One side of an entry to be posted; see `Line` for the fields. `minor` is debit positive.

    How many gifts a counting leg adds or takes is worked out when it is posted.
    """

    account: Account
    minor: int
    currency: str
    body_id: int
    campaign_id: int | None = None
    event_id: int | None = None
    donation_id: int | None = None
    due_body_id: int | None = None
    held_at: str = ""
    counts: bool = False


def at_stripe(account_id: int) -> str:
    """Return how lines name the Stripe account that holds them."""
    return f"stripe:{account_id}"


def at_bank(account_id: int) -> str:
    """Return how lines name the bank account that holds them."""
    return f"bank:{account_id}"


def post(session: Session, key: str, legs: Sequence[Leg], *, why: str, occurred_at: datetime, now: datetime) -> bool:
    """Book an entry under `key` (`payment:ch_…`); return False when it is in the books already.

    Legs of zero are left out; an entry without legs is not booked. Raises `Unbalanced`, and `KeyReused` when the key
    stands for other legs. `booked_at` never goes back, even when the clock does, so that a total at a past moment
    stays what it was.
    """
    legs = [leg for leg in legs if leg.minor]
    _require_balance(key, legs)
    if not legs:
        return False
    _one_after_the_other(session)
    found = _entry_id(session, key)
    if found is not None:
        _require_same(session, found, key, legs)
        return False
    entry_id = _insert_entry(session, key, why=why, occurred_at=occurred_at, now=now)
    _insert_lines(session, entry_id, legs)
    return True


def reverse(session: Session, key: str, of_key: str, *, why: str, occurred_at: datetime, now: datetime) -> bool:
    """Book the opposite of the entry `of_key` under `key`; return False when done already, or nothing to reverse."""
    _one_after_the_other(session)
    original = session.exec(select(Entry).where(col(Entry.key) == of_key)).first()
    if original is None or is_booked(session, key):
        return False
    entry_id = _insert_entry(session, key, why=why, occurred_at=occurred_at, now=now, reverses_id=original.id)
    lines = session.exec(select(Line).where(col(Line.entry_id) == original.id).order_by(col(Line.id))).all()
    _insert_lines(session, entry_id, [_opposite(line) for line in lines])
    return True


def is_booked(session: Session, key: str) -> bool:
    """Tell whether an entry with this key is in the books."""
    return _entry_id(session, key) is not None


def _entry_id(session: Session, key: str) -> int | None:
    found = plain.ask(session, "SELECT id FROM ledger_entry WHERE key = :key", {"key": key})
    return int(found[0][0]) if found else None


def _require_balance(key: str, legs: Sequence[Leg]) -> None:
    sums: dict[tuple[int, str], int] = defaultdict(int)
    for leg in legs:
        if type(leg.minor) is not int:
            raise Unbalanced(f"{key}: {leg.minor!r} is no whole number of minor units")
        sums[leg.body_id, leg.currency] += leg.minor
    off = {where: minor for where, minor in sums.items() if minor}
    if off:
        raise Unbalanced(f"{key}: {off}")


def _one_after_the_other(session: Session) -> None:
    """Hold the ledger until commit. On SQLite the write transaction itself holds it."""
    if session.get_bind().dialect.name == "postgresql":
        plain.ask(session, "SELECT pg_advisory_xact_lock(:key)", {"key": _LEDGER_LOCK})


def _insert_entry(
    session: Session, key: str, *, why: str, occurred_at: datetime, now: datetime, reverses_id: int | None = None
) -> int:
    last = plain.ask(session, "SELECT booked_at FROM ledger_entry ORDER BY id DESC LIMIT 1")
    values = {
        "key": key,
        "kind": key.partition(":")[0],
        "occurred_at": plain.at(session, occurred_at),
        "booked_at": plain.at(session, max(now, plain.moment(last[0][0])) if last else now),
        "why": why,
        "reverses_id": reverses_id,
    }
    return int(plain.ask(session, _ENTRY, values)[0][0])


def _insert_lines(session: Session, entry_id: int, legs: Sequence[Leg]) -> None:
    gifts = _changes_in_gifts(session, legs)
    rows = [
        {
            "entry_id": entry_id,
            "body_id": leg.body_id,
            "account": leg.account.value,
            "minor": leg.minor,
            "currency": leg.currency,
            "campaign_id": leg.campaign_id,
            "event_id": leg.event_id,
            "donation_id": leg.donation_id,
            "due_body_id": leg.due_body_id,
            "held_at": leg.held_at,
            "counts": leg.counts,
            "gifts": gifts.get(place, 0),
        }
        for place, leg in enumerate(legs)
    ]
    plain.run_many(session, _LINE, rows)
    if any(leg.counts for leg in legs):
        note(session, "public")
        note(session, "gifts")


def _changes_in_gifts(session: Session, legs: Sequence[Leg]) -> dict[int, int]:
    """Return, by place of the leg, by how many gifts the entry changes their number.

    A donation is one gift in each currency in which anything of it is left, whatever was refunded in which order.
    """
    changes: dict[int, int] = {}
    counting = [(place, leg) for place, leg in enumerate(legs) if leg.counts and leg.donation_id is not None]
    for donation_id in dict.fromkeys(leg.donation_id for _, leg in counting):
        counted = plain.ask(session, _COUNTED, {"donation_id": donation_id, "counts": True})
        before = {currency: (int(minor), int(gifts)) for currency, minor, gifts in counted}
        ours = [(place, leg) for place, leg in counting if leg.donation_id == donation_id]
        for currency in dict.fromkeys(leg.currency for _, leg in ours):
            minor, gifts = before.get(currency, (0, 0))
            minor += sum(leg.minor for _, leg in ours if leg.currency == currency)
            first = next(place for place, leg in ours if leg.currency == currency)
            changes[first] = (1 if minor < 0 else 0) - gifts
    return changes


def _require_same(session: Session, entry_id: int, key: str, legs: Sequence[Leg]) -> None:
    booked = session.exec(select(Line).where(col(Line.entry_id) == entry_id)).all()
    if sorted(map(_shape, booked)) != sorted(map(_shape, legs)):
        raise KeyReused(f"{key} is booked with other amounts or accounts")


def _shape(line: Line | Leg) -> tuple[int, str, str, int]:
    return (line.body_id, str(line.account), line.currency, line.minor)


def _opposite(line: Line) -> Leg:
    return Leg(
        Account(line.account),
        -line.minor,
        line.currency,
        line.body_id,
        campaign_id=line.campaign_id,
        event_id=line.event_id,
        donation_id=line.donation_id,
        due_body_id=line.due_body_id,
        held_at=line.held_at,
        counts=line.counts,
    )
