"""Money: whole minor units, exact in every currency, read as people write it (reliability goal 15)."""

import ast
import random
from decimal import Context, Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iso4217 import Currency

from fundraise import money
from fundraise.donations.charging import CardFee
from fundraise.gateways.stripe import units
from fundraise.money import AmountError, Money, exponent
from fundraise.sandbox.messages import StripeError
from fundraise.sandbox.money import check_chargeable

CURRENCIES = sorted(currency.code for currency in Currency if currency.exponent is not None)
AMOUNTS = st.integers(min_value=0, max_value=10**12)


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("10", "GBP", 1000),
        ("£10", "GBP", 1000),
        ("10 £", "GBP", 1000),
        ("10 GBP", "GBP", 1000),
        ("gbp 10", "GBP", 1000),
        ("1,50", "GBP", 150),
        ("1.50", "GBP", 150),
        ("1,5", "GBP", 150),
        (".5", "GBP", 50),
        ("5.", "GBP", 500),
        ("1 000", "GBP", 100000),
        ("1\u00a0000", "GBP", 100000),
        ("1'000.50", "GBP", 100050),
        ("1,000.00", "GBP", 100000),
        ("1.000,00", "GBP", 100000),
        ("1,000,000", "GBP", 100000000),
        ("٣", "GBP", 300),
        ("٣٫٥", "GBP", 350),
        ("١٬٥٠٠", "GBP", 150000),
        ("１２", "GBP", 1200),
        ("0", "GBP", 0),
        ("1,000", "JPY", 1000),
        ("1000", "JPY", 1000),
        ("1.234", "KWD", 1234),
        ("0,125", "KWD", 125),
        ("$5", "USD", 500),
        ("$5", "CAD", 500),
    ],
)
def test_reads_what_people_type(typed: str, currency: str, minor: int) -> None:
    assert money.parse(typed, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("typed", "currency", "says"),
    [
        ("", "GBP", "write an amount"),
        ("   ", "GBP", "write an amount"),
        ("1,500", "GBP", "two ways"),
        ("1.500", "GBP", "two ways"),
        ("1,500", "KWD", "two ways"),
        ("-1", "GBP", "above zero"),
        ("−1", "GBP", "above zero"),
        ("0.001", "GBP", "at most 2 digits"),
        ("12.3456", "KWD", "at most 3 digits"),
        ("100.5", "JPY", "no smaller unit"),
        ("1,50", "JPY", "no smaller unit"),
        ("1e309", "GBP", "digits"),
        ("NaN", "GBP", "digits"),
        ("²", "GBP", "digits"),
        ("10p", "GBP", "digits"),
        ("+5", "GBP", "digits"),
        ("€10", "GBP", "You wrote €"),
        ("$10", "GBP", "You wrote $"),
        ("12 34", "GBP", "could not read"),
        ("1,2,3", "GBP", "could not read"),
        ("1..5", "GBP", "could not read"),
        ("1.2.3,4", "GBP", "could not read"),
        ("9223372036854775808", "GBP", "more than we can take"),
        ("1" * 41, "GBP", "too long"),
    ],
)
def test_asks_back_and_never_guesses(typed: str, currency: str, says: str) -> None:
    with pytest.raises(AmountError, match=says.replace("$", r"\$")):
        money.parse(typed, currency)


@given(AMOUNTS, st.sampled_from(CURRENCIES))
def test_what_is_printed_plainly_is_read_back(minor: int, currency: str) -> None:
    amount = Money(minor, currency)
    assert money.parse(money.plain(amount), currency) == amount


@given(st.integers(0, 10**7), st.sampled_from(["GBP", "EUR", "USD", "CAD", "JPY"]))
def test_what_is_printed_for_people_is_read_back(minor: int, currency: str) -> None:
    amount = Money(minor, currency)
    shown = money.show(amount).replace("US$", "$").replace("CA$", "$").replace("JP¥", "¥")
    try:
        assert money.parse(shown, currency) == amount
    except AmountError as asked:
        assert "two ways" in str(asked)


@given(st.text(max_size=40), st.sampled_from(["GBP", "JPY", "KWD"]))
def test_whatever_is_typed_is_read_or_asked_back(typed: str, currency: str) -> None:
    try:
        assert money.parse(typed, currency).minor >= 0
    except AmountError as asked:
        assert str(asked)


@given(AMOUNTS, st.integers(1, 50), st.sampled_from(CURRENCIES))
def test_an_even_split_loses_nothing(minor: int, parts: int, currency: str) -> None:
    shares = money.split_evenly(Money(minor, currency), parts)
    assert sum(share.minor for share in shares) == minor
    assert max(shares, key=lambda share: share.minor).minor - min(shares, key=lambda share: share.minor).minor <= 1


@given(st.integers(0, 10**9), st.lists(st.integers(1, 1000), min_size=1, max_size=8))
def test_shares_taken_one_after_the_other_are_the_whole(whole: int, parts: list[int]) -> None:
    total = sum(parts)
    taken, gone = 0, 0
    for part in parts:
        gone += part
        taken += money.share(whole, gone, total) - money.share(whole, gone - part, total)
    assert taken == whole


def test_splits_fees_and_conversions_sum_exactly() -> None:
    """Reliability goal 15: 100,000 examples, each against fractions that round nothing before the end."""
    chance = random.Random(20170401)
    for _ in range(25_000):
        currency, into = chance.sample(CURRENCIES, 2)
        whole = Money(chance.randrange(10 ** chance.randrange(1, 13)), currency)
        parts = chance.randrange(1, 50)
        shares = money.split_evenly(whole, parts)
        assert sum(share.minor for share in shares) == whole.minor
        assert max(shares).minor - min(shares).minor <= 1

        gift, cover = chance.randrange(1, 10**7), chance.randrange(10**4)
        settled = chance.randrange(10**9)
        for_gift = money.share(settled, gift, gift + cover)
        assert for_gift + money.share(settled, cover, gift + cover) - settled in {-1, 0, 1}
        assert for_gift == round(Fraction(settled * gift, gift + cover))

        rate = Decimal(chance.randrange(1, 10**6)).scaleb(-chance.randrange(0, 6))
        exact = Fraction(whole.minor) * Fraction(rate) * Fraction(10) ** (exponent(into) - exponent(currency))
        assert money.convert_minor(whole.minor, currency, rate, into) == round(exact)

        first = Money(chance.randrange(whole.minor + 1), currency)
        assert first + (whole - first) == whole


@given(st.sampled_from(CURRENCIES), AMOUNTS)
def test_stripes_units_and_ours_say_the_same(currency: str, minor: int) -> None:
    amount = Money(minor, currency)
    try:
        stripe_units = units.to_stripe(amount)
    except ValueError:
        assert money.exponent(currency) > units.stripe_exponent(currency) or minor % 10
        return
    assert units.money(stripe_units, currency) == amount


@pytest.mark.parametrize(
    ("currency", "minor", "stripe_minor"),
    [("GBP", 1234, 1234), ("JPY", 500, 500), ("ISK", 5, 500), ("UGX", 5, 500), ("MGA", 500, 5), ("KWD", 5120, 5120)],
)
def test_stripes_odd_currencies(currency: str, minor: int, stripe_minor: int) -> None:
    assert units.to_stripe(Money(minor, currency)) == stripe_minor
    assert units.from_stripe(stripe_minor, currency) == minor


def test_conversion_rounds_half_to_even() -> None:
    assert money.convert(Money(500, "GBP"), Decimal("0.001"), "USD") == Money(0, "USD")
    assert money.convert(Money(1500, "GBP"), Decimal("0.001"), "USD") == Money(2, "USD")
    assert money.convert(Money(100, "USD"), Decimal("110.5"), "JPY") == Money(110, "JPY")
    # treasury.md's example: KES 345,600.00 at 173.9540 to the pound.
    assert money.convert(Money(34_560_000, "KES"), 1 / Decimal("173.9540"), "GBP") == Money(198_673, "GBP")


@pytest.mark.parametrize("minor", [8379, 19_551, 30_723, 41_895])
def test_an_amount_beside_a_half_is_not_rounded_twice(minor: int) -> None:
    rate = Context(prec=28).divide(Decimal("0.8338"), Decimal("1.1172"))  # Dollars to pounds through the euro.
    exact = round(Fraction(minor) * Fraction(rate))
    assert money.convert(Money(minor, "USD"), rate, "GBP").minor == exact
    assert money.convert_minor(minor, "USD", rate, "GBP") == exact


def test_two_currencies_are_never_added() -> None:
    with pytest.raises(TypeError):
        Money(1, "GBP") + Money(1, "EUR")
    with pytest.raises(TypeError):
        Money(1.0, "GBP")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="XXX"):
        Money(1, "XXX")


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (Money(123456, "GBP"), "£1,234.56"),
        (Money(1000, "JPY"), "JP¥1,000"),
        (Money(1234, "KWD"), "KWD1.234"),
        (Money(5, "ISK"), "ISK5"),
        (Money(-300, "USD"), "-US$3.00"),
    ],
)
def test_printing_shows_all_decimals_of_iso_4217(amount: Money, shown: str) -> None:
    assert money.show(amount) == shown


MONEY_MODULES = ("money.py", "payments.py", "ledger", "flows", "donations", "figures", "gateways/stripe", "settlements")


def test_no_float_comes_near_money() -> None:
    """No float literal, no float() and no true division of amounts in the modules that handle money."""
    root = Path(money.__file__).parent
    found = []
    for name in MONEY_MODULES:
        path = root / name
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
                cast = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
                division = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
                if literal or cast or division:
                    found.append(f"{file.relative_to(root)}:{node.lineno}")
    assert found == []


@pytest.mark.parametrize("currency", CURRENCIES)
def test_what_one_charge_may_come_to_is_what_the_local_stripe_takes(currency: str) -> None:
    """The product and the local Stripe each read Stripe's page on currencies; here they are held against each other."""
    limits = units.charge_limits(currency)

    def is_taken(minor: int) -> bool:
        try:
            check_chargeable(units.to_stripe(Money(minor, currency)), currency.lower())
        except (ValueError, StripeError):
            return False
        return True

    assert [is_taken(minor) for minor in (limits.least_minor, limits.least_minor + limits.step_minor)] == [True, True]
    assert [is_taken(minor) for minor in (limits.most_minor, limits.most_minor + limits.step_minor)] == [True, False]
    assert not is_taken(limits.least_minor - limits.step_minor)
    assert is_taken(limits.least_minor + 1) == (limits.step_minor == 1)


@given(st.integers(0, 10**9), st.integers(1, 50), st.integers(1, 100))
def test_a_split_in_steps_stays_in_steps(steps: int, parts: int, step: int) -> None:
    shares = money.split_evenly(Money(steps * step, "KWD"), parts, step_minor=step)
    assert sum(share.minor for share in shares) == steps * step
    assert {share.minor % step for share in shares} == {0}
    assert max(shares).minor - min(shares).minor in {0, step}


def test_what_is_in_no_steps_is_not_split_in_steps() -> None:
    with pytest.raises(ValueError, match="steps of 10"):
        money.split_evenly(Money(1005, "KWD"), 2, step_minor=10)


@given(st.integers(1, 10**7), st.integers(0, 2000), st.integers(0, 500), st.sampled_from(["GBP", "JPY", "KWD", "MGA"]))
def test_a_fee_cover_is_what_cards_take_and_never_too_little(gift: int, rate: int, fixed: int, currency: str) -> None:
    limits, fee = units.charge_limits(currency), CardFee(rate, fixed)
    gift = limits.rounded_up(gift)
    cover = fee.cover(gift, limits)
    assert cover % limits.step_minor == 0
    assert gift + cover - fee.of(gift + cover) in range(gift, gift + limits.step_minor + 1)
