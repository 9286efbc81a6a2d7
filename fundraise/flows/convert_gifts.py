"""Gifts here that are in another currency than the total they count in are converted, once and for good.

A gift that Stripe settles in another currency than its campaign's is converted by itself, with the campaign. An appeal
in another currency than a campaign converts what the campaign's bodies were given, as a whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlmodel import Session

from fundraise import plain
from fundraise.appeals.holding import hold_figures
from fundraise.appeals.tables import Appeal, ConvertedGifts, GiftIncrement, OwnIncrement
from fundraise.campaigns.questions import campaigns_of
from fundraise.campaigns.tables import Campaign, CampaignState
from fundraise.figures.own_gifts import OwnKey, gifts_here, given_for, newest_of_campaigns, newest_own
from fundraise.figures.public import campaign_totals
from fundraise.ledger.accounts import Account
from fundraise.ledger.balances import last_entry_id
from fundraise.money import Money, average, convert_minor
from fundraise.rates.questions import conversion

_GIVEN: Final = (
    "SELECT donation_id, body_id, currency, SUM(CASE WHEN counts THEN -minor ELSE 0 END), "  # noqa: S608  An account of ours.
    f"SUM(CASE WHEN account = '{Account.STRIPE_FEE_UNKNOWN.value}' THEN minor ELSE 0 END) "
    "FROM ledger_line WHERE campaign_id = :campaign AND currency <> :currency{which} "
    "GROUP BY donation_id, body_id, currency ORDER BY donation_id, body_id, currency"
)
_CONVERTED: Final = (
    "SELECT donation_id, body_id, currency, SUM(amount_minor), SUM(display_minor), MAX(sheet_id) "
    "FROM gift_increment WHERE campaign_id = :campaign{which} GROUP BY donation_id, body_id, currency"
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What was converted so far, and at which rates: amounts in minor units."""

    amount_minor: int = 0
    display_minor: int = 0
    sheet_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Change:
    """What a gift counts for more, or less, than what was converted of it."""

    donation_id: int | None
    body_id: int
    amount: Money
    standing: Standing


def convert_gift(session: Session, campaign_id: int, donation_id: int, now: datetime) -> int:
    """Convert what was just booked for a gift, so that the totals do not fall until the next run."""
    campaign = session.get_one(Campaign, campaign_id)
    appeal, moment = hold_figures(session, campaign.appeal_id, now)
    return _convert_campaign(session, appeal, campaign, moment, donation_id)


def convert_gifts(session: Session, appeal: Appeal, moment: datetime) -> int:
    """Convert what there is a rate for, for the appeal and for its campaigns; return how many rows were added.

    The caller holds the appeal's figures.
    """
    upto, done = last_entry_id(session), 0
    for campaign in _waiting_campaigns(session, appeal, moment):
        done += _convert_campaign(session, appeal, campaign, moment)
    before = newest_own(session, appeal.id)
    for (body_id, currency), minor in _changes_of_bodies(session, appeal, upto):
        last = before.get((body_id, currency))
        stands = Standing(last.total_amount_minor, last.total_display_minor, last.sheet_id) if last else Standing()
        values = _converted(session, appeal, Money(minor, currency), appeal.currency, stands, moment)
        if values is not None:
            values |= _sums(last, values)
            session.add(OwnIncrement(appeal_id=appeal.id, body_id=body_id, upto_entry_id=upto, **values))
            done += 1
    session.flush()
    return done


def gifts_can_be_converted(session: Session, appeal: Appeal, now: datetime) -> bool:
    """Tell whether there is a rate for a gift that waits."""
    waiting = [(currency, appeal.currency) for (_, currency), _ in _changes_of_bodies(session, appeal, None)]
    for campaign in _waiting_campaigns(session, appeal, now):
        waiting += [(change.amount.currency, campaign.currency) for change in _changes_of_gifts(session, campaign)]
    day = now.date()
    return any(conversion(session, appeal.rate_source, own, into, day) is not None for own, into in set(waiting))


def _waiting_campaigns(session: Session, appeal: Appeal, now: datetime) -> Sequence[Campaign]:
    """List the campaigns that were given what is not converted yet."""
    published = [campaign for campaign in campaigns_of(session, appeal.id) if campaign.state != CampaignState.DRAFT]
    totals = campaign_totals(session, published, now)
    return [campaign for campaign in published if totals[campaign.id].not_converted]


def _convert_campaign(
    session: Session, appeal: Appeal, campaign: Campaign, moment: datetime, donation_id: int | None = None
) -> int:
    """Convert a campaign's gifts, or one of them."""
    upto, done = last_entry_id(session), 0
    newest: dict[tuple[int, int, str], GiftIncrement] = dict(newest_of_campaigns(session, [campaign.id]))
    for change in _changes_of_gifts(session, campaign, donation_id):
        values = _converted(session, appeal, change.amount, campaign.currency, change.standing, moment)
        if values is None:
            continue
        key = (campaign.id, change.body_id, change.amount.currency)
        row = GiftIncrement(
            campaign_id=campaign.id,
            body_id=change.body_id,
            donation_id=change.donation_id,
            upto_entry_id=upto,
            **values,
            **_sums(newest.get(key), values),
        )
        session.add(row)
        session.flush()  # The next row follows this one by its id.
        newest[key] = row
        done += 1
    return done


def _changes_of_gifts(session: Session, campaign: Campaign, donation_id: int | None = None) -> Iterator[_Change]:
    """Yield gifts, or what went back of them, that Stripe settled in other currencies and that were not converted."""
    which = "" if donation_id is None else " AND donation_id = :donation"
    values = {"campaign": campaign.id, "currency": campaign.currency, "donation": donation_id}
    before = {
        tuple(key): Standing(int(amount), int(display), sheet_id)
        for *key, amount, display, sheet_id in plain.ask(session, _CONVERTED.format(which=which), values)
    }
    for donation, body_id, currency, given, unsettled in plain.ask(session, _GIVEN.format(which=which), values):
        stands = before.get((donation, body_id, currency), Standing())
        left = int(given) - max(0, min(int(given), int(unsettled))) - stands.amount_minor
        if left:
            yield _Change(donation, body_id, Money(left, currency), stands)


def _changes_of_bodies(session: Session, appeal: Appeal, upto_entry_id: int | None) -> Iterator[tuple[OwnKey, int]]:
    """Yield what bodies were given in other currencies beyond what was converted, with a campaign or by itself."""
    before = newest_own(session, appeal.id)
    here = gifts_here(given_for(session, appeal, upto_entry_id=upto_entry_id), appeal)
    for key in sorted({*here, *before}):
        counted = here[key].counted_minor - here[key].with_campaign_minor if key in here else 0
        changed = counted - (before[key].total_amount_minor if key in before else 0)
        if key[1] != appeal.currency and changed:
            yield key, changed


def _converted(
    session: Session, appeal: Appeal, own: Money, into: str, stands: Standing, moment: datetime
) -> dict[str, Any] | None:
    """Return what a row says of an amount; None where there is no rate, and the amount waits."""
    rate = _rate(session, appeal, own, into, stands, moment.date())
    if rate is None:
        return None
    sheet_id, factor = rate
    return {
        "currency": own.currency,
        "amount_minor": own.minor,
        "sheet_id": sheet_id,
        "factor": str(factor),
        "display_minor": convert_minor(own.minor, own.currency, factor, into),
        "display_currency": into,
        "made_at": moment,
    }


def _rate(
    session: Session, appeal: Appeal, own: Money, into: str, stands: Standing, day: date
) -> tuple[int, Decimal] | None:
    """Return the sheet and the factor of the day; what goes back takes with it what it counted for."""
    goes_back = own.minor * stands.amount_minor < 0 and abs(own.minor) <= abs(stands.amount_minor)
    if goes_back and stands.sheet_id is not None:
        stood, counted = Money(stands.amount_minor, own.currency), Money(stands.display_minor, into)
        return stands.sheet_id, average(stood, counted)
    rate = conversion(session, appeal.rate_source, own.currency, into, day)
    return None if rate is None or rate.sheet_id is None else (rate.sheet_id, rate.factor)


def _sums(last: ConvertedGifts | None, values: dict[str, Any]) -> dict[str, Any]:
    """Return the place of a row after the last one, and the sums so far."""
    return {
        "follows_id": last.id if last is not None else 0,
        "total_amount_minor": values["amount_minor"] + (last.total_amount_minor if last is not None else 0),
        "total_display_minor": values["display_minor"] + (last.total_display_minor if last is not None else 0),
    }
