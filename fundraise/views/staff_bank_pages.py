"""Staff pages about the bank: statements, their lines, what they match, and reconciliation runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fundraise.views.parts import EmptyState, Link, Moment, Option, Pager, Status
from fundraise.views.staff_parts import (
    Answer,
    Comparison,
    Fact,
    FilterBar,
    Happening,
    PostAction,
    StaffFrame,
    TotalsRow,
)
from fundraise.views.staff_reconciliation_pages import DifferenceRow, RollRow


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccountRow:
    """A bank account.

    Fields:
        name: "Rainbow Shelter current account".
        href: its lines.
        currency: "GBP".
        status: Status("Up to date", "settled"), Status("No statement for 9 days", "needs_you").
        last: day of the last line; None before the first statement.
        closing: closing balance of the last statement; "" before the first.
        unmatched: "3 lines, £212.40"; "" for none.
    """

    name: str
    href: str
    currency: str
    status: Status
    last: Moment | None = None
    closing: str = ""
    unmatched: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementsPage:
    """`staff/statements.html`: the accounts, and the form that uploads a statement.

    The fields it sends, as `multipart/form-data`: `account`, `file`.

    Fields:
        frame: see `StaffFrame`.
        answer: "2 accounts, 3 lines without a match, £212.40."
        accounts: see `BankAccountRow`.
        empty: shown when there are no accounts.
        action: address the form posts to.
        account: accounts to choose from (field `account`).
        formats: what can be read, "CSV, OFX, QIF, MT940, CAMT.053, BAI2".
        imports: what was read before, latest first: when, file, outcome, who.
        errors: message by field name.
    """

    frame: StaffFrame
    answer: Answer
    accounts: tuple[BankAccountRow, ...]
    empty: EmptyState
    action: str
    account: tuple[Option, ...]
    formats: str
    imports: tuple[Happening, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BankLineRow:
    """A line of a statement.

    Fields:
        date: booking day.
        text: what the bank wrote.
        amount: signed.
        status: in a preview Status("New", "settled"), Status("Known", "quiet"), Status("Looks like another",
            "needs_you"); else Status("Matched", "settled"), Status("Suggested", "on_its_way"), Status("No match",
            "needs_you"), Status("Set aside", "quiet").
        href: its page; "" in a preview.
        match: what it is matched to; None for nothing.
        note: "2 of 2 equal lines"; "" for none.
        place: where in the file it stands, "line 14"; "" outside a preview.
    """

    date: Moment
    text: str
    amount: str
    status: Status
    href: str = ""
    match: Link | None = None
    note: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementPreviewPage:
    """`staff/statement_preview.html`: what a file holds, before anything of it is kept.

    Fields:
        frame: see `StaffFrame`.
        file_name: as uploaded.
        answer: "212 lines, 14 new, opening and closing balance fit."
        facts: account, period, opening, sum, closing, format.
        problems: what could not be read, each with its place; a person decides.
        rows: the lines.
        actions: keep the new lines; throw the file away.
    """

    frame: StaffFrame
    file_name: str
    answer: Answer
    facts: tuple[Fact, ...]
    rows: tuple[BankLineRow, ...]
    actions: tuple[PostAction, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BankLinesPage:
    """`staff/bank_lines.html`: the lines of an account. Amount columns: amount.

    Fields:
        frame: see `StaffFrame`.
        title: the account's name.
        answer: "3 of 212 lines have no match, £212.40."
        filter_bar: see `FilterBar`.
        rows: this page of them.
        totals: over all that the filter finds.
        pager: where in the list this page is.
        empty: shown when there are no rows.
    """

    frame: StaffFrame
    title: str
    answer: Answer
    filter_bar: FilterBar
    rows: tuple[BankLineRow, ...]
    totals: tuple[TotalsRow, ...]
    pager: Pager
    empty: EmptyState


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What a bank line is, or may be, matched to.

    Fields:
        title: "Payout po_1PxT21 of £1,204.10".
        href: its page.
        reasons: why, a short sentence each: "amount exact", "1 day after the expected day", "text says STRIPE".
        amount: its amount.
        difference: what is left, "£0.00"; signed.
        action: accept a suggestion, or undo a match.
        by: who matched it and when, "by itself, 26 November"; "" for a suggestion.
    """

    title: str
    href: str
    reasons: tuple[str, ...]
    amount: str
    difference: str
    action: PostAction
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankLinePage:
    """`staff/bank_line.html`: one line, what it matches and why.

    Fields:
        frame: see `StaffFrame`.
        title: "£1,204.10 on 26 November 2026".
        status: its state.
        answer: "Matched to payout po_1PxT21 by itself."
        facts: text, reference, value day, statement, place in the file.
        matches: what it is matched to now.
        suggestions: likeliest first.
        actions: assign, set aside with a reason.
        history: latest first.
    """

    frame: StaffFrame
    title: str
    status: Status
    answer: Answer
    facts: tuple[Fact, ...]
    matches: tuple[Match, ...] = ()
    suggestions: tuple[Match, ...] = ()
    actions: tuple[PostAction, ...] = ()
    history: tuple[Happening, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage:
    """`staff/reconciliation_run.html`: one run and all it found.

    Fields:
        frame: see `StaffFrame`.
        title: "1 to 22 November 2026".
        answer: "2 differences, £12.40 unexplained."
        facts: what was compared, when, by whom.
        rolled: a row for each currency.
        differences: see `DifferenceRow`.
        totals: sums of the differences, one row per currency.
        exports: the same as files.
    """

    frame: StaffFrame
    title: str
    answer: Answer
    facts: tuple[Fact, ...]
    differences: tuple[DifferenceRow, ...]
    totals: tuple[TotalsRow, ...]
    exports: tuple[Link, ...] = ()
    rolled: tuple[RollRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferencePage:
    """`staff/difference.html`: one thing that does not agree.

    Fields:
        frame: see `StaffFrame`.
        title: "Refund at Stripe, not in the books".
        status: its state.
        answer: what it means, with the amount and its age.
        comparisons: what each side says.
        facts: ids and where they lead.
        step: what to do about it, a sentence or two; "" leaves it out.
        causes: what may have caused it, likeliest first.
        actions: fetch again, explain with a note, assign.
        history: latest first.
    """

    frame: StaffFrame
    title: str
    status: Status
    answer: Answer
    comparisons: tuple[Comparison, ...]
    facts: tuple[Fact, ...]
    step: str = ""
    causes: tuple[str, ...] = ()
    actions: tuple[PostAction, ...] = ()
    history: tuple[Happening, ...] = ()
