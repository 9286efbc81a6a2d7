"""Every staff address refuses a stranger: found from the app itself, so that those to come are covered too."""

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from fundraise.flows.staff_entry import enter, leave, make_link
from fundraise.web.staff.door import COOKIE
from tests.doors.routes import doors, router_of
from tests.staff.office import another_browser
from tests.world import World

pytestmark = pytest.mark.pages

# How one comes in, and goes; everything else asks who is there.
OPEN = {"/staff/enter", "/staff/leave"}
TABLES = ("staff_act", "campaign", "appeal", "body", "event", "stripe_account", "job_run", "campaign_step")


def staff_doors(world: World) -> list[tuple[str, str]]:
    found = [
        (method, path)
        for method, path in doors(world.donor.app, "nobody")
        if path.startswith("/staff") and path not in OPEN and not path.startswith("/staff/enter/")
    ]
    assert len(found) > 40
    return found


def open_doors(world: World, token: str) -> list[str]:
    """Knock at every staff address with a cookie; return those that did not refuse."""
    wrong = []
    with another_browser(world) as stranger:
        if token:
            stranger.cookies.set(COOKIE, token)
        for method, path in staff_doors(world):
            answer = stranger.request(method, path, data={"title": "Mine"} if method == "POST" else None)
            if answer.status_code != 403 or "Sign in to the staff area" not in answer.text:
                wrong.append(f"{method} {path} {answer.status_code}")
    return wrong


def rows(world: World) -> dict[str, int]:
    with world.parts.db.read() as session:
        return {table: int(session.execute(text(f"SELECT COUNT(*) FROM {table}")).scalar_one()) for table in TABLES}


def test_every_staff_address_refuses_a_stranger(shelter: World) -> None:
    shelter.event(shelter.campaign(shelter.body("other"), slug="elsewhere"))
    before = rows(shelter)
    left = enter(shelter.parts, make_link(shelter.parts).rpartition("/")[2])
    leave(shelter.parts, left)
    for token in ("", "a-guess", left):
        assert open_doors(shelter, token) == []
    old = enter(shelter.parts, make_link(shelter.parts).rpartition("/")[2])
    shelter.advance(hours=12)
    assert open_doors(shelter, old) == []
    assert rows(shelter) == before


def test_a_door_that_forgot_to_ask_is_found(shelter: World) -> None:
    app = router_of(shelter.donor.app)
    assert isinstance(app, FastAPI)

    @app.get("/staff/forgotten")
    def forgotten() -> str:
        return "all our secrets"

    assert open_doors(shelter, "") == ["GET /staff/forgotten 200"]


@pytest.mark.parametrize("address", ["/staff/charities/new", "/staff/jobs/check"])
def test_what_a_stranger_sends_is_not_read(shelter: World, address: str) -> None:
    with another_browser(shelter) as stranger:
        broken = stranger.post(address, content=b"\xff&a=1&a=2", headers={"content-type": "text/plain"})
    assert broken.status_code in {403, 405}
