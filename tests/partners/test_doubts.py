"""An accepted figure and transfers that are learnt of later: what contradicts itself is asked about, not just zero."""

from collections.abc import Callable
from datetime import date

import pytest
from starlette.testclient import TestClient

from fundraise.flows.question_accepted import doubts
from tests.partners.browsing import link_of, page_at, sign_in
from tests.partners.fellowship import Fellowship, problems
from tests.world import World

APRIL, MAY = date(2026, 4, 30), date(2026, 5, 31)
SAID = "transfers of €1,500.00 are in its figure of €1,000.00 as of 30 April 2026"


def reported(world: World, says: object = "all") -> Fellowship:
    """COC has an accepted figure of €1,000.00, and says how much of it others sent."""
    fellowship = Fellowship(world)
    fellowship.set_up(currency="EUR")
    fellowship.partner("coc")
    fellowship.accepted("coc", "1,000.00", APRIL, our_transfers=says)
    return fellowship


def passed_on(fellowship: Fellowship, amount: str = "1,500.00", currency: str = "EUR") -> str:
    return fellowship.transfer("body:shelter", "partner:coc", amount, currency, date(2026, 4, 20), reference="OUR-1")


def asked(fellowship: Fellowship) -> list[str]:
    with fellowship.world.parts.db.read() as session:
        return [doubt.says for doubt in doubts(session)]


def more_passed_on_than_reported_is_asked_about(world: World) -> None:
    fellowship = reported(world)
    staff = sign_in(fellowship)
    assert "does not fit" not in page_at(staff, "/staff").text
    passed_on(fellowship)
    today = page_at(staff, "/staff").text
    assert "1 accepted figure does not fit what was passed on" in today
    listed = page_at(staff, "/staff/partners").text
    assert all(words in listed for words in ("1 partner, 1 figure that does not fit,", "Does not fit", SAID))
    page = page_at(staff, "/staff/partners/coc").text
    assert SAID in page
    assert "counts, as of" not in page
    form = page_at(staff, link_of(fellowship, "coc")).text
    assert "What others sent you by that day comes to €1,500.00" in form


def test_more_passed_on_than_reported_is_asked_about(shelter: World) -> None:
    more_passed_on_than_reported_is_asked_about(shelter)


@pytest.mark.parametrize("says", ["all", "unknown", ["OUR-1"]])
def test_whatever_it_says_of_transfers(shelter: World, says: object) -> None:
    fellowship = reported(shelter, says)
    assert asked(fellowship) == []
    passed_on(fellowship)
    (found,) = asked(fellowship)
    assert SAID in found
    assert fellowship.own_minor("coc") == 0


def test_a_figure_without_money_of_others_is_not_asked_about(shelter: World) -> None:
    fellowship = reported(shelter, "none")
    passed_on(fellowship)
    assert asked(fellowship) == []
    assert fellowship.own_minor("coc") == 100_000


def doubts_told(fellowship: Fellowship) -> tuple[list[str], list[str]]:
    """Return what programs read of doubts, from a total that can be rebuilt."""
    total = fellowship.total()
    assert problems(total) == []
    return total.get("estimated_low", []), total.get("not_clear", [])


def test_the_public_page_says_that_it_is_not_clear(shelter: World) -> None:
    fellowship = reported(shelter)
    public: TestClient = shelter.donor
    before = page_at(public, "/a/winter-appeal").text
    assert "Not clear yet" not in before
    assert doubts_told(fellowship) == ([], [])
    fellowship.transfer("body:shelter", "partner:coc", "1,000.00", "EUR", date(2026, 4, 20))
    whole = page_at(public, "/a/winter-appeal").text
    assert "Not clear yet" not in whole  # All that it has came from others: that is zero, and clear.
    assert doubts_told(fellowship) == ([], [])
    passed_on(fellowship, "500.00")
    after = page_at(public, "/a/winter-appeal").text
    assert all(words in after for words in ("Not clear yet", "estimated low", "the total is low"))
    assert "Not clear yet" in page_at(public, "/a/winter-appeal/counted").text
    assert doubts_told(fellowship) == (["Coc"], ["Coc"])
    # What was so then is still told so, and the row that says it came in a moment changed no amount.
    assert (
        "The amount stays as it was" in page_at(public, f"/a/winter-appeal/counted/{fellowship.partners['coc']}").text
    )
    assert [row.is_low for row in fellowship.increments()] == [False, False, True]


def another_figure(fellowship: Fellowship, _: str) -> None:
    fellowship.accepted("coc", "2,500.00", MAY, our_transfers="all")


def taken_back(fellowship: Fellowship, ref: str) -> None:
    fellowship.taken_back(ref)


def less_arrived(fellowship: Fellowship, ref: str) -> None:
    fellowship.arrived(ref, "600.00", "EUR", date(2026, 4, 22))


def arrived_later(fellowship: Fellowship, ref: str) -> None:
    fellowship.arrived(ref, "1,500.00", "EUR", date(2026, 5, 2))


@pytest.mark.parametrize(
    ("ends", "own_minor"),
    [(another_figure, 100_000), (taken_back, 100_000), (less_arrived, 40_000), (arrived_later, 100_000)],
)
def test_what_makes_it_clear_ends_the_question(
    shelter: World, ends: Callable[[Fellowship, str], None], own_minor: int
) -> None:
    fellowship = reported(shelter)
    ref = passed_on(fellowship)
    assert len(asked(fellowship)) == 1
    ends(fellowship, ref)
    assert asked(fellowship) == []
    assert fellowship.own_minor("coc") == own_minor
    assert not fellowship.increments()[-1].is_low
    assert "Not clear yet" not in page_at(shelter.donor, "/a/winter-appeal").text


def test_what_nobody_can_convert_is_asked_about_until_it_arrived(shelter: World) -> None:
    fellowship = reported(shelter)
    ref = passed_on(fellowship, "200.00", "USD")
    (found,) = asked(fellowship)
    assert found.startswith("It is not known what US$200.00 (OUR-1) came to in EUR")
    assert fellowship.own_minor("coc") == 100_000
    assert "on the link that came with it" in page_at(shelter.donor, link_of(fellowship, "coc")).text
    fellowship.arrived(ref, "180.00", "EUR", date(2026, 4, 22))
    assert asked(fellowship) == []
    assert fellowship.own_minor("coc") == 82_000


def test_the_longest_standing_question_comes_first(shelter: World) -> None:
    fellowship = reported(shelter)
    fellowship.partner("allout")
    fellowship.accepted("allout", "10.00", APRIL, our_transfers="unknown")
    passed_on(fellowship)
    shelter.advance(days=1)
    fellowship.transfer("body:shelter", "partner:allout", "20.00", "EUR", date(2026, 4, 20))
    with shelter.parts.db.read() as session:
        assert [doubt.partner.slug for doubt in doubts(session)] == ["coc", "allout"]
    assert "2 accepted figures do not fit what was passed on" in page_at(sign_in(fellowship), "/staff").text


def test_the_same_figure_again_is_news(shelter: World) -> None:
    fellowship = Fellowship(shelter)
    fellowship.set_up(currency="USD")
    fellowship.rates("ECB", APRIL, USD="1.10")
    fellowship.partner("coc")
    fellowship.accepted("coc", "1,000.00", APRIL)
    before = fellowship.total()
    fellowship.rates("ECB", MAY, USD="1.20")
    again = fellowship.accepted("coc", "1,000.00", MAY)
    row = fellowship.increments()[-1]
    assert (row.report_id, row.amount_minor, row.display_minor, row.factor) == (again, 0, 0, "1.10")
    after = fellowship.total()
    assert after["amount_minor"] == before["amount_minor"] == 110_000
    assert [line["as_of"] for line in after["lines"]] == ["2026-04-30", "2026-05-31"]
    page = page_at(shelter.donor, "/a/winter-appeal").text
    assert "1 EUR = 1.10 USD" in page
    assert "31 May 2026" in page
