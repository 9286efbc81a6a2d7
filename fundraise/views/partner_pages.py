"""Pages behind links that partners hold: reporting a figure, and saying whether a transfer arrived. No password."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fundraise.views.gift_pages import NextStep
from fundraise.views.parts import Link, Option
from fundraise.views.staff_parts import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPage:
    """`public/report.html` at `/r/{token}`, also after a refused form (422). A treasurer on a phone, in a minute.

    The fields it sends: `amount`, `as_of`, `evidence`, `file`, `stage`, `gross_or_net`, `gift_aid`, `gift_aid_amount`,
    `our_transfers`, `transfers` (several), `name`, `file_is_public`, `token`, and `look` where only the conversion is
    asked for. What was answered last time is chosen already; only amount and day are asked every time.

    Fields:
        partner: who reports, "COC Nederland".
        appeal: the appeal's page.
        action: address the form posts to.
        token: one per drawn form.
        symbol: stands before the amount, "€".
        currency: its code, "EUR"; fixed for the partner.
        last: "Last time: €40,000.00 as of 31 March 2017, accepted."; "" for a first report.
        stage: what the figure is: collected, received.
        gross_or_net: before or after card fees.
        gift_aid: whether tax relief is in the figure: none, an amount, not known.
        our_transfers: whether money from other participants is in the figure: none, all so far, some, not known.
        transfers: the transfers to this partner that are known, to tick when `our_transfers` is "some".
        amount: as typed, the whole figure since the beginning, not only what is new.
        as_of: day as in HTML, "2017-04-30"; today in a new form.
        evidence: as typed: a sentence or a link.
        gift_aid_amount: as typed.
        name: of whoever reports, as typed or as last time.
        file_is_public: the file may be shown to everybody.
        converted: what the figure comes to, "= US$43,720.00 at 1.0930 (European Central Bank, 28 April 2017)"; "" until
            it is known.
        is_basis_open: the part about what the figure contains is open (first report, or something in it is wrong).
        errors: message by field name.
    """

    partner: str
    appeal: Link
    action: str
    token: str
    symbol: str
    currency: str
    stage: tuple[Option, ...]
    gross_or_net: tuple[Option, ...]
    gift_aid: tuple[Option, ...]
    our_transfers: tuple[Option, ...]
    transfers: tuple[Option, ...] = ()
    last: str = ""
    amount: str = ""
    as_of: str = ""
    evidence: str = ""
    gift_aid_amount: str = ""
    name: str = ""
    file_is_public: bool = False
    converted: str = ""
    is_basis_open: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportHeldPage:
    """`public/report_held.html`: the figure is kept, and one plain question stands between it and the total.

    The fields it sends: `answer` (one of `answers`, or nothing), `note`, `token`.

    Fields:
        partner: who reports.
        appeal: the appeal's page.
        question: "This is €2,000.00 less than last time. Why?", "Is the €10,000.00 that COC sent you in your figure?"
        facts: the figure just sent and the one it is compared with.
        action: address the form posts to.
        token: one per drawn form.
        answers: radios; empty for a question that is answered in words alone.
        note_label: label of the text field, "In a sentence"; "" leaves it out.
        is_note_optional: an answer is enough.
        note: as typed.
        back: to correct the figure instead.
        errors: message by field name.
    """

    partner: str
    appeal: Link
    question: str
    facts: tuple[Fact, ...]
    action: str
    token: str
    back: Link
    answers: tuple[Option, ...] = ()
    note_label: str = ""
    is_note_optional: bool = False
    note: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDonePage:
    """`public/report_done.html`: the figure has arrived.

    Fields:
        partner: who reported.
        appeal: the appeal's page.
        heading: "Thank you", "Accepted".
        sentence: "€40,000.00 as of 30 April 2017 has arrived. Priya Raman looks at it next."
        facts: number, figure, conversion, fingerprint of the report.
        next_steps: what happens next and when.
        again: to report another figure or correct this one.
    """

    partner: str
    appeal: Link
    heading: str
    sentence: str
    facts: tuple[Fact, ...]
    next_steps: tuple[NextStep, ...]
    again: Link


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferPage:
    """`public/transfer.html`: the receiver of a transfer says whether it arrived.

    The fields it sends: `answer` ("arrived", "other", "not_yet"), `amount`, `arrived_on`, `note`, `token`.

    Fields:
        receiver: who is asked.
        sender: who sent it.
        amount: "€10,000.00".
        sent_on: "12 May 2017".
        reference: text on the bank statement; "" when there is none.
        appeal: the appeal's page.
        action: address the form posts to; "" when there is nothing more to say.
        token: one per drawn form.
        said: what the receiver said already, "You said on 15 May 2017 that €9,988.00 arrived."; "" for nothing.
        answer: the answer as chosen; "" for none.
        currency: code of the receiver's currency, for the amount that arrived.
        needs_amount: what arrived is in another currency, so that only the receiver knows how much.
        arrived_amount: as typed.
        arrived_on: day as in HTML.
        note: as typed.
        errors: message by field name.
    """

    receiver: str
    sender: str
    amount: str
    sent_on: str
    appeal: Link
    action: str
    token: str
    currency: str
    needs_amount: bool = False
    reference: str = ""
    said: str = ""
    answer: str = ""
    arrived_amount: str = ""
    arrived_on: str = ""
    note: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
