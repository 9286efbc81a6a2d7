"""Rates as CSV: the ECB's table of days (eurofxref), its data portal's rows (SDMX-CSV), HMRC's table of a month."""

import csv
import io
from collections.abc import Iterator

from fundraise.gateways.rates.days import day_of, month_of
from fundraise.gateways.rates.sheet_builder import SheetBuilder
from fundraise.published_rates import PublishedSheet, RateSource, RatesUnreadable


def read_csv(raw: bytes) -> list[PublishedSheet]:
    """Return the sheets; raises `RatesUnreadable`."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RatesUnreadable("This is no text we can read. Please choose the XML or CSV file.", field="file") from None
    if "\0" in text:
        raise RatesUnreadable("This is no text we can read. Please choose the XML or CSV file.", field="file")
    rows = csv.reader(io.StringIO(text), skipinitialspace=True)
    try:
        heading = [cell.strip() for cell in next(rows, [])]
        if heading[:1] == ["Date"]:
            return _table_of_days(heading, rows)
        names = [name.lower() for name in heading]
        if {"currency", "currency_denom", "time_period", "obs_value"} <= set(names):
            return _portal_rows(names, rows)
        code = next((place for place, name in enumerate(names) if name == "currency code"), None)
        rate = next((place for place, name in enumerate(names) if name.startswith("currency units per")), None)
        begins = next((place for place, name in enumerate(names) if name.startswith("start date")), None)
        if code is not None and rate is not None and begins is not None:
            return _table_of_a_month(code, rate, begins, rows)
    except csv.Error:
        raise RatesUnreadable("This table is damaged. Please download it again.", field="file") from None
    return []


def _table_of_days(heading: list[str], rows: Iterator[list[str]]) -> list[PublishedSheet]:
    """One row a day, one column a currency, newest first, and a comma after the last column."""
    made = SheetBuilder(RateSource.ECB)
    currencies = heading[1:-1] if heading[-1] == "" else heading[1:]
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        if len(row) < len(currencies) + 1:
            raise RatesUnreadable(f"The row of {row[0][:20]!r} is cut off. Please download it again.", field="file")
        day = day_of(row[0])
        for currency, rate in zip(currencies, row[1:], strict=False):
            made.add(day, currency, rate)
    return made.sheets()


def _portal_rows(names: list[str], rows: Iterator[list[str]]) -> list[PublishedSheet]:
    made = SheetBuilder(RateSource.ECB)
    places = {name: place for place, name in enumerate(names)}
    for row in rows:
        if not row:
            continue
        if len(row) < len(names):
            raise RatesUnreadable("A row of this table is cut off. Please download it again.", field="file")
        if row[places["currency_denom"]] == "EUR" and row[places.get("freq", 0)] in {"D", row[0]}:
            made.add(day_of(row[places["time_period"]]), row[places["currency"]], row[places["obs_value"]])
    return made.sheets()


def _table_of_a_month(code: int, rate: int, begins: int, rows: Iterator[list[str]]) -> list[PublishedSheet]:
    made = SheetBuilder(RateSource.HMRC)
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        if len(row) <= max(code, rate, begins):
            raise RatesUnreadable("A row of this table is cut off. Please download it again.", field="file")
        made.add(month_of(row[begins]), row[code], row[rate])
    return made.sheets()
