"""One kind of object of one account: rows in the order they were made, found by id and by indexed fields.

Lists of Stripe's are newest first, so a list walks the rows backwards; 100,000 rows page as quickly as ten.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from fundraise.sandbox.messages import Obj, missing_object


@dataclass(frozen=True, slots=True)
class Query:
    """What a list asks for: the page, a range of `created`, equal fields, and a free test for the rest."""

    limit: int = 10
    starting_after: str | None = None
    ending_before: str | None = None
    created: dict[str, int] = field(default_factory=dict)
    equals: dict[str, Any] = field(default_factory=dict)
    test: Callable[[Obj], bool] | None = None


class Table:
    """Rows of one kind; `name` is Stripe's word for it, `indexed` the fields that lists filter by."""

    def __init__(self, name: str, indexed: Sequence[str] = ()) -> None:
        self.name = name
        self.rows: list[Obj] = []
        self._position: dict[str, int] = {}
        self._created: list[int] = []
        self._index: dict[str, dict[Any, list[int]]] = {name: {} for name in indexed}

    def add(self, row: Obj) -> Obj:
        """Add a row whose `created` (or `_created`) is not before the last one's, and return it."""
        position = len(self.rows)
        self.rows.append(row)
        self._position[row["id"]] = position
        created = row["created"] if "created" in row else row["_created"]
        self._created.append(max(created, self._created[-1] if self._created else 0))
        for name, index in self._index.items():
            if row.get(name) is not None:
                index.setdefault(row[name], []).append(position)
        return row

    def set(self, row: Obj, name: str, value: Any) -> None:
        """Change an indexed field."""
        position = self._position[row["id"]]
        index = self._index[name]
        if row.get(name) is not None:
            index[row[name]].remove(position)
        row[name] = value
        if value is not None:
            insort(index.setdefault(value, []), position)

    def find(self, object_id: str, *, deleted: bool = False) -> Obj | None:
        """Return the row, or None; a deleted one is found only where asked for."""
        position = self._position.get(object_id)
        if position is None:
            return None
        row = self.rows[position]
        return None if row.get("_deleted") and not deleted else row

    def get(self, object_id: str, *, param: str = "id", status: int = 404) -> Obj:
        """Return the row. Raises StripeError `resource_missing`."""
        row = self.find(object_id)
        if row is None:
            raise missing_object(self.name, object_id, param=param, status=status)
        return row

    def where(self, name: str, value: Any) -> list[Obj]:
        """Return the rows whose indexed field `name` equals `value`, oldest first."""
        return [self.rows[position] for position in self._index[name].get(value, [])]

    def page(self, query: Query) -> tuple[list[Obj], bool]:
        """Return one page, newest first, and whether more lies beyond it in the direction asked for."""
        positions = self._candidates(query)
        low, high = self._bounds(positions, query)
        found: list[Obj] = []
        upwards = query.ending_before is not None
        for at in range(low, high) if upwards else range(high - 1, low - 1, -1):
            row = self.rows[positions[at]]
            if self._matches(row, query):
                if len(found) == query.limit:
                    return (found[::-1] if upwards else found), True
                found.append(row)
        return (found[::-1] if upwards else found), False

    def _candidates(self, query: Query) -> Sequence[int]:
        indexed = [self._index[name].get(value, []) for name, value in query.equals.items() if name in self._index]
        return min(indexed, key=len) if indexed else range(len(self.rows))

    def _bounds(self, positions: Sequence[int], query: Query) -> tuple[int, int]:
        first, last = 0, len(self.rows)
        created = query.created
        if "gte" in created or "gt" in created:
            first = max(
                bisect_left(self._created, created.get("gte", 0)),
                bisect_right(self._created, created["gt"]) if "gt" in created else 0,
            )
        if "lte" in created:
            last = min(last, bisect_right(self._created, created["lte"]))
        if "lt" in created:
            last = min(last, bisect_left(self._created, created["lt"]))
        if query.starting_after is not None:
            last = min(last, self._cursor(query.starting_after, "starting_after"))
        if query.ending_before is not None:
            first = max(first, self._cursor(query.ending_before, "ending_before") + 1)
        return bisect_left(positions, first), bisect_left(positions, last)

    def _cursor(self, object_id: str, param: str) -> int:
        self.get(object_id, param=param, status=400)
        return self._position[object_id]

    @staticmethod
    def _matches(row: Obj, query: Query) -> bool:
        if row.get("_deleted") or any(row.get(name) != value for name, value in query.equals.items()):
            return False
        return query.test is None or query.test(row)

    def load(self, rows: Iterable[Obj]) -> None:
        """Fill an empty table from saved rows."""
        for row in rows:
            self.add(row)
