"""The pages about bank statements: accounts and files, what a file holds, an account's lines."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from urllib.parse import urlencode

from fundraise import times
from fundraise.figures.statements import PAGE, AccountFacts, Counterpart, LineFacts, LineFilter, LinesPage
from fundraise.flows.import_statement import Look
from fundraise.money import Money, show
from fundraise.showing.values import at
from fundraise.statements import checks
from fundraise.statements.rules import NumberedLine
from fundraise.statements.tables import BankAccount, StatementFile
from fundraise.statements.vocabulary import DateOrder, Question
from fundraise.web.views.parts import EmptyState, Link, Moment, Option, Pager, Status
from fundraise.web.views.staff_bank_pages import (
    BankAccountRow,
    BankLineRow,
    BankLinesPage,
    StatementPreviewPage,
    StatementsPage,
)
from fundraise.web.views.staff_parts import (
    Answer,
    Fact,
    FilterBar,
    FilterField,
    Happening,
    PostAction,
    StaffFrame,
    TotalsRow,
)

HOME: Final = "/staff/statements"
FORMATS: Final = "CAMT.053 and CSV"
# Without a statement for so long, an account is not up to date.
_STALE: Final = timedelta(days=35)
_PREVIEWED: Final = 200
_MATCHED = Status(word="Matched", tone="settled")
_NO_MATCH = Status(word="No match", tone="needs_you")
_OTHERS = Status(word="Not Stripe’s", tone="quiet")


def statements_page(
    frame: StaffFrame,
    accounts: Sequence[AccountFacts],
    files: Sequence[StatementFile],
    now: datetime,
    *,
    chosen: str = "",
    errors: Mapping[str, str] | None = None,
) -> StatementsPage:
    """Make the page of accounts, with the form that brings a file and what was read before."""
    names = {facts.account.id: facts.account.name for facts in accounts}
    return StatementsPage(
        frame=frame,
        answer=_answer_of(accounts),
        accounts=tuple(_account_row(facts, now) for facts in accounts),
        empty=EmptyState(
            sentence="No bank account yet. Add one with fundraise bank add NAME --body SLUG --currency GBP."
        ),
        action=HOME,
        account=tuple(
            Option(
                value=facts.account.name,
                text=f"{facts.account.name}, {facts.body.name} ({facts.account.currency})",
                is_chosen=facts.account.name == chosen,
            )
            for facts in accounts
        ),
        formats=FORMATS,
        imports=tuple(_happening(file, names[file.bank_account_id]) for file in files),
        errors=errors or {},
    )


def _answer_of(accounts: Sequence[AccountFacts]) -> Answer:
    lines = sum(facts.open_lines for facts in accounts)
    if not accounts:
        return Answer(sentence="Nothing is known of any bank account yet.")
    without = sum(facts.last_file is None for facts in accounts)
    if not lines and without:
        count = "1 account has" if without == 1 else f"{without} accounts have"
        return Answer(sentence=f"{count} no statement yet.", tone="needs_you")
    if not lines:
        return Answer(sentence="Everything of Stripe’s on the statements is matched with a payout.", tone="settled")
    return Answer(sentence=f"{_lines(lines)} of Stripe’s without a match.", tone="needs_you")


def _account_row(facts: AccountFacts, now: datetime) -> BankAccountRow:
    account, file = facts.account, facts.last_file
    balance = file.closing_minor if file is not None else None
    return BankAccountRow(
        name=account.name,
        href=f"{HOME}/{account.name}",
        currency=f"{account.currency}, {facts.body.name}",
        status=_status_of(file, now),
        last=_day(facts.last_day) if facts.last_day is not None else None,
        closing=_money(account, balance) if balance is not None else "",
        unmatched=f"{_lines(facts.open_lines)}, {_money(account, facts.open_minor)}" if facts.open_lines else "",
    )


def _status_of(file: StatementFile | None, now: datetime) -> Status:
    if file is None:
        return Status(word="No statement yet", tone="needs_you")
    ended = datetime.combine(file.to_date, time(), UTC) if file.to_date is not None else file.imported_at
    if now - ended > _STALE:
        return Status(word=f"No statement for {times.age(ended, now)}", tone="needs_you")
    return Status(word="Up to date", tone="settled")


def _happening(file: StatementFile, account: str) -> Happening:
    warnings = json.loads(file.warnings)
    said = f"{file.name} for {account}: {_lines(file.lines_in_file)}, {file.lines_new} new"
    return Happening(when=at(file.imported_at), what=". ".join([said, *warnings]), who=file.imported_by)


# --- before anything is kept -----------------------------------------------------------------------------------------


def preview_page(frame: StaffFrame, look: Look, ref: str, name: str) -> StatementPreviewPage:
    """Make the page that shows what a file holds, with the decision to keep it or not."""
    return StatementPreviewPage(
        frame=frame,
        file_name=name,
        answer=_preview_answer(look),
        facts=_facts_of(look),
        rows=tuple(_preview_row(each, look) for each in look.lines[:_PREVIEWED]),
        actions=_decisions(look, f"{HOME}/uploads/{ref}"),
        problems=tuple(_doubts(look)),
    )


def _preview_answer(look: Look) -> Answer:
    if look.problems:
        return Answer(sentence="This file cannot be imported as it is.", tone="wrong")
    if look.imported_before:
        return Answer(sentence=f"This very file was imported before: 0 of {_lines(len(look.lines))} are new.")
    sums = _sums(look)
    detail = f"{sums} Nothing was kept so far." if sums else "Nothing was kept so far."
    return Answer(sentence=f"{_lines(len(look.lines))}, {look.new} new.", detail=detail)


def _sums(look: Look) -> str:
    period = checks.period_of(look.read.statements)
    if period.opening_minor is None or period.closing_minor is None:
        return "The file names no balances to check it by."
    return "" if look.warnings else "Opening balance and movements make the closing balance."


def _facts_of(look: Look) -> tuple[Fact, ...]:
    account, period = look.account, checks.period_of(look.read.statements)
    facts = [Fact(label="Account", value=account.name), Fact(label="Format", value=look.read.format)]
    if look.problems:
        return tuple(facts)
    if period.from_date and period.to_date:
        facts.append(Fact(label="Period", value=f"{_day(period.from_date).text} to {_day(period.to_date).text}"))
    if period.opening_minor is not None:
        facts.append(Fact(label="Opening balance", value=_money(account, period.opening_minor)))
    facts.append(Fact(label="Movements", value=_money(account, sum(each.line.minor for each in look.lines))))
    if period.closing_minor is not None:
        facts.append(Fact(label="Closing balance", value=_money(account, period.closing_minor)))
    if len(look.lines) > _PREVIEWED:
        facts.append(Fact(label="Shown", value=f"the first {_PREVIEWED} lines"))
    return tuple(facts)


def _preview_row(each: NumberedLine, look: Look) -> BankLineRow:
    known = each.identity in look.known
    return BankLineRow(
        date=_day(each.line.booked_on),
        text=each.line.text,
        amount=_money(look.account, each.line.minor),
        status=Status(word="Known", tone="quiet") if known else Status(word="New", tone="settled"),
        note=f"number {each.occurrence} of equal lines" if each.occurrence > 1 else "",
        place=f"{'entry' if look.read.format == 'camt.053' else 'line'} {each.line.place}",
    )


def _doubts(look: Look) -> list[str]:
    said = [str(problem) for problem in look.problems] or [*look.warnings, *look.read.notes]
    if look.alike and not look.problems:
        said.insert(0, str(checks.alike(look.alike)))
    return said


def _decisions(look: Look, address: str) -> tuple[PostAction, ...]:
    away = PostAction(action=f"{address}/drop", button="Throw the file away")
    if look.read.question is Question.DATE_ORDER:
        return (
            PostAction(
                action=f"{address}/read",
                button="The day comes first",
                hidden=(("date_order", DateOrder.DAY_FIRST),),
            ),
            PostAction(
                action=f"{address}/read",
                button="The month comes first",
                hidden=(("date_order", DateOrder.MONTH_FIRST),),
            ),
            away,
        )
    if look.problems:
        return (away,)
    if look.alike:
        meant = PostAction(
            action=f"{address}/keep",
            button=f"Keep {_lines(look.new)} all the same",
            kind="grave",
            hidden=(("alike_is_new", "1"),),
            question="Only if these are movements of their own, beside the equal ones that stand here already.",
        )
        return (away, meant)
    button = (
        f"Keep {look.new} new {'line' if look.new == 1 else 'lines'}" if look.new else "Keep the file, nothing is new"
    )
    return (PostAction(action=f"{address}/keep", button=button, kind="action", key="k"), away)


# --- an account's lines ----------------------------------------------------------------------------------------------


def lines_page(
    frame: StaffFrame, account: BankAccount, found: LinesPage, wanted: LineFilter, open_lines: int
) -> BankLinesPage:
    """Make the page of an account's lines under a filter."""
    address = f"{HOME}/{account.name}"
    return BankLinesPage(
        frame=frame,
        title=account.name,
        answer=Answer(sentence=f"{_lines(open_lines)} of Stripe’s without a match.", tone="needs_you")
        if open_lines
        else Answer(sentence="Everything of Stripe’s is matched with a payout.", tone="settled"),
        filter_bar=_filter_bar(address, wanted),
        rows=tuple(_line_row(facts, account) for facts in found.rows),
        totals=(TotalsRow(label=f"Sum, {account.currency}", amounts=(_money(account, found.sum_minor),)),),
        pager=_pager(address, found, wanted),
        empty=EmptyState(sentence="No line fits this filter." if wanted != LineFilter() else "No line yet."),
    )


def _filter_bar(address: str, wanted: LineFilter) -> FilterBar:
    shows = (("all", "All lines"), ("open", "Need a match"), ("matched", "Matched"))
    return FilterBar(
        action=address,
        fields=(
            FilterField(name="q", label="Text", value=wanted.words),
            FilterField(
                name="show",
                label="State",
                kind="select",
                options=tuple(
                    Option(value=value, text=text, is_chosen=value == (wanted.show or "all")) for value, text in shows
                ),
            ),
            FilterField(name="from", label="From", kind="date", value=_iso(wanted.begins)),
            FilterField(name="to", label="To", kind="date", value=_iso(wanted.ends)),
        ),
        clear_href=f"{address}?show=all" if wanted != LineFilter() else "",
    )


def _line_row(facts: LineFacts, account: BankAccount) -> BankLineRow:
    line = facts.line
    return BankLineRow(
        date=_day(line.booked_on),
        text=line.text,
        amount=_money(account, line.minor),
        status=line_status(matched=facts.match is not None, says_stripe=facts.says_stripe),
        href=f"/staff/lines/{line.id}",
        match=counterpart_link(facts.counterpart) if facts.counterpart is not None else None,
        note=f"number {line.occurrence} of {facts.equals} equal lines" if facts.equals > 1 else "",
    )


def line_status(*, matched: bool, says_stripe: bool) -> Status:
    """Return a line's state: only what Stripe sent or took is looked for among payouts."""
    if matched:
        return _MATCHED
    return _NO_MATCH if says_stripe else _OTHERS


def counterpart_link(counterpart: Counterpart) -> Link:
    """Return what a line is matched with, and where it opens."""
    if counterpart.payout is not None:
        name = counterpart.payout.stripe_id
        return Link(
            text=f"Return of payout {name}" if counterpart.is_return else f"Payout {name}",
            href=f"/staff/payouts/{name}",
        )
    reference = counterpart.transfer.reference if counterpart.transfer is not None else ""
    return Link(text=f"Transfer {reference}", href="/staff/partners")


def _pager(address: str, found: LinesPage, wanted: LineFilter) -> Pager:
    first = (wanted.page - 1) * PAGE + 1
    last = first + len(found.rows) - 1
    more = last < found.count
    return Pager(
        summary=f"{first:,} to {last:,} of {found.count:,}",
        previous_href=_page_href(address, wanted, wanted.page - 1) if wanted.page > 1 else "",
        next_href=_page_href(address, wanted, wanted.page + 1) if more else "",
    )


def _page_href(address: str, wanted: LineFilter, page: int) -> str:
    values = {
        "q": wanted.words,
        "show": wanted.show or "all",
        "from": _iso(wanted.begins),
        "to": _iso(wanted.ends),
        "page": str(page),
    }
    return f"{address}?{urlencode({name: value for name, value in values.items() if value})}"


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count:,} lines"


def _money(account: BankAccount, minor: int) -> str:
    return show(Money(minor, account.currency)).replace("-", "−")


def _iso(day: date | None) -> str:
    return day.isoformat() if day is not None else ""


def _day(day: date) -> Moment:
    return Moment(text=times.day(datetime.combine(day, time(), UTC)), iso=day.isoformat())
