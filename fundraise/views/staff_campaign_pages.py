"""Staff pages about campaigns and their events."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fundraise.views.parts import EmptyState, Link, Option, Progress, Status
from fundraise.views.staff_parts import Answer, Fact, Happening, PostAction, StaffFrame
from fundraise.views.staff_setup_pages import ThingRow


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignsPage:
    """`staff/campaigns.html`. `details` of a row: charity, gifts, ends.

    Fields:
        frame: see `StaffFrame`.
        answer: "5 campaigns, 3 open."
        rows: see `ThingRow`; those that need somebody first.
        empty: shown when there are no rows.
        new: to the form.
    """

    frame: StaffFrame
    answer: Answer
    rows: tuple[ThingRow, ...]
    empty: EmptyState
    new: Link


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignFormPage:
    """`staff/campaign_form.html`. Field names are the names below from `charities` on; `errors` is keyed by them.

    Fields:
        frame: see `StaffFrame`.
        heading: "New campaign", "Edit Forty winter beds".
        action: address the form posts to.
        submit: "Save as draft", "Save".
        seen: goes back with the form (field `seen`), so that nobody overwrites what another saved meanwhile.
        fixed_note: what stays because gifts were given; "" while everything may be changed.
        charities: check boxes named `charities`, one or more.
        appeal: appeals to choose from (field `appeal`).
        currency: the campaign's own currency (field `currency`).
        holding: whose money it is (field `holding`).
        merchant: who may take the cards for a charity (field `merchant`).
        fee_borne_by: who bears the card fee then (field `fee_borne_by`).
        title: as typed.
        slug: end of its address, as typed.
        is_slug_fixed: shows the slug without a field.
        helped: one sentence: who is helped and by whom.
        organiser: who raises the money, as typed.
        story: paragraphs, divided by an empty line.
        goal: as typed; empty for none.
        choices: the given amounts as typed, "10, 20, 50".
        amount_min: smallest gift as typed.
        begins: date and time as in HTML, "2026-12-01T09:00"; empty for at once.
        ends: the same; empty for no end.
        time_zone: zones to choose from (field `time_zone`).
        other_currencies: check boxes named `other_currencies`: gifts in them are taken too.
        statement: end of the bank statement's text, as typed.
        errors: message by field name.
    """

    frame: StaffFrame
    heading: str
    action: str
    submit: str
    charities: tuple[Option, ...]
    appeal: tuple[Option, ...]
    currency: tuple[Option, ...]
    holding: tuple[Option, ...]
    merchant: tuple[Option, ...]
    fee_borne_by: tuple[Option, ...]
    seen: str = ""
    fixed_note: str = ""
    title: str = ""
    slug: str = ""
    is_slug_fixed: bool = False
    helped: str = ""
    organiser: str = ""
    story: str = ""
    goal: str = ""
    choices: str = ""
    amount_min: str = ""
    begins: str = ""
    ends: str = ""
    time_zone: tuple[Option, ...] = ()
    other_currencies: tuple[Option, ...] = ()
    statement: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Something a campaign needs before it can be published.

    Fields:
        text: "Rainbow Shelter has confirmed the campaign".
        status: Status("Done", "settled") or Status("Missing", "needs_you").
        href: where it is done; "" for nowhere.
    """

    text: str
    status: Status
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """An event in its campaign's staff page.

    Fields:
        title: its name.
        href: its staff page.
        when: with zone.
        gifts: "41 gifts".
        amount: given through it.
        public_href: its giving page.
    """

    title: str
    href: str
    when: str
    gifts: str
    amount: str
    public_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareLink:
    """An address to pass on.

    Fields:
        label: "Giving page".
        address: whole, "https://give.example.org/c/winter-beds".
        qr_src: picture of its QR code inside this installation; "" for none.
        downloads: the same to keep, "QR code as SVG", and the poster.
    """

    label: str
    address: str
    qr_src: str = ""
    downloads: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverRow:
    """A charity of a campaign.

    Fields:
        name: what people call it.
        href: its staff page.
        consent: Status("Confirmed", "settled"), Status("Not confirmed", "needs_you").
        said: who confirmed it and when; "" before.
        action: writes down that it agreed, or that it agrees no longer.
    """

    name: str
    href: str
    consent: Status
    action: PostAction
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffCampaignPage:
    """`staff/campaign.html`.

    Fields:
        frame: see `StaffFrame`.
        title: the campaign's name.
        status: "Draft", "Open", "Paused", "Ended".
        answer: "£12,345.00 from 312 gifts, 61% of the goal."
        progress: towards the goal; None without one.
        actions: publish, pause, resume, end; as far as possible now.
        checks: what publishing needs; empty once published.
        figures: the total's making: gross, refunds, disputes, fees, net, on its way; each opens to its lines.
        events: see `EventRow`.
        new_event: to the form.
        edit: to the form.
        donations: to its donations.
        links: addresses to pass on.
        consent: what the charities said, all together.
        terms: what it says of itself: appeal, times, amounts, statement.
        receivers: see `ReceiverRow`.
        history: who did what, latest first.
        public_href: what the public sees; "" while it is a draft.
    """

    frame: StaffFrame
    title: str
    status: Status
    answer: Answer
    consent: Status
    figures: tuple[Fact, ...]
    edit: Link
    donations: Link
    new_event: Link
    terms: tuple[Fact, ...] = ()
    receivers: tuple[ReceiverRow, ...] = ()
    progress: Progress | None = None
    actions: tuple[PostAction, ...] = ()
    checks: tuple[Check, ...] = ()
    events: tuple[EventRow, ...] = ()
    links: tuple[ShareLink, ...] = ()
    history: tuple[Happening, ...] = ()
    public_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFormPage:
    """`staff/event_form.html`. Field names are the names below from `title` on; `errors` is keyed by them.

    Fields:
        frame: see `StaffFrame`.
        heading: "New event", "Edit Winter quiz night".
        action: address the form posts to.
        submit: "Add the event", "Save".
        seen: goes back with the form (field `seen`), so that nobody overwrites what another saved meanwhile.
        title: as typed.
        slug: end of its address, as typed.
        is_slug_fixed: shows the slug without a field.
        begins: date and time as in HTML, "2026-12-04T19:30".
        ends: the same; empty for an open end.
        time_zone: zones to choose from (field `time_zone`).
        place: as typed.
        story: paragraphs, divided by an empty line.
        errors: message by field name.
    """

    frame: StaffFrame
    heading: str
    action: str
    submit: str
    seen: str = ""
    title: str = ""
    slug: str = ""
    is_slug_fixed: bool = False
    begins: str = ""
    ends: str = ""
    time_zone: tuple[Option, ...] = ()
    place: str = ""
    story: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffEventPage:
    """`staff/event.html`: an event, its link and its QR code.

    Fields:
        frame: see `StaffFrame`.
        title: its name.
        answer: "41 gifts, £1,310.00."
        edit: to the form.
        facts: when, where, what.
        link: see `ShareLink`.
        public_href: what the public sees; "" while its campaign is a draft.
        donations: to the gifts given through it.
        history: who did what, latest first.
    """

    frame: StaffFrame
    title: str
    answer: Answer
    edit: Link
    facts: tuple[Fact, ...]
    link: ShareLink
    donations: Link
    public_href: str = ""
    history: tuple[Happening, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PosterPage:
    """`staff/poster.html`: a sheet of A4 to hang up, with the QR code that leads to the giving page.

    Fields:
        back: to the page it was opened from.
        title: the event's or the campaign's name.
        lede: one sentence: who is helped and by whom.
        campaign: the campaign's name under an event's; "" for a campaign.
        when: the event's day and time; "" for a campaign.
        where: its place; "" for none.
        qr_src: picture of the QR code inside this installation.
        address: the giving page as people type it, "give.example.org/c/winter-beds".
        receives: who receives the gifts, with number: "Rainbow Shelter, Registered charity 1234567".
        is_draft: it leads to a page that nobody sees yet.
    """

    back: Link
    title: str
    lede: str
    qr_src: str
    address: str
    receives: tuple[str, ...]
    campaign: str = ""
    when: str = ""
    where: str = ""
    is_draft: bool = False
