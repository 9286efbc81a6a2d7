"""Every page of the gallery in a real browser, for those with a screen reader, a phone or large text."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.chromium import Start, needs_chromium

from .barriers import barriers
from .looking import DESK, PHONE, listening
from .sample import Sample
from .samples import PAGES

pytestmark = needs_chromium
OPEN_ALL = "document.querySelectorAll('details').forEach(details => { details.open = true })"
WIDER_THAN_THE_WINDOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


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


# Each page of the product itself is looked at in `tests/browser/test_pages.py`; here it is every state it may be in.
@pytest.mark.long
@pytest.mark.parametrize("sample", [sample for sample in PAGES if not sample.is_long], ids=lambda sample: sample.name)
def test_page_is_accessible(one_page: Page, address: str, sample: Sample):
    faults = []
    with listening(one_page):
        one_page.set_viewport_size(PHONE)
        one_page.goto(f"{address}/{sample.name}")
        one_page.evaluate(OPEN_ALL)
        one_page.emulate_media(color_scheme="light")
        faults += [f"phone: {fault}" for fault in barriers(one_page, colours="not")]
        one_page.set_viewport_size(DESK)
        faults += barriers(one_page)
        one_page.emulate_media(color_scheme="dark")
        faults += [f"dark: {fault}" for fault in barriers(one_page, colours="only")]
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
    assert [fault for fault in barriers(page, colours="only") if fault.startswith("color-contrast")]
    assert page.evaluate(WIDER_THAN_THE_WINDOW) > 0


def test_the_button_is_in_the_first_screen_of_a_phone(page: Page, address: str):
    page.goto(f"{address}/campaign")
    button = page.get_by_role("button", name="Give £20")
    expect(button).to_be_in_viewport(ratio=1)
