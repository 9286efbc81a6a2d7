"""Values of the parts that public and staff pages share: one class for each macro in `templates/parts`."""

from dataclasses import dataclass
from typing import Literal

Tone = Literal["settled", "on_its_way", "needs_you", "wrong", "quiet"]
"""How a state is drawn. The word beside it says what it is; tone adds a shape and a colour.

settled: done, nothing to do. on_its_way: will settle by itself. needs_you: a person must look. wrong: something failed.
quiet: neither good nor bad (draft, ended, hidden).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A text and where it leads.

    Fields:
        text: what is read.
        href: address inside this installation, beginning with "/", or a "mailto:" address.
    """

    text: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A point in time as people read it, with its exact value for machines.

    Fields:
        text: "14:05 UTC", "22 November 2026, 14:05 UTC", "3 days ago"; with its zone where a clock time is given.
        iso: RFC 3339 date or date-time, "2026-11-22T14:05:00Z" or "2026-11-22".
    """

    text: str
    iso: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A state word with its tone.

    Fields:
        word: "Paid", "On its way", "Refunded"; a word or two, never a code.
        tone: see `Tone`.
    """

    word: str
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a total is towards its goal.

    Fields:
        percent: length of the bar, "0" to "100", with a point as decimal mark; above the goal it stays "100".
        words: the same for everybody, "62% of the £10,000 goal".
    """

    percent: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalView:
    """A public total, and the whole context of the live fragment `public/_total.html`.

    Fields:
        amount: the figure, "£12,345.00".
        meaning: what the figure is, beginning in lower case and without an end mark:
            "received by the charities, before fees, after refunds".
        as_of: when the figure was true.
        gifts: "12 gifts"; "" hides it.
        on_its_way: amounts that are paid and not yet in the total, one per currency: ("€60.00", "US$20.00").
        not_converted: amounts that wait for an exchange rate, one per currency.
        progress: towards the goal; None without a goal.
        explanation: short sentences that open under the figure: what counts, what does not, when it falls.
        counted_href: the page that opens the figure to its lines; "" where there is none.
    """

    amount: str
    meaning: str
    as_of: Moment
    gifts: str = ""
    on_its_way: tuple[str, ...] = ()
    not_converted: tuple[str, ...] = ()
    progress: Progress | None = None
    explanation: tuple[str, ...] = ()
    counted_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One of several values in a select or a group of radios.

    Fields:
        value: what the form sends.
        text: what is read.
        is_chosen: chosen when the page opens.
        help: a second line under a radio; selects do not show it.
    """

    value: str
    text: str
    is_chosen: bool = False
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture that a person uploaded.

    Fields:
        src: address inside this installation.
        alt: what it shows, for those who do not see it.
        width: in pixels, "1200", so that the page keeps its place while the picture loads.
        height: in pixels.
        caption: a line under it; "" for none.
    """

    src: str
    alt: str
    width: str
    height: str
    caption: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Toast:
    """What the last action did, shown once at the top of the next page.

    Fields:
        text: a sentence, "Receipt sent to a…@example.org."
        tone: see `Tone`; "settled" for done, "wrong" for refused.
        undo: the way back, where there is one.
    """

    text: str
    tone: Tone = "settled"
    undo: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyState:
    """What stands where a list has no rows yet.

    Fields:
        sentence: what will appear here and when.
        action: what to do first; None where there is nothing to do.
    """

    sentence: str
    action: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager:
    """Where in a long list this page is.

    Fields:
        summary: "101 to 200 of 1,204".
        previous_href: "" on the first page.
        next_href: "" on the last page.
    """

    summary: str
    previous_href: str = ""
    next_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The proof behind a figure.

    Fields:
        text: what it is, "Bank letter, 30 April 2017".
        href: where it opens; "" when it is kept but not public.
        fingerprint: the first characters of its SHA-256, "9f2c41aa"; "" for a link without a kept copy.
    """

    text: str
    href: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of a chart, which also is one row of the table under it.

    Fields:
        label: "Received".
        amount: "US$176,000.00".
        percent: length of the bar, "0" to "100"; the longest bar of the chart has "100".
        note: a short line beside the amount, "acknowledged by the Network"; "" for none.
        is_headline: the bar that the page's headline speaks of.
        href: what the amount opens to; "" for nothing.
    """

    label: str
    amount: str
    percent: str
    note: str = ""
    is_headline: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Bars with their table.

    Fields:
        title: what is compared, "The same money at each stage".
        bars: in the order in which they are read.
        label_head: head of the table's first column, "Stage".
        amount_head: head of its second column, "US dollars".
    """

    title: str
    bars: tuple[Bar, ...]
    label_head: str
    amount_head: str
