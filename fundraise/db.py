"""The one place that opens and commits transactions, on SQLite and on PostgreSQL.

`with db.read() as session` sees one consistent snapshot and cannot write. `with db.write("name") as session` is one
transaction that commits at the end of the block, or not at all when the block raises. `write_statement` and
`write_together` are for where crowds come.

A commit that raises has an unknown outcome (a full disk was measured to keep a commit that had raised): answer with a
fault, let the sender repeat, let the keys decide.

SQLite: one connection writes, behind one lock of this process, since SQLite's own waiting is unfair (1.2 s against
0.05 s at the 99th percentile, measured), and `BEGIN IMMEDIATE` keeps other processes out. PostgreSQL: READ COMMITTED
with row locks; the ledger adds an advisory lock of its own.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from typing import Any, Final, Generic, TypeVar

import psycopg
from psycopg.pq import TransactionStatus
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import Connection, event, text
from sqlmodel import Session

from fundraise import engines, faults, plain
from fundraise.clock import Clock, SystemClock
from fundraise.errors import SetupError, Unavailable

WRITER_WAIT_SECONDS: Final = 20
MOST_TOGETHER: Final = 32
# As many as there are threads that read; a connection takes as long to open as twenty questions, so these stay open.
MOST_READERS: Final = 64

T = TypeVar("T")
Listener = Callable[[frozenset[str]], None]


class Database:
    """One database, its connections, and who is told when something was committed."""

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        self.url = url
        self.clock: Clock = clock or SystemClock()
        self.dialect = "sqlite" if url.startswith("sqlite") else "postgresql"
        self._writer_lock = threading.Lock()
        self._waiting: deque[_Task[Any]] = deque()
        self._listeners: list[Listener] = []
        if self.dialect == "sqlite":
            engines.require_sound_sqlite(sqlite.sqlite_version)
            self._readers = engines.sqlite_engine(url, begin="BEGIN", query_only=True, pool_size=MOST_READERS)
            self._writers = engines.sqlite_engine(url, begin="BEGIN IMMEDIATE", query_only=False, pool_size=1)
        else:
            self._readers = engines.postgresql_engine(url, isolation="REPEATABLE READ", read_only=True)
            event.listen(self._readers, "rollback", _end_by_commit)
            self._writers = engines.postgresql_engine(url, isolation="READ COMMITTED", read_only=False)

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
        with self._one_writer(), Session(self._writers, expire_on_commit=False) as session:
            yield session
            session.flush()
            faults.point(f"{name}: before commit")
            session.commit()
            topics = frozenset(session.info.get("topics", ()))
        self._committed(name, topics)

    def write_statement(self, name: str, statement: str, values: Mapping[str, Any], *, topic: str) -> int:
        """Run one plain statement that is a transaction by itself; return how many rows it wrote.

        `topic` is told to listeners when it wrote any. SQLite begins, writes and commits it in one call. A thread that
        works beside a busy one waits for the interpreter after each call, so this one call is worth a third of what
        webhooks cost (measured). Raises `Unavailable` like `write`.
        """
        if self.dialect == "postgresql":
            with self.write(name) as session:
                written = plain.run(session, statement, values)
                if written:
                    note(session, topic)
            return written
        with self._one_writer(), closing(self._writers.raw_connection()) as connection:
            faults.point(f"{name}: before commit")
            written = int(plain.on_sqlite(connection.driver_connection, statement, values).rowcount)
        self._committed(name, frozenset({topic} if written else ()))
        return written

    def write_together(self, name: str, work: Callable[[Session], T]) -> T:
        """Do short work in a transaction and return its result; on SQLite with what else waits here to be written.

        A commit waits for the disk, and as long for one as for thirty. Each work has a savepoint of its own, so what
        one raises takes nothing of the others. When the commit raises, it is raised to all of them. The work writes by
        plain statements. Raises `Unavailable` like `write`.
        """
        if self.dialect == "postgresql":  # It commits together by itself what many connections bring.
            with self.write(name) as session:
                return work(session)
        task = _Task(name, work)
        self._waiting.append(task)
        try:
            with self._one_writer():
                while not task.is_done:
                    self._do_together()
        except Unavailable:
            with suppress(ValueError):
                self._waiting.remove(task)
                raise
            with self._writer_lock:  # It is not waiting any more: somebody is doing it, and lets go when it is done.
                pass
        result = task.outcome()
        self._committed(name, task.topics)
        return result

    def _do_together(self) -> None:
        """Do what waits, in one transaction."""
        batch: list[_Task[Any]] = []
        with suppress(IndexError):  # Whoever has waited too long takes their work away at any moment.
            while len(batch) < MOST_TOGETHER:
                batch.append(self._waiting.popleft())
        try:
            with self._writers.begin() as connection:
                for task in batch:
                    task.do(connection)
        except BaseException as problem:
            for task in batch:
                task.fail(problem)

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        if self.dialect == "postgresql":
            yield
            return
        if not self._writer_lock.acquire(timeout=WRITER_WAIT_SECONDS):
            raise Unavailable("The database is busy. Please try again in a moment.")
        try:
            yield
        finally:
            self._writer_lock.release()

    def _committed(self, name: str, topics: frozenset[str]) -> None:
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
                problems = engines.postgresql_problems(connection)
            if problems:
                raise SetupError("This PostgreSQL will not do:\n" + "\n".join(f"  {problem}" for problem in problems))

    def close(self) -> None:
        """Close all connections."""
        self._readers.dispose()
        self._writers.dispose()


def _end_by_commit(connection: Connection) -> None:
    """End a transaction that read by a commit, before it would be rolled back.

    There is nothing to undo, and on a rollback psycopg forgets every statement that it has prepared on the connection:
    each question would be planned anew each time.
    """
    if connection.invalidated:  # It was lost, and there is nothing to end; to ask for it would hide what was raised.
        return
    driver: Any = connection.connection.driver_connection
    if driver is not None and driver.info.transaction_status == TransactionStatus.INTRANS:
        with suppress(psycopg.Error):  # Then the rollback, which comes next, says what is wrong.
            driver.commit()


class _Task(Generic[T]):
    """Work that waits to be written together with other work, and what became of it."""

    def __init__(self, name: str, work: Callable[[Session], T]) -> None:
        self._name = name
        self._work = work
        self._results: list[T] = []
        self._problem: BaseException | None = None
        self.topics: frozenset[str] = frozenset()

    @property
    def is_done(self) -> bool:
        return bool(self._results) or self._problem is not None

    def do(self, connection: Connection) -> None:
        """Work in a savepoint. Raises what ends the whole transaction; what the work raises is its own outcome.

        The savepoint is the driver's: the session's own costs a tenth of all that a crowd of donors costs (measured).
        A flush that fails would end everybody's transaction instead of it, so there is nothing to flush here.
        """
        driver: Any = connection.connection.driver_connection
        driver.execute("SAVEPOINT work")
        try:
            with Session(connection, autoflush=False, join_transaction_mode="rollback_only") as session:
                result = self._worked(session)
                faults.point(f"{self._name}: before commit")
                self.topics = frozenset(session.info.get("topics", ()))
            driver.execute("RELEASE work")
            self._results.append(result)
        except BaseException as problem:  # Also the death that a test plays: it is that of its own thread.
            self._problem = problem
            # A full disk makes SQLite end the transaction by itself; what was done before it is gone as well.
            if not driver.in_transaction:
                raise
            driver.execute("ROLLBACK TO work")
            driver.execute("RELEASE work")

    def _worked(self, session: Session) -> T:
        result = self._work(session)
        if session.new or session.dirty or session.deleted:
            raise RuntimeError(f"{self._name}: what is written together is written by plain statements")
        return result

    def fail(self, problem: BaseException) -> None:
        """Note that the transaction was not committed, or that nobody knows whether it was."""
        self._problem = self._problem or problem

    def outcome(self) -> T:
        """Return the result of the work, or raise what it or the commit raised."""
        if self._problem is not None:
            raise self._problem
        return self._results[0]


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
