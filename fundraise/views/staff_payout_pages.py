"""Staff pages about payouts: what Stripe sent to the bank, and what each sum is made of."""

from dataclasses import dataclass

from fundraise.views.parts import EmptyState, Link, Moment, Pager, Status
from fundraise.views.staff_parts import (
    UNSORTED,
    Answer,
    Fact,
    FilterBar,
    Happening,
    SortLinks,
    StaffFrame,
    TotalsRow,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutRow:
    """A payout in the list.

    Fields:
        arrives: the day it is or was expected at the bank.
        reference: "po_1PxT21".
        href: its page.
        account: the Stripe account it left.
        status: Status("In the bank", "settled"), Status("On its way", "on_its_way"), Status("No bank line",
            "needs_you"), Status("Lines do not add up", "wrong"), Status("Failed", "wrong").
        gross: gifts in it.
        back: refunds and disputes in it, signed; "" for none.
        fees: signed; "" for none.
        amount: what was sent.
        bank_line: the line it is matched to; None before.
        items_known: Stripe has said what it is made of; until then gross is "".
    """

    arrives: Moment
    reference: str
    href: str
    account: str
    status: Status
    gross: str
    amount: str
    back: str = ""
    fees: str = ""
    bank_line: Link | None = None
    items_known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutsPage:
    """`staff/payouts.html`. Sort keys: `arrives`, `amount`. Amount columns: gross, back, fees, amount.

    Fields:
        frame: see `StaffFrame`.
        answer: "9 payouts, £6,100.10, all add up and all but 1 are in the bank."
        filter_bar: see `FilterBar`.
        rows: this page of them.
        totals: over all that the filter finds, one row per currency.
        pager: where in the list this page is.
        empty: shown when there are no rows.
        sort: see `SortLinks`.
    """

    frame: StaffFrame
    answer: Answer
    filter_bar: FilterBar
    rows: tuple[PayoutRow, ...]
    totals: tuple[TotalsRow, ...]
    pager: Pager
    empty: EmptyState
    sort: SortLinks = UNSORTED


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutLine:
    """One thing that went into a payout.

    Fields:
        when: when it happened at Stripe.
        what: "Gift", "Refund", "Dispute", "Fee".
        reference: the gift's reference or Stripe's id.
        href: where it opens; "" when it is not in our books.
        amount: before fees, signed.
        fee: signed; "" for none.
        net: signed.
        mark: Status("Not in the books", "wrong"); None when all is well.
    """

    when: Moment
    what: str
    reference: str
    href: str
    amount: str
    net: str
    fee: str = ""
    mark: Status | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutPage:
    """`staff/payout.html`. Amount columns: amount, fee, net.

    Fields:
        frame: see `StaffFrame`.
        reference: "po_1PxT21".
        status: its state.
        answer: "£1,204.10 is the sum of its 43 lines, and reached the bank on 26 November."
        figures: gifts, refunds, disputes, each kind of fee, what was sent.
        facts: account, expected day, trace id, bank line.
        lines: everything that went into it.
        totals: their sum.
        history: latest first.
    """

    frame: StaffFrame
    reference: str
    status: Status
    answer: Answer
    figures: tuple[Fact, ...]
    facts: tuple[Fact, ...]
    lines: tuple[PayoutLine, ...]
    totals: tuple[TotalsRow, ...]
    history: tuple[Happening, ...] = ()
