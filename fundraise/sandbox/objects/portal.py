"""The billing portal: a page where a donor ends or keeps a repeating gift."""

from __future__ import annotations

from fundraise.sandbox.behaviours import behaves
from fundraise.sandbox.calls import Call
from fundraise.sandbox.messages import Obj, StripeError
from fundraise.sandbox.shapes import EXPAND, TEXT, Nested, Required, Text, one_of

_AFTER = Nested(
    {
        "hosted_confirmation": Nested({"custom_message": TEXT}),
        "redirect": Nested({"return_url": Required(TEXT)}),
        "type": Required(one_of("hosted_confirmation", "portal_homepage", "redirect")),
    }
)
CREATE = Nested(
    {
        **EXPAND,
        "customer": Required(TEXT),
        "flow_data": Nested(
            {
                "after_completion": _AFTER,
                "subscription_cancel": Nested({"subscription": Required(TEXT)}),
                "type": Required(one_of("payment_method_update", "subscription_cancel")),
            }
        ),
        "locale": Text(longest=10),
        "return_url": TEXT,
    }
)


@behaves("portal-page")
def create(call: Call) -> Obj:
    """`POST /v1/billing_portal/sessions`."""
    given, account = call.params, call.account
    account["customers"].get(given["customer"], param="customer", status=400)
    flow = given.get("flow_data")
    if flow and flow["type"] == "subscription_cancel":
        wanted = flow.get("subscription_cancel", {}).get("subscription", "")
        subscription = account["subscriptions"].get(wanted, param="flow_data[subscription_cancel]", status=400)
        if subscription["status"] == "canceled" or subscription["cancel_at_period_end"]:
            raise StripeError(
                "This subscription cannot be updated because it is already scheduled to be canceled.",
                param="flow_data[subscription_cancel][subscription]",
            )
    session_id = account.new_id("bps_")
    return account["portal_sessions"].add(
        {
            "id": session_id,
            "object": "billing_portal.session",
            "configuration": f"bpc_{account.id[5:]}",
            "created": account.now(),
            "customer": given["customer"],
            "customer_account": None,
            "flow": _flow(flow) if flow else None,
            "livemode": False,
            "locale": given.get("locale"),
            "on_behalf_of": None,
            "return_url": given.get("return_url"),
            "url": f"{call.base_url}/p/session/{session_id}",
        }
    )


def _flow(given: Obj) -> Obj:
    after = given.get("after_completion", {"type": "portal_homepage"})
    cancels = given.get("subscription_cancel")
    return {
        "after_completion": {
            "hosted_confirmation": after.get("hosted_confirmation"),
            "redirect": after.get("redirect"),
            "type": after["type"],
        },
        "subscription_cancel": {"retention": None, **cancels} if cancels else None,
        "subscription_update": None,
        "subscription_update_confirm": None,
        "type": given["type"],
    }
