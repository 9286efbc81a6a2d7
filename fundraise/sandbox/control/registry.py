"""The table of control actions, and how their details are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from fundraise.sandbox.messages import ControlError, Obj

if TYPE_CHECKING:
    from fundraise.sandbox.engine import Sandbox
    from fundraise.sandbox.world import Account, World

Action = Callable[["Sandbox", Obj], Any]
_Action = TypeVar("_Action", bound=Action)

ACTIONS: dict[str, Action] = {}


def control(name: str) -> Callable[[_Action], _Action]:
    """Register the decorated function as the control action `name`."""

    def register(function: _Action) -> _Action:
        ACTIONS[name] = function
        return function

    return register


def need(details: Obj, name: str) -> Any:
    """Return a detail that must be given. Raises ControlError."""
    if details.get(name) in {None, ""}:
        raise ControlError(f"{name} is needed")
    return details[name]


def account_of(world: World, details: Obj) -> Account:
    """Return the account named in `details["account"]`, or the only one. Raises ControlError."""
    wanted = details.get("account")
    if wanted is None and len(world.accounts) == 1:
        return next(iter(world.accounts.values()))
    account = world.accounts.get(wanted or "")
    if account is None:
        raise ControlError(f"no such account: {wanted}" if wanted else "account is needed", status=404)
    return account


def owned(world: World, details: Obj, name: str) -> tuple[Account, Obj]:
    """Return the object whose id is in `details[name]`, and its account. Raises ControlError."""
    object_id = str(need(details, name))
    found = world.owner(object_id)
    if found is None:
        raise ControlError(f"no such {name}: {object_id}", status=404)
    return found
