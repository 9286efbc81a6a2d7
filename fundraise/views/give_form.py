"""The giving form: what it offers, what was typed, and what was wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fundraise.views.parts import Option


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountChoice:
    """One of the given amounts, a native radio named `choice`.

    Fields:
        value: what the form sends, in major units with a point, "20" or "12.50".
        text: with its currency, "£20".
        is_chosen: chosen when the page opens; at most one, and none when `GiveForm.amount` is filled.
        cover: what "cover the fee" adds to this amount, "£0.53"; "" where the fee is not known.
    """

    value: str
    text: str
    is_chosen: bool = False
    cover: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyChoice:
    """A currency one may give in, with the amounts given for it.

    Fields:
        code: ISO 4217, "GBP"; what the field `currency` sends.
        text: "British pound (£)".
        symbol: stands before the typed amount, "£".
        choices: the given amounts, three as a rule, four at most.
        decimals: digits after the point that cards take, "2", "0" for JPY; used only to show amounts while one types.
        fee_percent: about what the card costs, "1.5"; "" hides the amount that "cover the fee" adds.
        fee_fixed: the fixed part in major units, "0.20".
        is_chosen: exactly one is.
    """

    code: str
    text: str
    symbol: str
    choices: tuple[AmountChoice, ...]
    decimals: str = "2"
    fee_percent: str = ""
    fee_fixed: str = "0"
    is_chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibilityRow:
    """What one audience sees of a gift.

    Fields:
        audience: "The organiser".
        name: what it sees of the donor's name, in a word or two.
        amount: what it sees of the amount.
        message: what it sees of the message.
    """

    audience: str
    name: str
    amount: str
    message: str


STANDARD_AUDIENCES = (
    VisibilityRow(audience="The organiser", name="if shown", amount="yes", message="yes"),
    VisibilityRow(audience="The charity", name="yes", amount="yes", message="yes"),
    VisibilityRow(audience="Stripe, which takes the card", name="yes", amount="yes", message="no"),
    VisibilityRow(audience="Your bank and card network", name="yes", amount="yes", message="no"),
)
"""Audiences after the public, whose row holds the switches. Pass other rows where a campaign shows more or less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveForm:
    """The form at `POST /c/{campaign}/give`; on 422 the same form with what was typed and `errors`.

    The fields it sends: `choice` (a given amount), `amount` (as typed; when filled it wins over `choice`), `currency`,
    `charity`, `cover_fee`, `email`, `name`, `show_name`, `show_amount`, `message`, `show_message`, `event`, `token`.
    Switches send "1" when on and nothing when off.

    Fields:
        action: "/c/{campaign}/give".
        token: one per drawn form; the same token twice is the same gift.
        currencies: at least one; with more than one the form shows a select.
        reaches: worked example, "Of £10.00, about £9.65 reaches Rainbow Shelter", or that it is not known beforehand.
        reaches_more: short sentences that open under it: what the card company takes, that nobody else takes anything.
        statement: the text on the bank statement, "RAINBOW* SHELTER".
        charity_name: who is paid, for sentences; "the charities" when there are several.
        amount: typed amount as it was typed.
        amount_help: "From £2 to £10,000."
        event: slug of the event named by the page; "" for none.
        charities: empty when there is only one; else a radio each and, as the last, the shared gift.
        shared_note: said under the charities, "A shared gift is one card payment for each charity: two lines on your
            statement."
        can_cover_fee: offers the checkbox; not where the fee is known in no currency.
        cover_fee: the checkbox is on (only because it was typed so).
        email: as typed.
        name: as typed.
        message: as typed.
        message_length_max: longest message, "280".
        show_name: switch is on.
        show_amount: switch is on.
        show_message: switch is on.
        audiences: see `VisibilityRow`.
        errors: message by field name; shown beside the field and in the summary at the top. "form" is for what
            belongs to no field.
    """

    action: str
    token: str
    currencies: tuple[CurrencyChoice, ...]
    reaches: str
    statement: str
    charity_name: str
    reaches_more: tuple[str, ...] = ()
    amount: str = ""
    amount_help: str = ""
    event: str = ""
    charities: tuple[Option, ...] = ()
    shared_note: str = ""
    can_cover_fee: bool = True
    cover_fee: bool = False
    email: str = ""
    name: str = ""
    message: str = ""
    message_length_max: str = "280"
    show_name: bool = False
    show_amount: bool = False
    show_message: bool = False
    audiences: tuple[VisibilityRow, ...] = STANDARD_AUDIENCES
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def currency(self) -> CurrencyChoice:
        """The chosen currency, or the first when none is marked."""
        return next((choice for choice in self.currencies if choice.is_chosen), self.currencies[0])

    @property
    def has_person_open(self) -> bool:
        """Whether the part about name, e-mail and message opens by itself: something in it was typed or is wrong."""
        typed = (self.email, self.name, self.message, self.show_name, self.show_amount, self.show_message)
        return any(typed) or not self.errors.keys().isdisjoint({"email", "name", "message"})
