"""What the browser tests share: window sizes, and an ear for what a page complains about."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import ConsoleMessage, Error, Page, ViewportSize

PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 900}


@contextmanager
def listening(page: Page, *, unless: str = "") -> Iterator[None]:
    """Fail when the page logs an error, throws one, or breaks the content security policy.

    `unless` is a pattern of what may be said: browsers log every answer of 4xx, also one that a form is to get.
    """
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not (unless and re.search(unless, message.text)):
            said.append(message.text)

    def hear_error(error: Error) -> None:
        said.append(str(error))

    page.on("console", hear)
    page.on("pageerror", hear_error)
    yield
    page.remove_listener("console", hear)
    page.remove_listener("pageerror", hear_error)
    assert said == []
