"""Files of real banks, where they are at hand: as many lines and the same sums as others count in them."""

import json
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from fundraise.statements.vocabulary import FileRead, Question
from tests.statements.bank_files import PUBLIC_FILES as FOLDER
from tests.statements.bank_files import read_here

# How the public CSV files are read: the account's currency, how many lines, their sum, and what is asked or refused.
TABLES = {
    "bank2ynab__20180226-1000594757-umsatz.CSV": ("EUR", 1, "-36.99"),
    "bank2ynab__CSV_A_20180414_112204.csv": ("EUR", 3, "-1037.49"),
    "bank2ynab__export_BE11123456789012_20180304_1422.csv": ("EUR", 1, "-3.40"),
    "bank2ynab__statement_1.csv": ("GBP", Question.COLUMNS, ""),
    "bankstatementparser__csv_garbled_amount.csv": ("EUR", None, "line 3: '12..34' is no amount"),
    "csv2ofx__creditunion.csv": ("GBP", 8, "465000.00"),
    "csv2ofx__n26-fr.csv": ("EUR", 2, "0.00"),
    "csv2ofx__outbank.csv": ("EUR", 4, "-35.89"),
    "csv2ofx__schwab-checking.csv": ("USD", 4, "-215.27"),
    "csv2ofx__stripe-all.csv": ("CAD", None, "a list of payments from Stripe"),
    "csv2ofx__xero.csv": ("GBP", None, "a journal from bookkeeping software"),
}


@cache
def manifest() -> dict[str, dict[str, Any]]:
    return {each["file"]: each for each in json.loads((FOLDER / "MANIFEST.json").read_text())["files"]}


@cache
def expected() -> dict[str, dict[str, Any]]:
    return dict(json.loads((FOLDER / "uk/expected.json").read_text()))


def minor(amount: str) -> int:
    scaled = Decimal(amount).scaleb(2)
    assert scaled == int(scaled)
    return int(scaled)


def read_file(name: str, currency: str = "GBP") -> FileRead:
    return read_here((FOLDER / name).read_bytes(), currency)


@pytest.mark.parametrize("name", [name for name in expected() if name.endswith((".csv", ".xml"))])
def test_the_same_month_out_of_eight_exports(name: str) -> None:
    should = expected()[name]
    read = read_file(f"uk/{name}")
    assert read.problems == ()
    assert read.warnings == ()
    (statement,) = read.statements
    assert len(statement.lines) == should["n"]
    assert sum(line.minor for line in statement.lines) == minor(should["sum"])
    if should["opening"] is not None:
        assert (statement.opening_minor, statement.closing_minor) == (
            minor(should["opening"]),
            minor(should["closing"]),
        )


@pytest.mark.parametrize("name", [name for name in manifest() if name.startswith("camt/")])
def test_public_camt_files(name: str) -> None:
    read = read_file(name)
    statements = manifest()[name]["statements"]
    kind = statements[0]["kind"]
    if kind != "Stmt":
        assert {"Rpt": "camt.052", "Ntfctn": "camt.054"}[kind] in str(read.problems[0])
        return
    assert len(read.statements) == len(statements)
    for found, should in zip(read.statements, statements, strict=True):
        assert len(found.lines) == should["n_entries"]
        assert sum(line.minor for line in found.lines) == minor(should["sum"])
        if should["opening"] is not None:
            assert found.opening_minor == minor(should["opening"])
        if found.closing_minor is None and should["closing"] is not None:
            assert "closing balance cannot be read: it is in SEK" in str(read.problems)
        elif should["closing"] is not None:
            assert found.closing_minor == minor(should["closing"])


@pytest.mark.parametrize("name", TABLES)
def test_public_tables(name: str) -> None:
    currency, should, words = TABLES[name]
    read = read_file(f"csv/{name}", currency)
    if isinstance(should, Question):
        assert read.question is should
    elif should is None:
        assert words in str(read.problems[0])
    else:
        assert read.problems == ()
        assert len(read.statements[0].lines) == should
        assert sum(line.minor for line in read.statements[0].lines) == minor(words)


@pytest.mark.parametrize("name", [name for name in manifest() if not name.startswith(("camt/", "csv/"))])
def test_files_of_other_kinds_are_named(name: str) -> None:
    words = {"mt940": "MT940", "ofx": "OFX", "qif": "QIF", "bai2": "BAI2"}
    read = read_file(name)
    assert read.statements == ()
    assert words[name.partition("/")[0]] in str(read.problems[0])
