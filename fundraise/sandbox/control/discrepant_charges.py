"""Discrepancies of charges, refunds and disputes, each made of the other control actions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fundraise.sandbox.control import money_back, paying
from fundraise.sandbox.events import send_again
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


def _account_mix(sandbox: Sandbox, account: Account) -> Obj:
    others = [one for one in sandbox.world.accounts.values() if one is not account and one["charges"].rows]
    if not others:
        raise ControlError("this needs a gift that was paid on another account", status=409)
    return _charge_again(others[0], account)


def _metadata_lost(sandbox: Sandbox, account: Account) -> Obj:
    session = _open_session(account)
    session["_intent_data"] = {**session["_intent_data"], "metadata": {}}
    return _pay(sandbox, account)


OF_CHARGES: dict[str, Recipe] = {
    "MISSING_WEBHOOK": _missing_webhook,
    "DUPLICATE_EVENT": _duplicate_event,
    "DUPLICATE_DONATION": _duplicate_donation,
    "ORPHAN_CHARGE": _orphan_charge,
    "NO_BALANCE_TXN": _no_balance_transaction,
    "AMOUNT_MISMATCH": _other_amount,
    "CURRENCY_MISMATCH": _other_currency,
    "FEE_UNEXPECTED": _dear,
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
    "ACCOUNT_MIX": _account_mix,
    "METADATA_LOST": _metadata_lost,
}
"""By code of stripe.md e.4: how it comes about."""
