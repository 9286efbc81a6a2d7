"""Sends webhook deliveries over HTTP, to this machine alone."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.post import Delivery

if TYPE_CHECKING:
    from fundraise.sandbox.engine import Sandbox

TIMEOUT_SECONDS = 20.0
MOST_AT_ONCE = 10_000


def is_loopback(host: str) -> bool:
    """Say whether a host name or address is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@behaves("loopback-only")
def send(client: httpx.Client, delivery: Delivery) -> int | None:
    """Send one delivery; return the HTTP status, or None where nobody answered or the address is not this machine."""
    if not is_loopback(urlsplit(delivery.url).hostname or ""):
        return None
    try:
        return client.post(delivery.url, content=delivery.body, headers=delivery.headers).status_code
    except httpx.HTTPError:
        return None


def deliver_due(sandbox: Sandbox, client: httpx.Client) -> list[dict[str, object]]:
    """Send everything that is due, one after the other, also what becomes due meanwhile; return what happened."""
    happened: list[dict[str, object]] = []
    while len(happened) < MOST_AT_ONCE:
        due = sandbox.take_due_deliveries()
        if not due:
            break
        for delivery in due:
            status = send(client, delivery)
            sandbox.delivery_result(delivery.id, status)
            happened.append(
                {
                    "delivery": delivery.id,
                    "event": delivery.event_id,
                    "type": delivery.event_type,
                    "endpoint": delivery.endpoint_id,
                    "attempt": delivery.attempt,
                    "status": status,
                }
            )
    return happened
