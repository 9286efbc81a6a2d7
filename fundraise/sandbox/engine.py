"""The sandbox itself: requests in, replies out, time moved, deliveries handed out. No network, no threads."""

from __future__ import annotations

import json
import threading
from base64 import b64decode
from pathlib import Path
from typing import Any

from fundraise.sandbox import events, state_file
from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.books import check_books
from fundraise.sandbox.calls import Call, Page, Raw
from fundraise.sandbox.clock import Clock, FrozenClock
from fundraise.sandbox.control.actions import ACTIONS
from fundraise.sandbox.expand import expand, list_object
from fundraise.sandbox.faults import Fault
from fundraise.sandbox.form import decode
from fundraise.sandbox.messages import API_VERSION, ApiReply, ApiRequest, ControlError, Obj, StripeError
from fundraise.sandbox.objects.accounts import no_access
from fundraise.sandbox.operations import find_operation
from fundraise.sandbox.post import Delivery
from fundraise.sandbox.world import Account, Current, Observer, World


class Sandbox:
    """A small Stripe in memory.

    `clock` is its time (frozen where none is given), `seed` makes all ids and chances repeatable, `base_url` is where
    its pages are served, `observer` hears every accepted call and every event.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        seed: int = 1,
        base_url: str = "http://127.0.0.1:12111",
        observer: Observer | None = None,
    ) -> None:
        self.lock = threading.RLock()
        self.world = World(clock or FrozenClock(), seed=seed, base_url=base_url, observer=observer)

    def handle(self, request: ApiRequest) -> ApiReply:
        """Answer one API call as Stripe would. Never raises for anything the caller sends."""
        with self.lock:
            self.run_due()
            world = self.world
            world.request_count += 1
            world.current = Current(id=f"req_{world.request_count:014d}")
            try:
                return self._answer(request)
            finally:
                world.current = Current()

    def _answer(self, request: ApiRequest) -> ApiReply:
        world = self.world
        fault = world.faults.take(request.method, request.path, request.query.decode(errors="replace"))
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        world.current.idempotency_key = key
        entry: Obj = {
            "id": world.current.id,
            "at": world.clock.now(),
            "method": request.method,
            "path": request.path,
            "idempotency_key": key,
            "account": None,
            "params": {},
            "status": 0,
        }
        world.requests.append(entry)
        if fault is not None and fault.kind == "disconnect" and not fault.after:
            return fault.spoil(self._reply(503, {"error": fault.error().error}))
        try:
            account = self._account(request)
            entry["account"] = account.id
            entry["params"] = decode(request.query if request.method in {"GET", "DELETE"} else request.body)
            reply = self._execute(request, account, entry["params"], fault)
        except StripeError as error:
            reply = self._reply(error.status, {"error": error.error})
        entry["status"] = reply.status
        return fault.spoil(reply) if fault is not None else reply

    @behaves("api-keys", "live-keys-refused", "connect-isolation")
    def _account(self, request: ApiRequest) -> Account:
        """Return the account a call acts on. Raises StripeError 401 or 403."""
        key = _key_of(request.headers.get("authorization", ""))
        if not key:
            raise _unauthorised(
                "You did not provide an API key. You need to provide your API key in the Authorization header, using "
                "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
            )
        if key.startswith(("sk_live_", "rk_live_", "pk_live_")):
            raise _unauthorised(
                "This is a local Stripe sandbox; it refuses live keys. Take a live key to api.stripe.com and nowhere "
                "else, and treat this one as seen by others."
            )
        owner = self.world.keys.get(key)
        if owner is None:
            raise _unauthorised(f"Invalid API Key provided: {key[:8]}{'*' * max(0, len(key) - 12)}{key[-4:]}")
        account = self.world.accounts[owner]
        wanted = request.headers.get("stripe-account")
        if wanted is None or wanted == owner:
            return account
        connected = self.world.accounts.get(wanted)
        if connected is None or connected.platform != owner:
            raise no_access(wanted)
        return connected

    def _execute(self, request: ApiRequest, account: Account, decoded: Obj, fault: Fault | None) -> ApiReply:
        _check_version(request.headers.get("stripe-version"))
        operation, ids = find_operation(request.method, request.path)
        params = operation.shape.read(decoded, "")
        key = self.world.current.idempotency_key
        replaces = fault is not None and fault.kind == "status" and not fault.after
        if fault is not None and replaces and not fault.kept:
            raise fault.error()
        held = self.world.answers.recall(account.id, key, request, account.now()) if key else None
        if held is not None:
            return self._reply(held[0], held[1].encode(), {"idempotent-replayed": "true"})
        try:
            if fault is not None and replaces:
                raise fault.error()
            result = operation.handler(Call(account, params, ids, self._base_url(request)))
            if isinstance(result, Raw):
                return self._reply(200, result.content, {"content-type": result.media_type})
            reply = self._reply(200, _rendered(account, result, params.get("expand", [])))
        except StripeError as error:
            reply = self._reply(error.status, {"error": error.error})
            if not error.executed:
                return reply
        if key:
            reply.headers["idempotency-key"] = key
            self.world.answers.keep(account.id, key, request, account.now(), (reply.status, reply.body))
        if self.world.observer is not None:
            self.world.observer.call(request, reply)
        if fault is not None and fault.kind == "status" and fault.after:
            return self._reply(fault.status, {"error": fault.error().error})
        return reply

    def _reply(self, status: int, body: Obj | bytes, headers: dict[str, str] | None = None) -> ApiReply:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        request_id = self.world.current.id or ""
        shown = {"content-type": "application/json", "request-id": request_id, "stripe-version": API_VERSION}
        return ApiReply(status, shown | (headers or {}), raw)

    def _base_url(self, request: ApiRequest) -> str:
        host = request.headers.get("host", "")
        return f"http://{host}" if host.startswith(("127.0.0.1:", "localhost:", "[::1]:")) else self.world.base_url

    def run_due(self) -> int:
        """Run what the timeline has due by now; return how many actions ran."""
        with self.lock:
            return self.world.timeline.run_until(self.world, self.world.clock.now())

    def advance(self, seconds: int) -> int:
        """Move the clock forward, running every due action at its own moment; return the new time."""
        with self.lock:
            return self.advance_to(self.world.clock.now() + seconds)

    def advance_to(self, moment: int) -> int:
        """Move the clock forward to `moment` as `advance` does; return the new time."""
        with self.lock:
            self.world.timeline.run_until(self.world, moment)
            self.world.clock.stand_at(moment)
            return self.world.clock.now()

    def take_due_deliveries(self) -> list[Delivery]:
        """Return the webhook deliveries that are due, each to be sent once and answered with `delivery_result`."""
        with self.lock:
            self.run_due()
            return events.take_due_deliveries(self.world)

    def delivery_result(self, delivery_id: int, status: int | None) -> None:
        """Say what came of a delivery: its HTTP status, or None where nobody answered."""
        with self.lock:
            events.delivery_result(self.world, delivery_id, status)

    def control(self, action: str, details: dict[str, Any] | None = None) -> Any:
        """Do something that Stripe's API does not offer; the actions are listed in README.md. Raises ControlError."""
        with self.lock:
            self.run_due()
            if action not in ACTIONS:
                raise ControlError(f"no such action: {action}", status=404)
            try:
                return ACTIONS[action](self, dict(details or {}))
            except StripeError as error:
                raise ControlError(str(error), status=409) from error

    def check_books(self) -> list[str]:
        """Return what does not add up in any account; it must be an empty list."""
        with self.lock:
            return check_books(self.world)

    def save(self, path: Path) -> None:
        """Write the whole state to `path`, whole or not at all."""
        with self.lock:
            state_file.save(self.world, path)

    def load(self, path: Path) -> None:
        """Take the state that `save` wrote; the clock goes on from where it stood, never back."""
        with self.lock:
            state_file.load(self.world, path)


def _key_of(authorization: str) -> str:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            return b64decode(value).decode().partition(":")[0]
        except ValueError:
            return ""
    return value.strip() if scheme.lower() == "bearer" else ""


def _unauthorised(message: str) -> StripeError:
    return StripeError(message, status=401, executed=False)


@behaves("one-api-version")
def _check_version(wanted: str | None) -> None:
    if wanted not in {None, API_VERSION}:
        raise StripeError(
            f"Invalid Stripe API version: {wanted}. The sandbox speaks {API_VERSION} alone.", executed=False
        )


def _rendered(account: Account, result: Obj | Page, paths: list[str]) -> Obj:
    reply = list_object(result) if isinstance(result, Page) else {k: v for k, v in result.items() if k[0] != "_"}
    if paths:
        expand(account, reply, paths)
    return reply
