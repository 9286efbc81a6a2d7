"""Pages sent from memory are right at once after what is committed here: gifts, and people's words."""

import re
from typing import Any

import pytest
from sqlmodel import col, select

from fundraise.campaigns.tables import Campaign
from fundraise.db import note
from fundraise.web.hot import pages
from tests.world import World

TOKEN = re.compile(r'name="token" value="[^"]+"')


def rename(world: World, title: str, *topics: str) -> None:
    with world.parts.db.write("test") as session:
        campaign = session.exec(select(Campaign).where(col(Campaign.slug) == "winter")).one()
        campaign.title = title
        session.add(campaign)
        for topic in topics:
            note(session, topic)


def test_a_gift_and_a_word_show_at_once(shelter: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "FRESH_SECONDS", 3600.0)
    monkeypatch.setattr(pages, "WORDS_FRESH_SECONDS", 3600.0)
    assert "£0.00" in shelter.donor.get("/c/winter").text
    shelter.paid_gift("20", name="Maria Sample", show_name="on")
    page = shelter.donor.get("/c/winter").text
    assert "£20.00" in page
    assert "Maria Sample" in page
    rename(shelter, "Fifty winter beds", "public")
    page = shelter.donor.get("/c/winter").text
    assert "Fifty winter beds" in page
    assert "£20.00" in page


def test_control_a_word_that_is_not_said_to_change_waits(shelter: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "FRESH_SECONDS", 3600.0)
    monkeypatch.setattr(pages, "WORDS_FRESH_SECONDS", 3600.0)
    assert "Forty winter beds" in shelter.donor.get("/c/winter").text
    rename(shelter, "Fifty winter beds", "public", "gifts")
    assert "Forty winter beds" in shelter.donor.get("/c/winter").text
    rename(shelter, "Fifty winter beds", "public")
    assert "Fifty winter beds" in shelter.donor.get("/c/winter").text


def test_a_page_from_memory_is_the_page_of_the_router(shelter: World) -> None:
    def both() -> tuple[str, str]:
        return tuple(TOKEN.sub("", shelter.donor.get(f"/c/winter{query}").text) for query in ("", "?fresh=1"))

    for _ in range(2):
        from_memory, drawn = both()
        assert from_memory == drawn
        shelter.paid_gift("20", name="Maria <!-- figures -->", show_name="on")
    assert "Maria" in from_memory


def test_a_page_that_cannot_be_drawn_here_is_drawn_by_the_router(
    shelter: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: Any) -> None:
        raise ValueError("broken")

    monkeypatch.setattr(pages, "draw", breaks)
    answer = shelter.donor.get("/c/winter")
    assert (answer.status_code, "Forty winter beds" in answer.text) == (200, True)
