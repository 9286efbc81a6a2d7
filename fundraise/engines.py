"""Connections to SQLite and PostgreSQL, with the settings we promise people to run on."""

import select
import time
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import psycopg
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from fundraise.errors import SetupError

# Older versions can corrupt a database when two connections checkpoint at once (sqlite.org/wal.html#walresetbug).
LEAST_SQLITE: Final = (3, 51, 3)
LEAST_POSTGRESQL: Final = 150000
BUSY_TIMEOUT_SECONDS: Final = 10
REST_SECONDS: Final = 30.0  # A kept connection that rested longer is asked whether its server is still there.
_USED_AT: Final = f"{__name__}: used at"
_SQLITE_CLAIMS: Final = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: an acknowledged commit survives a power cut.
    "foreign_keys": 1,
    "busy_timeout": BUSY_TIMEOUT_SECONDS * 1000,
    "trusted_schema": 0,
    "secure_delete": 1,
    "recursive_triggers": 1,  # REPLACE would delete a ledger row without asking its trigger.
}
# What SQLite's authorizer refuses outside migrations; INSERT, UPDATE and DELETE are the triggers' business.
_REFUSED_ON_SQLITE: Final = frozenset(
    getattr(sqlite, f"SQLITE_{name}")
    for name in (
        "DROP_TABLE", "DROP_INDEX", "DROP_TRIGGER", "DROP_VIEW", "ALTER_TABLE", "ATTACH", "DETACH",
        "CREATE_TRIGGER", "CREATE_TEMP_TRIGGER", "DROP_TEMP_TRIGGER",
    )
)  # fmt: skip
_POSTGRESQL_OPTIONS: Final = (
    "-c statement_timeout=30000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=60000 -c TimeZone=UTC"
)

# A network that loses a connection says nothing, and the system would wait for a quarter of an hour, or two hours where
# an answer is waited for (libpq's "connection control functions": seconds, and milliseconds for the last).
_PATIENCE_WITH_A_NETWORK: Final = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def require_sound_sqlite(version: str) -> None:
    """Raise `SetupError` for an SQLite with the WAL-reset bug, in every version before 3.51.3."""
    if tuple(int(part) for part in version.split(".")) < LEAST_SQLITE:
        raise SetupError(
            f"This SQLite is {version}. Versions before {'.'.join(map(str, LEAST_SQLITE))} can corrupt a database in "
            "the mode we use (sqlite.org/wal.html, 'WAL-reset bug'). Install the pinned packages "
            "(pip install -r requirements.txt brings a sound one), or use PostgreSQL."
        )


def sqlite_path(url: str) -> Path:
    """Return the file that an `sqlite:///…` address names."""
    return Path(url.removeprefix("sqlite:///"))


def psycopg_url(url: str) -> str:
    """Return the address with the driver named, as SQLAlchemy wants it."""
    return "postgresql+psycopg://" + url.split("://", 1)[1]


def role_of(url: str) -> str:
    """Return the role an address logs in as."""
    return urlsplit(url).username or ""


def sqlite_engine(url: str, *, begin: str, query_only: bool, pool_size: int) -> Engine:
    """Return an engine whose every connection takes our settings, or raises `SetupError`."""
    sqlite_path(url).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        module=sqlite,
        hide_parameters=True,  # An error that is logged quotes its statement; what donors wrote stays out of it.
        pool_size=pool_size,
        max_overflow=0 if pool_size == 1 else 30,
        pool_use_lifo=True,
        connect_args={"timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False, "cached_statements": 512},
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # We say BEGIN ourselves.
        for name, value in _SQLITE_CLAIMS.items():
            connection.execute(f"PRAGMA {name}={value}")
        if query_only:
            connection.execute("PRAGMA query_only=1")
        for name, value in _SQLITE_CLAIMS.items():
            found = connection.execute(f"PRAGMA {name}").fetchone()[0]
            if found != value:
                raise SetupError(f"SQLite did not take {name}={value} (it says {found}); is the file on a local disk?")
        connection.set_authorizer(_authorize)

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        if query_only:  # Nothing can refuse it, so the driver is asked itself: a fifth of the time (measured).
            connection.connection.driver_connection.execute(begin)  # type: ignore[union-attr]
        else:
            connection.exec_driver_sql(begin)

    return engine


def _authorize(action: int, first: str | None, second: str | None, *_where: str | None) -> int:
    if action in _REFUSED_ON_SQLITE:
        return int(sqlite.SQLITE_DENY)
    if action == sqlite.SQLITE_PRAGMA and first in {*_SQLITE_CLAIMS, "writable_schema"} and second is not None:
        return int(sqlite.SQLITE_DENY)
    return int(sqlite.SQLITE_OK)


def postgresql_engine(url: str, *, isolation: str, read_only: bool) -> Engine:
    """Return an engine that gives up on what takes too long, and whose errors show no values."""
    options = _POSTGRESQL_OPTIONS + (" -c default_transaction_read_only=on" if read_only else "")
    said_by_the_operator = parse_qs(urlsplit(url).query)
    patience = {name: value for name, value in _PATIENCE_WITH_A_NETWORK.items() if name not in said_by_the_operator}
    engine = create_engine(
        psycopg_url(url),
        isolation_level=isolation,
        hide_parameters=True,
        pool_size=5,
        max_overflow=7,
        connect_args={"options": options, "application_name": "fundraise", **patience},
    )
    event.listen(engine, "checkin", _note_when)
    event.listen(engine, "checkout", _refuse_the_lost)

    @event.listens_for(engine, "handle_error")
    def without_values(context: ExceptionContext) -> None:
        """Keep the first line alone: those after it show the row or the key that was refused."""
        for problem in (context.original_exception, context.sqlalchemy_exception):
            if problem is not None and problem.args:
                problem.args = (str(problem.args[0]).partition("\n")[0], *problem.args[1:])

    return engine


def _note_when(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info[_USED_AT] = time.monotonic()


def _refuse_the_lost(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Raise what makes the pool connect afresh where the server of a kept connection is no longer there.

    A server that went away said so on the connection, which has something to read since. One that the network lost
    says nothing, so after some rest it is asked. To ask each time costs as much as two questions (measured).
    """
    used_at = record.info.get(_USED_AT)
    if used_at is None:  # It was opened just now.
        return
    try:
        heard = select.poll()
        heard.register(connection.fileno(), select.POLLIN)
        if heard.poll(0) or time.monotonic() - used_at > REST_SECONDS:
            connection.execute("SELECT 1")
            connection.rollback()
    except psycopg.Error:
        raise InvalidatePoolError from None


def postgresql_problems(connection: Connection) -> list[str]:
    """Return what of this server or this role is not as we promise."""
    problems = []
    if int(connection.scalar(text("SHOW server_version_num")) or 0) < LEAST_POSTGRESQL:
        problems.append("version 15 or newer is needed")
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        value = connection.scalar(text(f"SHOW {name}"))
        if value in {"off", "local"} and not (name == "synchronous_commit" and value == "local"):
            problems.append(f"{name} is {value}: an acknowledged gift could be lost in a power cut; set it to on")
    if connection.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")):
        problems.append(
            "the role is a superuser, which no trigger can hold; make a plain role for FUNDRAISE_DATABASE_URL and "
            "name the owner in FUNDRAISE_MIGRATION_DATABASE_URL"
        )
    writable = connection.scalars(
        text(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relname IN ('ledger_entry', 'ledger_line') AND n.nspname = current_schema() AND ("
            "has_table_privilege(c.oid, 'UPDATE') OR has_table_privilege(c.oid, 'DELETE') "
            "OR has_table_privilege(c.oid, 'TRUNCATE') OR pg_has_role(c.relowner, 'MEMBER'))"
        )
    ).all()
    if writable:
        problems.append(
            f"the role may change or drop {', '.join(sorted(writable))}; let another role own the tables "
            "(FUNDRAISE_MIGRATION_DATABASE_URL) and run fundraise db upgrade"
        )
    return problems
