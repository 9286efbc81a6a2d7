"""The staff page about reconciliation: its runs, how balances rolled forward, and what does not agree."""

from dataclasses import dataclass

from fundraise.views.parts import EmptyState, Link, Moment, Status
from fundraise.views.staff_parts import Answer, FilterBar, Light, PostAction, StaffFrame, TotalsRow


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One reconciliation run.

    Fields:
        when: when it ended.
        href: its page.
        period: "1 to 30 November 2026".
        status: Status("Agrees", "settled"), Status("3 differences", "wrong"), Status("Failed", "wrong").
        compared: "412 gifts, 9 payouts, 31 bank lines".
        who: who or what started it.
        took: "2 s"; "" leaves it out.
    """

    when: Moment
    href: str
    period: str
    status: Status
    compared: str
    who: str = ""
    took: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RollRow:
    """How one currency of an account rolled forward in a run.

    Fields:
        account: "Rainbow Shelter, GBP".
        opening: what Stripe held before we were connected.
        movements: the sum of all movements since then.
        closing: both together.
        stripe: what Stripe says it holds.
        books: account 1110 of the books.
        status: Status("Agrees", "settled"), Status("Differs by £0.01", "wrong").
    """

    account: str
    opening: str
    movements: str
    closing: str
    stripe: str
    books: str
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceRow:
    """One thing that does not agree.

    Fields:
        what: its kind in words, "Refund at Stripe, not in the books".
        href: its page or the thing itself.
        account: which account.
        reference: "re_3Px…".
        ours: the amount in the books; "" for nothing.
        theirs: the amount at Stripe or at the bank; "" for nothing.
        difference: signed.
        age: since when.
        status: Status("Open", "needs_you"), Status("Explained", "settled"), Status("On its way", "on_its_way").
        note: why, where it is explained; "" for none.
        is_one_sided: only one side knows of the money; else what each says is on its page.
    """

    what: str
    href: str
    account: str
    reference: str
    ours: str
    theirs: str
    difference: str
    age: Moment
    status: Status
    note: str = ""
    is_one_sided: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationPage:
    """`staff/reconciliation.html`. Amount columns of the differences: ours, theirs, difference.

    Fields:
        frame: see `StaffFrame`.
        answer: "3 differences, £212.40 unexplained, oldest 2 days."
        lights: one for each account.
        differences: those that are open, oldest first.
        totals: sums of the differences, one row per currency.
        runs: latest first.
        run_now: starts a run; None while one is under way.
        running: what the run under way has done so far; None when there is none.
        look_again: this page, for while a run is under way.
        rolled: the last run of each account, a row for each currency.
        closed: differences that were explained or fixed last.
        export: the form that downloads a period; None leaves it out.
        empty: shown when nothing differs.
    """

    frame: StaffFrame
    answer: Answer
    lights: tuple[Light, ...]
    differences: tuple[DifferenceRow, ...]
    totals: tuple[TotalsRow, ...]
    runs: tuple[RunRow, ...]
    empty: EmptyState
    run_now: PostAction | None = None
    running: Answer | None = None
    look_again: Link | None = None
    rolled: tuple[RollRow, ...] = ()
    closed: tuple[DifferenceRow, ...] = ()
    export: FilterBar | None = None
