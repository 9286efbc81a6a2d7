"""The control action `discrepancy`: what a treasurer's catalogue names (stripe.md e.4) comes about at Stripe.

Each recipe is made of the other control actions. What only the bank or our own books can get wrong is refused in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.books import Movement, book
from fundraise.sandbox.control import money_back, paying
from fundraise.sandbox.control.registry import account_of, control
from fundraise.sandbox.events import send_again
from fundraise.sandbox.faults import Fault
from fundraise.sandbox.messages import ControlError, Obj
from fundraise.sandbox.money import Tariff
from fundraise.sandbox.objects import payouts, refunds
from fundraise.sandbox.objects.attempts import attempt, end_debit
from fundraise.sandbox.objects.cards import CARDS
from fundraise.sandbox.objects.charges import settle
from fundraise.sandbox.objects.payment_intents import add_intent
from fundraise.sandbox.objects.payment_methods import add_card

if TYPE_CHECKING:
    from fundraise.sandbox.engine import Sandbox
    from fundraise.sandbox.world import Account

NEVER_SECONDS = 10 * 365 * 86_400
"""How late the balance transaction of a payment comes that is to have none."""

Recipe = Callable[["Sandbox", "Account"], Obj]


@control("discrepancy")
@behaves("discrepancy-seeds")
def seed_discrepancy(sandbox: Sandbox, details: Obj) -> Obj:
    """Let one discrepancy come about: `code`, `account`. Without `code`: list all.

    Returns `code`, the `objects` it is about, and `days`: after how many days it can be told from a mere delay.
    """
    if not details.get("code"):
        return {"codes": {**dict.fromkeys(RECIPES, "made at Stripe"), **REFUSED}}
    code = str(details["code"])
    if code in REFUSED:
        raise ControlError(f"{code} cannot be made at Stripe: {REFUSED[code]}", status=409)
    if code not in RECIPES:
        raise ControlError(f"no such discrepancy: {code}; known are {', '.join(sorted({*RECIPES, *REFUSED}))}", 404)
    objects = RECIPES[code](sandbox, account_of(sandbox.world, details))
    return {"code": code, "days": DAYS.get(code, 0), "objects": objects}


@contextmanager
def _unheard(sandbox: Sandbox) -> Iterator[None]:
    """Drop the news of what happens within."""
    settings = sandbox.world.post.settings
    rate, settings.drop_rate = settings.drop_rate, 1.0
    try:
        yield
    finally:
        settings.drop_rate = rate


def _open_session(account: Account) -> Obj:
    """Return the payment page that was opened last and is not paid. Raises ControlError."""
    for session in reversed(account["sessions"].rows):
        if session["status"] == "open" and session["mode"] == "payment":
            return session
    raise ControlError("begin a gift on this account first, and leave its payment page open", status=409)


def _gift(account: Account) -> Obj:
    """Return the newest charge of a gift of which nothing went back. Raises ControlError."""
    for charge in reversed(account["charges"].rows):
        stands = charge["status"] == "succeeded" and not charge["disputed"] and not charge["amount_refunded"]
        if stands and charge["metadata"] and charge["balance_transaction"]:
            return charge
    raise ControlError("pay a gift on this account first", status=409)


def _paid_out(sandbox: Sandbox, account: Account) -> Obj:
    """Pay out what is available, and return the payout. Raises ControlError."""
    made = money_back.payout(sandbox, {"account": account.id})
    return account["payouts"].get(made["id"])


def _pay(sandbox: Sandbox, account: Account, **how: object) -> Obj:
    """Pay the open page, and let its balance transaction come at once."""
    session = _open_session(account)
    paid: Obj = paying.pay_as(sandbox, {"session": session["id"], **how})
    settle(sandbox.world, {"account": account.id, "charge": paid["charge"]})
    return {"session": session["id"], "charge": paid["charge"]}


def _missing_webhook(sandbox: Sandbox, account: Account) -> Obj:
    with _unheard(sandbox):
        return _pay(sandbox, account)


def _duplicate_event(_sandbox: Sandbox, account: Account) -> Obj:
    event = account["events"].rows[-1]
    send_again(account, event)
    return {"event": event["id"]}


def _charge_again(owner: Account, account: Account) -> Obj:
    """Charge `account` with the metadata of a gift of `owner`'s."""
    gift = _gift(owner)
    intent = add_intent(account, gift["amount"], gift["currency"], {"metadata": gift["metadata"]})
    attempt(account, intent, add_card(account, CARDS[paying.GOOD_CARD], email=None, name=None))
    return {"charge": intent["latest_charge"], "gift": gift["id"]}


def _duplicate_donation(_sandbox: Sandbox, account: Account) -> Obj:
    return _charge_again(account, account)


def _orphan_charge(sandbox: Sandbox, account: Account) -> Obj:
    made: Obj = paying.external_charge(sandbox, {"account": account.id, "amount": 1234})
    return {"charge": made["charge"]}


def _no_balance_transaction(sandbox: Sandbox, account: Account) -> Obj:
    usual, account.terms.settle_seconds = account.terms.settle_seconds, [NEVER_SECONDS, NEVER_SECONDS]
    try:
        paid: Obj = paying.pay_as(sandbox, {"session": _open_session(account)["id"]})
    finally:
        account.terms.settle_seconds = usual
    return {"charge": paid["charge"]}


def _other_amount(sandbox: Sandbox, account: Account) -> Obj:
    session = _open_session(account)
    session["amount_total"] += 100
    return _pay(sandbox, account)


def _other_currency(sandbox: Sandbox, account: Account) -> Obj:
    session = _open_session(account)
    session["currency"] = "eur" if session["currency"] != "eur" else "gbp"
    return _pay(sandbox, account)


def _dear(sandbox: Sandbox, account: Account) -> Obj:
    usual, account.terms.tariff = account.terms.tariff, Tariff(percent_bp=5_000)
    try:
        return _pay(sandbox, account)
    finally:
        account.terms.tariff = usual


def _own_fee(sandbox: Sandbox, account: Account) -> Obj:
    return {"row": money_back.stripe_fee(sandbox, {"account": account.id, "amount": 150})["id"]}


def _converted_off(by: int) -> Recipe:
    """Let a converted gift arrive with `by` minor units less than its rate says."""

    def recipe(sandbox: Sandbox, account: Account) -> Obj:
        if _open_session(account)["currency"] in account.settles():
            raise ControlError("open a payment page in a currency that this account converts", status=409)
        paid = _pay(sandbox, account)
        (row,) = account["balance_transactions"].where("source", paid["charge"])
        held = account.pending if row["status"] == "pending" else account.available
        held[row["currency"]] -= by
        row |= {"amount": row["amount"] - by, "net": row["net"] - by}
        return {**paid, "row": row["id"]}

    return recipe


def _refund_unheard(sandbox: Sandbox, account: Account) -> Obj:
    with _unheard(sandbox):
        return {"refund": money_back.refund(sandbox, {"charge": _gift(account)["id"], "amount": 100})["id"]}


def _refund_fails(sandbox: Sandbox, account: Account) -> Obj:
    made = money_back.refund(sandbox, {"charge": _gift(account)["id"], "amount": 100})
    money_back.refund_fail(sandbox, {"refund": made["id"]})
    return {"refund": made["id"]}


def _refund_waits(_sandbox: Sandbox, account: Account) -> Obj:
    """Refund from an account that has just been paid out; the account keeps the term `refunds_wait`."""
    gift = _gift(account)
    account.terms.refunds_wait = True
    payouts.pay_out_available(account, account.terms.default_currency)
    return {"refund": refunds.refund(account, gift, gift["amount"], {})["id"]}


def _refund_and_lost_dispute(sandbox: Sandbox, account: Account) -> Obj:
    gift = _gift(account)
    refund = money_back.refund(sandbox, {"charge": gift["id"], "amount": gift["amount"] // 2})
    dispute = money_back.dispute(sandbox, {"charge": gift["id"], "amount": gift["amount"]})
    money_back.dispute(sandbox, {"do": "lose", "dispute": dispute["id"]})
    return {"refund": refund["id"], "dispute": dispute["id"]}


def _dispute_unheard(sandbox: Sandbox, account: Account) -> Obj:
    with _unheard(sandbox):
        return _disputed("")(sandbox, account)


def _disputed(end: str) -> Recipe:
    def recipe(sandbox: Sandbox, account: Account) -> Obj:
        dispute = money_back.dispute(sandbox, {"charge": _gift(account)["id"]})
        if end:
            money_back.dispute(sandbox, {"do": end, "dispute": dispute["id"]})
        return {"dispute": dispute["id"]}

    return recipe


def _debit_fails(sandbox: Sandbox, account: Account) -> Obj:
    with _unheard(sandbox):
        paid = _pay(sandbox, account, bank_debit=True)
        end_debit(sandbox.world, {"account": account.id, "charge": paid["charge"], "failure": "insufficient_funds"})
        return paid


def _payout_lacks_a_row(sandbox: Sandbox, account: Account) -> Obj:
    payout = _paid_out(sandbox, account)
    fault = Fault("late_row", times=10, path="/v1/balance_transactions", query=f"payout={payout['id']}")
    sandbox.world.faults.planned.append(fault)
    return {"payout": payout["id"]}


def _payout_by_hand(_sandbox: Sandbox, account: Account) -> Obj:
    currency = account.terms.default_currency
    amount = account.available.get(currency, 0)
    if amount <= 0:
        raise ControlError(f"nothing is available in {currency}", status=409)
    return {"payout": payouts.make(account, payouts.Order(amount, currency, automatic=False))["id"]}


def _payout_under_way(sandbox: Sandbox, account: Account) -> Obj:
    return {"payout": _paid_out(sandbox, account)["id"]}


def _payout_stuck(sandbox: Sandbox, account: Account) -> Obj:
    payout = _paid_out(sandbox, account)
    payout["_stuck"] = True
    return {"payout": payout["id"]}


def _payout_fails(sandbox: Sandbox, account: Account) -> Obj:
    payout = _paid_out(sandbox, account)
    payouts.fail(account, payout, "account_closed")
    return {"payout": payout["id"]}


def _payout_canceled(sandbox: Sandbox, account: Account) -> Obj:
    payout = _paid_out(sandbox, account)
    payouts.cancel(account, payout)
    return {"payout": payout["id"]}


def _arrived(account: Account) -> Obj:
    for payout in reversed(account["payouts"].rows):
        if payout["status"] == "paid":
            return payout
    raise ControlError("no payout of this account has arrived yet: pay out, and move the clock on", status=409)


def _paid_then_fails(_sandbox: Sandbox, account: Account) -> Obj:
    payout = _arrived(account)
    payouts.fail(account, payout, "account_closed")
    return {"payout": payout["id"]}


def _payout_reversed(_sandbox: Sandbox, account: Account) -> Obj:
    payout = _arrived(account)
    back = Movement("payout", "payout_reversal", payout["amount"], payout["currency"], payout["id"])
    return {"payout": payout["id"], "row": book(account, back)["id"]}


def _below_zero(sandbox: Sandbox, account: Account) -> Obj:
    currency = account.terms.default_currency
    held = account.available.get(currency, 0) + account.pending.get(currency, 0)
    fee = {"account": account.id, "amount": max(held, 0) + 1_000, "description": "Fees of Stripe's of this month"}
    return {"row": money_back.stripe_fee(sandbox, fee)["id"]}


def _negative_payout(sandbox: Sandbox, account: Account) -> Obj:
    return {**_below_zero(sandbox, account), "payout": _paid_out(sandbox, account)["id"]}


def _row(kind: str, category: str, amount: int) -> Recipe:
    def recipe(sandbox: Sandbox, account: Account) -> Obj:
        details = {"account": account.id, "type": kind, "category": category, "amount": amount}
        return {"row": money_back.balance_row(sandbox, details)["id"]}

    return recipe


def _account_mix(sandbox: Sandbox, account: Account) -> Obj:
    others = [one for one in sandbox.world.accounts.values() if one is not account and one["charges"].rows]
    if not others:
        raise ControlError("this needs a gift that was paid on another account", status=409)
    return _charge_again(others[0], account)


def _metadata_lost(sandbox: Sandbox, account: Account) -> Obj:
    session = _open_session(account)
    session["_intent_data"] = {**session["_intent_data"], "metadata": {}}
    return _pay(sandbox, account)


RECIPES: dict[str, Recipe] = {
    "MISSING_WEBHOOK": _missing_webhook,
    "DUPLICATE_EVENT": _duplicate_event,
    "DUPLICATE_DONATION": _duplicate_donation,
    "ORPHAN_CHARGE": _orphan_charge,
    "NO_BALANCE_TXN": _no_balance_transaction,
    "AMOUNT_MISMATCH": _other_amount,
    "CURRENCY_MISMATCH": _other_currency,
    "FEE_UNEXPECTED": _dear,
    "FEE_UNALLOCATED": _own_fee,
    "FX_ROUNDING": _converted_off(3),
    "FX_UNEXPECTED": _converted_off(60),
    "REFUND_NOT_RECORDED": _refund_unheard,
    "REFUND_FAILED": _refund_fails,
    "REFUND_PENDING_LONG": _refund_waits,
    "OVER_REFUND": _refund_and_lost_dispute,
    "DISPUTE_NOT_RECORDED": _dispute_unheard,
    "DISPUTE_OPEN": _disputed(""),
    "DISPUTE_FEE": _disputed(""),
    "DISPUTE_WON": _disputed("win"),
    "DISPUTE_LOST": _disputed("lose"),
    "DELAYED_PAYMENT_FAILED": _debit_fails,
    "PAYOUT_SUM": _payout_lacks_a_row,
    "PAYOUT_NOT_ITEMISED": _payout_by_hand,
    "PAYOUT_IN_TRANSIT": _payout_under_way,
    "PAYOUT_OVERDUE": _payout_stuck,
    "PAYOUT_FAILED": _payout_fails,
    "PAYOUT_CANCELED": _payout_canceled,
    "PAYOUT_PAID_THEN_FAILED": _paid_then_fails,
    "PAYOUT_REVERSED": _payout_reversed,
    "PAYOUT_NEGATIVE": _negative_payout,
    "BALANCE_NEGATIVE": _below_zero,
    "RESERVE_HELD": _row("reserve_transaction", "risk_reserved_funds", -300),
    "TOPUP": _row("topup", "topup", 500),
    "ACCOUNT_MIX": _account_mix,
    "METADATA_LOST": _metadata_lost,
}
"""By code of stripe.md e.4: how it comes about."""

DAYS = {
    "NO_BALANCE_TXN": 3,
    "REFUND_PENDING_LONG": 11,
    "PAYOUT_SUM": 5,
    "PAYOUT_NOT_ITEMISED": 10,
    "PAYOUT_OVERDUE": 12,
}
"""How many days until a discrepancy is more than a delay."""

_ROWS_AGREE = "Stripe's own rows agree with themselves; only a copy of them can be wrong"
_BANK = "it comes about at the bank: see bank-line, and leave lines out of what bank-statement gives"
REFUSED = {
    "FEE_BREAKDOWN": _ROWS_AGREE,
    "NET_MISMATCH": _ROWS_AGREE,
    "ARITHMETIC": _ROWS_AGREE,
    "ROLLFORWARD_BREAK": "a list must lack a row that the balance has: see fault with late_row",
    "MODE_MIX": "this sandbox has test mode alone",
    "GIFTAID_CLAIMED_THEN_REFUNDED": "the claim is ours; refund a gift of it",
    **dict.fromkeys(
        (
            "BANK_CREDIT_MISSING",
            "BANK_CREDIT_LATE",
            "BANK_CREDIT_AMOUNT",
            "BANK_CREDIT_MERGED",
            "BANK_CREDIT_SPLIT",
            "BANK_CREDIT_UNMATCHED",
            "BANK_CREDIT_WRONG_ACCOUNT",
        ),
        _BANK,
    ),
}
"""By code: why it is not made here."""
