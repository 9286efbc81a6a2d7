"""Staff pages that set things up."""

from dataclasses import replace

from fundraise.views.parts import EmptyState, Link, Moment, Option, Progress, Status
from fundraise.views.staff_campaign_pages import (
    CampaignFormPage,
    CampaignsPage,
    Check,
    EventFormPage,
    EventRow,
    PosterPage,
    ReceiverRow,
    ShareLink,
    StaffCampaignPage,
    StaffEventPage,
)
from fundraise.views.staff_parts import Answer, Fact, Happening, PostAction
from fundraise.views.staff_setup_pages import (
    AccountLine,
    AppealFormPage,
    AppealsPage,
    CharitiesPage,
    CharityFormPage,
    CharityPage,
    ConnectPage,
    EnterPage,
    StaffAppealPage,
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
    submit="Make the appeal",
    beneficiary=(Option(value="", text="None"), Option(value="network", text="Russian LGBT Network")),
    currency=POUND,
    stage=(Option(value="received", text="Received by the beneficiary"), Option(value="collected", text="Collected")),
    rate_source=(
        Option(value="ECB", text="European Central Bank, that day"),
        Option(value="HMRC", text="HMRC, that month"),
    ),
)
APPEAL_FORM_CHANGED = replace(
    APPEAL_FORM,
    heading="Edit Bring them out of Chechnya",
    title="Bring them out of Chechnya",
    slug="chechnya",
    is_slug_fixed=True,
    fixed_note="Money was counted already, so the currency and the source of rates stay as they are.",
    seen="9f2c41aa",
    errors={"form": "Jo Miller saved this at 22 November 2026, 14:05 UTC, after you had opened it."},
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
    frame=frame("charities", back=Link(text="Rainbow Shelter", href="/staff/charities/rainbow-shelter")),
    heading="Edit Rainbow Shelter",
    action="/staff/charities/rainbow-shelter",
    submit="Save",
    kind=(
        Option(value="charity", text="A charity: gifts to it are its own income", is_chosen=True),
        Option(value="society", text="A society or students’ union, which may hold money for a charity"),
    ),
    country=(Option(value="GB", text="United Kingdom", is_chosen=True), Option(value="CA", text="Canada")),
    currency=POUND,
    seen="9f2c41aa",
    name="Rainbow Shelter",
    slug="rainbow-shelter",
    is_slug_fixed=True,
    number="1234567",
)
CHARITY = CharityPage(
    frame=frame("charities", back=Link(text="Charities", href="/staff/charities")),
    title="Rainbow Shelter",
    status=Status(word="Receives gifts", tone="settled"),
    answer=Answer(sentence="It can take cards; Stripe last sent news 5 minutes ago.", tone="settled", as_of=NOW),
    edit=Link(text="Edit", href="/staff/charities/rainbow-shelter/edit"),
    facts=(
        Fact(label="Legal name", value="The Rainbow Shelter Trust"),
        Fact(label="Registration", value="Registered charity 1234567"),
        Fact(label="Refunds", value="not said"),
    ),
    command="fundraise stripe connect rainbow-shelter --charity rainbow-shelter --mode own-key",
    accounts=(
        AccountLine(
            name="rainbow-shelter",
            mode="own key",
            status=Status(word="Receives gifts", tone="settled"),
            statement="RAINBOW",
            connected=NOW,
            webhook_address="https://give.example.org/webhooks/stripe/rainbow-shelter",
            webhook=NOW,
        ),
        AccountLine(
            name="old-account",
            mode="connected to a platform",
            status=Status(word="Takes no new gifts", tone="quiet"),
            statement="",
            connected=NOW,
            webhook_address="https://give.example.org/webhooks/stripe/platform",
        ),
    ),
    connect=Link(text="Renew the key, or connect another account", href="/staff/charities/rainbow-shelter/connect"),
    campaigns=(Link(text="Forty winter beds", href="/staff/campaigns/winter-beds"),),
    consents=(Happening(when=NOW, what="Confirmed Forty winter beds", who="Jo Miller, director"),),
    history=(Happening(when=NOW, what="added this charity", who="Priya Raman"),),
)
CONNECT = ConnectPage(
    frame=frame("charities", back=Link(text="Rainbow Shelter", href="/staff/charities/rainbow-shelter")),
    heading="Connect the Stripe account of Rainbow Shelter",
    action="/staff/charities/rainbow-shelter/connect",
    webhook_start="https://give.example.org/webhooks/stripe/",
    events=("checkout.session.*", "payment_intent.*", "charge.*"),
    api_version="2026-10-28.endive",
    mode=(
        Option(value="own-key", text="With a key of the account itself", is_chosen=True),
        Option(value="connected", text="Through the key of a platform it is connected to"),
    ),
    slug="rainbow-shelter",
)
CONNECT_REFUSED = replace(
    CONNECT, must_retype=True, errors={"key": "A Stripe key begins with rk_live_, sk_live_, rk_test_ or sk_test_."}
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
    holding=(
        Option(value="principal", text="The charity’s own", is_chosen=True),
        Option(value="agent", text="Held for the charity by somebody else, who owes it all of it"),
    ),
    merchant=(Option(value="", text="Nobody"), Option(value="society", text="Oxford University Rainbow Society")),
    fee_borne_by=(
        Option(value="charity", text="The charity: it receives the gifts less the fees", is_chosen=True),
        Option(value="body", text="Whoever holds the money: the charity receives the gifts whole"),
    ),
    amount_min="2",
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
QUIZ_LINK = ShareLink(
    label="Giving page",
    address="https://give.example.org/c/winter-beds",
    qr_src="/qr.svg",
    downloads=(Link(text="QR code, SVG", href="/qr.svg"), Link(text="Poster", href="/staff-poster")),
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
    terms=(
        Fact(label="Appeal", value="Safe this winter", href="/staff/appeals/safe"),
        Fact(label="Gifts close", value="31 March 2027, 23:59 BST"),
    ),
    receivers=(
        ReceiverRow(
            name="Rainbow Shelter",
            href="/staff/charities/rainbow-shelter",
            consent=Status(word="Confirmed", tone="settled"),
            said="Jo Miller, director, by letter, 22 November 2026",
            action=PostAction(
                action="/staff/campaigns/winter-beds/charities/rainbow-shelter/withdraw",
                button="It agrees no longer",
                question="The public page will say that the charity has not confirmed the campaign.",
                kind="grave",
            ),
        ),
    ),
    events=(
        EventRow(
            title="Winter quiz night",
            href="/staff/campaigns/winter-beds/events/quiz",
            when="4 December 2026, 19:30 GMT",
            gifts="41",
            amount="£1,310.00",
            public_href="/c/winter-beds/e/quiz",
        ),
    ),
    links=(
        QUIZ_LINK,
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
    receivers=(
        ReceiverRow(
            name="Rainbow Shelter",
            href="/staff/charities/rainbow-shelter",
            consent=Status(word="Not confirmed", tone="needs_you"),
            action=PostAction(
                action="/staff/campaigns/winter-beds/charities/rainbow-shelter/confirm",
                button="It has agreed",
                question="The public page will say that the charity has confirmed the campaign.",
                note_label="Who agreed, and how?",
            ),
        ),
    ),
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
APPEAL = StaffAppealPage(
    frame=frame("appeals", back=Link(text="Appeals", href="/staff/appeals")),
    title="Safe this winter",
    status=OPEN,
    answer=Answer(sentence="£12,345.00 collected in all; 312 gifts in the campaigns here.", as_of=NOW),
    edit=Link(text="Edit", href="/staff/appeals/safe/edit"),
    facts=(Fact(label="Currency of the total", value="GBP, British pounds"),),
    campaigns=CAMPAIGNS.rows,
    new_campaign=Link(text="New campaign in it", href="/staff/campaigns/new?appeal=safe"),
    actions=(
        PostAction(
            action="/staff/appeals/safe/end",
            button="End the appeal",
            kind="grave",
            question="Its page stays up and says that the appeal has ended.",
        ),
    ),
    history=(Happening(when=NOW, what="published", who="Priya Raman"),),
    public_href="/a/safe",
)
EVENT = StaffEventPage(
    frame=frame("campaigns", back=Link(text="Forty winter beds", href="/staff/campaigns/winter-beds")),
    title="Winter quiz night",
    answer=Answer(sentence="41 gifts, £1,310.00.", as_of=NOW),
    edit=Link(text="Edit", href="/staff/campaigns/winter-beds/events/quiz/edit"),
    facts=(
        Fact(label="Begins", value="Friday 4 December 2026, 19:30 GMT"),
        Fact(label="Place", value="Students’ Union, Oxford"),
    ),
    link=replace(QUIZ_LINK, label="Winter quiz night", address="https://give.example.org/c/winter-beds/e/quiz"),
    donations=Link(text="Gifts given through it", href="/staff/donations?campaign=winter-beds&event=quiz"),
    public_href="/c/winter-beds/e/quiz",
    history=(Happening(when=NOW, what="changed place", who="Priya Raman"),),
)
POSTER = PosterPage(
    back=Link(text="Winter quiz night", href="/staff/campaigns/winter-beds/events/quiz"),
    title="Winter quiz night",
    campaign="Forty winter beds",
    lede="Young people thrown out of home for whom they love sleep in a warm bed this winter.",
    when="Friday 4 December 2026, 19:30 GMT",
    where="Students’ Union, Oxford",
    qr_src="/qr.svg",
    address="give.example.org/c/winter-beds/e/quiz",
    receives=("Rainbow Shelter, Registered charity 1234567", "بيت آمن"),
)

SAMPLES = (
    Sample(name="staff-enter", template="staff/enter.html", page=ENTER),
    Sample(
        name="staff-enter-used",
        template="staff/enter.html",
        page=EnterPage(action="/staff/enter", token="", problem="It was used on 22 November at 13:58 UTC."),
    ),
    Sample(
        name="staff-enter-nobody",
        template="staff/enter.html",
        page=EnterPage(action="/staff/enter", token="", wanted="/staff/quarantine"),
    ),
    Sample(name="staff-appeals", template="staff/appeals.html", page=APPEALS),
    Sample(name="staff-appeals-none", template="staff/appeals.html", page=replace(APPEALS, rows=())),
    Sample(name="staff-appeal-form", template="staff/appeal_form.html", page=APPEAL_FORM),
    Sample(name="staff-charities", template="staff/charities.html", page=CHARITIES),
    Sample(name="staff-charity-form", template="staff/charity_form.html", page=CHARITY_FORM),
    Sample(
        name="staff-charity-new",
        template="staff/charity_form.html",
        page=replace(
            CHARITY_FORM, is_slug_fixed=False, heading="New charity", errors={"kind": "Please say what it is."}
        ),
    ),
    Sample(name="staff-charity", template="staff/charity.html", page=CHARITY),
    Sample(
        name="staff-charity-bare",
        template="staff/charity.html",
        page=replace(CHARITY, accounts=(), consents=(), campaigns=(), history=()),
    ),
    Sample(name="staff-connect", template="staff/connect.html", page=CONNECT),
    Sample(name="staff-connect-refused", template="staff/connect.html", page=CONNECT_REFUSED),
    Sample(name="staff-appeal", template="staff/appeal.html", page=APPEAL),
    Sample(name="staff-appeal-form-changed", template="staff/appeal_form.html", page=APPEAL_FORM_CHANGED),
    Sample(name="staff-event", template="staff/event.html", page=EVENT),
    Sample(name="staff-poster", template="staff/poster.html", page=POSTER),
    Sample(name="staff-campaigns", template="staff/campaigns.html", page=CAMPAIGNS),
    Sample(name="staff-campaign-form", template="staff/campaign_form.html", page=CAMPAIGN_FORM),
    Sample(name="staff-campaign-refused", template="staff/campaign_form.html", page=CAMPAIGN_FORM_REFUSED),
    Sample(name="staff-campaign", template="staff/campaign.html", page=CAMPAIGN),
    Sample(name="staff-campaign-draft", template="staff/campaign.html", page=CAMPAIGN_DRAFT),
    Sample(name="staff-event-form", template="staff/event_form.html", page=EVENT_FORM),
)
