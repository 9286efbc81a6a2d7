"""A hundred months with one thing wrong each, and a hundred with nothing wrong (reliability goal 11).

Whatever is wrong on the bank's side or at Stripe, no line is ever matched with a payout it is not; what is not touched
by the fault is matched; and the fault shows twice. At once the file is refused, a sum does not add up, or what it
touched is left for a person. And when the next file has come, reconciliation names it, by the name of its kind and by
nothing else. Months with nothing wrong raise nothing.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

import pytest

from fundraise.flows.reconcile import questions
from fundraise.statements.reasons import doubts
from fundraise.statements.tables import BankLine
from tests.statements.bank_files import Movement
from tests.statements.months import DECEMBERS_FILE, FIRST, NOVEMBER_ENDS, Month, Told, matched, month, tell, weekday
from tests.world import World

WARNED, REFUSED, LEFT, FINE = "warned", "refused", "left", "fine"


@dataclass(frozen=True)
class Wrong:
    """What must come of a fault: at once, by name when the next file has come, and in the words beside a line."""

    shows: str
    named: dict[str, int] = field(default_factory=dict)
    says: str = ""


def some(made: Month, chance: random.Random) -> tuple[str, int]:
    """Return a payout and the place of its line."""
    name = chance.choice(sorted(made.truth))
    return name, next(place for place, line in enumerate(made.lines) if line.reference == made.truth[name])


def settled(made: Month) -> None:
    """Let the file end with the balance that the bank really had, whatever is done to the lines afterwards."""
    made.closing = made.opening + sum(line.minor for line in made.lines)


# --- what may be wrong; each returns what must come of it ------------------------------------------------------------


def missing(made: Month, chance: random.Random) -> Wrong:
    settled(made)
    name, place = some(made, chance)
    del made.lines[place]
    made.touched = {name}
    return Wrong(WARNED, {"BANK_CREDIT_MISSING": 1})


def extra(made: Month, chance: random.Random) -> Wrong:
    settled(made)
    made.lines.append(Movement(made.lines[-1].day, 777_777, reference="NOBODY KNOWS"))
    return Wrong(WARNED, {"BANK_CREDIT_UNMATCHED": 1}, "no payout of this amount is known")


def a_penny_off(made: Month, chance: random.Random) -> Wrong:
    settled(made)
    name, place = some(made, chance)
    made.lines[place] = replace(made.lines[place], minor=made.lines[place].minor + chance.choice([-1, 1]))
    made.touched = {name}
    return Wrong(WARNED, {"BANK_CREDIT_MISSING": 1, "BANK_CREDIT_AMOUNT": 1})


def a_charge_of_the_banks(made: Month, chance: random.Random) -> Wrong:
    name, place = some(made, chance)
    line = made.lines[place]
    made.lines[place] = replace(line, minor=line.minor - max(1, abs(line.minor) // 40))
    made.touched = {name}
    return Wrong(LEFT, {"BANK_CREDIT_MISSING": 1, "BANK_CREDIT_AMOUNT": 1})


def sign_turned(made: Month, chance: random.Random) -> Wrong:
    settled(made)
    name, place = some(made, chance)
    made.lines[place] = replace(made.lines[place], minor=-made.lines[place].minor)
    made.touched = {name}
    return Wrong(WARNED, {"BANK_CREDIT_MISSING": 1, "BANK_CREDIT_UNMATCHED": 1})


def too_late(made: Month, chance: random.Random) -> Wrong:
    moved(made, chance, chance.choice([10, 12]))
    return Wrong(LEFT, {"BANK_CREDIT_MISSING": 1, "BANK_CREDIT_LATE": 1})


def too_early(made: Month, chance: random.Random) -> Wrong:
    moved(made, chance, chance.choice([-9, -6]))
    return Wrong(LEFT, {"BANK_CREDIT_MISSING": 1, "BANK_CREDIT_UNMATCHED": 1}, "is of this amount, but was due on")


def moved(made: Month, chance: random.Random, days: int) -> None:
    name, place = some(made, chance)
    made.lines[place] = replace(made.lines[place], day=made.payouts[name][1] + timedelta(days=days))
    made.lines.sort(key=lambda each: each.day)
    made.touched = {name}


def another_day_in_time(made: Month, chance: random.Random) -> Wrong:
    name, place = some(made, chance)
    made.lines[place] = replace(made.lines[place], day=weekday(made.payouts[name][1], chance.randint(-1, 5)))
    made.lines.sort(key=lambda each: each.day)
    return Wrong(FINE)


def currency_swapped(made: Month, chance: random.Random) -> Wrong:
    _, place = some(made, chance)
    made.lines[place] = replace(made.lines[place], currency="EUR")
    made.touched = set(made.truth)
    return Wrong(REFUSED, {"BANK_CREDIT_MISSING": len(made.payouts)})


def doubled_file(made: Month, chance: random.Random) -> Wrong:
    made.doubled = True
    return Wrong(FINE)


def twin_line(made: Month, chance: random.Random) -> Wrong:
    name, place = some(made, chance)
    made.lines.insert(place, made.lines[place])
    made.touched = {name}
    return Wrong(LEFT, {"BANK_CREDIT_MISSING": 1, "BANK_CREDIT_UNMATCHED": 2}, "or another line like it")


def twin_payout(made: Month, chance: random.Random) -> Wrong:
    name, _ = some(made, chance)
    made.payouts[f"{name}_twin"] = made.payouts[name]
    made.touched = {name, f"{name}_twin"}
    return Wrong(LEFT, {"BANK_CREDIT_MISSING": 2, "BANK_CREDIT_UNMATCHED": 1}, "; say which")


def failed_payout(made: Month, chance: random.Random) -> Wrong:
    name, _ = some(made, chance)
    made.states[name] = chance.choice(["failed", "canceled"])
    made.touched = {name}
    return Wrong(LEFT, {f"PAYOUT_{made.states[name].upper()}": 1, "BANK_CREDIT_UNMATCHED": 1})


def other_words(made: Month, chance: random.Random) -> Wrong:
    name, place = some(made, chance)
    made.lines[place] = replace(made.lines[place], name="FASTER PAYMENT", reference="UNKNOWN")
    made.touched = {name}
    return Wrong(LEFT, {"BANK_CREDIT_MISSING": 1})


def two_in_one_line(made: Month, chance: random.Random) -> Wrong:
    name, place = some(made, chance)
    other = f"{name}_other"
    line = made.lines[place]
    made.payouts[other] = (4_321, made.payouts[name][1])
    made.lines[place] = replace(line, minor=line.minor + 4_321)
    made.touched = {name, other}
    return Wrong(LEFT, {"BANK_CREDIT_MISSING": 2, "BANK_CREDIT_MERGED": 1})


def one_in_two_lines(made: Month, chance: random.Random) -> Wrong:
    name, place = some(made, chance)
    line = made.lines[place]
    made.lines[place] = replace(line, minor=line.minor // 3)
    made.lines.insert(place, replace(line, minor=line.minor - line.minor // 3))
    made.touched = {name}
    return Wrong(LEFT, {"BANK_CREDIT_MISSING": 1, "BANK_CREDIT_SPLIT": 2})


def fee_changed(made: Month, chance: random.Random) -> Wrong:
    made.dear = chance.choice([name for name, (minor, _) in made.payouts.items() if minor > 0])
    return Wrong(FINE, {"FEE_UNEXPECTED": 1})


def chargeback_and_refund_in_one_batch(made: Month, chance: random.Random) -> Wrong:
    made.batch = chance.choice([name for name, (minor, _) in made.payouts.items() if minor > 0])
    return Wrong(FINE, {"DISPUTE_OPEN": 1})


FAULTS: list[Callable[[Month, random.Random], Wrong]] = [
    missing, extra, a_penny_off, a_charge_of_the_banks, sign_turned, too_late, too_early, another_day_in_time,
    currency_swapped, doubled_file, twin_line, twin_payout, failed_payout, other_words, two_in_one_line,
    one_in_two_lines, fee_changed, chargeback_and_refund_in_one_batch,
]  # fmt: skip


# --- the months -------------------------------------------------------------------------------------------------------


@pytest.fixture
def november(world: World) -> World:
    """The last evening of November, and a campaign for gifts to be given to."""
    world.campaign()
    world.advance(seconds=(NOVEMBER_ENDS - world.now()).total_seconds())
    return world


def next_files(world: World, told: list[Told]) -> None:
    """Let December's files come, the day after the last day on them."""
    ends = datetime.combine(DECEMBERS_FILE, time(12), UTC) + timedelta(days=1)
    world.advance(seconds=(ends - world.now()).total_seconds())
    for each in told:
        each.december()


def right(found: dict[str, str], made: Month) -> None:
    """No line is matched with a payout it is not."""
    for name, text in found.items():
        assert made.truth[name] in text
    assert set(found) == set(made.truth) - made.touched


# Fifty months each way, and a hundred in the soak.
PARTS = pytest.mark.parametrize("part", [0, 1, *(pytest.param(part, marks=pytest.mark.long) for part in (2, 3))])


@PARTS
def test_a_hundred_months_with_one_thing_wrong(november: World, part: int) -> None:
    told: list[tuple[Told, Wrong]] = []
    for number in range(part * 25, part * 25 + 25):
        made, chance = month(number), random.Random(number)
        wrong = FAULTS[number % len(FAULTS)](made, chance)
        one = tell(november, made)
        right(matched(november, made), made)
        assert (one.done is None) == (wrong.shows == REFUSED)
        if one.done is not None:
            assert bool(one.done.warnings) == (wrong.shows == WARNED), (number, wrong, one.done.warnings)
        if wrong.shows == LEFT:
            assert made.touched
        told.append((one, wrong))
    next_files(november, [one for one, _ in told])
    for one, wrong in told:
        assert one.named() == wrong.named, (one.made.number, [str(each) for each in one.found()])
        assert not wrong.says or any(wrong.says in each.detail for each in one.found())
        missed = {each.object_id for each in one.found() if each.code == "BANK_CREDIT_MISSING"}
        assert missed <= one.made.touched


@PARTS
def test_a_hundred_months_with_nothing_wrong(november: World, part: int) -> None:
    told = []
    for number in range(1000 + part * 25, 1000 + part * 25 + 25):
        made = month(number)
        one = tell(november, made)
        assert one.done is not None
        assert (one.done.warnings, one.done.notes) == ((), ())
        assert one.done.matched == {"matched": len(made.payouts)}
        right(matched(november, made), made)
        told.append(one)
    next_files(november, told)
    assert [one.made.number for one in told if one.named()] == []


def test_control_without_the_ruling_on_what_is_alone_a_wrong_match_is_made(
    november: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fundraise.flows import match_payouts as module  # noqa: PLC0415

    monkeypatch.setattr(module, "_unique", lambda pairs: [pair for pair in pairs if pair.arrives])
    wrong = 0
    for number in range(3000, 3010):
        made, chance = month(number), random.Random(number)
        twin_line(made, chance)
        tell(november, made)
        wrong += bool(made.touched & set(matched(november, made)))
    assert wrong


def test_control_without_its_question_a_payout_that_no_line_shows_goes_unnamed(
    november: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fewer = tuple(each for each in questions.QUESTIONS if each.code != "BANK_CREDIT_MISSING")
    monkeypatch.setattr("fundraise.flows.reconcile.compare.QUESTIONS", fewer)
    made = month(0)
    wrong = missing(made, random.Random(0))
    told = tell(november, made)
    next_files(november, [told])
    assert told.named() != wrong.named


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
