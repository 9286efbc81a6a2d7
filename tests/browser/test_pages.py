"""Every public page in every state: no barrier for anybody, nothing wider than the window, light, and from us alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Response

from tests.browser.states import all_states
from tests.chromium import needs_chromium
from tests.gallery.barriers import barriers
from tests.gallery.looking import DESK, PHONE, listening
from tests.gallery.page_facts import FORBIDDEN_WORDS

pytestmark = needs_chromium
HEAVIEST_PAGE_BYTES = 100_000
OPEN_ALL = "document.querySelectorAll('details').forEach(details => { details.open = true })"
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with all_states(tmp_path_factory.mktemp("states")) as made:
        yield made


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport=PHONE, reduced_motion="reduce") as context:
        page = context.new_page()
        page.route("**/*", lambda route: route.continue_())  # Who stands between keeps the browser's cache out of it.
        yield page


def test_every_page_in_every_state_is_light_from_us_alone_and_without_a_barrier(
    window: Page, states: dict[str, str]
) -> None:
    faults, kinds = {}, set()
    for name, url in states.items():
        answers: list[Response] = []
        with listening(window, unless="status of 404"), hearing(window, answers):
            window.set_viewport_size(PHONE)
            window.emulate_media(color_scheme="light")
            window.goto(url, wait_until="load")
            found = faults_of_loading(answers, urlsplit(url).netloc)
            found += faults_of_the_look(window)
            if (kind := name.split()[0]) not in kinds:  # States of one page share its colours.
                found += faults_of_the_dark(window)
                kinds.add(kind)
        if found:
            faults[name] = found
    assert len(states) > 30
    assert faults == {}


@contextmanager
def hearing(window: Page, answers: list[Response]) -> Iterator[None]:
    """Gather every answer that the page gets, from whomever."""

    def hear(answer: Response) -> None:
        answers.append(answer)

    window.on("response", hear)
    yield
    window.remove_listener("response", hear)


def faults_of_loading(answers: list[Response], host: str) -> list[str]:
    """Hold what was loaded with an empty cache, style sheets and modules among it, to our host and our limit."""
    weight_bytes = sum(len(answer.body()) for answer in answers if not answer.url.endswith("/live"))
    found = [f"asks {url.netloc}" for url in (urlsplit(answer.url) for answer in answers) if url.netloc != host]
    return found if 0 < weight_bytes <= HEAVIEST_PAGE_BYTES else [*found, f"weighs {weight_bytes} bytes"]


def faults_of_the_look(window: Page) -> list[str]:
    """Look with everything opened, on a phone and on a desk."""
    window.evaluate(OPEN_ALL)
    found = barriers(window)
    found += [f"{PHONE['width']}: wider than the window"] * (window.evaluate(TOO_WIDE) > 0)
    window.set_viewport_size(DESK)
    found += [f"{DESK['width']}: wider than the window"] * (window.evaluate(TOO_WIDE) > 0)
    return found + FORBIDDEN_WORDS.findall(window.content())


def faults_of_the_dark(window: Page) -> list[str]:
    window.emulate_media(color_scheme="dark")
    return [f"dark: {barrier}" for barrier in barriers(window, colours="only")]
