"""Staff pages about partners: who they are, what they report, what they pass on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fundraise.views.partner_pages import ReportPage
from fundraise.views.parts import EmptyState, Evidence, Link, Moment, Option, Status
from fundraise.views.staff_parts import Answer, Comparison, Fact, Happening, PostAction, QueueItem, StaffFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerRow:
    """A partner in the list.

    Fields:
        name: its name, with staff even when it is not named in public.
        href: its page.
        appeal: the appeal's name.
        status: "Up to date", "Late", "Waits for you", "Does not fit", "Never reported", "Left".
        figure: its last accepted figure in its own currency; "" for none.
        as_of: the day of that figure; None for none.
        converted: the same in the appeal's currency; "" while there is no rate.
        public_name: how the public sees it, "as itself", "not named".
    """

    name: str
    href: str
    appeal: str
    status: Status
    figure: str
    as_of: Moment | None
    converted: str
    public_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnersPage:
    """`staff/partners.html`.

    Fields:
        frame: see `StaffFrame`.
        answer: "6 partners, 1 figure that does not fit, 1 report to accept, 1 late."
        to_ask: accepted figures that the transfers to their partner contradict, the longest standing first.
        to_accept: reports that wait for a person, oldest first.
        rows: see `PartnerRow`.
        transfers: to the transfers.
        rates: to the exchange rates.
        new: to the form that adds a partner.
        empty: shown when there are no partners.
    """

    frame: StaffFrame
    answer: Answer
    to_ask: tuple[QueueItem, ...]
    to_accept: tuple[QueueItem, ...]
    rows: tuple[PartnerRow, ...]
    transfers: Link
    rates: Link
    new: Link
    empty: EmptyState


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerFormPage:
    """`staff/partner_form.html`: the form that adds a partner.

    Its fields are `appeal`, `name`, `slug`, `currency`, `email`, `beneficiary` and `unnamed`.

    Fields:
        frame: see `StaffFrame`.
        heading: "Add a partner".
        action: address the form posts to.
        submit: text of its button.
        appeal: appeals to choose from.
        currency: currencies to choose from.
        name: as typed.
        slug: as typed.
        email: as typed.
        is_unnamed: counted without being named.
        is_beneficiary: the money is finally for it.
        errors: message by field name.
    """

    frame: StaffFrame
    heading: str
    action: str
    submit: str
    appeal: tuple[Option, ...]
    currency: tuple[Option, ...]
    name: str = ""
    slug: str = ""
    email: str = ""
    is_unnamed: bool = False
    is_beneficiary: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """A report of a partner.

    Fields:
        as_of: the day of the figure.
        href: its page.
        figure: in the partner's currency.
        stage: "collected".
        status: "Accepted", "Held", "Replaced", "Refused".
        added: what it added to the total when it was accepted, in the appeal's currency; "" when it added nothing.
        waits: why there is no amount, "not counted", "no rate yet"; "" where there is one.
        who: who accepted it; "" for nobody yet.
    """

    as_of: Moment
    href: str
    figure: str
    stage: str
    status: Status
    added: str = ""
    waits: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerPage:
    """`staff/partner.html`.

    Fields:
        frame: see `StaffFrame`.
        name: its name.
        answer: "€40,000.00 collected as of 30 April 2017, 23 days ago."
        facts: legal number, country, currency, what is public, contact.
        reports: latest first.
        type_in: to the form for a figure that came otherwise than by link; None once it has left.
        actions: new report link, new API key, leave.
        link: a report link just made, whole, shown once; "" for none.
        key: a key for programs just made, whole, shown once; "" for none.
        history: latest first.
    """

    frame: StaffFrame
    name: str
    answer: Answer
    facts: tuple[Fact, ...]
    reports: tuple[ReportRow, ...]
    type_in: Link | None = None
    actions: tuple[PostAction, ...] = ()
    link: str = ""
    key: str = ""
    history: tuple[Happening, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedReportPage:
    """`staff/typed_report.html`: a partner's figure that staff type in, also after a refused form (422).

    Fields:
        frame: see `StaffFrame`.
        form: the form that the partner has on its own link.
    """

    frame: StaffFrame
    form: ReportPage


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffReportPage:
    """`staff/report.html`: one report, to accept, to ask about, or to refuse.

    Fields:
        frame: see `StaffFrame`.
        title: "COC Nederland reports €40,000.00".
        status: its state.
        answer: what accepting does: "The total rises by US$4,372.00 to US$176,000.00."
        comparisons: last time and now.
        questions: what the checks found, and what the partner answered, a sentence each.
        evidence: what the partner gave.
        facts: number, when it came, by which way, fingerprint.
        obstacle: why it cannot be accepted, in the place of that button; "" where it can, or was decided.
        actions: accept, ask, refuse.
        history: latest first.
    """

    frame: StaffFrame
    title: str
    status: Status
    answer: Answer
    comparisons: tuple[Comparison, ...]
    facts: tuple[Fact, ...]
    questions: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    obstacle: str = ""
    actions: tuple[PostAction, ...] = ()
    history: tuple[Happening, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferOnItsWay:
    """Money that was sent, and of which nobody said that it arrived.

    Fields:
        sender: who sent it.
        receiver: who receives it.
        sent: in the sender's currency.
        sent_on: the day.
        reference: text on the bank statement.
        status: Status("On its way", "on_its_way"), Status("Overdue", "needs_you").
        record: to the form that records its arrival.
        link: the receiver's link.
        actions: take back.
    """

    sender: str
    receiver: str
    sent: str
    sent_on: Moment
    reference: str
    status: Status
    record: Link
    link: str
    actions: tuple[PostAction, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRow:
    """Money that arrived, or a transfer that was taken back.

    Fields:
        sent_on: the day.
        sender: who sent it.
        receiver: who receives it.
        sent: in the sender's currency.
        reference: text on the bank statement.
        status: Status("Acknowledged", "settled"), Status("Another amount arrived", "needs_you"),
            Status("Taken back", "quiet").
        arrived: in the receiver's currency; "" where nothing did.
        said: "15 May 2017, said by Anna de Vries"; "" where nothing arrived.
        note: what the receiver wrote beside it, or why it was taken back; "" for nothing.
        actions: take back.
    """

    sent_on: Moment
    sender: str
    receiver: str
    sent: str
    reference: str
    status: Status
    arrived: str = ""
    said: str = ""
    note: str = ""
    actions: tuple[PostAction, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransfersPage:
    """`staff/transfers.html`: the transfers, and under them the form that records one.

    Field names of the form are the names below from `appeal` on; `errors` is keyed by them.

    Fields:
        frame: see `StaffFrame`.
        answer: "2 transfers on their way, €12,000.00, oldest 9 days."
        on_the_way: oldest first.
        rows: all others, latest first.
        empty: shown when there are none of either.
        action: address the form posts to.
        appeal: appeals to choose from (field `appeal`).
        sender: participants to choose from (field `sender`).
        receiver: participants to choose from (field `receiver`).
        currency: currencies to choose from (field `currency`).
        amount: as typed.
        sent_on: day as in HTML.
        reference: as typed.
        errors: message by field name.
    """

    frame: StaffFrame
    answer: Answer
    on_the_way: tuple[TransferOnItsWay, ...]
    rows: tuple[TransferRow, ...]
    empty: EmptyState
    action: str
    appeal: tuple[Option, ...]
    sender: tuple[Option, ...]
    receiver: tuple[Option, ...]
    currency: tuple[Option, ...]
    amount: str = ""
    sent_on: str = ""
    reference: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalPage:
    """`staff/transfer_arrival.html`: the form in which staff write down what a receiver says of a transfer.

    Its fields are `amount`, `arrived_on`, `said_by` and `note`; `errors` is keyed by them.

    Fields:
        frame: see `StaffFrame`.
        heading: "Record what arrived of €10,000.00".
        facts: who sent it to whom, when, with which reference.
        action: address the form posts to.
        submit: text of its button.
        currency: the currency it arrives in, "EUR"; it cannot be chosen.
        amount: as typed.
        arrived_on: day as in HTML, as typed.
        said_by: as typed.
        note: as typed.
        errors: message by field name.
    """

    frame: StaffFrame
    heading: str
    facts: tuple[Fact, ...]
    action: str
    submit: str
    currency: str
    amount: str = ""
    arrived_on: str = ""
    said_by: str = ""
    note: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
