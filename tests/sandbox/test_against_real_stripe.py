"""The scenarios against a real Stripe test account: collected only where `STRIPE_TEST_KEY` holds a test key.

It makes objects in that account and leaves them there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import stripe

from tests.sandbox.scenarios import SCENARIOS

PATIENCE_SECONDS = 120


@pytest.fixture(scope="module")
def real() -> Iterator[stripe.StripeClient]:
    key = os.environ["STRIPE_TEST_KEY"]
    assert key.startswith(("sk_test_", "rk_test_")), "STRIPE_TEST_KEY must be a test key"
    made = stripe.StripeClient(key, max_network_retries=2, http_client=stripe.RequestsClient(timeout=30))
    yield made
    made._requestor._client.close()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.__name__)
def test_stripe_answers_as_the_sandbox(real: stripe.StripeClient, scenario: Any):
    def until(ask: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            answer = ask()
            if answer is not None:
                return answer
            time.sleep(1)
        raise AssertionError("the answer never came")

    scenario(real, until)
