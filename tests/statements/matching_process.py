"""A process that matches payouts until nothing is left, and may be killed at any moment of it."""

import os
import random
import signal
from collections.abc import Callable
from typing import Any

from fundraise import faults
from fundraise.assembly import build_parts
from fundraise.flows import match_payouts as module
from fundraise.settings import Settings


def match_until_done(settings: Settings, seed: int, dies: float) -> None:
    """Match in small pieces; at each entry booked and around each commit, be killed with the chance `dies`."""
    chance = random.Random(seed)

    def perhaps_die(*_: object) -> None:
        if chance.random() < dies:
            os.kill(os.getpid(), signal.SIGKILL)

    module._AT_ONCE = 7  # type: ignore[misc]
    module.book = _then(module.book, perhaps_die)
    parts = build_parts(settings)
    with faults.listening(perhaps_die):
        while module.match_payouts(parts):
            continue
    parts.db.close()


def _then(work: Callable[..., Any], after: Callable[..., None]) -> Callable[..., Any]:
    def both(*arguments: Any, **named: Any) -> None:
        work(*arguments, **named)
        after()

    return both
