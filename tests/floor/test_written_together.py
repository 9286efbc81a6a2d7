"""Works that wait at the same moment share one commit, and nothing else: not a fault, not a death, not a result."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from fundraise import db as db_module
from fundraise import faults
from fundraise.db import Database, note
from fundraise.donations.tables import Donor
from fundraise.errors import Unavailable
from tests.databases import fresh_sqlite
from tests.floor.donors import Death, names

MANY = 12


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Database]:
    with fresh_sqlite(tmp_path) as settings:
        made = Database(settings.database_url)
        yield made
        made.close()


def add(name: str) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        statement = text("INSERT INTO donor (name, email, created_at) VALUES (:name, '', '2026-11-22 12:00:00')")
        session.execute(statement, {"name": name})
        return name

    return work


def commits_of(database: Database) -> list[str]:
    """Return a list that grows with every commit of the one writer."""
    seen: list[str] = []
    event.listen(database._writers, "commit", lambda _connection: seen.append("commit"))
    return seen


def all_at_once(database: Database, works: list[Callable[[Session], str]]) -> list[str | BaseException]:
    """Let every work wait while the writer is busy, then let them be written; return what each came to."""

    def one(work: Callable[[Session], str]) -> str | BaseException:
        try:
            return database.write_together("test", work)
        except BaseException as problem:
            return problem

    with ThreadPoolExecutor(len(works)) as threads:
        with database.write("busy"):
            asked = [threads.submit(one, work) for work in works]
            while database.dialect == "sqlite" and len(database._waiting) < len(works):
                threading.Event().wait(0.005)
        return [future.result() for future in asked]


def test_each_gets_its_own_result_and_all_is_there(database: Database) -> None:
    wanted = [f"donor {place:02d}" for place in range(MANY)]
    assert all_at_once(database, [add(name) for name in wanted]) == wanted
    assert names(database) == wanted


def test_what_waits_shares_one_commit(on_sqlite: Database) -> None:
    commits = commits_of(on_sqlite)
    all_at_once(on_sqlite, [add(str(place)) for place in range(MANY)])
    assert len(commits) == 1


def test_control_alone_each_has_its_commit(on_sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db_module, "MOST_TOGETHER", 1)
    commits = commits_of(on_sqlite)
    all_at_once(on_sqlite, [add(str(place)) for place in range(MANY)])
    assert len(commits) == MANY


def test_one_that_raises_takes_nothing_of_the_others(database: Database) -> None:
    def raises(session: Session) -> str:
        add("never")(session)
        raise ZeroDivisionError

    done = all_at_once(database, [add("a"), raises, add("b"), raises, add("c")])
    assert [repr(each) for each in done] == ["'a'", "ZeroDivisionError()", "'b'", "ZeroDivisionError()", "'c'"]
    assert names(database) == ["a", "b", "c"]


def test_work_that_leaves_something_to_be_flushed_is_refused_alone(on_sqlite: Database) -> None:
    def leaves(session: Session) -> str:
        session.add(Donor(name="never", email="", created_at=datetime(2026, 11, 22, tzinfo=UTC)))
        return "never"

    done = all_at_once(on_sqlite, [add("a"), leaves, add("b")])
    assert [type(each) for each in done] == [str, RuntimeError, str]
    assert names(on_sqlite) == ["a", "b"]


def test_what_the_database_refuses_one_takes_nothing_of_the_others(database: Database) -> None:
    def refused(session: Session) -> str:
        add("never")(session)
        session.execute(text("INSERT INTO donor (name) VALUES (NULL)"))
        return "never"

    done = all_at_once(database, [add("a"), refused, add("b")])
    assert [type(each) for each in done] == [str, IntegrityError, str]
    assert names(database) == ["a", "b"]


def test_a_death_before_the_commit_is_that_of_its_own_work(database: Database) -> None:
    seen: list[str] = []

    def at(point: str) -> None:
        if point == "test: before commit":
            seen.append(point)
            if len(seen) == 2:
                raise Death

    with faults.listening(at):
        done = all_at_once(database, [add("a"), add("b"), add("c")])
    assert sorted(type(each).__name__ for each in done) == ["Death", "str", "str"]
    assert len(names(database)) == 2


def test_a_commit_that_fails_fails_for_all(on_sqlite: Database) -> None:
    def refuse(_connection: object) -> None:
        raise OSError("disk")

    event.listen(on_sqlite._writers, "commit", refuse)
    done = all_at_once(on_sqlite, [add("a"), add("b")])
    assert [type(each) for each in done] == [OSError, OSError]
    assert names(on_sqlite) == []


def test_a_transaction_that_the_database_ended_was_done_for_nobody(on_sqlite: Database) -> None:
    """SQLite rolls all back by itself when a disk is full; a commit after that would say nothing."""

    def loses_all(session: Session) -> str:
        session.connection().exec_driver_sql("ROLLBACK")
        raise OSError("disk full")

    done = all_at_once(on_sqlite, [add("a"), loses_all, add("b")])
    assert [isinstance(each, Exception) for each in done] == [True, True, True]
    assert names(on_sqlite) == []


def test_listeners_hear_what_each_work_touched(database: Database) -> None:
    heard: list[frozenset[str]] = []
    database.on_commit(heard.append)

    def touching(topic: str) -> Callable[[Session], str]:
        def work(session: Session) -> str:
            note(session, topic)
            return topic

        return work

    all_at_once(database, [touching("public"), touching("inbox"), add("quiet")])
    assert sorted(map(sorted, heard)) == [["inbox"], ["public"]]


def test_who_waits_too_long_is_told_and_nothing_is_written(
    on_sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db_module, "WRITER_WAIT_SECONDS", 0.05)
    with on_sqlite.write("busy"), pytest.raises(Unavailable):
        on_sqlite.write_together("test", add("late"))
    on_sqlite.write_together("test", add("next"))
    assert names(on_sqlite) == ["next"]


def test_work_that_is_taken_away_while_a_batch_is_gathered_takes_nothing_along(on_sqlite: Database) -> None:
    class TakenAway(deque[Any]):
        """Whoever waited too long takes their work away just before it would be gathered, once."""

        left = 1

        def popleft(self) -> Any:
            if len(self) == 1 and self.left:
                self.left = 0
                raise IndexError("pop from an empty deque")
            return super().popleft()

    on_sqlite._waiting = TakenAway()
    assert all_at_once(on_sqlite, [add("a"), add("b"), add("c")]) == ["a", "b", "c"]
    assert names(on_sqlite) == ["a", "b", "c"]
