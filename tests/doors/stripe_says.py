"""What Stripe says at the webhook door, and what somebody says who would like to be Stripe."""

import hashlib
import hmac
import json
from typing import Any

import httpx2 as httpx

from tests.world import WEBHOOK_SECRET, World

DOOR = "/webhooks/stripe/shelter"


def signed(world: World, body: bytes, *, secret: str = WEBHOOK_SECRET, age: int = 0, scheme: str = "v1") -> str:
    """Return the signature header Stripe would have made `age` seconds ago (docs.stripe.com/webhooks/signature)."""
    stamp = int(world.now().timestamp()) - age
    return f"t={stamp},{scheme}={digest(stamp, body, secret)}"


def digest(stamp: int, body: bytes, secret: str = WEBHOOK_SECRET) -> str:
    return hmac.new(secret.encode(), b"%d." % stamp + body, hashlib.sha256).hexdigest()


def event(world: World, **changes: Any) -> dict[str, Any]:
    """Return an event about a charge that is not there, with some of it changed; `about` changes its object."""
    about = {"id": "ch_nowhere", "object": "charge", "amount": 2000, "currency": "gbp", **changes.pop("about", {})}
    return {
        "id": "evt_test_1",
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": int(world.now().timestamp()),
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": "charge.succeeded",
        "data": {"object": about},
        **changes,
    }


def tell(world: World, body: bytes | dict[str, Any], header: str | None = None, door: str = DOOR) -> httpx.Response:
    """Say something at the door, signed as Stripe signs unless a header is given."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    header = signed(world, raw) if header is None else header
    return world.donor.post(door, content=raw, headers={"stripe-signature": header})
