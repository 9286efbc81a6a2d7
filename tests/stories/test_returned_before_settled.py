"""Money goes back before Stripe's balance knows what the gift came to: the gift is paid, and the rest follows."""

import pytest
from sqlalchemy import text

from fundraise.bodies.tables import Body
from fundraise.figures.job_history import beside
from fundraise.flows import settle
from fundraise.flows.reconcile import reconcile_all
from fundraise.flows.sweep import sweep
from fundraise.payments import NotThereYet
from tests.doors.knocking import rows
from tests.stories.test_moments_of_money import charge_of
from tests.world import Gift, World

AN_HOUR = 3600


@pytest.fixture
def slow(world: World) -> World:
    """A charity whose account shows in its balance after fifty minutes what was paid."""
    body = world.body()
    world.account(body, settle_seconds=[3000, 3000])
    world.campaign(body)
    return world


def minute_by_minute(world: World, minutes: int) -> None:
    for _ in range(minutes):
        world.advance(60)
        world.hear()


def refunded_at_once(world: World) -> Gift:
    gift = world.give(amount="50", email="mara@example.org")
    world.pay(gift)
    world.sandbox.control("refund", {"charge": charge_of(world, gift.session), "amount": 1000})
    return gift


def is_paid_at_once(world: World) -> None:
    gift = refunded_at_once(world)
    world.hear()
    assert world.total_minor() == 5000
    assert rows(world, "SELECT state FROM donation") == [("paid",)]
    assert rows(world, "SELECT COUNT(*) FROM receipt") == [(1,)]
    page = world.donor.get(gift.page).text
    assert "Nothing was taken" not in page


def test_a_refund_before_the_balance_leaves_the_gift_paid(slow: World) -> None:
    is_paid_at_once(slow)


def test_a_refund_before_the_balance_is_booked_once_it_shows_and_raises_no_alarm_meanwhile(slow: World) -> None:
    refunded_at_once(slow)
    slow.hear()
    for _ in range(9):
        minute_by_minute(slow, 5)
        assert slow.donor.get("/readyz").status_code == 200
        with slow.parts.db.read() as session:
            assert beside(session).oldest_notice is None
    assert rows(slow, "SELECT COUNT(*) FROM inbox_notice WHERE dead_at IS NOT NULL") == [(0,)]
    minute_by_minute(slow, 60)
    assert slow.total_minor() == 4000
    assert rows(slow, "SELECT COUNT(*) FROM inbox_notice WHERE handled_at IS NULL") == [(0,)]
    assert rows(slow, "SELECT kind FROM letter ORDER BY id") == [("receipt",), ("refund",)]


def test_a_refund_whose_notices_are_lost_is_found_by_the_nights_comparison(slow: World) -> None:
    refunded_at_once(slow)
    slow.hear()
    with slow.parts.db.write("test") as session:
        session.execute(text("DELETE FROM inbox_notice"))
    slow.advance(2 * AN_HOUR)
    slow.sandbox.take_due_deliveries()
    (outcome,) = reconcile_all(slow.parts, by="test")
    assert (outcome.error, outcome.open_differences, slow.total_minor()) == ("", 0, 4000)


def test_a_lost_dispute_before_the_balance_leaves_the_gift_paid_until_it_shows(slow: World) -> None:
    gift = slow.give(amount="50")
    slow.pay(gift)
    charge = charge_of(slow, gift.session)
    slow.sandbox.control("dispute", {"charge": charge})
    slow.sandbox.control("dispute", {"charge": charge, "do": "lose"})
    slow.hear()
    assert rows(slow, "SELECT state FROM donation") == [("paid",)]
    minute_by_minute(slow, 45)
    assert slow.donor.get("/readyz").status_code == 200
    minute_by_minute(slow, 60)
    assert slow.total_minor() == 0
    assert rows(slow, "SELECT state FROM dispute") == [("lost",)]
    assert rows(slow, "SELECT COUNT(*) FROM inbox_notice WHERE handled_at IS NULL") == [(0,)]


def test_what_waits_for_three_days_is_shown_to_a_person(slow: World) -> None:
    refunded_at_once(slow)
    slow.advance(60)
    charge = slow.sandbox.world.accounts[slow.accounts["shelter"]["id"]]["charges"].rows[-1]
    slow.hear()
    shown, charge["balance_transaction"] = charge["balance_transaction"], None
    with slow.parts.db.write("test") as session:
        session.execute(text("DELETE FROM inbox_notice WHERE outcome <> 'waits' OR handled_at IS NOT NULL"))
    for _ in range(4 * 24):
        slow.advance(AN_HOUR)
        slow.sandbox.take_due_deliveries()
        charge["balance_transaction"] = None
        slow.hear()
    charge["balance_transaction"] = shown
    assert rows(slow, "SELECT COUNT(*) FROM inbox_notice WHERE dead_at IS NULL AND handled_at IS NULL") == [(0,)]
    assert slow.donor.get("/readyz").status_code == 503


def test_control_a_gift_that_must_wait_as_a_whole_is_not_paid(slow: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def waits(*_: object) -> str:
        raise NotThereYet("all or nothing")

    monkeypatch.setattr(settle, "settle_refund", waits)
    with pytest.raises(AssertionError):
        is_paid_at_once(slow)


# --- what breaks on one account -----------------------------------------------------------------------------------


def two_accounts(world: World) -> tuple[Body, Body]:
    """Set up two charities with an account each, the first with the campaign `winter`."""
    here, there = world.body(), world.body("network")
    for body in (here, there):
        world.account(body)
    world.campaign(here)
    return here, there


def test_what_breaks_on_one_account_does_not_keep_the_others_from_being_compared(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, there = two_accounts(world)
    world.campaign(there, slug="summer")
    world.paid_gift("20", slug="summer")
    gift = world.give(amount="30")
    world.pay(gift)
    world.advance(60)
    world.sandbox.take_due_deliveries()
    booked = settle._settled

    def breaks(*given: object) -> None:
        if given[2].amount.minor == 3000:  # type: ignore[attr-defined]
            raise RuntimeError("a payment that nobody foresaw")
        booked(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as during:
        during.setattr(settle, "_settled", breaks)
        outcomes = reconcile_all(world.parts, by="test")
    assert {outcome.account: outcome.error for outcome in outcomes} == {"shelter": "", "network": ""}
    assert rows(world, "SELECT code, state FROM difference") == [("ORPHAN_CHARGE", "open")]
    assert (world.total_minor(), world.total_minor("summer")) == (0, 2000)
    # Once it is mended the sweeper finds the gift, and the next comparison that all agrees.
    world.advance(hours=2)
    sweep(world.parts)
    assert [outcome.open_differences for outcome in reconcile_all(world.parts, by="test")] == [0, 0]
    assert world.total_minor() == 3000


def test_what_breaks_where_nothing_else_would_show_it_fails_that_accounts_run_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refund that is still under way is in the books: only looking again tells what became of it."""
    two_accounts(world)
    gift = world.paid_gift("30")
    world.advance(days=8)
    world.sandbox.control("refund", {"charge": charge_of(world, gift.session), "amount": 1000})
    world.settle()
    with world.parts.db.write("test") as session:
        session.execute(text("UPDATE refund SET state = 'pending'"))

    def breaks(*_: object) -> str:
        raise RuntimeError("a refund that nobody foresaw")

    with monkeypatch.context() as during:
        during.setattr(settle, "settle_refund", breaks)
        outcomes = {outcome.account: outcome for outcome in reconcile_all(world.parts, by="test")}
    assert "a refund that nobody foresaw" in outcomes["shelter"].error
    assert outcomes["network"].error == ""
    assert rows(world, "SELECT state FROM reconciliation_run ORDER BY state") == [("clean",), ("failed",)]
    assert {outcome.error for outcome in reconcile_all(world.parts, by="test")} == {""}
