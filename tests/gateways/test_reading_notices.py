"""The fast reader of notices and Python's own agree on every body, also on what is no JSON."""

import json
import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fundraise.gateways.stripe.notices import read_json

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


def outcome(read: Any, body: bytes) -> Any:
    """Return what a reader says, told apart as exactly as Python can (1 is not 1.0), or that it raises."""
    try:
        return repr(read(body))
    except (ValueError, RecursionError):
        return "no JSON"


@given(VALUES, st.booleans())
def test_what_was_written_is_read_alike(value: Any, ascii_only: bool) -> None:  # noqa: FBT001  Drawn.
    body = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    assert outcome(read_json, body) == outcome(json.loads, body)


@given(VALUES, st.integers(0, 200), st.binary(max_size=3))
@example({}, 0, b"\xef\xbb\xbf")
def test_what_was_spoilt_is_read_alike(value: Any, place: int, more: bytes) -> None:
    whole = json.dumps(value).encode()
    body = whole[:place] + more + whole[place:]
    assert outcome(read_json, body) == outcome(json.loads, body)


@pytest.mark.parametrize(
    "body",
    [
        rb'"\ud800"',
        rb'{"a": 1, "a": 2}',
        b"[1e999, -0, -0.0, 1E5, 123456789012345678901234567890]",
        b"NaN",
        b'"a\x00b"',
        b'"a\tb"',
        b"01",
        b"[1,]",
        b"",
        b" {} ",
        "{}".encode("utf-16"),
        b"[" * 150 + b"]" * 150,
        b"[" * 500 + b"]" * 500,
        b"[" * 100_000,
    ],
)
def test_what_readers_quarrel_about_is_read_alike(body: bytes) -> None:
    assert outcome(read_json, body) == outcome(json.loads, body)


def test_what_is_no_number_stays_none() -> None:
    assert math.isnan(read_json(b"NaN"))
