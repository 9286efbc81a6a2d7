"""Webhook intake: each notice safe on disk before it is answered, sixteen connections at once."""

import hashlib
import hmac
import json
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.books import WEBHOOK_SECRET
from tests.bench.measuring import Row, at_least, bounded
from tests.bench.place import Place
from tests.bench.serving import Load, product, wrk, yardstick

_SCRIPT = Path(__file__).parent / "intake.lua"
_PER_SECOND = 8000  # More than any machine here takes; so many are signed for each second of a run.


def bench(place: Place) -> Iterator[Row]:
    """Measure intake beside an app that only checks the HMAC and stores the raw body with a group commit."""
    settings = place.books.of("sqlite", 10_000)
    seconds, rounds = (2.0, 3) if place.quick else (5.0, 5)
    head, tail = _event().split("EVENT_ID")
    more = {"BENCH_FILE": str(place.folder / "raw.db"), "BENCH_SECRET": WEBHOOK_SECRET}
    seen: dict[str, list[Load]] = {"ours": [], "bare": []}
    with product(settings, place.folder) as ours, yardstick("intake", place.folder, **more) as bare:
        for turn in range(rounds):
            for name, address in (("ours", ours), ("bare", bare)):
                notices = place.folder / "notices"
                _sign(notices, f"{name}{turn}", int(seconds * _PER_SECOND), head, tail)
                env = {"BENCH_NOTICES": str(notices), "BENCH_HEAD": head, "BENCH_TAIL": tail}
                env["BENCH_PATH"] = "/webhooks/stripe/shelter"
                seen[name].append(wrk(address, seconds=seconds, connections=16, script=_SCRIPT, **env))
    rates = [statistics.median(load.per_second for load in seen[name]) for name in ("ours", "bare")]
    yield at_least("Webhook intake, committed before it is answered", rates[0], rates[1], 0.4, "notices/s")
    yield bounded("Its 99th percentile", statistics.median(load.p99_ms for load in seen["ours"]), 100, "ms")
    yield bounded("Its answers that failed or never came", sum(load.failures for load in seen["ours"]), 0, "")


def _event() -> str:
    """Return a notice of about Stripe's size, with a place for its id."""
    intent = {
        "id": "pi_EVENT_ID",
        "object": "payment_intent",
        "amount": 2000,
        "currency": "gbp",
        "status": "succeeded",
        "metadata": {"donation_id": "ref0000000000001"},
        "description": "x" * 200,
        **{f"field_{place}": None for place in range(60)},
    }
    event = {
        "id": "evt_EVENT_ID",
        "object": "event",
        "type": "payment_intent.succeeded",
        "created": int(time.time()),
        "livemode": False,
        "data": {"object": {**intent, "id": "pi_bench"}},
    }
    return json.dumps(event, indent=2)


def _sign(path: Path, name: str, many: int, head: str, tail: str) -> None:
    """Write a file of notices, signed as Stripe signs."""
    stamp = int(time.time())
    with path.open("w") as file:
        for place in range(many):
            identity = f"{name}x{place}x{stamp}"
            signed = f"{stamp}.{head}{identity}{tail}".encode()
            digest = hmac.new(WEBHOOK_SECRET.encode(), signed, hashlib.sha256).hexdigest()
            file.write(f"{identity} t={stamp},v1={digest}\n")
