"""What will happen later: a heap of moments and named actions, so that it can be saved as JSON."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from fundraise.sandbox.world import World

Action = Callable[["World", dict[str, Any]], None]
_Action = TypeVar("_Action", bound=Action)

ACTIONS: dict[str, Action] = {}


def action(name: str) -> Callable[[_Action], _Action]:
    """Register the decorated function under `name` for the timeline."""

    def register(function: _Action) -> _Action:
        ACTIONS[name] = function
        return function

    return register


class Timeline:
    """Due moments in order; those of one moment run in the order they were planned."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, str, dict[str, Any]]] = []
        self._planned = 0

    def plan(self, due: int, name: str, **details: Any) -> None:
        """Plan the action `name` for the moment `due` with JSON-able details."""
        self._planned += 1
        heapq.heappush(self._heap, (due, self._planned, name, details))

    def next_due(self) -> int | None:
        """Return the earliest moment, or None."""
        return self._heap[0][0] if self._heap else None

    def run_until(self, world: World, moment: int) -> int:
        """Run everything due up to `moment`, the clock standing at each due moment; return how many ran."""
        ran = 0
        while self._heap and self._heap[0][0] <= moment:
            due, _, name, details = heapq.heappop(self._heap)
            world.clock.stand_at(due)
            ACTIONS[name](world, details)
            ran += 1
        return ran

    def to_json(self) -> dict[str, Any]:
        """Return the state as JSON-able data."""
        return {"heap": [list(row) for row in self._heap], "planned": self._planned}

    def load(self, data: dict[str, Any]) -> None:
        """Take the state that `to_json` gave."""
        self._heap = [(due, number, name, details) for due, number, name, details in data["heap"]]
        heapq.heapify(self._heap)
        self._planned = data["planned"]
