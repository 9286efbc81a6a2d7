"""Asking the publishers: fixed addresses over https, a few seconds, a few megabytes, and nothing else is followed."""

import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Final

import httpx

from fundraise.published_rates import (
    LARGEST_RATES_FILE_BYTES,
    NAMES,
    PublishedFile,
    RatesNotFetched,
    RateSource,
    RatesUnreadable,
)

# The last ninety days; who was away for longer brings the long history as a file.
ECB_ADDRESS: Final = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist-90d.xml"
HMRC_ADDRESS: Final = (
    "https://www.trade-tariff.service.gov.uk/api/v2/exchange_rates/files/monthly_xml_{year}-{month}.xml"
)
_SECONDS: Final = 20
_MOST_MONTHS: Final = 24
_OK: Final = 200
_NOT_THERE: Final = 404

Read = Callable[[str, bytes], PublishedFile]


def fetch(
    source: RateSource, since: date, today: date, read: Read, *, client: httpx.Client | None = None
) -> Sequence[PublishedFile]:
    """Return what a publisher has out since a day; raises `RatesNotFetched`."""
    with client or httpx.Client(
        timeout=_SECONDS, follow_redirects=False, headers={"accept-encoding": "gzip"}
    ) as asking:
        if source is RateSource.ECB:
            return [_read(source, _ask(asking, source, ECB_ADDRESS), ECB_ADDRESS, read)]
        found = []
        for month in _months(since, today):
            address = HMRC_ADDRESS.format(year=month.year, month=month.month)
            # A month that is not out yet is no fault; HMRC publishes a week before it begins.
            raw = _ask(asking, source, address, may_be_absent=True)
            if raw is not None:
                found.append(_read(source, raw, address, read))
        return found


def _months(since: date, today: date) -> list[date]:
    """Return the months from `since` to the one after today's, which HMRC publishes a week before it begins."""
    last = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    months, month = [], since.replace(day=1)
    while month <= last:
        months.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    return months[-_MOST_MONTHS:]


def _ask(client: httpx.Client, source: RateSource, address: str, *, may_be_absent: bool = False) -> bytes | None:
    """Read an answer piece by piece, so that neither its size nor its slowness is the sender's to choose."""
    until, raw = time.monotonic() + _SECONDS, bytearray()
    try:
        with client.stream("GET", address) as answer:
            if answer.status_code == _NOT_THERE and may_be_absent:
                return None
            if answer.status_code != _OK:
                raise RatesNotFetched(f"{NAMES[source]} answered {answer.status_code} instead of rates.")
            for piece in answer.iter_bytes():
                raw += piece
                if len(raw) > LARGEST_RATES_FILE_BYTES or time.monotonic() > until:
                    raise RatesNotFetched(f"The answer of {NAMES[source]} is too long or too slow.")
    except httpx.HTTPError as problem:
        raise RatesNotFetched(f"{NAMES[source]} cannot be reached: {type(problem).__name__}.") from None
    return bytes(raw)


def _read(source: RateSource, raw: bytes | None, address: str, read: Read) -> PublishedFile:
    try:
        file = read(address.rpartition("/")[2], raw or b"")
    except RatesUnreadable as problem:
        raise RatesNotFetched(f"What {NAMES[source]} sent are no rates: {problem.message}") from None
    if any(sheet.source is not source for sheet in file.sheets):
        raise RatesNotFetched(f"What {NAMES[source]} sent are somebody else’s rates.")
    return file
