"""A shelter with a bank account."""

import pytest

from fundraise.flows.bank_accounts import add_bank_account
from tests.statements.teller import Teller
from tests.world import World


@pytest.fixture
def teller(shelter: World) -> Teller:
    account_id = add_bank_account(shelter.parts, name="current", body_slug="shelter", currency="GBP")
    return Teller(shelter, account_id)
