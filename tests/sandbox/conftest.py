from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import stripe

from fundraise.sandbox import Sandbox
from tests.sandbox.driving import add_account, client, new_sandbox

# The real Stripe is asked only where somebody gives us a key for it.
collect_ignore = [] if os.environ.get("STRIPE_TEST_KEY") else ["test_against_real_stripe.py"]


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
