"""Webhook endpoints: where events go, and the secrets that sign them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.calls import Call, Page, list_page
from fundraise.sandbox.messages import API_VERSION, Obj, invalid_parameter
from fundraise.sandbox.shapes import (
    BOOLEAN,
    EXPAND,
    METADATA,
    PAGE,
    Enum,
    ListOf,
    Nested,
    Required,
    Text,
    merge_metadata,
)

if TYPE_CHECKING:
    from fundraise.sandbox.world import Account

_EVENTS = ListOf(Text(pattern=r"\*|[a-z_]+(\.[a-z0-9_]+)+"), most=500)
CREATE = Nested(
    {
        **EXPAND,
        "api_version": Enum((API_VERSION,)),
        "connect": BOOLEAN,
        "description": Text(clearable=True),
        "enabled_events": Required(_EVENTS),
        "metadata": METADATA,
        "url": Required(Text()),
    }
)
UPDATE = Nested(
    {
        **EXPAND,
        "description": Text(clearable=True),
        "disabled": BOOLEAN,
        "enabled_events": _EVENTS,
        "metadata": METADATA,
        "url": Text(),
    }
)
LIST = Nested(PAGE)
READ = Nested(EXPAND)
DELETE = Nested({})


def create(call: Call) -> Obj:
    """`POST /v1/webhook_endpoints`; the secret is told here and never again."""
    endpoint = add_endpoint(call.account, call.params)
    return {**endpoint, "secret": endpoint["_secrets"][0]["secret"]}


def add_endpoint(account: Account, given: dict[str, Any]) -> Obj:
    """Write an endpoint with a secret of its own (or the one in `given["secret"]`)."""
    _check_url(given["url"])
    return account["webhook_endpoints"].add(
        {
            "id": account.new_id("we_"),
            "object": "webhook_endpoint",
            "api_version": given.get("api_version"),
            "application": None,
            "created": account.now(),
            "description": given.get("description"),
            "enabled_events": given["enabled_events"],
            "livemode": False,
            "metadata": merge_metadata({}, given.get("metadata", {})),
            "status": "enabled",
            "url": given["url"],
            "_connect": given.get("connect", False),
            "_secrets": [{"secret": given.get("secret") or account.new_id("whsec_"), "until": None}],
        }
    )


def _check_url(url: str) -> None:
    if not url.startswith(("http://", "https://")):
        raise invalid_parameter("Invalid URL: An explicit scheme (such as https) must be provided.", "url")


@behaves("webhook-secret-roll")
def roll_secret(account: Account, endpoint: Obj, overlap_seconds: int) -> str:
    """Give an endpoint a new secret; the old one signs along for `overlap_seconds` (in the Dashboard up to 24 h)."""
    until = account.now() + overlap_seconds
    for held in endpoint["_secrets"]:
        held["until"] = until if held["until"] is None else min(until, held["until"])
    fresh = account.new_id("whsec_")
    endpoint["_secrets"].append({"secret": fresh, "until": None})
    return fresh


def listing(call: Call) -> Page:
    """`GET /v1/webhook_endpoints`."""
    return list_page(call, "webhook_endpoints")


def retrieve(call: Call) -> Obj:
    """`GET /v1/webhook_endpoints/{webhook_endpoint}`."""
    return call.account["webhook_endpoints"].get(call.ids["webhook_endpoint"], param="webhook_endpoint")


def update(call: Call) -> Obj:
    """`POST /v1/webhook_endpoints/{webhook_endpoint}`."""
    endpoint = retrieve(call)
    for name in ("description", "enabled_events", "url"):
        if name in call.params:
            endpoint[name] = call.params[name]
    _check_url(endpoint["url"])
    if "disabled" in call.params:
        endpoint["status"] = "disabled" if call.params["disabled"] else "enabled"
    if "metadata" in call.params:
        endpoint["metadata"] = merge_metadata(endpoint["metadata"], call.params["metadata"])
    return endpoint


def delete(call: Call) -> Obj:
    """`DELETE /v1/webhook_endpoints/{webhook_endpoint}`."""
    endpoint = retrieve(call)
    endpoint["_deleted"] = True
    return {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}
