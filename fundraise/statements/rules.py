"""What makes a line itself, an account the same account, and a line the arrival of a payout: rules alone."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from fundraise.statements.tables import BankLine
from fundraise.statements.vocabulary import LineRead, StatementRead
from fundraise.times import business_days_after

# A payout is looked for from one business day before the day it should arrive to five after it.
EARLIEST_BUSINESS_DAYS: Final = -1
LATEST_BUSINESS_DAYS: Final = 5
# The same in calendar days, whatever the weekday: what a database may narrow by before the exact rule is asked.
EARLIEST_DAYS: Final = -3
LATEST_DAYS: Final = 7
# A bank may take this long to send a payout back.
RETURN_DAYS: Final = 30
_SATURDAY: Final = 5
_IBAN: Final = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}")
_LEAST_DIGITS: Final = 6
_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class NumberedLine:
    """A line with its number among equals in its file, and the identity made of both."""

    line: LineRead
    occurrence: int
    identity: str


def numbered(statements: Iterable[StatementRead], others: Iterable[BankLine] = ()) -> list[NumberedLine]:
    """Give every line its identity: bank id or else words, day, amount, and its number among equals in the file.

    Two equal gifts on one day are two lines. The same file again, or one that overlaps, yields the same identities, so
    nothing of it is new. `others` are the lines of the other statements of a day in whose chain this file stands. What
    goes in here must never change: lines kept before would come in again.
    """
    seen = Counter[str]()
    for kept in others:
        if not kept.bank_id:
            seen[_basis(kept, kept.currency)] += 1
    found = []
    for statement in statements:
        for line in statement.lines:
            of_line = _basis(line, statement.currency)
            seen[of_line] += 1
            digest = hashlib.sha256(f"{seen[of_line]}\n{of_line}".encode()).hexdigest()
            found.append(NumberedLine(line, seen[of_line], digest))
    return found


def _basis(line: LineRead | BankLine, currency: str) -> str:
    """Return what equal lines have in common: the bank's id or else the words, and the day and amount."""
    named = ["id", line.bank_id] if line.bank_id else ["text", line.text, line.counterparty, line.reference]
    return json.dumps([*named, line.booked_on.isoformat(), line.minor, currency], ensure_ascii=False)


def in_order(statements: Sequence[StatementRead]) -> tuple[StatementRead, ...]:
    """Return the statements of a file oldest first, each once."""
    if all(statement.from_date is not None for statement in statements):
        statements = sorted(statements, key=lambda each: each.from_date or date.min)
    return _without_repeats(statements)


def _without_repeats(statements: Iterable[StatementRead]) -> tuple[StatementRead, ...]:
    """Leave out a statement that stands in the file a second time: from one opening balance money only moves once."""
    kept: list[StatementRead] = []
    seen = set()
    for statement in statements:
        moves = statement.opening_minor is not None and statement.opening_minor != statement.closing_minor
        shape = (
            statement.account,
            statement.opening_minor,
            statement.closing_minor,
            tuple((line.booked_on, line.minor, line.text, line.bank_id) for line in statement.lines),
        )
        if not (moves and shape in seen):
            kept.append(statement)
        seen.add(shape)
    return tuple(kept)


def is_iban(number: str) -> bool:
    """Tell whether a number has an IBAN's shape."""
    return _IBAN.fullmatch(number) is not None


def is_sound_iban(number: str) -> bool:
    """Tell whether the check digits of an IBAN are right (ISO 13616); True for a number that is no IBAN."""
    if not is_iban(number):
        return True
    return int("".join(str(int(sign, 36)) for sign in number[4:] + number[:4])) % 97 == 1


def same_account(known: str, found: str) -> bool:
    """Tell whether two numbers name one account: equal, or one the national number at the end of the other's IBAN."""
    if known == found:
        return True
    short, long = sorted((known, found), key=len)
    digits = re.sub(r"\D", "", short)
    return len(digits) >= _LEAST_DIGITS and not is_iban(short) and re.sub(r"\D", "", long).endswith(digits)


def business_days_between(begins: date, ends: date) -> int:
    """Count the weekdays from one day to another, negative backwards; bank holidays are not known here."""
    step = 1 if ends >= begins else -1
    days, count = begins, 0
    while days != ends:
        days += timedelta(days=step)
        if days.weekday() < _SATURDAY:
            count += step
    return count


def may_arrive(arrives_on: date, booked_on: date) -> bool:
    """Tell whether a payout that should arrive on one day may be booked on the other."""
    earliest = _business_days_after(arrives_on, EARLIEST_BUSINESS_DAYS)
    return earliest <= booked_on <= _business_days_after(arrives_on, LATEST_BUSINESS_DAYS)


def _business_days_after(begins: date, days: int) -> date:
    return business_days_after(datetime.combine(begins, time(), UTC), days).date()


def may_return(arrives_on: date, booked_on: date) -> bool:
    """Tell whether the bank may have sent a payout back on that day."""
    return EARLIEST_DAYS <= (booked_on - arrives_on).days <= RETURN_DAYS


def words_of(text: str) -> str:
    """Return the words of a text in capitals, each between blanks."""
    return f" {' '.join(_WORD.findall(text.upper()))} "


def stripe_words(text: str, pattern: str) -> str:
    """Return which words of an account's pattern stand in a text, as whole words; empty for none.

    Commas part one choice from the next: `STRIPE, STRIPE TECHNOLOGY`.
    """
    words = words_of(text)
    for choice in pattern.split(","):
        wanted = words_of(choice)
        if wanted.strip() and wanted in words:
            return wanted.strip()
    return ""
