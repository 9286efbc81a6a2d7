"""What stands before every door: how long a request may be, where a form may come from, what every answer carries."""

from contextlib import suppress
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fundraise.settings import Settings

LONGEST_BODY_BYTES: Final = 1024 * 1024
LONGEST_FORM_BYTES: Final = 256 * 1024
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
# These prove who they are by a signature or a key of their own, and no browser is tricked into sending those.
_OWN_PROOF: Final = ("/webhooks/", "/api/")
POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self' {pay}; frame-ancestors 'none'; base-uri 'none'"
)


class Guard:
    """An ASGI layer around the whole product."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._origin = settings.base_url
        self._headers = _headers(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what is too long or comes from elsewhere; else pass it on, and sign the answer with our headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)

        async def signed(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in self._headers:
                    answer.setdefault(name, value)
                if "cache-control" not in answer:
                    answer["cache-control"] = "no-store"
            await send(message)

        if not self._comes_from_here(scope, headers):
            await _refuse(signed, 403, "This form was sent from another site. Please open our page and try again.")
            return
        if headers.get("content-encoding", "identity").lower() != "identity":
            await _refuse(signed, 415, "Compressed requests are not taken here.")
            return
        limit = _limit(scope["path"])
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > limit:
            await _refuse(signed, 413, "That is more than can be sent here.")
            return
        await self._pass_on(scope, receive, signed, limit)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        """Count the body while it comes, since a sender may not say or not know how long it will be."""
        taken = 0
        refused = False

        async def counted() -> Message:
            nonlocal taken, refused
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > limit:
                    refused = True
                    raise _TooLong
            return message

        async def unless_refused(message: Message) -> None:
            if not refused:
                await send(message)

        passed_on: Send = unless_refused
        if scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
            passed_on = _without_body(unless_refused)
        with suppress(_TooLong):
            await self._app(scope, counted, passed_on)
        if refused:
            await _refuse(send, 413, "That is more than can be sent here.")

    def _comes_from_here(self, scope: Scope, headers: Headers) -> bool:
        """Answer cross-site forgery by what browsers say of a request's origin, so that forms need no secret."""
        if scope["method"] in _SAFE or scope["path"].startswith(_OWN_PROOF):
            return True
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in {"same-origin", "none"}
        origin = headers.get("origin")
        return origin is None or origin.lower() == self._origin.lower()


class _TooLong(Exception):  # noqa: N818
    """The body went over the limit while it came."""


def _without_body(send: Send) -> Send:
    """Answer HEAD like GET, leaving out the body."""

    async def headers_alone(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return headers_alone


def _limit(path: str) -> int:
    return LONGEST_BODY_BYTES if path.startswith(_OWN_PROOF) else LONGEST_FORM_BYTES


def _headers(settings: Settings) -> list[tuple[str, str]]:
    # The form leads on to the payment page, and browsers hold a redirect to `form-action` too.
    pay = "https://checkout.stripe.com https://billing.stripe.com"
    if settings.stripe_api_base:  # A local Stripe shows its payment page on this machine too.
        pay = "http://127.0.0.1:* http://localhost:*"
    headers = [
        ("content-security-policy", POLICY.format(pay=pay)),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        # Not `no-referrer`: with it browsers send `Origin: null` with our own forms.
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=()"),
    ]
    if settings.secure:
        headers.append(("strict-transport-security", "max-age=31536000"))
    return headers


async def _refuse(send: Send, status: int, sentence: str) -> None:
    body = sentence.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
