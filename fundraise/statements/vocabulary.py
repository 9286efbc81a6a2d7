"""What a reader of bank files answers, whatever the format: statements of lines, and what could not be read.

Plain values without any library, since they come out of the reader's own process as JSON. Amounts are whole minor
units, money in positive. A problem is a value with its place; one is enough for nothing of the file to be taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

# Larger files are refused before anything looks at them. What these allow is read well within the reader's two seconds
# of processor time and 256 MB, whatever the bank's layout; forty movements a day fill a year's file.
LARGEST_FILE_BYTES: Final = 20 * 1024 * 1024
LARGEST_CSV_BYTES: Final = 8 * 1024 * 1024  # Without the many words around each line that camt.053 has.
MOST_LINES: Final = 15_000
IN_PARTS: Final = "Please export it in parts, for example month by month."
TOO_LARGE: Final = f"The file is larger than {LARGEST_FILE_BYTES // 1024**2} MB. {IN_PARTS}"
TOO_LARGE_CSV: Final = f"The CSV file is larger than {LARGEST_CSV_BYTES // 1024**2} MB. {IN_PARTS}"
TOO_MUCH_WORK: Final = (
    "Reading this file takes more time or memory than one file may have (2 seconds of a processor, 256 MB). "
    f"{IN_PARTS} If a part is too much as well, please tell us about this file."
)
LONGEST_TEXT: Final = 2000
LONGEST_NAME: Final = 200


class Format(StrEnum):
    """What kind of file it is."""

    CAMT053 = "camt.053"
    CSV = "csv"


class Question(StrEnum):
    """What only a person can say about a file."""

    DATE_ORDER = "date order"
    COLUMNS = "columns"


class DateOrder(StrEnum):
    """How 01/02/03 is meant: 1 February or 2 January."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


@dataclass(frozen=True, slots=True)
class LineRead:
    """One booked line. `place` counts lines of a CSV file, entries of a camt.053."""

    place: int
    booked_on: date
    minor: int
    text: str
    value_on: date | None = None
    counterparty: str = ""
    reference: str = ""
    bank_id: str = ""


@dataclass(frozen=True, slots=True)
class StatementRead:
    """One statement of one account; `account` is its IBAN or number as far as the file tells it, else empty.

    `number` is the bank's own number for it, where it counts its statements.
    """

    currency: str
    lines: tuple[LineRead, ...]
    account: str = ""
    from_date: date | None = None
    to_date: date | None = None
    opening_minor: int | None = None
    closing_minor: int | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read, and where: `line 14`, `entry 3`, or nowhere in particular."""

    place: str
    message: str

    def __str__(self) -> str:
        """Say it in one sentence."""
        return f"{self.place}: {self.message}" if self.place else self.message


@dataclass(frozen=True, slots=True)
class FileRead:
    """All that a file says. With problems or a question nothing of it may be kept.

    `warnings` are doubts about a file that could be read; `notes` say what was left out on purpose.
    """

    format: Format
    statements: tuple[StatementRead, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    question: Question | None = None
    header: tuple[str, ...] = ()  # With a question about columns: what the file calls them.


@dataclass(frozen=True, slots=True)
class ReadAs:
    """What is known beforehand: the account's currency, decimals by currency (ISO 4217), and a person's answers.

    `columns` maps a role (`date`, `amount`, `in`, `out`, `description`, …) to a column's name in the header. When they
    are only remembered from an earlier file, a file that has no such columns is read by its own heading.
    """

    currency: str
    exponents: Mapping[str, int]
    date_order: DateOrder | None = None
    columns: Mapping[str, Any] | None = None
    columns_are_remembered: bool = False


def to_json(read: FileRead) -> dict[str, Any]:
    """Return a file's content as JSON has it; lines as rows, to be short."""
    return {
        "format": read.format.value,
        "statements": [
            {
                "currency": statement.currency,
                "account": statement.account,
                "from_date": _day_out(statement.from_date),
                "to_date": _day_out(statement.to_date),
                "opening_minor": statement.opening_minor,
                "closing_minor": statement.closing_minor,
                "number": statement.number,
                "lines": [
                    [
                        line.place,
                        _day_out(line.booked_on),
                        line.minor,
                        line.text,
                        _day_out(line.value_on),
                        line.counterparty,
                        line.reference,
                        line.bank_id,
                    ]
                    for line in statement.lines
                ],
            }
            for statement in read.statements
        ],
        "problems": [[problem.place, problem.message] for problem in read.problems],
        "warnings": list(read.warnings),
        "notes": list(read.notes),
        "question": read.question,
        "header": list(read.header),
    }


def from_json(value: Mapping[str, Any]) -> FileRead:
    """Return a file's content from its JSON."""
    return FileRead(
        format=Format(value["format"]),
        statements=tuple(_statement_in(each) for each in value["statements"]),
        problems=tuple(Problem(place, message) for place, message in value["problems"]),
        warnings=tuple(value["warnings"]),
        notes=tuple(value["notes"]),
        question=Question(value["question"]) if value["question"] else None,
        header=tuple(value["header"]),
    )


def _statement_in(value: Mapping[str, Any]) -> StatementRead:
    return StatementRead(
        currency=value["currency"],
        account=value["account"],
        from_date=_day_in(value["from_date"]),
        to_date=_day_in(value["to_date"]),
        opening_minor=value["opening_minor"],
        closing_minor=value["closing_minor"],
        number=value["number"],
        lines=tuple(_line_in(*row) for row in value["lines"]),
    )


def _line_in(  # noqa: PLR0913, PLR0917  The columns of a row.
    place: int,
    booked_on: str,
    minor: int,
    text: str,
    value_on: str | None,
    counterparty: str,
    reference: str,
    bank_id: str,
) -> LineRead:
    day = date.fromisoformat(booked_on)
    return LineRead(place, day, minor, text, _day_in(value_on), counterparty, reference, bank_id)


def _day_out(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _day_in(day: str | None) -> date | None:
    return date.fromisoformat(day) if day is not None else None
