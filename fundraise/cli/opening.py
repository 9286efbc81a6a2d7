"""Opening the product for one command."""

from collections.abc import Iterator
from contextlib import contextmanager

from fundraise.assembly import build_parts
from fundraise.cli.database import settings_of_a_current_database
from fundraise.parts import Parts


@contextmanager
def opened() -> Iterator[Parts]:
    """Give the parts of the product as the settings say, on a database that is up to date."""
    parts = build_parts(settings_of_a_current_database())
    parts.db.refuse_unclaimed_settings()
    try:
        yield parts
    finally:
        parts.db.close()
