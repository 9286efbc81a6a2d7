"""Opening a payment page, when the process dies or the answer is lost in the middle of it (reliability goal 10)."""

import asyncio
import threading
from contextlib import AbstractContextManager
from typing import Any

import pytest
from sqlalchemy import text

from fundraise import faults
from fundraise.errors import Unavailable
from fundraise.flows import begin_gift as begin_module
from fundraise.flows import payment_page
from fundraise.flows.begin_gift import Giver
from fundraise.flows.give import give
from fundraise.flows.sweep import sweep
from fundraise.payments import AccountKey, CheckoutRequest
from tests.world import World


class Killed(BaseException):
    """The process died here."""


def send(world: World, amount_minor: int = 2000, form: str = "the-form-token") -> str:
    return asyncio.run(give(world.parts, "winter", {"amount": str(amount_minor // 100)}, Giver(form))).url


def dies_at(name: str) -> AbstractContextManager[None]:
    def at(point: str) -> None:
        if point == name:
            raise Killed(point)

    return faults.listening(at)


def opened(world: World) -> list[dict[str, Any]]:
    """Return the calls that opened a payment page at Stripe, or were answered with one opened before."""
    calls = world.sandbox.control("requests")["requests"]
    return [
        call
        for call in calls
        if (call["method"], call["path"], call["status"]) == ("POST", "/v1/checkout/sessions", 200)
    ]


def pages(world: World) -> list[str]:
    """Return our references of the payment pages at Stripe, one for each key they were opened with."""
    return [str(key).partition(":")[0] for key in {call["idempotency_key"] for call in opened(world)}]


DEATHS = [
    "give: write down: before commit",
    "give: write down: after commit",
    "stripe: open checkout: before",
    "stripe: open checkout: after",
    "give: opened: before commit",
    "give: opened: after commit",
]


@pytest.mark.parametrize("death", DEATHS)
def test_a_death_at_any_point_leaves_one_gift_and_one_page(shelter: World, death: str) -> None:
    with dies_at(death), pytest.raises(Killed):
        send(shelter)
    shelter.advance(1)
    url = send(shelter)
    assert "cs_test_" in url
    assert len(set(pages(shelter))) == 1
    assert gifts(shelter) == [("opened", 2000)]
    shelter.pay(shelter.gift_at(url))
    shelter.settle()
    assert shelter.total_minor() == 2000


@pytest.mark.parametrize("hours", [23, 25])
def test_a_death_in_the_call_and_the_same_form_a_day_later(shelter: World, hours: int) -> None:
    """By then the page has closed; it is looked up, never asked for again, and the form makes the next gift."""
    with dies_at("stripe: open checkout: after"), pytest.raises(Killed):
        send(shelter)
    first = pages(shelter)
    shelter.advance(hours=hours)
    url = send(shelter)
    assert pages(shelter).count(first[0]) == 1
    assert sorted(gifts(shelter)) == [("expired", 2000), ("opened", 2000)]
    shelter.pay(shelter.gift_at(url))
    shelter.settle()
    assert shelter.total_minor() == 2000


@pytest.mark.parametrize("minutes", [1, 10])
def test_a_page_whose_answer_was_lost_is_found_by_our_reference(shelter: World, minutes: int) -> None:
    with dies_at("stripe: open checkout: after"), pytest.raises(Killed):
        send(shelter)
    shelter.advance(minutes=minutes)
    url = send(shelter)
    assert len(pages(shelter)) == 1
    assert gifts(shelter) == [("opened", 2000)]
    assert "cs_test_" in url


def test_control_without_the_look_up_a_late_repeat_opens_a_second_page(
    shelter: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelter.parts.payments, "find_checkout", lambda *_: None)
    with dies_at("stripe: open checkout: after"), pytest.raises(Killed):
        send(shelter)
    shelter.advance(minutes=10)
    send(shelter)
    assert len(pages(shelter)) == 2


def test_control_without_its_own_key_a_repeat_opens_a_second_page(
    shelter: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = iter(range(100))
    request = payment_page._request

    def other_key(*arguments: Any) -> CheckoutRequest:
        found = request(*arguments)
        object.__setattr__(found, "key", f"{found.reference}:{next(fresh)}")
        return found

    monkeypatch.setattr(payment_page, "_request", other_key)
    with dies_at("stripe: open checkout: after"), pytest.raises(Killed):
        send(shelter)
    send(shelter)
    assert len(pages(shelter)) == 2


def test_a_gift_that_was_paid_while_we_were_dead_is_found(shelter: World) -> None:
    with dies_at("stripe: open checkout: after"), pytest.raises(Killed):
        send(shelter)
    reference = pages(shelter)[0]
    with shelter.parts.db.read() as reading:
        assert reading.execute(text("SELECT checkout_id FROM donation")).scalar_one() is None
    shelter.sandbox.control("pay", {"session": session_for(shelter, reference), "card": "4242424242424242"})
    shelter.advance(minutes=11)
    shelter.sandbox.take_due_deliveries()
    sweep(shelter.parts)
    assert shelter.total_minor() == 2000


def test_stripe_away_tells_the_donor_that_nothing_was_taken_and_the_same_form_works_later(shelter: World) -> None:
    shelter.sandbox.control("fault", {"kind": "status", "status": 500, "times": 50})
    with pytest.raises(Unavailable, match="Nothing was taken"):
        send(shelter)
    shelter.sandbox.control("fault", {"clear": True})
    assert "cs_test_" in send(shelter)
    assert gifts(shelter) == [("opened", 2000)]


def test_a_form_sent_again_with_another_amount_closes_the_page_before(shelter: World) -> None:
    first = shelter.gift_at(send(shelter, 2000))
    second = shelter.gift_at(send(shelter, 3000))
    assert shelter.stripe_object("checkout/sessions", first.session)["status"] == "expired"
    assert shelter.stripe_object("checkout/sessions", second.session)["status"] == "open"
    assert sorted(gifts(shelter)) == [("expired", 2000), ("opened", 3000)]


def test_a_form_that_was_paid_leads_to_the_gift_and_never_to_a_second_payment(shelter: World) -> None:
    gift = shelter.gift_at(send(shelter))
    shelter.pay(gift)
    shelter.settle()
    assert send(shelter).endswith(gift.page)
    assert gifts(shelter) == [("paid", 2000)]


def race(world: World, threads: int = 8) -> list[str]:
    start = threading.Barrier(threads)
    urls: list[str] = []

    def click() -> None:
        start.wait()
        urls.append(send(world))

    clicking = [threading.Thread(target=click) for _ in range(threads)]
    for thread in clicking:
        thread.start()
    for thread in clicking:
        thread.join()
    return urls


def test_eight_clicks_at_once_make_one_gift_and_one_page(shelter: World) -> None:
    urls = race(shelter)
    assert len(urls) == 8
    assert len(set(urls)) == 1
    assert gifts(shelter) == [("opened", 2000)]


def test_control_without_the_forms_key_eight_clicks_make_more(shelter: World, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = iter(range(100))
    monkeypatch.setattr(begin_module, "_digest", lambda *_: f"other{next(fresh)}")
    race(shelter)
    assert len(gifts(shelter)) > 1


def gifts(world: World) -> list[tuple[str, int]]:
    with world.parts.db.read() as session:
        return [tuple(row) for row in session.execute(text("SELECT state, gift_minor FROM donation ORDER BY id"))]


def session_for(world: World, reference: str) -> str:
    key = AccountKey("shelter", world.accounts["shelter"]["keys"][0])
    found = world.parts.payments.find_checkout(key, reference, world.now().replace(hour=0))
    assert found is not None
    return found.id
