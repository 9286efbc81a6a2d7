"""Gifts here that are in another currency than the total they count in are converted, once and for good.

An appeal counts what its bodies were given, a campaign what Stripe settled for it. Each is converted as a whole, so the
totals of an appeal's campaigns may differ from the appeal's by a minor unit for each conversion.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Context, Decimal
from typing import Any, Final

from sqlmodel import Session

from fundraise.appeals.holding import hold_figures
from fundraise.appeals.tables import Appeal, CampaignIncrement, Conversion, OwnIncrement
from fundraise.campaigns.questions import campaigns_of
from fundraise.campaigns.tables import Campaign, CampaignState
from fundraise.figures.own_gifts import OwnKey, gifts_here, newest_of_campaigns, newest_own
from fundraise.figures.public import campaign_totals
from fundraise.ledger.balances import last_entry_id
from fundraise.money import Money, convert_minor
from fundraise.rates.questions import conversion

_EXACT: Final = Context(prec=28)


def convert_gifts_of(session: Session, campaign_id: int, now: datetime) -> int:
    """Convert what was just booked for a campaign, so that its total does not fall until the next run."""
    campaign = session.get_one(Campaign, campaign_id)
    appeal, moment = hold_figures(session, campaign.appeal_id, now)
    return convert_gifts(session, appeal, moment)


def convert_gifts(session: Session, appeal: Appeal, moment: datetime) -> int:
    """Convert what there is a rate for, for the appeal and for its campaigns; return how many rows were added.

    The caller holds the appeal's figures.
    """
    upto = last_entry_id(session)
    rows: list[Conversion] = []
    own = newest_own(session, appeal.id)
    for (body_id, currency), minor in _changes_of_bodies(session, appeal, upto):
        amount = Money(minor, currency)
        values = _converted(session, appeal, amount, appeal.currency, own.get((body_id, currency)), moment)
        if values is not None:
            rows.append(OwnIncrement(appeal_id=appeal.id, body_id=body_id, upto_entry_id=upto, **values))
    campaigns = _published(session, appeal)
    before = newest_of_campaigns(session, [campaign.id for campaign in campaigns])
    for campaign, amount in _changes_of_campaigns(session, campaigns, moment):
        last = before.get((campaign.id, amount.currency))
        values = _converted(session, appeal, amount, campaign.currency, last, moment)
        if values is not None:
            rows.append(CampaignIncrement(campaign_id=campaign.id, upto_entry_id=upto, **values))
    session.add_all(rows)
    session.flush()
    return len(rows)


def gifts_can_be_converted(session: Session, appeal: Appeal, now: datetime) -> bool:
    """Tell whether there is a rate for a gift that waits."""
    waiting = [
        *((Money(minor, key[1]), appeal.currency) for key, minor in _changes_of_bodies(session, appeal, None)),
        *(
            (amount, campaign.currency)
            for campaign, amount in _changes_of_campaigns(session, _published(session, appeal), now)
        ),
    ]
    day = now.date()
    return any(conversion(session, appeal.rate_source, own.currency, into, day) is not None for own, into in waiting)


def _published(session: Session, appeal: Appeal) -> Sequence[Campaign]:
    return [campaign for campaign in campaigns_of(session, appeal.id) if campaign.state != CampaignState.DRAFT]


def _changes_of_bodies(session: Session, appeal: Appeal, upto_entry_id: int | None) -> Iterator[tuple[OwnKey, int]]:
    """Yield what the books say of gifts in other currencies beyond what was converted."""
    before = newest_own(session, appeal.id)
    here = gifts_here(session, appeal, upto_entry_id=upto_entry_id)
    for key in sorted({*here, *before}):
        counted = here[key].counted_minor if key in here else 0
        changed = counted - (before[key].total_amount_minor if key in before else 0)
        if key[1] != appeal.currency and changed:
            yield key, changed


def _changes_of_campaigns(
    session: Session, campaigns: Sequence[Campaign], now: datetime
) -> Iterator[tuple[Campaign, Money]]:
    """Yield what was settled for campaigns in other currencies and is not in their totals yet."""
    totals = campaign_totals(session, campaigns, now)
    for campaign in campaigns:
        for amount in totals[campaign.id].not_converted:
            yield campaign, amount


def _converted(
    session: Session, appeal: Appeal, own: Money, into: str, last: Conversion | None, moment: datetime
) -> dict[str, Any] | None:
    """Return what a row says of an amount; None where there is no rate, and the amount waits."""
    rate = _rate(session, appeal, own, into, last, moment.date())
    if rate is None:
        return None
    sheet_id, factor = rate
    display = convert_minor(own.minor, own.currency, factor, into)
    return {
        "currency": own.currency,
        "follows_id": last.id if last is not None else 0,
        "amount_minor": own.minor,
        "sheet_id": sheet_id,
        "factor": str(factor),
        "display_minor": display,
        "display_currency": into,
        "total_amount_minor": own.minor + (last.total_amount_minor if last is not None else 0),
        "total_display_minor": display + (last.total_display_minor if last is not None else 0),
        "made_at": moment,
    }


def _rate(
    session: Session, appeal: Appeal, own: Money, into: str, last: Conversion | None, day: date
) -> tuple[int, Decimal] | None:
    """Return the sheet and the factor of the day; what goes back takes with it what it counted for, on average."""
    if last is not None and own.minor * last.total_amount_minor < 0 and abs(own.minor) <= abs(last.total_amount_minor):
        counted, stood = Money(last.total_display_minor, into), Money(last.total_amount_minor, own.currency)
        return last.sheet_id, _EXACT.divide(counted.decimal(), stood.decimal())
    rate = conversion(session, appeal.rate_source, own.currency, into, day)
    return None if rate is None or rate.sheet_id is None else (rate.sheet_id, rate.factor)
