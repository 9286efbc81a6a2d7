"""News that is lost, doubled, late or out of order: in the end the books are the same (reliability goal 9)."""

from collections import Counter

import pytest
from sqlalchemy import text

from fundraise.flows import catch_up as catch_up_module
from fundraise.flows.catch_up import catch_up
from fundraise.flows.follow_up import follow_up
from fundraise.flows.given_up import leave_notice
from fundraise.flows.sweep import sweep
from fundraise.inbox import Arrival, keep
from tests.stories.test_moments_of_money import charge_of
from tests.world import World


def lose_all_news(world: World) -> None:
    world.sandbox.take_due_deliveries()


def test_a_day_without_one_webhook_is_caught_up_by_the_list_of_events(shelter: World) -> None:
    gifts = [shelter.give(amount=str(amount)) for amount in (10, 20, 30)]
    for gift in gifts:
        shelter.pay(gift)
    shelter.advance(10)
    shelter.sandbox.control("refund", {"charge": charge_of(shelter, gifts[0].session), "amount": 500})
    shelter.sandbox.control("dispute", {"do": "open", "charge": charge_of(shelter, gifts[1].session)})
    shelter.advance(days=1)
    lose_all_news(shelter)
    assert shelter.total_minor() == 0
    done = catch_up(shelter.parts)
    assert done["found in the list"] > 0
    assert shelter.total_minor() == 5500
    assert shelter.balances()["1130", "GBP"] == 2000
    assert catch_up(shelter.parts)["found in the list"] == 0


def test_after_a_month_the_balance_itself_says_what_was_missed(shelter: World) -> None:
    gift = shelter.give(amount="10")
    shelter.pay(gift)
    shelter.advance(10)
    other = shelter.give(amount="30")
    shelter.pay(other)
    shelter.advance(days=3)
    shelter.sandbox.control("refund", {"charge": charge_of(shelter, other.session), "amount": 1000})
    shelter.advance(days=31)
    lose_all_news(shelter)
    done = catch_up(shelter.parts)
    assert done["found in the balance"] > 0
    assert shelter.total_minor() == 3000


def test_after_a_month_a_dispute_and_a_payout_are_found_in_the_balance(shelter: World) -> None:
    kept, disputed = shelter.give(amount="10"), shelter.give(amount="30")
    for gift in (kept, disputed):
        shelter.pay(gift)
    shelter.settle()
    shelter.advance(days=8)
    shelter.sandbox.control("dispute", {"do": "open", "charge": charge_of(shelter, disputed.session)})
    shelter.sandbox.control("payout", {"currency": "gbp"})
    shelter.advance(days=31)
    lose_all_news(shelter)
    assert shelter.total_minor() == 4000
    assert catch_up(shelter.parts)["found in the balance"] > 0
    assert shelter.total_minor() == 4000
    # The dispute and its fee took more than there was, so Stripe took the rest from the bank account.
    assert shelter.balances() == {
        ("1120", "GBP"): -1100,
        ("1130", "GBP"): 3000,
        ("5110", "GBP"): 100,
        ("5120", "GBP"): 2000,
        ("4110", "GBP"): -4000,
    }


@pytest.mark.parametrize(("outcome", "state", "minor"), [("succeeds", "paid", 4000), ("fails", "failed", 0)])
def test_a_debit_of_which_nothing_more_was_heard_is_asked_about(
    shelter: World, outcome: str, state: str, minor: int
) -> None:
    gift = shelter.give(amount="40", email="debit@example.org")
    shelter.pay(gift, card=None, bank_debit=True, outcome=outcome)
    shelter.settle()
    assert sweep(shelter.parts) == Counter()
    shelter.advance(days=12)
    lose_all_news(shelter)
    assert sweep(shelter.parts) == Counter({state: 1})
    assert shelter.total_minor() == minor
    assert sweep(shelter.parts) == Counter()


def test_control_without_looking_at_the_balance_a_month_is_lost(
    shelter: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gift = shelter.give(amount="10")
    shelter.pay(gift)
    shelter.advance(days=32)
    lose_all_news(shelter)
    monkeypatch.setattr(catch_up_module, "_by_balance", lambda *_: 0)
    catch_up(shelter.parts)
    assert shelter.total_minor() == 0


def test_the_sweeper_finds_a_gift_whose_news_never_came(shelter: World) -> None:
    gift = shelter.give(amount="10")
    shelter.pay(gift)
    shelter.advance(minutes=11)
    lose_all_news(shelter)
    assert sweep(shelter.parts)["paid"] == 1
    assert shelter.total_minor() == 1000


def test_the_sweeper_closes_a_gift_that_was_never_paid(shelter: World) -> None:
    gift = shelter.give(amount="10")
    shelter.advance(hours=1)
    lose_all_news(shelter)
    assert sweep(shelter.parts)["expired"] == 1
    assert "Not paid" in shelter.donor.get(gift.page).text
    assert sweep(shelter.parts) == Counter()


def test_the_thanks_page_is_right_before_any_news(shelter: World) -> None:
    gift = shelter.give(amount="10")
    before = shelter.donor.get(gift.page + "/thanks")
    assert 'data-state="confirming"' in before.text
    shelter.pay(gift)
    after = shelter.donor.get(gift.page + "/thanks")
    assert 'data-state="paid"' in after.text
    assert shelter.total_minor() == 1000
    lose_all_news(shelter)


def test_news_that_comes_twice_and_backwards_changes_nothing(shelter: World) -> None:
    gift = shelter.give(amount="50", email="mara@example.org")
    shelter.pay(gift)
    shelter.advance(10)
    shelter.sandbox.control("refund", {"charge": charge_of(shelter, gift.session), "amount": 1000})
    shelter.advance(10)
    due = shelter.sandbox.take_due_deliveries()
    for delivery in [*reversed(due), *due, *due]:
        path = delivery.url.removeprefix(shelter.settings.base_url)
        assert shelter.donor.post(path, content=delivery.body, headers=delivery.headers).status_code == 200
        follow_up(shelter.parts)
    assert (shelter.total_minor(), shelter.total()["gifts"]) == (4000, 1)
    with shelter.parts.db.read() as session:
        assert session.execute(text("SELECT COUNT(*) FROM receipt")).scalar_one() == 1
        assert session.execute(text("SELECT COUNT(*) FROM letter WHERE kind = 'receipt'")).scalar_one() == 1
        heard = session.execute(text("SELECT COUNT(*) FROM inbox_notice")).scalar_one()
    assert heard == len({delivery.event_id for delivery in due if delivery.event_type not in OTHERS})


OTHERS = ("product.created", "price.created")


def test_a_notice_that_breaks_us_is_tried_again_then_shown_and_stops_nobody_else(shelter: World) -> None:
    now = shelter.now()
    keep(shelter.parts.db, [Arrival("shelter", "evt_bad", "charge.updated", "charge", "ch_nowhere", "", now)], now)
    gift = shelter.give(amount="10")
    shelter.pay(gift)
    shelter.hear()
    assert shelter.total_minor() == 1000
    for _ in range(10):
        shelter.advance(hours=2)
        shelter.hear()
    with shelter.parts.db.read() as session:
        tries, dead = session.execute(
            text("SELECT tries, dead_at IS NOT NULL FROM inbox_notice WHERE event_id = 'evt_bad'")
        ).one()
    assert (tries, bool(dead)) == (8, True)
    # An alarm that ends by itself is heard by nobody: it lasts until a person decides.
    assert shelter.donor.get("/readyz").status_code == 503
    leave_notice(shelter.parts, 1, note="No such charge at Stripe.", by="Priya Raman")
    assert shelter.donor.get("/readyz").status_code == 200


def test_readiness_is_lost_while_notices_lie_unhandled(shelter: World) -> None:
    gift = shelter.give(amount="10")
    shelter.pay(gift)
    shelter.deliver()
    assert shelter.donor.get("/readyz").status_code == 200
    shelter.advance(minutes=6)
    assert shelter.donor.get("/readyz").status_code == 503
    assert shelter.donor.get("/healthz").status_code == 200
    follow_up(shelter.parts)
    assert shelter.donor.get("/readyz").status_code == 200


def test_while_stripe_is_away_notices_wait_without_blame(shelter: World) -> None:
    gift = shelter.give(amount="10")
    shelter.pay(gift)
    shelter.deliver()
    shelter.sandbox.control("fault", {"kind": "status", "status": 500, "times": 1000})
    for _ in range(12):
        follow_up(shelter.parts)
        shelter.advance(minutes=5)
    with shelter.parts.db.read() as session:
        assert session.execute(text("SELECT MAX(tries) FROM inbox_notice")).scalar_one() == 0
    shelter.sandbox.control("fault", {"clear": True})
    shelter.hear()
    assert shelter.total_minor() == 1000
