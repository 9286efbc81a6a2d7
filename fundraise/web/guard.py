"""What stands before every door: how long a request may be, where a form may come from, what every answer carries.

Pages sent from memory alone stand before it (`web/hot/pages`): nothing of a request but its path is read there.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fundraise.error_answers import fault_said, refusal, refusal_said
from fundraise.errors import Refusal
from fundraise.flows.receive_report import LARGEST_EVIDENCE_BYTES
from fundraise.published_rates import LARGEST_RATES_FILE_BYTES
from fundraise.settings import Settings
from fundraise.statements.vocabulary import LARGEST_FILE_BYTES

LONGEST_BODY_BYTES: Final = 1024 * 1024
LONGEST_FORM_BYTES: Final = 256 * 1024
# The forms that bring a file; their doors let only staff, or a partner with its link, begin to send it.
_FILE_FORMS: Final = {
    "/staff/statements": LARGEST_FILE_BYTES + 64 * 1024,
    "/staff/rates": LARGEST_RATES_FILE_BYTES + 64 * 1024,
}
_REPORT: Final = re.compile(r"/r/[^/]+|/staff/partners/[^/]+/report")
_COUNT: Final = re.compile(rb"[0-9]{1,12}")
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
# These prove who they are by a signature or a key of their own, and no browser is tricked into sending those.
_OWN_PROOF: Final = ("/webhooks/", "/api/")
POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self' {pay}; frame-ancestors 'none'; base-uri 'none'"
)


class Guard:
    """An ASGI layer around the whole product. Every answer passes it, so it works on raw headers (half the time)."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._headers = security_headers(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what is too long or comes from elsewhere; else pass it on, and sign the answer with our headers.

        What breaks above the router, where nobody else answers, is answered here.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def signed(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                said = {name for name, _ in message["headers"]}
                ours = [header for header in self._headers if header[0] not in said]
                message = {**message, "headers": [*message["headers"], *ours]}
            await send(message)

        out = _without_body(signed) if scope["method"] == "HEAD" else signed
        try:
            self._require_ours(scope)
            await self._pass_on(scope, receive, out)
        except Refusal as problem:
            answer = refusal_said(self._settings, datetime.now(UTC), scope["path"], problem)
            await answer(scope, receive, out)
        except Exception as problem:  # The last who can answer. What the router answered itself is only passed up.
            if begun:
                raise
            await fault_said(self._settings, datetime.now(UTC), scope["path"], problem)(scope, receive, out)

    def _require_ours(self, scope: Scope) -> None:
        """Refuse by the first line and the headers alone."""
        headers: dict[bytes, bytes] = dict(reversed(scope["headers"]))  # Of a header sent twice the first one is read.
        if "\0" in scope["path"]:  # PostgreSQL takes no text with it, so nothing can have such an address.
            raise refusal(404, "There is nothing at this address.", code="not_found")
        if not self._comes_from_here(scope, headers):
            sentence = "This form was sent from another site. Please open our page and try again."
            raise refusal(403, sentence, code="other_site")
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            raise refusal(415, "Compressed requests are not taken here.", code="compressed")
        length = headers.get(b"content-length", b"0")
        if not _COUNT.fullmatch(length) or int(length) > _limit(scope["path"]):
            raise _TooLong

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the body while it comes, since a sender may not say or not know how long it will be."""
        limit = _limit(scope["path"])
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

        if scope["method"] == "HEAD":
            await self._app({**scope, "method": "GET"}, _nothing_more(), unless_refused)
        else:
            await self._app(scope, counted, unless_refused)
        if refused:  # Somebody below took the refusal for an unreadable body and answered that.
            raise _TooLong

    def _comes_from_here(self, scope: Scope, headers: Mapping[bytes, bytes]) -> bool:
        """Answer cross-site forgery by what browsers say of a request's origin, so that forms need no secret."""
        if scope["method"] in _SAFE or scope["path"].startswith(_OWN_PROOF):
            return True
        site = headers.get(b"sec-fetch-site")
        if site is not None:
            return site in {b"same-origin", b"none"}
        origin = headers.get(b"origin")
        return origin is None or origin.decode("latin-1").lower() == self._settings.base_url.lower()


class _TooLong(Refusal):
    """The body is over the limit, or went over it while it came."""

    status = 413
    code = "too_long"

    def __init__(self) -> None:
        super().__init__("That is more than can be sent here. Nothing was saved.")


def _nothing_more() -> Receive:
    """Let HEAD hear that its sender has gone, so that an answer without an end ends after its headers."""
    rest: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def nothing_more() -> Message:
        return rest.pop() if rest else {"type": "http.disconnect"}

    return nothing_more


def _without_body(send: Send) -> Send:
    """Answer HEAD like GET, leaving out the body."""

    async def headers_alone(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return headers_alone


def _limit(path: str) -> int:
    if path in _FILE_FORMS:
        return _FILE_FORMS[path]
    if _REPORT.fullmatch(path):
        return LARGEST_EVIDENCE_BYTES + 64 * 1024
    return LONGEST_BODY_BYTES if path.startswith(_OWN_PROOF) else LONGEST_FORM_BYTES


def security_headers(settings: Settings) -> list[tuple[bytes, bytes]]:
    """Return the headers that every answer carries; an answer that says one of them itself keeps its own."""
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
        ("cache-control", "no-store"),
    ]
    if settings.secure:
        headers.append(("strict-transport-security", "max-age=31536000"))
    return [(name.encode(), value.encode()) for name, value in headers]
