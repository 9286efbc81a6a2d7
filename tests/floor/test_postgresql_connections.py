"""Kept connections to PostgreSQL: not used when their server has gone, and their statements stay prepared."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, OperationalError

from fundraise import db, engines, plain
from fundraise.db import Database
from fundraise.settings import Settings
from tests.databases import admin, fresh_postgresql

QUESTION = "SELECT COUNT(*) FROM donor WHERE name = :name"
ADD_A_DONOR = text("INSERT INTO donor (name, email, created_at) VALUES ('Mara', '', '2026-11-22 12:00:00')")


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Settings]:
    with fresh_postgresql() as settings:
        yield settings


@pytest.fixture
def database(postgresql: Settings) -> Iterator[Database]:
    made = Database(postgresql.database_url)
    yield made
    made.close()


def donors_called(database: Database, name: str) -> int:
    with database.read() as session:
        return int(plain.ask(session, QUESTION, {"name": name})[0][0])


def prepared(database: Database) -> int:
    with database.read() as session:
        return int(plain.ask(session, "SELECT COUNT(*) FROM pg_prepared_statements")[0][0])


def read_and_write(database: Database) -> None:
    donors_called(database, "Jo")
    with database.write("test") as session:
        session.execute(ADD_A_DONOR)


def end_all_connections(settings: Settings) -> None:
    """Do to this database what a server does that is started anew: it says so on each connection, and closes it."""
    name = urlsplit(settings.database_url).path.removeprefix("/")
    with admin() as server:
        server.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", (name,))


def test_after_the_server_ended_all_connections_the_next_read_and_write_do(
    database: Database, postgresql: Settings
) -> None:
    read_and_write(database)
    before = donors_called(database, "Mara")
    end_all_connections(postgresql)
    read_and_write(database)
    assert donors_called(database, "Mara") == before + 1


def test_control_without_a_look_at_the_connection_they_fail(
    postgresql: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_refuse_the_lost", lambda *_: None)
    blind = Database(postgresql.database_url)
    read_and_write(blind)
    end_all_connections(postgresql)
    with pytest.raises(OperationalError):
        donors_called(blind, "Mara")
    with pytest.raises(OperationalError), blind.write("test") as session:
        session.execute(ADD_A_DONOR)
    blind.close()


@pytest.mark.parametrize(("rest_seconds", "asked"), [(engines.REST_SECONDS, 0), (-1.0, 1)])
def test_a_connection_that_rested_is_asked_and_one_in_use_is_not(
    database: Database, monkeypatch: pytest.MonkeyPatch, rest_seconds: float, asked: int
) -> None:
    donors_called(database, "Mara")
    monkeypatch.setattr(engines, "REST_SECONDS", rest_seconds)
    said: list[str] = []
    execute = psycopg.Connection.execute

    def heard(self: psycopg.Connection, query: str, *rest: object) -> psycopg.Cursor:
        said.append(query)
        return execute(self, query, *rest)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(psycopg.Connection, "execute", heard)
    donors_called(database, "Mara")
    assert said.count("SELECT 1") == asked


def test_what_is_asked_often_is_planned_once(database: Database) -> None:
    for _ in range(8):
        donors_called(database, "Mara")
    assert prepared(database) == 1


def test_control_when_reads_end_by_a_rollback_it_is_planned_each_time(
    postgresql: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "_end_by_commit", lambda _connection: None)
    database = Database(postgresql.database_url)
    for _ in range(8):
        donors_called(database, "Mara")
    assert prepared(database) == 0
    database.close()


def test_a_read_that_failed_leaves_its_connection_good(database: Database) -> None:
    with pytest.raises(DatabaseError), database.read() as session:
        session.execute(text("SELECT nothing FROM donor"))
    with pytest.raises(psycopg.Error), database.read() as session:
        plain.ask(session, "SELECT nothing FROM donor")
    assert donors_called(database, "Nobody") == 0


def test_a_read_whose_connection_is_lost_on_the_way_says_so(database: Database, postgresql: Settings) -> None:
    """And not that a transaction must be rolled back, which is what comes of it."""
    with pytest.raises(OperationalError), database.read() as session:
        session.execute(text("SELECT 1"))
        end_all_connections(postgresql)
        session.execute(text("SELECT 1"))
    assert donors_called(database, "Nobody") == 0


def test_what_the_address_says_of_the_network_holds(postgresql: Settings) -> None:
    sign = "&" if "?" in postgresql.database_url else "?"
    database = Database(f"{postgresql.database_url}{sign}keepalives_idle=77")
    with database.read() as session:
        said = plain._driver(session).info.get_parameters()
    database.close()
    assert (said["keepalives_idle"], said["keepalives_count"]) == ("77", "3")


def test_a_network_that_says_nothing_is_waited_for_a_minute_at_most(database: Database) -> None:
    with database.read() as session:
        said = plain._driver(session).info.get_parameters()
    asked_after = int(said["keepalives_idle"]) + int(said["keepalives_interval"]) * int(said["keepalives_count"])
    assert asked_after <= 60
    assert int(said["tcp_user_timeout"]) <= 60_000
