"""Gifts to a charity whose account is in another currency than the campaign: the total never loses them."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from fundraise.appeals.holding import hold_figures
from fundraise.appeals.tables import Appeal, OwnIncrement
from fundraise.campaigns.questions import event_of, public_campaign
from fundraise.figures.public import counted_by_kind, event_total
from fundraise.flows import convert_gifts as convert_gifts_module
from fundraise.flows import import_rates
from fundraise.flows.check_books import check_books
from fundraise.flows.convert_gifts import convert_gifts
from fundraise.flows.settle import settle_payment
from fundraise.jobs.timetable import job_named
from fundraise.money import Money
from fundraise.rates.tables import RateSheet
from fundraise.stripe_accounts.questions import account_by_slug, key_of
from tests.databases import fresh_postgresql
from tests.partners.fellowship import Fellowship, rebuilt
from tests.partners.test_checks import by_force
from tests.world import World, small_world


def give_abroad(world: World) -> None:
    """A campaign in pounds for a charity whose account is in euros."""
    body = world.body(currency="EUR")
    world.account(body, default_currency="eur")
    world.campaign(body, gift_currencies="GBP,EUR,USD")
    world.sandbox.control("fx-rate", {"pair": "eur/gbp", "rate": "0.86"})
    world.sandbox.control("fx-rate", {"pair": "usd/eur", "rate": "0.9"})


def rates(world: World, days_ago: int = 1, **published: str) -> None:
    Fellowship(world).rates("ECB", world.now().date() - timedelta(days=days_ago), **published)


def rates_alone(world: World, **published: str) -> None:
    """Bring rates, and convert nothing yet."""
    with patch.object(import_rates, "convert_waiting", lambda _parts: Counter()):
        rates(world, **published)


def a_gift_and_a_later_rate(world: World, later: str) -> None:
    """Fifty pounds are given and settled at 0.86; two days later the euro is worth something else."""
    give_abroad(world)
    rates(world, GBP="0.86", USD="1.1")
    world.paid_gift("50")
    world.advance(days=2)
    rates(world, GBP=later, USD="1.1")


def appeal_minor(world: World) -> int:
    return int(world.donor.get("/api/v1/appeals/winter-appeal/total").json()["amount_minor"])


def is_sound(world: World) -> bool:
    with world.parts.db.read() as session:
        return check_books(session) == []


def test_a_gift_settled_elsewhere_counts_before_and_after(world: World) -> None:
    give_abroad(world)
    rates(world, GBP="0.86", USD="1.1")
    gift = world.give(amount="50")
    paid = world.pay(gift)
    world.hear()
    assert world.total_minor() == 5000
    world.settle()
    total = world.total()
    assert (total["amount_minor"], total["on_its_way"], total["not_converted"]) == (5000, [], [])
    assert total["gifts"] == 1
    assert appeal_minor(world) == 5000

    # What goes back takes what it counted for, whatever the euro is worth by then.
    world.advance(days=5)
    rates(world, GBP="0.95", USD="1.1")
    world.sandbox.control("refund", {"charge": paid["charge"], "amount": 2000})
    world.settle()
    assert (world.total_minor(), appeal_minor(world)) == (3000, 3000)
    world.sandbox.control("refund", {"charge": paid["charge"]})
    world.settle()
    assert (world.total_minor(), appeal_minor(world)) == (0, 0)
    assert world.total()["not_converted"] == []
    assert is_sound(world)


def test_of_two_gifts_at_two_rates_one_goes_back(world: World) -> None:
    a_gift_and_a_later_rate(world, "0.95")
    second = world.pay(world.give(amount="50"))
    world.settle()
    assert (world.total_minor(), appeal_minor(world)) == (5000 + 5523, 5000 + 5523)
    world.advance(days=7)
    rates(world, GBP="0.70", USD="1.1")
    world.sandbox.control("refund", {"charge": second["charge"]})
    world.settle()
    assert (world.total_minor(), appeal_minor(world)) == (5000, 5000)
    assert is_sound(world)


def test_an_appeal_in_a_third_currency_converts_what_its_campaigns_were_given(fellowship: Fellowship) -> None:
    world = fellowship.world
    world.sandbox.control("account", {"account": world.accounts["shelter"]["id"], "default_currency": "eur"})
    world.sandbox.control("fx-rate", {"pair": "eur/gbp", "rate": "0.86"})
    fellowship.set_up(currency="USD")
    rates(world, GBP="0.86", USD="1.20")
    world.paid_gift("50")
    assert world.total_minor() == 5000
    assert appeal_minor(world) == 0
    job_named("convert").run(world.parts)
    assert appeal_minor(world) == 6977  # €58.14 at 1.20.
    assert is_sound(world)


def test_the_program_rebuilds_what_was_converted_gift_by_gift(world: World, tmp_path: Path) -> None:
    a_gift_and_a_later_rate(world, "0.95")
    world.paid_gift("33.33")
    told = world.donor.get("/api/v1/appeals/winter-appeal/total").json()
    assert told["amount_minor"] == world.total_minor()
    assert rebuilt(told, tmp_path)[0] == 0
    assert [line["amount_minor"] for line in told["lines"]] == [9690]  # One line: no donor's amount by itself.


def test_an_event_has_its_converted_gifts(world: World) -> None:
    give_abroad(world)
    rates(world, GBP="0.86", USD="1.1")
    with world.parts.db.read() as session:
        campaign = public_campaign(session, "winter")
    world.event(campaign, slug="vigil")
    world.paid_gift("50", event="vigil")
    world.paid_gift("20")
    with world.parts.db.read() as session:
        event = event_of(session, campaign.id, "vigil")
        assert event_total(session, campaign, event.id) == Money(5000, "GBP")
    assert world.total_minor() == 7000


def test_without_a_rate_it_waits_and_is_shown(world: World) -> None:
    give_abroad(world)
    world.paid_gift("50")
    total = world.total()
    assert (total["amount_minor"], total["not_converted"]) == (0, [{"currency": "EUR", "amount_minor": 5814}])
    assert job_named("convert").run(world.parts) == {}
    rates(world, GBP="0.80", USD="1.1")  # Whoever brings rates converts what waits for them.
    assert job_named("convert").run(world.parts) == {}
    total = world.total()
    assert (total["amount_minor"], total["not_converted"]) == (4651, [])
    assert appeal_minor(world) == 4651
    assert is_sound(world)


def test_a_third_currency_counts_once_it_is_settled(world: World) -> None:
    give_abroad(world)
    rates(world, GBP="0.86", USD="1.1")
    gift = world.give(amount="40", currency="USD")
    world.pay(gift)
    world.hear()
    assert world.total()["on_its_way"] == [{"currency": "USD", "amount_minor": 4000}]
    world.settle()
    total = world.total()
    assert (total["amount_minor"], total["on_its_way"], total["not_converted"]) == (3096, [], [])


def test_the_opened_total_adds_up_and_says_the_rate(world: World) -> None:
    a_gift_and_a_later_rate(world, "0.90")
    world.paid_gift("10")
    total = world.total_minor()
    assert total == 5000 + 1047  # €11.63 at 0.90.
    with world.parts.db.read() as session:
        kinds = counted_by_kind(session, public_campaign(session, "winter"))
    assert sum(kind.amount.minor for kind in kinds) == total
    page = world.donor.get("/c/winter/counted").text
    assert "Settled by Stripe in euros" in page
    assert "1 EUR = 0.90 GBP" in page
    assert "€69.77" in page


def test_gifts_settled_at_once_are_each_converted_once(world: World) -> None:
    give_abroad(world)
    rates(world, GBP="0.86", USD="1.1")
    for _ in range(8):
        world.pay(world.give(amount="50"))
    payments = [event["data"]["object"]["payment_intent"] for event in world.events("charge.succeeded")]
    world.advance(minutes=1)
    with world.parts.db.read() as session:
        account = account_by_slug(session, "shelter")
    key = key_of(account, world.parts.sealer)
    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(lambda payment: settle_payment(world.parts, account.id, key, payment), payments * 2))
    assert set(done) == {"settled"}
    total = world.total()
    assert (total["amount_minor"], total["not_converted"]) == (40_000, [])
    assert is_sound(world)


def test_a_conversion_for_the_appeal_alone_is_taken_back_when_the_campaign_has_its_own(world: World) -> None:
    """As an installation did it before campaigns converted their gifts."""
    give_abroad(world)
    world.paid_gift("50")
    rates_alone(world, GBP="0.86", USD="1.1")
    now = world.now()
    with world.parts.db.write("test") as session:
        appeal = session.exec(select(Appeal)).one()
        sheet = session.exec(select(RateSheet)).one()
        of_old = {"amount_minor": 5814, "display_minor": 5000, "total_amount_minor": 5814, "total_display_minor": 5000}
        row = {"currency": "EUR", "display_currency": "GBP", "factor": "0.86", "sheet_id": sheet.id, "upto_entry_id": 2}
        session.add(OwnIncrement(appeal_id=appeal.id, body_id=1, made_at=now, **row, **of_old))
    assert appeal_minor(world) == 5000
    assert job_named("convert").run(world.parts) == {"gifts": 2}
    assert (world.total_minor(), appeal_minor(world)) == (5000, 5000)
    assert job_named("convert").run(world.parts) == {}
    assert is_sound(world)


def test_who_converts_and_who_settles_the_same_gift_never_wait_for_each_other(tmp_path: Path) -> None:
    """The one holds the appeal and adds a row that names the gift; the other holds the gift and asks for the appeal."""
    with fresh_postgresql() as settings, small_world(settings) as world:
        give_abroad(world)
        gift = world.give(amount="50")
        payment = world.pay(gift)["payment_intent"]
        world.settle()
        with world.parts.db.read() as session:
            account = account_by_slug(session, "shelter")
        key = key_of(account, world.parts.sealer)
        holds_the_gift, holds_the_appeal = threading.Event(), threading.Event()

        def hold_after_the_other(*given: Any) -> Any:
            holds_the_gift.set()
            assert holds_the_appeal.wait(10)
            return hold_figures(*given)

        def convert() -> None:
            with world.parts.db.write("test") as session:
                appeal, moment = hold_figures(session, 1, world.now())
                assert holds_the_gift.wait(10)
                holds_the_appeal.set()
                time.sleep(0.3)  # Until the other asks for the appeal.
                assert convert_gifts(session, appeal, moment) == 1

        rates_alone(world, GBP="0.86", USD="1.1")
        with patch.object(convert_gifts_module, "hold_figures", hold_after_the_other), ThreadPoolExecutor(2) as threads:
            converting = threads.submit(convert)
            settling = threads.submit(settle_payment, world.parts, account.id, key, payment)
            assert settling.result(30) == "settled"
            converting.result(30)
        assert world.total_minor() == 5000


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ("UPDATE gift_increment SET total_display_minor = 1", "own_sums_differ"),
        ("UPDATE gift_increment SET total_amount_minor = 1", "own_sums_differ"),
        ("UPDATE gift_increment SET display_minor = 1, total_display_minor = 1", "converted_wrongly"),
        ("UPDATE gift_increment SET factor = '2'", "converted_wrongly"),
    ],
)
def test_a_conversion_that_was_changed_is_refused_and_found(world: World, change: str, finding: str) -> None:
    give_abroad(world)
    rates(world, GBP="0.86", USD="1.1")
    world.paid_gift("50")
    with pytest.raises(DBAPIError), world.parts.db.write("test") as session:
        session.execute(text(change))
    assert is_sound(world)
    world.books_are_broken = True
    by_force(world.settings, "gift_increment", change)
    with world.parts.db.read() as session:
        assert finding in {found.check for found in check_books(session)}
