"""Bringing a database's schema up to date, one process at a time, and giving the app's role its rights."""

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.pool import NullPool

from fundraise.engines import psycopg_url, require_sound_sqlite, role_of, sqlite_path
from fundraise.errors import SetupError
from fundraise.settings import Settings

_MIGRATION_LOCK = 0x4D494752  # "MIGR"
_ONLY_ADDED_TO = ("ledger_entry", "ledger_line", "increment", "own_increment", "gift_increment")
logger = logging.getLogger(__name__)


def upgrade(settings: Settings) -> bool:
    """Run what is missing of the migrations; return whether there was anything to run. Safe to start many times."""
    with _one_at_a_time(settings) as connection:
        config = alembic_config(connection)
        before = _revision(connection)
        if before is not None and not _is_known(config, before):
            logger.warning("The schema is newer than this code (%s); it is left as it is.", before)
            return False
        command.upgrade(config, "head")
        connection.commit()
        if connection.dialect.name == "postgresql":
            _grant(connection, role_of(settings.database_url))
            connection.commit()
        return _revision(connection) != before


def is_current(settings: Settings) -> bool:
    """Tell whether the schema is at least what this code needs."""
    with _connection(settings.database_url) as connection:
        config = alembic_config(connection)
        revision = _revision(connection)
        if revision is None:
            return False
        return not _is_known(config, revision) or revision == ScriptDirectory.from_config(config).get_current_head()


def ensure_current(settings: Settings) -> None:
    """Bring the schema up to date where we may, else raise `SetupError` saying how."""
    if settings.database_url.startswith("sqlite") or settings.migration_database_url:
        upgrade(settings)
    elif not is_current(settings):
        raise SetupError(
            "The database's schema is not up to date. Set FUNDRAISE_MIGRATION_DATABASE_URL to the owner's address and "
            "run: fundraise db upgrade"
        )


def differences_to_tables(settings: Settings) -> list[object]:
    """Compare the database with the tables in the code; empty when they agree."""
    from fundraise.tables import metadata  # noqa: PLC0415  Only this question needs every table of the product.

    with _connection(settings.migration_database_url or settings.database_url) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))


def alembic_config(connection: Connection) -> Config:
    """Return Alembic's configuration for the migrations beside this package, or inside it once installed."""
    inside = Path(__file__).parent / "alembic"
    scripts = inside if inside.is_dir() else Path(__file__).parent.parent / "alembic"
    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.set_main_option("file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(slug)s")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    if url.startswith("sqlite"):
        require_sound_sqlite(sqlite.sqlite_version)
        path = sqlite_path(url)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        engine = create_engine(url, module=sqlite, poolclass=NullPool, connect_args={"timeout": 30})

        @event.listens_for(engine, "connect")
        def on_connect(connection: object, _record: object) -> None:
            connection.isolation_level = None  # type: ignore[attr-defined]
            connection.execute("PRAGMA journal_mode=wal")  # type: ignore[attr-defined]
            connection.execute("PRAGMA synchronous=2")  # type: ignore[attr-defined]

        @event.listens_for(engine, "begin")
        def on_begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        engine = create_engine(
            psycopg_url(url),
            poolclass=NullPool,
            connect_args={"connect_timeout": 10, "options": "-c lock_timeout=2000"},
        )
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@contextmanager
def _one_at_a_time(settings: Settings) -> Iterator[Connection]:
    """Wait until no other process migrates: an advisory lock on PostgreSQL, a lock file beside an SQLite file."""
    url = settings.migration_database_url or settings.database_url
    if url.startswith("sqlite"):
        lock_file = sqlite_path(url).with_suffix(".migrating")
        lock_file.parent.mkdir(parents=True, exist_ok=True)
        with lock_file.open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            with _connection(url) as connection:
                yield connection
        return
    with _connection(url) as connection:
        connection.execute(text("SET lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _MIGRATION_LOCK})
        connection.execute(text("SET lock_timeout = 2000"))
        connection.commit()
        try:
            yield connection
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _MIGRATION_LOCK})
            connection.commit()


def _revision(connection: Connection) -> str | None:
    revision = MigrationContext.configure(connection).get_current_revision()
    connection.rollback()
    return revision


def _is_known(config: Config, revision: str) -> bool:
    try:
        return ScriptDirectory.from_config(config).get_revision(revision) is not None
    except CommandError:
        return False


def _grant(connection: Connection, role: str) -> None:
    """Let the app's role work with every table, and only add to the ledger."""
    owner = connection.scalar(text("SELECT current_user"))
    if role == owner:
        return
    quoted = connection.dialect.identifier_preparer.quote(role)
    schema = connection.dialect.identifier_preparer.quote(str(connection.scalar(text("SELECT current_schema()"))))
    connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {quoted}"))
    connection.execute(text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {quoted}"))
    connection.execute(text(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {quoted}"))
    for table in _ONLY_ADDED_TO:
        connection.execute(text(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {quoted}"))
    connection.execute(text(f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON alembic_version FROM {quoted}"))
