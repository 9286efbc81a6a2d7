"""A shelter in an appeal, whose partners the story names."""

import pytest

from tests.partners.fellowship import Fellowship
from tests.world import World


@pytest.fixture
def fellowship(shelter: World) -> Fellowship:
    return Fellowship(shelter)
