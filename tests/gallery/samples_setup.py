"""Staff pages that set things up."""

from dataclasses import replace

from fundraise.views.parts import EmptyState, Link, Moment, Option, Progress, Status
from fundraise.views.staff_campaign_pages import (
    CampaignFormPage,
    CampaignsPage,
    Check,
    EventFormPage,
    EventRow,
    ShareLink,
    StaffCampaignPage,
)
from fundraise.views.staff_parts import Answer, Fact, Happening, PostAction
from fundraise.views.staff_setup_pages import (
    AccountLine,
    AppealFormPage,
    AppealsPage,
    CharitiesPage,
    CharityFormPage,
    EnterPage,
    ThingRow,
)

from .sample import Sample
from .samples_staff import NOW, frame

OPEN = Status(word="Open", tone="settled")
DRAFT = Status(word="Draft", tone="quiet")
POUND = (Option(value="GBP", text="GBP, British pound", is_chosen=True), Option(value="EUR", text="EUR, euro"))
ENTER = EnterPage(
    action="/staff/enter",
    token="one-time",
    person="Priya Raman",
    expires=Moment(text="14:20 UTC", iso="2026-11-22T14:20Z"),
)
APPEALS = AppealsPage(
    frame=frame("appeals"),
    answer=Answer(sentence="2 appeals, 5 campaigns."),
    rows=(
        ThingRow(
            title="Bring them out of Chechnya",
            href="/staff/appeals/chechnya",
            status=OPEN,
            details=("received", "USD", "3"),
            amount="US$176,000.00",
            public_href="/a/chechnya",
        ),
        ThingRow(
            title="بيت آمن", href="/staff/appeals/2", status=DRAFT, details=("collected", "GBP", "0"), amount="£0.00"
        ),
    ),
    empty=EmptyState(sentence="An appeal joins campaigns and partners under one total."),
    new=Link(text="New appeal", href="/staff/appeals/new"),
)
APPEAL_FORM = AppealFormPage(
    frame=frame("appeals", back=Link(text="Appeals", href="/staff/appeals")),
    heading="New appeal",
    action="/staff/appeals",
    submit="Create the appeal",
    beneficiary=(Option(value="network", text="Russian LGBT Network"),),
    currency=POUND,
    stage=(Option(value="received", text="Received by the beneficiary"), Option(value="collected", text="Collected")),
    rate_source=(
        Option(value="ecb", text="European Central Bank, that day"),
        Option(value="hmrc", text="HMRC, that month"),
    ),
)
CHARITIES = CharitiesPage(
    frame=frame("charities"),
    answer=Answer(sentence="2 charities, 1 can receive gifts.", tone="needs_you"),
    rows=(
        ThingRow(
            title="Rainbow Shelter",
            href="/staff/charities/rainbow-shelter",
            status=Status(word="Receives gifts", tone="settled"),
            details=("Registered charity 1234567", "rainbow-shelter, own key"),
        ),
        ThingRow(
            title="Safe Passage North",
            href="/staff/charities/safe-passage",
            status=Status(word="No Stripe account", tone="needs_you"),
            details=("Scottish charity SC012345", "none"),
        ),
    ),
    empty=EmptyState(
        sentence="A charity receives the gifts. Add the first one to begin.",
        action=Link(text="Add a charity", href="/staff/charities/new"),
    ),
    new=Link(text="Add a charity", href="/staff/charities/new"),
)
CHARITY_FORM = CharityFormPage(
    frame=frame("charities", back=Link(text="Charities", href="/staff/charities")),
    heading="Rainbow Shelter",
    action="/staff/charities/rainbow-shelter",
    submit="Save",
    currency=POUND,
    name="Rainbow Shelter",
    slug="rainbow-shelter",
    is_slug_fixed=True,
    number="Registered charity 1234567",
    accounts=(
        AccountLine(
            name="rainbow-shelter",
            mode="own key",
            status=Status(word="Receives gifts", tone="settled"),
            statement="RAINBOW* SHELTER",
            webhook=NOW,
        ),
    ),
    consents=(Happening(when=NOW, what="Confirmed Forty winter beds", who="Jo Miller, director"),),
)
CAMPAIGNS = CampaignsPage(
    frame=frame("campaigns"),
    answer=Answer(sentence="2 campaigns, 1 open."),
    rows=(
        ThingRow(
            title="Night bus to safety",
            href="/staff/campaigns/night-bus",
            status=Status(word="Waits for consent", tone="needs_you"),
            details=("Safe Passage North", "0 gifts", "31 March 2027"),
            amount="£0.00",
        ),
        ThingRow(
            title="Forty winter beds",
            href="/staff/campaigns/winter-beds",
            status=OPEN,
            details=("Rainbow Shelter", "312 gifts", "31 March 2027"),
            amount="£12,345.00",
            public_href="/c/winter-beds",
        ),
    ),
    empty=EmptyState(
        sentence="No campaign yet. A campaign needs a charity first.",
        action=Link(text="New campaign", href="/staff/campaigns/new"),
    ),
    new=Link(text="New campaign", href="/staff/campaigns/new"),
)
CAMPAIGN_FORM = CampaignFormPage(
    frame=frame("campaigns", back=Link(text="Campaigns", href="/staff/campaigns")),
    heading="New campaign",
    action="/staff/campaigns",
    submit="Save as draft",
    charities=(
        Option(value="rainbow-shelter", text="Rainbow Shelter", is_chosen=True),
        Option(value="safe-passage", text="Safe Passage North", help="has no Stripe account yet"),
    ),
    appeal=(Option(value="", text="None"), Option(value="safe", text="Safe this winter")),
    currency=POUND,
    choices="10, 20, 50",
    amount_min="2",
    amount_max="10000",
    time_zone=(Option(value="Europe/London", text="London"), Option(value="UTC", text="UTC")),
    other_currencies=(Option(value="EUR", text="EUR, euro"), Option(value="JPY", text="JPY, yen")),
)
CAMPAIGN_FORM_REFUSED = replace(
    CAMPAIGN_FORM,
    slug="Winter Beds!",
    errors={
        "title": "Give the campaign a name.",
        "slug": "Use small letters, digits and hyphens only, such as winter-beds.",
        "charities": "Choose at least one charity.",
        "goal": "Write the goal as a number, such as 20000.",
    },
    goal="plenty",
)
CAMPAIGN = StaffCampaignPage(
    frame=frame("campaigns", back=Link(text="Campaigns", href="/staff/campaigns")),
    title="Forty winter beds",
    status=OPEN,
    consent=Status(word="Confirmed by Rainbow Shelter", tone="settled"),
    answer=Answer(sentence="£12,345.00 from 312 gifts, 61% of the goal.", as_of=NOW),
    progress=Progress(percent="61.7", words="61% of £20,000"),
    figures=(
        Fact(label="Gifts paid", value="£12,440.00", href="/staff/donations?campaign=winter-beds"),
        Fact(label="Refunds and lost disputes", value="−£95.00", href="/staff/donations?status=refunded"),
        Fact(label="Public total", value="£12,345.00"),
        Fact(label="Card fees", value="−£248.80"),
        Fact(label="Reaches the charity", value="£12,096.20"),
        Fact(label="On its way", value="€60.00"),
    ),
    edit=Link(text="Edit", href="/staff/campaigns/winter-beds/edit"),
    donations=Link(text="Donations", href="/staff/donations?campaign=winter-beds"),
    new_event=Link(text="Add an event", href="/staff/campaigns/winter-beds/events/new"),
    actions=(
        PostAction(
            action="/staff/campaigns/winter-beds/pause",
            button="Pause giving",
            question="The page stays up and takes no gifts until you resume.",
        ),
        PostAction(
            action="/staff/campaigns/winter-beds/end",
            button="End the campaign",
            question="The page stays up with its final total. Gifts are no longer taken.",
            kind="grave",
        ),
    ),
    events=(
        EventRow(
            title="Winter quiz night",
            href="/staff/events/quiz",
            when="4 December 2026, 19:30 GMT",
            gifts="41",
            amount="£1,310.00",
            public_href="/c/winter-beds/e/quiz",
        ),
    ),
    links=(
        ShareLink(label="Giving page", address="https://give.example.org/c/winter-beds", qr_src="/qr.svg"),
        ShareLink(label="Winter quiz night", address="https://give.example.org/c/winter-beds/e/quiz"),
    ),
    history=(
        Happening(when=NOW, what="Published", who="Priya Raman"),
        Happening(when=NOW, what="Confirmed by Rainbow Shelter", who="Jo Miller, director"),
    ),
    public_href="/c/winter-beds",
)
CAMPAIGN_DRAFT = replace(
    CAMPAIGN,
    status=DRAFT,
    consent=Status(word="Rainbow Shelter has not confirmed it yet", tone="needs_you"),
    answer=Answer(sentence="Not public yet: 1 of 3 things is missing.", tone="needs_you"),
    progress=None,
    checks=(
        Check(text="Name, sentence and story are written", status=Status(word="Done", tone="settled")),
        Check(text="Rainbow Shelter can receive gifts", status=Status(word="Done", tone="settled")),
        Check(
            text="Rainbow Shelter agrees",
            status=Status(word="Missing", tone="needs_you"),
            href="/staff/charities/rainbow",
        ),
    ),
    actions=(PostAction(action="/staff/campaigns/winter-beds/publish", button="Publish", kind="action"),),
    events=(),
    links=(),
    history=(),
)
EVENT_FORM = EventFormPage(
    frame=frame("campaigns", back=Link(text="Forty winter beds", href="/staff/campaigns/winter-beds")),
    heading="New event",
    action="/staff/campaigns/winter-beds/events",
    submit="Add the event",
    time_zone=CAMPAIGN_FORM.time_zone,
    errors={"begins": "Say when it begins."},
)

SAMPLES = (
    Sample(name="staff-enter", template="staff/enter.html", page=ENTER),
    Sample(
        name="staff-enter-used",
        template="staff/enter.html",
        page=EnterPage(action="/staff/enter", token="", problem="It was used on 22 November at 13:58 UTC."),
    ),
    Sample(name="staff-appeals", template="staff/appeals.html", page=APPEALS),
    Sample(name="staff-appeals-none", template="staff/appeals.html", page=replace(APPEALS, rows=())),
    Sample(name="staff-appeal-form", template="staff/appeal_form.html", page=APPEAL_FORM),
    Sample(name="staff-charities", template="staff/charities.html", page=CHARITIES),
    Sample(name="staff-charity-form", template="staff/charity_form.html", page=CHARITY_FORM),
    Sample(
        name="staff-charity-new",
        template="staff/charity_form.html",
        page=replace(CHARITY_FORM, is_slug_fixed=False, accounts=(), consents=(), heading="New charity"),
    ),
    Sample(name="staff-campaigns", template="staff/campaigns.html", page=CAMPAIGNS),
    Sample(name="staff-campaign-form", template="staff/campaign_form.html", page=CAMPAIGN_FORM),
    Sample(name="staff-campaign-refused", template="staff/campaign_form.html", page=CAMPAIGN_FORM_REFUSED),
    Sample(name="staff-campaign", template="staff/campaign.html", page=CAMPAIGN),
    Sample(name="staff-campaign-draft", template="staff/campaign.html", page=CAMPAIGN_DRAFT),
    Sample(name="staff-event-form", template="staff/event_form.html", page=EVENT_FORM),
)
