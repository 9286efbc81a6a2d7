"""The database holds what we claim of it, on every connection (reliability goals 13 and 23)."""

import threading
from pathlib import Path

import psycopg
import pytest
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from fundraise import engines
from fundraise.db import Database, note
from fundraise.engines import require_sound_sqlite
from fundraise.errors import SetupError
from fundraise.settings import Settings
from tests.databases import admin, fresh_postgresql, fresh_sqlite, url_of


@pytest.fixture
def database(settings: Settings):
    made = Database(settings.database_url)
    yield made
    made.close()


def count_donors(database: Database) -> int:
    with database.read() as session:
        return int(session.execute(text("SELECT COUNT(*) FROM donor")).scalar_one())


ADD_A_DONOR = text("INSERT INTO donor (name, email, created_at) VALUES ('Mara', '', '2026-11-22 12:00:00')")


def test_a_write_is_there_once_the_block_has_ended(database: Database) -> None:
    with database.write("test") as session:
        session.execute(ADD_A_DONOR)
    assert count_donors(database) == 1


def test_a_block_that_raises_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.write("test") as session:
        session.execute(ADD_A_DONOR)
        1 // 0  # noqa: B018
    assert count_donors(database) == 0


def test_an_error_says_nothing_of_what_was_written(database: Database) -> None:
    """It may come to stand in a log."""
    with pytest.raises(DatabaseError) as refused, database.write("test") as session:
        session.execute(text("INSERT INTO donor (name, email) VALUES (:name, '')"), {"name": "Mara Lindqvist"})
    assert "Mara" not in str(refused.value)


def test_a_read_cannot_write(database: Database) -> None:
    with pytest.raises(DatabaseError), database.read() as session:
        session.execute(ADD_A_DONOR)
    assert count_donors(database) == 0


def test_a_read_sees_one_snapshot(database: Database) -> None:
    with database.read() as session:
        assert session.execute(text("SELECT COUNT(*) FROM donor")).scalar_one() == 0
        with database.write("test") as writing:
            writing.execute(ADD_A_DONOR)
        assert session.execute(text("SELECT COUNT(*) FROM donor")).scalar_one() == 0
    assert count_donors(database) == 1


def test_listeners_hear_of_commits_and_of_nothing_else(database: Database) -> None:
    heard: list[frozenset[str]] = []
    database.on_commit(heard.append)
    with database.write("test") as session:
        note(session, "public")
        assert heard == []
    with pytest.raises(ZeroDivisionError), database.write("test") as session:
        note(session, "inbox")
        1 // 0  # noqa: B018
    assert heard == [frozenset({"public"})]


def test_writers_queue_and_none_is_lost(database: Database) -> None:
    def add() -> None:
        for _ in range(10):
            with database.write("test") as session:
                session.execute(ADD_A_DONOR)

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count_donors(database) == 80


@pytest.fixture
def on_sqlite(tmp_path: Path):
    with fresh_sqlite(tmp_path) as settings:
        made = Database(settings.database_url)
        yield made
        made.close()


CLAIMS = [
    ("journal_mode", "wal"),
    ("synchronous", 2),
    ("foreign_keys", 1),
    ("busy_timeout", 10000),
    ("trusted_schema", 0),
    ("secure_delete", 1),
    ("recursive_triggers", 1),
]


@pytest.mark.parametrize(("name", "value"), CLAIMS)
def test_sqlite_has_the_settings_we_claim(on_sqlite: Database, name: str, value: object) -> None:
    with on_sqlite.read() as reading:
        assert reading.execute(text(f"PRAGMA {name}")).scalar_one() == value
    with on_sqlite.write("test") as writing:
        assert writing.execute(text(f"PRAGMA {name}")).scalar_one() == value


def test_a_setting_that_sqlite_does_not_take_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(engines._SQLITE_CLAIMS, "synchronous", 7)
    with fresh_sqlite(tmp_path) as settings, pytest.raises(SetupError, match="synchronous"):
        database = Database(settings.database_url)
        with database.read() as session:
            session.execute(text("SELECT 1"))


@pytest.mark.parametrize("version", ["3.40.1", "3.50.4", "3.51.2", "3.7.0"])
def test_an_sqlite_that_can_corrupt_is_refused(version: str) -> None:
    with pytest.raises(SetupError, match="WAL-reset bug"):
        require_sound_sqlite(version)


@pytest.mark.parametrize("version", ["3.51.3", "3.53.4", "4.0.0"])
def test_a_sound_sqlite_is_taken(version: str) -> None:
    require_sound_sqlite(version)


def test_an_old_sqlite_stops_the_product_from_starting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "sqlite_version", "3.40.1")
    with pytest.raises(SetupError, match="pinned packages"):
        Database(f"sqlite:///{tmp_path / 'x.db'}")


LEDGER_ROWS = (
    "INSERT INTO body (slug, kind, legal_name, name, registration_number, regulator, country, currency, "
    "gift_aid_claimant, contact_email, website, refund_policy, last_receipt_number, created_at) VALUES "
    "('b', 'charity', 'B', 'B', '', '', 'GB', 'GBP', false, '', '', '', 0, '2026-11-22 12:00:00')",
    "INSERT INTO ledger_entry (key, kind, occurred_at, booked_at, why) VALUES "
    "('payment:1', 'payment', '2026-11-22 12:00:00', '2026-11-22 12:00:00', 'test')",
    "INSERT INTO ledger_line (entry_id, body_id, account, minor, currency, counts, gifts, held_at) "
    "SELECT e.id, b.id, '4110', -100, 'GBP', true, 1, '' FROM ledger_entry e, body b",
)
REFUSED = [
    "UPDATE ledger_entry SET why = 'other'",
    "UPDATE ledger_line SET minor = -200",
    "DELETE FROM ledger_entry",
    "DELETE FROM ledger_line",
    "DROP TABLE ledger_line",
    "DROP TABLE ledger_entry",
    "ALTER TABLE ledger_line ADD COLUMN x INTEGER",
]
REFUSED_ON = {
    "sqlite": [
        "REPLACE INTO ledger_entry (id, key, kind, occurred_at, booked_at, why) SELECT id, key, kind, occurred_at, "
        "booked_at, 'other' FROM ledger_entry",
        "DROP TRIGGER ledger_line_no_update",
        "PRAGMA recursive_triggers=0",
        "PRAGMA writable_schema=1",
        "PRAGMA synchronous=0",
    ],
    "postgresql": [
        "TRUNCATE ledger_line",
        "TRUNCATE ledger_entry CASCADE",
        "DROP TRIGGER ledger_line_no_change ON ledger_line",
        "ALTER TABLE ledger_line DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "INSERT INTO ledger_entry (id, key, kind, occurred_at, booked_at, why) SELECT id, key, kind, occurred_at, "
        "booked_at, why FROM ledger_entry ON CONFLICT (id) DO UPDATE SET why = 'other'",
    ],
}


@pytest.fixture
def booked(database: Database) -> Database:
    with database.write("test") as session:
        for statement in LEDGER_ROWS:
            session.execute(text(statement))
    return database


def test_the_app_can_only_add_to_the_ledger(booked: Database) -> None:
    allowed = []
    for statement in [*REFUSED, *REFUSED_ON[booked.dialect]]:
        try:
            with booked.write("test") as session:
                session.execute(text(statement))
            allowed.append(statement)
        except DatabaseError:
            pass
    assert allowed == []
    with booked.read() as session:
        assert session.execute(text("SELECT why, minor FROM ledger_entry, ledger_line")).one() == ("test", -100)


def test_control_without_its_trigger_a_row_of_sqlites_ledger_is_changed(tmp_path: Path) -> None:
    """What the test above relies on: the same statement goes through once the trigger is gone."""
    with fresh_sqlite(tmp_path) as settings:
        with sqlite.connect(settings.database_url.removeprefix("sqlite:///")) as connection:
            connection.execute("DROP TRIGGER ledger_line_no_update")
        connection.close()
        database = Database(settings.database_url)
        with database.write("test") as session:
            for statement in (*LEDGER_ROWS, REFUSED[1]):
                session.execute(text(statement))
        with database.read() as session:
            assert session.execute(text("SELECT minor FROM ledger_line")).scalar_one() == -200
        database.close()


def test_control_without_its_grants_the_trigger_still_holds_on_postgresql() -> None:
    with fresh_postgresql() as settings:
        owner = settings.migration_database_url
        with psycopg.connect(owner) as connection:
            for statement in LEDGER_ROWS:
                connection.execute(statement)
        with psycopg.connect(owner) as connection, pytest.raises(psycopg.Error, match="only added to"):
            connection.execute("UPDATE ledger_line SET minor = -200")
        with psycopg.connect(owner) as connection:
            connection.execute("ALTER TABLE ledger_line DISABLE TRIGGER USER")
            connection.execute("UPDATE ledger_line SET minor = -200")


def test_the_postgresql_role_of_the_product_is_taken() -> None:
    with fresh_postgresql() as settings:
        database = Database(settings.database_url)
        database.refuse_unclaimed_settings()
        database.close()


def test_a_postgresql_superuser_or_owner_is_refused() -> None:
    with fresh_postgresql() as settings:
        for url, says in (
            (settings.migration_database_url, "may change or drop"),
            (url_of(settings.database_url.split("@/")[1].split("?")[0], "postgres"), "superuser"),
        ):
            database = Database(url)
            with pytest.raises(SetupError, match=says):
                database.refuse_unclaimed_settings()
            database.close()


def test_postgresql_connections_have_their_time_limits(tmp_path: Path) -> None:
    with fresh_postgresql() as settings:
        database = Database(settings.database_url)
        with database.write("test") as session:
            assert session.execute(text("SHOW statement_timeout")).scalar_one() == "30s"
            assert session.execute(text("SHOW lock_timeout")).scalar_one() == "10s"
            assert session.execute(text("SHOW idle_in_transaction_session_timeout")).scalar_one() == "1min"
        database.close()


def test_a_server_that_forgets_commits_is_refused() -> None:
    with fresh_postgresql() as settings:
        name = settings.database_url.split("@/")[1].split("?")[0]
        with admin() as connection:
            connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")  # type: ignore[call-overload]
        database = Database(settings.database_url)
        with pytest.raises(SetupError, match="synchronous_commit"):
            database.refuse_unclaimed_settings()
        database.close()
