"""What a person at a browser does on the bank pages; every page is held to the rules of all pages."""

import re

import httpx2 as httpx
from starlette.testclient import TestClient

from tests.gallery.page_facts import PageFacts

HOME = "/staff/statements"


def bring(staff: TestClient, raw: bytes, name: str = "november.xml", account: str = "current") -> httpx.Response:
    return staff.post(HOME, data={"account": account}, files={"file": (name, raw, "application/octet-stream")})


def looked_at(staff: TestClient, raw: bytes, name: str = "november.xml") -> httpx.Response:
    sent = bring(staff, raw, name)
    assert sent.status_code == 303, sent.text
    return page_at(staff, sent.headers["location"])


def page_at(staff: TestClient, address: str) -> httpx.Response:
    page = staff.get(address)
    assert page.status_code == 200, page.text
    assert PageFacts(page.text).faults() == []
    return page


def form_at(page: httpx.Response, ending: str) -> tuple[str, dict[str, str]]:
    """Return the address of the form whose address ends so, and its hidden fields."""
    found = re.search(rf'<form method="post" action="([^"]*{ending})"[^>]*>(.*?)</form>', page.text, re.DOTALL)
    assert found, page.text
    return found[1], dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found[2]))


def press(staff: TestClient, page: httpx.Response, ending: str, **more: str) -> httpx.Response:
    address, fields = form_at(page, ending)
    return staff.post(address, data={**fields, **more})
