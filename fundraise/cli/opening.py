"""Opening the product for one command."""

from collections.abc import Iterator
from contextlib import contextmanager

from fundraise.app import build_parts
from fundraise.errors import SetupError
from fundraise.migrations import is_current
from fundraise.parts import Parts
from fundraise.settings import load_settings


@contextmanager
def opened() -> Iterator[Parts]:
    """Give the parts of the product as the settings say, on a database that is up to date."""
    settings = load_settings()
    if not is_current(settings):
        raise SetupError("The database has no schema yet, or an older one. Run: fundraise db upgrade")
    parts = build_parts(settings)
    parts.db.refuse_unclaimed_settings()
    try:
        yield parts
    finally:
        parts.db.close()
