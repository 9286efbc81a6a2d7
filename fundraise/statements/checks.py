"""Whether a file is what it says: its account and currency, its sums, and what came before and after it.

The first two refuse a file; sums and gaps warn, since half of the files people have do not add up (treasury B.1).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from sqlmodel import Session

from fundraise.money import Money, show
from fundraise.statements.questions import counted_neighbours, neighbours
from fundraise.statements.rules import is_sound_iban, same_account
from fundraise.statements.tables import BankAccount, StatementFile
from fundraise.statements.vocabulary import Problem, StatementRead


def refusals(
    account: BankAccount, statements: Sequence[StatementRead], others: Sequence[BankAccount]
) -> tuple[Problem, ...]:
    """Say why a file cannot be this account's, among the others here; empty when it can."""
    return tuple(Problem("", sentence) for sentence in dict.fromkeys(_refusals(account, statements, others)))


def _refusals(
    account: BankAccount, statements: Sequence[StatementRead], others: Sequence[BankAccount]
) -> Iterator[str]:
    numbers = list(dict.fromkeys(statement.account for statement in statements if statement.account))
    if not statements:
        yield "The file holds no statement."
    if len(numbers) > 1:
        yield f"The file holds statements of several accounts ({', '.join(numbers[:3])}). Please export each by itself."
    if numbers:
        yield from _of_another(account, numbers[0], others)
    for statement in statements:
        if statement.currency != account.currency:
            yield f"The file is in {statement.currency}. {account.name} is kept in {account.currency}."


def _of_another(account: BankAccount, number: str, others: Sequence[BankAccount]) -> Iterator[str]:
    if not is_sound_iban(number):
        yield f"The account’s number in the file, {number}, has wrong check digits. The file may be damaged."
    elif account.iban and not same_account(account.iban, number):
        yield f"The file is of account {number}. {account.name} is {account.iban}; is this another account’s file?"
    elif not account.iban:
        for other in others:
            # Banks keep several currencies under one number.
            is_like = other.id != account.id and other.currency == account.currency
            if is_like and other.iban and same_account(other.iban, number):
                yield f"The file is of account {number}, which is {other.name} here, not {account.name}."


def warnings(
    session: Session,
    account: BankAccount,
    statements: Sequence[StatementRead],
) -> tuple[str, ...]:
    """Say what does not add up; empty when all does."""
    return (
        *_sums(account, statements),
        *_breaks(account, statements),
        *_gaps(session, account, statements),
        *_skipped(session, account, statements),
    )


def _sums(account: BankAccount, statements: Sequence[StatementRead]) -> Iterator[str]:
    for statement in statements:
        if statement.opening_minor is None or statement.closing_minor is None:
            continue
        moved = sum(line.minor for line in statement.lines)
        off = statement.closing_minor - statement.opening_minor - moved
        if off:
            yield (
                f"{_of(account, statement.opening_minor)} at the beginning and movements of {_of(account, moved)} make "
                f"{_of(account, statement.opening_minor + moved)}, but the file ends with "
                f"{_of(account, statement.closing_minor)}: {_of(account, off)} differ. "
                "A line may be missing or too much."
            )


def _breaks(account: BankAccount, statements: Sequence[StatementRead]) -> Iterator[str]:
    for before, after in pairwise(statements):
        ends, begins = before.closing_minor, after.opening_minor
        if ends is not None and begins is not None and ends != begins:
            yield (
                f"One statement in the file ends with {_of(account, ends)}, the next begins with "
                f"{_of(account, begins)}. One between them may be missing."
            )


def _gaps(session: Session, account: BankAccount, statements: Sequence[StatementRead]) -> Iterator[str]:
    period = period_of(statements)
    if period.from_date is None or period.to_date is None:
        return
    before, after = neighbours(session, account.id, period.from_date, period.to_date)
    if before is not None and period.opening_minor not in {None, before.closing_minor}:
        yield (
            f"The file begins with {_of(account, period.opening_minor)}, but {before.name} ended with "
            f"{_of(account, before.closing_minor)}. Lines between the two may be missing."
        )
    if after is not None and period.closing_minor not in {None, after.opening_minor}:
        yield (
            f"The file ends with {_of(account, period.closing_minor)}, but {after.name} begins with "
            f"{_of(account, after.opening_minor)}. Lines between the two may be missing."
        )


def _skipped(session: Session, account: BankAccount, statements: Sequence[StatementRead]) -> Iterator[str]:
    """Name the numbers that a bank which counts its statements has passed over."""
    period = period_of(statements)
    row = list(statements)
    if period.from_date is not None and period.to_date is not None:
        before, after = counted_neighbours(session, account.id, period.from_date, period.to_date)
        if before is not None:
            row.insert(0, _neighbour(before, before.last_number))
        if after is not None:
            row.append(_neighbour(after, after.first_number))
    for one, other in pairwise(row):
        missing = _between(one, other)
        if missing:
            said = f"The bank numbers one statement {one.number} and the next {other.number}: {missing} "
            fits = one.closing_minor is not None and one.closing_minor == other.opening_minor
            yield said + ("here. The balances fit, so no line is missing." if fits else "here; lines may be missing.")


def _neighbour(file: StatementFile, number: int | None) -> StatementRead:
    return StatementRead(
        currency="",
        lines=(),
        from_date=file.from_date,
        to_date=file.to_date,
        opening_minor=file.opening_minor,
        closing_minor=file.closing_minor,
        number=number,
    )


def _between(one: StatementRead, other: StatementRead) -> str:
    """Return `12 is not` or `12 to 14 are not`; empty where nothing was passed over, and where a year begins anew."""
    if one.number is None or other.number is None or _is_day(one) or _is_day(other):
        return ""
    first, last = one.number + 1, other.number - 1
    if one.number < 1 or first > last:
        return ""
    return f"{first} is not" if first == last else f"{first} to {last} are not"


def _is_day(statement: StatementRead) -> bool:
    """Tell whether the number is no count, but the day or the day of the year; such banks pass over weekends."""
    days = [day for day in (statement.from_date, statement.to_date) if day is not None]
    as_numbers = {int(each) for day in days for each in (f"{day:%j}", f"{day:%Y%j}", f"{day:%Y%m%d}", f"{day:%y%m%d}")}
    return statement.number in as_numbers


def alike(count: int) -> Problem:
    """Say that lines look like kept ones, though the bank words them otherwise: most likely they are the same."""
    lines = "1 new line has" if count == 1 else f"{count} new lines have"
    return Problem(
        "",
        f"{lines} the day and amount of a line that came in another file and is not in this one. Most likely both "
        "show the same movements, which would then stand twice. Please go on with one kind of file, from the next day.",
    )


def period_of(statements: Sequence[StatementRead]) -> StatementRead:
    """Return the statements of a file as one: first and last day, first opening and last closing balance."""
    if not statements:
        return StatementRead(currency="", lines=())
    return replace(
        statements[0],
        lines=(),
        from_date=min((each.from_date for each in statements if each.from_date), default=None),
        to_date=max((each.to_date for each in statements if each.to_date), default=None),
        opening_minor=next((each.opening_minor for each in statements if each.opening_minor is not None), None),
        closing_minor=next((each.closing_minor for each in statements[::-1] if each.closing_minor is not None), None),
    )


def _of(account: BankAccount, minor: int | None) -> str:
    return show(Money(minor or 0, account.currency))
