"""Staff pages that set things up: signing in, appeals, charities."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fundraise.views.parts import EmptyState, Link, Moment, Option, Status
from fundraise.views.staff_parts import Answer, Happening, StaffFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterPage:
    """`staff/enter.html`: the page behind a one-time link. Looking at it changes nothing; the button signs in.

    Fields:
        action: address the form posts to.
        token: the link's secret, sent as `token`; "" when the link is no longer good.
        person: who signs in, "Priya Raman".
        expires: until when the link is good; None when it is no longer good.
        problem: why it is no longer good: "This link was used already." "" while it is good.
    """

    action: str
    token: str
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
        beneficiary: charities to choose from (field `beneficiary`).
        currency: display currencies (field `currency`).
        stage: headline stages (field `stage`).
        rate_source: exchange rate sources (field `rate_source`).
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
class AccountLine:
    """A Stripe account of a charity.

    Fields:
        name: its slug here, "rainbow-shelter".
        mode: "own key", "connected".
        status: Status("Receives gifts", "settled"), Status("No news for 3 days", "needs_you").
        statement: the text on the bank statement.
        webhook: when news last came; None for never.
    """

    name: str
    mode: str
    status: Status
    statement: str
    webhook: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CharityFormPage:
    """`staff/charity_form.html`. Field names are the names below from `name` on; `errors` is keyed by them.

    Fields:
        frame: see `StaffFrame`.
        heading: "New charity", "Rainbow Shelter".
        action: address the form posts to.
        submit: "Add the charity", "Save".
        currency: base currencies (field `currency`).
        name: legal name as typed.
        slug: end of its addresses, as typed.
        is_slug_fixed: shows the slug without a field.
        number: registration as typed, "Registered charity 1234567".
        regulator: as typed.
        address: as typed.
        email: as typed.
        accounts: its Stripe accounts; they are connected on the command line.
        consents: what the charity said of each campaign.
        errors: message by field name.
    """

    frame: StaffFrame
    heading: str
    action: str
    submit: str
    currency: tuple[Option, ...]
    name: str = ""
    slug: str = ""
    is_slug_fixed: bool = False
    number: str = ""
    regulator: str = ""
    address: str = ""
    email: str = ""
    accounts: tuple[AccountLine, ...] = ()
    consents: tuple[Happening, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
