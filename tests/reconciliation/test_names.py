"""The names of differences that no random sequence brings about: each seeded alone, found, and said in words."""

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session

import fundraise
from fundraise.flows.bank_accounts import add_bank_account
from fundraise.flows.match_payouts import match_payouts
from fundraise.flows.reconcile import compare as compare_module
from fundraise.flows.reconcile import reconcile_all
from fundraise.flows.reconcile.compare import compare
from fundraise.flows.reconcile.found import Found
from fundraise.flows.reconcile.questions import QUESTIONS
from fundraise.showing.difference_words import WORDS
from fundraise.stripe_accounts.tables import StripeAccount
from tests.statements.bank_files import Movement, camt053, iban_of
from tests.statements.teller import Teller
from tests.world import World

MONDAY = date(2026, 11, 23)
DAY = timedelta(days=1)


@pytest.fixture
def teller(shelter: World) -> Teller:
    return Teller(shelter, add_bank_account(shelter.parts, name="current", body_slug="shelter", currency="GBP"))


def named(world: World, account_id: int = 1) -> dict[str, str]:
    """Compare, and return what is found by name."""
    with world.parts.db.read() as session:
        account = session.get_one(StripeAccount, account_id)
        return {each.code: each.detail for each in compare(session, account, world.now())}


def compared(session: Session, teller: Teller) -> list[Found]:
    return list(compare(session, session.get_one(StripeAccount, 1), teller.world.now()))


def change(world: World, statement: str) -> None:
    with world.parts.db.write("test") as session:
        session.execute(text(statement))


# --- gifts ----------------------------------------------------------------------------------------------------------

CHANGES = {
    "FEE_UNEXPECTED": "UPDATE balance_transaction SET fee_minor = 500, fee_parts_minor = 500, net_minor = 4500",
    "OVER_REFUND": (
        "INSERT INTO refund (stripe_account_id, stripe_id, donation_id, minor, currency, state, reason, created_at, "
        "seen_at) SELECT 1, 're_x', id, 5001, 'GBP', 'succeeded', '', created_at, created_at FROM donation"
    ),
    "NET_MISMATCH": "UPDATE balance_transaction SET stripe_id = 'txn_other'",
    "NO_BALANCE_TXN": "UPDATE balance_transaction SET donation_id = NULL, category = 'fee'",
    "REFUND_FAILED": (
        "INSERT INTO refund (stripe_account_id, stripe_id, donation_id, minor, currency, state, reason, created_at, "
        "seen_at) SELECT 1, 're_x', id, 50, 'GBP', 'failed', '', created_at, created_at FROM donation"
    ),
    "REFUND_PENDING_LONG": (
        "INSERT INTO refund (stripe_account_id, stripe_id, donation_id, minor, currency, state, reason, created_at, "
        "seen_at) SELECT 1, 're_x', id, 50, 'GBP', 'pending', '', created_at, created_at FROM donation"
    ),
    "PAYOUT_REVERSED": "UPDATE balance_transaction SET category = 'payout_reversal', source_id = 'po_x'",
}


@pytest.mark.parametrize("code", CHANGES)
def test_what_differs_about_a_gift_has_its_name(shelter: World, code: str) -> None:
    shelter.books_are_broken = True
    shelter.paid_gift("50")
    shelter.advance(days=11)
    assert named(shelter) == {}
    change(shelter, CHANGES[code])
    assert code in named(shelter)


@pytest.mark.parametrize(("off", "code"), [(0, ""), (1, ""), (3, "FX_ROUNDING"), (60, "FX_UNEXPECTED")])
def test_a_conversion_at_another_rate_has_its_name(world: World, off: int, code: str) -> None:
    body = world.body()
    world.account(body)
    world.campaign(body, gift_currencies="GBP,EUR")
    world.paid_gift("60", currency="EUR")
    assert named(world) == {}
    change(world, f"UPDATE balance_transaction SET amount_minor = amount_minor - {off}, net_minor = net_minor - {off}")
    assert set(named(world)) == ({code} if code else set())


def test_an_ordinary_card_from_abroad_is_no_unexpected_fee(shelter: World) -> None:
    shelter.pay(shelter.give(amount="10"), card="4000008400000005")
    shelter.settle()
    assert named(shelter) == {}


@pytest.mark.parametrize(("basis_points", "fixed_minor"), [(30_000, 30_000), (150, 400_000), (150, 2**31 - 1)])
def test_a_usual_fee_may_be_as_large_as_a_currencys_smallest_units_make_it(
    shelter: World, basis_points: int, fixed_minor: int
) -> None:
    """A fixed part of 4,000 rupiah is 400,000 minor units; a database counts small numbers in small types."""
    shelter.paid_gift("50")
    change(shelter, f"UPDATE stripe_account SET fee_basis_points = {basis_points}, fee_fixed_minor = {fixed_minor}")
    assert "FEE_UNEXPECTED" not in named(shelter)
    fee = 5 * (fixed_minor + 5000 * basis_points // 10_000)
    change(shelter, f"UPDATE balance_transaction SET fee_minor = {fee} WHERE category = 'charge'")
    assert "FEE_UNEXPECTED" in named(shelter)


# --- payouts and the bank -------------------------------------------------------------------------------------------

SINGLE = {
    "PAYOUT_FAILED": lambda teller: teller.payout("po_1", 5000, MONDAY, state="failed"),
    "PAYOUT_CANCELED": lambda teller: teller.payout("po_1", 5000, MONDAY, state="canceled"),
    "PAYOUT_NEGATIVE": lambda teller: teller.payout("po_1", -5000, MONDAY, state="in_transit"),
    "PAYOUT_OVERDUE": lambda teller: teller.payout("po_1", 5000, MONDAY - 30 * DAY, state="in_transit"),
    "PAYOUT_NOT_ITEMISED": lambda teller: teller.payout("po_1", 5000, MONDAY - 30 * DAY),
    "BANK_CREDIT_MISSING": lambda teller: teller.payout("po_1", 5000, MONDAY - 60 * DAY),
}


@pytest.mark.parametrize("code", SINGLE)
def test_what_differs_about_a_payout_has_its_name(teller: Teller, code: str) -> None:
    SINGLE[code](teller)
    assert code in named(teller.world)


def of_another_body(teller: Teller) -> None:
    world = teller.world
    world.account(world.body("network"))
    teller.payout("po_1", 5000, MONDAY, slug="network")


# By name: the payouts there are, and the lines of Stripe's on the statement.
LINES: dict[str, tuple[Callable[[Teller], object], Sequence[Movement]]] = {
    "BANK_CREDIT_UNMATCHED": (lambda _: None, [Movement(MONDAY, 5000)]),
    "BANK_CREDIT_LATE": (lambda teller: teller.payout("po_1", 5000, MONDAY - 30 * DAY), [Movement(MONDAY, 5000)]),
    "BANK_CREDIT_AMOUNT": (lambda teller: teller.payout("po_1", 5000, MONDAY), [Movement(MONDAY, 4980)]),
    "BANK_CREDIT_MERGED": (
        lambda teller: [teller.payout("po_1", 5000, MONDAY), teller.payout("po_2", 700, MONDAY)],
        [Movement(MONDAY, 5700)],
    ),
    "BANK_CREDIT_SPLIT": (
        lambda teller: teller.payout("po_1", 5000, MONDAY),
        [Movement(MONDAY, 2000), Movement(MONDAY, 3000)],
    ),
    "BANK_CREDIT_WRONG_ACCOUNT": (of_another_body, [Movement(MONDAY, 5000)]),
}


@pytest.mark.parametrize("code", LINES)
def test_a_line_that_fits_no_payout_has_the_name_of_what_it_looks_like(teller: Teller, code: str) -> None:
    payouts, lines = LINES[code]
    payouts(teller)
    teller.bring(camt053(lines))
    match_payouts(teller.world.parts)
    assert teller.matches() == []
    bank = {name for name in named(teller.world) if name.startswith("BANK_CREDIT") and name != "BANK_CREDIT_MISSING"}
    assert bank == {code}
    if len(teller.world.accounts) > 1:  # Another body’s account has nothing to say about this bank account.
        assert not [name for name in named(teller.world, 2) if name.startswith("BANK_CREDIT")]


def test_twin_payouts_and_twin_lines_stay_two_and_a_person_says_which(teller: Teller) -> None:
    for name in ("po_1", "po_2"):
        teller.payout(name, 5000, MONDAY)
    teller.bring(camt053([Movement(MONDAY, 5000), Movement(MONDAY, 5000)]))
    assert teller.matches() == []
    assert len(teller.lines()) == 2
    with teller.world.parts.db.read() as session:
        found = [each.object_id for each in compared(session, teller) if each.code.endswith("UNMATCHED")]
    assert sorted(found) == [f"line {line.id}" for line in teller.lines()]


def test_no_line_is_left_unnamed_however_many_there_are(teller: Teller) -> None:
    many = 130  # More than a page of them.
    teller.bring(camt053([Movement(MONDAY, 5000 + number) for number in range(many)]))
    with teller.world.parts.db.read() as session:
        found = {each.object_id for each in compared(session, teller) if each.code.startswith("BANK_")}
    assert len(found) == many


def test_a_payout_that_a_months_statement_does_not_show_is_missing(teller: Teller) -> None:
    teller.payout("po_1", 5000, date(2026, 10, 20))
    teller.payout("po_2", 5001, date(2026, 10, 28))
    october = (date(2026, 10, 1), date(2026, 10, 31))
    teller.bring(camt053([Movement(date(2026, 10, 2), 100, "J SMITH")], days=october))
    with teller.world.parts.db.read() as session:
        found = compared(session, teller)
    missing = [each.object_id for each in found if each.code == "BANK_CREDIT_MISSING"]
    assert missing == ["po_1"]  # The other one may stand on November's.


def test_the_statement_of_one_of_two_accounts_makes_nothing_missing(teller: Teller) -> None:
    add_bank_account(teller.world.parts, name="savings", body_slug="shelter", currency="GBP")
    teller.payout("po_1", 5000, date(2026, 11, 10))
    teller.bring(camt053([Movement(date(2026, 11, 21), 100, "INTEREST")]), account="savings")
    assert "BANK_CREDIT_MISSING" not in named(teller.world)
    teller.bring(camt053([Movement(date(2026, 11, 21), 300, "J SMITH")], iban=iban_of(2)))
    assert "BANK_CREDIT_MISSING" in named(teller.world)


def test_what_was_too_much_to_look_at_is_not_called_agreed(shelter: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        shelter.sandbox.control("external-charge", {"amount": 1234 + number, "currency": "gbp"})
    shelter.settle()

    def still_open() -> int:
        (outcome,) = reconcile_all(shelter.parts, by="test")
        return outcome.open_differences

    assert still_open() == 5
    monkeypatch.setattr(compare_module, "_MOST", 2)
    assert still_open() == 5


def test_two_equal_lines_are_the_halves_of_a_payout(teller: Teller) -> None:
    teller.payout("po_1", 5000, MONDAY)
    teller.bring(camt053([Movement(MONDAY, 2500), Movement(MONDAY, 2500)]))
    assert "BANK_CREDIT_SPLIT" in named(teller.world)


def test_half_a_payout_alone_is_not_its_own_rest(teller: Teller) -> None:
    teller.payout("po_1", 5000, MONDAY)
    teller.bring(camt053([Movement(MONDAY, 2500)]))
    assert "BANK_CREDIT_SPLIT" not in named(teller.world)


def test_a_line_of_somebody_else_needs_nobody(teller: Teller) -> None:
    teller.bring(camt053([Movement(MONDAY, 5000, "J SMITH")]))
    assert named(teller.world) == {}


# --- words ----------------------------------------------------------------------------------------------------------


def test_every_name_is_said_in_a_treasurers_words() -> None:
    flows = Path(fundraise.__file__).parent / "flows"
    written = "".join(path.read_text() for path in flows.rglob("*.py"))
    codes = {question.code for question in QUESTIONS}
    codes |= set(re.findall(r'(?:Found\(|return |code = )"([A-Z][A-Z_]{4,})"', written))
    codes |= set(re.findall(r'\("([A-Z]+(?:_[A-Z]+)+)", ', written)) | set(re.findall(r'", "([A-Z_]{5,})"\)', written))
    assert {
        "PAYOUT_SUM",
        "FX_ROUNDING",
        "ROLLFORWARD_BREAK",
        "MODE_MIX",
        "MISSING_WEBHOOK",
        "BANK_CREDIT_SPLIT",
    } <= codes
    assert codes - WORDS.keys() == set()
    assert all(words.meaning.endswith(".") and words.step.endswith(".") for words in WORDS.values())
