"""Gifts in a currency that the charity's account does not hold: what the fee is there, and the least that is taken."""

import json
import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest

from fundraise.flows import card_terms
from fundraise.flows.import_rates import keep_rates
from fundraise.published_rates import PublishedFile, PublishedSheet, RateSource
from tests.doors.knocking import HONEST, refused_beside_its_field, rows
from tests.world import World

# Units per pound, as HM Revenue & Customs would publish them.
PER_POUND = {"EUR": "1.1398", "USD": "1.3125", "JPY": "196.32", "HUF": "441.07", "KWD": "0.4021"}
ABROAD = "GBP,EUR,USD,JPY,HUF,KWD"


def publish(world: World, months_ago: int = 0) -> None:
    day = (world.now() - timedelta(days=30 * months_ago)).date().replace(day=1)
    raw = json.dumps([day.isoformat(), PER_POUND]).encode()
    sheet = PublishedSheet(RateSource.HMRC, day, PER_POUND)
    keep_rates(world.parts, [PublishedFile("test", raw, [sheet])], by="test")


@pytest.fixture
def abroad(world: World) -> World:
    """A campaign in pounds that takes many currencies, and one in dollars; their charity's account holds pounds."""
    body = world.body()
    world.account(body)
    world.campaign(body, gift_currencies=ABROAD, least_gift_minor=1)
    world.campaign(body, slug="dollars", currency="USD", gift_currencies="USD")
    return world


def settle_at(world: World, currency: str) -> None:
    """Let the local Stripe convert as published."""
    if currency != "GBP":
        rate = (1 / Decimal(PER_POUND[currency])).quantize(Decimal("0.00000001"))
        world.sandbox.control("fx-rate", {"pair": f"{currency.lower()}/gbp", "rate": str(rate)})


def arrives_whole(world: World, currency: str, amount: str) -> None:
    """Give with the fee covered: what reaches the charity is the gift and not less."""
    settle_at(world, currency)
    paid = world.pay(world.give(amount=amount, currency=currency, cover_fee="1"))
    world.settle()
    moved = world.stripe_object(
        "balance_transactions", world.stripe_object("charges", paid["charge"])["balance_transaction"]
    )
    ((gift, cover),) = rows(world, "SELECT gift_minor, fee_cover_minor FROM donation ORDER BY id DESC LIMIT 1")
    promised = moved["amount"] * gift // (gift + cover)
    assert promised <= moved["net"] <= promised + 5


GIFTS = [("GBP", "50"), ("EUR", "50"), ("USD", "20"), ("JPY", "5000"), ("HUF", "5000"), ("KWD", "7.5")]


@pytest.mark.parametrize(("currency", "amount"), GIFTS)
def test_a_covered_gift_arrives_whole_in_every_currency(abroad: World, currency: str, amount: str) -> None:
    publish(abroad)
    arrives_whole(abroad, currency, amount)


@pytest.mark.parametrize(("currency", "amount"), [("JPY", "5000"), ("HUF", "5000")])
def test_control_with_the_fixed_part_counted_one_for_one_it_does_not(
    abroad: World, monkeypatch: pytest.MonkeyPatch, currency: str, amount: str
) -> None:
    publish(abroad)
    monkeypatch.setattr(card_terms, "_terms", one_for_one)
    with pytest.raises(AssertionError):
        arrives_whole(abroad, currency, amount)


def one_for_one(payments: object, tariff: card_terms.Tariff, currency: str, _: object) -> card_terms.CardTerms:
    fee = card_terms.CardFee(tariff.basis_points, tariff.fixed_minor)
    return card_terms.CardTerms(payments.charge_limits(currency), fee)  # type: ignore[attr-defined]


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_the_page_says_what_the_fee_leaves_in_its_own_currency(abroad: World) -> None:
    publish(abroad)
    said = words(abroad.donor.get("/c/dollars").text)
    # 20p are 26.25 cents; with room for a rate that moves, 28; and 1.5% of ten dollars are 15.
    assert "Of US$10.00, about US$9.57 reaches Shelter" in said
    assert "The card company takes about 1.5% and £0.20 of each gift." in said
    assert "converts a gift in another currency into British pounds" in said


def test_without_a_rate_the_page_promises_nothing_and_offers_no_cover(abroad: World) -> None:
    html = abroad.donor.get("/c/dollars").text
    assert "How much of a gift in US dollars reaches Shelter is known only afterwards" in words(html)
    assert "is not known just now, so it cannot be added" in words(html)
    assert 'name="cover_fee"' not in html
    answer = abroad.form("dollars", amount="20", currency="USD")
    assert answer.status_code == 303


@pytest.mark.parametrize("months_ago", [None, 4], ids=["never published", "published long ago"])
def test_a_fee_that_nobody_knows_is_not_added(abroad: World, months_ago: int | None) -> None:
    if months_ago is not None:
        publish(abroad, months_ago)
    typed = {**HONEST, "amount": "5000", "currency": "JPY", "cover_fee": "1"}
    refused_beside_its_field(abroad, "winter", typed, "cover_fee", "what the card fee comes to in Japanese yen")
    arrives_whole(abroad, "GBP", "50")


def test_an_account_without_a_fixed_part_needs_no_rate(abroad: World) -> None:
    with abroad.parts.db.write("test") as session:
        session.connection().exec_driver_sql("UPDATE stripe_account SET fee_fixed_minor = 0")
    assert abroad.form(amount="5000", currency="JPY", cover_fee="1").status_code == 303
    assert rows(abroad, "SELECT fee_cover_minor FROM donation") == [(77,)]


def test_the_least_counts_in_what_the_account_settles_in_too(abroad: World) -> None:
    """30 pence are 59 yen, and with room for a rate that moves 62; Stripe's least in yen alone is 50."""
    # Without a rate we cannot know: Stripe refuses, and the donor reads that nothing was taken.
    refused = abroad.form(amount="50", currency="JPY")
    assert (refused.status_code, "Nothing was taken" in refused.text) == (503, True)
    publish(abroad)
    typed = {**HONEST, "amount": "61", "currency": "JPY"}
    refused_beside_its_field(abroad, "winter", typed, "amount", "The smallest gift we can take is JP¥62")
    assert abroad.form(amount="62", currency="JPY").status_code == 303
