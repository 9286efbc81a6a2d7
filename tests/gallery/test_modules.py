"""What the small modules add to pages, and that the pages do without them."""

import re

from playwright.sync_api import Browser, Page, Route, expect

from tests.chromium import needs_chromium

from .looking import PHONE

pytestmark = needs_chromium


def test_the_button_follows_the_choice(page: Page, address: str):
    page.goto(f"{address}/campaign")
    button = page.locator(".give-form button").first
    page.get_by_label("£50").check()
    expect(button).to_have_text("Give £50")
    page.get_by_label("Another amount").fill("12.5")
    expect(button).to_have_text("Give £12.50")
    assert page.locator("input[name=choice]:checked").count() == 0
    page.get_by_label("Another amount").fill("1.234")
    expect(button).to_have_text("Give")
    page.get_by_label("£10").check()
    expect(button).to_have_text("Give £10")
    expect(page.get_by_label("Another amount")).to_have_value("")


def test_the_fee_to_cover_is_said_for_every_amount(page: Page, address: str):
    page.goto(f"{address}/campaign")
    page.get_by_text("Of £10.00, about").click()
    page.get_by_label("Another amount").fill("100")
    expect(page.locator("[data-cover]")).to_have_text("about £1.73")


def test_amounts_follow_the_currency(page: Page, address: str):
    page.goto(f"{address}/campaign-shared")
    page.get_by_label("Currency").select_option("JPY")
    page.get_by_label("¥3,000").check()
    expect(page.locator(".give-form button").first).to_have_text("Give ¥3,000")
    assert page.locator("input[name=choice]:checked").get_attribute("value") == "3000"


def test_the_choice_is_said_without_javascript(browser: Browser, address: str):
    with browser.new_context(viewport=PHONE, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{address}/campaign")
        button = page.locator(".give-form button").first
        assert button.inner_text() == "Give £20"
        page.get_by_label("£10").check()
        assert button.inner_text() == "Give £10"
        page.get_by_label("Another amount").fill("7")
        assert button.inner_text().strip() == "Give"


def test_a_form_is_sent_once_however_often_it_is_pressed(page: Page, address: str):
    posts = []
    page.route("**/give", lambda route: (posts.append(route.request.post_data), route.fulfill(status=204))[1])
    page.goto(f"{address}/campaign")
    button = page.locator(".give-form button").first
    button.click()
    for _ in range(2):
        button.click(force=True)
    expect(button).to_have_attribute("aria-disabled", "true")
    assert len(posts) == 1
    assert "choice=20" in posts[0]
    assert "token=t-4f9c1e" in posts[0]


def test_a_page_from_the_browsers_memory_works_again(page: Page, address: str):
    page.route("**/give", lambda route: route.fulfill(status=204))
    page.goto(f"{address}/campaign")
    button = page.locator(".give-form button").first
    button.click()
    expect(button).to_have_attribute("aria-disabled", "true")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(button).not_to_have_attribute("aria-disabled", "true")
    with page.expect_response("**/give"):
        button.click()


def test_without_the_guard_every_press_is_sent(browser: Browser, address: str):
    posts = []
    with browser.new_context(viewport=PHONE, java_script_enabled=False) as context:
        page = context.new_page()
        page.route("**/give", lambda route: (posts.append(1), route.fulfill(status=204))[1])
        page.goto(f"{address}/campaign")
        for _ in range(2):
            with page.expect_response("**/give"):
                page.locator(".give-form button").first.click()
    assert len(posts) == 2


def test_the_total_comes_by_the_stream_and_is_said(page: Page, address: str):
    def stream(route: Route) -> None:
        fragment = page.request.get(f"{address}/c/winter-beds/total").text().replace("12,345.00", "12,365.00")
        data = "".join(f"data: {line}\n" for line in fragment.splitlines())
        route.fulfill(content_type="text/event-stream", body=f"retry: 600000\n{data}\n")

    page.route("**/live", stream)
    page.goto(f"{address}/campaign")
    expect(page.locator("[data-total]")).to_have_text("£12,365.00")
    expect(page.locator("[aria-live=polite]")).to_have_text("The total is now £12,365.00")


def test_the_total_counts_to_its_new_value(browser: Browser, address: str):
    with browser.new_context(viewport=PHONE, reduced_motion="no-preference") as context:
        page = context.new_page()
        seen: list[str] = []
        page.expose_function("seen", lambda text: seen.append(text))  # noqa: PLW0108  it must be a function
        page.route(
            "**/live",
            lambda route: route.fulfill(
                content_type="text/event-stream", body="retry: 600000\nevent: total\ndata: \n\n"
            ),
        )
        page.route(
            "**/total",
            lambda route: route.fulfill(
                content_type="text/html",
                body='<p class="total-amount"><bdi class="num" data-total>£13,000.00</bdi></p>',
            ),
        )
        page.add_init_script(
            """addEventListener("DOMContentLoaded", () => new MutationObserver(() =>
            window.seen(document.querySelector("[data-total]").textContent))
            .observe(document.querySelector("[data-live]"), {childList: true, subtree: true, characterData: true}))"""
        )
        page.goto(f"{address}/campaign")
        expect(page.locator("[data-total]")).to_have_text("£13,000.00")
        between = [text for text in seen if text not in {"£12,345.00", "£13,000.00"}]
        assert between
        assert all("£12,345.00" < text < "£13,000.00" for text in between)


def test_the_thanks_page_learns_the_result_by_itself(page: Page, address: str):
    paid = page.request.get(f"{address}/thanks-paid").text()
    page.route("**/thanks-confirming", lambda route: route.continue_())
    page.clock.install()
    page.goto(f"{address}/thanks-confirming")
    page.route("**/thanks-confirming", lambda route: route.fulfill(content_type="text/html", body=paid))
    page.clock.fast_forward(5000)
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, Mara")
    expect(page).to_have_title(re.compile("^Thank you, Mara"))


def test_a_refused_form_leads_to_its_fields(page: Page, address: str):
    page.goto(f"{address}/campaign-refused")
    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_role("link", name="Write the amount in pounds and pence").click()
    expect(page.get_by_label("Another amount")).to_be_focused()


def test_a_letter_presses_its_button_unless_one_types(page: Page, address: str):
    page.goto(f"{address}/staff-donations")
    page.keyboard.press("/")
    field = page.get_by_label("Reference or amount")
    expect(field).to_be_focused()
    page.keyboard.press("/")
    expect(field).to_have_value("/")


def test_letters_can_be_turned_off(page: Page, address: str):
    page.goto(f"{address}/staff-donations")
    page.get_by_role("button", name="Turn the letter keys off").click()
    page.reload()
    page.keyboard.press("/")
    expect(page.get_by_label("Reference or amount")).not_to_be_focused()
    expect(page.get_by_role("button", name="Turn the letter keys on")).to_be_visible()


def test_a_grave_action_asks_first(page: Page, address: str):
    posts = []
    page.route("**/discard", lambda route: (posts.append(route.request.post_data), route.fulfill(status=204))[1])
    page.goto(f"{address}/staff-quarantine-item")
    page.get_by_text("Set it aside …").click()
    assert posts == []
    page.get_by_label("Why?").fill("It is not ours")
    page.get_by_role("button", name="Set it aside", exact=True).click()
    expect(page.get_by_role("button", name="Set it aside", exact=True)).to_have_attribute("aria-disabled", "true")
    assert posts == ["note=It+is+not+ours"]
