"""Two of the staff at the same thing: nobody overwrites what they have not seen."""

from collections.abc import Callable
from threading import Barrier, Thread

import httpx2 as httpx
import pytest
from sqlalchemy import text

from fundraise.errors import Refusal
from fundraise.flows import edit_appeal, edit_body, edit_campaign, edit_event
from fundraise.flows.move_campaign import move_campaign
from tests.gallery.page_facts import PageFacts
from tests.staff.office import Office, another_browser, errors_of, form_of, signed_in
from tests.world import World

# Edit page, how its form ends, the field that both change, and where the change is read afterwards.
PLACES = {
    "campaign": ("/staff/campaigns/winter/edit", "/winter", "title", edit_campaign),
    "appeal": ("/staff/appeals/winter-appeal/edit", "/winter-appeal", "title", edit_appeal),
    "charity": ("/staff/charities/shelter/edit", "/shelter", "called", edit_body),
    "event": ("/staff/campaigns/winter/events/quiz/edit", "/quiz", "place", edit_event),
}


@pytest.fixture
def shared(at_shelter: Office) -> Office:
    world = at_shelter.world
    with world.parts.db.read() as session:
        campaign_id = session.execute(text("SELECT id FROM campaign")).scalar_one()
    campaign = type("Found", (), {"id": campaign_id})()
    world.event(campaign)
    return at_shelter


def both_save(priya: Office, place: str) -> tuple[Office, httpx.Response]:
    """Let Jo open a form, Priya save another change meanwhile, and Jo save hers; return Jo and her answer."""
    address, ending, name, _ = PLACES[place]
    with another_browser(priya.world) as browser:
        jo = signed_in(priya.world, browser, "Jo Miller")
        hers = jo.open(address)
        priya.fill(address, ending, **{name: "Priya’s words"})
        return jo, jo.send(hers, ending, **{name: "Jo’s words"})


@pytest.mark.parametrize("place", PLACES)
def test_the_second_to_save_is_told_and_keeps_what_she_typed(shared: Office, place: str) -> None:
    address, ending, name, _ = PLACES[place]
    jo, answer = both_save(shared, place)
    assert answer.status_code == 409
    assert PageFacts(answer.text).faults() == []
    assert "Priya Raman saved this at 22 November 2026, 12:00 UTC, after you had opened it." in answer.text
    assert form_of(answer, ending)[1][name] == ["Jo’s words"]
    assert form_of(jo.open(address), ending)[1][name] == ["Priya’s words"]
    # She has seen it now: saving again is her decision.
    assert jo.send(answer, ending).status_code == 303
    assert form_of(jo.open(address), ending)[1][name] == ["Jo’s words"]


@pytest.mark.parametrize("place", PLACES)
def test_without_the_look_at_what_was_seen_the_first_one_s_words_are_lost(
    shared: Office, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, ending, name, flow = PLACES[place]
    monkeypatch.setattr(flow, "require_seen", lambda *_: None)
    jo, answer = both_save(shared, place)
    assert answer.status_code == 303
    assert form_of(jo.open(address), ending)[1][name] == ["Jo’s words"]


def test_saving_the_same_twice_is_no_conflict_and_no_second_act(shared: Office) -> None:
    page = shared.open("/staff/campaigns/winter/edit")
    for _ in range(2):  # A double click: the second form has not seen the first one's change.
        assert shared.send(page, "/winter", title="Sixty winter beds").status_code == 303
    assert shared.acts() == [("Priya Raman", "changed title")]


def test_a_refused_form_still_knows_what_it_had_seen(shared: Office) -> None:
    address, ending, name, _ = PLACES["campaign"]
    page = shared.open(address)
    refused = shared.send(page, ending, title="")
    assert set(errors_of(refused)) == {"title"}
    shared.fill(address, ending, title="Changed meanwhile")
    assert shared.send(refused, ending, title="Mine").status_code == 409
    assert form_of(shared.open(address), ending)[1][name] == ["Changed meanwhile"]


def at_once(work: Callable[[int], object], many: int = 5) -> list[str]:
    """Do something in several threads at the same moment; return how each ended."""
    together, ends = Barrier(many), []

    def one(number: int) -> None:
        together.wait()
        try:
            work(number)
            ends.append("done")
        except Refusal as problem:
            ends.append(problem.code)

    threads = [Thread(target=one, args=(number,)) for number in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends)


def test_an_address_is_taken_once(shared: Office) -> None:
    world: World = shared.world
    form = {"title": "Twins", "slug": "twins", "helped": "x", "stage": "collected", "currency": "GBP"}
    form |= {"rate_source": "ECB"}
    ends = at_once(lambda _: edit_appeal.make_appeal(world.parts, form, by="test"))
    assert ends == ["done"] + ["invalid"] * 4


def test_a_campaign_is_paused_once(shared: Office) -> None:
    parts = shared.world.parts
    ends = at_once(lambda _: move_campaign(parts, "winter", edit_campaign.CampaignState.PAUSED, by="test"))
    assert ends == ["conflict"] * 4 + ["done"]
    assert shared.acts() == [("test", "paused")]
