"""Fixtures of what stands on the floor."""

from collections.abc import Iterator

import pytest

from fundraise.db import Database
from fundraise.settings import Settings


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    made = Database(settings.database_url)
    yield made
    made.close()
