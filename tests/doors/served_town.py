"""The product and the local Stripe, each behind a port of its own, so that a connection can really hang or break."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2 as httpx
from anyio import to_thread
from sqlalchemy import text
from starlette.types import ASGIApp, Receive, Scope, Send

from fundraise.app import create_app
from fundraise.assembly import build_parts
from fundraise.gateways.stripe.client import StripeGateway
from fundraise.sandbox.web import create_sandbox_app
from fundraise.settings import Settings
from tests.mailbox import Mailbox
from tests.sandbox.driving import new_sandbox, served
from tests.world import SandboxClock, World


@dataclass
class Gate:
    """Stands before the local Stripe; while it is shut, every call waits there."""

    app: ASGIApp
    waiting: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    open: threading.Event = field(default_factory=threading.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/v1/") and not self.open.is_set():
            self.waiting.release()
            await to_thread.run_sync(self.open.wait, abandon_on_cancel=True)
        await self.app(scope, receive, send)


@dataclass
class Town:
    """`world` is driven as in other stories; its donor speaks to the served product over HTTP."""

    world: World
    gate: Gate
    base_url: str

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.base_url, trust_env=False, timeout=60, verify=False)

    def fault(self, **details: Any) -> None:
        self.world.sandbox.control("fault", {"times": 10_000, "path": "/v1/", **details})

    def stripe_is_back(self) -> None:
        self.world.sandbox.control("fault", {"clear": True})


@contextmanager
def town(settings: Settings) -> Iterator[Town]:
    """Serve both; the product's books are checked at the end."""
    sandbox = new_sandbox()
    gate = Gate(create_sandbox_app(sandbox, deliveries="manual"))
    gate.open.set()
    with served(gate) as stripe_url:
        gateway = StripeGateway(stripe_url)
        parts = build_parts(settings, clock=SandboxClock(sandbox), payments=gateway, mailer=Mailbox())
        with (
            closing(parts.db),
            closing(gateway._http),
            served(create_app(settings, parts=parts)) as base_url,
            httpx.Client(base_url=base_url, trust_env=False, timeout=60, verify=False) as donor,
        ):
            # A client over HTTP is driven like the one in process.
            world = World(settings, sandbox, parts, donor, Mailbox())  # type: ignore[arg-type]
            body = world.body()
            world.account(body)
            world.campaign(body)
            try:
                yield Town(world, gate, base_url)
            finally:
                gate.open.set()
            findings = world.findings()
    assert findings == []
    assert sandbox.check_books() == []


def column(world: World, question: str) -> list[object]:
    """Ask the database for one column."""
    with world.parts.db.read() as session:
        return list(session.execute(text(question)).scalars())
