"""The acts of the simulation as a Hypothesis state machine, which shrinks what it finds to the fewest steps."""

import os
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture import engine
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from fundraise import faults
from tests.soak.acts import ACTS
from tests.soak.bugs import BUGS
from tests.soak.report import Report
from tests.soak.sequence import Life, Violation
from tests.soak.town import Town

EXAMPLES: Final = 100
STEPS: Final = 20
_SHRINKING_SECONDS: Final = 30
_CONTROL: Final = "no dedupe key"
_CONTROL_EXAMPLES: Final = 60


def machine_of(town: Town, steps: list[str]) -> type[RuleBasedStateMachine]:
    """Return a machine over a town; `steps` holds the steps of the last example, so that the fewest can be told."""
    acts: dict[str, Callable[[Life], None]] = {act.__name__: act for _, act in ACTS}
    likely = [act.__name__ for weight, act in ACTS for _ in range(weight)]

    class Machine(RuleBasedStateMachine):
        life: Life | None = None

        @initialize(seed=st.integers(0, 1_000_000))
        def begin(self, seed: int) -> None:
            steps.clear()
            folder = Path(town.folder) / f"machine{os.getpid()}"
            folder.mkdir(exist_ok=True)
            self.life = Life(seed, town, town.sqlite(folder), [], lambda _line: None)

        @rule(name=st.sampled_from(likely))
        def act(self, name: str) -> None:
            if self.life is not None:
                steps.append(name)
                self.life.step(acts[name])

        def teardown(self) -> None:
            if self.life is None:
                return
            try:
                self.life.end()
                with faults.listening(self.life.weather), self.life.weather.calm():
                    self.life.verify()
            finally:
                self.life.close()

    return Machine


def run_machine(report: Report, town: Town, examples: int) -> None:
    """Let Hypothesis look for a violation, and show on one seeded bug that it finds and shrinks."""
    steps: list[str] = []
    found = _look(town, steps, examples)
    report.check(f"state machine: {examples} examples of {STEPS} steps", [f"{found}, after: {steps}"] if found else [])
    found = _look(town, steps, _CONTROL_EXAMPLES, BUGS[_CONTROL])
    what = f"state machine, control: {_CONTROL}" + (f", found and shrunk to {len(steps)} steps" if found else "")
    report.check(what, [] if found else ["not found"])


def _look(town: Town, steps: list[str], examples: int, bug: Callable[[], Any] = nullcontext) -> str:
    profile = settings(
        max_examples=examples, stateful_step_count=STEPS, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink), print_blob=False,
        report_multiple_bugs=False,
    )  # fmt: skip
    try:
        with bug(), patch.object(engine, "MAX_SHRINKING_SECONDS", _SHRINKING_SECONDS):
            run_state_machine_as_test(machine_of(town, steps), settings=profile)
    except Violation as violation:
        return str(violation)
    return ""
