"""A campaign's page and its events': how the page is made out of what is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import lru_cache
from typing import Final

from sqlmodel import Session

from fundraise import money, times
from fundraise.appeals.tables import Appeal
from fundraise.bodies.questions import bodies_by_id
from fundraise.bodies.tables import Body
from fundraise.campaigns import questions as campaigns
from fundraise.campaigns.rules import Phase, gift_currencies, phase, suggested_amounts
from fundraise.campaigns.tables import Beneficiary, Campaign, Event
from fundraise.donations.rules import LARGEST_GIFT_MINOR, LONGEST_MESSAGE, SHARE, fee_cover, fee_of, least_gift
from fundraise.figures.public import PublicGift, campaign_totals, event_total, latest_gifts
from fundraise.flows.begin_gift import account_for
from fundraise.flows.money_doors import CLOSED, are_closed
from fundraise.money import Money
from fundraise.sealing import new_ref
from fundraise.showing import values as showing
from fundraise.stripe_accounts.tables import StripeAccount
from fundraise.text import paragraphs
from fundraise.views.give_form import AmountChoice, CurrencyChoice, GiveForm
from fundraise.views.parts import Link, Option, Status, TotalView
from fundraise.views.public_pages import CampaignFigures, CampaignPage, EventLine, EventPage, GiftLine

# Stands where each drawn form has a token of its own, so that one drawing serves everybody. Nobody can write it.
TOKEN_PLACE: Final = new_ref()
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
class _Receiver:
    """A charity of a campaign, whether it agreed, the account that takes its gifts, and whose it is if not its own."""

    row: Beneficiary
    body: Body
    account: StripeAccount | None
    agent: Body | None


def campaign_page(session: Session, slug: str, now: datetime, token: str, typed: Typed | None = None) -> CampaignPage:
    """Make the page of a campaign; `NotFound` for a draft or none."""
    return _page(session, campaigns.public_campaign(session, slug), now, token, typed or Typed(), None)


@dataclass(frozen=True, slots=True)
class Words:
    """A campaign and its page as far as people wrote it; gifts change nothing here."""

    campaign: Campaign
    page: CampaignPage


def campaign_words(session: Session, slug: str, now: datetime, token: str) -> Words:
    """Read what people wrote of a campaign; `NotFound` for a draft or none."""
    campaign = campaigns.public_campaign(session, slug)
    return Words(campaign, _page(session, campaign, now, token, Typed(), None))


def campaign_figures(session: Session, campaign: Campaign, now: datetime) -> CampaignFigures:
    """Read what gifts change on a campaign's page: its total, and the latest of them."""
    total = campaign_totals(session, [campaign], now)[campaign.id]
    gifts = latest_gifts(session, campaign.id)
    return CampaignFigures(
        total=showing.total_view(campaign, total),
        gifts=tuple(_gift_line(campaign.zone, gift) for gift in gifts),
        gifts_more=_more(total.gifts - len(gifts)),
    )


def event_page(
    session: Session, slug: str, event_slug: str, now: datetime, token: str, typed: Typed | None = None
) -> EventPage:
    """Make an event's giving page; `NotFound`."""
    campaign = campaigns.public_campaign(session, slug)
    event = campaigns.event_of(session, campaign.id, event_slug)
    page = _page(session, campaign, now, token, typed or Typed(), event)
    given = event_total(session, campaign, event.id)
    values = {spot.name: getattr(page, spot.name) for spot in fields(CampaignPage)}
    return EventPage(
        **values,
        event_title=event.title,
        event_when=times.weekday(event.starts_at, event.zone),
        event_where=event.place,
        event_story=paragraphs(event.about),
        event_amount=money.show(given) if given else "",
        campaign_href=f"/c/{campaign.slug}",
    )


def total_fragment(session: Session, slug: str, now: datetime) -> TotalView:
    """Return a campaign's total alone; `NotFound`."""
    campaign = campaigns.public_campaign(session, slug)
    return showing.total_view(campaign, campaign_totals(session, [campaign], now)[campaign.id])


def _page(
    session: Session, campaign: Campaign, now: datetime, token: str, typed: Typed, event: Event | None
) -> CampaignPage:
    receivers = _receivers(session, campaign)
    figures = campaign_figures(session, campaign, now)
    appeal = session.get_one(Appeal, campaign.appeal_id)
    where = phase(campaign, now)
    closed = _closed(campaign, where, receivers) or (CLOSED if are_closed(session) else "")
    return CampaignPage(
        title=campaign.title,
        helped=campaign.summary,
        consent=_consent(receivers),
        total=figures.total,
        total_href=f"/c/{campaign.slug}/total",
        live_href=f"/c/{campaign.slug}/live" if where is not Phase.ENDED else "",
        form=None if closed else _form(campaign, receivers, token, typed, event),
        closed=closed,
        story=paragraphs(campaign.story),
        charities=tuple(showing.legal_body(receiver.body) for receiver in receivers),
        held_by=next((showing.legal_body(receiver.agent) for receiver in receivers if receiver.agent), None),
        appeal=Link(text=appeal.title, href=f"/a/{appeal.slug}") if appeal.state != "draft" else None,
        events=tuple(_event_line(campaign, row) for row in campaigns.events(session, campaign.id)),
        gifts=figures.gifts,
        gifts_more=figures.gifts_more,
        phase=where.value,
    )


def _receivers(session: Session, campaign: Campaign) -> Sequence[_Receiver]:
    rows = campaigns.beneficiaries(session, campaign.id)
    bodies = bodies_by_id(session, [row.body_id for row in rows])
    agent = session.get_one(Body, campaign.merchant_body_id) if campaign.merchant_body_id is not None else None
    return [_Receiver(row, bodies[row.body_id], account_for(session, campaign, row.body_id), agent) for row in rows]


def _closed(campaign: Campaign, where: Phase, receivers: Sequence[_Receiver]) -> str:
    """Return why no gifts are taken now; "" while they are."""
    if where is Phase.ENDED:
        when = f" on {times.day(campaign.ends_at, campaign.zone)}" if campaign.ends_at is not None else ""
        return f"This campaign ended{when}. Gifts are no longer taken here."
    if where is Phase.PAUSED:
        return "This campaign is paused. Gifts are not taken here just now."
    if where is Phase.NOT_BEGUN and campaign.starts_at is not None:
        return f"This campaign begins on {times.full(campaign.starts_at, campaign.zone)}."
    if not receivers or any(receiver.account is None for receiver in receivers):
        return "Gifts cannot be taken here yet: a charity’s card account is still being set up."
    return ""


def _consent(receivers: Sequence[_Receiver]) -> Status:
    waiting = [receiver.body.name for receiver in receivers if receiver.row.confirmed_at is None]
    if waiting:
        has = "has" if len(waiting) == 1 else "have"
        return Status(word=f"In aid of {_and(waiting)}, which {has} not confirmed it yet", tone="needs_you")
    return Status(word=f"Confirmed by {_and([receiver.body.name for receiver in receivers])}", tone="settled")


def _form(
    campaign: Campaign, receivers: Sequence[_Receiver], token: str, typed: Typed, event: Event | None
) -> GiveForm:
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
                campaign, account, code, typed, is_chosen=code == (chosen if chosen in currencies else currencies[0])
            )
            for code in currencies
        ),
        reaches=_reaches(campaign, account, names),
        reaches_more=(
            *((f"{agent.name} takes it on its own card account and passes it on.",) if agent else ()),
            f"The card company takes about {_rate(account, campaign.currency)} of each gift. "
            "Nobody else takes anything.",
            "What it really took is shown on your gift’s own page once it is known.",
        ),
        statement=showing.statement_text(account.statement_prefix, campaign.statement_suffix),
        charity_name=names[0] if len(names) == 1 else "the charities",
        amount=typed.value("amount"),
        amount_help=_limits(campaign),
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


def _currency(
    campaign: Campaign, account: StripeAccount, code: str, typed: Typed, *, is_chosen: bool
) -> CurrencyChoice:
    picked = typed.value("choice") if not typed.value("amount") else ""
    amounts = [Money(least_gift(minor, campaign.currency, code), code) for minor in suggested_amounts(campaign)]
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
                cover=money.show(
                    Money(fee_cover(amount.minor, account.fee_basis_points, account.fee_fixed_minor), code)
                ),
            )
            for place, amount in enumerate(amounts)
        ),
        decimals=str(money.exponent(code)),
        fee_percent=_percent(account),
        fee_fixed=money.plain(Money(account.fee_fixed_minor, code)),
        is_chosen=is_chosen,
    )


def _value(amount: Money) -> str:
    """Return an amount as a radio sends it: `20`, or `12.50` where it is not whole."""
    text = money.plain(amount)
    return text.removesuffix(".00").removesuffix(".000")


def _reaches(campaign: Campaign, account: StripeAccount, names: Sequence[str]) -> str:
    ten = Money(least_gift(_TEN, "GBP", campaign.currency), campaign.currency)
    fee = fee_of(ten.minor, account.fee_basis_points, account.fee_fixed_minor)
    reached = Money(max(ten.minor - fee, 0), campaign.currency)
    return f"Of {money.show(ten)}, about {money.show(reached)} reaches {_and(names)}"


def _rate(account: StripeAccount, currency: str) -> str:
    fixed = money.show(Money(account.fee_fixed_minor, currency))
    return f"{_percent(account)}% and {fixed}" if account.fee_fixed_minor else f"{_percent(account)}%"


def _percent(account: StripeAccount) -> str:
    whole, rest = divmod(account.fee_basis_points, _PERCENT)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".")


def _limits(campaign: Campaign) -> str:
    least = money.show_short(Money(campaign.least_gift_minor, campaign.currency))
    return f"From {least} to {money.show_short(Money(LARGEST_GIFT_MINOR, campaign.currency))}."


def _charities(receivers: Sequence[_Receiver], chosen: str) -> tuple[Option, ...]:
    if len(receivers) == 1:
        return ()
    slugs = [receiver.body.slug for receiver in receivers]
    options = [
        Option(value=receiver.body.slug, text=receiver.body.name, is_chosen=receiver.body.slug == chosen)
        for receiver in receivers
    ]
    shared = Option(value=SHARE, text="Share it equally", is_chosen=chosen not in slugs)
    return (*options, shared)


def _event_line(campaign: Campaign, event: Event) -> EventLine:
    return EventLine(
        title=event.title,
        href=f"/c/{campaign.slug}/e/{event.slug}",
        when=times.weekday(event.starts_at, event.zone),
        where=event.place,
    )


@lru_cache(maxsize=2_000)
def _gift_line(zone: str, gift: PublicGift) -> GiftLine:
    """Put a gift into words; a page that is drawn anew has the same gifts but one or two."""
    return GiftLine(
        who=gift.name or "A supporter",
        when=showing.on_day(gift.paid_at, zone),
        amount=money.show(gift.amount) if gift.amount is not None else "",
        message=gift.message,
        mark="disputed" if gift.is_disputed else "",
    )


def _more(count: int) -> str:
    if count <= 0:
        return ""
    return f"and {count:,} more gift" + ("" if count == 1 else "s")


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
