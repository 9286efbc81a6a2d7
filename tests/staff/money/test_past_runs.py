"""What a run said stays as it said it, whatever becomes of its differences: the page of a past run never changes."""

import re

import pytest
from sqlalchemy import text
from sqlmodel import select

from fundraise.differences.tables import Difference
from fundraise.flows.explain import explain, open_again
from tests.staff.money.desk import Desk
from tests.stories.test_moments_of_money import charge_of
from tests.world import Gift

pytestmark = pytest.mark.pages

HOME = "/staff/reconciliation"


def refunded(desk: Desk, gift: Gift, minor: int) -> None:
    """Pay everything out, so that a refund makes the balance negative."""
    world = desk.world
    world.sandbox.control("payout", {"currency": "gbp"})
    world.settle()
    world.sandbox.control("refund", {"charge": charge_of(world, gift.session), "amount": minor})
    world.settle()


def table_of(desk: Desk, run_id: int) -> str:
    """Return what a run's page says of differences, without what became of them since."""
    page = desk.open(f"{HOME}/runs/{run_id}").text
    shown = page[page.index("<h1>") : page.index('<h2 id="facts"')]
    return re.sub(r"<span class=\"under\">\w+ since</span>", "", shown)


def past_runs_stay(desk: Desk) -> None:
    world = desk.world
    first = world.paid_gift("50")
    world.advance(days=8)
    refunded(desk, first, 1000)
    negative = desk.reconcile()
    assert set(desk.differences()) == {"BALANCE_NEGATIVE"}
    said = table_of(desk, negative.run_id)
    assert "−£10.00" in said
    assert "1 difference open when it ended, £10.00 unexplained." in said

    second = world.paid_gift("100")
    mended = desk.reconcile()
    assert set(desk.differences("fixed")) == {"BALANCE_NEGATIVE"}
    agreed = table_of(desk, mended.run_id)
    assert "Everything agreed to the penny." in agreed
    assert "Fixed since" in desk.open(f"{HOME}/runs/{negative.run_id}").text
    assert table_of(desk, negative.run_id) == said

    # The same thing is found once more, with another amount: one row of a difference, three runs that say their own.
    world.advance(days=8)
    refunded(desk, second, 2500)
    again = desk.reconcile()
    assert set(desk.differences()) == {"BALANCE_NEGATIVE"}
    newest = table_of(desk, again.run_id)
    assert "−£25.00" in newest
    assert (table_of(desk, negative.run_id), table_of(desk, mended.run_id)) == (said, agreed)

    # A person explains it and takes that back.
    (number,) = desk.differences().values()
    explain(world.parts, number, note="The bank tops it up.", by="Priya")
    assert "Explained since" in desk.open(f"{HOME}/runs/{again.run_id}").text
    open_again(world.parts, number, note="It did not.", by="Priya")
    told = [table_of(desk, run.run_id) for run in (negative, mended, again)]
    assert told == [said, agreed, newest]
    with world.parts.db.read() as session:
        assert len(session.exec(select(Difference)).all()) == 1


def test_past_runs_stay(desk: Desk) -> None:
    past_runs_stay(desk)


def test_a_run_from_before_this_was_kept_tells_what_is_known(desk: Desk) -> None:
    world = desk.world
    gift = world.paid_gift("50")
    world.advance(days=8)
    refunded(desk, gift, 1000)
    run_id = desk.reconcile().run_id
    with world.parts.db.write("test") as session:
        session.execute(text("DELETE FROM run_difference"))
    assert "−£10.00" in table_of(desk, run_id)
