"""Stripe's form encoding: `a[b][0]=c` becomes nested dicts of text."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from fundraise.sandbox.messages import invalid_parameter

_PART = re.compile(r"\[([^\[\]]*)\]")


def decode(raw: bytes) -> dict[str, Any]:
    """Decode form bytes. Lists stay dicts keyed by their index (`{"0": …}`) or lists where written as `a[]=…`.

    Raises StripeError (400) for a key that is both a value and an object.
    """
    decoded: dict[str, Any] = {}
    for key, value in parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True):
        head, _, tail = key.partition("[")
        parts = [head, *_PART.findall("[" + tail)] if tail else [head]
        _put(decoded, parts, value, key)
    return decoded


def _put(into: dict[str, Any], parts: list[str], value: str, key: str) -> None:
    place: Any = into
    for here, after in zip(parts, [*parts[1:], None], strict=True):
        if after is None:
            place[here] = value
            return
        if after == "":
            place = place.setdefault(here, [])
            if isinstance(place, list):
                place.append(value)
                return
        else:
            place = place.setdefault(here, {})
        if not isinstance(place, dict):
            raise invalid_parameter(f"Invalid parameter: {key} is given both as a value and as an object", key)
