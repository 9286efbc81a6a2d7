"""Answers kept for their idempotency keys.

Source: https://docs.stripe.com/api/idempotent_requests
"""

from __future__ import annotations

import hashlib
from typing import Any

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.clock import DAY_SECONDS
from fundraise.sandbox.messages import ApiRequest, StripeError


class Answers:
    """The first answer to each key of each account, for 24 hours."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, Any]] = {}

    @behaves("idempotency-replay", "idempotency-mismatch", "idempotency-24h")
    def recall(self, account_id: str, key: str, request: ApiRequest, now: int) -> tuple[int, str] | None:
        """Return status and body of the first answer, or None where the key is new or forgotten.

        Raises StripeError where the key was used with another path or other parameters.
        """
        if len(key) > 255:
            raise StripeError("Idempotency-Key must be at most 255 characters.", executed=False)
        kept = self._kept.get(f"{account_id}\n{key}")
        if kept is None or kept["at"] + DAY_SECONDS <= now:
            return None
        if kept["print"] != _fingerprint(request):
            raise StripeError(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. "
                f"Try using a key other than '{key}' if you meant to execute a different request.",
                kind="idempotency_error",
                executed=False,
            )
        return kept["status"], kept["body"]

    def keep(self, account_id: str, key: str, request: ApiRequest, now: int, answer: tuple[int, bytes]) -> None:
        """Keep the answer; what is older than a day goes when the store has grown."""
        if len(self._kept) % 1000 == 999:
            self._kept = {name: kept for name, kept in self._kept.items() if kept["at"] + DAY_SECONDS > now}
        status, body = answer
        self._kept[f"{account_id}\n{key}"] = {
            "print": _fingerprint(request),
            "status": status,
            "body": body.decode(),
            "at": now,
        }

    def to_json(self) -> dict[str, Any]:
        """Return the state as JSON-able data."""
        return self._kept

    def load(self, data: dict[str, Any]) -> None:
        """Take the state that `to_json` gave."""
        self._kept = data


def _fingerprint(request: ApiRequest) -> str:
    ordered = b"&".join(sorted(request.body.split(b"&")))
    return hashlib.sha256(b"\n".join([request.method.encode(), request.path.encode(), ordered])).hexdigest()
