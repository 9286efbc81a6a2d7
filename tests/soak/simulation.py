"""Thousands of seeded sequences over two processes, and the controls that show what they find."""

import gc
import logging
import multiprocessing
import os
import tempfile
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

from fundraise.settings import Settings
from tests.soak.bugs import BUGS
from tests.soak.errand_rounds import Round, killed_and_done_again, rounds_of
from tests.soak.errands import ERRANDS
from tests.soak.house import keep_engines
from tests.soak.points import all_points
from tests.soak.races import RACES, THREADS, race_often
from tests.soak.report import Report
from tests.soak.sequence import Outcome, run
from tests.soak.town import Town, fast_folder
from tests.soak.weather import Tell

SQLITE_SEQUENCES: Final = 10_000
POSTGRESQL_SEQUENCES: Final = 1_000
SEEDS_OF_A_CONTROL: Final = 300
PROCESSES: Final = 2
_CHUNK: Final = 20
_SHOWN: Final = 5


@dataclass
class Sums:
    """What many sequences came to."""

    sequences: int = 0
    deliveries: int = 0
    deaths: int = 0
    gifts: int = 0
    passed: Counter[str] = field(default_factory=Counter)
    died: Counter[str] = field(default_factory=Counter)
    violations: list[Outcome] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        self.sequences += 1
        self.deliveries += outcome.deliveries
        self.deaths += outcome.deaths
        self.gifts += outcome.gifts
        self.passed.update(outcome.passed)
        self.died.update(outcome.died)
        if outcome.violation:
            self.violations.append(outcome)


def simulate(report: Report, town: Town, database: str, first_seed: int, count: int) -> Sums:
    """Live so many sequences on one kind of database, and report what they came to."""
    report.say(f"{count} sequences on {database}, seeds {first_seed} to {first_seed + count - 1}")
    sums = Sums()
    chunks = _chunks(range(first_seed, first_seed + count))
    with workers(town) as pool:
        jobs = ((database, chunk) for chunk in chunks)
        for number, outcomes in enumerate(pool.imap_unordered(_live_chunk, jobs), start=1):
            for outcome in outcomes:
                sums.add(outcome)
                if outcome.violation and len(sums.violations) <= _SHOWN:
                    report.say(f"seed {outcome.seed} on {database}: {outcome.violation[:1000]}")
            if number % max(1, count // _CHUNK // 10) == 0:
                report.say(f"{sums.sequences} lived, {sums.deaths} deaths, {len(sums.violations)} violations")
    figures = f"{sums.deliveries} deliveries, {sums.deaths} deaths, {sums.gifts} gifts"
    broken = [f"seed {outcome.seed}: {outcome.violation[:300]}" for outcome in sums.violations]
    report.check(f"{sums.sequences} sequences on {database} ({figures})", broken)
    return sums


def control(report: Report, town: Town) -> None:
    """Show that each seeded bug is found; a bug nobody finds is a failure of the simulation."""
    with workers(town) as pool:
        for name, seed in pool.imap_unordered(_hunt, BUGS):
            found = seed < SEEDS_OF_A_CONTROL
            problems = [] if found else [f"not found in {SEEDS_OF_A_CONTROL} seeds"]
            report.check(f"control: {name}" + (f", found by seed {seed}" if found else ""), problems)


def run_errands(report: Report, town: Town, rounds: int) -> Counter[str]:
    """Kill every errand at each of its points so many times; return how often each point was passed."""
    jobs = [pair for name in ERRANDS for pair in rounds_of(name)]
    report.say(f"{len(ERRANDS)} errands, killed at {len(jobs)} points, {rounds} times each")
    passed: Counter[str] = Counter()
    problems: dict[str, str] = {}
    with workers(town) as pool:
        for made in pool.imap_unordered(_errand, jobs * rounds, chunksize=4):
            passed.update(made.passed)
            if made.problem:
                problems[made.what] = made.problem
    report.check(f"{len(jobs) * rounds} errands killed and done again", [f"{k}: {v}" for k, v in problems.items()])
    return passed


def run_races(report: Report, town: Town, rounds: int) -> None:
    """Run every race so many times on both databases."""
    with workers(town) as pool:
        jobs = [(database, name, rounds) for name in RACES for database in ("sqlite", "postgresql")]
        for database, name, problems in pool.imap_unordered(_race, jobs):
            report.check(f"{name}: {rounds} races of {THREADS} on {database}", problems)


def replay(report: Report, town: Town, database: str, seed: int, bug: str = "") -> None:
    """Tell one sequence step by step."""
    keep_engines()
    logging.disable(logging.NOTSET)
    with BUGS[bug]() if bug else nullcontext():
        outcome = run_one(town, database, seed, tell=report.say)
    report.check(f"seed {seed} on {database}", [outcome.violation] if outcome.violation else [])


def run_one(town: Town, database: str, seed: int, tell: Tell = lambda _line: None) -> Outcome:
    """Live one sequence on a fresh database."""
    return run(seed, town, fresh(town, database), all_points(), tell)


def fresh(town: Town, database: str) -> Settings:
    """Lay a fresh copy of the town's database where this process has its own."""
    if database == "postgresql":
        return town.postgresql(f"soak_{os.getpid()}")
    folder = Path(town.folder) / f"process{os.getpid()}"
    folder.mkdir(exist_ok=True)
    return town.sqlite(folder)


_town: Town


@contextmanager
def workers(town: Town) -> Iterator[Any]:
    """Give a pool of two processes that know the town; a seed tells the same story in each."""
    os.environ["PYTHONHASHSEED"] = "0"
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    context = multiprocessing.get_context("spawn")
    with context.Pool(PROCESSES, initializer=_begin, initargs=(town,)) as pool:
        yield pool


def _begin(town: Town) -> None:
    global _town  # noqa: PLW0603  One worker process has one town.
    _town = town
    tempfile.tempdir = fast_folder()
    logging.disable(logging.CRITICAL)
    threading.excepthook = lambda _died: None  # A thread that dies with its process says nothing either.
    keep_engines()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _live_chunk(job: tuple[str, list[int]]) -> list[Outcome]:
    database, seeds = job
    return [run_one(_town, database, seed) for seed in seeds]


def _race(job: tuple[str, str, int]) -> tuple[str, str, list[str]]:
    database, name, rounds = job
    return database, name, race_often(_town, database, RACES[name], rounds)


def _errand(job: tuple[str, str]) -> Round:
    return killed_and_done_again(_town, *job)


def _hunt(name: str) -> tuple[str, int]:
    """Return the first seed that finds a bug."""
    with BUGS[name]():
        for seed in range(SEEDS_OF_A_CONTROL):
            if run_one(_town, "sqlite", seed).violation:
                return name, seed
    return name, SEEDS_OF_A_CONTROL


def _chunks(seeds: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(seeds)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk
