"""Ways to drive the sandbox through the official SDK: over HTTP on a loopback port, or in process for speed."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator, Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx
import stripe
import uvicorn

from fundraise.sandbox import ApiRequest, FrozenClock, Sandbox
from fundraise.sandbox.web import create_sandbox_app
from tests.sandbox.spec_gate import gate

stripe.enable_telemetry = False


class InProcess(stripe.HTTPClient):
    """An HTTP client of the SDK that asks a sandbox in the same process."""

    name = "in-process"

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__()
        self._sandbox = sandbox

    def request(  # type: ignore[override]  The SDK types its answer as text; bytes are what its own clients give.
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[bytes, int, Mapping[str, str]]:
        parts = urlsplit(url)
        reply = self._sandbox.handle(
            ApiRequest(
                method=method.upper(),
                path=parts.path,
                query=parts.query.encode(),
                body=post_data.encode() if isinstance(post_data, str) else post_data or b"",
                headers={name.lower(): value for name, value in (headers or {}).items()},
            )
        )
        if reply.mishap is not None and (reply.mishap.disconnect or reply.mishap.cut_short):
            raise stripe.APIConnectionError("the connection broke off", should_retry=True)
        return reply.body, reply.status, reply.headers

    def close(self) -> None:
        """Nothing is open."""


def new_sandbox(**options: Any) -> Sandbox:
    """Return a sandbox on a frozen clock with the spec gate as its observer."""
    return Sandbox(**{"clock": FrozenClock(), "observer": gate(), **options})


def add_account(sandbox: Sandbox, **details: Any) -> dict[str, Any]:
    """Make an account; its keys are in `keys`."""
    made = sandbox.control("accounts", {"business_name": "River Trust", "statement_prefix": "RIVER", **details})
    assert isinstance(made, dict)
    return made


def client(sandbox: Sandbox, key: str, **options: Any) -> stripe.StripeClient:
    """Return an SDK client that asks `sandbox` in process."""
    return stripe.StripeClient(key, http_client=InProcess(sandbox), **options)


def http_client(base_url: str, key: str, **options: Any) -> stripe.StripeClient:
    """Return an SDK client that asks a served sandbox over HTTP."""
    addresses = dict.fromkeys(("api", "files", "connect", "meter_events"), base_url)
    return stripe.StripeClient(key, base_addresses=addresses, http_client=stripe.RequestsClient(timeout=20), **options)


@contextlib.contextmanager
def served(app: Any, port: int = 0) -> Iterator[str]:
    """Serve an ASGI app on a loopback port, a free one unless it is named; gives its base URL."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    config = uvicorn.Config(app, log_level="critical", access_log=False, timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        _wait_until_answering(base_url, server)
        yield base_url
    finally:
        server.should_exit = True
        thread.join(timeout=30)
        listener.close()


def free_port() -> int:
    """Return a port that nobody uses now, for an app that must know its own address before it is served."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_answering(base_url: str, server: uvicorn.Server) -> None:
    with httpx.Client(base_url=base_url, trust_env=False, timeout=10, verify=False) as asking:  # noqa: S501  On loopback.
        # The socket listens already, so that this call waits in its queue until the server takes it.
        while not server.started:
            with contextlib.suppress(httpx.HTTPError):
                asking.get("/")


@contextlib.contextmanager
def served_sandbox(sandbox: Sandbox, deliveries: Literal["automatic", "manual"] = "manual") -> Iterator[str]:
    """Serve a sandbox; gives its base URL."""
    with served(create_sandbox_app(sandbox, deliveries=deliveries)) as base_url:
        yield base_url


def session_params(amount_minor: int = 5000, currency: str = "gbp", **more: Any) -> dict[str, Any]:
    """Return the parameters of an ordinary one-off gift."""
    item = {
        "quantity": 1,
        "price_data": {
            "currency": currency,
            "unit_amount": amount_minor,
            "product_data": {"name": "Gift to the winter appeal"},
        },
    }
    return {
        "mode": "payment",
        "submit_type": "donate",
        "success_url": "http://127.0.0.1:9/thanks?cs={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://127.0.0.1:9/back",
        "line_items": [item],
        **more,
    }


def paid_charge(
    sandbox: Sandbox,
    asking: stripe.StripeClient,
    amount_minor: int,
    *,
    currency: str = "gbp",
    card: str = "4242424242424242",
) -> str:
    """Pay a one-off gift by card and let its balance transaction come; return the charge's id."""
    session = asking.v1.checkout.sessions.create(session_params(amount_minor, currency))
    paid = sandbox.control("pay", {"session": session.id, "card": card})
    assert paid["outcome"] == "succeeded"
    sandbox.advance(5)
    return str(paid["charge"])
