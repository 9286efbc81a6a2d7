"""A Stripe that opens a Checkout Session after BENCH_DELAY seconds, whatever it is asked."""

import asyncio
import json
import os
import time
from typing import Any
from uuid import uuid4

DELAY_SECONDS = float(os.environ["BENCH_DELAY"])


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Wait and answer."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await asyncio.sleep(DELAY_SECONDS)
    number = uuid4().hex
    session = {
        "id": f"cs_test_{number}",
        "object": "checkout.session",
        "status": "open",
        "payment_status": "unpaid",
        "payment_intent": None,
        "amount_total": 2000,
        "currency": "gbp",
        "livemode": False,
        "metadata": {},
        "client_reference_id": "",
        "url": f"http://127.0.0.1:9/pay/{number}",
        "expires_at": int(time.time()) + 2100,
    }
    body = json.dumps(session).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
