"""The list of gifts as a file: exact, complete, and harmless in a spreadsheet."""

import csv
import io
import json
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import text as text_of

from fundraise.figures.gift_list import HEADING, TOTALS_HEADING, ControlTotals, gift_rows
from fundraise.flows.reconcile import reconcile_all
from fundraise.sheets import csv_chunks, write_xlsx
from tests.databases import SECRET_KEY
from tests.stories.test_moments_of_money import charge_of
from tests.world import World


@pytest.fixture
def lived(world: World) -> World:
    body = world.body(name="=HYPERLINK(1)", legal_name="x")
    world.account(body)
    world.campaign(body, title="@evil", gift_currencies="GBP,EUR")
    first = world.paid_gift("50", cover_fee="1")
    world.paid_gift("60", currency="EUR")
    world.paid_gift("10")
    world.advance(days=8)
    world.sandbox.control("refund", {"charge": charge_of(world, first.session), "amount": 1000})
    world.advance(days=8)
    world.sandbox.control("payout", {"currency": "gbp"})
    world.advance(days=4)
    world.settle()
    reconcile_all(world.parts, by="test")
    return world


def rows_of(world: World, begins: date, ends: date) -> tuple[list[dict[str, str]], ControlTotals]:
    totals = ControlTotals()
    with world.parts.db.read() as session:
        text = b"".join(csv_chunks(HEADING, gift_rows(session, begins, ends, totals))).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""))), totals


def test_one_row_for_each_gift_with_what_it_cost_and_where_it_went(lived: World) -> None:
    rows, totals = rows_of(lived, date(2026, 11, 22), date(2026, 11, 22))
    assert [(row["currency"], row["given"], row["fee cover"]) for row in rows] == [
        ("GBP", "50.00", "0.97"),
        ("EUR", "60.00", "0.00"),
        ("GBP", "10.00", "0.00"),
    ]
    assert rows[0]["refunded"] == "10.00"
    assert all(Decimal(row["settled gross"]) - Decimal(row["fee"]) == Decimal(row["net"]) for row in rows)
    assert all(row["payout"].startswith("po_") and row["payout arrives"] for row in rows)
    assert rows[0]["paid at (UTC)"] == "2026-11-22T12:00:00Z"
    sums = {(currency, what): amount for currency, what, _, amount in totals.rows()}
    assert sums["GBP", "given"] == Decimal("60.00")
    assert sums["EUR", "given"] == Decimal("60.00")
    assert sums["GBP", "net"] == sum(Decimal(row["net"]) for row in rows)
    assert totals.gifts == {"GBP": 2, "EUR": 1}


def test_both_days_belong_to_the_period_and_no_other(lived: World) -> None:
    assert len(rows_of(lived, date(2026, 11, 22), date(2026, 11, 22))[0]) == 3
    assert rows_of(lived, date(2026, 11, 23), date(2026, 12, 31))[0] == []
    assert rows_of(lived, date(2026, 11, 1), date(2026, 11, 21))[0] == []


def test_totals_count_a_gift_in_the_currency_it_was_settled_in(world: World) -> None:
    body = world.body()
    world.account(body)
    world.campaign(body, gift_currencies="GBP,EUR")
    for _ in range(2):
        world.paid_gift("60", currency="EUR")
    _, totals = rows_of(world, date(2026, 11, 1), date(2026, 11, 30))
    counted = {(currency, what): gifts for currency, what, gifts, _ in totals.rows()}
    assert counted["EUR", "given"] == counted["GBP", "settled gross"] == counted["GBP", "net"] == 2


def test_a_payout_that_failed_brought_nothing_to_a_bank(lived: World) -> None:
    with lived.parts.db.write("test") as session:
        session.execute(text_of("UPDATE payout SET state = 'failed'"))
    rows, _ = rows_of(lived, date(2026, 11, 22), date(2026, 11, 22))
    assert {(row["payout"], row["payout arrives"], row["bank date"]) for row in rows} == {("", "", "")}


def test_peoples_words_are_never_formulas(lived: World, tmp_path: Path) -> None:
    rows, _ = rows_of(lived, date(2026, 11, 22), date(2026, 11, 22))
    assert {row["campaign"] for row in rows} == {"'@evil"}
    assert {row["charity"] for row in rows} == {"'=HYPERLINK(1)"}
    totals = ControlTotals()
    path = tmp_path / "gifts.xlsx"
    with lived.parts.db.read() as session:
        gifts = gift_rows(session, date(2026, 11, 22), date(2026, 11, 22), totals)
        write_xlsx(path, [("Gifts", HEADING, gifts), ("Totals", TOTALS_HEADING, totals.rows())])
    book = openpyxl.load_workbook(path)
    assert [cell.value for cell in book["Gifts"][1]] == list(HEADING)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [cell for cell in cells if cell.data_type == "f"] == []
    given = book["Gifts"].cell(2, HEADING.index("given") + 1)
    assert (given.data_type, given.value) == ("n", 50)
    assert book["Totals"].max_row > 1


def test_the_command_writes_the_file_and_says_what_it_holds(lived: World, tmp_path: Path) -> None:
    out = tmp_path / "gifts.csv"
    environment = {
        "FUNDRAISE_DATABASE_URL": lived.settings.database_url,
        "FUNDRAISE_SECRET_KEY": SECRET_KEY,
        "PATH": "/usr/bin:/bin",
    }
    command = [sys.executable, "-m", "fundraise", "export", "reconciliation", "--from", "2026-11-01", "--to"]
    command += ["2026-11-30", "--format", "csv", "--out", str(out)]
    root = Path(__file__).parent.parent.parent
    done = subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    assert said["gifts"] == 3
    assert said["totals"]["GBP given"] == "60.00"
    assert len(said["sha256"]) == 64
    written = out.read_text("utf-8-sig").splitlines()
    assert written.index(",".join(TOTALS_HEADING)) == 5  # Below the heading, three gifts and an empty line.
    assert "GBP,given,2,60.00" in written
