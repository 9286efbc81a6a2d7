"""A shelter with a bank account, and somebody on its staff at a browser."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from fundraise import error_answers
from fundraise.flows.bank_accounts import add_bank_account
from fundraise.flows.staff_entry import enter, make_link
from fundraise.web.guard import Guard
from fundraise.web.staff import bank_lines, statements
from fundraise.web.staff.door import COOKIE
from tests.statements.bank_files import PUBLIC_FILES
from tests.statements.teller import Teller
from tests.world import World

# Not skipped where the files are not at hand, but no test at all: nothing of the product is left unproven by it.
collect_ignore = [] if PUBLIC_FILES.is_dir() else ["test_public_files.py"]


@pytest.fixture
def teller(shelter: World) -> Teller:
    account_id = add_bank_account(shelter.parts, name="current", body_slug="shelter", currency="GBP")
    return Teller(shelter, account_id)


@pytest.fixture
def stranger(teller: Teller) -> Iterator[TestClient]:
    parts = teller.world.parts
    app = FastAPI()
    app.state.parts = parts
    app.include_router(statements.router)
    app.include_router(bank_lines.router)
    error_answers.install(app)
    client = TestClient(
        Guard(app, parts.settings),
        base_url=parts.settings.base_url,
        follow_redirects=False,
        raise_server_exceptions=False,
    )
    with client as browser:
        yield browser


@pytest.fixture
def staff(teller: Teller, stranger: TestClient) -> TestClient:
    token = make_link(teller.world.parts, "Priya Raman").rpartition("/")[2]
    stranger.cookies.set(COOKIE, enter(teller.world.parts, token))
    return stranger
