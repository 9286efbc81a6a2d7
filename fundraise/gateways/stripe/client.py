"""Stripe's API as a `PaymentGateway`: every call bounded in time, every answer translated, every id checked.

Opening a Checkout Session is asynchronous, since donors wait for it and a hanging Stripe may hold no thread that other
pages need. Everything else is called from jobs and from the thanks page, in threads.
"""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

import stripe

from fundraise import faults
from fundraise.gateways.stripe import notices, translate, units
from fundraise.gateways.stripe.over_aiohttp import AiohttpClient
from fundraise.gateways.stripe.units import from_stripe, money, to_stripe
from fundraise.payments import (
    API_VERSION,
    AccountKey,
    BalanceNow,
    BalanceTransaction,
    ChargeLimits,
    Checkout,
    CheckoutRequest,
    Dispute,
    GatewayRefused,
    GatewayUnavailable,
    KeyRefused,
    Notice,
    ObjectMissing,
    Payment,
    Payout,
    Refund,
)

TIMEOUT_SECONDS = 20
OPEN_TIMEOUT_SECONDS = 12
_RETRIES = 2
_PAGE = 100
# An id goes into a path; an empty one would be answered with a list.
_ID = re.compile(r"[A-Za-z0-9_]{3,120}")
# What nearly every object has is fetched along with it; the rows of failures are rare and fetched one by one.
_WITH_TRANSACTION = ["balance_transaction"]
_WITH_TRANSACTIONS = ["data.balance_transaction"]
_LONGEST_MESSAGE = 300  # The SDK quotes a body it could not read in full.

stripe.enable_telemetry = False


class StripeGateway:
    """One Stripe, the real one or a compatible server on loopback, for all accounts we hold keys of."""

    def __init__(
        self,
        api_base: str = "",
        *,
        http_client: stripe.HTTPClient | None = None,
        async_client: Callable[[], stripe.HTTPClient] | None = None,
    ) -> None:
        self._api_base = api_base
        self._http = http_client or stripe.RequestsClient(timeout=TIMEOUT_SECONDS)
        self._make_async = async_client or (lambda: AiohttpClient(timeout=OPEN_TIMEOUT_SECONDS))
        self._async: WeakKeyDictionary[asyncio.AbstractEventLoop, stripe.HTTPClient] = WeakKeyDictionary()
        self._clients: dict[tuple[str, int], stripe.StripeClient] = {}

    def charge_limits(self, currency: str) -> ChargeLimits:
        """Return what one charge in a currency may come to."""
        return units.charge_limits(currency)

    async def open_checkout(self, account: AccountKey, request: CheckoutRequest) -> Checkout:
        """Open a Checkout Session, or get the same one again under the same key."""
        client = self._client(account.api_key, self._async_http())
        options = {**self._options(account), "idempotency_key": request.key}
        try:
            params = _checkout_params(request)
        except ValueError as problem:  # No asking again helps.
            raise GatewayRefused(str(problem), "parameter_invalid_integer") from None
        with faults.around("stripe: open checkout"), _translated():
            session = await client.v1.checkout.sessions.create_async(params, options)  # type: ignore[arg-type]
        return translate.checkout(session.to_dict())

    def checkout(self, account: AccountKey, checkout_id: str) -> Checkout:
        """Look at a Checkout Session."""
        return translate.checkout(self._get(account, "checkout.sessions", checkout_id))

    def expire_checkout(self, account: AccountKey, checkout_id: str) -> Checkout:
        """Close a Checkout Session; one that is complete or expired already is refused."""
        client = self._client(account.api_key)
        with faults.around("stripe: expire checkout"), _translated():
            session = client.v1.checkout.sessions.expire(_checked(checkout_id), {}, self._options(account))  # type: ignore[arg-type]
        return translate.checkout(session.to_dict())

    def find_checkout(self, account: AccountKey, reference: str, since: datetime) -> Checkout | None:
        """Look for a Checkout Session by our reference, for when Stripe has forgotten the key (after 24 h)."""
        params = {"created": {"gte": int(since.timestamp())}, "limit": _PAGE}
        for session in self._all(account, "checkout.sessions", params):
            found = translate.checkout(session)
            if found.reference == reference:
                return found
        return None

    def payment(self, account: AccountKey, payment_id: str) -> Payment:
        """Look at a PaymentIntent, its charge, and every refund and dispute of it."""
        intent = self._get(account, "payment_intents", payment_id, {"expand": ["latest_charge.balance_transaction"]})
        charge = intent.get("latest_charge")
        if isinstance(charge, str):
            charge = self._get(account, "charges", charge, {"expand": _WITH_TRANSACTION})
        if charge is not None:
            charge = self._with_transactions(account, charge)
        return Payment(
            id=intent["id"],
            amount=money(intent["amount"], intent["currency"]),
            state=intent["status"],
            livemode=bool(intent["livemode"]),
            reference=translate.reference_of(intent),
            charge=translate.charge(charge) if charge else None,
            refunds=self._refunds(account, charge),
            disputes=self._disputes(account, charge),
        )

    def payment_of(self, account: AccountKey, object_type: str, object_id: str) -> str | None:
        """Return the PaymentIntent that a charge, refund, dispute or Checkout Session belongs to."""
        if object_type == "payment_intent":
            return object_id
        paths = {
            "charge": "charges",
            "refund": "refunds",
            "dispute": "disputes",
            "checkout.session": "checkout.sessions",
        }
        if object_type not in paths:
            return None
        obj = self._get(account, paths[object_type], object_id)
        payment_id = translate.id_of(obj.get("payment_intent"))
        charge_id = translate.id_of(obj.get("charge"))
        if payment_id is None and charge_id is not None:
            payment_id = translate.id_of(self._get(account, "charges", charge_id).get("payment_intent"))
        return payment_id

    def disputes(self, account: AccountKey, since: datetime) -> list[Dispute]:
        """List the disputes and inquiries opened since then, oldest first."""
        return self._listed_disputes(account, {"created": {"gte": int(since.timestamp())}})

    def payout(self, account: AccountKey, payout_id: str) -> Payout:
        """Look at a payout, with its own row."""
        obj = self._get(account, "payouts", payout_id, {"expand": _WITH_TRANSACTION})
        return translate.payout(self._with_transactions(account, obj))

    def payouts(self, account: AccountKey, since: datetime) -> list[Payout]:
        """List the payouts created since then, oldest first, each with its own row."""
        params = {"created": {"gte": int(since.timestamp())}, "limit": _PAGE, "expand": _WITH_TRANSACTIONS}
        found = [
            translate.payout(self._with_transactions(account, obj)) for obj in self._all(account, "payouts", params)
        ]
        return found[::-1]

    def payout_transactions(self, account: AccountKey, payout_id: str) -> list[BalanceTransaction]:
        """List what a payout is made of. Stripe lists the payout's own row too; it is left out here."""
        rows = self._transactions(account, {"payout": _checked(payout_id)})
        return [row for row in rows if row.source_id != payout_id or row.category != "payout"]

    def transactions(self, account: AccountKey, since: datetime) -> Iterator[BalanceTransaction]:
        """Go through the balance transactions created since then, newest first, page by page."""
        return self._transactions(account, {"created": {"gte": int(since.timestamp())}})

    def notices(self, account: AccountKey, since: datetime) -> list[Notice]:
        """List the events created since then, oldest first; Stripe keeps them for 30 days."""
        params = {"created": {"gte": int(since.timestamp())}, "limit": _PAGE}
        return [translate.notice(obj) for obj in self._all(account, "events", params)][::-1]

    def balance(self, account: AccountKey) -> list[BalanceNow]:
        """Ask what the account holds now."""
        client = self._client(account.api_key)
        with faults.around("stripe: balance"), _translated():
            found = client.v1.balance.retrieve({}, self._options(account)).to_dict()  # type: ignore[arg-type]
        sums: dict[str, dict[str, int]] = {}
        for part in ("available", "pending"):
            for row in found[part]:
                currency = row["currency"].upper()
                held = sums.setdefault(currency, {"available": 0, "pending": 0})
                held[part] += from_stripe(row["amount"], currency)
        return [BalanceNow(currency, held["available"], held["pending"]) for currency, held in sorted(sums.items())]

    def verify(self, body: bytes, signature: str, secrets: tuple[str, ...], now: datetime) -> Notice:
        """Return the notice in a signed body; see `notices.verify`."""
        return notices.verify(body, signature, secrets, now)

    async def close(self) -> None:
        """Close the connections of the running event loop."""
        client = self._async.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.close_async()  # type: ignore[no-untyped-call]

    def _refunds(self, account: AccountKey, charge: dict[str, Any] | None) -> tuple[Refund, ...]:
        if charge is None or not charge["paid"]:
            return ()
        # Asked even when nothing shows as refunded: a refund that failed no longer does.
        params = {"charge": charge["id"], "limit": _PAGE, "expand": _WITH_TRANSACTIONS}
        found = [
            translate.refund(self._with_transactions(account, obj)) for obj in self._all(account, "refunds", params)
        ]
        return tuple(found[::-1])

    def _disputes(self, account: AccountKey, charge: dict[str, Any] | None) -> tuple[Dispute, ...]:
        if charge is None or not charge["disputed"]:
            return ()
        return tuple(self._listed_disputes(account, {"charge": charge["id"]}))

    def _listed_disputes(self, account: AccountKey, params: dict[str, Any]) -> list[Dispute]:
        rows = self._all(account, "disputes", {**params, "limit": _PAGE})
        return [translate.dispute(obj) for obj in rows][::-1]

    def _transactions(self, account: AccountKey, params: dict[str, Any]) -> Iterator[BalanceTransaction]:
        for row in self._all(account, "balance_transactions", {**params, "limit": _PAGE}):
            found = translate.balance_transaction(row)
            if found is not None:
                yield found

    def _with_transactions(self, account: AccountKey, obj: dict[str, Any]) -> dict[str, Any]:
        """Fetch the balance transactions that were answered as ids."""
        for name in ("balance_transaction", "failure_balance_transaction"):
            if isinstance(obj.get(name), str):
                obj = {**obj, name: self._get(account, "balance_transactions", obj[name])}
        return obj

    def _get(
        self, account: AccountKey, path: str, object_id: str, params: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        service = _service(self._client(account.api_key), path)
        with faults.around(f"stripe: get {path}"), _translated():
            found: dict[str, Any] = service.retrieve(
                _checked(object_id), params or {}, self._options(account)
            ).to_dict()
        return found

    def _all(self, account: AccountKey, path: str, params: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Go through a list, newest first, page by page; every page is a call that may fail."""
        service = _service(self._client(account.api_key), path)
        with faults.around(f"stripe: list {path}"), _translated():
            page = service.list(params, self._options(account))
        while True:
            found = page.to_dict()
            yield from found["data"]
            if not found["has_more"] or not found["data"]:
                return
            after = {**params, "starting_after": found["data"][-1]["id"]}
            with faults.around(f"stripe: list {path}"), _translated():
                page = service.list(after, self._options(account))

    def _client(self, api_key: str, http: stripe.HTTPClient | None = None) -> stripe.StripeClient:
        http = http or self._http
        known = self._clients.get((api_key, id(http)))
        if known is None:
            bases = dict.fromkeys(("api", "files", "connect", "meter_events"), self._api_base) if self._api_base else {}
            known = stripe.StripeClient(
                api_key,
                stripe_version=API_VERSION,
                base_addresses=bases,  # type: ignore[arg-type]
                max_network_retries=_RETRIES,
                http_client=http,
            )
            self._clients[api_key, id(http)] = known
        return known

    def _async_http(self) -> stripe.HTTPClient:
        loop = asyncio.get_running_loop()
        if loop not in self._async:
            self._async[loop] = self._make_async()
        return self._async[loop]

    def _options(self, account: AccountKey) -> dict[str, Any]:
        return {"stripe_account": account.connected_account} if account.connected_account else {}


def _checkout_params(request: CheckoutRequest) -> dict[str, Any]:
    items = [(request.gift, request.gift_label)]
    if request.fee_cover:
        items.append((request.fee_cover, request.fee_cover_label))
    metadata = {translate.REFERENCE_KEY: request.reference}
    intent: dict[str, Any] = {"metadata": metadata, "description": request.reference}
    if request.descriptor_suffix:
        intent["statement_descriptor_suffix"] = request.descriptor_suffix
    params: dict[str, Any] = {
        "mode": "payment",
        "submit_type": "donate",
        "client_reference_id": request.reference,
        "metadata": metadata,
        "payment_intent_data": intent,
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": amount.currency.lower(),
                    "unit_amount": to_stripe(amount),
                    "product_data": {"name": label},
                },
            }
            for amount, label in items
        ],
        "adaptive_pricing": {"enabled": False},  # The donor chose the currency on our page.
        "success_url": request.success_url,
        "cancel_url": request.cancel_url,
        "expires_at": int(request.expires_at.timestamp()),
    }
    if request.email:
        params["customer_email"] = request.email
    return params


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the SDK's errors into ours: either the outcome is unknown, or the answer is no."""
    try:
        yield
    except (stripe.APIConnectionError, stripe.RateLimitError) as problem:
        raise GatewayUnavailable(str(problem.user_message or type(problem).__name__)) from problem
    except stripe.StripeError as problem:
        status = problem.http_status or 0
        message = f"{type(problem).__name__} {status} {problem.code or ''} {problem.user_message or ''}".strip()
        if problem.code == "resource_missing":
            raise ObjectMissing(message, problem.code) from problem
        if status in {401, 403}:
            raise KeyRefused(message[:_LONGEST_MESSAGE]) from problem
        # An APIError is an answer that is none of Stripe's: a fault of its own, or a body that is no JSON, whatever the
        # status. 409 is another call with the same key still under way.
        if isinstance(problem, stripe.APIError) or status in {0, 409} or status >= 500:  # noqa: PLR2004
            raise GatewayUnavailable(message[:_LONGEST_MESSAGE]) from problem
        raise GatewayRefused(message, problem.code) from problem
    except (ValueError, KeyError, TypeError) as problem:
        raise GatewayUnavailable(f"the answer could not be read: {type(problem).__name__}") from problem


def _service(client: stripe.StripeClient, path: str) -> Any:
    service: Any = client.v1
    for part in path.split("."):
        service = getattr(service, part)
    return service


def _checked(object_id: str) -> str:
    if not _ID.fullmatch(object_id):
        raise GatewayRefused(f"{object_id[:40]!r} is no id of Stripe's")
    return object_id
