"""Accounts as the API shows them: a charity's own, or those connected to a platform."""

from __future__ import annotations

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.calls import Call
from fundraise.sandbox.messages import Obj, StripeError
from fundraise.sandbox.objects.payouts import plan_daily
from fundraise.sandbox.shapes import (
    BOOLEAN,
    EXPAND,
    METADATA,
    TEXT,
    Currency,
    Nested,
    Required,
    Shape,
    Text,
    merge_metadata,
    one_of,
)
from fundraise.sandbox.world import Account, Terms

READ = Nested(EXPAND)
CAPABILITIES = ("bacs_debit_payments", "card_payments", "sepa_debit_payments", "transfers")
_REQUESTED = Nested({"requested": BOOLEAN})
_CAPABILITY: dict[str, Shape | Required] = dict.fromkeys(CAPABILITIES, _REQUESTED)
CREATE = Nested(
    {
        **EXPAND,
        "business_profile": Nested({"mcc": Text(longest=4), "name": TEXT, "url": TEXT}),
        "business_type": one_of("company", "government_entity", "individual", "non_profit"),
        "capabilities": Nested(_CAPABILITY),
        "controller": Nested(
            {
                "fees": Nested({"payer": one_of("account", "application")}),
                "losses": Nested({"payments": one_of("application", "stripe")}),
                "requirement_collection": one_of("application", "stripe"),
                "stripe_dashboard": Nested({"type": one_of("express", "full", "none")}),
            }
        ),
        "country": Text(longest=2, pattern="[A-Z]{2}"),
        "default_currency": Currency(),
        "email": TEXT,
        "metadata": METADATA,
        "type": one_of("custom", "express", "standard"),
    }
)
_CURRENCIES = {"GB": "gbp", "US": "usd", "CH": "chf", "SE": "sek", "NO": "nok", "DK": "dkk", "CA": "cad", "AU": "aud"}
_DUE = ["business_profile.url", "external_account", "tos_acceptance.date", "tos_acceptance.ip"]


@behaves("account-create")
def create(call: Call) -> Obj:
    """`POST /v1/accounts`: an account connected to the caller, that is still to tell who it is."""
    platform, given = call.account, call.params
    if platform.platform is not None:
        raise StripeError("Only a platform makes connected accounts; leave out `Stripe-Account`.", executed=False)
    if "type" in given and "controller" in given:
        raise StripeError("You may only specify one of these parameters: type, controller.", param="type")
    world = platform.world
    country = given.get("country", platform.terms.country)
    currency = given.get("default_currency", _CURRENCIES.get(country, "eur"))
    name = given.get("business_profile", {}).get("name") or "New account"
    terms = Terms(
        business_name=name, country=country, default_currency=currency, statement_prefix=name.upper()[:22].strip()
    )
    made = Account(world, platform.new_id("acct_"), world.clock.now(), terms, platform.id)
    made.profile |= {
        "business_profile": given.get("business_profile", {}),
        "business_type": given.get("business_type"),
        "controller": _controller(given),
        "details_submitted": False,
        "email": given.get("email"),
        "metadata": merge_metadata({}, given.get("metadata", {})),
        "type": given.get("type", "none" if "controller" in given else "standard"),
    }
    world.accounts[made.id] = made
    plan_daily(made)
    return shown(made)


def _controller(given: Obj) -> Obj:
    told = given.get("controller", {})
    return {
        "fees": {"payer": told.get("fees", {}).get("payer", "account")},
        "is_controller": True,
        "losses": {"payments": told.get("losses", {}).get("payments", "stripe")},
        "requirement_collection": told.get("requirement_collection", "stripe"),
        "stripe_dashboard": {"type": told.get("stripe_dashboard", {}).get("type", "full")},
        "type": "application",
    }


def retrieve_own(call: Call) -> Obj:
    """`GET /v1/account`: the account the call acts on."""
    return shown(call.account)


@behaves("connect-isolation")
def retrieve(call: Call) -> Obj:
    """`GET /v1/accounts/{account}`: one's own, or one connected to it."""
    return shown(
        call.account if call.ids["account"] == call.account.id else connected(call.account, call.ids["account"])
    )


def connected(platform: Account, account_id: str) -> Account:
    """Return an account that is connected to `platform`. Raises StripeError."""
    wanted = platform.world.accounts.get(account_id)
    if wanted is None or wanted.platform != platform.id:
        raise no_access(account_id)
    return wanted


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
    terms, profile = account.terms, account.profile
    ready = profile["details_submitted"]
    state = "active" if ready else "inactive"
    capabilities = {"card_payments": state, "transfers": state}
    if "bank_debit" in terms.methods:
        capabilities |= {"bacs_debit_payments": state, "sepa_debit_payments": state}
    due = [] if ready else _DUE
    return {
        "id": account.id,
        "object": "account",
        "business_profile": {"name": terms.business_name, "mcc": "8398", "url": None, **profile["business_profile"]},
        "business_type": profile["business_type"],
        "capabilities": capabilities,
        "charges_enabled": ready,
        "controller": profile["controller"],
        "country": terms.country,
        "created": account.created,
        "default_currency": terms.default_currency,
        "details_submitted": ready,
        "email": profile["email"],
        "metadata": profile["metadata"],
        "payouts_enabled": ready,
        "requirements": {
            "alternatives": [],
            "current_deadline": None,
            "currently_due": due,
            "disabled_reason": None if ready else "requirements.past_due",
            "errors": [],
            "eventually_due": due,
            "past_due": due,
            "pending_verification": [],
        },
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
        "type": profile["type"],
    }
