"""Somebody on the staff at a browser: pages are opened, forms are read from the page, filled in and sent."""

import html
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser

import httpx2 as httpx
from sqlmodel import col, select
from starlette.testclient import TestClient

from fundraise.flows.staff_entry import make_link
from fundraise.staff.tables import StaffAct
from tests.gallery.page_facts import PageFacts
from tests.world import World

Values = Mapping[str, str | list[str]]
_FORM = re.compile(r'<form\b[^>]*?\baction="(?P<action>[^"]*)".*?</form>', re.DOTALL)


class _Forms(HTMLParser):
    """Read the forms of a page with what each field holds, as a browser would send it."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[tuple[str, dict[str, list[str]]]] = []
        self.offered: dict[str, set[str]] = {}  # What choices there are, by the field's name.
        self._select: str | None = None
        self._first: str | None = None
        self._area: str | None = None
        self.feed(page)

    def _put(self, name: str, value: str) -> None:
        if self.forms and name:
            self.forms[-1][1].setdefault(name, []).append(value)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        name = values.get("name", "")
        if tag == "form":
            self.forms.append((values.get("action", ""), {}))
        elif tag == "input" and values.get("type") in {"checkbox", "radio"}:
            self.offered.setdefault(name, set()).add(values.get("value", "on"))
            if "checked" in values:
                self._put(name, values.get("value", "on"))
        elif tag == "input":
            self._put(name, values.get("value", ""))
        elif tag == "textarea":
            self._area = name
            self._put(name, "")
        elif tag == "select":
            self._select, self._first = name, None
        elif tag == "option" and self._select is not None:
            self.offered.setdefault(self._select, set()).add(values.get("value", ""))
            if self._first is None:
                self._first = values.get("value", "")
            if "selected" in values:
                self._put(self._select, values.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        elif tag == "select" and self._select is not None:
            if self._select not in self.forms[-1][1] and self._first is not None:
                self._put(self._select, self._first)
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.forms[-1][1][self._area][-1] += data


def form_of(page: httpx.Response, ending: str) -> tuple[str, dict[str, list[str]]]:
    """Return the form that posts to an address with this ending, and what its fields hold."""
    return _form_of(page, ending).forms[0]


def _form_of(page: httpx.Response, ending: str) -> _Forms:
    """Read one form alone: a page has hundreds of choices, and to read them all takes longer than to make the page."""
    for found in _FORM.finditer(page.text):
        if html.unescape(found["action"]).endswith(ending):
            return _Forms(found[0])
    raise AssertionError(f"no form posts to …{ending}:\n{page.text}")


def errors_of(page: httpx.Response) -> dict[str, str]:
    """Return the messages that stand beside fields, by the field's name."""
    found = re.findall(r'<p class="field-error" id="f-([a-z_]+)-error">(.*?)</p>', page.text)
    return {name: html.unescape(message) for name, message in found}


@dataclass
class Office:
    world: World
    browser: TestClient

    def open(self, address: str, status: int = 200) -> httpx.Response:
        """Open a page; it keeps the rules that every page keeps."""
        page = self.browser.get(address)
        assert page.status_code == status, page.text
        assert PageFacts(page.text).faults() == []
        return page

    def send(self, page: httpx.Response, ending: str, **typed: str | list[str]) -> httpx.Response:
        """Fill in a form of a page and send it; what is not named stays as the page has it."""
        action, fields = form_of(page, ending)
        return self.browser.post(action, data={**fields, **typed})

    def fill(self, address: str, ending: str, **typed: str | list[str]) -> httpx.Response:
        """Open a page, fill in its form, send it, and follow to where it leads."""
        answer = self.send(self.open(address), ending, **typed)
        assert answer.status_code == 303, errors_of(answer) or answer.text
        return self.open(answer.headers["location"])

    def refused(self, page: httpx.Response, ending: str, **typed: str | list[str]) -> dict[str, str]:
        """Send a form that will not do; return the messages. Everything typed or chosen stands in it again."""
        answer = self.send(page, ending, **typed)
        assert answer.status_code == 422, answer.text
        assert PageFacts(answer.text).faults() == []
        form = _form_of(answer, ending)
        (_, kept), offered = form.forms[0], form.offered
        for name, value in typed.items():
            sent = {value} if isinstance(value, str) else set(value)
            could = sent & offered[name] if name in offered else sent
            assert could <= set(kept.get(name, [""])), (name, kept.get(name), value)
        return errors_of(answer)

    def press(self, address: str, ending: str, **typed: str) -> httpx.Response:
        """Press a button of a page and follow to where it leads."""
        return self.fill(address, ending, **typed)

    def acts(self) -> list[tuple[str, str]]:
        """Return who did what, oldest first, without what a test set up beforehand."""
        with self.world.parts.db.read() as session:
            acts = session.exec(select(StaffAct).order_by(col(StaffAct.id)))
            return [(act.by, act.what) for act in acts if act.by != "the command line"]


def signed_in(world: World, browser: TestClient, name: str = "Priya Raman") -> Office:
    """Let somebody in by a link."""
    link = make_link(world.parts, name)
    office = Office(world, browser)
    page = office.open(link.removeprefix(world.settings.base_url))
    answer = office.send(page, "/staff/enter")
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff")
    return office


@contextmanager
def another_browser(world: World) -> Iterator[TestClient]:
    """A second browser at the same product, with cookies of its own."""
    yield TestClient(
        world.donor.app,
        base_url=world.settings.base_url,
        follow_redirects=False,
        raise_server_exceptions=False,
    )
