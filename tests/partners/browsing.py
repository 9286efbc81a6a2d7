"""What a partner's treasurer and staff do in the browser; every page is held to the rules of all pages."""

import re
from datetime import date

import httpx2 as httpx
from starlette.testclient import TestClient

from fundraise.flows.add_partner import report_link
from fundraise.flows.staff_entry import enter, make_link
from fundraise.web.staff.door import COOKIE
from tests.gallery.page_facts import PageFacts
from tests.partners.fellowship import STAFF, Fellowship

BASIS = {"stage": "collected", "gross_or_net": "gross", "gift_aid": "none", "our_transfers": "none"}


def page_at(browser: TestClient, address: str) -> httpx.Response:
    page = browser.get(address)
    assert page.status_code == 200, page.text
    return sound(page)


def sound(page: httpx.Response) -> httpx.Response:
    assert PageFacts(page.text).faults() == []
    return page


def link_of(fellowship: Fellowship, slug: str) -> str:
    return report_link(fellowship.world.parts, slug).removeprefix(fellowship.world.settings.base_url)


def token_of(page: httpx.Response) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def send(
    browser: TestClient,
    link: str,
    amount: str,
    as_of: date,
    *,
    file: tuple[str, bytes] | None = None,
    token: str = "",
    **more: str | list[str],
) -> httpx.Response:
    """Open the form and send it, as browsers send forms that may bring a file."""
    fields = {
        "token": token or token_of(page_at(browser, link)),
        "amount": amount,
        "as_of": as_of.isoformat(),
        "name": "Anna de Vries",
        **BASIS,
        **more,
    }
    name, raw = file or ("", b"")
    return browser.post(link, data=fields, files={"file": (name, raw, "application/octet-stream")})


def sent(browser: TestClient, link: str, amount: str, as_of: date, **more: str | list[str]) -> httpx.Response:
    """Send a figure and follow on to what became of it."""
    answer = send(browser, link, amount, as_of, **more)  # type: ignore[arg-type]
    assert answer.status_code == 303, answer.text
    return page_at(browser, answer.headers["location"])


def sign_in(fellowship: Fellowship) -> TestClient:
    browser = fellowship.world.donor
    token = make_link(fellowship.world.parts, STAFF).rpartition("/")[2]
    browser.cookies.set(COOKIE, enter(fellowship.world.parts, token))
    return browser


def press(browser: TestClient, page: httpx.Response, ending: str, **more: str) -> httpx.Response:
    """Press the button of the form whose address ends so."""
    found = re.search(rf'<form[^>]* action="([^"]*{ending})"[^>]*>(.*?)</form>', page.text, re.DOTALL)
    assert found, page.text
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found[2]))
    return browser.post(found[1], data={**fields, **more})
