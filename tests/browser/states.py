"""Every public page in every state it can be in, brought about by what happens to real gifts, and served to look at."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from fundraise.app import create_app
from tests.databases import fresh_sqlite
from tests.sandbox.driving import free_port, served
from tests.stories.test_moments_of_money import charge_of
from tests.world import World, small_world

GERMAN = "Rechtsschutzversicherungsgesellschaftsvorstandsvorsitzende Katharina von Hohenlohe-Schillingsfürst"
ARABIC = "منى عبد الرحمن الخطيب"
STORY = """The winter is long, and the nights are cold.

Each bed is a room with a door that closes, for a person who had to leave everything behind within an hour."""
DAY = timedelta(days=1)
DONOR = {"email": "mara@example.org", "name": "Mara Lindqvist"}


@contextmanager
def all_states(folder: Path) -> Iterator[dict[str, str]]:
    """Serve a world in which everything has happened; gives each page's address by what it shows."""
    port = free_port()
    with fresh_sqlite(folder) as plain:
        settings = plain.model_copy(update={"base_url": f"http://127.0.0.1:{port}"})
        with small_world(settings) as world:
            paths = {"home": "/", "help": "/help", "privacy": "/privacy", "nothing here": "/c/nothing-here"}
            paths |= _campaigns(world) | _gifts(world)
            with served(create_app(settings, parts=world.parts), port) as url:
                yield {name: f"{url}{path}" for name, path in paths.items()}


def _campaigns(world: World) -> dict[str, str]:
    shelter = world.body(website="https://shelter.example.org", contact_email="help@shelter.example.org")
    network = world.body("network", legal_name="Российская ЛГБТ-сеть", name="Russian LGBT Network")
    for body in (shelter, network):
        world.account(body)
    world.campaign(shelter, slug="fresh", suggested_minor="1000,2000,5000")
    full = world.campaign(shelter, slug="full", goal_minor=500_000_000, story=STORY, ends_at=world.now() + 900 * DAY)
    world.event(full)
    world.event(full, slug="walk", title="A walk through Oxford", place="Broad Street, by the Sheldonian Theatre")
    world.campaign(shelter, network, slug="shared", gift_currencies="GBP,EUR,USD", story=STORY)
    world.campaign(shelter, slug="paused", state="paused")
    world.campaign(shelter, slug="over", state="ended", ends_at=world.now() - DAY)
    world.campaign(shelter, slug="tomorrow", starts_at=world.now() + 400 * DAY)
    world.campaign(shelter, slug="yen", currency="JPY", gift_currencies="JPY", least_gift_minor=100)
    world.campaign(shelter, slug="gifts")
    shows = {"show_name": "1", "show_amount": "1", "show_message": "1"}
    world.paid_gift("50", "full", name=ARABIC, message="سرير دافئ لكل إنسان", **shows)
    world.paid_gift("12.50", "full", name=GERMAN, message="Ein warmes Bett für jeden.", **shows)
    for _ in range(3):
        world.paid_gift("999999", "full", event="walk")
    states = ("fresh", "full", "shared", "paused", "over", "tomorrow", "yen")
    return {
        **{f"campaign {slug}": f"/c/{slug}" for slug in states},
        "event": "/c/full/e/walk",
        "counted": "/c/full/counted",
        "appeal": "/a/full-appeal",
    }


def _gifts(world: World) -> dict[str, str]:
    gifts = {state: world.give("gifts", amount="25", **DONOR) for state in ("refunded", "disputed", "lost", "failed")}
    gifts["paid"] = world.give("gifts", amount="20", cover_fee="1", **DONOR)
    gifts["partly refunded"] = world.give("gifts", amount="22.50", **DONOR)
    for state, gift in gifts.items():
        world.pay(gift, **({"card": None, "bank_debit": True, "outcome": "fails"} if state == "failed" else {}))
    world.settle()
    world.advance(days=12)
    for state, amount in (("refunded", {}), ("partly refunded", {"amount": 1000})):
        world.sandbox.control("refund", {"charge": charge_of(world, gifts[state].session), **amount})
    for state in ("disputed", "lost"):
        world.sandbox.control("dispute", {"do": "open", "charge": charge_of(world, gifts[state].session)})
    world.sandbox.control("dispute", {"do": "lose", "charge": charge_of(world, gifts["lost"].session)})
    world.settle()
    gifts["begun"] = world.give("gifts", amount="40", **DONOR)
    world.pay(gifts["begun"], card=None, bank_debit=True, outcome="succeeds")
    gifts["shared"] = world.give("shared", amount="30", currency="GBP", **DONOR)
    world.pay(gifts["shared"])
    world.settle()
    gifts["open"], gifts["turned back"] = (world.give("gifts", amount="40", **DONOR) for _ in range(2))
    for currency, amount in (("GBP", "40"), ("EUR", "60"), ("USD", "75")):
        world.pay(world.give("shared", currency=currency, amount=amount, charity="shelter"))
    world.hear()  # Not settled: euros and dollars are on their way.
    paths = {f"gift {state}": gift.page for state, gift in gifts.items()}
    paths |= {f"thanks {state}": f"{gift.page}/thanks" for state, gift in gifts.items()}
    return paths | {
        "thanks turned back": f"{gifts['turned back'].page}/thanks?back=1",
        "receipt": f"{gifts['paid'].page}/receipt",
        "receipt partly refunded": f"{gifts['partly refunded'].page}/receipt",
    }
