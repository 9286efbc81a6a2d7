"""Control actions about accounts: make one, see them, change their terms, add an endpoint, roll a secret."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from fundraise.sandbox import books
from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.control.registry import account_of, control, need, owned
from fundraise.sandbox.ids import new_id
from fundraise.sandbox.messages import ControlError, Obj, check_types
from fundraise.sandbox.money import Tariff
from fundraise.sandbox.objects.payouts import plan_daily
from fundraise.sandbox.objects.webhook_endpoints import add_endpoint, roll_secret
from fundraise.sandbox.world import Account, Terms

if TYPE_CHECKING:
    from fundraise.sandbox.engine import Sandbox
    from fundraise.sandbox.world import World


@control("accounts")
def add_account(sandbox: Sandbox, details: Obj) -> Obj:
    """Make an account; without details: list all. Takes `id`, `platform`, `keys` and every field of Terms.

    Returns its id, keys and terms.
    """
    world = sandbox.world
    if not details:
        return {"accounts": [_shown(world, account) for account in world.accounts.values()]}
    account_id = details.pop("id", None) or new_id(world.random, "acct_")
    platform = details.pop("platform", None)
    keys = details.pop("keys", None)
    if account_id in world.accounts:
        raise ControlError(f"account {account_id} is there already", status=409)
    if platform is not None and platform not in world.accounts:
        raise ControlError(f"no such platform: {platform}", status=404)
    if keys is None:
        keys = [] if platform else [new_id(world.random, "sk_test_"), new_id(world.random, "rk_test_")]
    _check_keys(world, keys)
    account = Account(world, account_id, world.clock.now(), _terms(details), platform)
    world.accounts[account_id] = account
    world.keys.update(dict.fromkeys(keys, account_id))
    plan_daily(account)
    return _shown(world, account)


@behaves("live-keys-refused")
def _check_keys(world: World, keys: list[str]) -> None:
    for key in keys:
        if not key.startswith(("sk_test_", "rk_test_")):
            raise ControlError("keys must begin with sk_test_ or rk_test_")
        if key in world.keys:
            raise ControlError("this key belongs to an account already", status=409)


def _terms(details: Obj) -> Terms:
    try:
        terms = Terms.from_json(details)
    except TypeError as wrong:
        raise ControlError(f"no such term: {wrong}") from wrong
    check_types(terms, Terms())
    check_types(terms.tariff, Tariff())
    return terms


def _shown(world: World, account: Account) -> Obj:
    return {
        "id": account.id,
        "platform": account.platform,
        "keys": [key for key, owner in world.keys.items() if owner == account.id],
        "terms": asdict(account.terms),
        "balance": books.balance(account),
    }


@control("account")
def change_account(sandbox: Sandbox, details: Obj) -> Obj:
    """Change the terms of an account from now on."""
    account = account_of(sandbox.world, details)
    changes = {name: value for name, value in details.items() if name != "account"}
    tariff = {**asdict(account.terms.tariff), **changes.pop("tariff", {})}
    account.terms = _terms({**asdict(account.terms), **changes, "tariff": tariff})
    return _shown(sandbox.world, account)


@control("webhook-endpoint")
def add_webhook_endpoint(sandbox: Sandbox, details: Obj) -> Obj:
    """Add an endpoint without an API call, with a secret of one's choice: `url`, `secret`, `connect`, `enabled_events`.

    Returns its id and secret.
    """
    account = account_of(sandbox.world, details)
    given: dict[str, Any] = {
        "url": need(details, "url"),
        "secret": details.get("secret"),
        "connect": bool(details.get("connect", False)),
        "enabled_events": details.get("enabled_events", ["*"]),
    }
    endpoint = add_endpoint(account, given)
    return {"id": endpoint["id"], "secret": endpoint["_secrets"][0]["secret"]}


@control("roll-secret")
def roll(sandbox: Sandbox, details: Obj) -> Obj:
    """Give an endpoint a new secret; the old one signs along for `overlap_seconds` (a day where not given)."""
    account, endpoint = owned(sandbox.world, details, "endpoint")
    return {"secret": roll_secret(account, endpoint, int(details.get("overlap_seconds", 86_400)))}
