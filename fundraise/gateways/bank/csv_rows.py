"""From rows to lines: the day, the sign and the amount, the words, and what is left out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from fundraise.gateways.bank.amounts import AmountUnreadable, decimal_mark, signed_minor
from fundraise.gateways.bank.csv_columns import Columns
from fundraise.gateways.bank.csv_names import BOOKED, FOOTERS, MONEY_IN, MONEY_OUT, NOT_BOOKED
from fundraise.gateways.bank.csv_table import Row
from fundraise.gateways.bank.days import DayUnreadable, is_day, read_day
from fundraise.gateways.bank.texts import account_number, tidy, tidy_name, together
from fundraise.statements.vocabulary import DateOrder, LineRead, Problem

_AMOUNTS: Final = ("amount", "in", "out", "balance", "fee")


@dataclass(slots=True)
class Lines:
    """What the rows of a table came to. `balances` stand beside the lines, None where the file gives none."""

    lines: list[LineRead] = field(default_factory=list)
    balances: list[int | None] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    pending: int = 0
    nothing: int = 0
    warnings: list[str] = field(default_factory=list)
    accounts: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Reading:
    """How the cells of a table are to be read; `unsigned` when its amounts carry no signs of their own."""

    columns: Columns
    order: DateOrder | None
    currency: str
    places: int
    mark: str
    unsigned: bool
    typed_direction: bool

    def minor(self, row: Row, role: str) -> int:
        """Return a cell's amount; zero where it is empty."""
        return self.found(row, role) or 0

    def found(self, row: Row, role: str) -> int | None:
        """Return a cell's amount, None where it is empty; `AmountUnreadable`."""
        return signed_minor(self.columns.cell(row, role), self.places, self.mark, self.currency)


def reading_of(rows: Sequence[Row], columns: Columns, order: DateOrder | None, currency: str, places: int) -> Reading:
    """Work out how the table writes its amounts; `AmountUnreadable` when it does not tell."""
    cells = [columns.cell(row, role) for row in rows for role in _AMOUNTS if columns.has(role)]
    mark = columns.mark if columns.mark in {".", ","} else decimal_mark(cells, places)
    amounts = [columns.cell(row, "amount") for row in rows]
    unsigned = not any(any(sign in cell for sign in "-−–(+") or cell[-2:].upper() == "DR" for cell in amounts)
    words = {columns.cell(row, "type").lower() for row in rows}
    typed = unsigned and columns.has("type") and bool(words & MONEY_OUT) and words <= MONEY_IN | MONEY_OUT
    return Reading(columns, order, currency, places, mark, unsigned, typed)


def under_heading(rows: Sequence[Row], columns: Columns) -> tuple[list[Row], bool]:
    """Return the rows under the heading, and whether the file holds all of them twice: then they are taken once.

    A heading that comes again with other lines under it goes on; the same lines after it are the same file again.
    """
    blocks: list[list[Row]] = [[]]
    for row in rows[columns.begins :]:
        if columns.heading and row.cells == columns.heading:
            blocks.append([])
        elif not row.is_blank:
            blocks[-1].append(row)
    cells = [[row.cells for row in block] for block in blocks]
    if len(blocks) > 1 and cells[0] and all(each == cells[0] for each in cells):
        return blocks[0], True
    return [row for block in blocks for row in block], False


def data_rows(under: Sequence[Row], columns: Columns) -> tuple[list[Row], list[Problem]]:
    """Return the rows that are lines of the statement; sums and small print are left out.

    A row that is neither is a problem, since what is not understood may be money.
    """
    has_day = [is_day(columns.cell(row, "date")) for row in under]
    last = max((place for place, found in enumerate(has_day) if found), default=-1)
    needed = max(place for role in ("date", "amount", "in", "out", "balance") for place in columns.at.get(role, (0,)))
    data: list[Row] = []
    problems: list[Problem] = []
    for place, row in enumerate(under):
        if _is_sum(row, columns, has_day=has_day[place]):
            continue
        if columns.cell(row, "status").lower() in NOT_BOOKED:
            data.append(row)
        elif place > last and not _has_amount(row, columns):
            continue  # Small print under the lines.
        elif any(cell.strip() for cell in row.cells[columns.width :]) or len(row.cells) <= needed:
            message = f"{len(row.cells)} columns where the heading has {columns.width}"
            problems.append(Problem(f"line {row.line}", message))
        else:
            data.append(row)
    return data, problems


def _is_sum(row: Row, columns: Columns, *, has_day: bool) -> bool:
    """Tell whether a row is a sum or a balance and no movement: it says so, and has no day or no amount.

    A day that cannot be read is no missing day: such a row is a problem, whatever its words begin with.
    """
    if has_day and _has_amount(row, columns):
        return False
    if not any(FOOTERS.match(cell.strip()) for cell in row.cells):
        return False
    day = columns.cell(row, "date")
    without_day = not has_day and (not day or FOOTERS.match(day) is not None)
    return without_day or not _has_amount(row, columns)


def _has_amount(row: Row, columns: Columns) -> bool:
    return any(columns.cell(row, role) for role in ("amount", "in", "out"))


def lines_of(rows: Sequence[Row], reading: Reading) -> Lines:
    """Read every row; what cannot be read becomes a problem with its place."""
    done = Lines()
    columns = reading.columns
    for row in rows:
        try:
            state = columns.cell(row, "status").lower()
            if state and state not in BOOKED:
                if state not in NOT_BOOKED:
                    raise AmountUnreadable(f"the state '{state[:30]}' is not known")  # noqa: TRY301  Told with the place.
                done.pending += 1
                continue
            line = _line(row, reading)
            balance = reading.found(row, "balance") if columns.has("balance") else None
        except (AmountUnreadable, DayUnreadable) as problem:
            done.problems.append(Problem(f"line {row.line}", str(problem)))
            continue
        if columns.has("account"):
            done.accounts.add(account_number(columns.cell(row, "account")))
        if line.minor:
            done.lines.append(line)
            done.balances.append(balance)
        else:
            done.nothing += 1
    return done


def _line(row: Row, reading: Reading) -> LineRead:
    columns = reading.columns
    currency = columns.cell(row, "currency").upper()
    if currency and currency != reading.currency:
        raise AmountUnreadable(f"the amount is in {currency[:10]}, not in {reading.currency}")
    value = columns.cell(row, "value_date")
    names = [tidy_name(cell) for cell in columns.cells(row, "counterparty")]
    said = [tidy(cell) for cell in columns.cells(row, "description")]
    reference = tidy_name(columns.cell(row, "reference"))
    text = together([*names, *said, reference]) or tidy(columns.cell(row, "type"))
    return LineRead(
        place=row.line,
        booked_on=read_day(columns.cell(row, "date"), reading.order),
        minor=_minor(row, reading),
        text=text,
        value_on=read_day(value, reading.order) if value else None,
        counterparty=names[0] if names else "",
        reference=reference,
        bank_id=tidy_name(columns.cell(row, "id")),
    )


def _minor(row: Row, reading: Reading) -> int:
    columns = reading.columns
    if columns.has("amount") and not (reading.unsigned and columns.has("in") and columns.has("out")):
        found = reading.found(row, "amount")
        if found is None:
            raise AmountUnreadable("the row has no amount")
        minor = _directed(found, row, reading) - (abs(reading.minor(row, "fee")) if columns.has("fee") else 0)
    else:
        money_in, money_out = reading.minor(row, "in"), abs(reading.minor(row, "out"))
        if money_in and money_out:
            raise AmountUnreadable("the row has money in and money out at once")
        if reading.found(row, "in") is None and reading.found(row, "out") is None:
            raise AmountUnreadable("the row has no amount")
        minor = money_in - money_out
    return -minor if columns.reversed_signs else minor


def _directed(minor: int, row: Row, reading: Reading) -> int:
    """Give an unsigned amount the sign that a column of words says."""
    role = "direction" if reading.columns.has("direction") else "type" if reading.typed_direction else ""
    if not role:
        return minor
    word = reading.columns.cell(row, role).lower()
    if word in MONEY_OUT:
        return -abs(minor)
    if word in MONEY_IN:
        return abs(minor)
    raise AmountUnreadable(f"'{word[:30]}' says neither money in nor money out")
