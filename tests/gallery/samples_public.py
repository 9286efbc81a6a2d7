"""The front page, appeals, how a total is counted, privacy, help and errors."""

from dataclasses import replace

from fundraise.views.appeal_pages import AppealPage, CountedLine, HowCountedPage, ParticipantLine
from fundraise.views.error_pages import ErrorPage
from fundraise.views.parts import Bar, Chart, Evidence, Link, Moment, Status, TotalView
from fundraise.views.public_pages import (
    AppealCard,
    CampaignCard,
    HelpPage,
    HomePage,
    PrivacyPage,
    RetentionLine,
)
from fundraise.views.site import LegalBody
from fundraise.views.tour_page import TourPage, TourStep

from .sample import OPERATOR, Sample
from .samples_campaign import PASSAGE, SHELTER, TOTAL

NETWORK = LegalBody(name="Russian LGBT Network", number="Interregional social movement", email="office@network.example")
APRIL = Moment(text="30 April 2017", iso="2017-04-30")
MAY = Moment(text="17 May 2017, 12:00 UTC", iso="2017-05-17T12:00:00Z")
CARDS = (
    CampaignCard(
        title="Forty winter beds",
        href="/c/winter-beds",
        sentence="A warm bed at Rainbow Shelter for young people thrown out of home.",
        amount="£12,345.00",
        goal="of £20,000",
        percent="61.7",
    ),
    CampaignCard(
        title="Night bus to safety",
        href="/c/night-bus",
        sentence="Safe Passage North pays for tickets and first nights.",
        amount="£0.00",
        goal="of £4,000",
        percent="0",
    ),
    CampaignCard(
        title="Rechtsschutzversicherungsgesellschaftsfonds",
        href="/c/legal",
        sentence="Lawyers for people whose asylum hearing is this winter.",
        amount="€1,204,310.55",
        goal="of €1,000,000",
        percent="100",
    ),
    CampaignCard(
        title="Summer camp 2026",
        href="/c/camp",
        sentence="Two weeks by the sea for forty families.",
        amount="£8,020.00",
        status=Status(word="Ended", tone="quiet"),
    ),
)
APPEAL_CARD = AppealCard(
    title="Bring them out of Chechnya",
    href="/a/chechnya",
    sentence="Men hunted for whom they love are brought to safety by the Russian LGBT Network.",
    amount="US$176,000.00",
    meaning="received by the Russian LGBT Network",
    as_of=MAY,
)
HEADLINE = TotalView(
    amount="US$176,000.00",
    meaning="received by the Russian LGBT Network",
    as_of=MAY,
    on_its_way=("US$28,000.00",),
    not_converted=("₽120,000.00",),
    explanation=(
        "This is what the Network has acknowledged: its own gifts and the transfers that reached its account.",
        "Money that partners have collected and not yet sent is not in it; it stands below as collected.",
    ),
    counted_href="/a/chechnya/counted",
)
PARTICIPANTS = (
    ParticipantLine(
        name="All Out",
        stage="collected",
        own_amount="US$95,400.00",
        amount="US$95,400.00",
        as_of=APRIL,
        evidence=(Evidence(text="Bank letter, 30 April 2017", href="/e/1", fingerprint="9f2c41aa"),),
    ),
    ParticipantLine(
        name="COC Nederland",
        stage="collected",
        own_amount="€40,000.00",
        less_transfers="€10,000.00",
        rate="1 EUR = 1.0930 USD",
        rate_source="European Central Bank, 28 April 2017",
        amount="US$32,790.00",
        as_of=APRIL,
        mark=Status(word="No news for 17 days", tone="needs_you"),
        evidence=(Evidence(text="Treasurer’s statement", fingerprint="02bd9e17"),),
    ),
    ParticipantLine(
        name="A partner who asked not to be named",
        stage="collected",
        own_amount="CHF 20,000.00",
        rate="1 CHF = 1.0086 USD",
        rate_source="European Central Bank, 28 April 2017",
        amount="US$20,172.00",
        as_of=APRIL,
        evidence=(Evidence(text="Seen by two auditors of the appeal"),),
    ),
    ParticipantLine(
        name="Oxford University Rainbow Society",
        stage="received",
        own_amount="£21,350.00",
        rate="each part at its own rate, the last 1 EUR = 0.85363 GBP = 1.1129 USD",
        rate_source="European Central Bank, 17 May 2017",
        amount="US$27,638.00",
        as_of=MAY,
        href="/c/chechnya-oxford",
    ),
    ParticipantLine(
        name="Друзья в Москве",
        stage="collected",
        own_amount="₽120,000.00",
        amount="",
        as_of=MAY,
        mark=Status(word="No rate yet", tone="on_its_way"),
    ),
)
STAGES = Chart(
    title="The same money at each stage",
    label_head="Stage",
    amount_head="US dollars",
    bars=(
        Bar(label="Pledged", amount="US$215,000.00", percent="100", note="promised to any participant"),
        Bar(label="Collected", amount="US$204,000.00", percent="94.9", note="by 6 participants"),
        Bar(label="On its way", amount="US$28,000.00", percent="13", note="sent, not yet acknowledged"),
        Bar(label="Received", amount="US$176,000.00", percent="81.9", note="by the Network", is_headline=True),
        Bar(label="Spent", amount="US$62,700.00", percent="29.2", note="by the Network"),
    ),
)
APPEAL = AppealPage(
    title="Bring them out of Chechnya",
    helped="Men hunted for whom they love are brought to safety by the Russian LGBT Network and its partners.",
    total=HEADLINE,
    campaigns=CARDS[:2],
    story=("Every fundraiser listed here has the Network’s agreement. If you see another, ask the Network first.",),
    bodies=(NETWORK,),
    stages=STAGES,
    participants=PARTICIPANTS,
    participants_sum="US$176,000.00",
    currency_words="US dollars",
    warnings=("One partner last reported 17 days ago; its figure is shown as of that day.",),
    permalink=Link(text="This page as it stood on 17 May 2017", href="/a/chechnya/2017-05-17"),
)
COUNTED = HowCountedPage(
    title="Forty winter beds",
    back=Link(text="Forty winter beds", href="/c/winter-beds"),
    total=TOTAL,
    lines=(
        CountedLine(label="Gifts by card, in pounds", count="309 gifts", amount="£12,388.40"),
        CountedLine(
            label="Gifts in other currencies",
            count="3 gifts",
            amount="£51.60",
            note="€60.00, settled by Stripe at £51.60 on 21 November 2026",
        ),
        CountedLine(label="Refunds", count="2 refunds", amount="−£45.00"),
        CountedLine(label="Lost disputes", count="1 dispute", amount="−£50.00"),
    ),
    beside=(
        CountedLine(label="On its way", count="1 gift", amount="€60.00", note="paid, waits for Stripe’s rate"),
        CountedLine(label="Disputed, not decided", count="1 gift", amount="£20.00", note="still counted above"),
    ),
    rules=(
        "A card gift counts from the moment it is paid, a bank debit when the bank has sent it.",
        "The figure is before the card company’s fees.",
        "A refund takes out what the gift counted for; so does a dispute, when it is lost.",
        "Promises, tax relief and matched money are not in it.",
    ),
    data_href="/api/v1/campaigns/winter-beds",
    bodies=(SHELTER,),
)
PRIVACY = PrivacyPage(
    updated=Moment(text="1 November 2026", iso="2026-11-01"),
    retention=(
        RetentionLine(
            what="Amount, currency, day, charity", why="The charity’s books and audit", until="6 years after the year"
        ),
        RetentionLine(
            what="Your e-mail address",
            why="To send the receipt",
            until="Until you ask us to delete it, at most 2 years",
        ),
        RetentionLine(
            what="Name and message", why="To show them, if you switched them on", until="Until you remove them"
        ),
    ),
    contact_email="privacy@give.example.org",
)
HELP = HelpPage(bodies=(SHELTER, PASSAGE, OPERATOR), contact_email="help@give.example.org")
BACK = Link(text="Back to Forty winter beds", href="/c/winter-beds")

TOUR = TourPage(
    steps=(
        TourStep(
            title="Give as a donor",
            sentences=("Choose an amount and give with the card 4242 4242 4242 4242.", "The total moves."),
            links=(Link(text="A campaign", href="/c/winter-beds"), Link(text="The appeal", href="/a/chechnya")),
        ),
        TourStep(title="Let tomorrow come", sentences=("Move time on by a day.",)),
    )
)
SAMPLES = (
    Sample(name="home", template="public/home.html", page=HomePage(appeals=(APPEAL_CARD,), campaigns=CARDS)),
    Sample(name="home-empty", template="public/home.html", page=HomePage(appeals=(), campaigns=())),
    Sample(name="appeal", template="public/appeal.html", page=APPEAL),
    Sample(
        name="appeal-alone",
        template="public/appeal.html",
        page=replace(APPEAL, stages=None, participants=(), warnings=(), permalink=None, campaigns=CARDS),
    ),
    Sample(name="how-counted", template="public/how_counted.html", page=COUNTED),
    Sample(name="privacy", template="public/privacy.html", page=PRIVACY),
    Sample(name="help", template="public/help.html", page=HELP),
    Sample(name="tour", template="public/tour.html", page=TOUR),
    *(
        Sample(name=f"error-{status}", template=f"errors/{status}.html", page=ErrorPage(reference="7Q3K-9M2X"))
        for status in (403, 404, 409, 413, 422, 500)
    ),
    Sample(name="error-429", template="errors/429.html", page=ErrorPage(wait="2 minutes", back=BACK)),
    Sample(name="error-503", template="errors/503.html", page=ErrorPage()),
    Sample(name="error-503-paying", template="errors/503.html", page=ErrorPage(back=BACK, is_payment=True)),
    Sample(name="error-500-paying", template="errors/500.html", page=ErrorPage(back=BACK, is_payment=True)),
)
