"""The parameters an operation takes, and Stripe's refusals of everything else.

A shape turns decoded form text into typed values. Error texts are those recorded in seahaven-stripe-world 0.3.0
and on https://docs.stripe.com/error-codes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from fundraise.sandbox.messages import invalid_parameter, missing_parameter, unknown_parameter

_INTEGER = re.compile(r"-?\d{1,15}\Z")


class Shape(Protocol):
    """Anything that can read one parameter."""

    def read(self, value: Any, path: str) -> Any:
        """Return the typed value of the parameter called `path`. Raises StripeError."""
        ...


@dataclass(frozen=True, slots=True)
class Text:
    """Text of at most `longest` characters. An empty text unsets the field where `clearable`, else it is refused."""

    longest: int = 5000
    clearable: bool = False
    pattern: str | None = None

    def read(self, value: Any, path: str) -> str | None:
        """Return the text, or None where it unsets."""
        if not isinstance(value, str):
            raise invalid_parameter(f"Invalid string: {value}", path)
        if value == "":
            if self.clearable:
                return None
            raise invalid_parameter(
                f"You passed an empty string for '{path}'. We assume empty values are an attempt to unset a parameter; "
                f"however '{path}' cannot be unset. You should remove '{path}' from your request or supply a "
                "non-empty value.",
                path,
                "parameter_invalid_empty",
            )
        if len(value) > self.longest:
            raise invalid_parameter(
                f"Invalid string: {value[:20]}...{value[-20:]}; must be at most {self.longest} characters", path
            )
        if self.pattern and not re.fullmatch(self.pattern, value):
            raise invalid_parameter(f"Invalid string: {value}", path)
        return value


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number between `least` and `most`."""

    least: int | None = None
    most: int | None = None

    def read(self, value: Any, path: str) -> int:
        """Return the number."""
        if not isinstance(value, str) or not _INTEGER.match(value):
            raise invalid_parameter(f"Invalid integer: {value}", path, "parameter_invalid_integer")
        number = int(value)
        if self.least is not None and number < self.least:
            raise invalid_parameter(
                f"This value must be greater than or equal to {self.least}.", path, "parameter_invalid_integer"
            )
        if self.most is not None and number > self.most:
            raise invalid_parameter(
                f"This value must be less than or equal to {self.most}.", path, "parameter_invalid_integer"
            )
        return number


@dataclass(frozen=True, slots=True)
class Boolean:
    """`true` or `false`."""

    def read(self, value: Any, path: str) -> bool:
        """Return the truth value."""
        if value not in {"true", "false", "True", "False"}:
            raise invalid_parameter(f"Invalid boolean: {value}", path)
        return str(value).lower() == "true"


@dataclass(frozen=True, slots=True)
class Enum:
    """One of some words."""

    words: tuple[str, ...]

    def read(self, value: Any, path: str) -> str:
        """Return the word."""
        if value not in self.words:
            listed = ", ".join(self.words[:-1]) + (" or " if len(self.words) > 1 else "") + self.words[-1]
            raise invalid_parameter(f"Invalid {path}: must be one of {listed}", path)
        return str(value)


@dataclass(frozen=True, slots=True)
class Currency:
    """A three-letter code; upper case is taken too."""

    def read(self, value: Any, path: str) -> str:
        """Return the code in lower case."""
        if not isinstance(value, str) or not re.fullmatch("[A-Za-z]{3}", value):
            raise invalid_parameter(f"Invalid currency: {value}", path)
        return value.lower()


@dataclass(frozen=True, slots=True)
class ListOf:
    """Several of one shape, written `a[0]=…` or `a[]=…`."""

    item: Shape
    most: int = 100

    def read(self, value: Any, path: str) -> list[Any]:
        """Return the values in order."""
        if isinstance(value, dict) and all(key.isdigit() for key in value):
            values = [value[key] for key in sorted(value, key=int)]
        elif isinstance(value, list):
            values = value
        elif value == "":
            values = []
        else:
            raise invalid_parameter("Invalid array", path)
        if len(values) > self.most:
            raise invalid_parameter(f"Array {path} exceeds maximum {self.most} allowed elements.", path)
        return [self.item.read(one, f"{path}[{at}]") for at, one in enumerate(values)]


@dataclass(frozen=True, slots=True)
class Required:
    """Marks a member of an object that must be given."""

    shape: Shape


@dataclass(frozen=True, slots=True)
class Nested:
    """An object with known members; every other member is refused."""

    members: Mapping[str, Shape | Required] = field(default_factory=dict)

    def read(self, value: Any, path: str) -> dict[str, Any]:
        """Return the given members, typed."""
        if not isinstance(value, dict):
            raise invalid_parameter("Invalid object", path)
        names = {name: f"{path}[{name}]" if path else name for name in [*value, *self.members]}
        unknown = [names[name] for name in value if name not in self.members]
        if unknown:
            raise unknown_parameter(unknown)
        read: dict[str, Any] = {}
        for name, member in self.members.items():
            if name in value:
                shape = member.shape if isinstance(member, Required) else member
                read[name] = shape.read(value[name], names[name])
            elif isinstance(member, Required):
                raise missing_parameter(names[name])
        return read


@dataclass(frozen=True, slots=True)
class Metadata:
    """At most 50 keys of 40 characters, values of 500; an empty value removes its key.

    Source: https://docs.stripe.com/api/metadata
    """

    def read(self, value: Any, path: str) -> dict[str, str] | None:
        """Return the given keys, or None where all are to be removed."""
        if value == "":
            return None
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            raise invalid_parameter("Invalid metadata: must be an object of strings", path)
        if len(value) > 50:
            raise invalid_parameter("You can only specify up to 50 metadata keys.", path)
        for key, one in value.items():
            if len(key) > 40:
                raise invalid_parameter(
                    f"Metadata keys can be at most 40 characters long; '{key[:40]}...'", f"{path}[{key}]"
                )
            if len(one) > 500:
                raise invalid_parameter(
                    f"Metadata values can be at most 500 characters; '{key}' has {len(one)}.", f"{path}[{key}]"
                )
        return dict(value)


@dataclass(frozen=True, slots=True)
class Range:
    """A moment, or an object of `gt`, `gte`, `lt`, `lte`."""

    def read(self, value: Any, path: str) -> dict[str, int]:
        """Return bounds; a single moment is given as both `gte` and `lte`."""
        number = Integer()
        if isinstance(value, str):
            moment = number.read(value, path)
            return {"gte": moment, "lte": moment}
        return Nested(dict.fromkeys(("gt", "gte", "lt", "lte"), number)).read(value, path)


@dataclass(frozen=True, slots=True)
class Either:
    """The word `""` (unset) or another shape."""

    shape: Shape

    def read(self, value: Any, path: str) -> Any:
        """Return None for an empty text, else what the shape reads."""
        return None if value == "" else self.shape.read(value, path)


TEXT = Text()
BOOLEAN = Boolean()
METADATA = Metadata()
EXPAND: dict[str, Shape | Required] = {"expand": ListOf(TEXT, most=20)}
PAGE: dict[str, Shape | Required] = {
    "limit": Integer(1, 100),
    "starting_after": TEXT,
    "ending_before": TEXT,
    **EXPAND,
}


def merge_metadata(held: dict[str, str], given: dict[str, str] | None) -> dict[str, str]:
    """Return `held` with the keys of `given` set, empty ones removed; None removes all."""
    if given is None:
        return {}
    merged = {**held, **given}
    return {key: value for key, value in merged.items() if value != ""}


def one_of(*words: str) -> Enum:
    """Build the shape for one of `words`."""
    return Enum(words)
