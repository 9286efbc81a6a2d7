"""A hundred months with one thing wrong each, and a hundred with nothing wrong.

Whatever is wrong on the bank's side or at Stripe, no line is ever matched with a payout it is not; what is not touched
by the fault is matched; and the fault shows: the file is refused, a sum does not add up, or what it touched is left for
a person. Months with nothing wrong raise nothing.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from fundraise.flows.bank_accounts import add_bank_account
from fundraise.flows.import_statement import Imported, StatementRefused
from fundraise.flows.payout import book_payout
from fundraise.money import Money
from fundraise.payments import Payout
from fundraise.settlements.tables import PayoutRow
from fundraise.statements.reasons import doubts
from fundraise.statements.tables import BankLine, BankMatch
from fundraise.stripe_accounts.tables import StripeAccount
from fundraise.times import business_days_after
from tests.statements.bank_files import Movement, camt053, iban_of, starling
from tests.statements.teller import Teller
from tests.world import World

FIRST = date(2026, 11, 2)
NAMES = ("J SMITH", "COUNTER CREDIT 000123", "HMRC CHARITIES", "OFFICE RENT", "STRIPEY SOCKS LTD")


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


def weekday(day: date, days: int) -> date:
    return business_days_after(datetime.combine(day, time(), UTC), days).date()


def month(number: int) -> Month:
    """Make a month in which everything agrees."""
    chance = random.Random(number)
    payouts: dict[str, tuple[int, date]] = {}
    lines, truth = [], {}
    amounts = chance.sample(range(1_000, 400_000), 12)
    for place in range(chance.randint(4, 8)):
        name, arrives = f"po_{number}_{place}", weekday(FIRST, chance.randint(0, 20))
        minor = amounts.pop() * (-1 if chance.random() < 0.1 else 1)
        reference = f"STRIPE-{number}-{place}"
        payouts[name], truth[name] = (minor, arrives), reference
        lines.append(Movement(weekday(arrives, chance.randint(-1, 5)), minor, reference=reference))
    for place in range(chance.randint(2, 8)):
        # Gifts by transfer, some of a payout's very amount and day, which only their words tell apart.
        like = chance.choice(lines) if chance.random() < 0.3 else Movement(FIRST, chance.choice([2_000, 2_500, -5_000]))
        lines.append(replace(like, name=chance.choice(NAMES), reference=f"GIFT {place}"))
    lines.sort(key=lambda each: each.day)
    return Month(number, payouts, lines, truth, opening=chance.randint(0, 10**6))


def some(made: Month, chance: random.Random) -> tuple[str, int]:
    """Return a payout and the place of its line."""
    name = chance.choice(sorted(made.truth))
    return name, next(place for place, line in enumerate(made.lines) if line.reference == made.truth[name])


def settled(made: Month) -> None:
    """Let the file end with the balance that the bank really had, whatever is done to the lines afterwards."""
    made.closing = made.opening + sum(line.minor for line in made.lines)


# --- what may be wrong; each returns what must come of it ------------------------------------------------------------

WARNED, REFUSED, LEFT, FINE = "warned", "refused", "left", "fine"


def missing(made: Month, chance: random.Random) -> str:
    settled(made)
    name, place = some(made, chance)
    del made.lines[place]
    made.touched = {name}
    return WARNED


def extra(made: Month, chance: random.Random) -> str:
    settled(made)
    made.lines.append(Movement(made.lines[-1].day, 777_777, reference="NOBODY KNOWS"))
    return WARNED


def a_penny_off(made: Month, chance: random.Random) -> str:
    settled(made)
    name, place = some(made, chance)
    made.lines[place] = replace(made.lines[place], minor=made.lines[place].minor + chance.choice([-1, 1]))
    made.touched = {name}
    return WARNED


def sign_turned(made: Month, chance: random.Random) -> str:
    settled(made)
    name, place = some(made, chance)
    made.lines[place] = replace(made.lines[place], minor=-made.lines[place].minor)
    made.touched = {name}
    return WARNED


def too_early_or_late(made: Month, chance: random.Random) -> str:
    name, place = some(made, chance)
    days = chance.choice([-9, -6, 10, 15, 25])
    made.lines[place] = replace(made.lines[place], day=made.payouts[name][1] + timedelta(days=days))
    made.lines.sort(key=lambda each: each.day)
    made.touched = {name}
    return LEFT


def another_day_in_time(made: Month, chance: random.Random) -> str:
    name, place = some(made, chance)
    made.lines[place] = replace(made.lines[place], day=weekday(made.payouts[name][1], chance.randint(-1, 5)))
    made.lines.sort(key=lambda each: each.day)
    return FINE


def currency_swapped(made: Month, chance: random.Random) -> str:
    _, place = some(made, chance)
    made.lines[place] = replace(made.lines[place], currency="EUR")
    made.touched = set(made.truth)
    return REFUSED


def doubled_file(made: Month, chance: random.Random) -> str:
    made.doubled = True
    return FINE


def twin_line(made: Month, chance: random.Random) -> str:
    name, place = some(made, chance)
    made.lines.insert(place, made.lines[place])
    made.touched = {name}
    return LEFT


def twin_payout(made: Month, chance: random.Random) -> str:
    name, _ = some(made, chance)
    made.payouts[f"{name}_twin"] = made.payouts[name]
    made.touched = {name, f"{name}_twin"}
    return LEFT


def failed_payout(made: Month, chance: random.Random) -> str:
    name, _ = some(made, chance)
    made.states[name] = chance.choice(["failed", "canceled"])
    made.touched = {name}
    return LEFT


def other_words(made: Month, chance: random.Random) -> str:
    name, place = some(made, chance)
    made.lines[place] = replace(made.lines[place], name="FASTER PAYMENT", reference="UNKNOWN")
    made.touched = {name}
    return LEFT


FAULTS: list[Callable[[Month, random.Random], str]] = [
    missing, extra, a_penny_off, sign_turned, too_early_or_late, another_day_in_time, currency_swapped, doubled_file,
    twin_line, twin_payout, failed_payout, other_words,
]  # fmt: skip


# --- telling it to the product ---------------------------------------------------------------------------------------


def tell(world: World, made: Month) -> tuple[Teller, Imported | None]:
    """Let Stripe show the payouts and the bank's file come in; every month has a body and an account of its own."""
    name = f"m{made.number}"
    body = world.body(name)
    with world.parts.db.write("test") as session:
        account = StripeAccount(
            slug=name, body_id=body.id, mode="own-key", sealed_key="", sealed_webhook_secrets="", livemode=False,
            created_at=world.now(),
        )  # fmt: skip
        session.add(account)
        session.flush()
        for payout, (minor, day) in made.payouts.items():
            moment = datetime.combine(day, time(), UTC)
            state = made.states.get(payout, "paid")
            shown = Payout(payout, Money(minor, "GBP"), state, True, "in_progress", moment, moment, f"txn_{payout}")
            book_payout(session, account.id, shown, None, world.now())
    teller = Teller(world, add_bank_account(world.parts, name=name, body_slug=name, currency="GBP"))
    written = camt053(made.lines, opening=made.opening, closing=made.closing, iban=iban_of(made.number))
    if made.number % 2 and not any(line.currency != "GBP" for line in made.lines):
        written = starling(made.lines, made.opening)
        if made.closing is not None:
            written = with_balances_of_the_bank(written, made)
    try:
        done = teller.bring(written, account=name)
        if made.doubled:
            again = teller.bring(written + b"\n", "again", account=name)
            assert (again.new, again.matched) == (0, {})
    except StatementRefused:
        return teller, None
    return teller, done


def with_balances_of_the_bank(written: bytes, made: Month) -> bytes:
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


def right(found: dict[str, str], made: Month) -> None:
    """No line is matched with a payout it is not."""
    for name, text in found.items():
        assert made.truth[name] in text
    assert set(found) == set(made.truth) - made.touched


@pytest.mark.parametrize("part", range(4))
def test_a_hundred_months_with_one_thing_wrong(world: World, part: int) -> None:
    for number in range(part * 25, part * 25 + 25):
        made, chance = month(number), random.Random(number)
        wrong = FAULTS[number % len(FAULTS)](made, chance)
        _, done = tell(world, made)
        right(matched(world, made), made)
        if wrong == REFUSED:
            assert done is None
            continue
        assert done is not None
        assert bool(done.warnings) == (wrong == WARNED), (number, wrong, done.warnings)
        if wrong == LEFT:
            assert made.touched
            assert not made.touched & set(matched(world, made))


@pytest.mark.parametrize("part", range(4))
def test_a_hundred_months_with_nothing_wrong(world: World, part: int) -> None:
    for number in range(1000 + part * 25, 1000 + part * 25 + 25):
        made = month(number)
        _, done = tell(world, made)
        assert done is not None
        assert (done.warnings, done.notes) == ((), ())
        assert done.matched == {"matched": len(made.payouts)}
        right(matched(world, made), made)


def test_control_without_the_ruling_on_what_is_alone_a_wrong_match_is_made(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fundraise.flows import match_payouts as module  # noqa: PLC0415

    monkeypatch.setattr(module, "_unique", lambda pairs: [pair for pair in pairs if pair.arrives])
    wrong = 0
    for number in range(3000, 3010):
        made, chance = month(number), random.Random(number)
        twin_line(made, chance)
        tell(world, made)
        wrong += bool(made.touched & set(matched(world, made)))
    assert wrong


def test_what_is_left_says_why() -> None:
    line = BankLine(
        bank_account_id=1,
        file_id=1,
        position=1,
        booked_on=FIRST,
        minor=101,
        currency="GBP",
        text="J SMITH",
        identity="",
    )
    said = " ".join(doubts(line, FIRST + timedelta(days=30), 100, "STRIPE"))
    assert "The amounts differ by £0.01." in said
    assert "business days before the expected day" in said
    assert "The text does not say STRIPE." in said
