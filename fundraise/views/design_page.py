"""The page that shows every part beside the others, and the sample it is drawn from."""

from dataclasses import dataclass

from fundraise.views.gift_pages import Step
from fundraise.views.give_form import AmountChoice, CurrencyChoice, GiveForm
from fundraise.views.parts import (
    Bar,
    Chart,
    EmptyState,
    Evidence,
    Link,
    Moment,
    Option,
    Pager,
    Progress,
    Status,
    Toast,
    TotalView,
)
from fundraise.views.staff_parts import (
    Answer,
    FilterBar,
    FilterField,
    Light,
    PostAction,
    QueueItem,
    SortLinks,
    StaffFrame,
    TotalsRow,
)

NOW = Moment(text="14:05 UTC", iso="2026-11-22T14:05:00Z")
NOTHING = "/staff/design"
COLOURS = (
    "paper",
    "paper-high",
    "paper-low",
    "line",
    "line-strong",
    "ink-soft",
    "ink",
    "action",
    "link",
    "settled",
    "on-its-way",
    "needs-you",
    "wrong",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRow:
    """A row of the sample table.

    Fields:
        label: what it is.
        status: its state.
        amount: with its currency.
    """

    label: str
    status: Status
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignPage:
    """`staff/design.html` at `/staff/design`: all parts together. `make_design_page` fills it.

    Fields:
        frame: see `StaffFrame`.
        colours: names of the colour tokens.
        sizes: names of the type sizes.
        statuses: one of each tone.
        answers: one of each tone.
        total: a public total.
        form: a giving form with errors.
        rows: a table.
        totals: its sums.
        sort: its sorting.
        filter_bar: a filter.
        queue: things that need a person.
        lights: accounts.
        actions: one of each kind.
        chart: bars with their table.
        steps: a gift's way.
        empty: an empty list.
        toast: what the last action did.
        pager: a place in a list.
        evidence: a proof.
    """

    frame: StaffFrame
    colours: tuple[str, ...]
    sizes: tuple[str, ...]
    statuses: tuple[Status, ...]
    answers: tuple[Answer, ...]
    total: TotalView
    form: GiveForm
    rows: tuple[SampleRow, ...]
    totals: tuple[TotalsRow, ...]
    sort: SortLinks
    filter_bar: FilterBar
    queue: tuple[QueueItem, ...]
    lights: tuple[Light, ...]
    actions: tuple[PostAction, ...]
    chart: Chart
    steps: tuple[Step, ...]
    empty: EmptyState
    toast: Toast
    pager: Pager
    evidence: Evidence


SETTLED = Status(word="Paid", tone="settled")
ON_ITS_WAY = Status(word="On its way", tone="on_its_way")
NEEDS_YOU = Status(word="Needs you", tone="needs_you")
WRONG = Status(word="Disputed", tone="wrong")
QUIET = Status(word="Draft", tone="quiet")
FORM = GiveForm(
    action=NOTHING,
    token="",
    currencies=(
        CurrencyChoice(
            code="GBP",
            text="British pound (£)",
            symbol="£",
            choices=(
                AmountChoice(value="10", text="£10", cover="about £0.36"),
                AmountChoice(value="20", text="£20", is_chosen=True, cover="about £0.51"),
                AmountChoice(value="50", text="£50", cover="about £0.97"),
            ),
            fee_percent="1.5",
            fee_fixed="0.20",
            is_chosen=True,
        ),
    ),
    reaches="Of £10.00, about £9.65 reaches Rainbow Shelter",
    statement="RAINBOW* SHELTER",
    charity_name="Rainbow Shelter",
    charities=(
        Option(value="a", text="Rainbow Shelter", is_chosen=True),
        Option(value="shared", text="Share it equally", help="Two card payments, one after the other."),
    ),
    email="mara@example",
    errors={"email": "This e-mail address is not complete."},
)


def make_design_page(frame: StaffFrame) -> DesignPage:
    """Return the page of all parts, filled with a sample that never changes."""
    return DesignPage(
        frame=frame,
        colours=COLOURS,
        sizes=("6", "5", "4", "3", "2", "1"),
        statuses=(SETTLED, ON_ITS_WAY, NEEDS_YOU, WRONG, QUIET),
        answers=(
            Answer(sentence="Nothing needs you. All accounts agree to the penny.", tone="settled", as_of=NOW),
            Answer(sentence="3 differences, £212.40 unexplained, oldest 2 days.", tone="wrong"),
            Answer(sentence="2 things need you.", tone="needs_you"),
            Answer(sentence="48 donations, £1,204.10."),
        ),
        total=TotalView(
            amount="£12,345.00",
            meaning="received by the charities, before fees, after refunds",
            as_of=NOW,
            gifts="312 gifts",
            on_its_way=("€60.00",),
            progress=Progress(percent="61.7", words="61% of the £20,000 goal"),
        ),
        form=FORM,
        rows=(
            SampleRow(label="G-7K3Q-9M2X", status=SETTLED, amount="£20.51"),
            SampleRow(label="G-7K3Q-9M2Y", status=ON_ITS_WAY, amount="€60.00"),
        ),
        totals=(TotalsRow(label="Sum, GBP", amounts=("£20.51",)), TotalsRow(label="Sum, EUR", amounts=("€60.00",))),
        sort=SortLinks(key="amount", direction="descending", hrefs={"label": NOTHING, "amount": NOTHING}),
        filter_bar=FilterBar(
            action=NOTHING,
            fields=(
                FilterField(name="q", label="Reference"),
                FilterField(name="state", label="State", kind="select", options=(Option(value="", text="All"),)),
                FilterField(name="from", label="From", kind="date"),
            ),
            clear_href=NOTHING,
        ),
        queue=(
            QueueItem(
                title="Payout of £1,204.10 has no bank line",
                href=NOTHING,
                reasons=("expected 24 to 28 November", "one line of 26 November has the same amount"),
                age=NOW,
                amount="£1,204.10",
                status=NEEDS_YOU,
            ),
        ),
        lights=(
            Light(name="Stripe (GBP)", href=NOTHING, status=SETTLED, sentence="£1,204.10 on both sides.", since=NOW),
            Light(name="Bank (GBP)", href=NOTHING, status=WRONG, sentence="Differs by £12.40 since", since=NOW),
        ),
        actions=(
            PostAction(action=NOTHING, button="Close March", kind="action"),
            PostAction(action=NOTHING, button="Send again", key="s"),
            PostAction(
                action=NOTHING, button="End", kind="grave", question="Gifts are no longer taken.", note_label="Why?"
            ),
        ),
        chart=Chart(
            title="The same money at each stage",
            label_head="Stage",
            amount_head="Pounds",
            bars=(
                Bar(label="Collected", amount="£204,000.00", percent="100", note="by 6 participants"),
                Bar(label="Received", amount="£176,000.00", percent="86.3", is_headline=True),
            ),
        ),
        steps=(
            Step(title="Paid by card", state="done", when=NOW),
            Step(title="Sent to the bank", state="now", when=NOW),
            Step(title="Seen on the statement", state="later"),
            Step(title="Disputed", state="wrong", detail="It stays in the total, marked, until the bank decides."),
        ),
        empty=EmptyState(sentence="No campaign yet.", action=Link(text="New campaign", href=NOTHING)),
        toast=Toast(text="Receipt sent.", undo=Link(text="Undo", href=NOTHING)),
        pager=Pager(summary="101 to 200 of 1,204", previous_href=NOTHING, next_href=NOTHING),
        evidence=Evidence(text="Bank letter, 30 April 2017", href=NOTHING, fingerprint="9f2c41aa"),
    )
