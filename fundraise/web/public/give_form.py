"""The giving form of a campaign: what it offers, in which currencies, and what it says of the card fee."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlmodel import Session

from fundraise import money
from fundraise.bodies.tables import Body
from fundraise.campaigns.rules import gift_currencies, suggested_amounts
from fundraise.campaigns.tables import Beneficiary, Campaign, Event
from fundraise.donations.charging import least_gift, suggested_gifts
from fundraise.donations.rules import LONGEST_MESSAGE, SHARE
from fundraise.flows.card_terms import CardTerms, Tariff, card_terms
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


def form_terms(
    session: Session, payments: PaymentGateway, campaign: Campaign, receivers: Sequence[Receiver], now: datetime
) -> Mapping[str, CardTerms]:
    """Return what cards take and cost in each currency offered; ValueError while a charity has no account."""
    tariffs = []
    for receiver in receivers:
        if receiver.account is None:
            raise ValueError("a form needs an account to give to")
        settled = (receiver.agent or receiver.body).currency
        tariffs.append(Tariff(settled, receiver.account.fee_basis_points, receiver.account.fee_fixed_minor))
    return card_terms(session, payments, tariffs, gift_currencies(campaign), now.date())


def give_form(
    terms: Mapping[str, CardTerms],
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
    chosen = chosen if chosen in terms else campaign.currency
    settled = (agent or receivers[0].body).currency
    return GiveForm(
        action=f"/c/{campaign.slug}/give",
        token=token,
        currencies=tuple(
            _currency(campaign, known, code, typed, is_chosen=code == chosen) for code, known in terms.items()
        ),
        reaches=_reaches(campaign, terms[campaign.currency], names),
        reaches_more=(
            *((f"{agent.name} takes it on its own card account and passes it on.",) if agent else ()),
            f"The card company takes about {_rate(account, settled)} of each gift. Nobody else takes anything.",
            *_abroad(terms, settled),
            "What it really took is shown on your gift’s own page once it is known.",
        ),
        statement=showing.statement_text(account.statement_prefix, campaign.statement_suffix),
        charity_name=names[0] if len(names) == 1 else "the charities",
        amount=typed.value("amount"),
        amount_help=_limits(campaign, terms[campaign.currency].limits),
        event=event.slug if event is not None else typed.value("event"),
        charities=_charities(receivers, typed.value("charity")),
        shared_note="A shared gift is one card payment for each charity, and one line each on your statement."
        if len(receivers) > 1
        else "",
        can_cover_fee=any(known.fee is not None for known in terms.values()),
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


def _currency(campaign: Campaign, terms: CardTerms, code: str, typed: Typed, *, is_chosen: bool) -> CurrencyChoice:
    limits, fee = terms.limits, terms.fee
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
                cover=money.show(Money(fee.cover(amount.minor, limits), code)) if fee is not None else "",
            )
            for place, amount in enumerate(amounts)
        ),
        decimals=str(_decimals(code, limits)),
        fee_percent=_percent(fee.basis_points) if fee is not None else "",
        fee_fixed=money.plain(Money(fee.fixed_minor if fee is not None else 0, code)),
        is_chosen=is_chosen,
    )


def _value(amount: Money) -> str:
    """Return an amount as a radio sends it: `20`, or `12.50` where it is not whole."""
    text = money.plain(amount)
    return text.removesuffix(".00").removesuffix(".000")


def _decimals(code: str, limits: ChargeLimits) -> int:
    """Return how many digits after the point cards take."""
    return money.exponent(code) - (len(str(limits.step_minor)) - 1)


def _reaches(campaign: Campaign, terms: CardTerms, names: Sequence[str]) -> str:
    code, fee = campaign.currency, terms.fee
    if fee is None:
        return f"How much of a gift in {money.name(code)} reaches {in_words(names)} is known only afterwards"
    (example,) = suggested_gifts((_TEN,), "GBP", code, terms.limits, terms.limits.least_minor)
    reached = Money(max(example - fee.of(example), 0), code)
    return f"Of {money.show(Money(example, code))}, about {money.show(reached)} reaches {in_words(names)}"


def _rate(account: StripeAccount, settled: str) -> str:
    percent = f"{_percent(account.fee_basis_points)}%"
    fixed = money.show(Money(account.fee_fixed_minor, settled))
    return f"{percent} and {fixed}" if account.fee_fixed_minor else percent


def _abroad(terms: Mapping[str, CardTerms], settled: str) -> Sequence[str]:
    """Say what differs for gifts in a currency that the account does not hold."""
    said = []
    if set(terms) != {settled}:
        said.append(f"It converts a gift in another currency into {money.name(settled)}, and may take more for that.")
    unknown = [money.name(code) for code, known in terms.items() if known.fee is None]
    if unknown:
        said.append(f"What the fee comes to in {in_words(unknown)} is not known just now, so it cannot be added.")
    return said


def _percent(basis_points: int) -> str:
    whole, rest = divmod(basis_points, _PERCENT)
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
