"""Fixtures of every test. Whatever writes runs on both databases (reliability goal 24)."""

import gc
import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from fundraise.settings import Settings
from tests.databases import fresh_postgresql, fresh_sqlite, share_what_is_compiled
from tests.sandbox.spec_gate import gate
from tests.world import World, small_world

share_what_is_compiled()


@pytest.fixture(autouse=True)
def _nothing_off_spec() -> Iterator[None]:
    """Fail a test in which anything was off Stripe's spec, also where a server thread swallowed the error."""
    before = len(gate().violations)
    yield
    assert gate().violations[before:] == []


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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to the soak what pages and commands are like on PostgreSQL; money is tested on both each time."""
    for item in items:
        if item.get_closest_marker("pages") and "postgresql" in item.name:
            item.add_marker(pytest.mark.long)


def pytest_collection_finish() -> None:
    """Leave what was imported out of every later search for garbage, which would go through all of it each time."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a test that is skipped has failed: with FUNDRAISE_NOTHING_SKIPPED set, what is missing there is a fault."""
    report = yield
    is_skip = report.skipped and not hasattr(report, "wasxfail")
    if is_skip and os.environ.get("FUNDRAISE_NOTHING_SKIPPED"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} may not be skipped here: {report.longrepr}"
    return report
