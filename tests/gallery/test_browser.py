"""Every page of the gallery in a real browser, for those with a screen reader, a phone, large text or no JavaScript."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, expect

from .barriers import barriers
from .browser import CHROMIUM, Start, browsers
from .sample import Sample
from .samples import PAGES
from .server import serving

pytestmark = [
    pytest.mark.xdist_group("gallery"),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no browser on this machine"),
]
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
OPEN_ALL = "document.querySelectorAll('details').forEach(details => { details.open = true })"
WIDER_THAN_THE_WINDOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving() as address:
        yield address


@pytest.fixture(scope="module")
def start() -> Iterator[Start]:
    with browsers() as start:
        yield start


@pytest.fixture(scope="module")
def browser(start: Start) -> Browser:
    return start()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(viewport=PHONE, reduced_motion="reduce") as context:
        yield context


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that fails the test when it logs an error or breaks the content security policy."""
    page = context.new_page()
    with listening(page):
        yield page


@pytest.fixture(scope="module")
def one_page(browser: Browser) -> Iterator[Page]:
    """One page for all the samples, since opening a window takes longer than looking."""
    with browser.new_context(viewport=PHONE, reduced_motion="reduce") as context:
        yield context.new_page()


@pytest.fixture(scope="module")
def one_large_page(start: Start) -> Iterator[Page]:
    """The same with text twice as large."""
    with start("--blink-settings=defaultFontSize=32").new_context(viewport=PHONE) as context:
        yield context.new_page()


@contextmanager
def listening(page: Page) -> Iterator[None]:
    """Fail when the page complains."""
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            said.append(message.text)

    page.on("console", hear)
    yield
    page.remove_listener("console", hear)
    assert said == []


@pytest.mark.parametrize("sample", [sample for sample in PAGES if not sample.is_long], ids=lambda sample: sample.name)
def test_page_is_accessible(one_page: Page, address: str, sample: Sample):
    faults = []
    with listening(one_page):
        one_page.set_viewport_size(PHONE)
        one_page.goto(f"{address}/{sample.name}")
        one_page.evaluate(OPEN_ALL)
        for size in (PHONE, DESK):
            one_page.set_viewport_size(size)
            one_page.emulate_media(color_scheme="light")
            faults += [f"{size['width']} {fault}" for fault in barriers(one_page)]
            one_page.emulate_media(color_scheme="dark")
            faults += [f"{size['width']} dark {fault}" for fault in barriers(one_page, colours_only=True)]
    assert faults == []


@pytest.mark.parametrize("sample", PAGES, ids=lambda sample: sample.name)
def test_page_fits(one_page: Page, one_large_page: Page, address: str, sample: Sample):
    for page in (one_page, one_large_page):
        page.set_viewport_size(PHONE)
        page.goto(f"{address}/{sample.name}")
        page.evaluate(OPEN_ALL)
        assert page.evaluate(WIDER_THAN_THE_WINDOW) <= 0
        page.set_viewport_size(DESK)
        assert page.evaluate(WIDER_THAN_THE_WINDOW) <= 0
    assert one_large_page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)") == 32


def test_the_checks_find_what_is_broken(page: Page, address: str):
    page.goto(f"{address}/campaign")
    page.evaluate("document.querySelector('h1').style.cssText = 'color:#eee;inline-size:900px'")
    assert [fault for fault in barriers(page) if fault.startswith("color-contrast")]
    assert [fault for fault in barriers(page, colours_only=True) if fault.startswith("color-contrast")]
    assert page.evaluate(WIDER_THAN_THE_WINDOW) > 0


def test_the_button_is_in_the_first_screen_of_a_phone(page: Page, address: str):
    page.goto(f"{address}/campaign")
    button = page.get_by_role("button", name="Give £20")
    expect(button).to_be_in_viewport(ratio=1)


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
