"""Goal 12: hundreds of random lives of partners and their reports, and the bugs that they must find."""

from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from typing import Final

from tests.partners.bugs import BUGS
from tests.partners.lives import Life, Violation
from tests.soak.house import keep_engines
from tests.soak.report import Report
from tests.soak.simulation import fresh, workers
from tests.soak.town import Town

LIVES_ON_SQLITE: Final = 500
LIVES_ON_POSTGRESQL: Final = 100
SEEDS_OF_A_CONTROL: Final = 100
_CHUNK: Final = 5
# What so many lives must have come about in, or they show too little.
QUESTIONS: Final = (
    "basis", "below_zero", "currency", "future", "gift_aid", "goes_back", "jump", "large_first", "later_transfer",
    "like_transfer", "lower", "no_transfer_known", "old", "reference_unknown", "same_day", "transfer_value", "twice",
)  # fmt: skip


def live_with_partners(report: Report, town: Town, database: str, first_seed: int, count: int) -> None:
    """Live so many lives on one kind of database, and report what they came to."""
    report.say(f"{count} lives of partners on {database}, seeds {first_seed} to {first_seed + count - 1}")
    did: Counter[str] = Counter()
    broken: list[str] = []
    with workers(town) as pool:
        jobs = ((town, database, seed) for seed in range(first_seed, first_seed + count))
        for part, violation in pool.imap_unordered(_live, jobs, chunksize=_CHUNK):
            did.update(part)
            if violation:
                report.say(violation[:4000])
                broken.append(violation.partition("\n")[0][:300])
    if count >= LIVES_ON_SQLITE:
        broken += [f"no report was asked about {code}" for code in QUESTIONS if not did[f"asked: {code}"]]
    figures = f"{did['accepted']} figures accepted, {did['acceptance refused']} not yet or never"
    report.check(f"{count} lives of partners on {database} ({figures})", broken)


def control(report: Report, town: Town) -> None:
    """Show that each seeded bug is found."""
    with workers(town) as pool:
        for name, seed in pool.imap_unordered(_hunt, [(town, name) for name in BUGS]):
            found = seed < SEEDS_OF_A_CONTROL
            problems = [] if found else [f"not found in {SEEDS_OF_A_CONTROL} lives"]
            report.check(f"control: {name}" + (f", found by life {seed}" if found else ""), problems)


def replay(report: Report, town: Town, database: str, seed: int, bug: str = "") -> None:
    """Tell one life step by step."""
    keep_engines()
    with BUGS[bug]() if bug else nullcontext():
        _, violation = _live((town, database, seed), tell=report.say)
    report.check(f"life {seed} on {database}", [violation.partition("\n")[0]] if violation else [])


def _live(job: tuple[Town, str, int], tell: Callable[[str], None] = lambda _line: None) -> tuple[Counter[str], str]:
    town, database, seed = job
    life = Life(seed, fresh(town, database), tell)
    try:
        life.live()
    except Violation as violation:
        return life.did, str(violation)
    return life.did, ""


def _hunt(job: tuple[Town, str]) -> tuple[str, int]:
    """Return the first life that finds a bug."""
    town, name = job
    with BUGS[name]():
        for seed in range(SEEDS_OF_A_CONTROL):
            if _live((town, "sqlite", seed))[1]:
                return name, seed
    return name, SEEDS_OF_A_CONTROL
