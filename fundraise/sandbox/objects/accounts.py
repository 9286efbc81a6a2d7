"""Accounts as the API shows them: a charity's own, or those connected to a platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.calls import Call
from fundraise.sandbox.messages import Obj, StripeError
from fundraise.sandbox.shapes import EXPAND, Nested

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account

READ = Nested(EXPAND)


def retrieve_own(call: Call) -> Obj:
    """`GET /v1/account`: the account the call acts on."""
    return shown(call.account)


@behaves("connect-isolation")
def retrieve(call: Call) -> Obj:
    """`GET /v1/accounts/{account}`: one's own, or one connected to it."""
    wanted = call.account.world.accounts.get(call.ids["account"])
    if wanted is None or (wanted is not call.account and wanted.platform != call.account.id):
        raise no_access(call.ids["account"])
    return shown(wanted)


def no_access(account_id: str) -> StripeError:
    """Return the error for an account that is not there or not within reach; both read alike."""
    return StripeError(
        f"The provided key does not have access to account '{account_id}' (or that account does not exist). "
        "Application access may have been revoked.",
        status=403,
        code="account_invalid",
        executed=False,
    )


def shown(account: Account) -> Obj:
    """Return the account object."""
    terms = account.terms
    active = {"card_payments": "active", "transfers": "active"}
    if "bank_debit" in terms.methods:
        active |= {"bacs_debit_payments": "active", "sepa_debit_payments": "active"}
    return {
        "id": account.id,
        "object": "account",
        "business_profile": {"name": terms.business_name, "mcc": "8398", "url": None},
        "business_type": "non_profit",
        "capabilities": active,
        "charges_enabled": True,
        "controller": {"type": "account"},
        "country": terms.country,
        "created": account.created,
        "default_currency": terms.default_currency,
        "details_submitted": True,
        "email": None,
        "metadata": {},
        "payouts_enabled": True,
        "settings": {
            "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
            "card_payments": {
                "statement_descriptor_prefix": terms.statement_prefix[:10],
                "statement_descriptor_prefix_kana": None,
                "statement_descriptor_prefix_kanji": None,
            },
            "dashboard": {"display_name": terms.business_name, "timezone": "Etc/UTC"},
            "payments": {
                "statement_descriptor": terms.statement_prefix,
                "statement_descriptor_kana": None,
                "statement_descriptor_kanji": None,
            },
            "payouts": {
                "debit_negative_balances": True,
                "schedule": {"delay_days": terms.delay_days, "interval": terms.payouts},
                "statement_descriptor": None,
            },
        },
        "type": "standard",
    }
