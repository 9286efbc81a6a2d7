"""A treasurer at a desk."""

import pytest

from fundraise.flows.bank_accounts import add_bank_account
from tests.staff.money.desk import Desk
from tests.world import World


@pytest.fixture
def desk(shelter: World) -> Desk:
    add_bank_account(shelter.parts, name="current", body_slug="shelter", currency="GBP")
    made = Desk(shelter, shelter.donor)
    made.sign_in()
    return made
