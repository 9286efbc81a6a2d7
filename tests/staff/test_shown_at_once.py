"""What staff save is on the public pages at once in the same process, and within a second from another."""

from collections.abc import Callable, Iterator

import pytest
from starlette.testclient import TestClient

from fundraise.app import create_app
from fundraise.assembly import build_parts
from fundraise.flows import edit_body, edit_campaign, edit_event, move_campaign
from fundraise.web.hot import pages as hot_pages
from tests.staff.office import Office
from tests.staff.test_setting_up import EVENT
from tests.world import SandboxClock

pytestmark = pytest.mark.pages

CAMPAIGN = "/staff/campaigns/winter/edit"


class StandingTime:
    """The seconds by which kept pages grow old; they pass when the test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def standing(monkeypatch: pytest.MonkeyPatch) -> StandingTime:
    time = StandingTime()
    monkeypatch.setattr(hot_pages, "time", time)
    return time


@pytest.fixture
def elsewhere(at_shelter: Office) -> Iterator[TestClient]:
    """The same product in another process: it hears of no commit of the first one's."""
    world = at_shelter.world
    parts = build_parts(world.settings, clock=SandboxClock(world.sandbox), payments=world.parts.payments)
    with TestClient(create_app(world.settings, parts=parts), base_url=world.settings.base_url) as browser:
        yield browser
    parts.db.close()


def edit_the_campaign(office: Office) -> str:
    office.fill(CAMPAIGN, "/winter", title="Sixty warm beds")
    return "Sixty warm beds"


def edit_the_charity(office: Office) -> str:
    office.fill("/staff/charities/shelter/edit", "/shelter", name="The Warm Shelter Trust")
    return "The Warm Shelter Trust"


def edit_the_appeal(office: Office) -> str:
    office.fill("/staff/appeals/winter-appeal/edit", "/winter-appeal", title="Warmth for all")
    return "Warmth for all"


def add_an_event(office: Office) -> str:
    office.fill("/staff/campaigns/winter/events/new", "/events", **EVENT)
    return "Winter quiz night"


def edit_the_event(office: Office) -> str:
    add_an_event(office)
    assert "Winter quiz night" in office.world.donor.get("/c/winter").text
    office.fill("/staff/campaigns/winter/events/quiz/edit", "/quiz", place="The new hall")
    return "The new hall"


def pause(office: Office) -> str:
    office.press("/staff/campaigns/winter", "/pause")
    return "This campaign is paused"


def take_consent_back(office: Office) -> str:
    office.press("/staff/campaigns/winter", "/withdraw")
    return "has not confirmed it yet"


CHANGES = (edit_the_campaign, edit_the_charity, edit_the_appeal, add_an_event, edit_the_event, pause, take_consent_back)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_on_the_page_at_once(
    at_shelter: Office, standing: StandingTime, change: Callable[[Office], str]
) -> None:
    public = at_shelter.world.donor
    before = public.get("/c/winter").text
    words = change(at_shelter)
    assert words not in before
    assert words in public.get("/c/winter").text


@pytest.mark.parametrize(
    ("change", "flow"),
    [
        (edit_the_campaign, edit_campaign),
        (edit_the_charity, edit_body),
        (add_an_event, edit_event),
        (take_consent_back, move_campaign),
    ],
)
def test_a_flow_that_tells_nobody_leaves_the_old_page(
    at_shelter: Office,
    standing: StandingTime,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Office], str],
    flow: object,
) -> None:
    monkeypatch.setattr(flow, "note", lambda *_: None)
    public = at_shelter.world.donor
    public.get("/c/winter")
    words = change(at_shelter)
    assert words not in public.get("/c/winter").text
    standing.seconds += 1.01
    assert words in public.get("/c/winter").text


@pytest.mark.parametrize("change", [edit_the_campaign, pause])
def test_another_process_shows_it_within_a_second(
    at_shelter: Office, elsewhere: TestClient, standing: StandingTime, change: Callable[[Office], str]
) -> None:
    assert elsewhere.get("/c/winter").status_code == 200
    words = change(at_shelter)
    assert (
        words not in elsewhere.get("/c/winter").text
    )  # It is the page that was kept, so the next line shows something.
    standing.seconds += 1.01
    assert words in elsewhere.get("/c/winter").text
    assert words in elsewhere.get("/api/v1/campaigns/winter").text or change is pause
