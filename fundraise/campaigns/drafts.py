"""What staff may write about a campaign and its events, and what stays once gifts were given."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fundraise import money
from fundraise.campaigns.tables import Campaign, Event, FeeBearer, Holding
from fundraise.fields import Reading
from fundraise.money import Money

_SUGGESTED: Final = 3
# Stripe's rule for the end of a statement's text: Latin, a letter in it, none of these signs
# (docs.stripe.com/get-started/account/statement-descriptors).
_NOT_ON_STATEMENTS: Final = frozenset("<>\\'\"*")
_MOST_CURRENCIES: Final = 12


@dataclass(frozen=True, slots=True)
class CampaignDraft:
    """A campaign as a form says it, checked and tidied. Appeal and bodies are named by their slugs."""

    slug: str
    appeal: str
    title: str
    summary: str
    story: str
    organiser: str
    currency: str
    gift_currencies: str
    goal_minor: int | None
    suggested_minor: str
    least_gift_minor: int
    starts_at: datetime | None
    ends_at: datetime | None
    zone: str
    holding: str
    merchant: str
    fee_borne_by: str
    statement_suffix: str
    charities: tuple[str, ...]


# What the table and the draft call by the same name.
SAME: Final = tuple(set(CampaignDraft.__dataclass_fields__) - {"appeal", "merchant", "charities"})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a campaign's form is checked against: what there is to choose from, and what stays as it is."""

    appeals: Collection[str]
    bodies: Sequence[str]
    least_minor: Mapping[str, int]  # By currency: the least that may be the smallest gift.
    most_minor: int
    is_public: bool = False
    has_gifts: bool = False
    given_to: Collection[str] = ()  # Charities that were given to; they stay.


def draft_of(campaign: Campaign, appeal: str, merchant: str, charities: Sequence[str]) -> CampaignDraft:
    """Return what can be written about a campaign, as it stands now."""
    same = {name: getattr(campaign, name) for name in SAME}
    return CampaignDraft(**same, appeal=appeal, merchant=merchant, charities=tuple(charities))


def write_on(campaign: Campaign, draft: CampaignDraft) -> None:
    """Bring a campaign to what a draft says, but for what other rows say: appeal, merchant, charities."""
    for name in SAME:
        setattr(campaign, name, getattr(draft, name))


def read_campaign(form: Mapping[str, str], before: CampaignDraft | None, around: Surroundings) -> CampaignDraft:
    """Read the form of a campaign; raises `FieldErrors` with a message for each field that will not do."""
    reading = Reading(form)
    title = reading.line("title", longest=120, missing="Please give the campaign a name.")
    currency = _currency(reading, "currency")
    zone = reading.zone("time_zone", kept=before.zone if before is not None else "")
    is_agent = reading.choice("holding", set(Holding), "Please say whose money it is.") == Holding.AGENT
    draft = CampaignDraft(
        slug=before.slug if before is not None and around.is_public else reading.slug("slug", title),
        appeal=reading.choice("appeal", around.appeals, "Please choose the appeal it is part of."),
        title=title,
        summary=reading.line("helped", longest=300, missing="Please say in one sentence who is helped, and by whom."),
        story=reading.story("story"),
        organiser=reading.line("organiser", longest=120, missing="Please say who raises the money."),
        currency=currency,
        gift_currencies=",".join(_gift_currencies(reading, currency)),
        goal_minor=reading.amount("goal", currency),
        suggested_minor=_suggested(reading, currency),
        least_gift_minor=reading.amount("amount_min", currency) or 0,
        starts_at=reading.moment("begins", zone, kept=before.starts_at if before is not None else None),
        ends_at=reading.moment("ends", zone, kept=before.ends_at if before is not None else None, late=True),
        zone=zone,
        holding=Holding.AGENT if is_agent else Holding.PRINCIPAL,
        merchant=reading.raw("merchant") if is_agent else "",
        fee_borne_by=reading.choice("fee_borne_by", set(FeeBearer), "Please say who bears the card fee.")
        if is_agent
        else FeeBearer.CHARITY.value,
        statement_suffix=_statement(reading),
        charities=reading.several("charities", around.bodies, "Please choose from the charities here."),
    )
    _check_together(reading, draft, around)
    if before is not None:
        _refuse_what_stays(reading, before, draft, around)
    reading.done()
    return draft


def _currency(reading: Reading, name: str) -> str:
    typed = reading.raw(name).upper()
    if not money.is_currency(typed):
        reading.refuse(name, "Please choose a currency from the list.")
    return typed


def _gift_currencies(reading: Reading, currency: str) -> list[str]:
    others = [code for code in reading.raw("other_currencies").split("\n") if code]
    if any(not money.is_currency(code) for code in others):
        reading.refuse("other_currencies", "Please choose currencies from the list.")
    found = list(dict.fromkeys([currency, *others]))
    if len(found) > _MOST_CURRENCIES:
        reading.refuse("other_currencies", f"Please choose at most {_MOST_CURRENCIES} currencies.")
    return found


def _suggested(reading: Reading, currency: str) -> str:
    """Read three amounts in one field; a comma divides them, so thousands are written without marks."""
    typed = [part for part in re.split(r"[,;\s]+", reading.raw("choices")) if part]
    if len(typed) != _SUGGESTED:
        reading.refuse("choices", "Please write three amounts with commas between, such as 10, 20, 50.")
        return ""
    if not money.is_currency(currency):
        return ""
    try:
        amounts = [money.parse(part, currency).minor for part in typed]
    except money.AmountError as problem:
        reading.refuse("choices", str(problem))
        return ""
    if amounts != sorted(set(amounts)):
        reading.refuse("choices", "Please write three different amounts, the smallest first, such as 10, 20, 50.")
    return ",".join(str(minor) for minor in amounts)


def _statement(reading: Reading) -> str:
    typed = reading.line("statement", longest=20)
    if not typed:
        return ""
    if not typed.isascii() or _NOT_ON_STATEMENTS & set(typed):
        reading.refuse("statement", "Banks show plain Latin letters and digits here, without < > \\ ' \" *.")
    elif not any(sign.isalpha() for sign in typed):
        reading.refuse("statement", "Please use at least one letter; banks refuse digits alone.")
    return typed


def _check_together(reading: Reading, draft: CampaignDraft, around: Surroundings) -> None:
    if not draft.charities:
        reading.refuse("charities", "Please choose at least one charity.")
    if draft.starts_at is not None and draft.ends_at is not None and draft.ends_at <= draft.starts_at:
        reading.refuse("ends", "Please choose an end after the beginning.")
    if draft.holding == Holding.AGENT and draft.merchant not in around.bodies:
        reading.refuse("merchant", "Please say which society takes the cards and holds the money.")
    if draft.holding == Holding.AGENT and draft.merchant in draft.charities:
        reading.refuse("merchant", "A charity does not hold money for itself: choose that the money is its own.")
    if not money.is_currency(draft.currency):
        return
    least = around.least_minor.get(draft.currency, 1)
    if draft.least_gift_minor < least:
        floor = money.show_short(Money(least, draft.currency))
        reading.refuse(
            "amount_min", f"Please write at least {floor}: people who test stolen cards use the smallest gifts."
        )
    amounts = [int(part) for part in draft.suggested_minor.split(",") if part]
    if amounts and (amounts[0] < draft.least_gift_minor or amounts[-1] > around.most_minor):
        most = money.show_short(Money(around.most_minor, draft.currency))
        reading.refuse("choices", f"Please keep them between the smallest gift and {most}, the most cards take.")


def _refuse_what_stays(reading: Reading, before: CampaignDraft, draft: CampaignDraft, around: Surroundings) -> None:
    gone = set(around.given_to) - set(draft.charities)
    if gone:
        reading.refuse("charities", "A charity that gifts or transfers went to stays part of the campaign.")
    if not around.has_gifts:
        return
    if draft.currency != before.currency:
        reading.refuse("currency", f"Gifts were given already, so the total stays in {before.currency}.")
    if draft.appeal != before.appeal:
        reading.refuse("appeal", "Gifts were given already and count for this appeal, so it stays part of it.")
    if (draft.holding, draft.merchant) != (before.holding, before.merchant):
        reading.refuse("holding", "Gifts were given already, so whose money it is stays. Make another campaign.")
    if draft.fee_borne_by != before.fee_borne_by:
        reading.refuse("fee_borne_by", "Gifts were given already under this agreement, so it stays.")


# --- events ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EventDraft:
    """An event as a form says it, checked and tidied; the names are those of the table."""

    slug: str
    title: str
    place: str
    about: str
    starts_at: datetime
    ends_at: datetime | None
    zone: str


def event_draft_of(event: Event) -> EventDraft:
    """Return what can be written about an event, as it stands now."""
    return EventDraft(**{name: getattr(event, name) for name in EventDraft.__dataclass_fields__})


def read_event(
    form: Mapping[str, str], before: EventDraft | None, *, campaign_zone: str, is_public: bool
) -> EventDraft:
    """Read the form of an event; raises `FieldErrors` with a message for each field that will not do."""
    reading = Reading(form)
    title = reading.line("title", longest=120, missing="Please give the event a name.")
    zone = reading.zone("time_zone", kept=before.zone if before is not None else campaign_zone)
    kept_start = before.starts_at if before is not None else None
    starts_at = reading.moment("begins", zone, kept=kept_start, missing="Please say when it begins.")
    ends_at = reading.moment("ends", zone, kept=before.ends_at if before is not None else None, late=True)
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        reading.refuse("ends", "Please choose an end after the beginning.")
    slug = before.slug if before is not None and is_public else reading.slug("slug", title)
    place = reading.line("place", longest=200)
    about = reading.story("story")
    reading.done()
    if starts_at is None:
        raise ValueError("a form without a beginning was refused above")
    return EventDraft(slug, title, place, about, starts_at, ends_at, zone)


def write_event_on(event: Event, draft: EventDraft) -> None:
    """Bring an event to what a draft says."""
    for name in EventDraft.__dataclass_fields__:
        setattr(event, name, getattr(draft, name))
