"""Opening the database alone, for commands that need nothing else of the product."""

from collections.abc import Iterator
from contextlib import contextmanager

from fundraise.db import Database
from fundraise.errors import SetupError
from fundraise.migrations import is_current
from fundraise.settings import Settings, load_settings


def settings_of_a_current_database() -> Settings:
    """Return the settings; raises `SetupError` when the database's schema is not up to date."""
    settings = load_settings()
    if not is_current(settings):
        raise SetupError("The database has no schema yet, or an older one. Run: fundraise db upgrade")
    return settings


@contextmanager
def opened_database() -> Iterator[Database]:
    """Give the database as the settings say, when it is up to date."""
    db = Database(settings_of_a_current_database().database_url)
    try:
        db.refuse_unclaimed_settings()
        yield db
    finally:
        db.close()
