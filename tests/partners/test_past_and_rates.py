"""Rates are frozen, what has none waits, and a total at a past moment is what it was."""

from datetime import date, timedelta
from pathlib import Path

from sqlmodel import select

from fundraise import times
from fundraise.api.totals import moment_in, total_told
from fundraise.appeals.tables import Appeal
from fundraise.figures.partner_parts import partner_parts
from fundraise.flows.add_partner import leave
from fundraise.flows.convert_waiting import convert_waiting
from fundraise.jobs.timetable import job_named
from tests.partners.fellowship import Fellowship, rebuilt
from tests.stories.test_moments_of_money import charge_of

FRIDAY, SUNDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 22), date(2026, 11, 23)


def test_a_day_without_a_rate_takes_the_last_before_it(fellowship: Fellowship) -> None:
    fellowship.rates("ECB", FRIDAY, GBP="0.8338", USD="1.1172")
    fellowship.partner("coc")
    fellowship.partner("allout", "USD")
    fellowship.accepted("coc", "100.00", SUNDAY)
    fellowship.accepted("allout", "100.00", SUNDAY)
    total = fellowship.total()
    assert [(line["display_minor"], line["rate_date"]) for line in total["lines"]] == [
        (8338, "2026-11-20"),
        (7463, "2026-11-20"),
    ]
    assert total["lines"][0]["rate"] == "0.8338"


def test_without_a_rate_a_figure_waits_and_is_converted_when_the_rate_comes(
    fellowship: Fellowship, tmp_path: Path
) -> None:
    fellowship.set_up(rate_source="HMRC")
    fellowship.rates("HMRC", date(2026, 10, 1), KES="170.0000")
    fellowship.partner("nairobi", "KES")
    fellowship.accepted("nairobi", "345,600.00", FRIDAY)
    total = fellowship.total()
    assert (total["amount_minor"], total["lines"]) == (0, [])
    assert total["not_converted"] == [{"currency": "KES", "amount_minor": 34_560_000}]
    fellowship.accepted("nairobi", "345,700.00", SUNDAY)
    before = times.iso(fellowship.world.now())
    fellowship.world.advance(60)
    fellowship.rates("HMRC", date(2026, 11, 1), KES="173.9540")
    total = fellowship.total()
    assert (total["amount_minor"], total["not_converted"]) == (198_673 + 57, [])
    assert rebuilt(total, tmp_path)[0] == 0
    assert fellowship.total(before)["amount_minor"] == 0
    assert [row.converts_id for row in fellowship.increments()] == [None, None, 1, 2]


def test_a_rate_that_changes_later_moves_nothing(fellowship: Fellowship) -> None:
    fellowship.rates("ECB", FRIDAY, GBP="0.8000")
    fellowship.partner("coc")
    fellowship.accepted("coc", "100.00", FRIDAY)
    fellowship.rates("ECB", FRIDAY, GBP="0.9000")
    fellowship.rates("ECB", MONDAY, GBP="0.5000")
    assert fellowship.total_minor() == 8000
    fellowship.accepted("coc", "150.00", SUNDAY)
    assert fellowship.total_minor() == 8000 + 4500


def test_the_total_at_any_past_moment_stays_what_it_was(fellowship: Fellowship, tmp_path: Path) -> None:
    world = fellowship.world
    fellowship.rates("ECB", FRIDAY, GBP="0.8000")
    fellowship.partner("coc")
    fellowship.partner("network", is_beneficiary=True)
    told = []

    def moment() -> None:
        world.advance(30)
        now = fellowship.total()
        assert rebuilt(now, tmp_path)[0] == 0
        told.append((times.iso(world.now()), now))
        world.advance(30)

    moment()
    world.paid_gift("50")
    moment()
    fellowship.accepted("coc", "100.00", FRIDAY)
    moment()
    ref = fellowship.transfer("partner:coc", "partner:network", "60.00", "EUR", FRIDAY)
    moment()
    fellowship.accepted("network", "75.00", SUNDAY, our_transfers="all")
    moment()
    fellowship.arrived(ref, "59.00", "EUR", SUNDAY)
    moment()
    fellowship.taken_back(ref)
    moment()
    assert len({now["id"] for _, now in told}) == len(told)
    for when, then in told:
        assert fellowship.total(when) == then


def test_the_moment_that_is_told_can_be_asked_for_again(fellowship: Fellowship) -> None:
    now = fellowship.world.now() + timedelta(microseconds=700_001)
    with fellowship.world.parts.db.read() as session:
        told = total_told(session, session.get_one(Appeal, 1), now, None)
    assert moment_in(told["as_of"], now) == now


def test_a_partner_that_left_without_a_figure_was_silent_before(fellowship: Fellowship) -> None:
    fellowship.partner("coc")
    fellowship.world.advance(60)
    before = fellowship.world.now()
    fellowship.world.advance(60)
    leave(fellowship.world.parts, "coc", by="Priya Raman")
    with fellowship.world.parts.db.read() as session:
        appeal_id = session.exec(select(Appeal.id)).one()
        silent = [partner_parts(session, appeal_id, as_of=moment).silent for moment in (before, None)]
    assert silent == [1, 0]


def test_moments_that_cannot_be_asked_for(fellowship: Fellowship) -> None:
    address = "/api/v1/appeals/winter-appeal/total"
    for typed in ("soon", "2026-11-22T14:05:00", "2999-01-01", "0000-00-00", "2026-13-01", "2026-11-23T00:00:00Z"):
        answer = fellowship.world.donor.get(address, params={"as_of": typed})
        assert (answer.status_code, answer.json()["error"]["field"]) == (422, "as_of"), typed
    for typed in ("2026-11-22", "2017-04-30", "2026-11-22T09:00:00+01:00"):
        assert fellowship.world.donor.get(address, params={"as_of": typed}).status_code == 200
    assert fellowship.world.donor.get("/api/v1/appeals/nothing/total").status_code == 404


def test_gifts_here_in_another_currency_are_converted_once(fellowship: Fellowship, tmp_path: Path) -> None:
    world = fellowship.world
    fellowship.set_up(currency="USD")
    world.paid_gift("50")
    assert fellowship.total()["not_converted"] == [{"currency": "GBP", "amount_minor": 5000}]
    assert convert_waiting(world.parts) == {}
    fellowship.rates("ECB", FRIDAY, GBP="0.8000", USD="1.2000")
    total = fellowship.total()
    assert (total["amount_minor"], total["not_converted"]) == (7500, [])
    fellowship.rates("ECB", SUNDAY, GBP="0.8000", USD="1.6000")
    world.paid_gift("10")
    assert job_named("convert").run(world.parts) == {"gifts": 1}
    assert job_named("convert").run(world.parts) == {}
    total = fellowship.total()
    assert [line["display_minor"] for line in total["lines"]] == [7500, 2000]
    assert rebuilt(total, tmp_path)[0] == 0


def test_all_gifts_of_a_currency_go_back_before_that_is_converted(fellowship: Fellowship) -> None:
    """The line keeps its name while nothing of it stands any more but what was converted."""
    world = fellowship.world
    fellowship.set_up(currency="USD")
    fellowship.rates("ECB", FRIDAY, GBP="0.8000", USD="1.2000")
    gift = world.paid_gift("50")
    job_named("convert").run(world.parts)
    assert fellowship.total()["amount_minor"] == 7500
    world.sandbox.control("refund", {"charge": charge_of(world, gift.session)})
    world.settle()
    assert world.donor.get("/a/winter-appeal").status_code == 200
    fellowship.total()
    job_named("convert").run(world.parts)
    assert fellowship.total()["amount_minor"] == 0


def test_a_partner_that_is_not_named_is_counted_and_never_named(fellowship: Fellowship) -> None:
    fellowship.set_up(currency="EUR")
    fellowship.partner("hidden", is_unnamed=True)
    fellowship.accepted("hidden", "100.00", FRIDAY, evidence="The bank of Hidden says so", submitted_by="H. Hidden")
    answer = fellowship.world.donor.get("/api/v1/appeals/winter-appeal/total")
    assert answer.json()["amount_minor"] == 10_000
    assert "hidden" not in answer.text.lower()


def test_a_silent_partner_keeps_its_figure_and_its_day(fellowship: Fellowship) -> None:
    fellowship.set_up(currency="EUR")
    fellowship.partner("coc")
    fellowship.partner("quiet")
    fellowship.accepted("coc", "100.00", FRIDAY - timedelta(days=90))
    total = fellowship.total()
    assert total["partners_without_a_figure"] == 1
    assert [(line["display_minor"], line["as_of"]) for line in total["lines"]] == [(10_000, "2026-08-22")]
