"""Reading a bank's CSV export: one account, one currency, one statement."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice, pairwise
from typing import Final

from fundraise.gateways.bank.amounts import AmountUnreadable
from fundraise.gateways.bank.csv_columns import Columns, find_columns, heading_of
from fundraise.gateways.bank.csv_rows import Lines, Reading, data_rows, lines_of, reading_of, under_heading
from fundraise.gateways.bank.csv_table import Row, likely_delimiters, rows_of, text_of
from fundraise.gateways.bank.days import proven_order
from fundraise.gateways.bank.refusals import Unreadable
from fundraise.gateways.bank.texts import left_out
from fundraise.statements.vocabulary import (
    IN_PARTS,
    LARGEST_CSV_BYTES,
    MOST_LINES,
    TOO_LARGE_CSV,
    DateOrder,
    FileRead,
    Format,
    LineRead,
    Problem,
    Question,
    ReadAs,
    StatementRead,
)

# Headings, small print and blank rows that may stand beside the lines.
_MORE_ROWS: Final = 1000
_ASK_DATES: Final = (
    "Dates like {cell} can be read in two ways, and nothing in the file tells which. "
    "Please say whether the day or the month comes first."
)
_DOUBLED: Final = "The file holds the same lines twice, each time under the heading. They are read once."
_ASK_COLUMNS: Final = "We could not tell which column is what. Please say which hold the date, the amount and the text."


def read_csv(raw: bytes, read_as: ReadAs) -> FileRead:
    """Return what the file says, or the question that only a person can answer; raises `Unreadable`."""
    if len(raw) > LARGEST_CSV_BYTES:
        raise Unreadable(TOO_LARGE_CSV)
    text = text_of(raw)
    rows, columns = _table(text, read_as)
    if columns is None:
        problem = Problem("", _ASK_COLUMNS)
        return FileRead(Format.CSV, problems=(problem,), question=Question.COLUMNS, header=heading_of(rows))
    under, is_doubled = under_heading(rows, columns)
    data, problems = data_rows(under, columns)
    if len(data) > MOST_LINES:
        raise Unreadable(f"The file has more than {MOST_LINES:,} lines. {IN_PARTS}")
    if not data and problems:
        return FileRead(Format.CSV, problems=tuple(problems))
    order, doubtful = _order(data, columns, read_as)
    if doubtful:
        problem = Problem("", _ASK_DATES.format(cell=doubtful[:20]))
        return FileRead(Format.CSV, problems=(problem,), question=Question.DATE_ORDER)
    try:
        currency = _currency(data, columns, read_as)
        reading = reading_of(data, columns, order, currency, read_as.exponents[currency])
    except AmountUnreadable as problem_found:
        return FileRead(
            Format.CSV, problems=(Problem("", f"{str(problem_found)[:1].upper()}{str(problem_found)[1:]}."),)
        )
    done = lines_of(data, reading)
    if not done.problems and _needs_balance(reading):
        _sign_by_balance(done)
    read = _file(done, problems, reading)
    return replace(read, notes=(*read.notes, _DOUBLED)) if is_doubled else read


def _table(text: str, read_as: ReadAs) -> tuple[list[Row], Columns | None]:
    """Divide the text by the delimiter under which it makes sense; where none does, by the likeliest."""
    outcomes: list[list[Row] | Unreadable] = []
    for delimiter in likely_delimiters(text):
        try:
            rows = list(islice(rows_of(text, delimiter), MOST_LINES + _MORE_ROWS))
            columns = find_columns(rows, read_as)
        except Unreadable as problem:
            outcomes.append(problem)
            continue
        if columns is not None:
            return rows, columns
        outcomes.append(rows)
    if not outcomes:
        raise Unreadable("This is no table: nothing in it divides columns.")
    if isinstance(outcomes[0], Unreadable):
        raise outcomes[0]
    return outcomes[0], None


def _order(data: Sequence[Row], columns: Columns, read_as: ReadAs) -> tuple[DateOrder | None, str]:
    """Return how the dates are meant, and one that is doubtful when nothing tells."""
    cells = [columns.cell(row, role) for row in data for role in ("date", "value_date") if columns.has(role)]
    proven, needed = proven_order(cells)
    order = proven or read_as.date_order or columns.order
    if order is None and needed:
        return None, next(cell for cell in cells if proven_order([cell])[1])
    return order, ""


def _currency(data: Sequence[Row], columns: Columns, read_as: ReadAs) -> str:
    named = [columns.cell(row, "currency").upper() for row in data] if columns.has("currency") else []
    currency = next((each for each in named if each), "") or columns.currency or read_as.currency
    if currency not in read_as.exponents:
        raise AmountUnreadable(f"'{currency[:10]}' is no currency we know")
    return currency


def _needs_balance(reading: Reading) -> bool:
    """Tell whether only the balance may say which amounts are money out."""
    columns = reading.columns
    without_words = not (
        reading.typed_direction or columns.has("direction") or (columns.has("in") and columns.has("out"))
    )
    return (
        reading.unsigned and without_words and columns.has("amount") and columns.has("balance") and not columns.layout
    )


def _sign_by_balance(done: Lines) -> None:
    """Let the running balance say which amounts are money out, where it says it of every line but the oldest.

    Nothing stands before the oldest line, so its sign cannot be told: it is left out, and said to be.
    """
    balances = [balance for balance in done.balances if balance is not None]
    if len(balances) != len(done.lines) or len(balances) < 2:  # noqa: PLR2004  One balance tells no movement.
        return
    steps = _steps(done.lines)
    if any(not _break(list(zip(done.lines, balances, strict=True))[::step]) for step in steps):
        return  # As they stand, the amounts lead from each balance to the next.
    for step in steps:
        lines, sums = done.lines[::step], balances[::step]
        moved = [after - before for before, after in pairwise(sums)]
        fits = all(abs(minor) == line.minor for minor, line in zip(moved, lines[1:], strict=True))
        if fits and any(minor < 0 for minor in moved):
            done.lines = [replace(line, minor=minor) for minor, line in zip(moved, lines[1:], strict=True)]
            done.balances = list(sums[1:])
            done.warnings.append(
                f"Line {lines[0].place} is the oldest, and nothing tells whether it is money in or out. "
                "It is left out; a file that begins a day earlier brings it."
            )
            return


def _file(done: Lines, problems: Sequence[Problem], reading: Reading) -> FileRead:
    columns = reading.columns
    opening, closing = _balances(done) if columns.has("balance") else (None, None)
    if _doubtful_signs(done, reading):
        done.warnings.append(
            "Every amount is money in. If this bank writes money out without a minus, do not import it."
        )
    accounts = {account for account in done.accounts if sum(sign.isdigit() for sign in account) >= 6}  # noqa: PLR2004
    if len(accounts) > 1:
        names = " and ".join(sorted(accounts)[:2])
        raise Unreadable(f"The file holds lines of several accounts ({names}). Please export each account by itself.")
    days = [line.booked_on for line in done.lines]
    statement = StatementRead(
        currency=reading.currency,
        lines=tuple(done.lines),
        account=next(iter(accounts), ""),
        from_date=min(days, default=None),
        to_date=max(days, default=None),
        opening_minor=opening,
        closing_minor=closing,
    )
    return FileRead(
        Format.CSV,
        statements=(statement,),
        problems=(*problems, *done.problems),
        warnings=tuple(done.warnings),
        notes=left_out(done.pending, done.nothing),
    )


def _doubtful_signs(done: Lines, reading: Reading) -> bool:
    columns = reading.columns
    has_other_way = columns.has("direction") or columns.has("out") or columns.has("balance") or reading.typed_direction
    return bool(done.lines) and reading.unsigned and not columns.layout and not has_other_way


def _balances(done: Lines) -> tuple[int | None, int | None]:
    """Return the balance before the first and after the last line; warn where the balances do not follow."""
    rows = [(line, balance) for line, balance in zip(done.lines, done.balances, strict=True) if balance is not None]
    if not rows or len(rows) != len(done.lines):
        return None, None
    breaks = {step: _break(rows[::step]) for step in _steps(done.lines)}
    step = next((step for step, broken in breaks.items() if not broken), next(iter(breaks)))
    if breaks[step]:
        done.warnings.append(
            f"Line {breaks[step]}: the balance does not follow from the line before it; a line may be missing."
        )
    rows = rows[::step]
    return rows[0][1] - rows[0][0].minor, rows[-1][1]


def _steps(lines: Sequence[LineRead]) -> tuple[int, ...]:
    """Return 1 where the oldest line stands first, -1 where the newest does, both where all are of one day."""
    first, last = lines[0].booked_on, lines[-1].booked_on
    return (1, -1) if first == last else (1,) if first < last else (-1,)


def _break(rows: Sequence[tuple[LineRead, int]]) -> int:
    """Return the place of the first line whose balance does not follow, 0 when all do."""
    for (_, before), (line, after) in pairwise(rows):
        if before + line.minor != after:
            return line.place
    return 0
