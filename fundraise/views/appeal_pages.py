"""An appeal's combined total, and a total opened to its lines."""

from dataclasses import dataclass

from fundraise.views.parts import Chart, Evidence, Link, Moment, Status, TotalView
from fundraise.views.public_pages import CampaignCard
from fundraise.views.site import LegalBody


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantLine:
    """One participant's share of an appeal's combined total.

    Fields:
        name: its name, or "A partner who asked not to be named".
        stage: "received", "collected".
        own_amount: in its own currency, "€40,000.00".
        less_transfers: what is counted elsewhere already, "€10,000.00"; "" for nothing.
        rate: "1 EUR = 1.0930 USD"; "" when no conversion was needed.
        rate_source: "European Central Bank, 28 April 2017"; "" when no conversion was needed.
        amount: in the appeal's currency, "US$32,790.00"; "" while there is no rate.
        as_of: the day the figure is of.
        mark: Status("4 days ago", "quiet") when old, Status("No news since 30 April", "needs_you") when stale,
            Status("No rate yet", "on_its_way") while it waits, Status("Not clear yet", "needs_you") when as much was
            passed on to it as it reports and it is not known how much of that is in its figure; None when there is
            nothing to add.
        evidence: what is behind the figure.
        href: the participant's own page or campaign here; "" for none.
    """

    name: str
    stage: str
    own_amount: str
    amount: str
    as_of: Moment
    less_transfers: str = ""
    rate: str = ""
    rate_source: str = ""
    mark: Status | None = None
    evidence: tuple[Evidence, ...] = ()
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealPage:
    """`public/appeal.html` at `/a/{appeal}`.

    Fields:
        title: the appeal's name.
        helped: one sentence: who is helped and by whom.
        total: the headline; its `meaning` names the stage, its `counted_href` is "/a/{appeal}/counted".
        stages: the same money at every stage, the headline's bar marked; None until there is more than one figure.
        participants: see `ParticipantLine`.
        participants_sum: the sum of the column `amount`, equal to the headline.
        currency_words: "US dollars", for the column's head.
        campaigns: those one can give to here.
        story: paragraphs of plain text.
        bodies: who holds the money, for the footer.
        warnings: sentences about the combined total, "2 partners last reported more than 30 days ago".
        permalink: this state of the page for ever, where there is one.
    """

    title: str
    helped: str
    total: TotalView
    campaigns: tuple[CampaignCard, ...]
    story: tuple[str, ...]
    bodies: tuple[LegalBody, ...]
    stages: Chart | None = None
    participants: tuple[ParticipantLine, ...] = ()
    participants_sum: str = ""
    currency_words: str = ""
    warnings: tuple[str, ...] = ()
    permalink: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedLine:
    """One line of a total's making.

    Fields:
        label: "Gifts by card, in pounds".
        amount: signed, "£12,400.00", "-£55.00".
        count: "212 gifts"; "" for none.
        note: how it came about, "€60.00 settled by Stripe at £51.60"; "" for none.
        evidence: proof one may open.
    """

    label: str
    amount: str
    count: str = ""
    note: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HowCountedPage:
    """`public/how_counted.html` at `/a/{appeal}/counted` and `/c/{campaign}/counted`: a total opened to its lines.

    Fields:
        title: whose total it is.
        back: the page that shows the total.
        total: the figure.
        lines: they add up to the figure.
        beside: amounts that are not in the figure: on its way, not converted, promised.
        rules: what counts and what does not, a sentence each.
        data_href: the same as JSON; "" where there is none.
        script_href: a program that rebuilds the total from that JSON; "" where there is none.
        script_words: the command that runs it.
        bodies: who holds the money, for the footer.
    """

    title: str
    back: Link
    total: TotalView
    lines: tuple[CountedLine, ...]
    rules: tuple[str, ...]
    beside: tuple[CountedLine, ...] = ()
    data_href: str = ""
    script_href: str = ""
    script_words: str = ""
    bodies: tuple[LegalBody, ...] = ()
