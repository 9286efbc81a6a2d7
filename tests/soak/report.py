"""What a soak prints and counts."""

import faulthandler
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# The longest part takes some twenty minutes at full scale. One that hangs ends the soak, and tells where each thread
# stood.
LIMIT_OF_A_PART_SECONDS: Final = 2400


class Report:
    """Lines for people as it goes, and how many things held or did not."""

    def __init__(self) -> None:
        self.passed = 0
        self.failures: list[str] = []
        self._began = time.monotonic()

    def say(self, line: str) -> None:
        print(f"{time.monotonic() - self._began:7.0f} s  {line}", flush=True)  # noqa: T201

    def held(self, what: str) -> None:
        """Count something that held."""
        self.passed += 1
        self.say(f"held: {what}")

    def broke(self, what: str) -> None:
        """Count something that did not hold."""
        self.failures.append(what)
        self.say(f"BROKEN: {what}")

    def check(self, what: str, problems: list[str]) -> None:
        """Count one thing, which held when there are no problems."""
        if problems:
            self.broke(f"{what}: {'; '.join(problems[:8])}" + (f"; and {len(problems) - 8} more" * (len(problems) > 8)))
        else:
            self.held(what)

    @contextmanager
    def part(self, name: str, scale: float) -> Iterator[None]:
        """Say when a part begins and how long it took; whatever it raises is a failure and not the end."""
        began = time.monotonic()
        faulthandler.dump_traceback_later(LIMIT_OF_A_PART_SECONDS * max(1, scale), exit=True)
        self.say(f"--- {name}")
        try:
            yield
        except Exception as problem:
            traceback.print_exc()
            self.broke(f"{name} could not be finished: {type(problem).__name__}: {problem}")
        finally:
            faulthandler.cancel_dump_traceback_later()
            self.say(f"--- {name} took {time.monotonic() - began:.0f} s")

    def last_line(self) -> str:
        return f"{self.passed} passed, {len(self.failures)} failed"
