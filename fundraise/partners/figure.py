"""A figure as a partner reports it, read strictly: what is missing, unknown or of another kind is said by field."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from fundraise.errors import FieldErrors, Refusal
from fundraise.money import is_currency
from fundraise.text import TextError, clean_line, clean_text

LONGEST_EVIDENCE: Final = 2000
LONGEST_NAME: Final = 120
# A hundred thousand million of most currencies; it stays a whole number of 64 bits in any other.
LARGEST_FIGURE_MINOR: Final = 10**13
EARLIEST: Final = date(1990, 1, 1)
_MOST_TRANSFERS: Final = 500
_LONGEST_REFERENCE: Final = 60
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
STAGES: Final = ("collected", "received")
BASES: Final = ("gross", "net", "unknown")
_REQUIRED: Final = ("amount_minor", "currency", "as_of", "stage", "gross_or_net", "gift_aid", "our_transfers")
_OPTIONAL: Final = ("kind", "evidence", "submitted_by")


class Unreadable(Refusal):
    """What came is no JSON object."""

    status = 400
    code = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Everything since the beginning, in minor units of the currency, as of the end of a day."""

    amount_minor: int
    currency: str
    as_of: date
    stage: str
    gross_or_net: str
    gift_aid: str = "none"  # none, unknown, or minor units that the figure contains
    our_transfers: str = "none"  # none, all, unknown, or a JSON list of references
    evidence: str = ""
    submitted_by: str = ""


def figure_in(raw: bytes) -> Figure:
    """Read a report in JSON; raises `Unreadable`, or `FieldErrors` with every problem by its field."""
    return checked(object_in(raw))


def object_in(raw: bytes) -> dict[str, Any]:
    """Read a JSON object in which no name stands twice; raises `Unreadable`."""
    try:
        found = json.loads(raw.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Unreadable("The report is no JSON that can be read, or it names a field twice.") from None
    if not isinstance(found, dict):
        raise Unreadable("The report must be a JSON object.")
    return found


def checked(values: Mapping[str, Any]) -> Figure:
    """Return the figure that an object's fields tell; raises `FieldErrors`."""
    errors = {name: "This field is missing." for name in _REQUIRED if name not in values}
    for name in values.keys() - {*_REQUIRED, *_OPTIONAL}:
        errors[str(name)[:60]] = "This field is not known. Please send nothing but the figure; above all no donors."
    found: dict[str, Any] = {}
    for name, read in _READERS.items():
        if name not in values:
            continue
        try:
            found[name] = read(values[name])
        except (ValueError, TextError) as problem:
            errors[name] = str(problem)
    if (
        "amount_minor" in found
        and found.get("gift_aid", "").isdigit()
        and int(found["gift_aid"]) > found["amount_minor"]
    ):
        errors["gift_aid"] = "The tax relief is more than the whole figure."
    if errors:
        raise FieldErrors(errors)
    found.pop("kind", None)
    return Figure(**found)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError
    return dict(pairs)


def _no_constant(word: str) -> None:
    raise ValueError(word)


def _amount(value: Any) -> int:
    if type(value) is not int:
        raise ValueError("Write a whole number of minor units, like 4000000 for 40,000.00, without quotes or exponent.")
    if value < 0:
        raise ValueError("A figure cannot be below zero.")
    if value > LARGEST_FIGURE_MINOR:
        raise ValueError("That is more than we can take. Is it in minor units?")
    return value


def _currency(value: Any) -> str:
    if not isinstance(value, str) or not value.isupper() or not is_currency(value):
        raise ValueError("Write the code of a currency, like EUR.")
    return value


def _day(value: Any) -> date:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = date.min
        if day >= EARLIEST:
            return day
    raise ValueError("Write a day like 2017-04-30.")


def _gift_aid(value: Any) -> str:
    if value in ("none", "unknown"):
        return str(value)
    if isinstance(value, str):
        raise TextError("Write none, unknown, or the amount in minor units.")
    return str(_amount(value)) if _amount(value) else "none"


def _transfers(value: Any) -> str:
    if isinstance(value, str) and value in {"none", "all", "unknown"}:
        return value
    if not isinstance(value, list) or len(value) > _MOST_TRANSFERS:
        raise ValueError("Write none, all, unknown, or a list of references.")
    found = {clean_line(each, longest=_LONGEST_REFERENCE) if isinstance(each, str) else "" for each in value}
    if "" in found:
        raise ValueError("Each reference is a text.")
    return json.dumps(sorted(found), ensure_ascii=False) if found else "none"


def _evidence(value: Any) -> str:
    if not isinstance(value, str):
        raise TextError("Write a text or an address.")
    return clean_text(value, longest=LONGEST_EVIDENCE)


def _name(value: Any) -> str:
    if not isinstance(value, str):
        raise TextError("Write a name.")
    return clean_line(value, longest=LONGEST_NAME)


def _one_of(*words: str) -> Any:
    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in words:
            raise ValueError(f"Write one of: {', '.join(words)}.")
        return value

    return read


_READERS: Final[Mapping[str, Any]] = {
    "amount_minor": _amount,
    "currency": _currency,
    "as_of": _day,
    "stage": _one_of(*STAGES),
    "kind": _one_of("cumulative"),
    "gross_or_net": _one_of(*BASES),
    "gift_aid": _gift_aid,
    "our_transfers": _transfers,
    "evidence": _evidence,
    "submitted_by": _name,
}
