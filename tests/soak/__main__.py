"""`python -m tests.soak`: everything, or with ONLY=… one part. SCALE=0.01 is quick, SEED=… replays one sequence.

ONLY names one of the parts below; DATABASE=postgresql and BUG="no dedupe key" go with SEED. With ONLY=partners a seed
is that of a life of partners, and a bug one of theirs.
"""

import logging
import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from typing import Final

from tests.soak.disks import PLACES, break_disks
from tests.soak.kills import KILLS_ON_POSTGRESQL, KILLS_ON_SQLITE, kill_under_load
from tests.soak.long_tests import run_long_tests
from tests.soak.machine import EXAMPLES, run_machine
from tests.soak.partner_lives import LIVES_ON_POSTGRESQL, LIVES_ON_SQLITE, live_with_partners
from tests.soak.partner_lives import control as control_of_lives
from tests.soak.partner_lives import replay as replay_life
from tests.soak.points import hits
from tests.soak.races import COPIES, SENDERS, a_thousand_copies
from tests.soak.races import ROUNDS as RACE_ROUNDS
from tests.soak.report import Report
from tests.soak.simulation import (
    POSTGRESQL_SEQUENCES,
    SQLITE_SEQUENCES,
    control,
    replay,
    run_errands,
    run_races,
    simulate,
)
from tests.soak.slots import SECONDS, slots_through_the_calendar, slots_under_kills
from tests.soak.startup import ROUNDS as START_ROUNDS
from tests.soak.startup import start_at_once
from tests.soak.town import Town, found_town

DATABASES: Final = ("sqlite", "postgresql")
LEAST_HITS: Final = 100
ERRAND_ROUNDS: Final = 36  # Each passes a point three times or more: undisturbed, killed, and done again.


class Soak:
    """One soak: its report, its scale, and what its parts share."""

    def __init__(self, report: Report, town: Town, scale: float, first_seed: int) -> None:
        self.report = report
        self.town = town
        self.scale = scale
        self.first_seed = first_seed
        self.passed: Counter[str] = Counter()

    def count(self, full: int, least: int = 1) -> int:
        """Return how many of so many to do at this scale."""
        return max(least, round(full * self.scale))

    def simulation(self) -> None:
        """Goal 1: random sequences. Goal 2: every fault point is passed often, by them or by errands."""
        for database, full in (("sqlite", SQLITE_SEQUENCES), ("postgresql", POSTGRESQL_SEQUENCES)):
            sums = simulate(self.report, self.town, database, self.first_seed, self.count(full))
            self.passed.update(sums.passed)
        control(self.report, self.town)
        run_machine(self.report, self.town, self.count(EXAMPLES))
        self.passed.update(run_errands(self.report, self.town, self.count(ERRAND_ROUNDS)))
        self._count_fault_points()

    def partners(self) -> None:
        """Goal 12: random lives of partners, whose reports come late, corrected, again, overlapping, contradictory."""
        for database, full in (("sqlite", LIVES_ON_SQLITE), ("postgresql", LIVES_ON_POSTGRESQL)):
            live_with_partners(self.report, self.town, database, self.first_seed, self.count(full))
        control_of_lives(self.report, self.town)

    def kills(self) -> None:
        """Goals 3 and 6: processes killed under load, on SQLite and on PostgreSQL as two hosts."""
        for database, full in (("sqlite", KILLS_ON_SQLITE), ("postgresql", KILLS_ON_POSTGRESQL)):
            kill_under_load(self.report, self.town, database, self.count(full, 2), self.first_seed)

    def disks(self) -> None:
        """Goals 4 and 6: deaths and faults at the first writes and syncs."""
        break_disks(self.report, self.town, self.count(PLACES, 2))

    def slots(self) -> None:
        """Goal 19: each slot of the timetable once."""
        slots_through_the_calendar(self.report, self.town)
        for database in DATABASES:
            slots_under_kills(self.report, self.town, database, SECONDS, self.first_seed)

    def races(self) -> None:
        """Goals 7 and 16: the same thing done by many at one moment."""
        run_races(self.report, self.town, self.count(RACE_ROUNDS, 3))
        for database in DATABASES:
            a_thousand_copies(self.report, self.town, database, self.count(COPIES, SENDERS))

    def start_up(self) -> None:
        """Goal 20: many processes that start at one moment."""
        start_at_once(self.report, self.count(START_ROUNDS))

    def long_tests(self) -> None:
        """Goals 8, 11 and 12 at their full count: what `make test` tells a few times of."""
        run_long_tests(self.report)

    def _count_fault_points(self) -> None:
        """Goal 2: every fault point of the source was passed often enough, by sequences or by errands."""
        found = hits(self.passed)
        rare = [f"{point}: {count}" for point, count in sorted(found.items()) if count < LEAST_HITS]
        if self.scale < 1:
            self.report.say(f"not judged at this scale; passed fewer than {LEAST_HITS} times: {', '.join(rare)}")
        else:
            self.report.check(f"each of {len(found)} fault points was passed {LEAST_HITS} times or more", rare)


PARTS: Final[dict[str, Callable[[Soak], None]]] = {
    "simulation": Soak.simulation,
    "partners": Soak.partners,
    "kills": Soak.kills,
    "disks": Soak.disks,
    "slots": Soak.slots,
    "races": Soak.races,
    "start-up": Soak.start_up,
    "long tests": Soak.long_tests,
}


def main() -> int:
    """Run what the environment asks for."""
    report = Report()
    report.say("making the town that every part begins in")
    town = found_town(with_postgresql=True)
    try:
        _run(report, town)
    finally:
        shutil.rmtree(town.folder, ignore_errors=True)
    for failure in report.failures:
        report.say(f"failed: {failure}")
    print(report.last_line(), flush=True)  # noqa: T201
    return 1 if report.failures else 0


def _run(report: Report, town: Town) -> None:
    seed, scale = os.environ.get("SEED", ""), float(os.environ.get("SCALE") or "1")
    only = os.environ.get("ONLY", "")
    if seed:
        tell_again = replay_life if only and "partners".startswith(only) else replay
        tell_again(report, town, os.environ.get("DATABASE") or "sqlite", int(seed), os.environ.get("BUG", ""))
        return
    logging.disable(logging.CRITICAL)  # What breaks on purpose is counted, not logged.
    soak = Soak(report, town, scale, int(os.environ.get("FIRST_SEED") or "0"))
    report.say(f"scale {scale:g}, seeds from {soak.first_seed}; a sequence is told again by: make soak SEED=…")
    for name, part in PARTS.items():
        if name.startswith(only):
            with report.part(name, scale):
                part(soak)


if __name__ == "__main__":
    sys.exit(main())
