"""The giving form of a campaign: what it offers, in which currencies, and what it says of the card fee."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from fundraise import money
from fundraise.bodies.tables import Body
from fundraise.campaigns.rules import gift_currencies, suggested_amounts
from fundraise.campaigns.tables import Beneficiary, Campaign, Event
from fundraise.donations.charging import CardFee, least_gift, suggested_gifts
from fundraise.donations.rules import LONGEST_MESSAGE, SHARE
from fundraise.money import Money
from fundraise.payments import ChargeLimits, PaymentGateway
from fundraise.showing import values as showing
from fundraise.stripe_accounts.tables import StripeAccount
from fundraise.views.give_form import AmountChoice, CurrencyChoice, GiveForm
from fundraise.views.parts import Option

_TEN: Final = 1000
_PERCENT: Final = 100


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed into a form that was refused, and why; empty for a fresh form."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """Return what was typed into a field, cut where it could not be meant."""
        return self.values.get(name, "")[:2000]

    def ticked(self, name: str) -> bool:
        """Tell whether a box was ticked."""
        return bool(self.values.get(name, ""))


@dataclass(frozen=True, slots=True)
class Receiver:
    """A charity of a campaign, whether it agreed, the account that takes its gifts, and whose it is if not its own."""

    row: Beneficiary
    body: Body
    account: StripeAccount | None
    agent: Body | None


def give_form(
    payments: PaymentGateway,
    campaign: Campaign,
    receivers: Sequence[Receiver],
    token: str,
    typed: Typed,
    event: Event | None,
) -> GiveForm:
    """Make the form, with what was typed; ValueError while a charity has no account to give to."""
    account, agent = receivers[0].account, receivers[0].agent
    if account is None:
        raise ValueError("a form needs an account to give to")
    names = [receiver.body.name for receiver in receivers]
    chosen = typed.value("currency").upper()
    currencies = gift_currencies(campaign)
    return GiveForm(
        action=f"/c/{campaign.slug}/give",
        token=token,
        currencies=tuple(
            _currency(
                campaign,
                payments.charge_limits(code),
                _fee(account),
                code,
                typed,
                is_chosen=code == (chosen if chosen in currencies else currencies[0]),
            )
            for code in currencies
        ),
        reaches=_reaches(campaign, payments.charge_limits(campaign.currency), _fee(account), names),
        reaches_more=(
            *((f"{agent.name} takes it on its own card account and passes it on.",) if agent else ()),
            f"The card company takes about {_rate(account, campaign.currency)} of each gift. "
            "Nobody else takes anything.",
            "What it really took is shown on your gift’s own page once it is known.",
        ),
        statement=showing.statement_text(account.statement_prefix, campaign.statement_suffix),
        charity_name=names[0] if len(names) == 1 else "the charities",
        amount=typed.value("amount"),
        amount_help=_limits(campaign, payments.charge_limits(campaign.currency)),
        event=event.slug if event is not None else typed.value("event"),
        charities=_charities(receivers, typed.value("charity")),
        shared_note="A shared gift is one card payment for each charity, and one line each on your statement."
        if len(receivers) > 1
        else "",
        cover_fee=typed.ticked("cover_fee"),
        email=typed.value("email"),
        name=typed.value("name"),
        message=typed.value("message"),
        message_length_max=str(LONGEST_MESSAGE),
        show_name=typed.ticked("show_name"),
        show_amount=typed.ticked("show_amount"),
        show_message=typed.ticked("show_message"),
        errors=typed.errors,
    )


def _fee(account: StripeAccount) -> CardFee:
    return CardFee(account.fee_basis_points, account.fee_fixed_minor)


def _currency(
    campaign: Campaign, limits: ChargeLimits, fee: CardFee, code: str, typed: Typed, *, is_chosen: bool
) -> CurrencyChoice:
    picked = typed.value("choice") if not typed.value("amount") else ""
    least_minor = least_gift(campaign.least_gift_minor, campaign.currency, code, limits)
    suggested = suggested_gifts(suggested_amounts(campaign), campaign.currency, code, limits, least_minor)
    amounts = [Money(minor, code) for minor in suggested]
    middle = len(amounts) // 2
    return CurrencyChoice(
        code=code,
        text=f"{money.name(code)} ({money.symbol(code)})",
        symbol=money.symbol(code),
        choices=tuple(
            AmountChoice(
                value=_value(amount),
                text=money.show_short(amount),
                is_chosen=_value(amount) == picked if picked else place == middle and not typed.value("amount"),
                cover=money.show(Money(fee.cover(amount.minor, limits), code)),
            )
            for place, amount in enumerate(amounts)
        ),
        decimals=str(_decimals(code, limits)),
        fee_percent=_percent(fee),
        fee_fixed=money.plain(Money(fee.fixed_minor, code)),
        is_chosen=is_chosen,
    )


def _value(amount: Money) -> str:
    """Return an amount as a radio sends it: `20`, or `12.50` where it is not whole."""
    text = money.plain(amount)
    return text.removesuffix(".00").removesuffix(".000")


def _decimals(code: str, limits: ChargeLimits) -> int:
    """Return how many digits after the point cards take."""
    return money.exponent(code) - (len(str(limits.step_minor)) - 1)


def _reaches(campaign: Campaign, limits: ChargeLimits, fee: CardFee, names: Sequence[str]) -> str:
    code = campaign.currency
    (example,) = suggested_gifts((_TEN,), "GBP", code, limits, limits.least_minor)
    reached = Money(max(example - fee.of(example), 0), code)
    return f"Of {money.show(Money(example, code))}, about {money.show(reached)} reaches {in_words(names)}"


def _rate(account: StripeAccount, currency: str) -> str:
    percent = f"{_percent(_fee(account))}%"
    return (
        f"{percent} and {money.show(Money(account.fee_fixed_minor, currency))}" if account.fee_fixed_minor else percent
    )


def _percent(fee: CardFee) -> str:
    whole, rest = divmod(fee.basis_points, _PERCENT)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".")


def _limits(campaign: Campaign, limits: ChargeLimits) -> str:
    code = campaign.currency
    least = Money(least_gift(campaign.least_gift_minor, code, code, limits), code)
    return f"From {money.show_short(least)} to {money.show_short(Money(limits.most_minor, code))}."


def _charities(receivers: Sequence[Receiver], chosen: str) -> tuple[Option, ...]:
    if len(receivers) == 1:
        return ()
    slugs = [receiver.body.slug for receiver in receivers]
    options = [
        Option(value=receiver.body.slug, text=receiver.body.name, is_chosen=receiver.body.slug == chosen)
        for receiver in receivers
    ]
    shared = Option(value=SHARE, text="Share it equally", is_chosen=chosen not in slugs)
    return (*options, shared)


def in_words(names: Sequence[str]) -> str:
    """Return names as a sentence says them: `Shelter, Network and Clinic`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
