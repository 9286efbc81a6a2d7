"""The books: only balanced entries, each once, corrected by reversal alone."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Session

from fundraise.appeals.tables import Appeal
from fundraise.bodies.tables import Body
from fundraise.campaigns.tables import Campaign
from fundraise.db import Database
from fundraise.ledger import post as post_module
from fundraise.ledger.accounts import Account
from fundraise.ledger.balances import balances, last_entry_id, make_checkpoint, rebuild_checkpoints
from fundraise.ledger.check import CHECKS
from fundraise.ledger.post import KeyReused, Leg, Unbalanced, post, reverse
from fundraise.settings import Settings

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def books(settings: Settings):
    """A database with two bodies (1 and 2) and a campaign (1)."""
    database = Database(settings.database_url)
    with database.write("test") as session:
        session.add_all([Body(slug=slug, legal_name=slug, name=slug, created_at=NOON) for slug in ("one", "two")])
        session.add(Appeal(slug="a", title="a", cause="a", created_at=NOON))
        session.flush()
        session.add(Campaign(slug="c", appeal_id=1, title="c", summary="c", organiser="o", created_at=NOON))
    yield database
    with database.read() as session:
        assert [finding for check in CHECKS for finding in check(session)] == []
    database.close()


def gift(minor: int = 5000, currency: str = "GBP", body_id: int = 1) -> list[Leg]:
    return [
        Leg(Account.STRIPE_FEE_UNKNOWN, minor, currency, body_id, campaign_id=1),
        Leg(Account.ONLINE_GIFTS, -minor, currency, body_id, campaign_id=1, counts=True),
    ]


def book(session: Session, key: str, legs: list[Leg], now: datetime = NOON) -> bool:
    return post(session, key, legs, why="test", occurred_at=now, now=now)


def total(database: Database, **asked: object) -> dict[object, int]:
    with database.read() as session:
        found = balances(session, ["account", "currency"], **asked)  # type: ignore[arg-type]
    return {balance.key: balance.minor for balance in found if balance.minor}


def test_an_entry_is_booked_once(books: Database) -> None:
    with books.write("test") as session:
        assert book(session, "payment:ch_1", gift())
        assert not book(session, "payment:ch_1", gift())
    with books.write("test") as session:
        assert not book(session, "payment:ch_1", gift())
    assert total(books) == {("1115", "GBP"): 5000, ("4110", "GBP"): -5000}


def test_one_key_never_stands_for_two_things(books: Database) -> None:
    with books.write("test") as session:
        book(session, "payment:ch_1", gift())
    with books.write("test") as session, pytest.raises(KeyReused):
        book(session, "payment:ch_1", gift(6000))


@pytest.mark.parametrize(
    "legs",
    [
        [Leg(Account.BANK, 100, "GBP", 1)],
        [Leg(Account.BANK, 100, "GBP", 1), Leg(Account.ONLINE_GIFTS, -99, "GBP", 1)],
        [Leg(Account.BANK, 100, "GBP", 1), Leg(Account.ONLINE_GIFTS, -100, "EUR", 1)],
        [Leg(Account.BANK, 100, "GBP", 1), Leg(Account.ONLINE_GIFTS, -100, "GBP", 2)],
        [Leg(Account.BANK, 100.0, "GBP", 1), Leg(Account.ONLINE_GIFTS, -100.0, "GBP", 1)],  # type: ignore[arg-type]
    ],
)
def test_what_does_not_balance_is_refused(books: Database, legs: list[Leg]) -> None:
    with pytest.raises(Unbalanced), books.write("test") as session:
        book(session, "payment:ch_1", legs)
    assert total(books) == {}


def test_a_correction_is_a_reversal_that_names_what_it_reverses(books: Database) -> None:
    with books.write("test") as session:
        book(session, "refund:re_1", gift())
        assert reverse(session, "refund-failed:re_1", "refund:re_1", why="failed", occurred_at=NOON, now=NOON)
        assert not reverse(session, "refund-failed:re_1", "refund:re_1", why="failed", occurred_at=NOON, now=NOON)
        assert not reverse(session, "refund-failed:re_2", "refund:re_2", why="failed", occurred_at=NOON, now=NOON)
    assert total(books) == {}


def test_a_total_at_a_past_moment_stays_what_it_was_even_when_the_clock_went_back(books: Database) -> None:
    moments = [NOON, NOON + timedelta(hours=1), NOON + timedelta(minutes=10), NOON + timedelta(hours=2)]
    asked = NOON + timedelta(hours=1)
    before = None
    for number, moment in enumerate(moments):
        with books.write("test") as session:
            book(session, f"payment:{number}", gift(1000), moment)
        if number == 1:
            before = total(books, as_of=asked)
    # The third was booked by a clock that had gone back; it counts from the second's moment on, in the same order.
    assert total(books, as_of=NOON) == {("1115", "GBP"): 1000, ("4110", "GBP"): -1000}
    assert before == {("1115", "GBP"): 2000, ("4110", "GBP"): -2000}
    assert total(books, as_of=NOON + timedelta(hours=3)) == {("1115", "GBP"): 4000, ("4110", "GBP"): -4000}


def test_an_entry_names_the_books_for_ever(books: Database) -> None:
    with books.write("test") as session:
        book(session, "payment:1", gift(1000))
    with books.read() as session:
        named = last_entry_id(session)
    with books.write("test") as session:
        book(session, "payment:2", gift(500))
    assert total(books, upto_entry_id=named) == {("1115", "GBP"): 1000, ("4110", "GBP"): -1000}


ENTRIES = st.lists(
    st.tuples(st.integers(-500, 500), st.sampled_from(["GBP", "EUR", "JPY"]), st.sampled_from([1, 2])), max_size=12
)


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries=ENTRIES, checkpoint_at=st.integers(0, 12), rebuild=st.booleans())
def test_checkpoints_change_nothing_but_the_time_it_takes(
    books: Database, entries: list[tuple[int, str, int]], checkpoint_at: int, *, rebuild: bool
) -> None:
    base = total(books)
    with books.read() as session:
        start = last_entry_id(session)
    for number, (minor, currency, body_id) in enumerate(entries):
        if number == checkpoint_at:
            make_checkpoint(books, least_lines=1)
        with books.write("test") as session:
            book(session, f"payment:{start}:{number}", gift(minor, currency, body_id))
    if rebuild:
        rebuild_checkpoints(books)
    with books.read() as session:
        plain = session.execute(
            text("SELECT account, currency, SUM(minor) FROM ledger_line GROUP BY account, currency")
        ).all()
        assert [finding for check in CHECKS for finding in check(session)] == []
    assert total(books) == {(account, currency): int(minor) for account, currency, minor in plain if minor}
    assert total(books, upto_entry_id=start) == base


def test_balances_answer_by_any_column(books: Database) -> None:
    with books.write("test") as session:
        book(session, "payment:1", gift(1000))
        book(session, "payment:2", gift(700, body_id=2))
        book(session, "payment:3", gift(300, "EUR"))
    make_checkpoint(books, least_lines=1)
    with books.write("test") as session:
        book(session, "payment:4", gift(40))
    with books.read() as session:
        by_body = balances(session, ["body_id"], account=Account.ONLINE_GIFTS, currency="GBP")
        by_campaign = balances(session, ["campaign_id", "currency"], campaign_ids=[1], counts=True)
    assert {balance.key: balance.minor for balance in by_body} == {(1,): -1040, (2,): -700}
    assert {balance.key: balance.minor for balance in by_campaign} == {(1, "GBP"): -1740, (1, "EUR"): -300}


def test_entries_and_lines_are_written_in_one_place() -> None:
    """What balances is made sure of by `post` and `reverse`, so nothing else may write to the ledger."""
    product = Path(post_module.__file__).parents[1]
    writing = re.compile(r"(insert\w*\s+into\s+|insert\(\s*)(ledger_entry|ledger_line|Entry\b|Line\b)", re.IGNORECASE)
    making = re.compile(r"\b(Entry|Line)\(\s*[a-z_]+=")
    places = set()
    for path in product.rglob("*.py"):
        source = path.read_text()
        is_of_ledger = "fundraise.ledger.tables" in source
        if writing.search(source) or (is_of_ledger and making.search(source)):
            places.add(path.relative_to(product).as_posix())
    assert places == {"ledger/post.py"}
