"""Values of the parts that staff pages share: the frame, the answer at the top, tables, filters, queues, actions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from fundraise.views.parts import Link, Moment, Option, Status, Toast, Tone

SECTIONS = (
    ("home", "Today", "/staff"),
    ("donations", "Donations", "/staff/donations"),
    ("payouts", "Payouts", "/staff/payouts"),
    ("campaigns", "Campaigns", "/staff/campaigns"),
    ("appeals", "Appeals", "/staff/appeals"),
    ("charities", "Charities", "/staff/charities"),
    ("partners", "Partners", "/staff/partners"),
    ("statements", "Bank", "/staff/statements"),
    ("reconciliation", "Reconciliation", "/staff/reconciliation"),
    ("quarantine", "Quarantine", "/staff/quarantine"),
    ("jobs", "Jobs", "/staff/jobs"),
)
"""Sections of the staff area: key, text, address. A page names its own by the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NavItem:
    """A section in the staff menu.

    Fields:
        text: what is read.
        href: where it leads.
        is_current: the section of this page.
        count: how many things wait there, "3"; "" for none.
    """

    text: str
    href: str
    is_current: bool = False
    count: str = ""


def make_nav(
    current: str, waiting: Mapping[str, str] | None = None, hidden: frozenset[str] = frozenset()
) -> tuple[NavItem, ...]:
    """Return the menu with the section `current` marked.

    `waiting` says how many things wait in a section, by its key; `hidden` names the sections that this person may not
    open.
    """
    counts = waiting or {}
    return tuple(
        NavItem(text=text, href=href, is_current=key == current, count=counts.get(key, ""))
        for key, text, href in SECTIONS
        if key not in hidden
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffFrame:
    """What surrounds every staff page.

    Fields:
        person: who is signed in, "Priya Raman, treasurer".
        nav: see `make_nav`.
        sign_out_action: address the sign-out form posts to.
        toast: what the last action did; None for nothing.
        back: the page above this one; None on a section's first page.
    """

    person: str
    nav: tuple[NavItem, ...]
    sign_out_action: str = "/staff/leave"
    toast: Toast | None = None
    back: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The one thing a page says, in a sentence with a number, at its top.

    Fields:
        sentence: "3 differences, £212.40 unexplained, oldest 2 days."
        tone: "settled" draws the one green line of what is fine.
        detail: a sentence more; "" for none.
        as_of: when it was true; None leaves it out.
    """

    sentence: str
    tone: Tone = "quiet"
    detail: str = ""
    as_of: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostAction:
    """A button that changes something, as a form of its own.

    Fields:
        action: address the form posts to.
        button: what happens, "Close March".
        kind: "action" is the page's single accent; "quiet" everything else; "grave" what is hard to take back.
        hidden: names and values that go with it.
        question: asked before a grave action, in a part that opens; "" sends at once.
        note_label: with `question`: label of a text field named `note`, "Why?"; "" leaves the field out.
        key: the letter that presses it, "a"; "" for none.
    """

    action: str
    button: str
    kind: Literal["action", "quiet", "grave"] = "quiet"
    hidden: tuple[tuple[str, str], ...] = ()
    question: str = ""
    note_label: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueItem:
    """Something that needs a person, with the reasons why.

    Fields:
        title: "Payout of £1,204.10 has no bank line".
        href: where it opens.
        reasons: a short sentence each, "amount exact", "1 day later than expected".
        age: since when it waits, "20 November, 2 days"; None where that is not known.
        amount: "£1,204.10"; "" for none.
        status: its state word; None when the title says it.
        actions: what can be done here at once.
    """

    title: str
    href: str
    reasons: tuple[str, ...]
    age: Moment | None = None
    amount: str = ""
    status: Status | None = None
    actions: tuple[PostAction, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """One account with its state.

    Fields:
        name: "Stripe, Rainbow Shelter (GBP)".
        href: what its state is made of.
        status: Status("Agrees", "settled"), Status("Differs by £12.40", "wrong"), Status("Not looked at", "needs_you").
        sentence: "Balance £1,204.10 at Stripe and in the books."
        since: since when, or when it was last looked at.
    """

    name: str
    href: str
    status: Status
    sentence: str
    since: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class SortLinks:
    """How a table is sorted and how to sort it otherwise.

    Fields:
        key: the column it is sorted by.
        direction: as in `aria-sort`.
        hrefs: address that sorts by a column, by the column's key; the page says which keys it knows. A column without
            an address cannot be sorted by.
    """

    key: str = ""
    direction: Literal["ascending", "descending"] = "descending"
    hrefs: Mapping[str, str] = field(default_factory=dict)


UNSORTED = SortLinks()
"""A table without sort links."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterField:
    """One field of a filter bar.

    Fields:
        name: name in the address, "from".
        label: what is read.
        kind: "select" takes `options`, "date" and "text" take `value`.
        value: as it stands in the address.
        options: with the chosen one marked.
    """

    name: str
    label: str
    kind: Literal["text", "date", "select"] = "text"
    value: str = ""
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterBar:
    """A filter that lives in the address.

    Fields:
        action: the page's own address, without the filter.
        fields: in order.
        clear_href: the page without filter; "" when nothing is filtered.
        button: what its button says, "Show", "Download".
    """

    action: str
    fields: tuple[FilterField, ...]
    clear_href: str = ""
    button: str = "Show"


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalsRow:
    """One row of sums under a table; one per currency.

    Fields:
        label: "Sum, GBP".
        amounts: one for each of the table's amount columns, in their order; "" where there is none.
    """

    label: str
    amounts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A line of a list of facts.

    Fields:
        label: "Payout".
        value: what it is.
        href: where it opens; "" for nowhere.
        is_code: an id or a key, set in the machine's letters.
    """

    label: str
    value: str
    href: str = ""
    is_code: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that happened, with who and when.

    Fields:
        when: the moment.
        what: a sentence, "Published".
        who: "Priya Raman", "Stripe", "the timetable".
    """

    when: Moment
    what: str
    who: str


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
