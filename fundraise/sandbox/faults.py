"""Things that go wrong on request: errors, hangs, broken replies for the next calls that match."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import Any

from fundraise.sandbox.messages import ApiReply, ControlError, Mishap, StripeError, check_types

KINDS = ("status", "hang", "malformed", "half_open", "disconnect", "late_row")


@dataclass(slots=True)
class Fault:
    """One planned fault for the next `times` calls whose method, path and query match.

    `kind` is one of KINDS; `status` belongs to "status", `seconds` to "hang" and "half_open". A call that hangs or
    gets a malformed or half reply is carried out; "late_row" answers a list without its last row, as where Stripe
    shows one later. For "status" and "disconnect" it is carried out only with `after`:
    then its answer alone is lost. A `kept` error is replayed for its idempotency key, as Stripe does with a 500.
    """

    kind: str
    times: int = 1
    method: str = ""
    path: str = ""
    query: str = ""
    status: int = 500
    seconds: float = 30.0
    after: bool = False
    kept: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ControlError(f"kind must be one of {', '.join(KINDS)}")

    def fits(self, method: str, path: str, query: str) -> bool:
        """Say whether the fault is for this call; `path` is searched as a regular expression, `query` as it stands."""
        is_called_so = not self.method or self.method == method
        return is_called_so and self.query in query and re.search(self.path, path) is not None

    def error(self) -> StripeError:
        """Return the error that a "status" fault answers with."""
        if self.status == 429:
            return StripeError(
                "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
                status=429,
                code="rate_limit",
                executed=False,
            )
        if self.status == 409:
            return StripeError(
                "There is currently another in-progress request using this Idempotent Key (that probably means you "
                "submitted twice, and the other request is still going through)",
                status=409,
                kind="idempotency_error",
                code="idempotency_key_in_use",
                executed=False,
            )
        if self.status in {401, 403}:
            return StripeError(
                "The provided key does not have the required permissions for this endpoint.",
                status=self.status,
                executed=False,
            )
        return StripeError(
            "An unexpected error occurred. (A fault asked for in the sandbox.)",
            status=self.status,
            kind="api_error",
            executed=self.kept,
        )

    def spoil(self, reply: ApiReply) -> ApiReply:
        """Return the reply as it arrives under this fault."""
        if self.kind == "malformed":
            return ApiReply(reply.status, reply.headers, reply.body[: max(1, len(reply.body) // 2)])
        if self.kind == "late_row":
            return _without_last(reply)
        reply.mishap = Mishap(
            hang_seconds=self.seconds if self.kind in {"hang", "half_open"} else 0.0,
            cut_short=self.kind == "half_open",
            disconnect=self.kind == "disconnect",
        )
        return reply


def _without_last(reply: ApiReply) -> ApiReply:
    body = reply.json()
    if body.get("object") != "list":
        return reply
    return ApiReply(reply.status, reply.headers, json.dumps({**body, "data": body["data"][:-1]}).encode())


class Faults:
    """The planned faults, oldest first."""

    def __init__(self) -> None:
        self.planned: list[Fault] = []

    def add(self, details: dict[str, Any]) -> None:
        """Plan one. Raises ControlError for details that make no fault."""
        try:
            fault = Fault(**details)
            re.compile(fault.path)
            check_types(fault, Fault("status"))
        except (TypeError, re.error) as wrong:
            raise ControlError(f"no such fault: {wrong}") from wrong
        self.planned.append(fault)

    def take(self, method: str, path: str, query: str = "") -> Fault | None:
        """Return the fault for this call and count it down, or None."""
        for fault in self.planned:
            if fault.fits(method, path, query):
                fault.times -= 1
                if fault.times <= 0:
                    self.planned.remove(fault)
                return fault
        return None

    def to_json(self) -> list[dict[str, Any]]:
        """Return the state as JSON-able data."""
        return [asdict(fault) for fault in self.planned]

    def load(self, data: list[dict[str, Any]]) -> None:
        """Take the state that `to_json` gave."""
        self.planned = [Fault(**row) for row in data]
