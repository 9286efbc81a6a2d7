"""An HTTP client for the SDK that asks a Stripe-compatible server in the same process, without a connection.

The demo prepares its story with it, and the tests drive thousands of calls a second through the real SDK.
"""

from collections.abc import Callable, Mapping
from typing import Any

import stripe

Answer = tuple[bytes, int, Mapping[str, str]]
# Method, whole address, headers with lower-case names, body; returns body, status and headers. May raise OSError for
# a connection that broke off.
Ask = Callable[[str, str, Mapping[str, str], bytes], Answer]


class InProcessClient(stripe.HTTPClient):
    """Hands each request to `ask`, for synchronous and asynchronous calls alike."""

    name = "in-process"

    def __init__(self, ask: Ask) -> None:
        super().__init__()
        self._ask = ask

    # The SDK types its clients' answers as text; bytes are what its own clients give.
    def request(  # type: ignore[override]
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> Answer:
        """Ask at once."""
        body = post_data.encode() if isinstance(post_data, str) else post_data or b""
        try:
            return self._ask(
                method.upper(), url, {name.lower(): value for name, value in (headers or {}).items()}, body
            )
        except OSError as problem:
            raise stripe.APIConnectionError("the connection broke off", should_retry=True) from problem  # type: ignore[no-untyped-call]

    async def request_async(self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None) -> Answer:
        """Ask at once, too."""
        return self.request(method, url, headers, post_data)

    async def sleep_async(self, secs: float) -> None:
        """Wait for nothing before a retry: nobody is far away."""

    def _sleep_time_seconds(self, *_how_often: int) -> float:
        """Wait for nothing before a retry: nobody is far away."""
        return 0

    def close(self) -> None:
        """Close nothing: nothing is open."""

    async def close_async(self) -> None:
        """Close nothing: nothing is open."""
