"""Rebuild an appeal's total from its JSON, with nothing but Python.

    python rebuild_total.py ADDRESS-OR-FILE [FINGERPRINT]

Each line is converted again from its own amounts and rate, the lines are added up, and the fingerprint of everything
that was said is made again. Whatever was changed, in any line, is found; exit code 1 says so. Give the fingerprint that
you wrote down, or that the page shows, and nobody can have changed the lines and the fingerprint together.
"""

import hashlib
import json
import sys
import urllib.request
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any


def rebuilt(total: dict[str, Any]) -> list[str]:
    """Return what does not agree; an empty list is good news."""
    problems, places = [], total["decimals"]
    for number, line in enumerate(total["lines"], start=1):
        name = f"line {number} ({line['participant']})"
        own, rate = line["amount_minor"] - line["less_transfers_minor"], Fraction(line["rate"] or 1)
        shift = Fraction(10) ** (places[total["currency"]] - places[line["currency"]])
        display = round(own * rate * shift)  # Exact, and a half goes to the even neighbour.
        if line["currency"] == total["currency"] and rate != 1:
            problems.append(f"{name} needs no rate and has one")
        if display != line["display_minor"]:
            problems.append(f"{name} says {line['display_minor']}, and comes to {display}")
    added = sum(line["display_minor"] for line in total["lines"])
    for says, minor in (("total", total["amount_minor"]), ("stage", total["stages"][total["stage"]]["amount_minor"])):
        if added != minor:
            problems.append(f"the lines add up to {added}, and the {says} says {minor}")
    said = {name: value for name, value in total.items() if name not in ("id", "as_of")}
    mark = hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    if mark != total["id"]:
        problems.append(f"the fingerprint is {mark}, and {total['id']} was said")
    return problems


def main(where: str, expected: str = "") -> int:
    """Read a total from an address or a file and rebuild it."""
    with urllib.request.urlopen(where if "://" in where else Path(where).absolute().as_uri()) as answer:
        total = json.load(answer)
    try:
        problems, places = rebuilt(total), total["decimals"][total["currency"]]
    except (ArithmeticError, LookupError, TypeError, ValueError) as problem:
        problems, places = [f"this cannot be rebuilt: {problem!r}"], 0
    if expected and not total["id"].startswith(expected):
        problems.append(f"the fingerprint {total['id']} is not the one you gave")
    shown = f"{Decimal(total['amount_minor']).scaleb(-places):f} {total['counts']}"
    print("\n".join(problems) or f"{total['currency']} {shown}: rebuilt from {len(total['lines'])} lines")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
