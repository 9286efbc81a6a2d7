"""Reliability goal 12: whatever partners report, in whatever order, nothing counts twice and the past stays as it was.

Each life is drawn from its number and told to the product and to the plain rules alike (`plain_rules.py`). The soak
lives 500 of them on SQLite and 100 on PostgreSQL, and tells one again: `make soak ONLY=partners SEED=7`.
"""

import ast
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.databases import one_address
from tests.partners import plain_rules
from tests.partners.bugs import BUGS
from tests.partners.fellowship import SCRIPT
from tests.partners.lives import Violation, live

# What must have come about at least so often in twenty lives, or they show too little.
AT_LEAST = {
    "accepted": 20,
    "acceptance refused": 10,
    "a lower figure accepted": 1,
    "sent again under its key": 1,
    **{f"asked: {code}": 1 for code in ("twice", "lower", "currency", "same_day")},
}
PARTS = [
    ("sqlite", 0, 20),
    ("postgresql", 10, 10),
    *(pytest.param("sqlite", part, 20, marks=pytest.mark.long) for part in range(1, 4)),
]


@pytest.mark.parametrize(("database", "part", "count"), PARTS)
def test_random_lives(database: str, part: int, count: int, tmp_path: Path) -> None:
    with one_address(database, tmp_path) as fresh:
        did = live(range(part * 20, part * 20 + count), fresh)
    if count == 20:
        assert {what: did[what] for what, least in AT_LEAST.items() if did[what] < least} == {}


@pytest.mark.parametrize("name", BUGS)
def test_control_with_a_bug_put_in_some_life_goes_wrong(name: str, tmp_path: Path) -> None:
    with one_address("sqlite", tmp_path) as fresh, BUGS[name](), pytest.raises(Violation):
        live(range(40), fresh)


def test_a_seed_tells_the_same_life_again(tmp_path: Path) -> None:
    with one_address("sqlite", tmp_path) as fresh:
        first, second = (live([7], fresh) for _ in range(2))
    assert first == second != Counter()


def test_the_rules_and_the_script_know_nothing_of_the_product() -> None:
    for path in (Path(plain_rules.__file__), SCRIPT):
        imported = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Import)]
        named = [node.module for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
        modules = {alias.name for node in imported for alias in node.names} | {str(name) for name in named}
        assert {name.partition(".")[0] for name in modules} <= set(sys.stdlib_module_names)


def test_the_script_is_short_enough_to_be_read() -> None:
    assert len(SCRIPT.read_text().splitlines()) <= 60
