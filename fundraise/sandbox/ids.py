"""Ids in Stripe's shapes, drawn from the world's seeded random source."""

from __future__ import annotations

import string
from random import Random

_LETTERS = (string.ascii_letters + string.digits).encode()
_TURN = bytes(_LETTERS[number % len(_LETTERS)] for number in range(256))
_LENGTHS = {"cus_": 14, "prod_": 14, "si_": 14, "acct_": 16, "req_": 14, "whsec_": 32, "sk_test_": 32, "rk_test_": 32}


def new_id(random: Random, prefix: str) -> str:
    """Return `prefix` and as many letters and digits as Stripe uses for it (24 where nothing else is known)."""
    length = 58 if prefix == "cs_test_" else _LENGTHS.get(prefix, 24)
    return prefix + random.randbytes(length).translate(_TURN).decode()
