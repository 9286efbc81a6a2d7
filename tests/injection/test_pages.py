"""Every string is shown as the words it is: no page and no line of the log takes it for more (goal 36)."""

import html
import logging
import re
from collections.abc import Iterator
from functools import cache

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from fundraise import rendering
from tests.gallery.page_facts import PageFacts
from tests.injection.pages import Seen, tidy
from tests.injection.town import HARMLESS, Place, told_in
from tests.world import World

on_sqlite = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
# Of one string each: the first is asked for with every string, the others take turns.
PAGES = (
    "/c/{slug}",
    "/c/{slug}/e/quiz",
    "/d/{token}",
    "/d/{token}/receipt",
    "/a/{slug}",
    "/staff/donations/{ref}",
    "/staff/lines/{number}",
    "/staff/campaigns/{slug}",
    "/staff/charities/{slug}",
    "/staff/charities/{slug}/edit",
    "/staff/appeals/{slug}",
    "/staff/partners/{slug}",
    "/staff/differences/{number}",
)
_TURNS = 24
# Of all strings at once, page after page.
LISTS = (
    "/",
    "/staff",
    "/staff/donations",
    "/staff/campaigns",
    "/staff/campaigns/c1001/edit",
    "/staff/charities",
    "/staff/appeals",
    "/staff/partners",
    "/staff/statements/current?show=all",
    "/staff/reconciliation",
    "/staff/transfers",
)


def address(page: str, place: Place, world: World) -> str:
    token = world.parts.sealer.link_token("donation", place.ref)
    return page.format(slug=place.slug, token=token, ref=place.ref, number=place.number)


def turns(places: list[Place]) -> Iterator[tuple[str, Place]]:
    for number, place in enumerate(places):
        yield PAGES[0], place
        yield from ((page, place) for other, page in enumerate(PAGES[1:]) if (number + other) % _TURNS == 0)


def taken_for_more(world: World, asked: Iterator[tuple[str, Place]], harmless: dict[str, Seen]) -> list[object]:
    """Return the pages on which a string added an element or an attribute, leads somewhere, or is not to be seen."""
    found: list[object] = []
    for page, place in asked:
        answer = world.donor.get(address(page, place, world))
        seen = Seen(answer.text)
        more = seen.elements - harmless[page].elements
        fewer = harmless[page].elements - seen.elements if place.text.strip() else {}
        if answer.status_code != 200 or more or fewer or seen.runs or tidy(place.text[:20]) not in seen.words:
            found.append((page, place.text, answer.status_code, dict(more), dict(fewer), seen.runs))
    return found


def all_of(world: World, page: str) -> Iterator[str]:
    while page:
        answer = world.donor.get(page)
        assert answer.status_code == 200
        yield answer.text
        following = re.search(r'rel="next" href="([^"]+)"', answer.text)
        page = html.unescape(following[1]) if following else ""


@on_sqlite
def test_each_string_is_shown_as_the_words_it_is(
    world: World, places: list[Place], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert places[0].text == HARMLESS
    harmless = {page: Seen(world.donor.get(address(page, places[0], world)).text) for page in PAGES}
    assert all(HARMLESS in seen.words for seen in harmless.values())
    assert taken_for_more(world, turns(places), harmless) == []
    for page in LISTS:
        drawn = list(all_of(world, page))
        seen = [Seen(each) for each in drawn]
        words = " ".join(each.words for each in seen)
        assert [place.text for place in places if tidy(place.text[:20]) not in words] == [], page
        assert [fault for each in drawn for fault in PageFacts(each).faults()] == [], page
        assert set().union(*(each.runs for each in seen)) == set(), page
    data = world.donor.get("/api/v1/campaigns")
    assert data.headers["content-type"] == "application/json"
    assert data.headers["x-content-type-options"] == "nosniff"
    assert places[1].text in {each["title"] for each in data.json()["items"]}
    assert told_in(caplog, places) == []

    # The control: without the escaping of the templates much of it would be taken for more.
    monkeypatch.setattr(rendering, "environment", unescaped)
    assert len(taken_for_more(world, ((PAGES[0], place) for place in places), harmless)) > 60


@cache
def unescaped() -> Environment:
    return Environment(
        loader=FileSystemLoader(rendering.folder()),
        autoescape=False,  # noqa: S701  This is what the control is about.
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
