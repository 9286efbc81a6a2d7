"""A statement that is a transaction by itself: all of its rows or none, told to listeners once it is committed."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pysqlite3 import dbapi2 as sqlite
from sqlmodel import Session

from fundraise import db as db_module
from fundraise import engines, faults, plain
from fundraise.db import Database
from fundraise.errors import Unavailable
from tests.databases import fresh_sqlite
from tests.floor.donors import Death, names

ONE = "INSERT INTO donor (name, email, created_at) VALUES (:name, '', '2026-11-29 12:00:00')"
TWO = (
    "INSERT INTO donor (name, email, created_at) "
    "VALUES (:first, '', '2026-11-29 12:00:00'), (:second, '', '2026-11-29 12:00:00')"
)
RENAME = "UPDATE donor SET name = :now WHERE name = :before"


def test_listeners_hear_of_it_when_it_is_there(database: Database) -> None:
    heard: list[tuple[frozenset[str], list[str]]] = []
    database.on_commit(lambda topics: heard.append((topics, names(database))))
    assert database.write_statement("test", TWO, {"first": "a", "second": "b"}, topic="inbox") == 2
    assert heard == [(frozenset({"inbox"}), ["a", "b"])]


def test_nobody_hears_of_nothing(database: Database) -> None:
    heard: list[frozenset[str]] = []
    database.on_commit(heard.append)
    assert database.write_statement("test", RENAME, {"now": "a", "before": "nobody"}, topic="inbox") == 0
    assert heard == []


def test_one_row_that_is_refused_takes_the_others_with_it(database: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)not.null"):
        database.write_statement("test", TWO, {"first": "a", "second": None}, topic="inbox")
    assert names(database) == []
    database.write_statement("test", ONE, {"name": "next"}, topic="inbox")
    assert names(database) == ["next"]


@pytest.mark.parametrize(("side", "left"), [("before", []), ("after", ["a"])])
def test_a_death_before_the_commit_leaves_nothing_and_one_after_it_everything(
    database: Database, side: str, left: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(name: str) -> None:
        if name == f"test: {side} commit":
            raise Death

    with monkeypatch.context() as dying:
        dying.setattr(faults, "point", dies)
        with pytest.raises(Death):
            database.write_statement("test", ONE, {"name": "a"}, topic="inbox")
    assert names(database) == left
    assert database.write_statement("test", ONE, {"name": "next"}, topic="inbox") == 1


def beside_a_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Write while another process does, which here is another `Database` on the same file; return who is there."""
    begun = threading.Event()
    monkeypatch.setattr(faults, "point", lambda name: begun.set() if name == "test: before commit" else None)
    with fresh_sqlite(tmp_path) as settings:
        ours, theirs = Database(settings.database_url), Database(settings.database_url)
        try:
            with ThreadPoolExecutor(1) as thread, theirs.write("theirs") as session:
                plain.run(session, ONE, {"name": "first"})
                waits = thread.submit(ours.write_statement, "test", ONE, {"name": "second"}, topic="inbox")
                assert begun.wait(10)
                with pytest.raises(TimeoutError):
                    waits.result(timeout=0.3)
                session.commit()
                assert waits.result(timeout=10) == 1
            return names(ours)
        finally:
            ours.close()
            theirs.close()


def test_it_waits_for_another_process_that_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert beside_a_writer(tmp_path, monkeypatch) == ["first", "second"]


def test_control_without_patience_it_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_SECONDS", 0)
    monkeypatch.setitem(engines._SQLITE_CLAIMS, "busy_timeout", 0)
    with pytest.raises(sqlite.OperationalError, match="locked"):
        beside_a_writer(tmp_path, monkeypatch)


def test_a_writer_that_stays_busy_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db_module, "WRITER_WAIT_SECONDS", 0.01)
    with fresh_sqlite(tmp_path) as settings:
        database = Database(settings.database_url)
        with ThreadPoolExecutor(1) as thread, database.write("test: busy"):
            asked = thread.submit(database.write_statement, "test", ONE, {"name": "a"}, topic="inbox")
            with pytest.raises(Unavailable):
                asked.result()
        database.close()


def test_a_value_may_stand_twice_and_a_text_that_looks_like_a_place_is_none(database: Database) -> None:
    def asked(session: Session) -> list[tuple[object, ...]]:
        question = "SELECT ':name', CAST(:a AS integer) + CAST(:b AS integer) + CAST(:a AS integer)"
        return [tuple(row) for row in plain.ask(session, question, {"b": 5, "a": 1, "name": "never"})]

    with database.read() as session:
        assert asked(session) == [(":name", 7)]
