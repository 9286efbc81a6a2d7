"""Hearing what Stripe sends: who it is for, whether it is really from Stripe, and keeping it once.

Nothing is done about it here. What is kept is only a hint to look; what is so, Stripe is asked afterwards.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fundraise import inbox
from fundraise.clock import FollowingClock
from fundraise.errors import NotFound
from fundraise.inbox import Arrival
from fundraise.parts import Parts
from fundraise.payments import BadSignature, Notice
from fundraise.stripe_accounts.questions import all_accounts, secrets_of
from fundraise.stripe_accounts.tables import PLATFORM_SLUG, AccountMode

# What we act on, by the kind of object; everything else on a shared account is none of our business.
HEARD: Final = frozenset({"checkout.session", "payment_intent", "charge", "refund", "dispute", "payout"})
_REMEMBERED_SECONDS: Final = 5


@dataclass(frozen=True, slots=True)
class _Account:
    slug: str
    account_ref: str
    livemode: bool


@dataclass(frozen=True, slots=True)
class _Endpoint:
    secrets: tuple[str, ...]
    accounts: tuple[_Account, ...]


class Listener:
    """Knows the endpoints' secrets for a few seconds, so that a burst of notices asks the database once."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._lock = threading.Lock()
        self._known: dict[str, _Endpoint] = {}
        self._until = time.monotonic()

    def listen(self, slug: str, body: bytes, signature: str) -> Arrival | None:
        """Return the notice to be kept, or None when it is real but not for us.

        Raises `NotFound` for an address we have no account for, `BadSignature`, and ValueError for a signed body
        that is no event.
        """
        endpoint = self._endpoint(slug)
        notice = self._verified(body, signature, endpoint.secrets)
        account = _account_named(endpoint, slug, notice.connected_account)
        if account is None or account.livemode != notice.livemode:
            return None
        if notice.object_type not in HEARD or not notice.object_id:
            return None
        return Arrival(
            account=account.slug,
            event_id=notice.id[:120],
            type=notice.type[:80],
            object_type=notice.object_type,
            object_id=notice.object_id[:120],
            payment_id=notice.payment_id[:120],
            happened_at=notice.created_at,
            body=body.decode(),
        )

    def _verified(self, body: bytes, signature: str, secrets: tuple[str, ...]) -> Notice:
        payments, clock = self._parts.payments, self._parts.clock
        try:
            return payments.verify(body, signature, secrets, clock.now())
        except BadSignature:
            if not isinstance(clock, FollowingClock):
                raise
            clock.ask_again()  # The demo's clock may have been moved just now, and the signature is of the new time.
            return payments.verify(body, signature, secrets, clock.now())

    def _endpoint(self, slug: str) -> _Endpoint:
        with self._lock:
            if time.monotonic() > self._until or slug not in self._known:
                self._known = _endpoints(self._parts)
                self._until = time.monotonic() + _REMEMBERED_SECONDS
            found = self._known.get(slug)
        if found is None or not found.secrets:
            raise NotFound("There is no Stripe account of this name.")
        return found


def keep(parts: Parts, arrivals: Sequence[Arrival]) -> int:
    """Keep notices, each once; return how many were new. After this returns they are safe."""
    return inbox.keep(parts.db, arrivals, parts.clock.now())


def _endpoints(parts: Parts) -> dict[str, _Endpoint]:
    """Return what each webhook address answers to: an account's own, and the one that connected accounts share."""
    with parts.db.read() as session:
        rows = all_accounts(session)
        endpoints = {
            row.slug: _Endpoint(secrets_of(row, parts.sealer), (_Account(row.slug, row.account_ref, row.livemode),))
            for row in rows
        }
        connected = [row for row in rows if row.mode == AccountMode.CONNECTED]
        if connected:
            secrets = dict.fromkeys(secret for row in connected for secret in secrets_of(row, parts.sealer))
            accounts = tuple(_Account(row.slug, row.account_ref, row.livemode) for row in connected)
            endpoints[PLATFORM_SLUG] = _Endpoint(tuple(secrets), accounts)
    return endpoints


def _account_named(endpoint: _Endpoint, slug: str, connected_account: str | None) -> _Account | None:
    if slug == PLATFORM_SLUG:
        return next((account for account in endpoint.accounts if account.account_ref == connected_account), None)
    account = endpoint.accounts[0]
    if connected_account is not None and account.account_ref and connected_account != account.account_ref:
        return None
    return account
