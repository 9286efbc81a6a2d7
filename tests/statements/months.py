"""A month of an account: gifts at Stripe, the payouts they left in, their lines at the bank, and what else moved there.

Stripe's side is told to the product as the gateway tells it; the bank's as files, camt.053 or CSV.
"""

import random
import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from sqlmodel import Session

from fundraise.donations.tables import Donation, DonationState
from fundraise.flows.bank_accounts import add_bank_account
from fundraise.flows.import_statement import Imported, StatementRefused
from fundraise.flows.payout import book_payout
from fundraise.flows.reconcile.compare import compare
from fundraise.flows.reconcile.fetch import Fetched
from fundraise.flows.reconcile.found import Found
from fundraise.flows.reconcile.roll_forward import breaks, roll
from fundraise.flows.settle import settle
from fundraise.money import Money
from fundraise.payments import (
    BalanceNow,
    BalanceTransaction,
    Charge,
    ChargeState,
    Dispute,
    Method,
    Payment,
    Payout,
    Refund,
)
from fundraise.settlements.rules import keep_transactions
from fundraise.settlements.tables import PayoutRow
from fundraise.statements.tables import BankLine, BankMatch
from fundraise.stripe_accounts.tables import StripeAccount
from fundraise.times import business_days_after
from tests.statements.bank_files import Movement, camt053, iban_of, starling
from tests.statements.teller import Teller
from tests.world import World

FIRST = date(2026, 11, 2)
# November's files come on its last evening. When December's have come, what is missing must have a name.
NOVEMBER_ENDS, DECEMBERS_FILE = datetime(2026, 11, 30, 21, tzinfo=UTC), date(2026, 12, 15)
NAMES = ("J SMITH", "COUNTER CREDIT 000123", "HMRC CHARITIES", "OFFICE RENT", "STRIPEY SOCKS LTD")
DISPUTE_FEE = 2_000


@dataclass
class Month:
    """What is so: payouts at Stripe by name, their lines at the bank, and what else moved."""

    number: int
    payouts: dict[str, tuple[int, date]]
    lines: list[Movement]
    truth: dict[str, str]  # The line's reference, which the payout's match must have.
    opening: int
    closing: int | None = None
    states: dict[str, str] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    doubled: bool = False
    dear: str = ""  # The payout whose gift cost five times the fee.
    batch: str = ""  # The payout that a refund and a dispute left with.

    @property
    def at_bank(self) -> int:
        """What the bank says is on the account when November ends."""
        return self.closing if self.closing is not None else self.opening + sum(line.minor for line in self.lines)


def weekday(day: date, days: int) -> date:
    return business_days_after(datetime.combine(day, time(), UTC), days).date()


def month(number: int) -> Month:
    """Make a month in which everything agrees."""
    chance = random.Random(number)
    payouts: dict[str, tuple[int, date]] = {}
    lines, truth = [], {}
    amounts = chance.sample(range(1_000, 400_000), 12)
    for place in range(chance.randint(3, 5)):
        name, arrives = f"po_{number}_{place}", weekday(FIRST, chance.randint(0, 20))
        minor = amounts.pop() * (-1 if place and chance.random() < 0.1 else 1)
        reference = f"STRIPE-{number}-{place}"
        payouts[name], truth[name] = (minor, arrives), reference
        lines.append(Movement(weekday(arrives, chance.randint(-1, 5)), minor, reference=reference))
    for place in range(chance.randint(2, 8)):
        # Gifts by transfer, some of a payout's very amount and day, which only their words tell apart.
        like = chance.choice(lines) if chance.random() < 0.3 else Movement(FIRST, chance.choice([2_000, 2_500, -5_000]))
        lines.append(replace(like, name=chance.choice(NAMES), reference=f"GIFT {place}"))
    lines.sort(key=lambda each: each.day)
    return Month(number, payouts, lines, truth, opening=chance.randint(0, 10**6))


# --- telling it to the product ---------------------------------------------------------------------------------------


@dataclass
class Told:
    """A month as the product was told it: its accounts, what became of its file, and what Stripe holds."""

    made: Month
    teller: Teller
    account_id: int
    held_minor: int
    done: Imported | None  # None where the file was refused.

    def december(self) -> None:
        """Bring December's file, on which nothing is Stripe's."""
        interest = Movement(DECEMBERS_FILE, 12, "INTEREST", "INTEREST")
        self.teller.bring(_written(self.made, [interest], self.made.at_bank), "december", account=self.name)

    @property
    def name(self) -> str:
        return f"m{self.made.number}"

    def found(self) -> list[Found]:
        """Reconcile: everything that differs now, at Stripe, in the books, and at the bank."""
        world = self.teller.world
        with world.parts.db.read() as session:
            fetched = Fetched([BalanceNow("GBP", self.held_minor, 0)], sys.maxsize)
            account = session.get_one(StripeAccount, self.account_id)
            return [*compare(session, account, world.now()), *breaks(roll(session, account, fetched))]

    def named(self) -> Counter[str]:
        return Counter(each.code for each in self.found())


def tell(world: World, made: Month) -> Told:
    """Let Stripe show its side and the bank's file come in; every month has a body and accounts of its own."""
    name = f"m{made.number}"
    body = world.body(name)
    with world.parts.db.write("test") as session:
        account = StripeAccount(
            slug=name, body_id=body.id, mode="own-key", sealed_key="", sealed_webhook_secrets="", livemode=False,
            created_at=datetime.combine(FIRST - timedelta(days=60), time(), UTC),
        )  # fmt: skip
        session.add(account)
        session.flush()
        held_minor = _Stripe(world, session, account).show(made)
        account_id = account.id
    teller = Teller(world, add_bank_account(world.parts, name=name, body_slug=name, currency="GBP"))
    written = _written(made, made.lines, made.opening, made.closing)
    try:
        done: Imported | None = teller.bring(written, account=name)
        if made.doubled:
            again = teller.bring(written + b"\n", "again", account=name)
            assert (again.new, again.matched) == (0, {})
    except StatementRefused:
        done = None
    return Told(made, teller, account_id, held_minor, done)


@dataclass
class _Stripe:
    """Stripe's side of a month, booked as it comes: gifts, refunds, disputes, payouts."""

    world: World
    session: Session
    account: StripeAccount
    rows: list[BalanceTransaction] = field(default_factory=list)

    def show(self, made: Month) -> int:
        """Book everything, and return what Stripe holds in the end."""
        for name, (minor, day) in made.payouts.items():
            moment = datetime.combine(day, time(), UTC)
            if name == made.batch:
                items = self._a_refund_and_a_dispute(name, minor, moment)
            elif minor < 0:
                items = self._refunded(name, -minor, moment)
            else:
                items = [self._gift(name, minor, moment, times_the_fee=5 if name == made.dear else 1)]
            self._pay_out(name, minor, moment, made.states.get(name, "paid"), items)
        keep_transactions(self.session, self.account.id, self.rows, now=self.world.now())
        return sum(row.net_minor for row in self.rows)

    def _gift(self, name: str, net: int, moment: datetime, *, times_the_fee: int = 1) -> BalanceTransaction:
        payment = self._paid(name, net, moment, times_the_fee)
        self._settle(payment)
        assert payment.charge is not None
        assert payment.charge.transaction is not None
        return payment.charge.transaction

    def _refunded(self, name: str, minor: int, moment: datetime) -> list[BalanceTransaction]:
        """A gift that waits for the next payout, and gives part of itself back in this one."""
        payment = self._paid(name, minor + 700, moment, 1)
        refund = self._row(f"re_{name}", "refund", -minor, 0, moment)
        self._settle(replace(payment, refunds=(self._refund(name, refund, moment),)))
        return [refund]

    def _a_refund_and_a_dispute(self, name: str, minor: int, moment: datetime) -> list[BalanceTransaction]:
        """Of two gifts one gives a third of itself back and one is disputed, and all leaves in one payout."""
        disputed = self._paid(f"{name}_b", 5_000, moment, 1)
        taken = self._row(f"dp_{name}", "dispute", -disputed.amount.minor, DISPUTE_FEE, moment)
        back_minor = max(100, minor // 3)
        back = self._row(f"re_{name}", "refund", -back_minor, 0, moment)
        refunded = self._paid(f"{name}_a", minor - 5_000 - taken.net_minor + back_minor, moment, 1)
        dispute = Dispute(
            f"dp_{name}", f"ch_{name}_b", disputed.amount, "needs_response", moment, (taken,), reason="fraudulent"
        )
        self._settle(replace(refunded, refunds=(self._refund(f"{name}_a", back, moment),)))
        self._settle(replace(disputed, disputes=(dispute,)))
        gifts = [each.charge.transaction for each in (refunded, disputed) if each.charge is not None]
        return [*(each for each in gifts if each is not None), back, taken]

    def _refund(self, name: str, row: BalanceTransaction, moment: datetime) -> Refund:
        assert row.source_id is not None
        return Refund(row.source_id, f"ch_{name}", Money(-row.amount_minor, "GBP"), "succeeded", moment, row)

    def _paid(self, name: str, net: int, moment: datetime, times_the_fee: int) -> Payment:
        """A gift of which so much is left after the fee, and its donor's row here."""
        fee = (net * 15 // 1000 + 20) * times_the_fee
        amount = Money(net + fee, "GBP")
        row = self._row(f"ch_{name}", "charge", amount.minor, fee, moment)
        self.session.add(
            Donation(
                ref=f"gift_{name}", campaign_id=1, beneficiary_body_id=self.account.body_id,
                stripe_account_id=self.account.id, gift_minor=amount.minor, currency="GBP", state=DonationState.OPENED,
                form_key=name, form_token=name, group_ref=f"gift_{name}", created_at=moment,
            )
        )  # fmt: skip
        charge = Charge(
            f"ch_{name}", f"pi_{name}", amount, ChargeState.SUCCEEDED, Method.AT_ONCE, moment, row,
            reference=f"gift_{name}",
        )  # fmt: skip
        return Payment(f"pi_{name}", amount, "succeeded", livemode=False, reference=f"gift_{name}", charge=charge)

    def _settle(self, payment: Payment) -> None:
        assert settle(self.world.parts, self.session, self.account.id, payment) == "settled"

    def _pay_out(self, name: str, minor: int, moment: datetime, state: str, items: list[BalanceTransaction]) -> None:
        self._row(name, "payout", -minor, 0, moment)
        failure = self._row(name, "payout_reversal", minor, 0, moment) if state != "paid" else None
        shown = Payout(
            name, Money(minor, "GBP"), state, True, "completed", moment, moment, f"txn_payout_{name}", failure
        )  # fmt: skip
        book_payout(self.session, self.account.id, shown, items, self.world.now())

    def _row(self, source: str, category: str, amount: int, fee: int, moment: datetime) -> BalanceTransaction:
        kinds = (("stripe_fee", fee),) if fee else ()
        made = BalanceTransaction(
            f"txn_{category}_{source}", category, category, amount, fee, amount - fee, "GBP",
            moment - timedelta(days=4), moment, source, fee_details=kinds,
        )  # fmt: skip
        self.rows.append(made)
        return made


def _written(made: Month, lines: list[Movement], opening: int, closing: int | None = None) -> bytes:
    """Write a file as the month's bank does: every second one sends CSV, which knows but one currency."""
    if made.number % 2 == 0 or any(line.currency != "GBP" for line in lines):
        return camt053(lines, opening=opening, closing=closing, iban=iban_of(made.number))
    written = starling(lines, opening)
    return written if closing is None else _with_balances_of_the_bank(written, made)


def _with_balances_of_the_bank(written: bytes, made: Month) -> bytes:
    """Put the running balances as the bank has them, which knows nothing of a line that is wrong in the file."""
    rows = written.split(b"\r\n")
    true, balance = month(made.number), made.opening
    after: dict[str, int] = {}
    for line in true.lines:
        balance += line.minor
        after[line.reference] = balance
    for place, row in enumerate(rows[1:-1], start=1):
        cells = row.split(b",")
        known = after.get(cells[2].decode(), balance)
        cells[5] = f"{known / 100:.2f}".encode()
        rows[place] = b",".join(cells)
    return b"\r\n".join(rows)


def matched(world: World, made: Month) -> dict[str, str]:
    """Return the reference of the line with which each payout of the month is matched."""
    with world.parts.db.read() as session:
        rows = session.execute(
            PayoutRow.__table__.select()  # type: ignore[attr-defined]
            .join(BankMatch, BankMatch.payout_id == PayoutRow.id)
            .join(BankLine, BankLine.id == BankMatch.line_id)
            .where(BankMatch.stands.is_(True))  # type: ignore[union-attr]
            .with_only_columns(PayoutRow.stripe_id, BankLine.text)
        ).all()
    return {name: text for name, text in rows if name in made.payouts}
