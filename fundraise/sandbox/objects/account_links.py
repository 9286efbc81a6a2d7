"""Account links: a short-lived address, good for one visit, where a charity tells Stripe who it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.calls import Call
from fundraise.sandbox.events import emit
from fundraise.sandbox.messages import Obj, StripeError, invalid_parameter
from fundraise.sandbox.objects.accounts import connected, shown
from fundraise.sandbox.shapes import EXPAND, TEXT, Nested, Required, one_of

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account

OPEN_SECONDS = 300
"""How long a link may be opened. Source: the example on https://docs.stripe.com/api/account_links/object"""

CREATE = Nested(
    {
        **EXPAND,
        "account": Required(TEXT),
        "collect": one_of("currently_due", "eventually_due"),
        "refresh_url": TEXT,
        "return_url": TEXT,
        "type": Required(one_of("account_onboarding", "account_update")),
    }
)


@behaves("account-link-once")
def create(call: Call) -> Obj:
    """`POST /v1/account_links`, for onboarding alone."""
    given = call.params
    wanted = connected(call.account, given["account"])
    if given["type"] != "account_onboarding":
        raise StripeError(
            "You cannot create `account_update` type Account Links for this account. The only supported type is "
            "`account_onboarding`.",
            param="type",
        )
    for name in ("refresh_url", "return_url"):
        if name not in given:
            raise invalid_parameter(f"Missing required param: {name}.", name, "parameter_missing")
        if not given[name].startswith(("http://", "https://")):
            raise invalid_parameter("Not a valid URL", name, "url_invalid")
    link_id = wanted.new_id("alink_")
    wanted["account_links"].add(
        {
            "id": link_id,
            "object": "account_link",
            "created": wanted.now(),
            "expires_at": wanted.now() + OPEN_SECONDS,
            "refresh_url": given["refresh_url"],
            "return_url": given["return_url"],
            "opened": False,
        }
    )
    return {
        "object": "account_link",
        "created": wanted.now(),
        "expires_at": wanted.now() + OPEN_SECONDS,
        "url": f"{call.base_url}/setup/s/{link_id}",
    }


def open_link(account: Account, link: Obj) -> bool:
    """Take the one visit of a link; False where it was visited before or is too old."""
    if link["opened"] or account.now() >= link["expires_at"]:
        return False
    link["opened"] = True
    return True


@behaves("account-onboarding")
def finish(account: Account) -> None:
    """Let Stripe know all it wants to know of an account: it may charge and is paid out from here on."""
    profile = account.profile
    if profile["details_submitted"]:
        return
    before = shown(account)
    profile["details_submitted"] = True
    after = shown(account)
    changed = {name: value for name, value in before.items() if after[name] != value}
    emit(account, "account.updated", after, changed)
