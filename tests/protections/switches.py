"""Switches that take protections away, one each, where the protection lies."""

import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import psycopg
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlmodel import Session, col, select

from fundraise import plain
from fundraise.bodies.tables import Body
from fundraise.flows import staff_entry
from fundraise.receipts.tables import Receipt
from fundraise.staff.tables import StaffLink
from tests.world import World

_numbers = itertools.count(1)
Switch = Callable[[World], AbstractContextManager[Any]]


def replaced(where: Any, name: str, by: Any) -> Switch:
    """Put something else in the place of a function, a table or a limit."""
    return lambda _world: patch.object(where, name, by)


def always(answer: Any) -> Callable[..., Any]:
    """Return a function that says the same whatever it is asked."""
    return lambda *_, **__: answer


def bug(made: Callable[[], AbstractContextManager[None]]) -> Switch:
    """Put in one of the bugs that the long simulation looks for too."""
    return lambda _world: made()


def other(*_: Any) -> str:
    """Return a name that nothing had before, in place of one made of what a thing is about."""
    return f"other{next(_numbers)}"


def without_key(table: str, columns: str) -> Switch:
    """Drop a table's key, and let what was to be put there once be put there again."""

    @contextmanager
    def switched(world: World) -> Iterator[None]:
        without_unique(world, table, columns)
        with ExitStack() as stack:
            for dialect in (sqlite_dialect, postgresql):
                stack.enter_context(patch.object(dialect.Insert, "on_conflict_do_nothing", lambda self, **_: self))
            stack.enter_context(patch.object(plain, "ask", _insisting(plain.ask)))
            yield

    return switched


def _insisting(ask: Callable[..., Any]) -> Callable[..., Any]:
    """Return how plain statements are asked when none gives way to a row that is there."""
    return lambda session, sql, values=None: ask(session, re.sub(r"ON CONFLICT \([^)]*\) DO NOTHING", "", sql), values)


def without_unique(world: World, table: str, columns: str) -> None:
    """Take the unique constraint from a table that is still empty."""
    if world.parts.db.dialect == "postgresql":
        with psycopg.connect(world.settings.migration_database_url) as connection:
            found = connection.execute(
                "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'u'", (table,)
            ).fetchall()
            for (name,) in found:
                connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')  # type: ignore[call-overload]
        return
    with sqlite.connect(world.settings.database_url.removeprefix("sqlite:///")) as connection:
        made = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
        plain, count = re.subn(rf',\s*(?:CONSTRAINT \S+ )?UNIQUE \("?{columns}"?\)', "", made)
        assert count == 1, made
        connection.execute(f"DROP TABLE {table}")
        connection.execute(plain)
    connection.close()


@contextmanager
def one_writer_among_many(world: World) -> Iterator[None]:
    """Begin write transactions like reads, several at once, as SQLite does when nobody says otherwise."""
    from fundraise import engines  # noqa: PLC0415  Its private parts are what is taken away.

    class Open:
        def acquire(self, **_: Any) -> bool:
            return True

        def release(self) -> None:
            pass

    engine = engines.sqlite_engine(world.settings.database_url, begin="BEGIN", query_only=False, pool_size=8)
    with (
        patch.object(world.parts.db, "_writers", engine),
        patch.object(world.parts.db, "_writer_lock", Open()),
        patch.dict(engines._SQLITE_CLAIMS, {"busy_timeout": 200}),
    ):
        yield
    engine.dispose()


def number_drawn_alone(session: Session, donation_id: int, body_id: int, now: Any) -> Receipt:
    """Draw the receipt's number in a transaction of its own, which is kept whatever becomes of the gift."""
    bind: Any = session.get_bind()
    with bind.engine.connect() as alone:
        number = alone.execute(
            text("UPDATE body SET last_receipt_number = last_receipt_number + 1 WHERE id = :id "
                 "RETURNING last_receipt_number"), {"id": body_id},
        ).scalar_one()  # fmt: skip
        alone.commit()
    body = session.exec(select(Body).where(col(Body.id) == body_id)).one()
    made = Receipt(
        donation_id=donation_id,
        body_id=body_id,
        number=number,
        issued_at=now,
        legal_name=body.legal_name,
        registration_number=body.registration_number,
        regulator=body.regulator,
    )
    session.add(made)
    return made


@contextmanager
def links_that_open_again(world: World) -> Iterator[None]:
    """Forget that a link was used."""
    enter = staff_entry.enter

    def entered(parts: Any, token: str) -> str:
        opened = enter(parts, token)
        with world.parts.db.write("test") as session:
            for link in session.exec(select(StaffLink)):
                link.used_at = None
        return opened

    with patch.object(staff_entry, "enter", entered):
        yield
