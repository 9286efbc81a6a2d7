"""A process that settles gifts whose objects are fetched already, so many a second, until it is stopped.

`python -m tests.bench.settler FIRST MANY PER_SECOND` on the database of the environment. It says when it is ready.
"""

import sys
import time

from fundraise.assembly import build_parts
from fundraise.flows.settle import settle_payment
from fundraise.settings import load_settings
from fundraise.stripe_accounts.questions import account_by_slug, key_of
from tests.bench.gifts import begin, fetched, payment_id_of


def main(first: int, many: int, per_second: float) -> None:
    """Settle, one each time its turn comes."""
    parts = build_parts(load_settings(), payments=fetched(first, many))
    begin(parts, first, many)
    with parts.db.read() as session:
        account = account_by_slug(session, "shelter")
        key = key_of(account, parts.sealer)
    print("ready", flush=True)  # noqa: T201
    begun = time.monotonic()
    for place in range(many):
        time.sleep(max(0.0, begun + place / per_second - time.monotonic()))
        settle_payment(parts, account.id, key, payment_id_of(first + place))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
