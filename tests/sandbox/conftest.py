from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
import stripe

from fundraise.sandbox import Sandbox
from tests.sandbox.driving import add_account, client, new_sandbox
from tests.sandbox.spec_gate import gate

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

# Tests that need what this machine has not are not collected, so that nothing shows as skipped.
collect_ignore = [
    *([] if CHROMIUM else ["test_pages_in_browser.py"]),
    *([] if os.environ.get("STRIPE_TEST_KEY") else ["test_against_real_stripe.py"]),
]


@pytest.fixture(autouse=True)
def _nothing_off_spec() -> Iterator[None]:
    """Fail a test in which anything was off Stripe's spec, also where a server thread swallowed the error."""
    before = len(gate().violations)
    yield
    assert gate().violations[before:] == []


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    made = new_sandbox()
    yield made
    assert made.check_books() == []


@pytest.fixture
def account(sandbox: Sandbox) -> dict[str, object]:
    return add_account(sandbox)


@pytest.fixture
def stripe_client(sandbox: Sandbox, account: dict[str, list[str]]) -> stripe.StripeClient:
    return client(sandbox, account["keys"][0])
