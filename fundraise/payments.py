"""The vocabulary of payments: what a payment service tells us, in our own words and units.

A gateway translates its service into these; flows act on them and never see the service's own objects. Amounts are in
ISO 4217 minor units. Everything here is what the service says *now*, not what an event said when it was sent.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from fundraise.money import Money

# The version of the service's objects and notices that the gateway reads; its webhook endpoints are made with it.
API_VERSION = "2026-10-28.endive"


class GatewayUnavailable(Exception):  # noqa: N818
    """The service did not answer, or answered with a fault of its own: what became of the call is unknown."""


class KeyRefused(GatewayUnavailable):
    """The service does not take our key, or not for this: for the operator to mend, and then to be asked again."""


class GatewayRefused(Exception):  # noqa: N818
    """The service understood and said no; `code` is its word for why."""

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code


class ObjectMissing(GatewayRefused):
    """The service knows no such object on this account."""


class NotThereYet(Exception):  # noqa: N818
    """Stripe shows a consequence before its cause; asking again in a moment helps."""


class BadSignature(Exception):  # noqa: N818
    """A notice that does not prove it comes from the service."""


@dataclass(frozen=True, slots=True)
class AccountKey:
    """How to reach one account at the service: our slug for it, the API key, and the connected account if any."""

    slug: str
    api_key: str = field(repr=False)
    connected_account: str | None = None


class Method(StrEnum):
    """How a gift is paid, as far as the books care: at once, or by a debit that can fail days later."""

    AT_ONCE = "at_once"
    BANK_DEBIT = "bank_debit"


class ChargeState(StrEnum):
    """Where a charge stands."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class BalanceTransaction:
    """One movement of the account's balance: `net = amount - fee`, in the settlement currency."""

    id: str
    type: str
    category: str
    amount_minor: int
    fee_minor: int
    net_minor: int
    currency: str
    created_at: datetime
    available_at: datetime
    source_id: str | None
    description: str = ""
    exchange_rate: Decimal | None = None
    fee_details: tuple[tuple[str, int], ...] = ()  # (kind of fee, minor units)
    status: str = "available"


@dataclass(frozen=True, slots=True)
class Charge:
    """An attempt to take the money, with what the account's balance says of it once that is known."""

    id: str
    payment_id: str | None
    amount: Money
    state: ChargeState
    method: Method
    created_at: datetime
    transaction: BalanceTransaction | None
    failure_transaction: BalanceTransaction | None = None
    refunded_minor: int = 0
    disputed: bool = False
    reference: str | None = None
    descriptor: str = ""


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back to the donor, or an attempt at it. `state` is the service's word."""

    id: str
    charge_id: str
    amount: Money
    state: str
    created_at: datetime
    transaction: BalanceTransaction | None
    failure_transaction: BalanceTransaction | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Dispute:
    """A donor's bank takes the money back, for now or for good. `state` is the service's word."""

    id: str
    charge_id: str
    amount: Money
    state: str
    created_at: datetime
    transactions: tuple[BalanceTransaction, ...]
    reason: str = ""
    evidence_due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """Everything the service knows of one payment: its charge and what came back of it."""

    id: str
    amount: Money
    state: str
    livemode: bool
    reference: str | None
    charge: Charge | None
    refunds: tuple[Refund, ...] = ()
    disputes: tuple[Dispute, ...] = ()


@dataclass(frozen=True, slots=True)
class ChargeLimits:
    """What one charge in a currency may come to, in ISO 4217 minor units: bounds, both taken, in whole steps."""

    least_minor: int
    most_minor: int
    step_minor: int

    def rounded_up(self, minor: int) -> int:
        """Return the next amount of whole steps."""
        return -(-minor // self.step_minor) * self.step_minor


class CheckoutState(StrEnum):
    """Where a Checkout Session stands."""

    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Checkout:
    """A hosted payment page as the service shows it now."""

    id: str
    state: CheckoutState
    paid: bool
    payment_id: str | None
    amount: Money
    livemode: bool
    reference: str | None
    url: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CheckoutRequest:
    """What a hosted payment page is to be opened for. `key` makes a repeat harmless; `reference` is our random id."""

    key: str
    reference: str
    gift: Money
    gift_label: str
    fee_cover: Money | None
    fee_cover_label: str
    success_url: str
    cancel_url: str
    expires_at: datetime
    descriptor_suffix: str = ""
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Payout:
    """Money on its way from the account's balance to the bank. Negative when the bank pays the account."""

    id: str
    amount: Money
    state: str
    automatic: bool
    itemised: str  # not_applicable, in_progress or completed
    created_at: datetime
    arrives_on: datetime
    transaction_id: str | None
    transaction: BalanceTransaction | None = None
    failure_transaction: BalanceTransaction | None = None
    failure_message: str = ""
    trace_id: str | None = None
    descriptor: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A signed message that something happened; a hint to look, never the truth itself."""

    id: str
    type: str
    object_type: str
    object_id: str
    payment_id: str  # A hint: the payment the object belongs to, where the notice names it.
    connected_account: str | None
    livemode: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class BalanceNow:
    """What the service says an account holds in one currency, in minor units."""

    currency: str
    available_minor: int
    pending_minor: int


class PaymentGateway(Protocol):
    """A payment service. Every call may raise `GatewayUnavailable` or `GatewayRefused`."""

    def charge_limits(self, currency: str) -> ChargeLimits:
        """Return what one charge in a currency may come to; known beforehand, nobody is asked."""
        ...

    async def open_checkout(self, account: AccountKey, request: CheckoutRequest) -> Checkout:
        """Open a hosted payment page; the same key with the same content answers the same page."""
        ...

    def checkout(self, account: AccountKey, checkout_id: str) -> Checkout:
        """Look at a hosted payment page."""
        ...

    def expire_checkout(self, account: AccountKey, checkout_id: str) -> Checkout:
        """Close a hosted payment page so that nobody can pay on it any more."""
        ...

    def find_checkout(self, account: AccountKey, reference: str, since: datetime) -> Checkout | None:
        """Look for a page opened for our reference, among those opened since then."""
        ...

    def payment(self, account: AccountKey, payment_id: str) -> Payment:
        """Look at a payment with its charge, refunds and disputes."""
        ...

    def payment_of(self, account: AccountKey, object_type: str, object_id: str) -> str | None:
        """Return the payment that a charge, refund, dispute or Checkout Session belongs to."""
        ...

    def disputes(self, account: AccountKey, since: datetime) -> list[Dispute]:
        """List the disputes and inquiries opened since then, oldest first."""
        ...

    def payout(self, account: AccountKey, payout_id: str) -> Payout:
        """Look at a payout."""
        ...

    def payouts(self, account: AccountKey, since: datetime) -> list[Payout]:
        """List the payouts created since then, oldest first."""
        ...

    def payout_transactions(self, account: AccountKey, payout_id: str) -> list[BalanceTransaction]:
        """List what a payout is made of, without the payout's own row."""
        ...

    def transactions(self, account: AccountKey, since: datetime) -> Iterator[BalanceTransaction]:
        """Go through the movements of the balance since then, newest first, as many as there are."""
        ...

    def notices(self, account: AccountKey, since: datetime) -> list[Notice]:
        """List the notices of the last 30 days since then, oldest first."""
        ...

    def balance(self, account: AccountKey) -> list[BalanceNow]:
        """Ask what the account holds now, by currency."""
        ...

    def verify(self, body: bytes, signature: str, secrets: tuple[str, ...], now: datetime) -> Notice:
        """Return the notice in a signed body; raises `BadSignature` or ValueError."""
        ...
