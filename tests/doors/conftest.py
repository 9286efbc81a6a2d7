"""A world that many bad knocks share: since nothing may come of them, they do not disturb each other."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from fundraise.flows.connect import connect_account
from fundraise.flows.import_rates import keep_rates
from fundraise.published_rates import PublishedFile, PublishedSheet, RateSource
from tests.databases import fresh_postgresql, fresh_sqlite
from tests.world import World, small_world


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def street(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Campaigns of every kind: for one charity and several, in yen, in dinar and abroad, and those that are closed."""
    with built(request.param, tmp_path_factory.mktemp("street")) as world:
        yield world


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def avenue(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A street where gifts are begun."""
    with built(request.param, tmp_path_factory.mktemp("avenue")) as world:
        yield world


@contextmanager
def built(database: str, folder: Path) -> Iterator[World]:
    """Set up a street of its own on one of the databases."""
    opened = fresh_sqlite(folder) if database == "sqlite" else fresh_postgresql()
    with opened as settings, small_world(settings) as world:
        build(world)
        yield world


# Currencies that cards count otherwise than ISO 4217 does, or take only from a certain amount on.
ABROAD = ("HUF", "SEK", "NOK", "DKK", "CZK", "MXN", "HKD", "THB", "RON", "PLN", "MYR", "MGA", "ISK", "UGX")


def build(world: World) -> None:
    """Set up the street."""
    shelter, network, poor = world.body(), world.body("network"), world.body("poor")
    kitchen, library = world.body("kitchen"), world.body("library")
    for body in (shelter, kitchen, library):
        world.account(body)
    made = world.account(network)
    connect_account(
        world.parts,
        slug="network",
        body_slug="network",
        mode="own-key",
        key=made["keys"][0],
        webhook_secrets=("whsec_of_network", "whsec_of_network_new"),
        account_ref=made["id"],
    )
    day = timedelta(days=1)
    dinars = PublishedSheet(RateSource.HMRC, world.now().date().replace(day=1), {"KWD": "0.4021"})
    keep_rates(world.parts, [PublishedFile("dinars", b"dinars", [dinars])], by="test")
    winter = world.campaign(shelter, ends_at=world.now() + 30 * day)
    world.event(winter)
    world.campaign(shelter, network, slug="two", gift_currencies="GBP,EUR")
    world.campaign(shelter, slug="yen", currency="JPY", gift_currencies="JPY", least_gift_minor=100)
    world.campaign(shelter, slug="dinar", currency="KWD", gift_currencies="KWD", least_gift_minor=1000)
    world.campaign(
        shelter, kitchen, library, slug="dinars", currency="KWD", gift_currencies="KWD", least_gift_minor=1000
    )
    world.campaign(shelter, network, kitchen, library, slug="four")
    # What converts to less than the account's own least is refused: here it holds what it is given.
    held = [code.lower() for code in ABROAD]
    world.sandbox.control("account", {"account": world.accounts["shelter"]["id"], "settlement_currencies": held})
    world.campaign(shelter, slug="abroad", gift_currencies=",".join(("GBP", *ABROAD)))
    world.campaign(shelter, slug="paused", state="paused")
    world.campaign(shelter, slug="ended", state="ended")
    world.campaign(shelter, slug="over", ends_at=world.now() - day)
    world.campaign(shelter, slug="tomorrow", starts_at=world.now() + day)
    world.campaign(shelter, slug="draft", state="draft")
    world.campaign(poor, slug="poor")
    world.event(world.campaign(shelter, slug="other"), slug="elsewhere")
