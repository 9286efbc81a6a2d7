"""The SDK's client over aiohttp, made whole: a connection may also break while the answer's body is read.

The SDK reads the body outside its own handling of faults, so that such a break would neither be tried again under the
same key nor be known as an outage.
"""

from collections.abc import Mapping
from typing import Any

import aiohttp
import stripe


class AiohttpClient(stripe.AIOHTTPClient):
    """Takes a break in the middle of an answer for what it is: a call whose outcome is unknown."""

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Ask, and read the whole answer; raises `stripe.APIConnectionError`, which the SDK tries again."""
        try:
            return await super().request_async(method, url, headers, post_data)
        except (aiohttp.ClientError, OSError) as problem:  # A timeout is an OSError.
            self._handle_request_error(problem)
