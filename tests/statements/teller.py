"""A teller's hands in tests: payouts as Stripe shows them, files as the bank gives them, and what became of both."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from sqlmodel import col, select

from fundraise.flows.import_statement import Imported, Upload, import_statement
from fundraise.flows.payout import book_payout
from fundraise.flows.read_statement import read_in_child
from fundraise.ledger.tables import Entry
from fundraise.money import Money
from fundraise.payments import Payout
from fundraise.settlements.tables import PayoutRow
from fundraise.statements.tables import BankLine, BankMatch, StatementFile
from fundraise.stripe_accounts.questions import account_by_slug
from tests.statements.bank_files import reader
from tests.world import World


@dataclass
class Teller:
    world: World
    account_id: int
    payouts: dict[str, int] = field(default_factory=dict)

    # --- what happens ------------------------------------------------------------------------------------------

    def payout(
        self,
        name: str,
        minor: int,
        arrives_on: date,
        *,
        state: str = "paid",
        currency: str = "GBP",
        slug: str = "shelter",
    ) -> int:
        """Let Stripe show a payout, and book it; return its row's id."""
        moment = datetime.combine(arrives_on, time(), UTC)
        payout = Payout(
            id=name,
            amount=Money(minor, currency),
            state=state,
            automatic=True,
            itemised="in_progress",
            created_at=moment,
            arrives_on=moment,
            transaction_id=f"txn_{name}",
            failure_message="account closed" if state == "failed" else "",
        )
        with self.world.parts.db.write("test") as session:
            account = account_by_slug(session, slug)
            book_payout(session, account.id, payout, None, self.world.now())
            row = session.exec(select(PayoutRow).where(col(PayoutRow.stripe_id) == name)).one()
        self.payouts[name] = row.id
        return row.id

    def bring(
        self, raw: bytes, name: str = "statement", *, account: str = "current", in_child: bool = False
    ) -> Imported:
        """Import a file; by default without a process for each, which the stories show."""
        upload = Upload(account, name, raw, "test")
        return import_statement(self.world.parts, upload, reader=read_in_child if in_child else reader)

    # --- what is so --------------------------------------------------------------------------------------------

    def lines(self) -> list[BankLine]:
        with self.world.parts.db.read() as session:
            return list(session.exec(select(BankLine).order_by(col(BankLine.id))))

    def line(self, minor: int) -> BankLine:
        (found,) = (line for line in self.lines() if line.minor == minor)
        return found

    def files(self) -> list[StatementFile]:
        with self.world.parts.db.read() as session:
            return list(session.exec(select(StatementFile).order_by(col(StatementFile.id))))

    def matches(self, *, standing: bool = True) -> list[BankMatch]:
        with self.world.parts.db.read() as session:
            statement = select(BankMatch).order_by(col(BankMatch.id))
            return [match for match in session.exec(statement) if bool(match.stands) == standing]

    def pairs(self) -> dict[str, date]:
        """Return the day on which the bank showed each payout that is matched."""
        names = {row_id: name for name, row_id in self.payouts.items()}
        days = {line.id: line.booked_on for line in self.lines()}
        return {names[match.payout_id]: days[match.line_id] for match in self.matches() if match.payout_id is not None}

    def reasons(self, match: BankMatch) -> str:
        return " ".join(json.loads(match.reasons))

    def entries(self, kind: str) -> list[str]:
        with self.world.parts.db.read() as session:
            return list(session.exec(select(Entry.key).where(col(Entry.kind) == kind).order_by(col(Entry.id))))

    @property
    def in_transit(self) -> int:
        return self.world.balances().get(("1120", "GBP"), 0)

    @property
    def at_bank(self) -> int:
        return self.world.balances().get(("1010", "GBP"), 0)
