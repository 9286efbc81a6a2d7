"""The system's Chromium, driven by Playwright and never downloaded; where it is missing, tests say they need it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt install chromium")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


Start = Callable[..., Browser]


@contextmanager
def browsers() -> Iterator[Start]:
    """Yield a function that starts a browser with fresh user data and more arguments; all end with the block."""
    with sync_playwright() as playwright:
        started: list[Browser] = []

        def start(*more: str) -> Browser:
            started.append(playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *more]))
            return started[-1]

        try:
            yield start
        finally:
            for browser in started:
                browser.close()


@contextmanager
def browsing(*more: str) -> Iterator[Browser]:
    """Start one browser while the block runs."""
    with browsers() as start:
        yield start(*more)
