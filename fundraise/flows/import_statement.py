"""A bank's file, looked at and then kept: all of it or nothing, and nothing of it twice."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from fundraise.errors import Refusal
from fundraise.flows.match_payouts import match_payouts
from fundraise.flows.read_statement import exponents, read_in_child
from fundraise.parts import Parts
from fundraise.statements import checks
from fundraise.statements.questions import (
    bank_account_by_name,
    bank_accounts,
    file_with,
    known_identities,
    lookalikes,
    mapping_of,
    others_that_day,
)
from fundraise.statements.rules import NumberedLine, in_order, is_iban, numbered
from fundraise.statements.tables import BankAccount, BankLine, StatementFile, StatementMapping
from fundraise.statements.vocabulary import DateOrder, FileRead, Problem, Question, ReadAs
from fundraise.text import TextError, clean_line

Reader = Callable[[bytes, ReadAs], FileRead]
_LONGEST_FILE_NAME: Final = 200
_SAID: Final = 10


@dataclass(frozen=True, slots=True)
class Upload:
    """A file for an account, who brought it, and what they said about it.

    `alike_is_new` takes lines that look like kept ones as movements of their own; else such a file is refused.
    """

    account: str
    file_name: str
    raw: bytes
    by: str
    date_order: DateOrder | None = None
    columns: Mapping[str, Any] | None = None
    alike_is_new: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What a file holds for an account, before anything is kept. With problems it cannot be imported."""

    account: BankAccount
    read: FileRead
    lines: Sequence[NumberedLine]
    known: frozenset[str]
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]
    alike: int
    imported_before: bool

    @property
    def new(self) -> int:
        """Return how many lines would be added."""
        return len(self.lines) - len(self.known)


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import."""

    file_id: int
    lines: int
    new: int
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    matched: Counter[str] = field(default_factory=Counter)


class StatementRefused(Refusal):
    """The file cannot be imported; nothing of it was kept. `problems` name each place, as far as there is one."""

    code = "statement_refused"

    def __init__(self, problems: Sequence[Problem], question: Question | None = None) -> None:
        said = [str(problem) for problem in problems[:_SAID]]
        if len(problems) > _SAID:
            said.append(f"and {len(problems) - _SAID} more")
        super().__init__("Nothing was imported. " + "; ".join(said), field="file")
        self.problems = tuple(problems)
        self.question = question


def look_at(parts: Parts, upload: Upload, *, reader: Reader = read_in_child) -> Look:
    """Read a file and compare it with what is kept; changes nothing. `NotFound` for an account there is not."""
    with parts.db.read() as session:
        account = bank_account_by_name(session, upload.account)
        read_as = _read_as(account, upload, mapping_of(session, account.id))
    read = reader(upload.raw, read_as)
    with parts.db.read() as session:
        return _compared(session, account, upload, read)


def import_statement(parts: Parts, upload: Upload, *, reader: Reader = read_in_child) -> Imported:
    """Keep a file and its new lines in one transaction, then match what can be matched.

    A file that was kept before is only matched: whoever kept it may have died before that. Raises `StatementRefused`,
    and `NotFound` for an account there is not; then nothing was kept.
    """
    look = look_at(parts, upload, reader=reader)
    _require_good(look, upload)
    with parts.db.write("import statement") as session:
        account = _locked(session, look.account.id)
        kept = _kept(session, parts, upload, look, account)
    return replace(kept, matched=match_payouts(parts, account.body_id))


def _kept(session: Session, parts: Parts, upload: Upload, look: Look, account: BankAccount) -> Imported:
    """Keep the file and those of its lines that are not here yet, unless it was kept before."""
    before = file_with(session, account.id, _digest(upload.raw))
    if before is not None:
        return Imported(before.id, before.lines_in_file, 0, (), look.read.notes)
    look = _compared(session, account, upload, look.read)
    _require_good(look, upload)  # Another file may have come in between.
    file = _keep_file(session, parts, upload, look)
    file.lines_new = _keep_lines(session, file, look.lines, account)
    _learn(session, account, upload, look, parts)
    return Imported(file.id, len(look.lines), file.lines_new, look.warnings, look.read.notes)


def _read_as(account: BankAccount, upload: Upload, said: StatementMapping | None) -> ReadAs:
    order, columns = upload.date_order, upload.columns
    if said is not None:
        order = order or (DateOrder(said.date_order) if said.date_order else None)
        columns = columns or (json.loads(said.columns) if said.columns else None)
    return ReadAs(account.currency, exponents(), order, columns, columns_are_remembered=upload.columns is None)


def _compared(session: Session, account: BankAccount, upload: Upload, read: FileRead) -> Look:
    statements = in_order(read.statements)
    problems = read.problems or checks.refusals(account, statements, bank_accounts(session))
    others = others_that_day(session, account, checks.period_of(statements))
    lines = [] if problems else numbered(statements, others)
    known = known_identities(session, account.id, lines)
    warnings = () if problems else (*read.warnings, *checks.warnings(session, account, statements))
    alike = lookalikes(session, account, lines, known, others)
    kept = file_with(session, account.id, _digest(upload.raw)) is not None
    return Look(account, read, lines, frozenset(known), problems, warnings, alike, kept)


def _require_good(look: Look, upload: Upload) -> None:
    if look.problems:
        raise StatementRefused(look.problems, look.read.question)
    if look.alike and not upload.alike_is_new:
        raise StatementRefused([checks.alike(look.alike)])


def _locked(session: Session, account_id: int) -> BankAccount:
    """Hold the account, so that one file at a time comes into it."""
    return session.exec(
        select(BankAccount)
        .where(col(BankAccount.id) == account_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _keep_file(session: Session, parts: Parts, upload: Upload, look: Look) -> StatementFile:
    statements = in_order(look.read.statements)
    period = checks.period_of(statements)
    file = StatementFile(
        bank_account_id=look.account.id,
        sha256=_digest(upload.raw),
        name=file_name(upload.file_name),
        format=look.read.format,
        raw=upload.raw,
        lines_in_file=len(look.lines),
        lines_new=0,
        from_date=period.from_date,
        to_date=period.to_date,
        opening_minor=period.opening_minor,
        closing_minor=period.closing_minor,
        first_number=statements[0].number if statements else None,
        last_number=statements[-1].number if statements else None,
        warnings=json.dumps(look.warnings, ensure_ascii=False),
        imported_at=parts.clock.now(),
        imported_by=upload.by[:60],
    )
    session.add(file)
    session.flush()
    return file


def _keep_lines(session: Session, file: StatementFile, lines: Sequence[NumberedLine], account: BankAccount) -> int:
    """Add the lines that are new; return how many were. The unique key has the last word."""
    if not lines:
        return 0
    rows = [
        {
            "bank_account_id": account.id,
            "file_id": file.id,
            "position": each.line.place,
            "booked_on": each.line.booked_on,
            "value_on": each.line.value_on,
            "minor": each.line.minor,
            "currency": account.currency,
            "text": each.line.text,
            "counterparty": each.line.counterparty,
            "reference": each.line.reference,
            "bank_id": each.line.bank_id,
            "occurrence": each.occurrence,
            "identity": each.identity,
        }
        for each in lines
    ]
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = (
        dialect.insert(BankLine)
        .on_conflict_do_nothing(index_elements=["bank_account_id", "identity"])
        .returning(col(BankLine.id))
    )
    return len(session.execute(statement, rows).all())


def _learn(session: Session, account: BankAccount, upload: Upload, look: Look, parts: Parts) -> None:
    """Remember the account's number from the first file that tells it, and what a person said about the file."""
    number = next((statement.account for statement in look.read.statements if statement.account), "")
    if number and (not account.iban or (is_iban(number) and not is_iban(account.iban))):
        account.iban = number
        session.add(account)
    if upload.date_order is None and upload.columns is None:
        return
    said = mapping_of(session, account.id)
    said = said or StatementMapping(bank_account_id=account.id, made_at=parts.clock.now(), made_by=upload.by[:60])
    said.date_order = upload.date_order or said.date_order
    said.columns = json.dumps(upload.columns, ensure_ascii=False) if upload.columns is not None else said.columns
    said.made_at, said.made_by = parts.clock.now(), upload.by[:60]
    session.add(said)


def file_name(name: str) -> str:
    """Return the file's own name without folders, fit to be shown."""
    try:
        return clean_line(name.replace("\\", "/").rpartition("/")[2][:_LONGEST_FILE_NAME], longest=_LONGEST_FILE_NAME)
    except TextError:
        return "statement"
