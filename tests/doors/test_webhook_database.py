"""News that finds the database away: never said to be safe, asked for again, and whole in the end."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy.exc import OperationalError

from fundraise import faults
from fundraise.db import Database
from tests.doors.knocking import HONEST, rows
from tests.doors.stripe_says import event, tell
from tests.stories.test_missed_news import OTHERS
from tests.world import World


def deliver(world: World) -> set[int]:
    """Hand over what is due; return the answers to what concerns us."""
    answers = set()
    for delivery in world.sandbox.take_due_deliveries():
        answer = world.donor.post(
            delivery.url.removeprefix(world.settings.base_url), content=delivery.body, headers=delivery.headers
        )
        world.sandbox.delivery_result(delivery.id, answer.status_code)
        if delivery.event_type not in OTHERS:
            answers.add(answer.status_code)
    return answers


AWAY = {
    "locked": OperationalError("INSERT", {}, Exception("database is locked")),
    "full": OperationalError("INSERT", {}, Exception("database or disk is full")),
    "read-only": OperationalError("INSERT", {}, Exception("attempt to write a readonly database")),
    "gone": OperationalError("INSERT", {}, Exception("server closed the connection unexpectedly")),
    "out of memory": MemoryError(),
    "broken": RuntimeError("anything at all"),
}


@contextmanager
def breaking(point: str, problem: Exception) -> Iterator[None]:
    """Let a named fault point of the database raise."""

    def at(name: str) -> None:
        if name == point:
            raise problem

    with faults.listening(at):
        yield


def is_never_said_to_be_safe(world: World, problem: Exception) -> None:
    """Let keeping fail; no notice may be answered with 2xx, and all is whole once it works again."""
    gift = world.give(**HONEST)
    world.pay(gift)
    with breaking("hear: before commit", problem):
        assert deliver(world) == {503}
    assert rows(world, "SELECT COUNT(*) FROM inbox_notice") == [(0,)]
    world.advance(hours=1)
    assert deliver(world) == {200}
    world.settle()
    assert world.total_minor() == 2000


@pytest.mark.parametrize("problem", AWAY.values(), ids=AWAY)
def test_what_could_not_be_kept_is_asked_for_again(shelter: World, problem: Exception) -> None:
    is_never_said_to_be_safe(shelter, problem)


def test_a_commit_that_was_kept_and_raised_all_the_same_counts_once(shelter: World) -> None:
    gift = shelter.give(**HONEST)
    shelter.pay(gift)
    with breaking("hear: after commit", OperationalError("COMMIT", {}, Exception("disk I/O error"))):
        assert deliver(shelter) == {503}
    kept = rows(shelter, "SELECT COUNT(*) FROM inbox_notice")
    assert kept != [(0,)]
    shelter.advance(hours=1)
    assert deliver(shelter) == {200}
    shelter.settle()
    assert (shelter.total_minor(), shelter.total()["gifts"]) == (2000, 1)
    assert rows(shelter, "SELECT COUNT(*) FROM receipt") == [(1,)]


def test_when_the_database_cannot_even_be_read_stripe_is_to_try_again(shelter: World) -> None:
    told, here = event(shelter), shelter.parts.db
    nowhere = {"sqlite": "sqlite:////nowhere/at/all.db", "postgresql": "postgresql+psycopg://nobody@127.0.0.1:1/none"}
    object.__setattr__(shelter.parts, "db", Database(nowhere[here.dialect]))
    try:
        assert tell(shelter, told).status_code == 503
    finally:
        object.__setattr__(shelter.parts, "db", here)
    assert tell(shelter, told).status_code == 200
