"""Whether a page is fit for everybody, on a phone and on a desk, with a picture of each for looking at."""

from playwright.sync_api import Page

from tests.browser.pictures import keep_picture
from tests.gallery.barriers import barriers
from tests.gallery.looking import DESK, PHONE

WIDER_THAN_THE_WINDOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def is_fit_for_everybody(page: Page, name: str) -> None:
    """See that nothing keeps anybody out, and that nothing has to be scrolled sideways."""
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        assert barriers(page, colours="not" if size == PHONE else "too") == [], name
        assert page.evaluate(WIDER_THAN_THE_WINDOW) <= 0, name
        keep_picture(page, f"{name}-{size['width']}")
    page.set_viewport_size(PHONE)


def is_not_looked_at(page: Page, name: str) -> None:
    """Take the place of looking where a browser runs no scripts, and so not axe either."""
