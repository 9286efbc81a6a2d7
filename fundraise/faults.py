"""Named fault points: the places where a crash or a lost connection can hurt.

Every commit, every call to another service and every mail sent passes a named point just before and just after it. In
production `point` does nothing. The simulation listens and raises there, to show that nothing is lost or doubled
when the process dies at that very place.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

_listener: Callable[[str], None] | None = None


def point(name: str) -> None:
    """Pass the fault point `name`; a listener may raise here."""
    if _listener is not None:
        _listener(name)


@contextmanager
def around(name: str) -> Iterator[None]:
    """Pass a point before and a point after the work inside, for instance a call to another service."""
    point(f"{name}: before")
    yield
    point(f"{name}: after")


@contextmanager
def listening(listener: Callable[[str], None]) -> Iterator[None]:
    """Let `listener` hear every point passed in this process, until the block ends."""
    global _listener  # noqa: PLW0603  One process has one listener; it is set by tests alone.
    before, _listener = _listener, listener
    try:
        yield
    finally:
        _listener = before
