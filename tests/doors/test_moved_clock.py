"""A visitor of the demo moves its clock: news signed with the new time is heard, and nobody is shut out."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fundraise.clock import FollowingClock
from fundraise.flows.hear import Listener
from fundraise.flows.staff_entry import enter, make_link, who
from fundraise.payments import BadSignature
from tests.doors.stripe_says import event, signed
from tests.world import World

A_DAY = 86_400


def test_news_of_a_clock_just_moved_are_heard(shelter: World) -> None:
    told = [shelter.now().timestamp()]
    clock = FollowingClock(lambda: told[0], every_seconds=3600)
    listener = Listener(replace(shelter.parts, clock=clock))
    before = clock.now()
    told[0] += A_DAY
    body = json.dumps(event(shelter)).encode()
    header = signed(shelter, body, age=-A_DAY)
    assert listener.listen("shelter", body, header) is not None
    assert (clock.now() - before).days == 1


def test_control_another_clock_is_not_asked_twice(shelter: World) -> None:
    body = json.dumps(event(shelter)).encode()
    with pytest.raises(BadSignature):
        Listener(shelter.parts).listen("shelter", body, signed(shelter, body, age=-A_DAY))


def test_a_visitor_of_the_demo_stays_signed_in(shelter: World) -> None:
    settings = shelter.parts.settings.model_copy(update={"demo": True, "clock_url": "http://127.0.0.1:1"})
    visitor = enter(replace(shelter.parts, settings=settings), make_link(shelter.parts).rpartition("/")[2])
    staff = enter(shelter.parts, make_link(shelter.parts).rpartition("/")[2])
    later = datetime.fromtimestamp(shelter.now().timestamp() + 31 * A_DAY, UTC)
    with shelter.parts.db.read() as session:
        assert who(session, visitor, later) is not None
        assert who(session, staff, later) is None
