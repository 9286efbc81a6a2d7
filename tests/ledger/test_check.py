"""Every check of the books finds the break it is there for, and names it."""

import json
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from pysqlite3 import dbapi2 as sqlite

from fundraise.db import Database
from fundraise.flows.bank_accounts import add_bank_account
from fundraise.flows.check_books import CHECKS_OF_BOOKS, check_books
from fundraise.flows.check_combined import CHECKS_OF_TOTALS
from fundraise.ledger import check
from fundraise.ledger.balances import make_checkpoint
from fundraise.settings import Settings
from tests.databases import SECRET_KEY, fresh_sqlite
from tests.world import World, small_world

BREAKS = {
    "unbalanced_entry": "UPDATE ledger_line SET minor = minor + 1 WHERE account = '5110'",
    "entry_without_lines": "INSERT INTO ledger_entry (key, kind, occurred_at, booked_at, why) "
    "SELECT 'x:1', 'x', occurred_at, booked_at, why FROM ledger_entry ORDER BY id DESC LIMIT 1",
    "line_without_entry": "UPDATE ledger_line SET entry_id = 999999 WHERE account = '5110'",
    "unknown_account": "UPDATE ledger_line SET account = '9999' WHERE account = '5110'",
    "reversal_differs": "UPDATE ledger_line SET account = '1010' WHERE account = '1110' AND entry_id = "
    "(SELECT id FROM ledger_entry WHERE reverses_id IS NOT NULL)",
    "booked_out_of_order": "UPDATE ledger_entry SET booked_at = '2001-01-01 00:00:00' WHERE id = "
    "(SELECT MAX(id) FROM ledger_entry)",
    "checkpoint_differs": "UPDATE ledger_checkpoint_balance SET minor = minor + 1 WHERE account = '5110'",
    "paid_without_entry": "UPDATE donation SET charge_id = 'ch_other'",
    "counted_and_not_paid": "UPDATE donation SET state = 'failed', paid_at = NULL",
    "counted_wrongly": "UPDATE donation SET gift_minor = gift_minor + 1",
    "paid_without_receipt": "DELETE FROM receipt",
    "receipts_with_gaps": "UPDATE body SET last_receipt_number = last_receipt_number + 1",
    "bank_differs_from_matches": "UPDATE ledger_line SET account = '1010', held_at = 'bank:1' WHERE account = '1110'; "
    "UPDATE ledger_entry SET kind = 'bank'",
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_is_found_and_named(settings: Settings, name: str) -> None:
    finds(settings, name)


@pytest.mark.parametrize("name", ["unbalanced_entry", "booked_out_of_order", "checkpoint_differs"])
def test_a_break_is_found_wherever_a_range_ends(settings: Settings, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "_ENTRIES_AT_ONCE", {"sqlite": 1, "postgresql": 1})
    finds(settings, name)


def test_a_booking_that_went_back_is_found_where_an_id_is_missing_before_it(settings: Settings) -> None:
    later = "UPDATE ledger_entry SET id = id + 5 WHERE id = (SELECT MAX(id) FROM ledger_entry); "
    finds(settings, "booked_out_of_order", later + BREAKS["booked_out_of_order"])


@pytest.mark.parametrize("body", ["body_id", "77"])
def test_an_unknown_account_is_found_between_known_ones_and_of_every_body(settings: Settings, body: str) -> None:
    moved = f"UPDATE ledger_line SET account = '1111', body_id = {body} WHERE account = '5110'"
    finds(settings, "unknown_account", moved)


def finds(settings: Settings, name: str, broken_by: str = "") -> None:
    with small_world(settings) as world:
        body = world.body()
        world.account(body)
        world.campaign(body)
        gift = world.paid_gift("50")
        add_bank_account(world.parts, name="current", body_slug="shelter", currency="GBP")
        if name == "reversal_differs":
            refund_that_fails(world, gift.session)
        make_checkpoint(world.parts.db, least_lines=1)
        assert world.findings() == []
        seed(settings, broken_by or BREAKS[name])
        world.books_are_broken = True
        assert any(finding.startswith(name) for finding in world.findings())


def test_every_check_has_its_break(settings: Settings) -> None:
    """A new check comes with a break that raises it; combined totals have theirs in `tests/partners`."""
    with small_world(settings) as world, world.parts.db.read() as session:
        assert len(CHECKS_OF_BOOKS) == len(BREAKS) + len(CHECKS_OF_TOTALS)
        assert check_books(session) == []


def test_the_command_says_what_it_found_and_exits_with_1(tmp_path: Path) -> None:
    with fresh_sqlite(tmp_path) as settings:
        database = Database(settings.database_url)
        database.close()
        assert run_check(settings.database_url).returncode == 0
        seed(
            settings,
            "INSERT INTO ledger_entry (key, kind, occurred_at, booked_at, why) "
            "VALUES ('x:1', 'x', '2026-01-01 00:00:00', '2026-01-01 00:00:00', '')",
        )
        done = run_check(settings.database_url, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["findings"][0]["check"] == "entry_without_lines"


def run_check(database_url: str, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {"FUNDRAISE_DATABASE_URL": database_url, "FUNDRAISE_SECRET_KEY": SECRET_KEY, "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-m", "fundraise", "check", *options]
    root = Path(__file__).parent.parent.parent
    return subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True, check=False)


def refund_that_fails(world: World, session_id: str) -> None:
    world.advance(days=10)
    session = world.stripe_object("checkout/sessions", session_id)
    charge = world.stripe_object("payment_intents", session["payment_intent"])["latest_charge"]
    refund = world.sandbox.control("refund", {"charge": charge, "amount": 1000})
    world.settle()
    world.sandbox.control("refund-fail", {"refund": refund["id"]})
    world.settle()


def seed(settings: Settings, statement: str) -> None:
    """Break the books as no part of the product can: as the owner, with every trigger and key out of the way."""
    if settings.database_url.startswith("sqlite"):
        connection = sqlite.connect(settings.database_url.removeprefix("sqlite:///"))
        for table in ("ledger_entry", "ledger_line"):
            for action in ("update", "delete"):
                connection.execute(f"DROP TRIGGER {table}_no_{action}")
        connection.executescript(statement)
        connection.commit()
        connection.close()
        return
    from tests.databases import url_of  # noqa: PLC0415

    name = settings.database_url.split("@/")[1].split("?")[0]
    with psycopg.connect(url_of(name, "postgres")) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(statement)  # type: ignore[arg-type]
