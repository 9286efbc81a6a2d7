"""Whether the balance rolls forward: opening plus all movements is closing, and closing is what Stripe says.

The opening is what Stripe held before we were connected. It is worked out once, in the first run, shown and booked; a
currency that the first run did not see began at nothing. From then on every run must add up, and our account 1110 must
say the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from fundraise import plain
from fundraise.flows.quarantine import suspense_legs
from fundraise.flows.reconcile.fetch import Fetched
from fundraise.flows.reconcile.found import Found
from fundraise.ledger.accounts import Account
from fundraise.ledger.balances import balances
from fundraise.ledger.post import at_stripe, is_booked, post
from fundraise.money import Money, show
from fundraise.reconciliation.tables import RunState
from fundraise.stripe_accounts.rules import counted_since
from fundraise.stripe_accounts.tables import StripeAccount


@dataclass(frozen=True, slots=True)
class Rolled:
    """One currency of one account; amounts in minor units."""

    currency: str
    opening_minor: int
    movements_minor: int
    stripe_minor: int
    ledger_minor: int  # With the opening, which is booked when the run is written down.

    @property
    def closing_minor(self) -> int:
        """What the balance should be."""
        return self.opening_minor + self.movements_minor


def roll(session: Session, account: StripeAccount, fetched: Fetched) -> list[Rolled]:
    """Roll every currency of an account forward to what Stripe said it holds.

    Rows kept since Stripe was asked are in the books with what they are of, and count on neither side.
    """
    moved, later = _movements(session, account, fetched.last_row_id)
    held = {now.currency: now.available_minor + now.pending_minor for now in fetched.balance}
    ledger = _ledger(session, account.id)
    openings = _openings(session, account.id)
    is_first = not _was_run(session, account.id)
    rolled = []
    for currency in sorted({*moved, *held, *ledger, *openings}):
        movements, stripe = moved.get(currency, 0), held.get(currency, 0)
        opening = openings.get(currency, stripe - movements if is_first else 0)
        booked = ledger.get(currency, 0) - later.get(currency, 0)
        if not is_booked(session, _key(account.id, currency)):
            booked += opening
        rolled.append(Rolled(currency, opening, movements, stripe, booked))
    return rolled


def book_openings(
    session: Session, account: StripeAccount, rolled: Sequence[Rolled], occurred_at: datetime, now: datetime
) -> None:
    """Book what Stripe held before we were connected, once: until a person says what it was, it lies in suspense."""
    for each in rolled:
        key = _key(account.id, each.currency)
        if each.opening_minor and not is_booked(session, key):
            counterpart = Account.SUSPENSE_RECEIPTS if each.opening_minor > 0 else Account.SUSPENSE_PAYMENTS
            legs = suspense_legs(account, each.currency, each.opening_minor, 0, counterpart)
            post(session, key, legs, why="held by Stripe before we were connected", occurred_at=occurred_at, now=now)


def _key(account_id: int, currency: str) -> str:
    return f"opening:{account_id}:{currency}"


def breaks(rolled: Sequence[Rolled]) -> list[Found]:
    """Name what does not add up."""
    found = []
    for each in rolled:
        off = Money(each.stripe_minor - each.closing_minor, each.currency)
        if off:
            detail = (
                f"Stripe holds {show(Money(each.stripe_minor, each.currency))}, its movements come to "
                f"{show(Money(each.closing_minor, each.currency))}: {show(off)} is missing or too much"
            )
            found.append(Found("ROLLFORWARD_BREAK", each.currency, off, detail))
        unbooked = Money(each.closing_minor - each.ledger_minor, each.currency)
        if unbooked:
            detail = f"account 1110 differs by {show(unbooked)} from the movements at Stripe in {each.currency}"
            found.append(Found("LEDGER_DIFFERS", each.currency, unbooked, detail))
        if each.opening_minor:
            opening = Money(each.opening_minor, each.currency)
            detail = f"Stripe held {show(opening)} that came before we were connected; say where it is in your books"
            found.append(Found("OPENING_BALANCE", each.currency, opening, detail))
        if each.stripe_minor < 0:
            owed = Money(each.stripe_minor, each.currency)
            found.append(Found("BALANCE_NEGATIVE", each.currency, owed, f"the Stripe balance is {show(owed)}"))
    return found


def _movements(session: Session, account: StripeAccount, last_row_id: int) -> tuple[dict[str, int], dict[str, int]]:
    """Return what the rows up to the last come to, and what those behind it do, by currency."""
    # Asked by currency alone, which an index has in order; by both, every row would have to be sorted.
    statement = (
        "SELECT currency, SUM(net_minor), SUM(CASE WHEN id > :last THEN net_minor ELSE 0 END) "
        "FROM balance_transaction WHERE stripe_account_id = :account AND created_at >= :counted_since GROUP BY currency"
    )
    since = plain.at(session, counted_since(account))
    rows = plain.ask(session, statement, {"account": account.id, "counted_since": since, "last": last_row_id})
    later = {currency: int(behind) for currency, _, behind in rows}
    return {currency: int(minor) - later[currency] for currency, minor, _ in rows}, later


def _ledger(session: Session, account_id: int) -> dict[str, int]:
    found = balances(session, ["currency"], account=Account.STRIPE_BALANCE, held_at=at_stripe(account_id))
    return {balance.key[0]: balance.minor for balance in found}


def _was_run(session: Session, account_id: int) -> bool:
    earlier = "SELECT 1 FROM reconciliation_run WHERE stripe_account_id = :account AND state <> :failed LIMIT 1"
    return bool(plain.ask(session, earlier, {"account": account_id, "failed": RunState.FAILED.value}))


def _openings(session: Session, account_id: int) -> dict[str, int]:
    """Return the opening that the first run of each currency worked out."""
    statement = (
        "SELECT f.currency, f.opening_minor FROM roll_forward f JOIN reconciliation_run r ON r.id = f.run_id "
        "WHERE r.stripe_account_id = :account ORDER BY f.id DESC"
    )
    rows = plain.ask(session, statement, {"account": account_id})
    return {currency: int(opening) for currency, opening in rows}
