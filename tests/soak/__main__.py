"""`python -m tests.soak`: everything, or with ONLY=… one part. SCALE=0.01 is quick, SEED=… replays one sequence.

ONLY names one of the parts below; DATABASE=postgresql and BUG="no dedupe key" go with SEED.
"""

import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from typing import Final

from tests.soak.points import hits
from tests.soak.report import Report
from tests.soak.simulation import POSTGRESQL_SEQUENCES, SQLITE_SEQUENCES, control, replay, run_errands, simulate
from tests.soak.town import found_town

LEAST_HITS: Final = 100
ERRAND_ROUNDS: Final = 34  # Each passes a point three times or more: undisturbed, killed, and done again.


class Soak:
    """One soak: its report, its scale, and what its parts share."""

    def __init__(self, report: Report, scale: float, first_seed: int) -> None:
        self.report = report
        self.scale = scale
        self.first_seed = first_seed
        self.passed: Counter[str] = Counter()

    def count(self, full: int, least: int = 1) -> int:
        """Return how many of so many to do at this scale."""
        return max(least, round(full * self.scale))

    def simulation(self) -> None:
        """Goal 1: random sequences; goal 2: every fault point is passed often."""
        town = found_town(with_postgresql=True)
        try:
            for database, full in (("sqlite", SQLITE_SEQUENCES), ("postgresql", POSTGRESQL_SEQUENCES)):
                sums = simulate(self.report, town, database, self.first_seed, self.count(full))
                self.passed.update(sums.passed)
            control(self.report, town)
            self.passed.update(run_errands(self.report, town, self.count(ERRAND_ROUNDS)))
        finally:
            shutil.rmtree(town.folder, ignore_errors=True)

    def fault_points(self) -> None:
        """Goal 2: every fault point of the source was passed often enough, by sequences or by errands."""
        found = hits(self.passed)
        rare = [f"{point}: {count}" for point, count in sorted(found.items()) if count < LEAST_HITS]
        if self.scale < 1:
            self.report.say(f"not judged at this scale; passed fewer than {LEAST_HITS} times: {', '.join(rare)}")
        else:
            self.report.check(f"each of {len(found)} fault points was passed {LEAST_HITS} times or more", rare)


PARTS: Final[dict[str, Callable[[Soak], None]]] = {
    "simulation": Soak.simulation,
    "fault points": Soak.fault_points,
}


def main() -> int:
    """Run what the environment asks for."""
    report = Report()
    seed = os.environ.get("SEED", "")
    if seed:
        town = found_town(with_postgresql=os.environ.get("DATABASE", "sqlite") == "postgresql")
        replay(report, town, os.environ.get("DATABASE", "sqlite"), int(seed), os.environ.get("BUG", ""))
    else:
        scale, first_seed = float(os.environ.get("SCALE", "1")), int(os.environ.get("FIRST_SEED", "0"))
        report.say(f"scale {scale:g}; a sequence is told again by: make soak SEED=…")
        soak = Soak(report, scale, first_seed)
        only = os.environ.get("ONLY", "")
        for name, part in PARTS.items():
            if name.startswith(only):
                with report.part(name):
                    part(soak)
    for failure in report.failures:
        report.say(f"failed: {failure}")
    print(report.last_line(), flush=True)  # noqa: T201
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
