"""A payout and a line are matched only where nothing else is possible; every other pair is work for a person."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fundraise.flows.bank_accounts import add_bank_account
from fundraise.flows.match_by_hand import match_with_payout
from fundraise.flows.match_payouts import match_payouts
from fundraise.flows.undo_match import undo_match
from fundraise.statements import rules
from fundraise.statements.rules import business_days_between, may_arrive, stripe_words
from fundraise.times import business_days_after
from tests.statements.bank_files import Movement, camt053
from tests.statements.teller import Teller

MONDAY = date(2026, 11, 23)
DAY = timedelta(days=1)


def test_a_payout_is_matched_with_its_line_and_booked(teller: Teller) -> None:
    teller.payout("po_1", 48_237, MONDAY)
    assert teller.in_transit == 48_237
    done = teller.bring(camt053([Movement(MONDAY, 48_237), Movement(MONDAY, 2_500, "J SMITH")]))
    assert done.matched == {"matched": 1}
    (match,) = teller.matches()
    assert (match.payout_id, match.made_by) == (teller.payouts["po_1"], "rule")
    assert teller.reasons(match) == (
        "The amount and the currency are exact: £482.37. It was booked on the expected day, 23 November 2026. "
        "The text says STRIPE. No other payout and no other line fit."
    )
    assert (teller.in_transit, teller.at_bank) == (0, 48_237)
    assert teller.entries("bank") == [f"bank:{match.line_id}"]
    assert match_payouts(teller.world.parts) == {}


def test_a_payout_that_comes_after_its_line_is_matched_too(teller: Teller) -> None:
    teller.bring(camt053([Movement(MONDAY, 48_237)]))
    teller.payout("po_1", 48_237, MONDAY)
    assert match_payouts(teller.world.parts) == {"matched": 1}


def test_a_payout_below_zero_is_money_out(teller: Teller) -> None:
    teller.payout("po_1", -1_234, MONDAY)
    assert teller.bring(camt053([Movement(MONDAY + DAY, -1_234)])).matched == {"matched": 1}
    assert (teller.in_transit, teller.at_bank) == (0, -1_234)


@pytest.mark.parametrize("days", range(-6, 12))
def test_the_day_lies_between_one_business_day_before_and_five_after(teller: Teller, days: int) -> None:
    teller.payout("po_1", 48_237, MONDAY)
    matched = teller.bring(camt053([Movement(MONDAY + days * DAY, 48_237)])).matched
    assert bool(matched) == (-3 <= days <= 7)


@pytest.mark.parametrize(
    "line",
    [
        Movement(MONDAY, 48_238),
        Movement(MONDAY, 48_236),
        Movement(MONDAY, -48_237),
        Movement(MONDAY, 48_237, "J SMITH", "GIFT"),
        Movement(MONDAY, 48_237, "STRIPEY SOCKS LTD", "INV 1"),
        Movement(MONDAY, 48_237, "PINSTRIPE TAILORS"),
    ],
)
def test_what_is_not_exact_is_left_for_a_person(teller: Teller, line: Movement) -> None:
    teller.payout("po_1", 48_237, MONDAY)
    assert teller.bring(camt053([line])).matched == {}


def test_another_currency_is_another_amount(teller: Teller) -> None:
    add_bank_account(teller.world.parts, name="euros", body_slug="shelter", currency="EUR")
    teller.payout("po_1", 48_237, MONDAY, currency="GBP")
    euros = camt053([Movement(MONDAY, 48_237, currency="EUR")], currency="EUR", iban="DE89370400440532013000")
    assert teller.bring(euros, account="euros").matched == {}
    teller.payout("po_2", 48_237, MONDAY, currency="EUR")
    assert match_payouts(teller.world.parts) == {"matched": 1}
    assert teller.pairs() == {"po_2": MONDAY}


def test_another_bodys_payout_is_no_match(teller: Teller) -> None:
    other = teller.world.body("society")
    teller.world.account(other)
    teller.payout("po_1", 48_237, MONDAY, slug="society")
    assert teller.bring(camt053([Movement(MONDAY, 48_237)])).matched == {}
    assert match_payouts(teller.world.parts, other.id) == {}


def test_twins_are_left_for_a_person_on_either_side(teller: Teller) -> None:
    teller.payout("po_1", 48_237, MONDAY)
    assert teller.bring(camt053([Movement(MONDAY, 48_237), Movement(MONDAY + DAY, 48_237)])).matched == {}
    teller.payout("po_2", 7_000, MONDAY)
    teller.payout("po_3", 7_000, MONDAY + DAY)
    assert teller.bring(camt053([Movement(MONDAY + DAY, 7_000)], opening=0)).matched == {}
    teller.payout("po_4", 9_000, MONDAY)
    teller.payout("po_5", 9_000, MONDAY)
    two = [Movement(MONDAY, 9_000, reference="A"), Movement(MONDAY, 9_000, reference="B")]
    assert teller.bring(camt053(two)).matched == {}


def test_equal_payouts_far_enough_apart_are_each_matched(teller: Teller) -> None:
    later = MONDAY + 14 * DAY
    teller.payout("po_1", 48_237, MONDAY)
    teller.payout("po_2", 48_237, later)
    done = teller.bring(camt053([Movement(MONDAY, 48_237), Movement(later, 48_237)]))
    assert done.matched == {"matched": 2}
    assert teller.pairs() == {"po_1": MONDAY, "po_2": later}


def test_a_chain_of_overlaps_is_left_for_a_person(teller: Teller) -> None:
    """The first payout fits one line alone, but that line fits two payouts: it is not certain which."""
    teller.payout("po_1", 5_000, MONDAY)
    teller.payout("po_2", 5_000, MONDAY + 3 * DAY)
    lines = [Movement(MONDAY + 2 * DAY, 5_000), Movement(MONDAY + 10 * DAY, 5_000)]
    assert teller.bring(camt053(lines)).matched == {}


def test_a_failed_payout_is_never_matched_and_makes_its_equal_doubtful(teller: Teller) -> None:
    teller.payout("po_1", 48_237, MONDAY, state="failed")
    assert teller.bring(camt053([Movement(MONDAY, 48_237)])).matched == {}
    teller.payout("po_2", 48_237, MONDAY + DAY)
    assert match_payouts(teller.world.parts) == {}


def test_a_line_that_may_be_a_payout_coming_back_is_doubtful(teller: Teller) -> None:
    teller.payout("po_1", 48_237, MONDAY)
    teller.payout("po_1", 48_237, MONDAY, state="failed")
    teller.payout("po_2", -48_237, MONDAY + 7 * DAY)
    assert teller.bring(camt053([Movement(MONDAY + 7 * DAY, -48_237)])).matched == {}


def test_a_cancelled_payout_counts_for_nothing(teller: Teller) -> None:
    teller.payout("po_1", 48_237, MONDAY, state="canceled")
    teller.payout("po_2", 48_237, MONDAY)
    assert teller.bring(camt053([Movement(MONDAY, 48_237)])).matched == {"matched": 1}
    assert list(teller.pairs()) == ["po_2"]


def test_a_payout_that_fails_between_the_look_and_the_match_is_not_matched(
    teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    teller.bring(camt053([Movement(MONDAY, 48_237)]))
    teller.payout("po_1", 48_237, MONDAY)
    real = match_payouts.__globals__["certain_pairs"]

    def then_it_fails(*arguments: object) -> list[object]:
        found = list(real(*arguments))
        teller.payout("po_1", 48_237, MONDAY, state="failed")
        return found

    monkeypatch.setitem(match_payouts.__globals__, "certain_pairs", then_it_fails)
    assert match_payouts(teller.world.parts) == {}
    assert teller.matches() == []


def test_the_same_pair_is_not_matched_again_after_a_person_took_it_back(teller: Teller) -> None:
    teller.payout("po_1", 48_237, MONDAY)
    teller.bring(camt053([Movement(MONDAY, 48_237)]))
    undo_match(teller.world.parts, teller.matches()[0].id, by="Priya", why="it is another one")
    assert match_payouts(teller.world.parts) == {}
    teller.payout("po_2", 48_237, MONDAY)
    assert match_payouts(teller.world.parts) == {}
    match_with_payout(teller.world.parts, teller.lines()[0].id, teller.payouts["po_2"], by="Priya")
    assert list(teller.pairs()) == ["po_2"]


def test_who_takes_one_of_two_twins_back_has_not_said_that_it_is_the_other(teller: Teller) -> None:
    teller.payout("po_1", 48_237, MONDAY)
    teller.bring(camt053([Movement(MONDAY, 48_237, reference="A"), Movement(MONDAY, 48_237, reference="B")]))
    first = teller.lines()[0].id
    match_id = match_with_payout(teller.world.parts, first, teller.payouts["po_1"], by="Priya")
    undo_match(teller.world.parts, match_id, by="Priya", why="not sure, I will ask the bank")
    assert match_payouts(teller.world.parts) == {}


def test_an_accounts_pattern_says_what_stripe_is_called_there(teller: Teller) -> None:
    parts = teller.world.parts
    teller.payout("po_1", 48_237, MONDAY)
    assert teller.bring(camt053([Movement(MONDAY, 48_237, "STR PAYMENTS UK")])).matched == {}
    add_bank_account(parts, name="current", body_slug="shelter", currency="GBP", stripe_pattern="STRIPE, str payments")
    assert match_payouts(parts) == {"matched": 1}
    assert "The text says STR PAYMENTS." in teller.reasons(teller.matches()[0])


@given(begins=st.dates(date(2020, 1, 1), date(2030, 1, 1)), days=st.integers(-10, 10))
def test_business_days_are_counted_as_they_are_added(begins: date, days: int) -> None:
    ends = business_days_after(datetime.combine(begins, time(), UTC), days).date()
    assert business_days_between(begins, ends) == days


@given(arrives=st.dates(date(2020, 1, 1), date(2030, 1, 1)), days=st.integers(-30, 30))
def test_what_the_database_leaves_out_could_never_be_an_arrival(arrives: date, days: int) -> None:
    """The calendar days of the question are never narrower than the business days of the rule."""
    if may_arrive(arrives, arrives + days * DAY):
        assert rules.EARLIEST_DAYS <= days <= rules.LATEST_DAYS
        counted = business_days_between(arrives, arrives + days * DAY)
        assert rules.EARLIEST_BUSINESS_DAYS <= counted <= rules.LATEST_BUSINESS_DAYS


@pytest.mark.parametrize(
    ("text", "pattern", "words"),
    [
        ("STRIPE PAYMENTS UK LTD", "STRIPE", "STRIPE"),
        ("BGC STRIPE-7F2K", "stripe", "STRIPE"),
        ("STRIPE*SHELTER", "STRIPE", "STRIPE"),
        ("PINSTRIPE", "STRIPE", ""),
        ("STRIPEY", "STRIPE", ""),
        ("PAYMENTS STRIPE", "STRIPE PAYMENTS", ""),
        ("STRIPE  PAYMENTS", "STRIPE PAYMENTS", "STRIPE PAYMENTS"),
        ("STP EUROPE", "STRIPE, STP EUROPE", "STP EUROPE"),
        ("ANYTHING", "", ""),
        ("ANYTHING", ", ,", ""),
        ("ZAHLUNG STRÏPE", "STRIPE", ""),
    ],
)
def test_whole_words_are_looked_for(text: str, pattern: str, words: str) -> None:
    assert stripe_words(text, pattern) == words
