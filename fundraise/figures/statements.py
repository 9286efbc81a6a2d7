"""What staff see of the bank: accounts, lines with what they are matched with, and what a line may be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, not_, or_
from sqlmodel import Session, col, select

from fundraise.bodies.questions import bodies_by_id
from fundraise.bodies.tables import Body
from fundraise.settlements.tables import PayoutRow
from fundraise.statements.questions import WITHOUT_BYTES, bank_accounts
from fundraise.statements.rules import words_of
from fundraise.statements.tables import BankAccount, BankLine, BankMatch, StatementFile
from fundraise.transfers.tables import Transfer

PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """An account with its last day and balance, and how much of Stripe's money on it is matched with nothing."""

    account: BankAccount
    body: Body
    last_day: date | None
    last_file: StatementFile | None
    open_lines: int
    open_minor: int


@dataclass(frozen=True, slots=True)
class LineFilter:
    """Which lines of an account: `open` ones need a person, `matched`, or any; words; days; the page, from 1."""

    show: str = ""
    words: str = ""
    begins: date | None = None
    ends: date | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class LineFacts:
    """A line, what it is matched with, whether Stripe's words stand in it, and how many equal ones its day has."""

    line: BankLine
    match: BankMatch | None
    counterpart: "Counterpart | None"
    says_stripe: bool
    equals: int = 1


@dataclass(frozen=True, slots=True)
class Counterpart:
    """What a line is matched with: exactly one of both; `is_return` for a payout that the bank sent back."""

    payout: PayoutRow | None = None
    transfer: Transfer | None = None
    is_return: bool = False


@dataclass(frozen=True, slots=True)
class LinesPage:
    """A page of lines, and how many the filter finds and what they sum to."""

    rows: tuple[LineFacts, ...]
    count: int
    sum_minor: int


def account_facts(session: Session) -> list[AccountFacts]:
    """List all accounts with what is known of them."""
    accounts = bank_accounts(session)
    bodies = bodies_by_id(session, {account.body_id for account in accounts})
    return [_facts_of(session, account, bodies[account.body_id]) for account in accounts]


def _facts_of(session: Session, account: BankAccount, body: Body) -> AccountFacts:
    last_day = session.exec(
        select(func.max(col(BankLine.booked_on))).where(col(BankLine.bank_account_id) == account.id)
    ).one()
    last_file = session.exec(
        select(StatementFile)
        .where(col(StatementFile.bank_account_id) == account.id)
        .order_by(func.coalesce(col(StatementFile.to_date), date.min).desc(), col(StatementFile.id).desc())
        .limit(1)
        .options(WITHOUT_BYTES)
    ).first()
    open_lines, open_minor = _counted(session, account, LineFilter(show="open"))
    return AccountFacts(account, body, last_day, last_file, open_lines, open_minor)


def lines_page(session: Session, account: BankAccount, wanted: LineFilter) -> LinesPage:
    """Return a page of an account's lines, newest first."""
    statement = (
        select(BankLine, BankMatch, says_stripe(account))
        .outerjoin(BankMatch, _standing())
        .where(*_conditions(account, wanted))
        .order_by(col(BankLine.booked_on).desc(), col(BankLine.id).desc())
        .limit(PAGE)
        .offset((wanted.page - 1) * PAGE)
    )
    found: list[tuple[BankLine, BankMatch | None, bool]] = [
        (line, match, bool(says)) for line, match, says in session.exec(statement)
    ]
    counterparts = _counterparts(session, [match for _, match, _ in found if match is not None])
    equals = _equals(session, account, [line for line, _, _ in found])
    rows = tuple(
        LineFacts(line, match, counterparts[match.id] if match is not None else None, says, equals.get(_shape(line), 1))
        for line, match, says in found
    )
    count, sum_minor = _counted(session, account, wanted)
    return LinesPage(rows, count, sum_minor)


def all_open_lines(session: Session, account: BankAccount) -> Sequence[BankLine]:
    """List the lines that need a person, newest first: Stripe's by their words, and matched with nothing."""
    statement = select(BankLine).where(*_conditions(account, LineFilter(show="open")))
    return session.exec(statement.order_by(col(BankLine.booked_on).desc(), col(BankLine.id).desc())).all()


def open_lines(session: Session, account: BankAccount) -> int:
    """Count the lines that need a person: Stripe's by their words, and matched with nothing."""
    return _counted(session, account, LineFilter(show="open"))[0]


def matches_of(session: Session, line_id: int) -> list[tuple[BankMatch, Counterpart]]:
    """Return every match a line ever had, newest first."""
    statement = select(BankMatch).where(col(BankMatch.line_id) == line_id).order_by(col(BankMatch.id).desc())
    found = session.exec(statement).all()
    counterparts = _counterparts(session, found)
    return [(match, counterparts[match.id]) for match in found]


def says_stripe(account: BankAccount) -> ColumnElement[bool]:
    """Return the condition that the words of a pattern stand in a line; for lists, the ruling is stricter."""
    said = func.upper(col(BankLine.text) + " " + col(BankLine.counterparty) + " " + col(BankLine.reference))
    choices = [words_of(choice).split() for choice in account.stripe_pattern.split(",")]
    return or_(*(and_(*(said.contains(word, autoescape=True) for word in words)) for words in choices if words))


def equal_lines(session: Session, line: BankLine) -> int:
    """Count the lines of the same day, amount and text, this one among them."""
    statement = select(func.count()).where(
        col(BankLine.bank_account_id) == line.bank_account_id,
        col(BankLine.currency) == line.currency,
        col(BankLine.minor) == line.minor,
        col(BankLine.booked_on) == line.booked_on,
        col(BankLine.text) == line.text,
    )
    return session.exec(statement).one()


def _standing() -> ColumnElement[bool]:
    return and_(col(BankMatch.line_id) == col(BankLine.id), col(BankMatch.stands).is_(True))


def _conditions(account: BankAccount, wanted: LineFilter) -> list[Any]:
    conditions: list[Any] = [col(BankLine.bank_account_id) == account.id]
    matched = select(BankMatch.id).where(_standing()).correlate(BankLine).exists()
    if wanted.show == "open":
        conditions += [not_(matched), says_stripe(account)]
    elif wanted.show == "matched":
        conditions.append(matched)
    for word in wanted.words.split()[:10]:
        said = col(BankLine.text) + " " + col(BankLine.counterparty) + " " + col(BankLine.reference)
        conditions.append(func.upper(said).contains(word.upper(), autoescape=True))
    if wanted.begins is not None:
        conditions.append(col(BankLine.booked_on) >= wanted.begins)
    if wanted.ends is not None:
        conditions.append(col(BankLine.booked_on) <= wanted.ends)
    return conditions


def _counted(session: Session, account: BankAccount, wanted: LineFilter) -> tuple[int, int]:
    statement = select(func.count(), func.coalesce(func.sum(col(BankLine.minor)), 0))
    count, minor = session.exec(statement.where(*_conditions(account, wanted))).one()
    return int(count), int(minor)


def _shape(line: BankLine) -> tuple[date, int, str]:
    return line.booked_on, line.minor, line.text


def _equals(session: Session, account: BankAccount, lines: Sequence[BankLine]) -> dict[tuple[date, int, str], int]:
    """Count the equal lines of each line shown, where there are several."""
    if not lines:
        return {}
    first, last = min(line.booked_on for line in lines), max(line.booked_on for line in lines)
    statement = (
        select(col(BankLine.booked_on), col(BankLine.minor), col(BankLine.text), func.count())
        .where(
            col(BankLine.bank_account_id) == account.id,
            col(BankLine.currency) == account.currency,
            col(BankLine.minor).in_({line.minor for line in lines}),
            col(BankLine.booked_on).between(first, last),
        )
        .group_by(col(BankLine.booked_on), col(BankLine.minor), col(BankLine.text))
        .having(func.count() > 1)
    )
    return {(day, minor, text): count for day, minor, text, count in session.exec(statement)}


def _counterparts(session: Session, matches: Iterable[BankMatch]) -> dict[int, Counterpart]:
    matches = list(matches)
    payout_ids = {each for match in matches for each in (match.payout_id, match.returned_payout_id) if each is not None}
    transfer_ids = {match.transfer_id for match in matches if match.transfer_id is not None}
    payouts = {row.id: row for row in session.exec(select(PayoutRow).where(col(PayoutRow.id).in_(payout_ids)))}
    transfers = {row.id: row for row in session.exec(select(Transfer).where(col(Transfer.id).in_(transfer_ids)))}
    return {
        match.id: Counterpart(
            payout=payouts.get(match.payout_id or match.returned_payout_id or 0),
            transfer=transfers.get(match.transfer_id or 0),
            is_return=match.returned_payout_id is not None,
        )
        for match in matches
    }
