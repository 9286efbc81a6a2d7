"""Values of the product as values of a page: text with currency, moments with zone, bodies by their legal name."""

from collections.abc import Mapping
from datetime import datetime

from fundraise import money, times
from fundraise.bodies.tables import Body
from fundraise.campaigns.tables import Campaign
from fundraise.donations.tables import Donation
from fundraise.figures.charities import Charity
from fundraise.figures.public import PublicTotal
from fundraise.money import Money
from fundraise.views.parts import Moment, Progress, TotalView
from fundraise.views.site import LegalBody

_WHOLE = 100
EXPLANATION = (
    "A gift counts as soon as it is paid.",
    "The figure is before the card company’s fees.",
    "A refund or a lost dispute takes a gift out again, so the figure can fall.",
    "What donors add to cover the fee, promises, tax relief and matched money are not in it.",
)


def legal_body(body: Body | Charity) -> LegalBody:
    """Return an organisation as footers and receipts name it."""
    kind = "Registered charity" if body.kind == "charity" else "Registered society"
    number = body.registration_number
    return LegalBody(
        name=body.legal_name,
        number=f"{kind} {number}" if number and number[0].isdigit() else number,
        regulator=body.regulator,
        email=body.contact_email,
        refunds=body.refund_policy,
    )


def at(moment: datetime, zone: str = "UTC") -> Moment:
    """Return a moment with date, time and zone."""
    return Moment(text=times.full(moment, zone), iso=times.iso(moment))


def at_clock(moment: datetime, zone: str = "UTC") -> Moment:
    """Return a moment of today: its clock time and zone."""
    return Moment(text=times.clock(moment, zone), iso=times.iso(moment))


def on_day(moment: datetime, zone: str = "UTC") -> Moment:
    """Return a moment as a day."""
    local = moment.astimezone(times.zone(zone))
    return Moment(text=times.day(moment, zone), iso=local.date().isoformat())


def since(moment: datetime, now: datetime) -> Moment:
    """Return how long ago a moment was."""
    return Moment(text=times.age(moment, now), iso=times.iso(moment))


def total_view(campaign: Campaign, total: PublicTotal) -> TotalView:
    """Return a campaign's total as pages and the live stream show it."""
    return TotalView(
        amount=money.show(total.amount),
        meaning="received for the charity, before fees, after refunds",
        as_of=at_clock(total.as_of, campaign.zone),
        gifts=f"{total.gifts:,} gift" + ("" if total.gifts == 1 else "s"),
        on_its_way=tuple(money.show(amount) for amount in total.on_its_way),
        not_converted=tuple(money.show(amount) for amount in total.not_converted),
        progress=progress(total.amount, campaign.goal_minor),
        explanation=EXPLANATION,
        counted_href=f"/c/{campaign.slug}/counted",
    )


def progress(amount: Money, goal_minor: int | None) -> Progress | None:
    """Return how far a total is towards a goal."""
    if not goal_minor:
        return None
    tenths = max(0, amount.minor) * _WHOLE * 10 // goal_minor
    percent = min(tenths, _WHOLE * 10)
    goal = money.show_short(Money(goal_minor, amount.currency))
    return Progress(percent=f"{percent // 10}.{percent % 10}", words=f"{tenths // 10}% of the {goal} goal")


def reference(donation: Donation) -> str:
    """Return what a donor quotes in a question: readable aloud, and no key to anything."""
    letters = donation.ref[:8].upper()
    return f"G-{letters[:4]}-{letters[4:]}"


def masked(email: str) -> str:
    """Return an address that its owner recognises and nobody else learns."""
    local, _, host = email.partition("@")
    return f"{local[:1]}…@{host}"


def statement_text(prefix: str, suffix: str) -> str:
    """Return what a card statement will probably say; at most 22 characters (Stripe's rule)."""
    return f"{prefix}* {suffix}"[:22] if suffix else prefix


def sum_by_currency(amounts: Mapping[str, int]) -> tuple[Money, ...]:
    """Return sums as money, by currency."""
    return tuple(Money(minor, currency) for currency, minor in sorted(amounts.items()))
