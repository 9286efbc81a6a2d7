"""Control actions that move money after the payment: refunds, disputes, payouts, Stripe's own fees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.books import Movement, book
from fundraise.sandbox.control.registry import account_of, control, need, owned
from fundraise.sandbox.events import public
from fundraise.sandbox.messages import ControlError, Obj
from fundraise.sandbox.objects import disputes, payouts, refunds

if TYPE_CHECKING:
    from fundraise.sandbox.engine import Sandbox
    from fundraise.sandbox.world import Account


@control("refund")
def refund(sandbox: Sandbox, details: Obj) -> Obj:
    """Refund a charge as a person in the Dashboard does: `charge`, `amount` (else what is left), `reason`."""
    account, charge = owned(sandbox.world, details, "charge")
    left = charge["amount_captured"] - charge["amount_refunded"]
    given = {"reason": details.get("reason", "requested_by_customer")}
    return public(refunds.refund(account, charge, int(details.get("amount") or left), given))


@control("refund-fail")
def refund_fail(sandbox: Sandbox, details: Obj) -> Obj:
    """Let a refund fail: `refund`, `reason` (default expired_or_canceled_card)."""
    account, row = owned(sandbox.world, details, "refund")
    refunds.fail(account, row, details.get("reason", "expired_or_canceled_card"))
    return public(row)


@control("dispute")
def dispute(sandbox: Sandbox, details: Obj) -> Obj:
    """Open a dispute or end one.

    `do`: "open" or "inquiry" (with `charge`, `reason`, `amount`), "escalate", "win" or "lose" (with `dispute`, or
    `charge`).
    """
    what = details.get("do", "open")
    if what in {"open", "inquiry"}:
        account, charge = owned(sandbox.world, details, "charge")
        if charge["status"] != "succeeded" or charge["disputed"]:
            raise ControlError("only a charge that succeeded and is not disputed can be disputed", status=409)
        amount = int(details["amount"]) if details.get("amount") else None
        if (charge["amount"] - charge["amount_refunded"] if amount is None else amount) <= 0:
            raise ControlError("nothing of this payment is left to dispute", status=409)
        opened = disputes.open_dispute(
            account, charge, details.get("reason", "fraudulent"), inquiry=what == "inquiry", amount_minor=amount
        )
        return public(opened)
    account, row = _dispute_of(sandbox, details)
    if what == "escalate":
        disputes.escalate(account, row)
    elif what in {"win", "lose"}:
        disputes.close_dispute(account, row, "won" if what == "win" else "lost")
    else:
        raise ControlError("do must be open, inquiry, escalate, win or lose")
    return public(row)


def _dispute_of(sandbox: Sandbox, details: Obj) -> tuple[Account, Obj]:
    if details.get("dispute"):
        return owned(sandbox.world, details, "dispute")
    account, charge = owned(sandbox.world, details, "charge")
    rows = account["disputes"].where("charge", charge["id"])
    if not rows:
        raise ControlError("this charge is not disputed", status=409)
    return account, rows[-1]


@control("fraud-warning")
def fraud_warning(sandbox: Sandbox, details: Obj) -> Obj:
    """Let the issuer warn of fraud: `charge`."""
    account, charge = owned(sandbox.world, details, "charge")
    return public(disputes.warn_of_fraud(account, charge))


@control("payout")
def payout(sandbox: Sandbox, details: Obj) -> Obj:
    """Make an automatic payout now of all that is available: `account`, `currency`. Returns the payout."""
    account = account_of(sandbox.world, details)
    currency = details.get("currency", account.terms.default_currency)
    made = payouts.pay_out_available(account, currency)
    if made is None:
        raise ControlError(f"nothing is available in {currency}", status=409)
    return public(made)


@control("payout-fail")
def payout_fail(sandbox: Sandbox, details: Obj) -> Obj:
    """Let the bank refuse a payout, even a paid one: `payout`, `code` (default account_closed)."""
    account, row = owned(sandbox.world, details, "payout")
    payouts.fail(account, row, details.get("code", "account_closed"))
    return public(row)


@control("stripe-fee")
@behaves("stripe-fee-row")
def stripe_fee(sandbox: Sandbox, details: Obj) -> Obj:
    """Take a fee that belongs to no gift: `account`, `amount`, `currency`, `description`. Returns its row."""
    account = account_of(sandbox.world, details)
    row = book(
        account,
        Movement(
            kind="stripe_fee",
            category="fee",
            amount=-int(need(details, "amount")),
            currency=details.get("currency", account.terms.default_currency),
            source=None,
            description=details.get("description", "Radar for Fraud Teams (2026-11-01 - 2026-11-30)"),
        ),
    )
    return public(row)


@control("balance-row")
def balance_row(sandbox: Sandbox, details: Obj) -> Obj:
    """Write any balance transaction, for what has no action of its own: reserves, top-ups, taxes, unknown types.

    `account`, `type`, `category`, `amount`, `fee`, `currency`, `description`, `available_on`. Returns the row.
    """
    account = account_of(sandbox.world, details)
    row = book(
        account,
        Movement(
            kind=str(need(details, "type")),
            category=str(need(details, "category")),
            amount=int(need(details, "amount")),
            currency=details.get("currency", account.terms.default_currency),
            source=None,
            fee=int(details.get("fee", 0)),
            description=details.get("description"),
            available_on=details.get("available_on"),
        ),
    )
    return public(row)


@control("fx-rate")
def fx_rate(sandbox: Sandbox, details: Obj) -> Obj:
    """Set a rate from now on: `pair` ("eur/gbp": pounds for one euro), `rate` as text."""
    pair, rate = str(need(details, "pair")), str(need(details, "rate"))
    try:
        sandbox.world.rates.put(pair, rate, sandbox.world.clock.now())
    except (ValueError, ArithmeticError) as wrong:
        raise ControlError(f"{rate} is no rate") from wrong
    return {"pair": pair, "rate": rate}
