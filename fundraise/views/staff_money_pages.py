"""Staff pages about money: today, donations, what is held in quarantine, jobs, reconciliation."""

from dataclasses import dataclass

from fundraise.views.gift_pages import Step
from fundraise.views.parts import EmptyState, Link, Moment, Pager, Status
from fundraise.views.staff_parts import (
    UNSORTED,
    Answer,
    Fact,
    FilterBar,
    Happening,
    Light,
    PostAction,
    QueueItem,
    SortLinks,
    StaffFrame,
    TotalsRow,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffHomePage:
    """`staff/home.html` at `/staff`.

    Fields:
        frame: see `StaffFrame`.
        answer: "2 things need you, £212.40 unexplained, oldest 2 days."
        queue: what needs a person, most pressing first.
        lights: one for each Stripe and bank account.
        fine: what is fine, a short line each: "Books balance in 3 currencies".
        queue_more: to the rest of the queue; None when all of it is here.
    """

    frame: StaffFrame
    answer: Answer
    queue: tuple[QueueItem, ...]
    lights: tuple[Light, ...]
    fine: tuple[str, ...] = ()
    queue_more: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DonationRow:
    """A donation in the table.

    Fields:
        when: when it was paid, or begun.
        reference: "G-7K3Q-9M2X".
        href: its page.
        campaign: the campaign's name.
        status: where it is.
        amount: "£20.51".
        fee: "£0.51"; "" while it is not known.
        net: "£20.00"; "" while it is not known.
        payout: the payout it left with; None before.
        note: "likely a double", "Winter quiz night"; "" for none.
        is_paid: money is there, so that fee, net and payout are still to come where they are not known.
    """

    when: Moment
    reference: str
    href: str
    campaign: str
    status: Status
    amount: str
    fee: str = ""
    net: str = ""
    payout: Link | None = None
    note: str = ""
    is_paid: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DonationsPage:
    """`staff/donations.html`. Sort keys: `when`, `campaign`, `status`, `amount`. Amount columns: amount, fee, net.

    Fields:
        frame: see `StaffFrame`.
        answer: "48 donations, £1,204.10 and €60.00."
        filter_bar: see `FilterBar`.
        sort: see `SortLinks`.
        rows: this page of them.
        totals: over all that the filter finds, not only this page; one row per currency.
        pager: where in the list this page is.
        empty: shown when there are no rows.
        export: the same list as a file; None where it cannot be had.
    """

    frame: StaffFrame
    answer: Answer
    filter_bar: FilterBar
    rows: tuple[DonationRow, ...]
    totals: tuple[TotalsRow, ...]
    pager: Pager
    empty: EmptyState
    sort: SortLinks = UNSORTED
    export: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One line of the books.

    Fields:
        when: when it happened.
        key: the entry's key, "payment:ch_3Px".
        account: "1115 Stripe, fee not yet known".
        debit: amount or "".
        credit: amount or "".
        why: what the entry is for.
    """

    when: Moment
    key: str
    account: str
    debit: str
    credit: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffDonationPage:
    """`staff/donation.html`.

    Fields:
        frame: see `StaffFrame`.
        reference: "G-7K3Q-9M2X".
        status: where it is.
        answer: "£20.51 paid on 22 November, £20.00 net, not yet paid out."
        facts: campaign, charity, account, payout, ids at Stripe, what the donor chose to show.
        steps: its way, as the donor sees it.
        ledger: what it did to the books, oldest first.
        history: news from Stripe and acts of people, latest first.
        actions: what can be done.
        twins: gifts that may be doubles of this one.
    """

    frame: StaffFrame
    reference: str
    status: Status
    answer: Answer
    facts: tuple[Fact, ...]
    steps: tuple[Step, ...]
    ledger: tuple[LedgerRow, ...]
    history: tuple[Happening, ...]
    actions: tuple[PostAction, ...] = ()
    twins: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinePage:
    """`staff/quarantine.html`: news that did not agree with what we had, kept out of the books until somebody looks.

    Fields:
        frame: see `StaffFrame`.
        answer: "1 item, £35.00, waiting 3 hours."
        items: oldest first.
        empty: shown when there are none.
        pager: None when all are here.
        decided: what was decided last, newest first.
    """

    frame: StaffFrame
    answer: Answer
    items: tuple[QueueItem, ...]
    empty: EmptyState
    pager: Pager | None = None
    decided: tuple[QueueItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One thing that was expected and what came.

    Fields:
        what: "Amount".
        expected: what we had.
        got: what came.
        differs: they are not the same.
    """

    what: str
    expected: str
    got: str
    differs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineItemPage:
    """`staff/quarantine_item.html`.

    Fields:
        frame: see `StaffFrame`.
        title: "A payment of £35.00 names a gift of £20.00".
        answer: what that means and what to do.
        comparisons: see `Comparison`.
        facts: ids, account, when it came.
        raw: what Stripe said, as text; "" leaves it out.
        actions: accept, set aside; each with a note.
        history: who did what, latest first.
    """

    frame: StaffFrame
    title: str
    answer: Answer
    comparisons: tuple[Comparison, ...]
    facts: tuple[Fact, ...]
    actions: tuple[PostAction, ...]
    history: tuple[Happening, ...] = ()
    raw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """A job of the timetable.

    Fields:
        name: "inbox".
        href: its page.
        what: what it does, in a sentence.
        schedule: "every 10 seconds".
        status: Status("Fine", "settled"), Status("Late", "needs_you"), Status("Failed", "wrong"), Status("Runs now",
            "on_its_way").
        last: when it last ended; None for never.
        next: when it runs next; None when nobody runs the timetable.
        message: what the last run said, "12 messages sent"; "" for nothing.
        run: the button that runs it now; None where that is not allowed.
    """

    name: str
    href: str
    what: str
    schedule: str
    status: Status
    last: Moment | None = None
    next: Moment | None = None
    message: str = ""
    run: PostAction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsPage:
    """`staff/jobs.html`.

    Fields:
        frame: see `StaffFrame`.
        answer: "All 7 jobs are on time."
        rows: in the timetable's order.
        runner: who runs the timetable: "web-1 since 09:12 UTC", "nobody".
        notes: what waits beside the timetable: letters, notices; a sentence each.
    """

    frame: StaffFrame
    answer: Answer
    rows: tuple[JobRow, ...]
    runner: str
    notes: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRunRow:
    """One run of a job.

    Fields:
        began: when it began.
        ended: when it ended; None while it runs, or when it never did.
        took: "4 seconds"; "" while it runs.
        status: Status("Done", "settled"), Status("Failed", "wrong"), Status("Runs now", "on_its_way"),
            Status("Stopped", "wrong").
        counts: what it did, "2 sent, 1 failed"; "" for nothing.
        error: what broke; "" for nothing.
        who: "the timetable", "Priya Raman".
    """

    began: Moment
    status: Status
    who: str
    ended: Moment | None = None
    took: str = ""
    counts: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPage:
    """`staff/job.html`: a job and its last runs.

    Fields:
        frame: see `StaffFrame`.
        name: "reconcile".
        what: what it does, in a sentence.
        schedule: "daily at 03:10 UTC".
        answer: "It ran 3 hours ago: 2 clean."
        runs: latest first.
        run: the button that runs it now; None while it runs.
        wait_seconds: while it runs, after how many seconds the page asks again; "" when nothing runs.
        state: changes when the last run does, so that a page that asks again knows.
    """

    frame: StaffFrame
    name: str
    what: str
    schedule: str
    answer: Answer
    runs: tuple[JobRunRow, ...]
    state: str
    run: PostAction | None = None
    wait_seconds: str = ""


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
