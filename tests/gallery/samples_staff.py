"""Staff pages about money in many moods."""

from dataclasses import replace

from fundraise.views.design_page import make_design_page
from fundraise.views.parts import EmptyState, Link, Moment, Option, Pager, Status
from fundraise.views.staff_donation_pages import DonationRow, DonationsPage, LedgerRow, StaffDonationPage
from fundraise.views.staff_home_page import StaffHomePage
from fundraise.views.staff_parts import (
    Answer,
    Fact,
    FilterBar,
    FilterField,
    Happening,
    Light,
    PostAction,
    QueueItem,
    SortLinks,
    StaffFrame,
    TotalsRow,
    make_nav,
)

from .sample import Sample
from .samples_gift import PAID

NOW = Moment(text="14:05 UTC", iso="2026-11-22T14:05:00Z")
TWO_DAYS = Moment(text="20 November, 2 days", iso="2026-11-20T09:00:00Z")
DONE = Status(word="Done", tone="settled")


def frame(current: str, **changes: object) -> StaffFrame:
    """The frame of a page in the section `current`."""
    nav = make_nav(current, {"quarantine": "1", "reconciliation": "3"})
    return replace(StaffFrame(person="Priya Raman, treasurer", nav=nav), **changes)


LIGHTS = (
    Light(
        name="Stripe, Rainbow Shelter (GBP)",
        href="/staff/accounts/rainbow-shelter",
        status=Status(word="Agrees", tone="settled"),
        sentence="£1,204.10 at Stripe and in the books. Looked at",
        since=NOW,
    ),
    Light(
        name="Stripe, Safe Passage North (GBP)",
        href="/staff/accounts/safe-passage",
        status=Status(word="Differs by £12.40", tone="wrong"),
        sentence="A refund at Stripe is not in the books. Since",
        since=TWO_DAYS,
    ),
    Light(
        name="Bank, Rainbow Shelter current account",
        href="/staff/statements/shelter",
        status=Status(word="No statement for 9 days", tone="needs_you"),
        sentence="Last line is of 13 November. Imported",
        since=Moment(text="13 November 2026", iso="2026-11-13"),
    ),
)
QUEUE = (
    QueueItem(
        title="Refund re_3PxT21 at Stripe is not in the books",
        href="/staff/differences/1",
        reasons=("£12.40, made in Stripe’s dashboard", "the gift is known and was paid on 14 November"),
        age=TWO_DAYS,
        amount="£12.40",
        actions=(PostAction(action="/staff/differences/1/fetch", button="Fetch it again", kind="action", key="a"),),
    ),
    QueueItem(
        title="A payment of £35.00 names a gift of £20.00",
        href="/staff/quarantine/7",
        reasons=("amount differs by £15.00", "account and currency agree"),
        age=Moment(text="11:02 UTC, 3 hours", iso="2026-11-22T11:02:00Z"),
        amount="£35.00",
        status=Status(word="Kept out of the books", tone="needs_you"),
    ),
)
HOME = StaffHomePage(
    frame=frame("home"),
    answer=Answer(sentence="2 things need you, £47.40 unexplained, oldest 2 days.", tone="needs_you", as_of=NOW),
    queue=QUEUE,
    lights=LIGHTS,
    fine=("Books balance in 3 currencies", "All 7 jobs are on time", "Last message from Stripe 4 minutes ago"),
)
CLEAR = replace(
    HOME,
    answer=Answer(sentence="Nothing needs you. All accounts agree to the penny.", tone="settled", as_of=NOW),
    queue=(),
    lights=LIGHTS[:1],
)
FILTER = FilterBar(
    action="/staff/donations",
    fields=(
        FilterField(name="q", label="Reference or amount"),
        FilterField(
            name="campaign",
            label="Campaign",
            kind="select",
            options=(
                Option(value="", text="All"),
                Option(value="winter-beds", text="Forty winter beds", is_chosen=True),
            ),
        ),
        FilterField(
            name="status",
            label="State",
            kind="select",
            options=(
                Option(value="", text="All"),
                Option(value="paid", text="Paid"),
                Option(value="r", text="Refunded"),
            ),
        ),
        FilterField(name="from", label="From", kind="date", value="2026-11-01"),
        FilterField(name="to", label="To", kind="date"),
    ),
    clear_href="/staff/donations",
)
STATES = (
    Status(word="Paid", tone="settled"),
    Status(word="Paid out", tone="settled"),
    Status(word="On its way", tone="on_its_way"),
    Status(word="Refunded", tone="quiet"),
    Status(word="Disputed", tone="wrong"),
)


def donation_row(number: int) -> DonationRow:
    """One of many rows, each a little different."""
    settled = number % 5 != 2
    return DonationRow(
        when=Moment(text=f"{number % 28 + 1} Nov, 09:{number % 60:02}", iso=f"2026-11-{number % 28 + 1:02}"),
        reference=f"G-7K3Q-{number:04}",
        href=f"/staff/donations/{number}",
        campaign=("Forty winter beds", "Rechtsschutzversicherungsgesellschaftsfonds", "بيت آمن")[number % 3],
        status=STATES[number % 5],
        amount=f"£{20 + number}.00",
        fee="£0.51" if settled else "",
        net=f"£{19 + number}.49" if settled else "",
        payout=Link(text="24 Nov", href="/staff/payouts/po_1") if number % 5 == 1 else None,
        note="likely a double" if number % 17 == 3 else "",
    )


SUMS = (
    TotalsRow(label="Sum, GBP", amounts=("£1,204,310.55", "£18,104.22", "£1,186,206.33")),
    TotalsRow(label="Sum, EUR", amounts=("€60.00", "€1.15", "€58.85")),
    TotalsRow(label="Sum, JPY", amounts=("¥30,000", "", "")),
)
HREFS = {key: f"/staff/donations?sort={key}" for key in ("when", "campaign", "status", "amount")}
DONATIONS = DonationsPage(
    frame=frame("donations"),
    answer=Answer(sentence="1,204 donations, £1,204,310.55, €60.00 and ¥30,000."),
    filter_bar=FILTER,
    rows=tuple(donation_row(number) for number in range(12)),
    totals=SUMS,
    pager=Pager(summary="1 to 12 of 1,204", next_href="/staff/donations?page=2"),
    empty=EmptyState(sentence="No donation fits this filter.", action=Link(text="Show all", href="/staff/donations")),
    sort=SortLinks(key="when", direction="descending", hrefs=HREFS),
    export=Link(text="Download as spreadsheet", href="/staff/donations.csv"),
)
DONATION = StaffDonationPage(
    frame=frame("donations", back=Link(text="Donations", href="/staff/donations")),
    reference="G-7K3Q-9M2X",
    status=Status(word="Paid", tone="settled"),
    answer=Answer(sentence="£20.51 paid on 22 November, £20.00 net, not yet paid out."),
    facts=(
        Fact(label="Campaign", value="Forty winter beds", href="/staff/campaigns/winter-beds"),
        Fact(label="Charity", value="Rainbow Shelter"),
        Fact(label="Charge at Stripe", value="ch_3PxT21LkdIwHu7ix0nE", is_code=True),
        Fact(label="The public sees", value="Mara Lindqvist, no amount, no message"),
        Fact(label="Payout", value="not yet, expected 26 November"),
    ),
    steps=PAID.steps,
    ledger=(
        LedgerRow(
            when=NOW,
            key="payment:ch_3PxT21",
            account="1115 Stripe, fee not yet known",
            debit="£20.51",
            credit="",
            why="Paid",
        ),
        LedgerRow(when=NOW, key="payment:ch_3PxT21", account="4110 Gifts", debit="", credit="£20.51"),
        LedgerRow(
            when=NOW, key="settled:txn_1Px", account="1110 Stripe balance", debit="£20.00", credit="", why="Settled"
        ),
        LedgerRow(when=NOW, key="settled:txn_1Px", account="5110 Card fees", debit="£0.51", credit=""),
        LedgerRow(when=NOW, key="settled:txn_1Px", account="1115 Stripe, fee not yet known", debit="", credit="£20.51"),
    ),
    history=(
        Happening(when=NOW, what="charge.updated arrived, fee known", who="Stripe"),
        Happening(when=NOW, what="checkout.session.completed arrived, paid", who="Stripe"),
    ),
    actions=(PostAction(action="/staff/donations/1/receipt", button="Send the receipt again"),),
    twins=(Link(text="G-7K3Q-9M2Y", href="/staff/donations/2"),),
)
SAMPLES = (
    Sample(name="staff-design", template="staff/design.html", page=make_design_page(frame("home"))),
    Sample(name="staff-home", template="staff/home.html", page=HOME),
    Sample(name="staff-home-clear", template="staff/home.html", page=CLEAR),
    Sample(name="staff-home-new", template="staff/home.html", page=replace(CLEAR, lights=(), fine=())),
    Sample(name="staff-donations", template="staff/donations.html", page=DONATIONS),
    Sample(
        name="staff-donations-200",
        is_long=True,
        template="staff/donations.html",
        page=replace(DONATIONS, rows=tuple(donation_row(number) for number in range(200))),
    ),
    Sample(name="staff-donations-none", template="staff/donations.html", page=replace(DONATIONS, rows=())),
    Sample(name="staff-donation", template="staff/donation.html", page=DONATION),
)
