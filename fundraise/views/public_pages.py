"""Pages that anybody may open: the front page, campaigns and their events, privacy, help."""

from dataclasses import dataclass
from typing import Literal

from fundraise.views.give_form import GiveForm
from fundraise.views.parts import Link, Moment, Picture, Status, Toast, TotalView
from fundraise.views.site import LegalBody


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealCard:
    """An appeal on the front page.

    Fields:
        title: its name.
        href: "/a/{appeal}".
        sentence: who is helped and by whom.
        amount: the headline figure, "US$176,000.00".
        meaning: its stage in words, "received by the Russian LGBT Network".
        as_of: when it was true.
    """

    title: str
    href: str
    sentence: str
    amount: str
    meaning: str
    as_of: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignCard:
    """A campaign on the front page or under its appeal.

    Fields:
        title: its name.
        href: "/c/{campaign}".
        sentence: who is helped and by whom.
        amount: "£12,345.00".
        goal: "of £20,000"; "" without a goal.
        percent: length of the bar, "0" to "100"; "" without a goal.
        status: shown when the campaign does not take gifts now: "Ended", "Paused", "Begins 1 December".
    """

    title: str
    href: str
    sentence: str
    amount: str
    goal: str = ""
    percent: str = ""
    status: Status | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    """`public/home.html` at `/`.

    Fields:
        appeals: combined totals, first.
        campaigns: those that take gifts first.
        introduction: one or two sentences of the operator about what this place is; "" takes the standard ones.
        toast: what the last action did.
    """

    appeals: tuple[AppealCard, ...]
    campaigns: tuple[CampaignCard, ...]
    introduction: str = ""
    toast: Toast | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """An event of a campaign.

    Fields:
        title: its name.
        href: "/c/{campaign}/e/{event}".
        when: with zone, "Friday 4 December 2026, 19:30 GMT".
        where: place; "" where none is given.
        amount: given through this event so far; "" hides it.
    """

    title: str
    href: str
    when: str
    where: str = ""
    amount: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftLine:
    """One of the latest gifts, showing only what its donor chose to show.

    Fields:
        who: the chosen name, or "A supporter".
        when: "today", "22 November"; a day, not a minute.
        amount: "" unless the donor chose to show it.
        message: "" unless the donor chose to show it.
        mark: "disputed" or another word the public must know; "" as a rule.
    """

    who: str
    when: Moment
    amount: str = ""
    message: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A piece of news by the organiser.

    Fields:
        title: its heading.
        when: the day.
        paragraphs: plain text.
    """

    title: str
    when: Moment
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPage:
    """`public/campaign.html` at `/c/{campaign}`, also after a refused form (422).

    Fields:
        title: the campaign's name.
        helped: one sentence: who is helped and by whom.
        consent: what the charity said of this campaign: Status("Confirmed by Rainbow Shelter", "settled") or
            Status("In aid of Rainbow Shelter, which has not confirmed it yet", "needs_you").
        total: see `TotalView`.
        total_href: "/c/{campaign}/total", the fragment alone.
        live_href: "/c/{campaign}/live", the event stream; "" when the total no longer moves.
        form: None when no gift is taken now; then `closed` says why.
        closed: "This campaign ended on 30 November 2026. Gifts are no longer taken here."; "" while gifts are taken.
        story: paragraphs of plain text.
        charities: who receives the money, for the footer.
        held_by: who takes the gifts for them and passes them on, for the footer; None when they take them themselves.
        appeal: the appeal this campaign belongs to.
        pictures: shown with the story.
        events: soonest first.
        gifts: latest first, a dozen at most.
        gifts_more: what the list leaves out, "and 14 more gifts, £620.00"; "" for nothing.
        updates: latest first.
        phase: "open" takes gifts; the others do not, except that a paused or ended one may still hold a form for late
            gifts when the operator allows it.
        toast: what the last action did.
    """

    title: str
    helped: str
    consent: Status
    total: TotalView
    total_href: str
    live_href: str
    form: GiveForm | None
    story: tuple[str, ...]
    charities: tuple[LegalBody, ...]
    held_by: LegalBody | None = None
    closed: str = ""
    appeal: Link | None = None
    pictures: tuple[Picture, ...] = ()
    events: tuple[EventLine, ...] = ()
    gifts: tuple[GiftLine, ...] = ()
    gifts_more: str = ""
    updates: tuple[Update, ...] = ()
    phase: Literal["open", "not_begun", "paused", "ended"] = "open"
    toast: Toast | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignFigures:
    """What a gift changes on a campaign's page: `public/_total.html` of its total, and `public/_latest_gifts.html`.

    The fields are those of `CampaignPage`.
    """

    total: TotalView
    gifts: tuple[GiftLine, ...]
    gifts_more: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage(CampaignPage):
    """`public/event.html` at `/c/{campaign}/e/{event}`: the campaign's giving page, naming the event.

    Everything of `CampaignPage` stays as it is there; `form.event` carries the event's slug.

    Fields:
        event_title: the event's name; it becomes the heading.
        event_when: with zone.
        campaign_href: "/c/{campaign}".
        event_where: place; "" where none is given.
        event_story: paragraphs about the event, above the campaign's story.
        event_amount: given through this event so far; "" hides it.
    """

    event_title: str
    event_when: str
    campaign_href: str
    event_where: str = ""
    event_story: tuple[str, ...] = ()
    event_amount: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionLine:
    """How long one kind of data is kept.

    Fields:
        what: "Your e-mail address".
        why: "to send the receipt".
        until: "until you ask us to delete it, at most 2 years".
    """

    what: str
    why: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyPage:
    """`public/privacy.html`.

    Fields:
        updated: when the text last changed.
        retention: what is kept, why and how long.
        contact_email: where questions and requests go.
    """

    updated: Moment
    retention: tuple[RetentionLine, ...]
    contact_email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpPage:
    """`public/help.html`: refunds and contact.

    Fields:
        bodies: the charities that take gifts here, with their addresses for questions about a gift.
        contact_email: the operator's address.
    """

    bodies: tuple[LegalBody, ...]
    contact_email: str
