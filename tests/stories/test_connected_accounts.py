"""Charities connected to a platform: one key for all, the account named with every call, news by one door."""

from typing import Any

from fundraise.flows.catch_up import catch_up
from fundraise.flows.connect import connect_account
from fundraise.flows.reconcile import reconcile_all
from fundraise.sandbox import ApiRequest
from tests.world import WEBHOOK_SECRET, World

SLUGS = ("shelter", "network")


def connected(world: World) -> None:
    """Two charities under one platform, and a campaign for both."""
    platform = world.sandbox.control("accounts", {"business_name": "Platform"})
    key = platform["keys"][0]
    for slug in SLUGS:
        world.body(slug)
        terms = {"business_name": slug, "payouts": "manual", "platform": platform["id"]}
        world.accounts[slug] = world.sandbox.control("accounts", terms)
        connect_account(
            world.parts,
            slug=slug,
            body_slug=slug,
            mode="connected",
            key=key,
            webhook_secrets=(WEBHOOK_SECRET,),
            account_ref=world.accounts[slug]["id"],
        )
    endpoint = {
        "account": platform["id"],
        "url": f"{world.settings.base_url}/webhooks/stripe/platform",
        "secret": WEBHOOK_SECRET,
        "connect": True,
        "enabled_events": ["*"],
    }
    world.sandbox.control("webhook-endpoint", endpoint)
    world.platform_key = key
    world.campaign(*(world.bodies[slug] for slug in SLUGS))


def balance_minor(world: World, slug: str) -> int:
    """Return what the local Stripe says one connected account holds."""
    headers = {"authorization": f"Bearer {world.platform_key}", "stripe-account": world.accounts[slug]["id"]}
    reply = world.sandbox.handle(ApiRequest("GET", "/v1/balance", headers=headers))
    held: Any = reply.json()
    return sum(part["amount"] for kind in ("available", "pending") for part in held[kind])


def test_each_gift_is_on_the_account_of_its_charity(world: World) -> None:
    connected(world)
    first = world.give(amount="50", charity="network")
    world.pay(first)
    world.settle()
    assert world.total_minor() == 5000
    assert (balance_minor(world, "network") > 0, balance_minor(world, "shelter")) == (True, 0)
    assert "Network" in world.donor.get(f"{first.page}/thanks").text

    second = world.give(amount="30", charity="shelter")
    world.pay(second)
    world.advance(20)
    world.sandbox.take_due_deliveries()
    assert catch_up(world.parts)["found in the list"] > 0
    assert world.total_minor() == 8000

    world.advance(days=9)
    world.settle()
    outcomes = reconcile_all(world.parts, by="test")
    assert len(outcomes) == 2
    with world.parts.db.read() as session:
        assert world.findings() == []
        assert session is not None
