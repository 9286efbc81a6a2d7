"""The total of a campaign, asked of the ledger, with ten thousand to a million gifts."""

import statistics
import time
from collections.abc import Iterator

from fundraise.campaigns.questions import public_campaign
from fundraise.figures.public import campaign_totals
from fundraise.flows.settle import settle_payment
from fundraise.settings import Settings
from fundraise.stripe_accounts.questions import account_by_slug, key_of
from tests.bench.gifts import begin, fetched, payment_id_of
from tests.bench.measuring import Row, bounded, growth
from tests.bench.opening import parts_of
from tests.bench.place import Place

_FIRST, _SINCE = 7_000_000, 500


def bench(place: Place) -> Iterator[Row]:
    """Ask for the total, with five hundred gifts since the last checkpoint."""
    sizes = (1_000, 10_000) if place.quick else (10_000, 100_000, 1_000_000)
    for dialect, name in (("sqlite", "SQLite"), ("postgresql", "PostgreSQL")):
        taken = [(gifts, _seconds(place.books.of(dialect, gifts))) for gifts in sizes]
        yield bounded(f"Total of a campaign with {sizes[-1]:,} gifts, {name}", taken[-1][1] * 1000, 5, "ms")
        yield growth(f"Total, {name}", taken)


def _seconds(settings: Settings) -> float:
    with parts_of(settings, fetched(_FIRST, _SINCE)) as parts:
        begin(parts, _FIRST, _SINCE)
        with parts.db.read() as session:
            account = account_by_slug(session, "shelter")
            key = key_of(account, parts.sealer)
            campaign = public_campaign(session, "winter")
            before = campaign_totals(session, [campaign], parts.clock.now())[campaign.id].gifts
        for place in range(_SINCE):
            settle_payment(parts, account.id, key, payment_id_of(_FIRST + place))
        taken = []
        for _ in range(200):
            begun = time.perf_counter()
            with parts.db.read() as session:
                total = campaign_totals(session, [campaign], parts.clock.now())[campaign.id]
            taken.append(time.perf_counter() - begun)
        if total.gifts != before + _SINCE:
            raise AssertionError(total)
    return statistics.median(taken)
