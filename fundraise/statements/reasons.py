"""Why a line is a payout, or why that was not decided without a person: in sentences."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from fundraise import times
from fundraise.money import Money, show
from fundraise.statements.rules import business_days_between, may_arrive, stripe_words
from fundraise.statements.tables import BankLine

ALONE = "No other payout and no other line fit."


def arrival_reasons(line: BankLine, arrives_on: date, pattern: str) -> list[str]:
    """Return why a line of the payout's exact amount is its arrival."""
    reasons = [
        f"The amount and the currency are exact: {show(Money(line.minor, line.currency))}.",
        _when(line, arrives_on),
    ]
    if words := stripe_words(words_in(line), pattern):
        reasons.append(f"The text says {words}.")
    return reasons


def doubts(line: BankLine, arrives_on: date, minor: int, pattern: str) -> list[str]:
    """Return what speaks against a line being a payout's arrival; empty when by itself it could be."""
    found = []
    if minor != line.minor:
        off = show(Money(line.minor - minor, line.currency))
        found.append(f"The amounts differ by {off}. A payout arrives whole, so this is most likely something else.")
    if not may_arrive(arrives_on, line.booked_on):
        found.append(f"{_when(line, arrives_on)} That is outside 1 before to 5 after.")
    if not stripe_words(words_in(line), pattern):
        found.append(f"The text does not say {pattern}.")
    return found


def words_in(line: BankLine) -> str:
    """Return all that the bank wrote beside a line."""
    return f"{line.text} {line.counterparty} {line.reference}"


def rivals(payouts: int, lines: int) -> list[str]:
    """Say how many other payouts and lines fit as well."""
    found = []
    if payouts:
        found.append(f"{_count(payouts, 'other payout has', 'other payouts have')} this amount and these days.")
    if lines:
        found.append(f"{_count(lines, 'other line fits', 'other lines fit')} this payout as well.")
    return found


def listed(sentences: Sequence[str]) -> str:
    """Put sentences after one another."""
    return " ".join(sentences)


def day(value: date) -> str:
    """Return a day as people read it."""
    return times.day(datetime.combine(value, time(), UTC))


def _when(line: BankLine, arrives_on: date) -> str:
    days = business_days_between(arrives_on, line.booked_on)
    if line.booked_on == arrives_on:
        return f"It was booked on the expected day, {day(line.booked_on)}."
    if days == 0:
        return f"It was booked on {day(line.booked_on)}, the weekend beside the expected day."
    count = "1 business day" if abs(days) == 1 else f"{abs(days)} business days"
    return f"It was booked on {day(line.booked_on)}, {count} {'after' if days > 0 else 'before'} the expected day."


def _count(number: int, one: str, more: str) -> str:
    return f"1 {one}" if number == 1 else f"{number} {more}"
