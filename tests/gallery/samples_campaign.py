"""Campaigns and events in many moods."""

from dataclasses import fields, replace

from fundraise.views.give_form import AmountChoice, CurrencyChoice, GiveForm
from fundraise.views.parts import Link, Moment, Option, Progress, Status, Toast, TotalView
from fundraise.views.public_pages import CampaignPage, EventLine, EventPage, GiftLine, Update
from fundraise.views.site import LegalBody

from .sample import LIVE_SITE, SITE, Sample

SHELTER = LegalBody(
    name="Rainbow Shelter",
    number="Registered charity 1234567",
    regulator="Charity Commission for England and Wales",
    address="12 Cowley Road, Oxford OX4 1HP",
    email="hello@rainbow-shelter.example",
    refunds="Within 14 days we return a gift without asking why.",
)
PASSAGE = LegalBody(
    name="Safe Passage North",
    number="Scottish charity SC012345",
    regulator="Office of the Scottish Charity Regulator",
    address="3 Leith Walk, Edinburgh EH6 8RE",
    email="office@safe-passage.example",
)
AS_OF = Moment(text="14:05 UTC", iso="2026-11-22T14:05:00Z")
MEANING = "received by the charities, before fees, after refunds"

POUNDS = CurrencyChoice(
    code="GBP",
    text="GBP £",
    symbol="£",
    choices=(
        AmountChoice(value="10", text="£10", cover="about £0.36"),
        AmountChoice(value="20", text="£20", is_chosen=True, cover="about £0.51"),
        AmountChoice(value="50", text="£50", cover="about £0.97"),
    ),
    fee_percent="1.5",
    fee_fixed="0.20",
    is_chosen=True,
)
EUROS = CurrencyChoice(
    code="EUR",
    text="EUR €",
    symbol="€",
    choices=tuple(AmountChoice(value=v, text=f"€{v}") for v in ("10", "25", "50")),
    fee_percent="2.5",
    fee_fixed="0.25",
)
YEN = CurrencyChoice(
    code="JPY",
    text="JPY ¥",
    symbol="¥",
    choices=tuple(AmountChoice(value=v, text=f"¥{v}") for v in ("1500", "3000", "7500")),
    decimals="0",
    fee_percent="3.6",
    fee_fixed="0",
)
FORM = GiveForm(
    action="/c/winter-beds/give",
    token="t-4f9c1e",
    currencies=(POUNDS,),
    reaches="Of £10.00, about £9.65 reaches Rainbow Shelter",
    reaches_more=(
        "The card company takes about 1.5% and 20p. This site takes nothing, and nobody else takes anything.",
    ),
    statement="RAINBOW* SHELTER",
    charity_name="Rainbow Shelter",
    amount_help="From £2 to £10,000.",
)
GIFTS = (
    GiftLine(who="Mara Lindqvist", when=Moment(text="today", iso="2026-11-22"), amount="£50.00", message="For Sasha."),
    GiftLine(who="A supporter", when=Moment(text="today", iso="2026-11-22")),
    GiftLine(who="A supporter", when=Moment(text="today", iso="2026-11-22"), amount="£20.00"),
    GiftLine(
        who="The choir of St Anselm’s",
        when=Moment(text="yesterday", iso="2026-11-21"),
        amount="£212.40",
        message="Takings of our autumn concert. Thank you for being there when the night bus is not.",
    ),
    GiftLine(who="A supporter", when=Moment(text="20 November", iso="2026-11-20"), mark="disputed"),
)
EVENTS = (
    EventLine(
        title="Winter quiz night",
        href="/c/winter-beds/e/quiz",
        when="Friday 4 December 2026, 19:30 GMT",
        where="Students’ Union, Oxford",
        amount="£1,310.00",
    ),
    EventLine(
        title="Carols on Broad Street", href="/c/winter-beds/e/carols", when="Sunday 13 December 2026, 16:00 GMT"
    ),
)
TOTAL = TotalView(
    amount="£12,345.00",
    meaning=MEANING,
    as_of=AS_OF,
    gifts="312 gifts",
    on_its_way=("€60.00",),
    progress=Progress(percent="61.7", words="61% of the £20,000 goal"),
    counted_href="/c/winter-beds/counted",
)
TYPICAL = CampaignPage(
    title="Forty winter beds",
    helped=(
        "Young people thrown out of home for whom they love sleep in a warm bed at Rainbow Shelter this winter, "
        "raised for by the Oxford University Rainbow Society."
    ),
    consent=Status(word="Confirmed by Rainbow Shelter", tone="settled"),
    total=TOTAL,
    total_href="/c/winter-beds/total",
    live_href="/c/winter-beds/live",
    form=FORM,
    story=(
        (
            "Last winter the shelter on Cowley Road turned away somebody on thirty-one nights. Not for want of "
            "mattresses: for want of a second night worker, without whom the house may not open its upper floor."
        ),
        (
            "Forty beds from December to the end of March cost £19,600, nearly all of it wages. The shelter publishes "
            "what it paid each month; the last three winters are in its annual reports."
        ),
        "If we raise more than the goal, the rest pays for the day room. If we raise less, the floor opens later.",
    ),
    charities=(SHELTER,),
    appeal=Link(text="Safe this winter", href="/a/safe-this-winter"),
    events=EVENTS,
    gifts=GIFTS,
    gifts_more="and 307 more gifts, £12,062.60",
    updates=(
        Update(
            title="The night worker is found",
            when=Moment(text="18 November 2026", iso="2026-11-18"),
            paragraphs=("Amina starts on 1 December. The first 24 beds are certain.",),
        ),
    ),
)
NONE_YET = replace(
    TYPICAL,
    total=TotalView(
        amount="£0.00",
        meaning=MEANING,
        as_of=AS_OF,
        gifts="no gifts yet",
        progress=Progress(percent="0", words="0% of the £20,000 goal"),
    ),
    gifts=(),
    gifts_more="",
    updates=(),
    events=(),
    appeal=None,
)
SHARED = replace(
    TYPICAL,
    title="Safe this winter",
    helped="Two charities, one in Oxford and one in Edinburgh, find beds and lawyers for people who had to run.",
    consent=Status(word="Confirmed by Rainbow Shelter and Safe Passage North", tone="settled"),
    total=TotalView(
        amount="£1,204,310.55",
        meaning=MEANING,
        as_of=AS_OF,
        gifts="31,204 gifts",
        on_its_way=("€60.00", "US$1,250.00", "¥30,000"),
        not_converted=("CHF 400.00",),
        progress=Progress(percent="100", words="120% of the £1,000,000 goal"),
        counted_href="/c/safe/counted",
    ),
    form=replace(
        FORM,
        currencies=(POUNDS, EUROS, YEN),
        charity_name="the charities",
        reaches="Of £10.00, about £9.65 reaches the charities",
        charities=(
            Option(value="rainbow-shelter", text="Rainbow Shelter", is_chosen=True),
            Option(value="safe-passage", text="Safe Passage North"),
            Option(value="shared", text="Share it equally", help="Two card payments, one after the other."),
        ),
        shared_note="A shared gift is one card payment for each charity: two lines on your statement.",
    ),
    charities=(SHELTER, PASSAGE),
)
REFUSED = replace(
    TYPICAL,
    form=replace(
        FORM,
        amount="1,000.001",
        email="mara@example",
        name="Mara",
        message="For Sasha. " * 30,
        show_name=True,
        cover_fee=True,
        errors={
            "amount": "Write the amount in pounds and pence, such as 12.50.",
            "email": "This e-mail address is not complete. Leave it empty if you want no receipt by mail.",
            "message": "The message is longer than 280 characters. Please shorten it by 50.",
        },
    ),
)
LONG = replace(
    TYPICAL,
    title=(
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft hilft "
        "Flüchtlingsunterbringungsfinanzierungsgemeinschaften"
    ),
    helped=(
        "Die Rechtsschutzversicherungsgesellschaften-Selbsthilfegemeinschaft unterstützt "
        "Menschenrechtsverteidigerschutzprogramme in vier Ländern."
    ),
    consent=Status(
        word="In aid of Menschenrechtsverteidigerschutzprogramme e. V., which has not confirmed it yet",
        tone="needs_you",
    ),
    gifts=(
        GiftLine(
            who="Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaftschaferswessen",
            when=Moment(text="heute", iso="2026-11-22"),
            amount="£9,999,999.99",
            message="Bundesausbildungsförderungsgesetzänderungsgesetzentwurfsbegründung" * 3,
        ),
    ),
)
SCRIPTS = replace(
    TYPICAL,
    title="بيت آمن لكل شخص",
    helped="نساعد من اضطروا إلى الفرار من بيوتهم، مع جمعية «Rainbow Shelter» في أكسفورد.",
    gifts=(
        GiftLine(
            who="محمد عبد الرحمن",
            when=Moment(text="today", iso="2026-11-22"),
            amount="£20.00",
            message="مع كل المحبة (20 جنيه) لكم جميعا.",
        ),
        GiftLine(
            who="Александра Ковалевская",
            when=Moment(text="today", iso="2026-11-22"),
            amount="£35.00",
            message="Держитесь. Мы с вами.",
        ),
        GiftLine(who="<b>O’Neil & Söhne</b>", when=Moment(text="today", iso="2026-11-22"), amount="£1.00"),
        GiftLine(who="山田 花子", when=Moment(text="yesterday", iso="2026-11-21"), message="応援しています"),
    ),
)


def closed(phase: str, sentence: str, **changes: object) -> CampaignPage:
    """The typical campaign while it takes no gifts."""
    return replace(TYPICAL, phase=phase, closed=sentence, form=None, live_href="", **changes)


def event_page(page: CampaignPage, **extra: object) -> EventPage:
    """The giving page of `page`, naming an event."""
    kept = {field.name: getattr(page, field.name) for field in fields(page)}
    return EventPage(**kept, **extra)


QUIZ = event_page(
    replace(TYPICAL, form=replace(FORM, event="quiz"), events=()),
    event_title="Winter quiz night",
    event_when="Friday 4 December 2026, 19:30 GMT",
    event_where="Students’ Union, Oxford",
    event_story=("Teams of six, seven rounds, no phones. Your table’s gift counts for the campaign at once.",),
    event_amount="£1,310.00",
    campaign_href="/c/winter-beds",
)

SAMPLES = (
    Sample(name="campaign", template="public/campaign.html", page=TYPICAL),
    Sample(name="campaign-in-earnest", template="public/campaign.html", page=TYPICAL, site=LIVE_SITE),
    Sample(name="campaign-none-yet", template="public/campaign.html", page=NONE_YET, site=LIVE_SITE),
    Sample(name="campaign-shared", template="public/campaign.html", page=SHARED),
    Sample(name="campaign-refused", template="public/campaign.html", page=REFUSED),
    Sample(name="campaign-long", template="public/campaign.html", page=LONG),
    Sample(name="campaign-scripts", template="public/campaign.html", page=SCRIPTS),
    Sample(
        name="campaign-rtl",
        template="public/campaign.html",
        page=SCRIPTS,
        site=replace(SITE, text_direction="rtl"),
    ),
    Sample(
        name="campaign-ended",
        template="public/campaign.html",
        page=closed(
            "ended",
            "This campaign ended on 31 March 2027. Thank you: £19,840.00 paid for 40 beds until spring.",
        ),
    ),
    Sample(
        name="campaign-paused",
        template="public/campaign.html",
        page=closed(
            "paused",
            "Giving is paused while the shelter’s bank details change. Nothing given so far is affected.",
            toast=Toast(text="Nothing was taken: the campaign was paused while you were paying.", tone="wrong"),
        ),
    ),
    Sample(
        name="campaign-not-begun",
        template="public/campaign.html",
        page=closed("not_begun", "Giving opens on 1 December 2026 at 09:00 GMT.", gifts=(), gifts_more=""),
    ),
    Sample(name="event", template="public/event.html", page=QUIZ),
)
FRAGMENT = Sample(name="total", template="public/_total.html", page=TOTAL)
