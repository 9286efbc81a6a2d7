"""The one place that opens and commits transactions, on SQLite and on PostgreSQL.

`with db.read() as session` sees one consistent snapshot and cannot write. `with db.write("name") as session` is one
transaction that commits at the end of the block, or not at all when the block raises. A commit that raises has an
unknown outcome (a full disk was measured to keep a commit that had raised): answer with a fault, let the sender
repeat, let the keys decide.

SQLite: one connection writes, behind one lock of this process, since SQLite's own waiting is unfair (1.2 s against
0.05 s at the 99th percentile, measured), and `BEGIN IMMEDIATE` keeps other processes out. PostgreSQL: READ COMMITTED
with row locks; the ledger adds an advisory lock of its own.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session

from fundraise import faults
from fundraise.clock import Clock, SystemClock
from fundraise.errors import SetupError, Unavailable

# Older versions can corrupt a database when two connections checkpoint at once (sqlite.org/wal.html#walresetbug).
LEAST_SQLITE: Final = (3, 51, 3)
LEAST_POSTGRESQL: Final = 150000
BUSY_TIMEOUT_SECONDS: Final = 10
WRITER_WAIT_SECONDS: Final = 20
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

Listener = Callable[[frozenset[str]], None]


class Database:
    """One database, its connections, and who is told when something was committed."""

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        self.url = url
        self.clock: Clock = clock or SystemClock()
        self.dialect = "sqlite" if url.startswith("sqlite") else "postgresql"
        self._writer_lock = threading.Lock()
        self._listeners: list[Listener] = []
        if self.dialect == "sqlite":
            require_sound_sqlite(sqlite.sqlite_version)
            self._readers = _sqlite_engine(url, begin="BEGIN", query_only=True, pool_size=10)
            self._writers = _sqlite_engine(url, begin="BEGIN IMMEDIATE", query_only=False, pool_size=1)
        else:
            self._readers = _postgresql_engine(url, isolation="REPEATABLE READ", read_only=True)
            self._writers = _postgresql_engine(url, isolation="READ COMMITTED", read_only=False)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open one consistent snapshot to ask questions of."""
        with Session(self._readers, autoflush=False, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self, name: str) -> Iterator[Session]:
        """Open one transaction that commits when the block ends; `name` says what for, and names its fault points.

        Raises `Unavailable` when SQLite's one writer stays busy for 20 seconds.
        """
        if self.dialect == "sqlite" and not self._writer_lock.acquire(timeout=WRITER_WAIT_SECONDS):
            raise Unavailable("The database is busy. Please try again in a moment.")
        try:
            with Session(self._writers, expire_on_commit=False) as session:
                yield session
                session.flush()
                faults.point(f"{name}: before commit")
                session.commit()
                topics = frozenset(session.info.get("topics", ()))
        finally:
            if self.dialect == "sqlite":
                self._writer_lock.release()
        faults.point(f"{name}: after commit")
        if topics:
            for listener in self._listeners:
                listener(topics)

    def on_commit(self, listener: Listener) -> None:
        """Tell `listener` the topics of each later commit of this process, after it happened."""
        self._listeners.append(listener)

    def refuse_unclaimed_settings(self) -> None:
        """Raise `SetupError` when the server or the role is not what we promise people to run on."""
        if self.dialect == "postgresql":
            with self._writers.connect() as connection:
                problems = _postgresql_problems(connection)
            if problems:
                raise SetupError("This PostgreSQL will not do:\n" + "\n".join(f"  {problem}" for problem in problems))

    def close(self) -> None:
        """Close all connections."""
        self._readers.dispose()
        self._writers.dispose()


def note(session: Session, topic: str) -> None:
    """Say what this transaction touches; listeners hear it once it is committed.

    `inbox`, `outbox`, `public`, and beside `public` `gifts` when figures are all that changed for the public.
    """
    session.info.setdefault("topics", set()).add(topic)


def one_after_the_other(session: Session, what: str) -> None:
    """Let those who do `what` come one after the other, each until its transaction ends.

    For what is looked at and then written where no row is there yet to be held. On SQLite the transaction itself holds
    everybody else off.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"), {"what": what})


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


def _sqlite_engine(url: str, *, begin: str, query_only: bool, pool_size: int) -> Engine:
    sqlite_path(url).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        module=sqlite,
        hide_parameters=True,  # An error that is logged quotes its statement; what donors wrote stays out of it.
        pool_size=pool_size,
        max_overflow=0 if pool_size == 1 else 30,
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
        connection.exec_driver_sql(begin)

    return engine


def _authorize(action: int, first: str | None, second: str | None, *_where: str | None) -> int:
    if action in _REFUSED_ON_SQLITE:
        return int(sqlite.SQLITE_DENY)
    if action == sqlite.SQLITE_PRAGMA and first in {*_SQLITE_CLAIMS, "writable_schema"} and second is not None:
        return int(sqlite.SQLITE_DENY)
    return int(sqlite.SQLITE_OK)


def _postgresql_engine(url: str, *, isolation: str, read_only: bool) -> Engine:
    options = _POSTGRESQL_OPTIONS + (" -c default_transaction_read_only=on" if read_only else "")
    engine = create_engine(
        psycopg_url(url),
        isolation_level=isolation,
        hide_parameters=True,
        pool_size=5,
        max_overflow=7,
        pool_pre_ping=True,
        connect_args={"options": options, "connect_timeout": 10, "application_name": "fundraise"},
    )

    @event.listens_for(engine, "handle_error")
    def without_values(context: ExceptionContext) -> None:
        """Keep the first line alone: those after it show the row or the key that was refused."""
        for problem in (context.original_exception, context.sqlalchemy_exception):
            if problem is not None and problem.args:
                problem.args = (str(problem.args[0]).partition("\n")[0], *problem.args[1:])

    return engine


def _postgresql_problems(connection: Connection) -> list[str]:
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
