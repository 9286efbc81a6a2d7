"""Giving, in a real browser, from the campaign's page to the thanks, with the local Stripe's pages in between."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from fundraise.campaigns.tables import Campaign
from tests.browser.conftest import Donors
from tests.browser.donor import Donor
from tests.browser.town import Town
from tests.chromium import needs_chromium

# A radio is drawn by its label, so either may carry the outline.
IS_OUTLINED = """[document.activeElement, ...(document.activeElement.labels ?? [])].some(
    element => getComputedStyle(element).outlineStyle !== "none")"""

pytestmark = [needs_chromium, pytest.mark.pages]


def gifts(here: Town, campaign: Campaign) -> list[tuple[str, int]]:
    """Return state and amount of every gift to a campaign."""
    with here.world.parts.db.read() as session:
        found = session.execute(
            text("SELECT state, gift_minor FROM donation WHERE campaign_id = :campaign ORDER BY id"),
            {"campaign": campaign.id},
        )
        return [tuple(row) for row in found]


def pages_opened(here: Town) -> int:
    """Count the payment pages opened at Stripe, each under a key of its own."""
    calls = here.world.sandbox.control("requests", {"path": "/v1/checkout/sessions"})["requests"]
    return len({call["idempotency_key"] for call in calls if (call["method"], call["status"]) == ("POST", 200)})


def test_by_card_and_everybody_who_watches_sees_the_total_move(here: Town, donors: Donors) -> None:
    campaign = here.new_campaign(goal_minor=100_000)
    watcher, donor = donors(), donors()
    watcher.opens(campaign)
    watcher.sees_total("£0.00")
    donor.opens(campaign)
    donor.chooses("£50")
    expect(donor.page.get_by_role("button", name="Give £50")).to_be_visible()
    donor.presses_give()
    donor.is_at_stripe("£50.00")
    donor.pays_by_card()
    donor.is_thanked("£50.00")
    donor.keeps_picture("thanks")
    watcher.sees_total("£50.00")
    expect(watcher.page.locator("[aria-live=polite]")).to_have_text("The total is now £50.00")
    assert watcher.asked.count(here.address(campaign)) == 1  # The page was never loaded again.
    assert gifts(here, campaign) == [("paid", 5000)]


def test_every_choice_of_the_form_arrives(here: Town, donor: Donor) -> None:
    campaign = here.new_campaign()
    donor.opens(campaign)
    donor.types_amount("12.50")
    page = donor.page
    page.get_by_text("about £9.65 reaches").click()
    page.get_by_label(re.compile("^Add .* so that the whole gift reaches")).check()
    page.get_by_text("Receipt by e-mail").click()
    page.get_by_label("E-mail, for the receipt").fill("mara@example.org")
    page.get_by_label("Name", exact=False).first.fill("مارا 🌍 Łukasiewicz")
    page.get_by_label("Message").first.fill("Warm beds for everybody.")
    for shown in ("show_name", "show_amount", "show_message"):
        page.locator(f"[name={shown}]").check()
    donor.presses_give()
    donor.pays_by_card()
    donor.is_thanked("£12.90")
    expect(page.get_by_text("The receipt is on its way to")).to_be_visible()
    donor.opens(campaign)
    donor.sees_total("£12.50")
    expect(page.locator(".rows")).to_contain_text("مارا 🌍 Łukasiewicz")
    expect(page.locator(".rows")).to_contain_text("Warm beds for everybody.")
    expect(page.locator(".rows")).to_contain_text("£12.50")


def test_declined_and_then_paid_with_another_card(here: Town, donor: Donor) -> None:
    campaign = here.new_campaign()
    donor.opens(campaign)
    donor.presses_give()
    donor.pays_by_card("4000 0000 0000 9995")
    expect(donor.page.locator("#message")).to_contain_text("Nothing was taken")
    assert gifts(here, campaign) == [("opened", 2000)]
    donor.pays_by_card()
    donor.is_thanked("£20.00")
    assert gifts(here, campaign) == [("paid", 2000)]


def test_the_bank_asks_is_refused_and_asks_again(here: Town, donor: Donor) -> None:
    campaign = here.new_campaign()
    donor.opens(campaign)
    donor.presses_give()
    donor.pays_by_card("4000 0000 0000 3220")
    donor.page.locator("#fail").click()
    expect(donor.page.locator("#message")).to_contain_text("Nothing was taken")
    donor.pays_by_card("4000 0000 0000 3220")
    donor.page.locator("#complete").click()
    donor.is_thanked("£20.00")
    assert gifts(here, campaign) == [("paid", 2000)]


@pytest.mark.parametrize(("account", "comes"), [("00012345", True), ("22222227", False)])
def test_a_bank_debit_counts_when_it_has_gone_through(here: Town, donor: Donor, account: str, *, comes: bool) -> None:
    campaign = here.new_campaign()
    donor.opens(campaign)
    donor.presses_give()
    donor.pays_from_the_bank(account)
    expect(donor.page.locator(".lede")).to_contain_text("It takes a few days")
    donor.keeps_picture("debit begun")
    page = donor.page.get_by_role("link", name="See where your gift is").get_attribute("href")
    donor.opens(campaign)
    donor.sees_total("£0.00")
    here.world.advance(days=12)
    donor.sees_total("£20.00" if comes else "£0.00")
    donor.opens_until(f"{here.url}{page}", "Paid" if comes else "Not paid")


def test_without_javascript(here: Town, donors: Donors) -> None:
    campaign = here.new_campaign()
    donor = donors(java_script_enabled=False)
    donor.opens(campaign)
    donor.types_amount("1.234,5.6")
    donor.presses_give()
    expect(donor.page.locator("#f-amount-error")).to_be_visible()
    expect(donor.page.get_by_label("Another amount")).to_have_value("1.234,5.6")
    donor.types_amount("7")
    donor.presses_give()
    donor.is_at_stripe("£7.00")
    donor.pays_by_card()
    donor.is_thanked("£7.00")
    donor.page.get_by_role("link", name="See where your gift is").click()
    donor.page.locator("[name=name]").fill("Mara")
    donor.page.locator("[name=show_name]").check()
    donor.page.get_by_role("button", name="Save what others see").click()
    expect(donor.page.get_by_text("Saved.")).to_be_visible()
    donor.opens(campaign)
    donor.sees_total("£7.00")
    expect(donor.page.locator(".rows")).to_contain_text("Mara")


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_a_double_click_is_one_gift(here: Town, donors: Donors, *, scripts: bool) -> None:
    campaign = here.new_campaign()
    donor = donors(java_script_enabled=scripts)
    donor.opens(campaign)
    before = pages_opened(here)
    donor.page.locator(".give-form button[type=submit]").first.dblclick(no_wait_after=True)
    donor.is_at_stripe("£20.00")
    assert pages_opened(here) == before + 1
    donor.pays_by_card()
    donor.is_thanked("£20.00")
    assert gifts(here, campaign) == [("paid", 2000)]


def test_back_from_the_payment_page_and_another_amount_closes_the_page_before(here: Town, donor: Donor) -> None:
    campaign = here.new_campaign()
    donor.opens(campaign)
    donor.presses_give()
    donor.is_at_stripe("£20.00")
    left = donor.page.url
    donor.page.go_back()
    donor.types_amount("30")
    donor.presses_give()
    donor.is_at_stripe("£30.00")
    donor.pays_by_card()
    donor.is_thanked("£30.00")
    assert [state for state, _ in gifts(here, campaign)].count("paid") == 1
    donor.page.goto(left)  # Whichever page stayed open: what it says is true, and it is no second charge by itself.
    assert sum(minor for state, minor in gifts(here, campaign) if state == "paid") == 3000


def test_back_after_paying_takes_nothing_again(here: Town, donor: Donor) -> None:
    campaign = here.new_campaign()
    donor.opens(campaign)
    donor.presses_give()
    donor.pays_by_card()
    donor.is_thanked("£20.00")
    thanks = donor.page.url
    donor.page.go_back()
    donor.page.go_forward()
    donor.page.reload()
    assert donor.page.url == thanks
    donor.is_thanked("£20.00")
    assert gifts(here, campaign) == [("paid", 2000)]


def test_turning_back_at_stripe_keeps_the_gift_to_go_on_with(here: Town, donor: Donor) -> None:
    campaign = here.new_campaign()
    donor.opens(campaign)
    donor.presses_give()
    donor.page.locator("#cancel").click()
    expect(donor.page.locator(".lede")).to_contain_text("You left the payment page before paying")
    donor.keeps_picture("turned back")
    donor.page.get_by_role("button", name="Give £20.00").click()
    donor.is_at_stripe("£20.00")
    donor.pays_by_card()
    donor.is_thanked("£20.00")
    assert gifts(here, campaign) == [("paid", 2000)]


def test_two_tabs_both_paid_are_two_gifts(here: Town, donor: Donor) -> None:
    campaign = here.new_campaign()
    tabs = [Donor(here, donor.page.context.new_page()) for _ in range(2)]
    for tab in tabs:
        tab.opens(campaign)
        tab.presses_give()
        tab.is_at_stripe("£20.00")
    for tab in tabs:
        tab.pays_by_card()
        tab.is_thanked("£20.00")
        tab.has_asked_nobody_else()
    assert gifts(here, campaign) == [("paid", 2000)] * 2
    assert here.world.total_minor(campaign.slug) == 4000


def test_with_the_keyboard_alone(here: Town, donor: Donor) -> None:
    campaign = here.new_campaign()
    donor.opens(campaign)
    keys = donor.page.keyboard

    def tab_to(what: str) -> None:
        for _ in range(25):
            keys.press("Tab")
            if donor.page.evaluate("what => document.activeElement.matches(what)", what):
                outline = donor.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                label = donor.page.evaluate(
                    "getComputedStyle(document.activeElement.labels?.[0] ?? document.body).outlineStyle"
                )
                assert "none" not in {outline} & {label}, f"nothing shows that {what} is where the keyboard is"
                return
        raise AssertionError(f"the keyboard does not come to {what}")

    tab_to("[name=choice]")
    keys.press("ArrowRight")
    expect(donor.page.get_by_role("button", name="Give £50").first).to_be_visible()
    tab_to("#f-amount")
    keys.type("15")
    tab_to("summary")
    keys.press("Shift+Tab")
    keys.press("Enter")
    donor.is_at_stripe("£15.00")
    donor.page.locator("#card_number").focus()
    keys.press("Control+a")
    keys.type("4242424242424242")
    keys.press("Enter")
    donor.is_thanked("£15.00")


def test_on_a_small_phone_the_button_is_there_at_once(here: Town, donors: Donors) -> None:
    campaign = here.new_campaign(title="Forty winter beds for people who had to leave everything behind")
    donor = donors(viewport={"width": 360, "height": 740})
    donor.opens(campaign)
    expect(donor.page.get_by_role("button", name="Give £20").first).to_be_in_viewport(ratio=1)
    expect(donor.page.locator("[data-total]")).to_be_in_viewport(ratio=1)
