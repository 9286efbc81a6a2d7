"""Staff pages about donations: the list, and one of them."""

from dataclasses import dataclass

from fundraise.views.gift_pages import Step
from fundraise.views.parts import EmptyState, Link, Moment, Pager, Status
from fundraise.views.staff_parts import (
    UNSORTED,
    Answer,
    Fact,
    FilterBar,
    Happening,
    PostAction,
    SortLinks,
    StaffFrame,
    TotalsRow,
)


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
