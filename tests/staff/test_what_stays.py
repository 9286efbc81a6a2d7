"""What may not change once money was counted, once it is public, or once a charity was given to."""

import pytest
from sqlmodel import col, select

from fundraise.appeals.tables import Appeal
from fundraise.campaigns.questions import any_campaign
from fundraise.campaigns.tables import Beneficiary, Campaign
from tests.gallery.page_facts import PageFacts
from tests.partners.fellowship import Fellowship
from tests.staff.office import Office, form_of, signed_in

pytestmark = pytest.mark.pages

CAMPAIGN = "/staff/campaigns/winter/edit"
APPEAL = "/staff/appeals/winter-appeal/edit"


def stored(office: Office) -> Campaign:
    with office.world.parts.db.read() as session:
        return any_campaign(session, "winter")


def test_a_campaign_without_gifts_may_change_everything_but_its_public_address(at_shelter: Office) -> None:
    page = at_shelter.open(CAMPAIGN)
    assert "slug" not in form_of(page, "/winter")[1]
    more = {"currency": "EUR", "choices": "20, 40, 80", "amount_min": "5", "other_currencies": ["EUR", "GBP"]}
    at_shelter.fill(CAMPAIGN, "/winter", **more, slug="elsewhere")
    found = stored(at_shelter)
    assert (found.currency, found.gift_currencies, found.suggested_minor) == ("EUR", "EUR,GBP", "2000,4000,8000")
    assert 'data-symbol="€"' in at_shelter.world.donor.get("/c/winter").text


def test_after_the_first_gift_currency_holding_and_appeal_stay(at_shelter: Office) -> None:
    world = at_shelter.world
    world.body("union", kind="society")
    world.campaign(slug="other", state="draft")
    world.paid_gift("25")
    page = at_shelter.open(CAMPAIGN)
    assert "Gifts were given already" in page.text
    for typed, field in (
        ({"currency": "EUR"}, "currency"),
        ({"appeal": "other-appeal"}, "appeal"),
        ({"holding": "agent", "merchant": "union"}, "holding"),
        ({"charities": ["union"]}, "charities"),
    ):
        said = at_shelter.refused(page, "/winter", **typed)
        assert list(said) == [field]
        assert "stay" in said[field]
    at_shelter.fill(CAMPAIGN, "/winter", title="Sixty beds", goal="60000", choices="15, 30, 60")
    assert "Sixty beds" in world.donor.get("/c/winter").text
    assert world.total_minor() == 2500


def test_an_unpaid_page_that_closed_holds_nothing_back(at_shelter: Office) -> None:
    world = at_shelter.world
    world.give(amount="20")
    refused = at_shelter.refused(at_shelter.open(CAMPAIGN), "/winter", currency="EUR")
    assert "stays in GBP" in refused["currency"]
    world.advance(days=2)
    world.settle()
    later = signed_in(world, world.donor)
    later.fill(CAMPAIGN, "/winter", currency="EUR")


def test_an_appeal_keeps_what_its_past_totals_stand_on_once_money_was_counted(at_shelter: Office) -> None:
    at_shelter.fill(APPEAL, "/winter-appeal", currency="EUR", rate_source="HMRC")
    at_shelter.fill(APPEAL, "/winter-appeal", currency="GBP", rate_source="ECB", stage="received")
    at_shelter.world.paid_gift("25")
    page = at_shelter.open(APPEAL)
    assert "Money was counted already" in page.text
    other = {"currency": "USD", "rate_source": "HMRC", "stage": "collected", "beneficiary": "shelter"}
    said = at_shelter.refused(page, "/winter-appeal", **other)
    assert set(said) == set(other)
    assert "counted in GBP already" in said["currency"]
    assert "ECB rates already" in said["rate_source"]
    at_shelter.fill(APPEAL, "/winter-appeal", title="Warm beds", beneficiary_name="The shelter")
    with at_shelter.world.parts.db.read() as session:
        appeal = session.exec(select(Appeal).where(col(Appeal.slug) == "winter-appeal")).one()
    assert (appeal.title, appeal.currency, appeal.headline_stage) == ("Warm beds", "GBP", "received")
    assert (appeal.beneficiary, appeal.beneficiary_body_id) == ("The shelter", None)
    assert "Warm beds" in at_shelter.world.donor.get("/a/winter-appeal").text


def test_a_charity_s_books_keep_their_currency_once_they_hold_money(at_shelter: Office) -> None:
    edit = "/staff/charities/shelter/edit"
    at_shelter.fill(edit, "/shelter", currency="EUR")
    at_shelter.fill(edit, "/shelter", currency="GBP", name="The Shelter Charity")
    at_shelter.world.paid_gift("25")
    said = at_shelter.refused(at_shelter.open(edit), "/shelter", currency="EUR")
    assert "stays GBP" in said["currency"]


def test_a_published_campaign_takes_in_no_charity_that_cannot_take_cards(at_shelter: Office) -> None:
    at_shelter.world.body("poor")
    said = at_shelter.refused(at_shelter.open(CAMPAIGN), "/winter", charities=["shelter", "poor"])
    assert "no Stripe account connected yet" in said["charities"]
    with at_shelter.world.parts.db.read() as session:
        assert len(session.exec(select(Beneficiary)).all()) == 1


def test_charities_keep_what_they_said_and_those_who_leave_take_it_along(at_shelter: Office) -> None:
    world = at_shelter.world
    world.account(world.body("network"))
    at_shelter.fill(CAMPAIGN, "/winter", charities=["shelter", "network"])
    assert "Network, which has not confirmed it yet" in world.donor.get("/c/winter").text
    at_shelter.press("/staff/campaigns/winter", "/network/confirm", note="Ann, by mail")
    assert "Confirmed by Shelter and Network" in world.donor.get("/c/winter").text
    at_shelter.fill(CAMPAIGN, "/winter", title="Still confirmed")
    assert "Confirmed by Shelter and Network" in world.donor.get("/c/winter").text
    at_shelter.fill(CAMPAIGN, "/winter", charities=["shelter"])
    at_shelter.fill(CAMPAIGN, "/winter", charities=["shelter", "network"])
    assert "Network, which has not confirmed it yet" in world.donor.get("/c/winter").text


def test_a_charity_that_a_transfer_went_to_stays(at_shelter: Office) -> None:
    world = at_shelter.world
    world.account(world.body("network"))
    at_shelter.fill(CAMPAIGN, "/winter", charities=["shelter", "network"])
    Fellowship(world).transfer("body:shelter", "body:network", "100.00", "GBP")
    said = at_shelter.refused(at_shelter.open(CAMPAIGN), "/winter", charities=["shelter"])
    assert "transfers went to stays" in said["charities"]


def test_consent_names_who_gave_it_and_can_be_taken_back(at_shelter: Office) -> None:
    page = at_shelter.press("/staff/campaigns/winter", "/withdraw")
    assert "has not confirmed it yet" in page.text
    refused = at_shelter.send(page, "/confirm", note=" \u200b ")
    assert (refused.status_code, "Please say who agreed" in refused.text) == (422, True)
    assert PageFacts(refused.text).faults() == []
    page = at_shelter.press("/staff/campaigns/winter", "/confirm", note="Jo Miller, director, by letter")
    assert "Jo Miller, director, by letter, 22 November 2026" in page.text
    assert (
        at_shelter.browser.post("/staff/campaigns/winter/charities/shelter/confirm", data={"note": "x"}).status_code
        == 409
    )
    assert at_shelter.acts() == [
        ("Priya Raman", "consent of shelter: taken back"),
        ("Priya Raman", "consent of shelter: given"),
    ]


def test_a_society_holds_the_money_and_bears_the_fee(at_shelter: Office) -> None:
    world = at_shelter.world
    world.account(world.body("union", kind="society"))
    more = {"holding": "agent", "merchant": "union", "fee_borne_by": "body"}
    page = at_shelter.fill(CAMPAIGN, "/winter", **more)
    assert "held by Union, who owes it to the charity; Union bears the card fees" in page.text
    gift = world.paid_gift("25")
    assert gift.session
    assert world.balances()["2310", "GBP"] == -2500
    page = at_shelter.open("/staff/campaigns/winter")
    assert "£25.00 from 1 gift" in page.text


def test_buttons_lead_only_where_a_campaign_may_go(at_shelter: Office) -> None:
    browser = at_shelter.browser
    assert browser.post("/staff/campaigns/winter/publish").status_code == 409
    at_shelter.press("/staff/campaigns/winter", "/end")
    assert browser.post("/staff/campaigns/winter/pause").status_code == 409
    assert browser.post("/staff/campaigns/winter/end").status_code == 409
    assert browser.post("/staff/appeals/winter-appeal/publish").status_code == 409
    at_shelter.press("/staff/appeals/winter-appeal", "/end")
    assert browser.post("/staff/appeals/winter-appeal/end").status_code == 409
    assert [what for _, what in at_shelter.acts()] == ["ended", "ended"]
