"""What does not come from Stripe, or is none of ours, changes nothing at the webhook door (reliability goal 35)."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.doors.knocking import on_the_wire, rows, says_nothing_of_the_inside, traces
from tests.doors.stripe_says import DOOR, digest, event, signed, tell
from tests.world import WEBHOOK_SECRET, World


def stamp(world: World) -> int:
    return int(world.now().timestamp())


Header = Callable[[World, bytes], str]
FORGED: dict[str, Header] = {
    "empty": lambda _world, _body: "",
    "garbage": lambda _world, _body: "Bearer whatever",
    "commas": lambda _world, _body: ",,,=,=,",
    "parts without values": lambda _world, _body: "t=,v1=",
    "time alone": lambda world, _body: f"t={stamp(world)}",
    "signature alone": lambda world, body: f"v1={digest(stamp(world), body)}",
    "v0 alone": lambda world, body: signed(world, body, scheme="v0"),
    "v2 alone": lambda world, body: signed(world, body, scheme="v2"),
    "no hexadecimal": lambda world, _body: f"t={stamp(world)},v1={'z' * 64}",
    "half a signature": lambda world, body: signed(world, body)[:-32],
    "in capitals": lambda world, body: f"t={stamp(world)},v1={digest(stamp(world), body).upper()}",
    "letters beyond ASCII": lambda world, _body: f"t={stamp(world)},v1=é",
    "digits of another script": lambda world, body: f"t=١٧{stamp(world)},v1={digest(stamp(world), body)}",
    "a blank before v1": lambda world, body: signed(world, body).replace(",", ", "),
    "time is no number": lambda world, body: f"t=now,v1={digest(stamp(world), body)}",
    "time of 5,000 digits": lambda world, body: f"t={'1' * 1990},v1={digest(stamp(world), body)}",
    "two times": lambda world, body: f"t={stamp(world) - 900},{signed(world, body)}",
    "100,000 letters": lambda world, body: signed(world, body) + ",v1=" + "0" * 100_000,
    "of other bytes": lambda world, body: signed(world, body + b" "),
    "of nothing": lambda world, _body: signed(world, b""),
    "another secret": lambda world, body: signed(world, body, secret="whsec_other"),
    "an empty secret": lambda world, body: signed(world, body, secret=""),
    "another account's secret": lambda world, body: signed(world, body, secret="whsec_of_network"),
    "five minutes and a second old": lambda world, body: signed(world, body, age=301),
    "three days old": lambda world, body: signed(world, body, age=3 * 86_400),
    "31 days old": lambda world, body: signed(world, body, age=31 * 86_400),
    "five minutes and a second ahead": lambda world, body: signed(world, body, age=-301),
    "of the year 5138": lambda _world, body: f"t=99999999999,v1={digest(99999999999, body)}",
    "of the year 1970": lambda _world, body: f"t=0,v1={digest(0, body)}",
    "before 1970": lambda _world, body: f"t=-1,v1={digest(-1, body)}",
}  # fmt: skip


def refused(world: World, body: bytes, header: str, door: str = DOOR, status: int = 400) -> None:
    before = traces(world)
    answer = world.donor.post(door, content=body, headers={b"stripe-signature": header.encode()})
    assert answer.status_code == status, answer.text
    says_nothing_of_the_inside(answer)
    assert traces(world) == before


def forged_is_refused(world: World, forged: str) -> None:
    body = json.dumps(event(world)).encode()
    refused(world, body, FORGED[forged](world, body))


@pytest.mark.parametrize("forged", FORGED)
def test_what_stripe_did_not_sign_now_is_refused(street: World, forged: str) -> None:
    forged_is_refused(street, forged)


def test_no_signature_and_two_signatures_are_refused(street: World) -> None:
    body = json.dumps(event(street)).encode()
    good = (b"stripe-signature", signed(street, body).encode())
    before = traces(street)
    for headers in ([], [good, good], [good, (b"stripe-signature", b"x")]):
        assert on_the_wire(street, "POST", DOOR, headers=headers, chunks=[body]).status == 400
    assert traces(street) == before


ALTERED: dict[str, Callable[[bytes], bytes]] = {
    "whitespace": lambda body: body.replace(b": ", b":"),
    "a line end at the end": lambda body: body + b"\n",
    "the order of fields": lambda body: json.dumps(dict(reversed(json.loads(body).items()))).encode(),
    "an amount": lambda body: body.replace(b"2000", b"9000"),
    "one bit": lambda body: body[:-1] + bytes([body[-1] ^ 1]),
    "half of it": lambda body: body[: len(body) // 2],
    "compressed": gzip.compress,
    "UTF-16": lambda body: body.decode().encode("utf-16"),
}


@pytest.mark.parametrize("altered", ALTERED)
def test_a_good_signature_on_other_bytes_is_refused(street: World, altered: str) -> None:
    body = json.dumps(event(street)).encode()
    refused(street, ALTERED[altered](body), signed(street, body))


DOORS = {
    "an account of nobody": "/webhooks/stripe/nobody",
    "the platform, without one": "/webhooks/stripe/platform",
    "an odd name": "/webhooks/stripe/%27--",
    "no name": "/webhooks/stripe/",
    "another service": "/webhooks/paypal/shelter",
    "further down": "/webhooks/stripe/shelter/more",
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_a_door_of_nobody_is_nowhere(street: World, door: str) -> None:
    body = json.dumps(event(street)).encode()
    refused(street, body, signed(street, body), door, 404)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "TRACE", "OPTIONS"])
def test_the_door_takes_post_alone(street: World, method: str) -> None:
    assert street.donor.request(method, DOOR).status_code == 404


def deep(opening: bytes, closing: bytes, levels: int = 100_000) -> bytes:
    return opening * levels + closing * levels


def without(world: World, *path: str) -> bytes:
    made = event(world)
    at: Any = made
    for step in path[:-1]:
        at = at[step]
    del at[path[-1]]
    return json.dumps(made).encode()


def as_text(world: World, **changes: Any) -> str:
    return json.dumps(event(world, **changes))


def changed(**changes: Any) -> Callable[[World], bytes]:
    return lambda world: as_text(world, **changes).encode()


# Signed with the right secret, and no event all the same.
NO_EVENTS: dict[str, Callable[[World], bytes]] = {
    "nothing": lambda _world: b"",
    "no JSON": lambda _world: b"charge.succeeded",
    "HTML": lambda _world: b"<html>",
    "half of JSON": lambda world: json.dumps(event(world)).encode()[:-20],
    "null": lambda _world: b"null",
    "a number": lambda _world: b"5",
    "a text": lambda _world: b'"evt_1"',
    "a list": lambda world: json.dumps([event(world)]).encode(),
    "an empty object": lambda _world: b"{}",
    "not UTF-8": lambda world: json.dumps(event(world)).encode() + b"\xff\xfe",
    "UTF-16": lambda world: json.dumps(event(world)).encode("utf-16"),
    "no id": lambda world: without(world, "id"),
    "no type": lambda world: without(world, "type"),
    "no data": lambda world: without(world, "data"),
    "no object": lambda world: without(world, "data", "object"),
    "no kind of object": lambda world: without(world, "data", "object", "object"),
    "no time": lambda world: without(world, "created"),
    "no mode": lambda world: without(world, "livemode"),
    "data null": changed(data=None),
    "object null": changed(data={"object": None}),
    "object a list": changed(data={"object": []}),
    "object a text": changed(data={"object": "ch_1"}),
    "id null": changed(id=None),
    "id a number": changed(id=5),
    "id a list": changed(id=["evt_1"]),
    "id empty": changed(id=""),
    "id with NUL": changed(id="evt_\x00"),
    "id with a lone surrogate": changed(id="evt_\ud800"),
    "id of 300 letters": changed(id="e" * 300),
    "object id with NUL": changed(about={"id": "ch_\x00"}),
    "object id with a lone surrogate": changed(about={"id": "ch_\udfff"}),
    "payment with NUL": changed(about={"payment_intent": "pi_\x00"}),
    "type with NUL": changed(type="charge.\x00"),
    "time null": changed(created=None),
    "time a word": changed(created="soon"),
    "time without end": lambda world: as_text(world, created=1).replace('"created": 1', '"created": 1e999').encode(),
    "time no number": changed(created=float("nan")),
    "time of no year": changed(created=10**18),
    "100,000 lists deep": lambda _world: deep(b"[", b"]"),
    "100,000 objects deep": lambda _world: deep(b'{"a":', b"}")[:-1],
    "100,000 levels in a field": lambda world: as_text(world)[:-1].encode() + b', "x": ' + deep(b"[", b"]") + b"}",
}  # fmt: skip


def no_event_is_refused(world: World, name: str) -> None:
    body = NO_EVENTS[name](world)
    refused(world, body, signed(world, body))


@pytest.mark.parametrize("name", NO_EVENTS)
def test_what_is_signed_and_no_event_is_refused(street: World, name: str) -> None:
    no_event_is_refused(street, name)


# Real, but none of our business: Stripe hears 200 and sends it no more.
NOT_FOR_US: dict[str, Callable[[World], bytes]] = {
    "a live event on a test account": changed(livemode=True),
    "a live event in capitals": changed(livemode=True, type="CHARGE.SUCCEEDED"),
    "another account's event": changed(account="acct_foreign"),
    "an object we do not act on": changed(type="customer.created", about={"object": "customer", "id": "cus_1"}),
    "a kind of object nobody knows": changed(type="teleport.done", about={"object": "teleport", "id": "tp_1"}),
    "an object without an id": changed(type="balance.available", about={"object": "balance", "id": None}),
}  # fmt: skip


def none_of_ours_is_not_kept(world: World, name: str) -> None:
    before = traces(world)
    assert tell(world, NOT_FOR_US[name](world)).status_code == 200
    assert traces(world) == before


@pytest.mark.parametrize("name", NOT_FOR_US)
def test_what_is_none_of_ours_is_heard_and_not_kept(street: World, name: str) -> None:
    none_of_ours_is_not_kept(street, name)


# Unusual and real: kept, since what is so Stripe is asked.
KEPT: dict[str, Callable[[World], bytes]] = {
    "a type nobody knows": changed(id="evt_k1", type="charge.teleported"),
    "an older version of the API": changed(id="evt_k2", api_version="2017-08-15"),
    "a newer version of the API": changed(id="evt_k3", api_version="2099-01-01.zebra"),
    "no version": changed(id="evt_k4", api_version=None),
    "an amount as text": changed(id="evt_k5", about={"amount": "20.00"}),
    "an amount without end": changed(id="evt_k6", about={"amount": 10**400}),
    "fields we do not know": changed(id="evt_k7", surprise={"deeply": [{"nested": None}]}),
    "an expanded payment": changed(id="evt_k8", about={"payment_intent": {"id": "pi_x"}}),
    "keys that come twice": lambda world: b'{"id": "evt_other", "a": 1, ' + as_text(world, id="evt_k9")[1:].encode(),
    "signs beyond ASCII": changed(id="evt_k10", note="Zoë 🏳️‍🌈 \u202e"),
    "five minutes old": changed(id="evt_k11"),
    "one of two signatures right": changed(id="evt_k12"),
}  # fmt: skip


@pytest.mark.parametrize("name", KEPT)
def test_what_is_unusual_and_real_is_kept_and_books_nothing_by_itself(street: World, name: str) -> None:
    body = KEPT[name](street)
    header = signed(street, body, age=300 if name == "five minutes old" else 0)
    if name == "one of two signatures right":
        header = f"t={stamp(street)},v1={'0' * 64},v1={digest(stamp(street), body)},v0=x"
    assert tell(street, body, header).status_code == 200
    kept = rows(
        street, "SELECT account, handled_at FROM inbox_notice WHERE event_id = '" + json.loads(body)["id"] + "'"
    )
    assert kept == [("shelter", None)]
    assert street.total_minor() == 0


def test_too_much_is_refused_before_it_is_read(street: World) -> None:
    before = traces(street)
    body = json.dumps(event(street, note="x" * 10_000_000)).encode()
    assert tell(street, body).status_code == 413
    header = (b"stripe-signature", signed(street, body).encode())
    chunks = [body[at : at + 65_536] for at in range(0, len(body), 65_536)]
    assert on_the_wire(street, "POST", DOOR, headers=[header], chunks=chunks).status == 413
    compressed = street.donor.post(DOOR, content=gzip.compress(body), headers={"content-encoding": "gzip"})
    assert compressed.status_code == 415
    assert traces(street) == before


def test_a_body_of_unknown_length_is_heard_like_any_other(street: World) -> None:
    body = json.dumps(event(street, id="evt_chunked")).encode()
    header = (b"stripe-signature", signed(street, body).encode())
    heard = on_the_wire(street, "POST", DOOR, headers=[header], chunks=[body[:10], b"", body[10:50], body[50:]])
    assert (heard.status, heard.body) == (200, b"")
    assert rows(street, "SELECT body FROM inbox_notice WHERE event_id = 'evt_chunked'") == [(body.decode(),)]


def test_while_a_secret_is_rolled_both_hold(street: World) -> None:
    """The account `network` has two secrets in use; a third one, and the other account's, hold nothing there."""
    door = "/webhooks/stripe/network"
    for place, (secret, status) in enumerate(
        [("whsec_of_network", 200), ("whsec_of_network_new", 200), ("whsec_third", 400), (WEBHOOK_SECRET, 400)]
    ):
        body = json.dumps(event(street, id=f"evt_roll_{place}")).encode()
        assert tell(street, body, signed(street, body, secret=secret), door).status_code == status
    kept = rows(street, "SELECT event_id FROM inbox_notice WHERE account = 'network' ORDER BY event_id")
    assert kept == [("evt_roll_0",), ("evt_roll_1",)]
