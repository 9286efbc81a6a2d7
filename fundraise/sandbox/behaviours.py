"""A mark for code that adds behaviour to what Stripe's spec says.

`BEHAVIOURS.md` has one row for each mark, with its source or the word *unproven*; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

_Function = TypeVar("_Function", bound=Callable[..., object])

DECLARED: dict[str, list[str]] = {}
"""Behaviour id → the functions that carry it."""


def behaves(*ids: str) -> Callable[[_Function], _Function]:
    """Declare that the decorated function carries the behaviours `ids` of BEHAVIOURS.md."""

    def mark(function: _Function) -> _Function:
        for behaviour in ids:
            DECLARED.setdefault(behaviour, []).append(f"{function.__module__}.{function.__qualname__}")
        return function

    return mark
