"""Killing each errand at each of its fault points, and doing it again."""

import asyncio
import os
from collections import Counter
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from random import Random
from typing import Any, Final

from sqlalchemy import inspect, text

from fundraise import faults
from fundraise.errors import Refusal
from fundraise.flows.check_books import check_books
from fundraise.flows.check_matches import bank_differs_from_matches
from fundraise.ledger.balances import balances
from fundraise.parts import Parts
from tests.soak import staff_errands
from tests.soak.errands import ERRANDS, Desk, Errand, Todo, clear
from tests.soak.house import House
from tests.soak.points import SIDES, places
from tests.soak.town import Town
from tests.soak.weather import Killed, Weather

assert staff_errands  # Its errands are in the table once it was imported.
# What is written down about runs and leases differs with who ran; nobody's money hangs on it.
_NOT_COMPARED: Final = frozenset({"job_run", "ledger_checkpoint", "ledger_checkpoint_balance", "alembic_version"})


@dataclass
class Round:
    """What one errand, killed at one point, came to."""

    what: str
    problem: str = ""
    passed: Counter[str] = field(default_factory=Counter)


def rounds_of(name: str) -> list[tuple[str, str]]:
    """Return the points of an errand at which it is to be killed."""
    kinds = {place.name: place.kind for place in places()}
    return [(name, f"{point}: {side}") for point in ERRANDS[name].points for side in SIDES[kinds.get(point, "write")]]


def killed_and_done_again(town: Town, name: str, point: str) -> Round:
    """Do the errand undisturbed on one copy; on another let it die at `point` and do it again; compare."""
    errand = ERRANDS[name]
    made = Round(f"{name}, killed at {point}")
    undisturbed, _ = _done(town, errand, "", made.passed)
    disturbed, died = _done(town, errand, point, made.passed)
    if not died:
        made.problem = "it does not pass this point"
    elif disturbed["findings"] != undisturbed["findings"]:
        made.problem = f"the books: {disturbed['findings']}"
    elif not errand.leaves_more and disturbed != undisturbed:
        changed = {key: (undisturbed.get(key), disturbed.get(key)) for key in {*undisturbed, *disturbed}}
        made.problem = f"once and twice differ: { {key: two for key, two in changed.items() if two[0] != two[1]} }"
    return made


def _done(town: Town, errand: Errand, point: str, passed: Counter[str]) -> tuple[dict[str, Any], bool]:
    folder = Path(town.folder) / f"errand{os.getpid()}"
    folder.mkdir(exist_ok=True)
    settings = town.sqlite(folder)
    loop = asyncio.new_event_loop()
    weather = Weather(Random(0), set(), lambda _line: None, death_rate=0, unknown_rate=0, between_rate=0)
    house = House(settings, town.new_sandbox(1), weather, loop)
    desk = Desk(house.parts, house.sandbox, town)
    try:
        todo = errand.prepare(desk)
        died = bool(point) and _dies(house, weather, todo, point)
        if died or not point:
            with faults.listening(weather), weather.calm():
                _do(todo, house.parts)
        passed.update(weather.passed)
        return _what_is_there(house.parts), died
    finally:
        clear(desk)
        house.close()
        loop.close()


def _dies(house: House, weather: Weather, todo: Todo, point: str) -> bool:
    def at(passing: str) -> None:
        if fnmatchcase(passing, point):
            weather.targets.add(passing)
        weather(passing)

    with faults.listening(at):
        try:
            _do(todo, house.parts)
        except Killed:
            house.reopen()
            return True
    if weather.is_dead:  # It died in a thread of its own, which the rest outlived.
        house.reopen()
        return True
    return False


def _do(todo: Todo, parts: Parts) -> None:
    try:
        todo(parts)
    except Refusal:
        return  # It was done already, and says so.


def _what_is_there(parts: Parts) -> dict[str, Any]:
    with parts.db.read() as session:
        found: dict[str, Any] = {
            table: session.execute(text(f"SELECT COUNT(*) FROM {table}")).scalar_one()
            for table in inspect(session.connection()).get_table_names()
            if table not in _NOT_COMPARED
        }
        found["balances"] = sorted((balance.key, balance.minor) for balance in balances(session, ["account"]))
        findings = [*check_books(session), *bank_differs_from_matches(session)]
        found["findings"] = sorted(f"{finding.check}" for finding in findings)
    return found
