"""Webhook deliveries: which are due, how they are signed, when they are tried again.

Nothing is sent here; `take_due` hands deliveries out and `result` takes what came of them.
"""

from __future__ import annotations

import hashlib
import heapq
import hmac
import json
from collections import deque
from dataclasses import asdict, dataclass, field, fields
from random import Random
from typing import Any

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.clock import DAY_SECONDS
from fundraise.sandbox.messages import ControlError, Obj, check_types

RETRY_AFTER_SECONDS = (60, 300, 1_800, 7_200, 18_000, 36_000)
GIVE_UP_SECONDS = 3 * DAY_SECONDS
SIGNING_TIMES = ("sandbox", "wall")


@dataclass(slots=True)
class Settings:
    """How badly the post works.

    Rates are 0…1; `delay_seconds` is a range; `drop_next` drops that many deliveries from now on; `drop_types` drops
    whole event types; `twin_rate` makes a second event with another id for the same change; `signing_time` stamps
    signatures with the "sandbox" clock or the "wall" clock.
    """

    drop_rate: float = 0.0
    duplicate_rate: float = 0.0
    twin_rate: float = 0.0
    shuffle: bool = False
    delay_seconds: list[int] = field(default_factory=lambda: [0, 0])
    drop_next: int = 0
    drop_types: list[str] = field(default_factory=list)
    signing_time: str = "sandbox"

    def change(self, changes: Obj) -> None:
        """Change some settings. Raises ControlError for an unknown one."""
        unknown = set(changes) - {one.name for one in fields(self)}
        if unknown:
            raise ControlError(f"unknown delivery settings: {', '.join(sorted(unknown))}")
        if changes.get("signing_time", "sandbox") not in SIGNING_TIMES:
            raise ControlError(f"signing_time must be one of {', '.join(SIGNING_TIMES)}")
        check_types(Settings(**{**asdict(self), **changes}), Settings())
        for name, value in changes.items():
            setattr(self, name, value)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to deliver one event to one endpoint: POST `body` with `headers` to `url`."""

    id: int
    url: str
    headers: dict[str, str]
    body: bytes
    event_id: str
    event_type: str
    endpoint_id: str
    attempt: int


@behaves("webhook-signature")
def signature(body: bytes, secrets: list[str], timestamp: int) -> str:
    """Return the `Stripe-Signature` header: one `v1` for each secret that is in use.

    Source: https://docs.stripe.com/webhooks#verify-manually
    """
    signed = str(timestamp).encode() + b"." + body
    parts = [f"v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}" for secret in secrets]
    return ",".join([f"t={timestamp}", *parts])


class Post:
    """All deliveries that are under way, and the last ones that are done."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.open: dict[int, Obj] = {}
        self.done: deque[Obj] = deque(maxlen=2_000)
        self._heap: list[tuple[int, int]] = []
        self._count = 0

    @behaves("webhook-faults")
    def send(self, event: Obj, endpoint: Obj, *, accounts: tuple[str, str], now: int, random: Random) -> None:
        """Plan the delivery of `event` to `endpoint`; `accounts` are the event's and the endpoint's."""
        settings = self.settings
        copies = 2 if random.random() < settings.duplicate_rate else 1
        dropped = event["type"] in settings.drop_types or random.random() < settings.drop_rate
        if settings.drop_next > 0:
            settings.drop_next -= 1
            dropped = True
        for _ in range(copies):
            self._count += 1
            record = {
                "id": self._count,
                "event": event["id"],
                "type": event["type"],
                "account": accounts[0],
                "endpoint": endpoint["id"],
                "endpoint_account": accounts[1],
                "since": now,
                "due": now + random.randint(*settings.delay_seconds),
                "attempts": 0,
                "state": "dropped" if dropped else "waiting",
                "last_status": None,
            }
            if dropped:
                self.done.append(record)
                return
            self.open[self._count] = record
            heapq.heappush(self._heap, (record["due"], self._count))

    def next_due(self) -> int | None:
        """Return the earliest due moment of a waiting delivery, or None."""
        return self._heap[0][0] if self._heap else None

    def take_due(self, now: int, random: Random) -> list[Obj]:
        """Return the records due, in order of their due moments or shuffled; they are in flight from here on."""
        due: list[Obj] = []
        while self._heap and self._heap[0][0] <= now:
            record = self.open[heapq.heappop(self._heap)[1]]
            record["state"] = "in_flight"
            record["attempts"] += 1
            due.append(record)
        if self.settings.shuffle:
            random.shuffle(due)
        return due

    @behaves("webhook-retries")
    def result(self, delivery_id: int, status: int | None, now: int) -> Obj | None:
        """Take what came of an attempt (None: no connection); return the record, or None where it is unknown."""
        record = self.open.get(delivery_id)
        if record is None or record["state"] != "in_flight":
            return None
        record["last_status"] = status
        if status is not None and 200 <= status < 300:
            self._finish(record, "delivered")
        elif now - record["since"] >= GIVE_UP_SECONDS:
            self._finish(record, "failed")
        else:
            step = min(record["attempts"], len(RETRY_AFTER_SECONDS)) - 1
            record["state"] = "waiting"
            record["due"] = now + RETRY_AFTER_SECONDS[step]
            heapq.heappush(self._heap, (record["due"], delivery_id))
        return record

    def give_up(self, record: Obj) -> None:
        """End a delivery whose endpoint is gone or disabled."""
        self._finish(record, "failed")

    def _finish(self, record: Obj, state: str) -> None:
        record["state"] = state
        self.done.append(self.open.pop(record["id"]))

    def to_json(self) -> dict[str, Any]:
        """Return the state as JSON-able data."""
        return {"settings": asdict(self.settings), "open": list(self.open.values()), "count": self._count}

    def load(self, data: dict[str, Any]) -> None:
        """Take the state that `to_json` gave; what was in flight is due again."""
        self.settings = Settings(**data["settings"])
        self._count = data["count"]
        for record in data["open"]:
            record["state"] = "waiting"
            self.open[record["id"]] = record
        self._heap = [(record["due"], record["id"]) for record in data["open"]]
        heapq.heapify(self._heap)


def body_of(event: Obj) -> bytes:
    """Return the bytes of an event's payload, laid out as Stripe does."""
    return json.dumps(event, indent=2).encode()
