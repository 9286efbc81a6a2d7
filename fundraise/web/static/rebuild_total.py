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
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any


def rebuilt(total: dict[str, Any]) -> list[str]:
    """Return what does not agree; an empty list is good news."""
    problems, places = [], total["decimals"]
    for number, line in enumerate(total["lines"], start=1):
        own = line["amount_minor"] - line["less_transfers_minor"]
        with localcontext() as exact:
            exact.prec = 80
            rate = Decimal(line["rate"] or "1")
            converted = Decimal(own).scaleb(-places[line["currency"]]) * rate
            display = int(converted.scaleb(places[total["currency"]]).quantize(Decimal(1), ROUND_HALF_EVEN))
        if line["currency"] == total["currency"] and rate != 1:
            problems.append(f"line {number} ({line['participant']}) needs no rate and has one")
        if display != line["display_minor"]:
            problems.append(
                f"line {number} ({line['participant']}) says {line['display_minor']}, and comes to {display}"
            )
    added = sum(line["display_minor"] for line in total["lines"])
    if added != total["amount_minor"]:
        problems.append(f"the lines add up to {added}, and the total says {total['amount_minor']}")
    if total["stages"][total["stage"]]["amount_minor"] != total["amount_minor"]:
        problems.append("the total is not the one of its stage")
    said = {name: value for name, value in total.items() if name not in ("id", "as_of")}
    mark = hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    if mark != total["id"]:
        problems.append(f"the fingerprint is {mark}, and {total['id']} was said")
    return problems


def main(where: str, expected: str = "") -> int:
    """Read a total from an address or a file and rebuild it."""
    if "://" in where:
        with urllib.request.urlopen(where) as answer:
            total = json.load(answer)
    else:
        with open(where, encoding="utf-8") as file:
            total = json.load(file)
    problems = rebuilt(total)
    if expected and not total["id"].startswith(expected):
        problems.append(f"the fingerprint {total['id']} is not the one you gave")
    shown = Decimal(total["amount_minor"]).scaleb(-total["decimals"][total["currency"]])
    print(
        "\n".join(problems)
        or f"{total['currency']} {shown:f} {total['counts']}: rebuilt from {len(total['lines'])} lines"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
