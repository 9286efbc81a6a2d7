"""The town of the corpus, with somebody of its staff at a browser."""

import pytest

from fundraise.flows.staff_entry import enter, make_link
from fundraise.web.staff.door import COOKIE
from tests.injection.town import Place, fill
from tests.world import World


@pytest.fixture
def places(world: World) -> list[Place]:
    found = fill(world)
    token = make_link(world.parts, "Priya Raman").rpartition("/")[2]
    world.donor.cookies.set(COOKIE, enter(world.parts, token))
    return found
