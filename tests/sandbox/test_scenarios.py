"""The scenarios against the sandbox; `test_against_real_stripe.py` asks the real Stripe the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import stripe

from fundraise.sandbox import Sandbox
from tests.sandbox.scenarios import SCENARIOS


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.__name__)
def test_the_sandbox_answers_as_stripe(sandbox: Sandbox, stripe_client: stripe.StripeClient, scenario: Any):
    def until(ask: Callable[[], Any]) -> Any:
        for _ in range(120):
            answer = ask()
            if answer is not None:
                return answer
            sandbox.advance(1)
        raise AssertionError("the answer never came")

    scenario(stripe_client, until)
