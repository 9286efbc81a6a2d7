"""Every fault point the product has, read from its source: the names of transactions, and of calls to others.

A name with a part that is only known when it runs (`stripe: get {path}`) stands for all it becomes: `stripe: get *`.
"""

import ast
from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Final

PRODUCT: Final = Path(__file__).parent.parent.parent / "fundraise"
# What only the demo and the local Stripe do, which hold nobody's money, and a file that people fetch to run themselves.
_APART: Final = ("sandbox", "demo", "web/static")
_WRITING: Final = frozenset({"write", "write_statement", "write_together"})
SIDES: Final = {"write": ("before commit", "after commit"), "around": ("before", "after")}


# What the sequences of the simulation pass by themselves, hundreds of times or more; the rest is passed by errands.
BY_SEQUENCES: Final = frozenset(
    {
        "catch up: heard until", "check: forget old runs", "give: opened", "give: prepare", "give: superseded",
        "give: write down", "hear", "inbox: claim", "inbox: nothing to do", "inbox: put back", "job *: finish",
        "job *: take", "mail: send", "outbox: claim", "outbox: sent", "payout",
        "reconcile: conclude", "reconcile: keep payout", "reconcile: keep transactions", "reconcile: leftovers",
        "reconcile: mended", "settle", "stripe: balance", "stripe: expire checkout", "stripe: get *", "stripe: list *",
        "stripe: open checkout", "sync: payment page",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where a fault point is: `kind` is `write` for a transaction and `around` for a call to others."""

    file: str
    line: int
    kind: str
    name: str  # With `*` for what is only known when it runs; empty where it has no name at all.


@cache
def places() -> tuple[Place, ...]:
    """Return every place in the product that opens a writing transaction or names a call to others."""
    return tuple(place for path in sources() for place in _places_in(path))


def sources() -> list[Path]:
    """Return the product's modules, without those that stand apart."""
    return [path for path in sorted(PRODUCT.rglob("*.py")) if not str(path.relative_to(PRODUCT)).startswith(_APART)]


def all_points() -> list[str]:
    """Return the names of all points, each with its two sides: `settle: before commit`, `settle: after commit`."""
    found = {(place.name, side) for place in places() if place.name for side in SIDES[place.kind]}
    return sorted(f"{name}: {side}" for name, side in found)


def hits(passed: Counter[str]) -> dict[str, int]:
    """Return how often each point of the source was passed, those it becomes when it runs taken together."""
    return {
        point: passed[point]
        if "*" not in point
        else sum(count for name, count in passed.items() if fnmatchcase(name, point))
        for point in all_points()
    }


def _places_in(path: Path) -> list[Place]:
    tree = ast.parse(path.read_text())
    name_of_file = str(path.relative_to(PRODUCT.parent))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = ast.unparse(node.func.value)
            if node.func.attr in _WRITING and (owner == "db" or owner.endswith((".db", "_db"))):
                found.append(Place(name_of_file, node.lineno, "write", _name(node)))
            elif node.func.attr == "around" and owner == "faults":
                found.append(Place(name_of_file, node.lineno, "around", _name(node)))
    return found


def _name(call: ast.Call) -> str:
    """Return the name a call gives, "" when it gives none that can be read."""
    first = call.args[0] if call.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value
    if isinstance(first, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in first.values)
    return ""
