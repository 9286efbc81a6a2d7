"""What goes wrong at the product's fault points: deaths, commits of unknown outcome, and others who act in between."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

from sqlalchemy.exc import OperationalError

Tell = Callable[[str], None]


class Killed(BaseException):
    """The process died here."""


@dataclass
class Weather:
    """Listens at every fault point of one sequence and decides by its own dice what happens there.

    `targets` are points at which this sequence dies the first time it passes them; everywhere else it dies by chance.
    """

    dice: Random
    targets: set[str]
    tell: Tell
    death_rate: float = 0.04
    unknown_rate: float = 0.006
    between_rate: float = 0.04
    between: Callable[[], None] = lambda: None
    passed: Counter[str] = field(default_factory=Counter)
    died: Counter[str] = field(default_factory=Counter)
    failed: int = 0  # How often the database failed.
    is_dead: bool = False
    on_death: Callable[[], None] = lambda: None
    _is_calm: bool = False
    _in_between: bool = False

    def __call__(self, point: str) -> None:
        """Pass the point, or raise there."""
        if self.is_dead:
            raise Killed(point)
        self.passed[point] += 1
        if self._is_calm or self._in_between:
            return
        if point in self.targets:
            self.targets.discard(point)
            self._die(point)
        fate = self.dice.random()
        if fate < self.death_rate:
            self._die(point)
        elif fate < self.death_rate + self.unknown_rate and "commit" in point:
            self.tell(f"      the database fails at {point}")
            self.failed += 1
            raise OperationalError(point, None, OSError("disk I/O error"))
        elif fate > 1 - self.between_rate and point.endswith((": after", "after commit")):
            self._let_others(point)

    def reborn(self) -> None:
        """Begin a new process."""
        self.is_dead = False

    @contextmanager
    def calm(self) -> Iterator[None]:
        """Let nothing go wrong in this block."""
        before, self._is_calm = self._is_calm, True
        try:
            yield
        finally:
            self._is_calm = before

    def _die(self, point: str) -> None:
        self.tell(f"      killed at {point}")
        self.died[point] += 1
        self.is_dead = True
        self.on_death()
        raise Killed(point)

    def _let_others(self, point: str) -> None:
        self._in_between = True
        try:
            self.tell(f"      others act in between, at {point}")
            self.between()
        finally:
            self._in_between = False
