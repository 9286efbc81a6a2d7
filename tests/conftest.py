"""Fixtures of every test. Whatever writes runs on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fundraise.settings import Settings
from tests.databases import fresh_postgresql, fresh_sqlite
from tests.world import World, small_world


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    with fresh_sqlite(tmp_path) if request.param == "sqlite" else fresh_postgresql() as made:
        yield made


@pytest.fixture
def world(settings: Settings) -> Iterator[World]:
    with small_world(settings) as made:
        yield made


@pytest.fixture
def shelter(world: World) -> World:
    """A world with one charity, its Stripe account and a live campaign `winter`."""
    body = world.body()
    world.account(body)
    world.campaign(body)
    return world
