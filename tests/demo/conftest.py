"""The demonstration as a visitor finds it, told once for all tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from fundraise.app import create_app
from fundraise.assembly import build_parts
from fundraise.demo.preparing import prepare
from fundraise.gateways.stripe.client import StripeGateway
from fundraise.gateways.stripe.in_process import InProcessClient
from fundraise.sandbox import FrozenClock, Sandbox
from fundraise.settings import load_settings
from tests.mailbox import Mailbox
from tests.staff.office import Office, signed_in
from tests.world import SandboxClock, World, ask


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A visitor at the demonstration, signed in to the staff pages; the books are checked when they leave."""
    folder: Path = tmp_path_factory.mktemp("demo")
    prepare(folder)
    settings = load_settings(folder / ".env")
    sandbox = Sandbox(clock=FrozenClock(0), base_url=settings.stripe_api_base)
    sandbox.load(folder / "sandbox.json")
    client = InProcessClient(ask(sandbox))
    gateway = StripeGateway(settings.stripe_api_base, http_client=client, async_client=lambda: client)
    parts = build_parts(settings, clock=SandboxClock(sandbox), payments=gateway, mailer=Mailbox())
    app = create_app(settings, parts=parts, run_jobs=False)
    with TestClient(app, base_url=settings.base_url, follow_redirects=False, raise_server_exceptions=False) as browser:
        accounts = {each["terms"]["business_name"]: each for each in sandbox.control("accounts")["accounts"]}
        world = World(settings, sandbox, parts, browser, Mailbox(), accounts=accounts)
        yield signed_in(world, browser, "visitor")
        assert world.findings() == []
    parts.db.close()
