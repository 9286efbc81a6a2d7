"""The schema comes from the migrations alone, is what the code says, and is made once however many start at once.

Reliability goal 20: four processes at once, on an empty and an old database of both kinds; the soak has more rounds.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from fundraise.db import Database
from fundraise.errors import SetupError
from fundraise.migrations import differences_to_tables, ensure_current, is_current, upgrade
from fundraise.settings import Settings
from tests.databases import (
    SECRET_KEY,
    empty_postgresql,
    fresh_postgresql,
    make_as_first_released,
    settings_for,
)

ROOT = Path(__file__).parent.parent.parent
# What `fundraise db upgrade` does, without waiting for the rest of the command line.
UPGRADE = (
    "from fundraise.migrations import upgrade; from fundraise.settings import load_settings; "
    "print(upgrade(load_settings()))"
)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    with empty_database(request.param, tmp_path / "empty.db") as made:
        yield made


@contextmanager
def empty_database(kind: str, path: Path) -> Iterator[Settings]:
    if kind == "sqlite":
        yield settings_for(f"sqlite:///{path}")
    else:
        with empty_postgresql() as made:
            yield made


def test_the_migrations_make_what_the_code_says(empty: Settings) -> None:
    assert not is_current(empty)
    assert upgrade(empty)
    assert is_current(empty)
    assert not upgrade(empty)
    assert differences_to_tables(empty) == []


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_four_processes_starting_at_once_make_the_schema_once(database: str, tmp_path: Path) -> None:
    for number in range(2):
        with empty_database(database, tmp_path / f"{number}.db") as settings:
            if number % 2:
                make_as_first_released(settings)
            started = [start(settings) for _ in range(4)]
            said = [process.communicate(timeout=120)[0].strip() for process in started]
            assert [process.returncode for process in started] == [0] * 4, said
            assert sorted(words.split()[-1] for words in said) == ["False", "False", "False", "True"], said
            assert differences_to_tables(settings) == []


def start(settings: Settings) -> subprocess.Popen[str]:
    environment = {
        "FUNDRAISE_DATABASE_URL": settings.database_url,
        "FUNDRAISE_MIGRATION_DATABASE_URL": settings.migration_database_url,
        "FUNDRAISE_SECRET_KEY": SECRET_KEY,
        "PATH": "/usr/bin:/bin",
    }
    return subprocess.Popen(
        [sys.executable, "-c", UPGRADE],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_a_schema_newer_than_the_code_is_left_alone(empty: Settings) -> None:
    """Old code keeps working on the new schema: while hosts are renewed one by one, both run."""
    upgrade(empty)
    with _owner(empty) as database, database.write("test") as session:
        session.execute(text("UPDATE alembic_version SET version_num = '2099_01_01_of_the_future'"))
    assert is_current(empty)
    assert not upgrade(empty)
    ensure_current(empty)


def test_without_the_owners_address_an_old_schema_on_postgresql_is_refused_with_the_way_out() -> None:
    with empty_postgresql() as settings:
        alone = settings.model_copy(update={"migration_database_url": ""})
        with pytest.raises(SetupError, match="fundraise db upgrade"):
            ensure_current(alone)


def test_the_apps_role_gets_its_rights_again_with_every_upgrade() -> None:
    with fresh_postgresql() as settings:
        database = Database(settings.database_url)
        database.refuse_unclaimed_settings()
        with database.read() as session:
            granted = session.execute(
                text(
                    "SELECT table_name, privilege_type FROM information_schema.role_table_grants "
                    "WHERE grantee = 'app' AND table_name IN ('ledger_entry', 'ledger_line', 'alembic_version')"
                )
            ).all()
        database.close()
    rights = {"ledger_entry": {"SELECT", "INSERT"}, "ledger_line": {"SELECT", "INSERT"}, "alembic_version": {"SELECT"}}
    assert {name: {right for table, right in granted if table == name} for name in rights} == rights


def _owner(settings: Settings):
    class Owned:
        def __enter__(self) -> Database:
            self.database = Database(settings.migration_database_url or settings.database_url)
            return self.database

        def __exit__(self, *_exc: object) -> None:
            self.database.close()

    return Owned()
