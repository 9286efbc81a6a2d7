"""News that comes twice, a hundred times at once, about others, or with other figures (reliability goals 7 and 35)."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from fundraise.flows.follow_up import follow_up
from fundraise.flows.sync import sync_gift
from fundraise.gateways.stripe.client import StripeGateway
from fundraise.sandbox import ApiRequest
from tests.doors.knocking import HONEST, rows, traces
from tests.doors.stripe_says import event, tell
from tests.stories.test_moments_of_money import charge_of
from tests.world import Gift, World


def nothing_counts(world: World) -> None:
    assert world.total_minor() == 0
    assert rows(world, "SELECT COUNT(*) FROM receipt") == [(0,)]
    assert rows(world, "SELECT COUNT(*) FROM donation WHERE state = 'paid'") == [(0,)]
    assert world.balances() == {}


def paid_and_unheard(world: World) -> tuple[Gift, dict[str, Any]]:
    """Give and pay; return the gift and the event of its charge, while nothing was delivered yet."""
    gift = world.give(**HONEST)
    world.pay(gift)
    return gift, world.events("charge.succeeded")[-1]


# --- twice ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("later", [1, 3 * 86_400, 31 * 86_400])
def test_the_same_event_later_is_no_second_one(shelter: World, later: int) -> None:
    """With its old signature after five minutes it is refused; signed anew, as Stripe does, it is known."""
    _, told = paid_and_unheard(shelter)
    shelter.settle()
    before = traces(shelter)
    sent = [delivery for delivery in [tell(shelter, told)] if delivery.status_code == 200]
    assert len(sent) == 1
    old = sent[0].request.headers["stripe-signature"]
    shelter.advance(later)
    assert tell(shelter, sent[0].request.content, old).status_code == (200 if later < 300 else 400)
    assert tell(shelter, told).status_code == 200
    follow_up(shelter.parts)
    after = traces(shelter)
    assert {**after, "calls at Stripe": 0} == {**before, "calls at Stripe": 0}
    assert (shelter.total_minor(), shelter.total()["gifts"]) == (2000, 1)


def test_the_same_id_with_other_content_changes_nothing_of_the_first(shelter: World) -> None:
    _, told = paid_and_unheard(shelter)
    shelter.settle()
    kept = rows(shelter, f"SELECT body, object_id, handled_at FROM inbox_notice WHERE event_id = '{told['id']}'")
    assert len(kept) == 1
    other = event(shelter, id=told["id"], type="charge.refunded", about={"amount_refunded": 2000})
    assert tell(shelter, other).status_code == 200
    follow_up(shelter.parts)
    assert (
        rows(shelter, f"SELECT body, object_id, handled_at FROM inbox_notice WHERE event_id = '{told['id']}'") == kept
    )
    assert shelter.total_minor() == 2000


def test_another_id_about_the_same_object_counts_nothing_twice(shelter: World) -> None:
    _, told = paid_and_unheard(shelter)
    for number in range(5):
        assert tell(shelter, {**told, "id": f"evt_twin_{number}"}).status_code == 200
        follow_up(shelter.parts)
    shelter.settle()
    assert (shelter.total_minor(), shelter.total()["gifts"]) == (2000, 1)
    assert rows(shelter, "SELECT COUNT(*) FROM receipt") == [(1,)]
    assert rows(shelter, "SELECT COUNT(*) FROM letter") == [(1,)]


def a_hundred_copies_are_one(world: World) -> None:
    """Send a hundred copies of one event from sixteen threads, then act on them from four."""
    _, told = paid_and_unheard(world)
    start = Barrier(16)

    def send(_: int) -> list[int]:
        start.wait()
        return [tell(world, told).status_code for _ in range(100 // 16 + 1)]

    with ThreadPoolExecutor(16) as senders:
        answers = [status for sent in senders.map(send, range(16)) for status in sent]
    assert len(answers) >= 100
    assert set(answers) == {200}
    assert rows(world, f"SELECT COUNT(*) FROM inbox_notice WHERE event_id = '{told['id']}'") == [(1,)]
    act_at_once(world)
    assert rows(world, "SELECT COUNT(*) FROM receipt") == [(1,)]
    assert rows(world, "SELECT COUNT(*) FROM letter") == [(1,)]
    assert (world.total_minor(), world.total()["gifts"]) == (2000, 1)


def act_at_once(world: World, workers: int = 4) -> None:
    start = Barrier(workers)

    def act(_: int) -> None:
        start.wait()
        follow_up(world.parts)

    with ThreadPoolExecutor(workers) as acting:
        list(acting.map(act, range(workers)))


def test_a_hundred_copies_at_once_are_one_notice_one_receipt_and_one_gift(shelter: World) -> None:
    a_hundred_copies_are_one(shelter)


def test_twenty_twins_acted_on_at_once_are_one_gift(shelter: World) -> None:
    _, told = paid_and_unheard(shelter)
    for number in range(20):
        tell(shelter, {**told, "id": f"evt_twin_{number}"})
    act_at_once(shelter)
    assert rows(shelter, "SELECT COUNT(*) FROM receipt") == [(1,)]
    assert (shelter.total_minor(), shelter.total()["gifts"]) == (2000, 1)


# --- about others ---------------------------------------------------------------------------------------------------


def test_a_charge_of_a_page_we_never_made_is_not_ours(shelter: World) -> None:
    shelter.sandbox.control("external-charge", {"amount": 500})
    shelter.settle()
    nothing_counts(shelter)
    assert {row[0] for row in rows(shelter, "SELECT outcome FROM inbox_notice")} <= {"not ours", "no payment"}
    assert rows(shelter, "SELECT COUNT(*) FROM donation") == [(0,)]


def session_made_elsewhere(world: World, amount_minor: int, reference: str) -> str:
    """Make a payment page on the account without us, carrying a reference of ours."""
    body = (
        f"mode=payment&client_reference_id={reference}&metadata[donation_id]={reference}"
        f"&payment_intent_data[metadata][donation_id]={reference}&success_url=http://x/&cancel_url=http://x/"
        f"&line_items[0][quantity]=1&line_items[0][price_data][currency]=gbp"
        f"&line_items[0][price_data][unit_amount]={amount_minor}&line_items[0][price_data][product_data][name]=x"
    )
    key = world.accounts["shelter"]["keys"][0]
    headers = {"authorization": f"Bearer {key}", "content-type": "application/x-www-form-urlencoded"}
    reply = world.sandbox.handle(ApiRequest("POST", "/v1/checkout/sessions", b"", body.encode(), headers))
    assert reply.status == 200, reply.body
    return str(reply.json()["id"])


def test_another_page_that_claims_to_be_a_gift_of_ours_goes_to_a_person(shelter: World) -> None:
    gift = shelter.give(**HONEST)
    reference = rows(shelter, "SELECT ref FROM donation")[0][0]
    shelter.pay(Gift(session_made_elsewhere(shelter, 900_000, reference), gift.token))
    shelter.settle()
    nothing_counts(shelter)
    assert rows(shelter, "SELECT code, state, minor FROM difference") == [("AMOUNT_MISMATCH", "open", 900_000)]
    shelter.pay(gift)
    shelter.settle()
    assert shelter.total_minor() == 2000


def test_a_page_of_ours_paid_after_its_campaign_was_taken_down_is_still_booked(shelter: World) -> None:
    gift = shelter.give(**HONEST)
    with shelter.parts.db.write("test") as session:
        session.execute(text("UPDATE campaign SET state = 'draft'"))
    shelter.pay(gift)
    shelter.settle()
    assert shelter.donor.get("/c/winter?fresh=1").status_code == 404
    assert "£20.00" in shelter.donor.get(f"{gift.page}/thanks").text
    assert rows(shelter, "SELECT state FROM donation") == [("paid",)]
    assert shelter.balances()["4110", "GBP"] == -2000
    with pytest.raises(IntegrityError), shelter.parts.db.write("test") as session:
        session.execute(text("DELETE FROM campaign"))


def test_the_platforms_event_is_for_the_account_it_names(world: World) -> None:
    here, there = world.body(), world.body("network")
    for body in (here, there):
        world.account(body, mode="connected")
    world.campaign(here)
    gift = world.give(**HONEST)
    world.pay(gift)
    names = {slug: made["id"] for slug, made in world.accounts.items()}
    listed = world.sandbox.control("events", {"account": names["shelter"], "type": "charge.succeeded"})
    told = listed["events"][-1]
    platform = "/webhooks/stripe/platform"
    before = traces(world)
    for stranger in (None, "acct_foreign", "", 5, [names["shelter"]]):
        assert tell(world, {**told, "account": stranger}, door=platform).status_code == 200
    assert traces(world) == before
    assert tell(world, {**told, "id": "evt_wrong", "account": names["network"]}, door=platform).status_code == 200
    follow_up(world.parts)
    nothing_counts(world)
    assert rows(world, "SELECT tries FROM inbox_notice WHERE account = 'network'") == [(1,)]
    assert tell(world, {**told, "account": names["shelter"]}, door=platform).status_code == 200
    follow_up(world.parts)
    assert world.total_minor() == 2000


# --- with other figures than ours -----------------------------------------------------------------------------------


def amount_differs(world: World) -> None:
    change(world, "UPDATE donation SET gift_minor = 2001")


def currency_differs(world: World) -> None:
    change(world, "UPDATE donation SET currency = 'EUR'")


def account_differs(world: World) -> None:
    world.account(world.body("network"))
    change(world, "UPDATE donation SET stripe_account_id = (SELECT id FROM stripe_account WHERE slug = 'network')")


def mode_differs(world: World) -> None:
    change(world, "UPDATE stripe_account SET livemode = (1 = 1)")


def sums_differ(world: World) -> None:
    """Stripe's own figures contradict each other; the test puts them right again, since the local Stripe checks too."""
    world.advance(minutes=1)
    transaction_of(world)["net"] += 1


def transaction_of(world: World) -> dict[str, Any]:
    account = world.sandbox.world.accounts[world.accounts["shelter"]["id"]]
    row: dict[str, Any] = account["balance_transactions"].rows[-1]
    return row


def change(world: World, statement: str) -> None:
    with world.parts.db.write("test") as session:
        session.execute(text(statement))


DIFFERENT: Sequence[tuple[Callable[[World], None], str]] = [
    (amount_differs, "AMOUNT_MISMATCH"),
    (currency_differs, "CURRENCY_MISMATCH"),
    (account_differs, "ACCOUNT_MIX"),
    (mode_differs, "MODE_MIX"),
    (sums_differ, "ARITHMETIC"),
]


def goes_to_a_person(world: World, differ: Callable[[World], None], code: str) -> None:
    """Pay a gift of which something differs; see it kept out of the total and named for a person."""
    gift = world.give(**HONEST)
    world.pay(gift)
    differ(world)
    try:
        _is_kept_out(world, gift, differ, code)
    finally:
        if differ is sums_differ:
            transaction_of(world)["net"] -= 1


def _is_kept_out(world: World, gift: Gift, differ: Callable[[World], None], code: str) -> None:
    world.settle()
    if differ is mode_differs:  # Its notices are not ours to hear; the thanks page and the sweeper look all the same.
        sync_gift(world.parts, rows(world, "SELECT ref FROM donation")[0][0])
    nothing_counts(world)
    charge = charge_of(world, gift.session)
    assert rows(world, "SELECT code, object_id, state, minor FROM difference") == [(code, charge, "open", 2000)]
    page = world.donor.get(f"{gift.page}/thanks")
    assert page.status_code == 200
    assert 'data-state="paid"' not in page.text
    assert 'data-state="looked_at"' in page.text
    own = world.donor.get(gift.page)
    for told in (page.text, own.text):
        assert "£20.00 was paid" in told
        assert "Nothing was taken" not in told
        assert f"{gift.page}/pay" not in told
        for word in (code, charge, "quarantine"):
            assert word not in told
    world.settle()
    assert rows(world, "SELECT COUNT(*) FROM difference") == [(1,)]


@pytest.mark.parametrize(("differ", "code"), DIFFERENT, ids=[code for _, code in DIFFERENT])
def test_what_differs_from_what_was_asked_goes_to_a_person(
    shelter: World, differ: Callable[[World], None], code: str
) -> None:
    goes_to_a_person(shelter, differ, code)


def a_bad_one_takes_none_along(world: World) -> None:
    """Notices are committed together, so what no database takes is refused before it joins them."""
    bad = [event(world, id=f"evt_{number}\x00") for number in range(8)]
    good = [event(world, id=f"evt_good_{number}") for number in range(8)]
    with ThreadPoolExecutor(16) as senders:
        answers = list(senders.map(lambda told: tell(world, told).status_code, [*bad, *good]))
    assert answers == [400] * 8 + [200] * 8


def test_one_notice_that_cannot_be_kept_does_not_take_others_along(shelter: World) -> None:
    a_bad_one_takes_none_along(shelter)


def odd_ids_ask_nothing(world: World) -> None:
    """An id goes into a path; what is no id of Stripe's is refused there, and stops nobody behind it."""
    for place, odd in enumerate(["../balance", "ch_1/refund", "ch_1?x=1", "%2e%2e", "a", "http://evil.example/"]):
        assert tell(world, event(world, id=f"evt_odd_{place}", about={"id": odd})).status_code == 200
    before = traces(world)["calls at Stripe"]
    follow_up(world.parts)
    assert isinstance(world.parts.payments, StripeGateway)
    assert traces(world)["calls at Stripe"] == before
    _, told = paid_and_unheard(world)
    tell(world, told)
    follow_up(world.parts)
    assert world.total_minor() == 2000


def test_ids_in_news_never_become_another_address_at_stripe(shelter: World) -> None:
    odd_ids_ask_nothing(shelter)
