"""Fixtures of the browser tests: the gallery's address, a browser, a page that may not complain."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.chromium import Start, browsers

from .looking import PHONE, listening
from .server import serving


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
