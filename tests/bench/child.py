"""Tasks that are measured in a process of their own, so that their memory is theirs: prints one line of JSON."""

import csv
import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import text

from fundraise.assembly import build_parts
from fundraise.clock import FrozenClock
from fundraise.figures import gift_list
from fundraise.flows.reconcile import Outcome, reconcile_all
from fundraise.gateways.stripe.client import StripeGateway
from fundraise.parts import Parts
from fundraise.payments import AccountKey, BalanceNow, BalanceTransaction, Dispute, Payout
from fundraise.reconciliation.tables import ReconciliationRun
from fundraise.settings import load_settings
from fundraise.sheets import csv_chunks
from tests.bench.measuring import peak_mb, seconds_of
from tests.bench.yardsticks import joins

# The evening on which the books end.
EVENING = datetime.fromtimestamp(1_700_000_000 + 2 * 365 * 86400, UTC)
_FROM, _TO = date(2000, 1, 1), date(2100, 1, 1)


class Stored(StripeGateway):
    """A Stripe that has nothing new: what it holds is what is stored already."""

    def __init__(self, held: dict[str, int]) -> None:
        super().__init__()
        self._held = held

    def balance(self, _account: AccountKey) -> list[BalanceNow]:
        return [BalanceNow(currency, minor, 0) for currency, minor in sorted(self._held.items())]

    def transactions(self, _account: AccountKey, _since: datetime) -> Iterator[BalanceTransaction]:
        return iter(())

    def disputes(self, _account: AccountKey, _since: datetime) -> list[Dispute]:
        return []

    def payouts(self, _account: AccountKey, _since: datetime) -> list[Payout]:
        return []


def export(out: str) -> float:
    """Write every gift to a CSV file, as `fundraise export reconciliation` does."""
    parts = build_parts(load_settings())

    def work() -> None:
        with parts.db.read() as session, Path(out).open("wb") as file:
            rows = gift_list.gift_rows(session, _FROM, _TO, gift_list.ControlTotals())
            file.writelines(csv_chunks(gift_list.HEADING, rows))

    return seconds_of(work)


def bare_export(out: str) -> float:
    """Write the rows of the same query with a bare csv.writer."""
    connection, dialect = _connection()
    mark = (lambda name: f":{name}") if dialect == "sqlite" else (lambda name: f"%({name})s")
    statement = gift_list._STATEMENT.format(
        paid_at=gift_list._MOMENT[dialect].format("d.paid_at"),
        arrives_on=gift_list._DAY[dialect].format("p.arrives_on"),
        booked_on=gift_list._BANK_DAY[dialect].format("l.booked_on"),
    )
    statement = statement.replace(":begins", mark("begins")).replace(":ends", mark("ends"))
    values = {"begins": gift_list._bound(_FROM, dialect), "ends": gift_list._bound(_TO, dialect)}

    def work() -> None:
        cursor = connection.cursor() if dialect == "sqlite" else connection.cursor("rows")
        if dialect == "postgresql":
            cursor.itersize = 5000
        cursor.execute(statement, values)
        with Path(out).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(cursor)

    return seconds_of(work)


def reconcile(movements: str, rounds: str) -> float:
    """Run whole reconciliations over stored rows, with the payouts of one day to be matched; return the least."""
    return _least_of(movements, rounds, _reconcile_once)


def bare_joins(movements: str, rounds: str) -> float:
    """Run the same joins as bare SQL, with the payouts of one day to be matched; return the least."""
    return _least_of(movements, rounds, _bare_once)


def _least_of(movements: str, rounds: str, once: Callable[[Parts], float]) -> float:
    with_nothing = build_parts(load_settings(), clock=FrozenClock(EVENING))
    with with_nothing.db.read() as session:
        rows = session.execute(
            text("SELECT currency, SUM(net_minor) FROM balance_transaction WHERE stripe_account_id = 1 GROUP BY 1")
        )
        held = {currency: int(minor) for currency, minor in rows}
    with_nothing.db.close()
    parts = build_parts(load_settings(), clock=FrozenClock(EVENING), payments=Stored(held))
    taken = []
    for _ in range(int(rounds)):
        last = _new_payouts(parts, max(1, int(movements) // 50 // 730))
        taken.append(once(parts))
        _forget_unmatched(parts, last)
    return min(taken)


def _reconcile_once(parts: Parts) -> float:
    found: list[Outcome] = []
    taken = seconds_of(lambda: found.extend(reconcile_all(parts, by="bench")))
    with parts.db.read() as session:
        counts = json.loads(session.get_one(ReconciliationRun, found[0].run_id).counts)
    if [outcome.error for outcome in found] != [""] or not counts["bank lines matched"]:
        raise AssertionError(f"{found} {counts}")
    return taken


def _bare_once(parts: Parts) -> float:
    connection, dialect = _connection()
    taken = seconds_of(lambda: joins.run(connection, dialect))
    connection.close()
    return taken


def _new_payouts(parts: Parts, many: int) -> int:
    """Add payouts that arrived today, and their bank lines; return the last id before them."""
    arrives_on = datetime(EVENING.year, EVENING.month, EVENING.day, tzinfo=UTC)
    moment = arrives_on.replace(tzinfo=None).isoformat(" ") + ".000000" if parts.db.dialect == "sqlite" else arrives_on
    with parts.db.write("bench") as session:
        last = int(session.execute(text("SELECT MAX(id) FROM payout")).scalar_one())
        for number in range(last + 1, last + 1 + many):
            session.execute(
                text(
                    "INSERT INTO payout (stripe_account_id, stripe_id, minor, currency, state, automatic, itemised, "
                    "was_paid, items_known, transaction_id, trace_id, descriptor, failure, created_at, arrives_on, "
                    "seen_at) VALUES (1, :name, :minor, 'GBP', 'paid', :yes, 'in_progress', :yes, :no, '', '', '', '', "
                    ":at, :at, :at)"
                ),
                {"name": f"po_new_{number}", "minor": 10_000_000 + number, "yes": True, "no": False, "at": moment},
            )
            session.execute(
                text(
                    "INSERT INTO bank_line (bank_account_id, file_id, position, booked_on, minor, currency, text, "
                    "counterparty, reference, bank_id, occurrence, identity) VALUES (1, 1, :number, :day, :minor, "
                    "'GBP', 'STRIPE PAYMENTS UK LTD', '', '', '', 1, :name)"
                ),
                {
                    "number": number,
                    "day": arrives_on.date().isoformat(),
                    "minor": 10_000_000 + number,
                    "name": f"line-new-{number}",
                },
            )
    return last


def _forget_unmatched(parts: Parts, last: int) -> None:
    """Take away what the bare joins left unmatched, so that it is not the next run's work."""
    with parts.db.write("bench") as session:
        unmatched = (
            "SELECT p.stripe_id FROM payout p WHERE p.id > :last "
            "AND NOT EXISTS (SELECT 1 FROM bank_match m WHERE m.payout_id = p.id)"
        )
        names = list(session.execute(text(unmatched), {"last": last}).scalars())
        for name in names:
            session.execute(text("DELETE FROM payout WHERE stripe_id = :name"), {"name": name})
            line = name.replace("po_new_", "line-new-")
            session.execute(text("DELETE FROM bank_line WHERE identity = :line"), {"line": line})


def _connection() -> tuple[Any, str]:
    url = load_settings().database_url
    if url.startswith("sqlite"):
        return sqlite.connect(url.removeprefix("sqlite:///"), isolation_level=None), "sqlite"
    return psycopg.connect(url), "postgresql"


TASKS: dict[str, Callable[..., float]] = {
    "export": export,
    "bare_export": bare_export,
    "reconcile": reconcile,
    "bare_joins": bare_joins,
}

if __name__ == "__main__":
    seconds = TASKS[sys.argv[1]](*sys.argv[2:])
    print(json.dumps({"seconds": seconds, "peak_mb": peak_mb(), "at": time.time()}))  # noqa: T201
