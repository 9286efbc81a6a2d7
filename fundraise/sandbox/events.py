"""Events: made at each change, kept 30 days, and handed to the post for each endpoint that listens."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.clock import DAY_SECONDS
from fundraise.sandbox.messages import API_VERSION, Obj
from fundraise.sandbox.post import Delivery, body_of, signature

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account, World

KEPT_SECONDS = 30 * DAY_SECONDS


def public(row: Obj) -> Obj:
    """Return the object without the sandbox's own keys."""
    return {key: value for key, value in row.items() if key[0] != "_"}


def emit(account: Account, event_type: str, row: Obj, previous: Obj | None = None) -> None:
    """Record that something happened to `row`; `previous` holds the changed keys' earlier values."""
    data: Obj = {"object": public(row)}
    if previous:
        data["previous_attributes"] = previous
    text = json.dumps(data)
    _record(account, event_type, text)
    twin_rate = account.world.post.settings.twin_rate
    if twin_rate and account.world.random.random() < twin_rate:
        _record(account, event_type, text)


@behaves("event-snapshot", "events-kept-30-days")
def _record(account: Account, event_type: str, data: str) -> None:
    world = account.world
    now = account.now()
    listeners = _listeners(account, event_type)
    event = account["events"].add(
        {
            "id": account.new_id("evt_"),
            "object": "event",
            "api_version": API_VERSION,
            "created": now,
            "livemode": False,
            "pending_webhooks": len(listeners),
            "request": {"id": world.current.id, "idempotency_key": world.current.idempotency_key},
            "type": event_type,
            "_data": data,
        }
    )
    _forget_old(account, now)
    for owner, endpoint in listeners:
        world.post.send(event, endpoint, accounts=(account.id, owner.id), now=now, random=world.random)
    if world.observer is not None:
        world.observer.event(whole(event))


def send_again(account: Account, event: Obj) -> int:
    """Deliver an event once more to everyone who listens now; return to how many."""
    world = account.world
    listeners = _listeners(account, event["type"])
    for owner, endpoint in listeners:
        world.post.send(event, endpoint, accounts=(account.id, owner.id), now=account.now(), random=world.random)
    return len(listeners)


def whole(event: Obj) -> Obj:
    """Return the event as the API gives it."""
    return {**public(event), "data": json.loads(event["_data"])}


def is_kept(event: Obj, now: int) -> bool:
    """Say whether the API still shows the event. Source: https://docs.stripe.com/api/events (30 days)."""
    return bool(event["created"] > now - KEPT_SECONDS)


@behaves("connect-webhooks")
def _listeners(account: Account, event_type: str) -> list[tuple[Account, Obj]]:
    found = [(account, row) for row in account["webhook_endpoints"].rows if not row["_connect"]]
    if account.platform is not None:
        platform = account.world.accounts[account.platform]
        found += [(platform, row) for row in platform["webhook_endpoints"].rows if row["_connect"]]
    return [(owner, row) for owner, row in found if _listens(row, event_type)]


def _listens(endpoint: Obj, event_type: str) -> bool:
    wanted = endpoint["enabled_events"]
    alive = endpoint["status"] == "enabled" and not endpoint.get("_deleted")
    return alive and ("*" in wanted or event_type in wanted)


def _forget_old(account: Account, now: int) -> None:
    """Free the text of events that nobody can ask for any more, a few at each new one."""
    rows = account["events"].rows
    while not is_kept(rows[account.events_forgotten], now):
        rows[account.events_forgotten]["_data"] = '{"object": {}}'
        account.events_forgotten += 1


def take_due_deliveries(world: World) -> list[Delivery]:
    """Return the deliveries due now, each signed afresh."""
    deliveries: list[Delivery] = []
    for record in world.post.take_due(world.clock.now(), world.random):
        endpoint = world.accounts[record["endpoint_account"]]["webhook_endpoints"].find(record["endpoint"])
        event = world.accounts[record["account"]]["events"].find(record["event"])
        if endpoint is None or event is None or endpoint["status"] != "enabled":
            world.post.give_up(record)
            continue
        deliveries.append(_delivery(world, record, endpoint, event))
    return deliveries


@behaves("webhook-payload-version", "webhook-secret-roll")
def _delivery(world: World, record: Obj, endpoint: Obj, event: Obj) -> Delivery:
    payload = whole(event)
    payload["api_version"] = endpoint["api_version"] or API_VERSION
    if endpoint["_connect"]:
        payload["account"] = record["account"]
    body = body_of(payload)
    now = world.clock.now()
    secrets = [one["secret"] for one in endpoint["_secrets"] if one["until"] is None or one["until"] > now]
    stamp = world.clock.wall() if world.post.settings.signing_time == "wall" else now
    headers = {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "stripe-signature": signature(body, secrets, stamp),
    }
    return Delivery(
        id=record["id"],
        url=endpoint["url"],
        headers=headers,
        body=body,
        event_id=event["id"],
        event_type=event["type"],
        endpoint_id=endpoint["id"],
        attempt=record["attempts"],
    )


def delivery_result(world: World, delivery_id: int, status: int | None) -> None:
    """Take the HTTP status that a delivery got, or None where there was no answer."""
    record = world.post.result(delivery_id, status, world.clock.now())
    if record is not None and record["state"] == "delivered":
        event = world.accounts[record["account"]]["events"].find(record["event"])
        if event is not None:
            event["pending_webhooks"] = max(0, event["pending_webhooks"] - 1)
