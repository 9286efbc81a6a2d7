"""From a fresh installation to an ended campaign, as its staff and a donor live it, over HTTP."""

from typing import Any

import pytest

from tests.staff.office import Office
from tests.world import WEBHOOK_SECRET, World, token_in

pytestmark = pytest.mark.pages

CHARITY = {
    "kind": "charity",
    "name": "The Rainbow Shelter Trust",
    "called": "Rainbow Shelter",
    "slug": "",
    "number": "1234567",
    "regulator": "Charity Commission for England and Wales",
    "country": "GB",
    "currency": "GBP",
    "gift_aid": "1",
    "email": "hello@rainbow-shelter.example",
    "website": "https://rainbow-shelter.example",
    "refunds": "Write within 14 days and you get it back.",
}
APPEAL = {
    "title": "Safe this winter",
    "slug": "safe",
    "helped": "People thrown out of home sleep in warm beds.",
    "stage": "collected",
    "currency": "GBP",
    "rate_source": "ECB",
}
CAMPAIGN = {
    "title": "Forty winter beds",
    "slug": "winter-beds",
    "helped": "Young people sleep in a warm bed this winter.",
    "organiser": "Oxford students",
    "story": "Last winter the shelter turned somebody away on thirty-one nights.\n\nNever again.",
    "appeal": "safe",
    "charities": ["rainbow-shelter"],
    "holding": "principal",
    "currency": "GBP",
    "goal": "20,000.00",
    "choices": "10, 20, 50",
    "amount_min": "2",
    "time_zone": "Europe/London",
    "begins": "",
    "ends": "2027-03-31T23:59",
    "statement": "BEDS",
}
EVENT = {
    "title": "Winter quiz night",
    "slug": "quiz",
    "place": "The old hall",
    "begins": "2026-12-04T19:30",
    "ends": "2026-12-04T22:00",
    "time_zone": "Europe/London",
    "story": "Six rounds.",
}


def stripe_account(world: World, slug: str) -> dict[str, Any]:
    """Make an account at the local Stripe, with a webhook endpoint, as its owner would in Stripe's dashboard."""
    made = dict(world.sandbox.control("accounts", {"business_name": slug, "payouts": "manual"}))
    world.sandbox.control(
        "webhook-endpoint",
        {
            "account": made["id"],
            "url": f"{world.settings.base_url}/webhooks/stripe/{slug}",
            "secret": WEBHOOK_SECRET,
            "enabled_events": ["*"],
        },
    )
    world.accounts[slug] = made
    return made


def test_from_nothing_to_an_ended_campaign(office: Office) -> None:
    make_all(office)
    refused_until_ready(office)
    publish(office)
    give_through_the_event(office)
    history = pause_resume_and_end(office)
    assert office.acts() == [
        ("Priya Raman", what)
        for what in (
            "added this charity",
            "made this appeal",
            "made this campaign",
            "connected the Stripe account rainbow-shelter",
            "published",
            "consent of rainbow-shelter: given",
            "published",
            "added the event quiz",
            "paused",
            "resumed",
            "ended",
            "opened again",
        )
    ]
    assert history.count("resumed") == history.count("opened again") == 1


def make_all(office: Office) -> None:
    """Follow the page of today to a charity, an appeal and a campaign; none of them is public yet."""
    world = office.world
    assert "Begin here: add the charity" in office.open("/staff").text

    page = office.fill("/staff/charities/new", "/staff/charities", **CHARITY)
    assert page.url.path == "/staff/charities/rainbow-shelter"
    assert "no Stripe account is connected" in page.text

    page = office.fill("/staff/appeals/new", "/staff/appeals", **APPEAL)
    assert "Nobody sees it yet" in page.text
    assert world.donor.get("/a/safe").status_code == 404

    page = office.fill("/staff/campaigns/new?appeal=safe", "/staff/campaigns", **CAMPAIGN)
    assert "3 things are missing" in page.text
    assert world.donor.get("/c/winter-beds").status_code == 404
    assert "Rainbow Shelter has no Stripe account, and a campaign needs one" in office.open("/staff").text


def refused_until_ready(office: Office) -> None:
    """Press the button too early; every reason is named."""
    refused = office.send(office.open("/staff/campaigns/winter-beds"), "/winter-beds/publish")
    assert refused.status_code == 409
    for missing in ("Safe this winter, is not published", "has no Stripe account", "has not confirmed it"):
        assert missing in refused.text
    assert office.world.donor.get("/c/winter-beds").status_code == 404


def publish(office: Office) -> None:
    """Connect, publish, write down the consent, publish; the public reads what staff wrote."""
    world = office.world
    key = stripe_account(world, "rainbow-shelter")["keys"][0]
    page = office.fill(
        "/staff/charities/rainbow-shelter/connect",
        "/connect",
        key=key,
        webhook_secret=WEBHOOK_SECRET,
        statement_prefix="SHELTER",
        fee_percent="1.5",
        fee_fixed="0.20",
    )
    assert "Connected. The key works" in page.text
    assert "Stripe has sent no news yet" in page.text
    assert key not in page.text

    office.press("/staff/appeals/safe", "/safe/publish")
    office.press("/staff/campaigns/winter-beds", "/confirm", note="Jo Miller, director, by letter")
    page = office.press("/staff/campaigns/winter-beds", "/publish")
    assert "Published. Gifts are taken from now on." in page.text

    public = world.donor.get("/c/winter-beds").text
    for words in ("Confirmed by Rainbow Shelter", "SHELTER* BEDS", "£20,000", "The Rainbow Shelter Trust"):
        assert words in public
    assert "Forty winter beds" in world.donor.get("/a/safe").text


def give_through_the_event(office: Office) -> None:
    """Make an event, and let a donor give on its page; campaign, event and charity know of the gift."""
    world = office.world
    page = office.fill("/staff/campaigns/winter-beds/events/new", "/events", **EVENT)
    assert "4 December 2026, 19:30 GMT" in page.text
    event = world.donor.get("/c/winter-beds/e/quiz")
    assert "Friday 4 December 2026, 19:30 GMT" in event.text
    assert "The old hall" in event.text

    form = {"amount": "25", "event": "quiz", "token": token_in(event.text)}
    sent = world.donor.post("/c/winter-beds/give", data=form)
    assert sent.status_code == 303, sent.text
    world.pay(world.gift_at(sent.headers["location"]))
    world.settle()
    assert world.total_minor("winter-beds") == 2500
    page = office.open("/staff/campaigns/winter-beds")
    assert "£25.00 from 1 gift" in page.text
    assert "£24.42" in page.text  # 1.5 % and 20p went to the card company.
    assert "1 gift, £25.00" in office.open("/staff/campaigns/winter-beds/events/quiz").text
    assert "Stripe last sent news" in office.open("/staff/charities/rainbow-shelter").text


def pause_resume_and_end(office: Office) -> str:
    """Press every button in turn; what the public may do follows at once. Return the campaign's history."""
    world = office.world
    office.press("/staff/campaigns/winter-beds", "/pause")
    assert "This campaign is paused" in world.donor.get("/c/winter-beds").text
    assert world.send_form("winter-beds", amount="20").status_code == 409
    office.press("/staff/campaigns/winter-beds", "/publish")
    assert 'name="token"' in world.donor.get("/c/winter-beds").text
    office.press("/staff/campaigns/winter-beds", "/end")
    assert "Gifts are no longer taken here" in world.donor.get("/c/winter-beds").text
    assert world.total_minor("winter-beds") == 2500
    page = office.press("/staff/campaigns/winter-beds", "/publish")
    assert "Opened again" in page.text
    return page.text[page.text.index("What happened") :]
