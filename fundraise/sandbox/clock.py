"""The sandbox's time: frozen for tests, running with a movable offset for people."""

from __future__ import annotations

import time
from typing import Protocol

DAY_SECONDS = 86_400


class Clock(Protocol):
    """Whole seconds since 1970. Only `stand_at` moves it, and never back."""

    def now(self) -> int:
        """Return the sandbox's time."""
        ...

    def wall(self) -> int:
        """Return the time of the world outside."""
        ...

    def stand_at(self, moment: int) -> None:
        """Move to `moment`; a moment in the past changes nothing."""
        ...


class FrozenClock:
    """A clock that moves only when told to."""

    def __init__(self, start: int = 1_795_000_000) -> None:
        self._now = start

    def now(self) -> int:
        """Return the sandbox's time."""
        return self._now

    def wall(self) -> int:
        """Return the same time: a frozen world has no outside."""
        return self._now

    def stand_at(self, moment: int) -> None:
        """Move forward to `moment`."""
        self._now = max(self._now, moment)


class RunningClock:
    """Real time plus an offset that only grows."""

    def __init__(self, offset_seconds: int = 0) -> None:
        self.offset_seconds = offset_seconds
        self._latest = 0

    def now(self) -> int:
        """Return the sandbox's time; it does not go back when the machine's clock does."""
        self._latest = max(self._latest, self.wall() + self.offset_seconds)
        return self._latest

    def wall(self) -> int:
        """Return the machine's time."""
        return int(time.time())

    def stand_at(self, moment: int) -> None:
        """Grow the offset so that now is at least `moment`."""
        self.offset_seconds += max(0, moment - self.now())


def midnight(moment: int) -> int:
    """Return the start of the UTC day that `moment` lies in."""
    return moment - moment % DAY_SECONDS


def next_business_day(moment: int) -> int:
    """Return midnight UTC of the first Monday-to-Friday after `moment`'s day (bank holidays are not known here)."""
    day = midnight(moment) + DAY_SECONDS
    while not is_business_day(day):
        day += DAY_SECONDS
    return day


def add_business_days(moment: int, count: int) -> int:
    """Return midnight UTC `count` business days after `moment`'s day."""
    day = midnight(moment)
    for _ in range(count):
        day = next_business_day(day)
    return day


def is_business_day(moment: int) -> bool:
    """Say whether `moment` lies on Monday to Friday."""
    return (moment // DAY_SECONDS + 3) % 7 < 5  # 1 January 1970 was a Thursday; Monday is 0.
