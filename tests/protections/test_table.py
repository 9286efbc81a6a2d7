"""Each protection of the table is taken away, and the test that is there for it fails."""

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.databases import fresh_postgresql, fresh_sqlite
from tests.doors.conftest import build
from tests.protections.table import BESIDE, TABLE, Protection
from tests.world import World, small_world

TESTS = Path(__file__).parent.parent
ROWS = [pytest.param(row, database, id=f"{row.what} ({database})") for row in TABLE for database in row.databases]


@contextmanager
def town(row: Protection, database: str, folder: Path) -> Iterator[World]:
    opened = fresh_sqlite(folder) if database == "sqlite" else fresh_postgresql()
    with opened as settings, small_world(settings) as world:
        if row.town == "street":
            build(world)
        elif row.town == "shelter":
            body = world.body()
            world.account(body)
            world.campaign(body)
        world.books_are_broken = True  # They may be, once it is taken away.
        yield world


@pytest.mark.parametrize(("row", "database"), ROWS)
def test_without_it_its_test_fails(row: Protection, database: str, tmp_path: Path) -> None:
    failing = pytest.raises((AssertionError, pytest.fail.Exception))
    with town(row, database, tmp_path) as world, row.switch(world), failing:
        row.fails(world)


Story = Callable[[World], Any]
STORIES = {row.fails: row for row in TABLE if row.fails.__module__.endswith("protections.stories")}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_with_it_the_story_holds(story: Story, database: str, tmp_path: Path) -> None:
    with town(STORIES[story], database, tmp_path) as world:
        story(world)


def test_the_controls_that_stand_elsewhere_are_there() -> None:
    found = {
        f"{path.relative_to(TESTS).as_posix()}::{node.name}"
        for path in TESTS.rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_control_w")
    }
    assert set(BESIDE.values()) - found == set()
