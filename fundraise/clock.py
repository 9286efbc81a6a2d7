"""What time it is. Everything asks a `Clock`, so that tests and the demo can move it."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Something that tells the time."""

    def now(self) -> datetime:
        """Return the present moment, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present moment, in UTC."""
        return datetime.now(UTC)


class FrozenClock:
    """A clock that stands until it is moved; for tests."""

    def __init__(self, at: datetime) -> None:
        self._now = at.astimezone(UTC)

    def now(self) -> datetime:
        """Return the moment the clock stands at, in UTC."""
        return self._now

    def move(self, **by: float) -> None:
        """Move by `timedelta` keywords, backwards if negative."""
        self._now += timedelta(**by)

    def set(self, at: datetime) -> None:
        """Stand at another moment."""
        self._now = at.astimezone(UTC)


class FollowingClock:
    """Follows a clock elsewhere: the demo's local Stripe, whose time a visitor can move forward.

    `ask` returns that clock's Unix time in seconds. It is asked at most once in `every_seconds`; between answers the
    offset to the machine's clock is used, and when nobody answers the last known offset stays.
    """

    def __init__(self, ask: Callable[[], float], *, every_seconds: float = 1.0) -> None:
        self._ask = ask
        self._every_seconds = every_seconds
        self._offset_seconds = 0.0
        self._asked_at = -1e9
        self._lock = threading.Lock()

    def ask_again(self) -> None:
        """Ask before the next answer, because the followed clock seems to have been moved."""
        self._asked_at = -1e9

    def now(self) -> datetime:
        """Return the followed clock's moment, in UTC."""
        if time.monotonic() - self._asked_at > self._every_seconds and self._lock.acquire(blocking=False):
            try:
                self._asked_at = time.monotonic()
                self._offset_seconds = self._ask() - time.time()
            except (OSError, ValueError):
                pass  # The local Stripe may be starting or gone; its last known offset is the best answer there is.
            finally:
                self._lock.release()
        return datetime.now(UTC) + timedelta(seconds=self._offset_seconds)
