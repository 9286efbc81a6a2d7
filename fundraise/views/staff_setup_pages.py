"""Staff pages that set things up: signing in, appeals, charities."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fundraise.views.parts import EmptyState, Link, Moment, Option, Status
from fundraise.views.staff_parts import Answer, Fact, Happening, PostAction, StaffFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterPage:
    """`staff/enter.html`: the page behind a one-time link, and what a browser finds that nobody signed in.

    Looking at it changes nothing; the button signs in.

    Fields:
        action: address the form posts to.
        token: the link's secret, sent as `token`; "" when no good link was followed, and then a link can be pasted.
        person: who signs in, "Priya Raman".
        expires: until when the link is good; None when it is no longer good.
        problem: why it is no longer good: "This link was used already." "" while it is good, or where there was none.
        wanted: the staff page to go on to, sent as `next`; "" for the first one.
    """

    action: str
    token: str
    wanted: str = ""
    person: str = ""
    expires: Moment | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingRow:
    """An appeal or a charity in a list.

    Fields:
        title: its name.
        href: its staff page.
        status: its state.
        details: what stands in the columns between title and amount, in the page's order.
        amount: its total; "" for none.
        public_href: what the public sees; "" while there is nothing.
    """

    title: str
    href: str
    status: Status
    details: tuple[str, ...] = ()
    amount: str = ""
    public_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealsPage:
    """`staff/appeals.html`. `details` of a row: headline stage, display currency, number of campaigns.

    Fields:
        frame: see `StaffFrame`.
        answer: "2 appeals, 5 campaigns."
        rows: see `ThingRow`.
        empty: shown when there are no rows.
        new: to the form.
    """

    frame: StaffFrame
    answer: Answer
    rows: tuple[ThingRow, ...]
    empty: EmptyState
    new: Link


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealFormPage:
    """`staff/appeal_form.html`. Field names are the names below from `title` on; `errors` is keyed by them.

    Fields:
        frame: see `StaffFrame`.
        heading: "New appeal", "Edit Safe this winter".
        action: address the form posts to.
        submit: "Create the appeal", "Save".
        title: as typed.
        slug: end of its address, as typed; fixed once published.
        is_slug_fixed: shows the slug without a field.
        helped: one sentence: who is helped and by whom.
        story: paragraphs, divided by an empty line.
        beneficiary_name: who the money is for in the end, in words for the public, as typed.
        beneficiary: charities here to choose from, with "none" (field `beneficiary`).
        currency: display currencies (field `currency`).
        stage: headline stages (field `stage`).
        rate_source: exchange rate sources (field `rate_source`).
        seen: goes back with the form (field `seen`), so that nobody overwrites what another saved meanwhile.
        fixed_note: why currency and rate source stay as they are; "" while they may be changed.
        errors: message by field name.
    """

    frame: StaffFrame
    heading: str
    action: str
    submit: str
    beneficiary: tuple[Option, ...]
    currency: tuple[Option, ...]
    stage: tuple[Option, ...]
    rate_source: tuple[Option, ...]
    seen: str = ""
    fixed_note: str = ""
    beneficiary_name: str = ""
    title: str = ""
    slug: str = ""
    is_slug_fixed: bool = False
    helped: str = ""
    story: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CharitiesPage:
    """`staff/charities.html`. `details` of a row: registration, Stripe account in words.

    Fields:
        frame: see `StaffFrame`.
        answer: "3 charities, 2 can receive gifts."
        rows: see `ThingRow`.
        empty: shown when there are no rows.
        new: to the form.
    """

    frame: StaffFrame
    answer: Answer
    rows: tuple[ThingRow, ...]
    empty: EmptyState
    new: Link


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffAppealPage:
    """`staff/appeal.html`: an appeal as its staff see it.

    Fields:
        frame: see `StaffFrame`.
        title: its name.
        status: "Draft", "Public", "Ended".
        answer: "£12,345.00 from 312 gifts in 3 campaigns."
        edit: to the form.
        facts: what it says of itself.
        campaigns: see `ThingRow`; `details` are as on the list of campaigns.
        new_campaign: to the form of a campaign in it.
        actions: publish, end, open again; as far as possible now.
        history: who did what, latest first.
        public_href: what the public sees; "" while it is a draft.
    """

    frame: StaffFrame
    title: str
    status: Status
    answer: Answer
    edit: Link
    facts: tuple[Fact, ...]
    campaigns: tuple[ThingRow, ...]
    new_campaign: Link
    actions: tuple[PostAction, ...] = ()
    history: tuple[Happening, ...] = ()
    public_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLine:
    """A Stripe account of a charity.

    Fields:
        name: its slug here, "rainbow-shelter".
        mode: "own key", "connected".
        status: Status("Receives gifts", "settled"), Status("No news yet", "needs_you"), Status("Test mode", "quiet").
        statement: the text on the bank statement; "" where none was said.
        connected: when it was connected.
        webhook_address: where Stripe sends its news, whole.
        webhook: when news last came; None for never.
    """

    name: str
    mode: str
    status: Status
    statement: str
    connected: Moment
    webhook_address: str
    webhook: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CharityPage:
    """`staff/charity.html`: a charity or society as its staff see it.

    Fields:
        frame: see `StaffFrame`.
        title: what people call it.
        status: Status("Receives gifts", "settled"), Status("No Stripe account", "needs_you").
        answer: "It can take cards; Stripe last sent news 5 minutes ago."
        edit: to the form.
        facts: what its receipts and footers say.
        accounts: its Stripe accounts; the one connected last takes new gifts.
        connect: to the form that connects one; None where keys may not pass through a page.
        command: how it is done on the command line.
        campaigns: where its gifts come from.
        consents: what it said of each campaign.
        history: who did what, latest first.
    """

    frame: StaffFrame
    title: str
    status: Status
    answer: Answer
    edit: Link
    facts: tuple[Fact, ...]
    command: str
    accounts: tuple[AccountLine, ...] = ()
    connect: Link | None = None
    campaigns: tuple[Link, ...] = ()
    consents: tuple[Happening, ...] = ()
    history: tuple[Happening, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CharityFormPage:
    """`staff/charity_form.html`. Field names are the names below from `kind` on; `errors` is keyed by them.

    Fields:
        frame: see `StaffFrame`.
        heading: "New charity", "Edit Rainbow Shelter".
        action: address the form posts to.
        submit: "Add it", "Save".
        seen: goes back with the form (field `seen`), so that nobody overwrites what another saved meanwhile.
        kind: charity or society (field `kind`).
        country: countries (field `country`).
        currency: base currencies (field `currency`).
        name: legal name as typed.
        called: what people call it, as typed.
        slug: its short name, as typed.
        is_slug_fixed: shows the slug without a field.
        number: registration as typed, "1234567".
        regulator: as typed.
        gift_aid: whether it may claim Gift Aid.
        email: as typed.
        website: as typed.
        refunds: what it says about refunds, as typed.
        errors: message by field name.
    """

    frame: StaffFrame
    heading: str
    action: str
    submit: str
    kind: tuple[Option, ...]
    country: tuple[Option, ...]
    currency: tuple[Option, ...]
    seen: str = ""
    name: str = ""
    called: str = ""
    slug: str = ""
    is_slug_fixed: bool = False
    number: str = ""
    regulator: str = ""
    gift_aid: bool = False
    email: str = ""
    website: str = ""
    refunds: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectPage:
    """`staff/connect.html`: connecting a Stripe account. Field names are the names below from `mode` on.

    The key and the webhook secret are never shown again, also not when the form is refused.

    Fields:
        frame: see `StaffFrame`.
        heading: "Connect Rainbow Shelter’s Stripe account".
        action: address the form posts to.
        webhook_start: what the webhook's address begins with, "https://give.example.org/webhooks/stripe/".
        events: the events to choose in Stripe.
        api_version: the version to choose in Stripe.
        mode: own key or connected (field `mode`).
        slug: name of the account here, as typed.
        account: the account's id, as typed.
        statement_prefix: as typed.
        fee_percent: as typed.
        fee_fixed: as typed.
        must_retype: key and secret were typed and have to be typed again.
        errors: message by field name.
    """

    frame: StaffFrame
    heading: str
    action: str
    webhook_start: str
    events: tuple[str, ...]
    api_version: str
    mode: tuple[Option, ...]
    slug: str = ""
    account: str = ""
    statement_prefix: str = ""
    fee_percent: str = ""
    fee_fixed: str = ""
    must_retype: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)
