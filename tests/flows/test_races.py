"""What reads before it writes, raced by eight threads a few times; `make soak` races it hundreds of times."""

import shutil
from collections.abc import Iterator

import pytest

from fundraise import db as db_module
from fundraise.flows import begin_gift as begin_module
from tests.soak.races import RACES, race_often
from tests.soak.town import Town, found_town

ROUNDS = 4


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    made = found_town(with_postgresql=True)
    yield made
    shutil.rmtree(made.folder)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize("name", RACES)
def test_nobody_wins_what_only_one_may(town: Town, name: str, database: str) -> None:
    assert race_often(town, database, RACES[name], ROUNDS) == []


def test_control_without_waiting_for_each_other_more_gifts_begin_than_may(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert begin_module.one_after_the_other is db_module.one_after_the_other
    monkeypatch.setattr(begin_module, "one_after_the_other", lambda *_: None)
    assert race_often(town, "postgresql", RACES["no more gifts than one network may begin"], ROUNDS) != []
