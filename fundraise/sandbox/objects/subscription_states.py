"""The states of a subscription: active, past due, running out, ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fundraise.sandbox.events import emit
from fundraise.sandbox.messages import Obj, StripeError

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account


def period_end(subscription: Obj) -> int:
    """Return when the paid period ends."""
    return max(int(item["current_period_end"]) for item in subscription["items"]["data"])


def set_status(account: Account, subscription: Obj, status: str) -> None:
    """Move a running subscription to "active" or "past_due" and say so."""
    if subscription["status"] not in {status, "canceled"}:
        before = {"status": subscription["status"]}
        subscription["status"] = status
        emit(account, "customer.subscription.updated", subscription, before)


def end(account: Account, subscription: Obj, reason: str) -> None:
    """End a subscription now. Raises StripeError where it has ended."""
    if subscription["status"] == "canceled":
        raise StripeError(f"No such subscription: '{subscription['id']}'", status=404, code="resource_missing")
    now = account.now()
    subscription |= {"status": "canceled", "ended_at": now, "canceled_at": subscription["canceled_at"] or now}
    subscription["cancellation_details"] = {**subscription["cancellation_details"], "reason": reason}
    emit(account, "customer.subscription.deleted", subscription)


def cancel_at_period_end(account: Account, subscription: Obj, *, wanted: bool) -> None:
    """Let a subscription run out at the end of its period, or take that back."""
    before = {name: subscription[name] for name in ("cancel_at", "cancel_at_period_end", "canceled_at")}
    subscription |= {
        "cancel_at": period_end(subscription) if wanted else None,
        "cancel_at_period_end": wanted,
        "canceled_at": account.now() if wanted else None,
    }
    reason = "cancellation_requested" if wanted else None
    subscription["cancellation_details"] = {**subscription["cancellation_details"], "reason": reason}
    emit(account, "customer.subscription.updated", subscription, before)
