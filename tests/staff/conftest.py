"""An office: the product, a local Stripe, and somebody who is signed in."""

import pytest

from tests.staff.office import Office, signed_in
from tests.world import World


@pytest.fixture
def office(world: World) -> Office:
    """An office of a fresh installation: nothing is set up yet."""
    return signed_in(world, world.donor)


@pytest.fixture
def at_shelter(shelter: World) -> Office:
    """An office of a world with one charity, its Stripe account and a live campaign `winter`."""
    return signed_in(shelter, shelter.donor)
