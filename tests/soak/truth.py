"""What must be so at the end of a sequence, worked out from the local Stripe alone.

Nothing here asks the product how it reckons: amounts are those the donors typed, and what Stripe's own tables say.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from fundraise.sandbox import Sandbox

Row = dict[str, Any]


@dataclass(frozen=True)
class Promise:
    """What a donor agreed to on a payment page: the gift and, beside it, the cover of the fee."""

    form: str  # The form it came from, with its content.
    currency: str
    gift_minor: int
    total_minor: int
    email: str


@dataclass
class Expected:
    """What the books and pages must say."""

    total_minor: int = 0
    gifts: int = 0
    receipts: int = 0
    letters: Counter[str] = field(default_factory=Counter)
    differences: set[tuple[str, str]] = field(default_factory=set)


def expected(sandbox: Sandbox, account_id: str, promises: dict[str, Promise], forged: dict[str, str]) -> Expected:
    """Work out what must be so; `promises` by payment page, `forged` the charges that are no gift, by their code."""
    account = sandbox.world.accounts[account_id]
    truth = Expected()
    of_charge = {
        charge["id"]: promises[session["id"]]
        for session in account["sessions"].rows
        if session["id"] in promises and session["payment_intent"]
        for charge in account["charges"].where("payment_intent", session["payment_intent"])
    }
    for charge in account["charges"].rows:
        promise = of_charge.get(charge["id"])
        if charge["status"] != "succeeded":
            continue
        if charge["id"] in forged:
            if _returned(account, charge) != charge["amount"]:  # What went back in full leaves nothing to decide.
                truth.differences.add((forged[charge["id"]], charge["id"]))
            continue
        if promise is None:
            truth.differences.add(("ORPHAN_CHARGE", charge["id"]))
            truth.differences.update(_unknown_consequences(account, charge))
            continue
        truth.receipts += 1
        if promise.email:
            truth.letters[promise.email] += 1
        standing = _standing(account, charge, promise)
        truth.total_minor += standing
        truth.gifts += standing > 0
        truth.differences.update(_open_consequences(account, charge))
    truth.differences.update(_of_the_balance(account))
    return truth


def _standing(account: Any, charge: Row, promise: Promise) -> int:
    """Return what a gift still counts for: what was refunded or lost takes from the gift first, from the cover last."""
    settled = account["balance_transactions"].get(charge["balance_transaction"])
    refunds = account["refunds"].where("charge", charge["id"])
    back = sum(row["amount"] for row in refunds if row["status"] not in {"failed", "canceled"})
    back += sum(row["amount"] for row in account["disputes"].where("charge", charge["id"]) if _is_lost(row))
    cover_minor = promise.total_minor - promise.gift_minor
    gift_back = back - min(max(back - promise.gift_minor, 0), cover_minor)
    counted = settled["amount"]
    if settled["currency"] != charge["currency"] or cover_minor:
        counted = round(Fraction(settled["amount"] * promise.gift_minor, promise.total_minor))
    return counted - round(Fraction(counted * gift_back, promise.gift_minor))


def _returned(account: Any, charge: Row) -> int:
    refunds = account["refunds"].where("charge", charge["id"])
    return sum(row["amount"] for row in refunds if row["status"] == "succeeded")


def _is_lost(dispute: Row) -> bool:
    return dispute["status"] == "lost" and bool(dispute["balance_transactions"])


def _open_consequences(account: Any, charge: Row) -> Iterator[tuple[str, str]]:
    for dispute in account["disputes"].where("charge", charge["id"]):
        if dispute["status"] in {"needs_response", "under_review", "warning_needs_response"}:
            yield "DISPUTE_OPEN", dispute["id"]
    for refund in account["refunds"].where("charge", charge["id"]):
        if refund["status"] == "failed":
            yield "REFUND_FAILED", refund["id"]


def _unknown_consequences(account: Any, charge: Row) -> Iterator[tuple[str, str]]:
    for refund in account["refunds"].where("charge", charge["id"]):
        yield "REFUND_NOT_RECORDED", refund["id"]
    for dispute in account["disputes"].where("charge", charge["id"]):
        if dispute["balance_transactions"]:
            yield "DISPUTE_NOT_RECORDED", dispute["id"]


def _of_the_balance(account: Any) -> Iterator[tuple[str, str]]:
    for payout in account["payouts"].rows:
        if payout["status"] == "failed":
            yield "PAYOUT_FAILED", payout["id"]
    for row in account["balance_transactions"].rows:
        if row["reporting_category"] == "fee":
            yield "FEE_UNALLOCATED", row["id"]
    for currency in account.settles():
        if account.available.get(currency, 0) + account.pending.get(currency, 0) < 0:
            yield "BALANCE_NEGATIVE", currency.upper()


def held(sandbox: Sandbox, account_id: str) -> dict[str, int]:
    """Return what the account holds, available or not, by currency."""
    account = sandbox.world.accounts[account_id]
    sums = {
        currency.upper(): account.available.get(currency, 0) + account.pending.get(currency, 0)
        for currency in account.settles()
    }
    return {currency: minor for currency, minor in sums.items() if minor}
