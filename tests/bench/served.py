"""The product in a process that also does what it is told on standard input: `settle N` settles the gift of a number.

It answers each command with the moment (monotonic, the same clock for all processes) at which the commit had returned.
`--uncached` lets no drawn page live, so that every request is drawn.
"""

import sys
import threading
import time

import uvicorn

from fundraise.app import create_app
from fundraise.assembly import build_parts
from fundraise.flows.settle import settle_payment
from fundraise.parts import Parts
from fundraise.settings import load_settings
from fundraise.stripe_accounts.questions import account_by_slug, key_of
from fundraise.web.hot import pages
from tests.bench.gifts import begin, fetched, payment_id_of

GIFTS = 2000


def main(port: int, first: int, *, uncached: bool) -> None:
    """Serve until stopped."""
    if uncached:
        pages.FRESH_SECONDS = -1.0  # type: ignore[misc]
    parts = build_parts(load_settings(), payments=fetched(first, GIFTS))
    begin(parts, first, GIFTS)
    threading.Thread(target=obey, args=[parts], daemon=True).start()
    uvicorn.run(
        create_app(parts.settings, parts=parts), port=port, access_log=False, server_header=False, log_level="warning"
    )


def obey(parts: Parts) -> None:
    """Settle what standard input says."""
    with parts.db.read() as session:
        account = account_by_slug(session, "shelter")
        key = key_of(account, parts.sealer)
    for line in sys.stdin:
        settle_payment(parts, account.id, key, payment_id_of(int(line.split()[1])))
        print(time.monotonic(), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), uncached="--uncached" in sys.argv)
