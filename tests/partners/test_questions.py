"""What a figure raises before it counts, how it is answered, and what staff may do with it."""

from datetime import date, timedelta

import pytest

from fundraise.errors import Conflict, Refusal
from fundraise.flows.decide_report import accept_report, ask_about_report, refuse_report
from fundraise.flows.receive_report import answer_question
from tests.partners.fellowship import STAFF, Fellowship, codes
from tests.world import World

APRIL, MAY, JUNE = date(2026, 4, 30), date(2026, 5, 31), date(2026, 6, 30)


@pytest.fixture
def coc(fellowship: Fellowship) -> Fellowship:
    """COC reports in euros to an appeal in euros, and has one accepted figure: €40,000.00 as of April."""
    fellowship.set_up(currency="EUR")
    fellowship.partner("coc")
    fellowship.accepted("coc", "40,000.00", APRIL)
    return fellowship


def answered(fellowship: Fellowship, report_id: int, code: str, answer: str = "", note: str = "") -> None:
    answer_question(fellowship.world.parts, fellowship.partners["coc"], report_id, code, answer, note, by="Anna")


def test_a_cumulative_figure_takes_the_place_of_the_last(coc: Fellowship) -> None:
    came = coc.report("coc", "52,000.00", MAY)
    assert (came.state, codes(came)) == ("received", [])
    coc.accept(came, why="")
    assert coc.total_minor() == 5_200_000


ASKED: list[tuple[str, date, dict[str, object], list[str]]] = [
    ("38,000.00", MAY, {}, ["lower"]),
    ("120,000.01", MAY, {}, ["jump"]),
    ("4,000,000.00", MAY, {}, ["jump"]),
    ("41,000.00", APRIL, {}, ["same_day"]),
    ("40,000.00", APRIL, {}, ["twice"]),
    ("50,000.00", APRIL - timedelta(days=30), {}, ["goes_back"]),
    ("50,000.00", date(2026, 11, 23), {}, ["future"]),
    ("50,000.00", MAY, {"currency": "USD"}, ["currency"]),
    ("50,000.00", MAY, {"gift_aid": "unknown"}, ["gift_aid"]),
    ("50,000.00", MAY, {"our_transfers": "all"}, ["no_transfer_known"]),
    ("50,000.00", MAY, {"our_transfers": ["X-1"]}, ["reference_unknown"]),
    ("120,000.00", MAY, {}, []),
    ("40,000.00", MAY, {}, []),
]


def test_what_is_asked(coc: Fellowship) -> None:
    for amount, as_of, more, found in ASKED:
        came = coc.report("coc", amount, as_of, **more)
        assert codes(came) == found, amount
        assert came.state == ("held" if found else "received")
        assert coc.total_minor() == 4_000_000
        refuse_report(coc.world.parts, came.report_id, by=STAFF, why="the next one please")


def test_a_step_of_more_than_three_times_the_largest_so_far_is_asked_about(coc: Fellowship) -> None:
    for month, amount in enumerate(("41,000.00", "42,000.00", "43,000.00"), start=5):
        coc.accepted("coc", amount, date(2026, month, 28))
    assert codes(coc.report("coc", "46,000.01", date(2026, 8, 30))) == ["jump"]
    assert codes(coc.report("coc", "46,000.00", date(2026, 8, 30))) == []


FIRST: list[tuple[str, str, date, list[str]]] = [
    ("EUR", "100,000.00", APRIL, []),
    ("EUR", "100,000.01", APRIL, ["large_first"]),
    ("EUR", "100,000,000,000.00", APRIL, ["large_first"]),
    ("GBP", "83,380.00", APRIL, []),
    ("GBP", "83,380.02", APRIL, ["large_first"]),
    ("UGX", "1,000,000", APRIL, []),  # There is no rate for these.
    ("UGX", "1,000,001", APRIL, ["large_first"]),
    ("KWD", "1,000,000.001", APRIL, ["large_first"]),
    ("EUR", "40,000.00", date(2025, 11, 21), []),
    ("EUR", "40,000.00", date(2025, 11, 20), ["old"]),
    ("EUR", "40,000.00", date(1990, 1, 1), ["old"]),
    ("EUR", "40,000,000.00", date(2017, 4, 30), ["old", "large_first"]),
]


def first_figures_are_asked_about(world: World) -> None:
    fellowship = Fellowship(world)
    fellowship.rates("ECB", APRIL, GBP="0.8338")
    for number, (currency, amount, as_of, found) in enumerate(FIRST):
        fellowship.partner(f"new-{number}", currency)
        came = fellowship.report(f"new-{number}", amount, as_of)
        assert codes(came) == found, (currency, amount, as_of)
        assert came.state == ("held" if found else "received")
    assert fellowship.total_minor() == 0


def test_a_first_figure_that_is_large_or_old_is_asked_about(shelter: World) -> None:
    first_figures_are_asked_about(shelter)


def test_a_large_first_figure_counts_once_the_partner_says_that_it_is_right(coc: Fellowship) -> None:
    coc.partner("allout")
    came = coc.report("allout", "2,000,000.00", MAY)
    with pytest.raises(Refusal, match="a large one"):
        accept_report(coc.world.parts, came.report_id, by=STAFF)
    answer_question(
        coc.world.parts, coc.partners["allout"], came.report_id, "large_first", "right", "", by="the treasurer"
    )
    accept_report(coc.world.parts, came.report_id, by=STAFF)
    assert coc.total_minor() == 204_000_000
    assert codes(coc.report("allout", "2,100,000.00", JUNE)) == []


def test_after_a_figure_of_nothing_any_other_is_asked_about(coc: Fellowship) -> None:
    coc.accepted("coc", 0, MAY)
    assert codes(coc.report("coc", "1,000,000.00", JUNE)) == ["jump"]


@pytest.mark.parametrize("basis", [{"gross_or_net": "net"}, {"stage": "received"}])
def test_a_figure_of_another_kind_than_the_last_is_asked_about(coc: Fellowship, basis: dict[str, str]) -> None:
    came = coc.report("coc", "41,000.00", MAY, **basis)
    assert codes(came) == ["basis"]
    answered(coc, came.report_id, "basis", "right")
    coc.accept(came, why="")
    assert coc.total_minor() == 4_100_000


def test_a_transfer_that_came_after_the_day_of_the_figure_is_asked_about(coc: Fellowship) -> None:
    coc.transfer("body:shelter", "partner:coc", "200.00", "EUR", date(2026, 6, 2), reference="OUR-1")
    came = coc.report("coc", "41,000.00", MAY, our_transfers=["OUR-1"])
    assert codes(came) == ["later_transfer"]
    answered(coc, came.report_id, "later_transfer", "in")
    with pytest.raises(Conflict, match="as of a later day"):
        accept_report(coc.world.parts, came.report_id, by=STAFF, why="I am sure")
    again = coc.report("coc", "41,000.00", JUNE, our_transfers=["OUR-1"])
    assert codes(again) == []
    coc.accept(again, why="")
    assert coc.total_minor() == 4_080_000


def test_what_the_partner_says_is_the_same_money_never_counts(coc: Fellowship) -> None:
    coc.transfer("body:shelter", "partner:coc", "1,000.00", "EUR", date(2026, 4, 20), reference="OUR-1")
    came = coc.report("coc", "41,000.00", MAY)
    assert codes(came) == ["like_transfer"]
    answered(coc, came.report_id, "like_transfer", "same")
    with pytest.raises(Conflict, match="send the figure again"):
        accept_report(coc.world.parts, came.report_id, by=STAFF, why="I am sure")
    assert coc.total_minor() == 4_000_000


def test_what_is_still_to_be_recorded_takes_a_reason_until_it_is(coc: Fellowship) -> None:
    came = coc.report("coc", "41,000.00", MAY, our_transfers="all")
    answered(coc, came.report_id, "no_transfer_known", "some", "The shelter sent us 200 euros.")
    with pytest.raises(Refusal, match="why it may count"):
        accept_report(coc.world.parts, came.report_id, by=STAFF)
    coc.transfer("body:shelter", "partner:coc", "200.00", "EUR", date(2026, 5, 2))
    accept_report(coc.world.parts, came.report_id, by=STAFF)
    assert coc.total_minor() == 4_080_000


def test_a_lower_figure_needs_an_answer_and_then_a_person(coc: Fellowship) -> None:
    came = coc.report("coc", "38,000.00", MAY)
    with pytest.raises(Refusal, match="why it may count"):
        accept_report(coc.world.parts, came.report_id, by=STAFF)
    with pytest.raises(Refusal, match="choose an answer"):
        answered(coc, came.report_id, "lower", "whatever", "Two gifts went back.")
    with pytest.raises(Refusal, match="in a sentence"):
        answered(coc, came.report_id, "lower", "refunds")
    with pytest.raises(Conflict):
        answered(coc, came.report_id, "jump", "right")
    answered(coc, came.report_id, "lower", "refunds", "Two gifts went back.")
    assert coc.state(came) == "received"
    with pytest.raises(Conflict):
        answered(coc, came.report_id, "lower", "refunds", "Two gifts went back.")
    assert coc.total_minor() == 4_000_000
    accept_report(coc.world.parts, came.report_id, by=STAFF)
    assert coc.total_minor() == 3_800_000


@pytest.mark.parametrize(
    ("as_of", "more"),
    [
        (MAY, {"currency": "USD"}),
        (MAY, {"gift_aid": "unknown"}),
        (date(2026, 11, 23), {}),
        (date(2026, 3, 1), {}),
    ],
)
def test_what_only_another_figure_answers_cannot_be_accepted(
    coc: Fellowship, as_of: date, more: dict[str, object]
) -> None:
    came = coc.report("coc", "50,000.00", as_of, **more)
    with pytest.raises(Conflict):
        coc.accept(came, why="never mind")
    assert coc.total_minor() == 4_000_000


def test_tax_relief_that_is_in_the_figure_is_taken_out(coc: Fellowship) -> None:
    coc.accepted("coc", "50,000.00", MAY, gift_aid=1_000_000)
    assert coc.total_minor() == 4_000_000
    coc.accepted("coc", "60,000.00", JUNE, gift_aid=1_000_000)
    assert coc.total_minor() == 5_000_000


def test_a_figure_that_waited_while_another_was_accepted_is_looked_at_again(coc: Fellowship) -> None:
    first = coc.report("coc", "41,000.00", MAY)
    second = coc.report("coc", "42,000.00", JUNE - timedelta(days=10))
    third = coc.report("coc", "41,500.00", JUNE)
    coc.accept(second, why="")
    assert coc.state(first) == "superseded"
    with pytest.raises(Conflict, match="has changed since"):
        coc.accept(third, why="")
    assert coc.state(third) == "held"
    answered(coc, third.report_id, "lower", "mistake", "We counted a gift twice.")
    coc.accept(third, why="")
    assert coc.total_minor() == 4_150_000


def test_staff_ask_and_refuse(coc: Fellowship) -> None:
    came = coc.report("coc", "50,000.00", MAY)
    ask_about_report(coc.world.parts, came.report_id, by=STAFF, question="Is the concert in it?")
    assert coc.state(came) == "held"
    answered(coc, came.report_id, "staff", "", "Yes, it is.")
    assert coc.state(came) == "received"
    with pytest.raises(Refusal, match="say why"):
        refuse_report(coc.world.parts, came.report_id, by=STAFF, why=" ")
    refuse_report(coc.world.parts, came.report_id, by=STAFF, why="The statement says another amount.")
    for again in (accept_report, lambda *args, **kw: refuse_report(*args, **kw, why="again")):
        with pytest.raises(Conflict, match="refused already"):
            again(coc.world.parts, came.report_id, by=STAFF)
    assert coc.total_minor() == 4_000_000


def test_our_own_transfer_in_a_partners_figure(coc: Fellowship) -> None:
    coc.partner("allout", "EUR")
    coc.accepted("allout", "25,000.00", APRIL)
    ref = coc.transfer("partner:allout", "partner:coc", "10,000.00", "EUR", date(2026, 5, 12), reference="MAY-1")
    same = coc.report("coc", "50,000.00", MAY)
    assert codes(same) == ["like_transfer"]
    coc.accepted("coc", "50,000.00", MAY, our_transfers=["MAY-1"])
    assert coc.total_minor() == 4_000_000 + 2_500_000
    assert codes(coc.report("coc", "9,000.00", JUNE, our_transfers="all")) == ["lower", "below_zero"]
    coc.taken_back(ref)
    assert coc.total_minor() == 5_000_000 + 2_500_000


def test_what_arrived_counts_rather_than_what_was_sent(coc: Fellowship) -> None:
    coc.partner("allout", "EUR")
    ref = coc.transfer("partner:allout", "partner:coc", "10,000.00", "EUR", date(2026, 5, 12))
    coc.accepted("coc", "50,000.00", MAY, our_transfers="unknown")
    assert coc.own_minor("coc") == 4_000_000
    assert coc.increments()[-1].is_low
    coc.arrived(ref, "9,988.00", "EUR", date(2026, 5, 15))
    assert coc.own_minor("coc") == 4_001_200
    with pytest.raises(Conflict):
        coc.arrived(ref, "9,989.00", "EUR", date(2026, 5, 15))
    assert coc.arrived(ref, "9,988.00", "EUR", date(2026, 5, 15)) is False


def test_a_transfer_that_arrives_after_the_figures_day_is_not_in_it(coc: Fellowship) -> None:
    coc.partner("allout", "EUR")
    ref = coc.transfer("partner:allout", "partner:coc", "10,000.00", "EUR", date(2026, 5, 30))
    coc.accepted("coc", "50,000.00", MAY, our_transfers="all")
    assert coc.own_minor("coc") == 4_000_000
    coc.arrived(ref, "10,000.00", "EUR", date(2026, 6, 2))
    assert coc.own_minor("coc") == 5_000_000


def test_on_its_way_until_it_is_acknowledged(coc: Fellowship) -> None:
    coc.partner("network", "EUR", is_beneficiary=True)
    ref = coc.transfer("partner:coc", "partner:network", "30,000.00", "EUR", date(2026, 5, 12))
    assert (coc.stage("collected"), coc.stage("remitted"), coc.stage("received")) == (4_000_000, 3_000_000, 0)
    coc.arrived(ref, "29,990.00", "EUR", date(2026, 5, 14))
    assert (coc.stage("collected"), coc.stage("remitted"), coc.stage("received")) == (4_000_000, 0, 2_999_000)
    coc.accepted("network", "34,990.00", MAY, stage="received", our_transfers="all")
    assert (coc.stage("collected"), coc.stage("received")) == (4_500_000, 3_499_000)
    coc.set_up(headline_stage="received")
    assert coc.total_minor() == 3_499_000
