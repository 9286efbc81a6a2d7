"""The pages about bank statements: accounts with their files, and an account's lines."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from urllib.parse import urlencode

from fundraise import times
from fundraise.figures.statements import PAGE, AccountFacts, Counterpart, LineFacts, LineFilter, LinesPage
from fundraise.money import Money, show
from fundraise.showing.values import at
from fundraise.statements.tables import BankAccount, StatementFile
from fundraise.views.parts import EmptyState, Link, Moment, Option, Pager, Status
from fundraise.views.staff_bank_pages import (
    BankAccountRow,
    BankLineRow,
    BankLinesPage,
    StatementsPage,
)
from fundraise.views.staff_parts import (
    Answer,
    FilterBar,
    FilterField,
    Happening,
    StaffFrame,
    TotalsRow,
)

HOME: Final = "/staff/statements"
FORMATS: Final = "CAMT.053 and CSV"
# Without a statement for so long, an account is not up to date.
_STALE: Final = timedelta(days=35)
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
    return Answer(sentence=f"{lines_said(lines)} of Stripe’s without a match.", tone="needs_you")


def _account_row(facts: AccountFacts, now: datetime) -> BankAccountRow:
    account, file = facts.account, facts.last_file
    balance = file.closing_minor if file is not None else None
    return BankAccountRow(
        name=account.name,
        href=f"{HOME}/{account.name}",
        currency=f"{account.currency}, {facts.body.name}",
        status=_status_of(file, now),
        last=day(facts.last_day) if facts.last_day is not None else None,
        closing=money(account, balance) if balance is not None else "",
        unmatched=f"{lines_said(facts.open_lines)}, {money(account, facts.open_minor)}" if facts.open_lines else "",
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
    said = f"{file.name} for {account}: {lines_said(file.lines_in_file)}, {file.lines_new} new"
    return Happening(when=at(file.imported_at), what=". ".join([said, *warnings]), who=file.imported_by)


# --- an account's lines ----------------------------------------------------------------------------------------------


def lines_page(
    frame: StaffFrame, account: BankAccount, found: LinesPage, wanted: LineFilter, open_lines: int
) -> BankLinesPage:
    """Make the page of an account's lines under a filter."""
    address = f"{HOME}/{account.name}"
    return BankLinesPage(
        frame=frame,
        title=account.name,
        answer=Answer(sentence=f"{lines_said(open_lines)} of Stripe’s without a match.", tone="needs_you")
        if open_lines
        else Answer(sentence="Everything of Stripe’s is matched with a payout.", tone="settled"),
        filter_bar=_filter_bar(address, wanted),
        rows=tuple(_line_row(facts, account) for facts in found.rows),
        totals=(TotalsRow(label=f"Sum, {account.currency}", amounts=(money(account, found.sum_minor),)),),
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
        date=day(line.booked_on),
        text=line.text,
        amount=money(account, line.minor),
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


def lines_said(count: int) -> str:
    """Return `1 line`, `1,204 lines`."""
    return "1 line" if count == 1 else f"{count:,} lines"


def money(account: BankAccount, minor: int) -> str:
    """Return an amount of an account with its sign."""
    return show(Money(minor, account.currency)).replace("-", "−")


def _iso(day: date | None) -> str:
    return day.isoformat() if day is not None else ""


def day(value: date) -> Moment:
    """Return a day as pages show it."""
    return Moment(text=times.day(datetime.combine(value, time(), UTC)), iso=value.isoformat())
