"""Questions about bank accounts, their files and lines."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final, TypeVar, cast

from sqlalchemy.orm import QueryableAttribute, defer
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from fundraise.errors import NotFound
from fundraise.statements.rules import NumberedLine
from fundraise.statements.tables import BankAccount, BankLine, StatementFile, StatementMapping
from fundraise.statements.vocabulary import StatementRead

_AT_ONCE: Final = 500
# A file's bytes are kept to be looked into, not to be fetched with every list.
WITHOUT_BYTES: Final = defer(cast("QueryableAttribute[bytes]", StatementFile.raw))
_CLOSING: Final = "closing"
_OPENING: Final = "opening"
_Value = TypeVar("_Value")


def bank_account_by_name(session: Session, name: str) -> BankAccount:
    """Return an account by its name here; `NotFound`."""
    found = session.exec(select(BankAccount).where(col(BankAccount.name) == name)).first()
    if found is None:
        raise NotFound("There is no bank account of this name. Add one with: fundraise bank add", field="account")
    return found


def bank_accounts(session: Session) -> Sequence[BankAccount]:
    """List all accounts by name."""
    return session.exec(select(BankAccount).order_by(col(BankAccount.name))).all()


def mapping_of(session: Session, account_id: int) -> StatementMapping | None:
    """Return what a person said about an account's CSV files."""
    return session.get(StatementMapping, account_id)


def file_with(session: Session, account_id: int, sha256: str) -> StatementFile | None:
    """Return the file of exactly these bytes, if it was imported before."""
    return session.exec(
        select(StatementFile)
        .where(col(StatementFile.bank_account_id) == account_id, col(StatementFile.sha256) == sha256)
        .options(WITHOUT_BYTES)
    ).first()


def known_identities(session: Session, account_id: int, lines: Sequence[NumberedLine]) -> set[str]:
    """Return which of these lines were kept before."""
    found: set[str] = set()
    for chunk in _chunks([line.identity for line in lines]):
        statement = select(BankLine.identity).where(
            col(BankLine.bank_account_id) == account_id, col(BankLine.identity).in_(chunk)
        )
        found.update(session.exec(statement))
    return found


def lookalikes(
    session: Session,
    account: BankAccount,
    lines: Sequence[NumberedLine],
    known: set[str],
    others: Sequence[BankLine],
) -> int:
    """Count new lines that share day and amount with a kept line which neither this file nor one of `others` holds.

    They are most likely the same movements out of a file of another kind, where the bank words them otherwise.
    """
    ours = {line.identity for line in lines} | {line.identity for line in others}
    new = [line.line for line in lines if line.identity not in known]
    if not new:
        return 0
    first, last = min(line.booked_on for line in new), max(line.booked_on for line in new)
    held: set[tuple[date, int]] = set()
    for chunk in _chunks(sorted({line.minor for line in new})):
        statement = select(col(BankLine.identity), col(BankLine.booked_on), col(BankLine.minor)).where(
            col(BankLine.bank_account_id) == account.id,
            col(BankLine.currency) == account.currency,
            col(BankLine.minor).in_(chunk),
            col(BankLine.booked_on).between(first, last),
        )
        held |= {(day, minor) for identity, day, minor in session.exec(statement) if identity not in ours}
    return sum((line.booked_on, line.minor) in held for line in new)


_Beside = tuple[StatementFile | None, StatementFile | None]


def neighbours(session: Session, account_id: int, begins: date, ends: date) -> _Beside:
    """Return the files with balances that end last before a period and begin first after it."""
    newest = col(StatementFile.id).desc()
    before = _before(session, account_id, begins, col(StatementFile.closing_minor), newest)
    return before, _after(session, account_id, ends, col(StatementFile.opening_minor), newest)


def counted_neighbours(session: Session, account_id: int, begins: date, ends: date) -> _Beside:
    """Return the files with numbers that end last before a period and begin first after it."""
    last, first = col(StatementFile.last_number), col(StatementFile.first_number)
    return _before(session, account_id, begins, last, last.desc()), _after(session, account_id, ends, first, first)


def _before(session: Session, account_id: int, day: date, known: Any, then: Any) -> StatementFile | None:
    ended = _of_account(account_id).where(col(StatementFile.to_date) < day, known.is_not(None))
    return session.exec(ended.order_by(col(StatementFile.to_date).desc(), then).limit(1)).first()


def _after(session: Session, account_id: int, day: date, known: Any, then: Any) -> StatementFile | None:
    begun = _of_account(account_id).where(col(StatementFile.from_date) > day, known.is_not(None))
    return session.exec(begun.order_by(col(StatementFile.from_date), then).limit(1)).first()


def _of_account(account_id: int) -> SelectOfScalar[StatementFile]:
    return select(StatementFile).where(col(StatementFile.bank_account_id) == account_id).options(WITHOUT_BYTES)


def others_that_day(session: Session, account: BankAccount, period: StatementRead) -> Sequence[BankLine]:
    """List the lines of the other statements of a day in whose chain a file stands.

    Some banks give several statements a day, each beginning with the balance at which the one before ended. An equal
    line in two of them is two movements, whichever came in first. A file that neither begins where a kept one ended
    nor ends where one begins is no such statement, and one that ends where it begins may be the whole day again.
    """
    if period.opening_minor == period.closing_minor:
        return []
    found = _of_chain(session, account, period.from_date, period.opening_minor, _CLOSING)
    if period.from_date == period.to_date:
        found += _of_chain(session, account, period.from_date, period.closing_minor, _OPENING)
    return found


def _of_chain(
    session: Session, account: BankAccount, day: date | None, balance: int | None, end: str
) -> list[BankLine]:
    """Follow a day's statements from a balance on, away from the file that has it at its other `end`."""
    found: list[BankLine] = []
    seen = set[int]()
    while balance is not None and day is not None:
        file = session.exec(_of_one_day(account.id, day, balance, end, seen)).first()
        if file is None:
            break
        seen.add(file.id)
        found += session.exec(select(BankLine).where(col(BankLine.file_id) == file.id))
        balance = file.opening_minor if end == _CLOSING else file.closing_minor
    return found


def _of_one_day(
    account_id: int, day: date, balance: int, end: str, seen: Iterable[int]
) -> SelectOfScalar[StatementFile]:
    return (
        select(StatementFile)
        .where(
            col(StatementFile.bank_account_id) == account_id,
            col(StatementFile.from_date) == day,
            col(StatementFile.to_date) == day,
            (col(StatementFile.closing_minor) if end == _CLOSING else col(StatementFile.opening_minor)) == balance,
            col(StatementFile.opening_minor) != col(StatementFile.closing_minor),
            col(StatementFile.id).not_in(seen),
        )
        .order_by(col(StatementFile.id))
        .limit(1)
        .options(WITHOUT_BYTES)
    )


def _chunks(values: Sequence[_Value]) -> Iterator[Sequence[_Value]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]


def recent_files(session: Session, *, most: int, account_ids: Iterable[int] | None = None) -> Sequence[StatementFile]:
    """List the files imported last, newest first."""
    statement = select(StatementFile).order_by(col(StatementFile.id).desc()).limit(most).options(WITHOUT_BYTES)
    if account_ids is not None:
        statement = statement.where(col(StatementFile.bank_account_id).in_(list(account_ids)))
    return session.exec(statement).all()
