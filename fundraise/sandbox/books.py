"""Each account's balance: the rows that change it, when they become available, and the proof that they add up."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.clock import DAY_SECONDS, midnight
from fundraise.sandbox.messages import Obj
from fundraise.sandbox.money import half_up
from fundraise.sandbox.timeline import action

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account, World


@dataclass(frozen=True, slots=True)
class Movement:
    """What a balance transaction says: amounts in minor units of the settled currency, `fee` positive where taken."""

    kind: str
    category: str
    amount: int
    currency: str
    source: str | None
    fee: int = 0
    fee_text: str = "Stripe processing fees"
    description: str | None = None
    exchange_rate: float | None = None
    available_on: int | None = None
    payout: str | None = field(default=None)


@behaves("available-on-midnight", "refund-pending-like-charge")
def settles_on(account: Account, moment: int) -> int:
    """Return when money of `moment` becomes available: midnight UTC after the account's delay.

    Source: seahaven-stripe-world 0.3.0's recording (charges and refunds alike, day-floored).
    """
    return midnight(moment) + account.terms.delay_days * DAY_SECONDS


def book(account: Account, movement: Movement) -> Obj:
    """Write a balance transaction and move the balance; without `available_on` the money is available at once."""
    now = account.now()
    available_on = movement.available_on if movement.available_on is not None else now
    fee_details = []
    if movement.fee:
        fee_details.append(
            {
                "amount": movement.fee,
                "application": None,
                "currency": movement.currency,
                "description": movement.fee_text,
                "type": "stripe_fee",
            }
        )
    row = account["balance_transactions"].add(
        {
            "id": account.new_id("txn_"),
            "object": "balance_transaction",
            "amount": movement.amount,
            "available_on": available_on,
            "balance_type": "payments",
            "created": now,
            "currency": movement.currency,
            "description": movement.description,
            "exchange_rate": movement.exchange_rate,
            "fee": movement.fee,
            "fee_details": fee_details,
            "net": movement.amount - movement.fee,
            "reporting_category": movement.category,
            "source": movement.source,
            "status": "pending",
            "type": movement.kind,
            "_payout": movement.payout,
        }
    )
    if available_on > now:
        _hold(account, row)
    else:
        _release(account, row)
    return row


def _hold(account: Account, row: Obj) -> None:
    account.pending[row["currency"]] = account.pending.get(row["currency"], 0) + row["net"]
    due = row["available_on"]
    if due not in account.maturing:
        account.maturing[due] = []
        account.plan(due, "funds.available", moment=due)
    account.maturing[due].append(row["id"])


def _release(account: Account, row: Obj) -> None:
    currency = row["currency"]
    row["status"] = "available"
    account.available[currency] = account.available.get(currency, 0) + row["net"]
    if row["_payout"] is None:
        account.unpaid.setdefault(currency, []).append(row["id"])
    if account.refunds_waiting and row["net"] > 0:
        account.plan(account.now(), "refunds.go_on")


@action("funds.available")
def _mature(world: World, details: Obj) -> None:
    account = world.accounts[details["account"]]
    for txn in account.maturing.pop(details["moment"], []):
        row = account["balance_transactions"].get(txn)
        account.pending[row["currency"]] -= row["net"]
        _release(account, row)


@behaves("fx-settlement", "fx-refund-todays-rate")
def settled(account: Account, amount_minor: int, currency: str) -> tuple[int, str, float | None]:
    """Return an amount as it settles now: amount, currency, and the rate where it was converted.

    A currency the account holds settles as it is; every other one in the account's own, at today's rate.
    Source: https://docs.stripe.com/currencies/conversions
    """
    if currency in account.settles():
        return amount_minor, currency, None
    target = account.terms.default_currency
    rate = account.world.rates.between(currency, target, account.now())
    return half_up(Decimal(amount_minor) * rate), target, float(rate)


def fixed_part_rate(account: Account, currency: str) -> Decimal:
    """Return what turns the tariff's fixed parts (in the account's own currency) into `currency`."""
    return account.world.rates.between(account.terms.default_currency, currency, account.now())


def balance(account: Account) -> Obj:
    """Return the account's balance as `GET /v1/balance` shows it."""
    return {
        "object": "balance",
        "available": _amounts(account, account.available),
        "livemode": False,
        "pending": _amounts(account, account.pending),
    }


def _amounts(account: Account, held: dict[str, int]) -> list[Obj]:
    currencies = sorted({*account.settles(), *held})
    return [
        {"amount": held.get(one, 0), "currency": one, "source_types": {"card": held.get(one, 0)}} for one in currencies
    ]


def check_books(world: World) -> list[str]:
    """Return what does not add up in the world's accounts; an empty list is what it must be.

    Held against each other: each row's net, its fee details, every currency's rows against available + pending, and
    every automatic payout against its own rows.
    """
    return [f"{account.id}: {finding}" for account in world.accounts.values() for finding in _findings(account)]


def _findings(account: Account) -> list[str]:
    findings: list[str] = []
    totals: dict[tuple[str, str], int] = {}
    for row in account["balance_transactions"].rows:
        if row["net"] != row["amount"] - row["fee"]:
            findings.append(f"{row['id']}: net is not amount less fee")
        if row["fee"] != sum(one["amount"] for one in row["fee_details"]):
            findings.append(f"{row['id']}: fee details do not add up to the fee")
        place = (row["status"], row["currency"])
        totals[place] = totals.get(place, 0) + row["net"]
    for status, held in (("available", account.available), ("pending", account.pending)):
        for currency in {*held, *(one for kind, one in totals if kind == status)}:
            rows = totals.get((status, currency), 0)
            if rows != held.get(currency, 0):
                findings.append(f"{status} {currency} is {held.get(currency, 0)}, its rows make {rows}")
    for currency, waiting in account.unpaid.items():
        if sum(account["balance_transactions"].get(txn)["net"] for txn in waiting) != account.available[currency]:
            findings.append(f"rows not paid out in {currency} do not add up to what is available")
    return findings + [finding for payout in account["payouts"].rows for finding in _payout_findings(account, payout)]


def _payout_findings(account: Account, payout: Obj) -> list[str]:
    own = account["balance_transactions"].get(payout["balance_transaction"])
    findings = []
    if own["net"] != -payout["amount"]:
        findings.append(f"{payout['id']}: its own row is {own['net']}, not {-payout['amount']}")
    if payout["automatic"]:
        rows = account["balance_transactions"].where("_payout", payout["id"])
        if sum(row["net"] for row in rows) != 0:
            findings.append(f"{payout['id']}: its rows do not add up to it")
    if payout["status"] in {"failed", "canceled"} and payout["failure_balance_transaction"] is None:
        findings.append(f"{payout['id']}: {payout['status']} without a row that gives the money back")
    return findings
