"""Dates are typed in the campaign's own zone, and stay the moments they are."""

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from fundraise.campaigns.questions import any_campaign
from fundraise.campaigns.tables import Campaign, Event
from tests.staff.office import Office, form_of
from tests.staff.test_setting_up import EVENT

pytestmark = pytest.mark.pages

CAMPAIGN = "/staff/campaigns/winter/edit"


def stored(office: Office) -> Campaign:
    with office.world.parts.db.read() as session:
        return any_campaign(session, "winter")


def test_the_same_clock_time_is_another_moment_in_another_zone(at_shelter: Office) -> None:
    at_shelter.fill(CAMPAIGN, "/winter", ends="2027-07-01T20:00", time_zone="Europe/London")
    assert stored(at_shelter).ends_at == datetime(2027, 7, 1, 19, tzinfo=UTC)
    page = at_shelter.fill(CAMPAIGN, "/winter", time_zone="America/New_York")
    assert stored(at_shelter).ends_at == datetime(2027, 7, 2, 0, tzinfo=UTC)
    assert "1 July 2027, 20:00 EDT" in page.text


def test_gifts_open_at_the_first_coming_of_a_doubled_hour_and_close_at_its_second(at_shelter: Office) -> None:
    at_shelter.fill(CAMPAIGN, "/winter", begins="2027-10-31T01:15", ends="2027-10-31T01:45")
    found = stored(at_shelter)
    assert found.starts_at == datetime(2027, 10, 31, 0, 15, tzinfo=UTC)
    assert found.ends_at == datetime(2027, 10, 31, 1, 45, tzinfo=UTC)


def test_a_moment_that_is_not_touched_stays_whatever_else_is_saved(at_shelter: Office) -> None:
    second_coming = datetime(2027, 10, 31, 1, 15, tzinfo=UTC)
    with at_shelter.world.parts.db.write("test") as session:
        campaign = any_campaign(session, "winter")
        campaign.starts_at = second_coming
        session.add(campaign)
    assert form_of(at_shelter.open(CAMPAIGN), "/winter")[1]["begins"] == ["2027-10-31T01:15"]
    at_shelter.fill(CAMPAIGN, "/winter", title="Renamed")
    assert stored(at_shelter).starts_at == second_coming


def test_an_hour_that_is_left_out_is_asked_about_beside_its_field(at_shelter: Office) -> None:
    said = at_shelter.refused(at_shelter.open(CAMPAIGN), "/winter", ends="2027-03-28T01:30")
    assert said == {
        "ends": "The clocks go forward that night, so there is no 01:30 on 28 March 2027. Did you mean 00:30 or 02:30?"
    }
    new = at_shelter.open("/staff/campaigns/winter/events/new")
    said = at_shelter.refused(new, "/events", **{**EVENT, "begins": "2027-03-28T01:30", "ends": ""})
    assert "no 01:30" in said["begins"]


def test_an_event_abroad_has_a_zone_of_its_own(at_shelter: Office) -> None:
    at_shelter.fill(CAMPAIGN, "/winter", time_zone="Europe/Paris")
    new = at_shelter.open("/staff/campaigns/winter/events/new")
    assert form_of(new, "/events")[1]["time_zone"] == ["Europe/Paris"]
    more = {**EVENT, "time_zone": "America/Toronto"}
    at_shelter.fill("/staff/campaigns/winter/events/new", "/events", **more)
    with at_shelter.world.parts.db.read() as session:
        event = session.exec(select(Event)).one()
    assert event.starts_at == datetime(2026, 12, 5, 0, 30, tzinfo=UTC)
    assert "Friday 4 December 2026, 19:30 EST" in at_shelter.world.donor.get("/c/winter/e/quiz").text


def test_gifts_open_and_close_at_their_times(at_shelter: Office) -> None:
    world = at_shelter.world
    at_shelter.fill(CAMPAIGN, "/winter", begins="2026-11-22T14:00", ends="2026-11-22T16:00")
    assert "begins on 22 November 2026, 14:00 GMT" in world.donor.get("/c/winter").text
    world.advance(hours=2)
    assert 'name="token"' in world.donor.get("/c/winter?at=open").text
    world.advance(hours=2)
    assert "This campaign ended on 22 November 2026" in world.donor.get("/c/winter?at=end").text
