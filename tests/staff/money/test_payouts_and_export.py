"""Payouts opened to their lines, and a period taken away as a file that balances and holds no formula."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from sqlalchemy import bindparam, text

from fundraise.campaigns.tables import Campaign
from fundraise.columns import UtcDateTime
from fundraise.figures import gift_list
from fundraise.web.staff import reconciliation as door
from tests.staff.money.desk import Desk, words_of

pytestmark = pytest.mark.pages

EXPORT = "/staff/reconciliation/export?from=2026-11-01&to=2026-11-30"


@pytest.fixture
def paid_out(desk: Desk) -> tuple[Desk, str]:
    """Three gifts, one of them partly refunded, all sent to the bank in one payout."""
    first = desk.world.paid_gift("50", name="=HYPERLINK(1)")
    desk.world.paid_gift("20")
    desk.world.paid_gift("10")
    desk.world.advance(days=8)
    desk.world.settle()
    desk.refund_in_the_dashboard(first, 1000)
    desk.world.settle()
    return desk, desk.paid_out()


def test_a_payout_is_opened_to_its_lines_and_they_come_to_it(paid_out: tuple[Desk, str]) -> None:
    desk, payout = paid_out
    page = desk.open("/staff/payouts")
    sent = desk.world.stripe_object("payouts", payout)["amount"]
    assert sent == 5000 + 2000 + 1000 - 1000 - 95 - 50 - 35
    for words in ("1 payout, £68.20 sent.", "£80.00", "−£10.00", "−£1.80", "Paid, no bank line yet"):
        assert words in words_of(page), words
    opened = words_of(desk.open(f"/staff/payouts/{payout}"))
    assert "£68.20 is the sum of its 4 lines. Stripe says it arrived on" in opened
    assert "It is matched by itself when the statement is imported." in opened
    assert "Sum, GBP £70.00 −£1.80 £68.20" in opened
    for donation in desk.donations():
        assert f"/staff/donations/{donation.ref}" in desk.open(f"/staff/payouts/{payout}").text
    desk.bring_the_statement()
    assert "All on this page add up and are in the bank." in words_of(desk.open("/staff/payouts"))
    assert "in the bank" in words_of(desk.open(f"/staff/donations/{desk.donations()[0].ref}"))
    assert payout in desk.open("/staff/payouts?state=in_the_bank&account=shelter").text
    assert "No payout fits this filter." in desk.open("/staff/payouts?state=failed").text
    assert "No payout fits this filter." in desk.open("/staff/payouts?q=po_other").text
    desk.open("/staff/payouts/po_nothing", status=404)


def test_a_payout_without_a_line_is_looked_for_after_a_week(paid_out: tuple[Desk, str]) -> None:
    desk, payout = paid_out
    desk.world.advance(days=8)
    assert "No bank line" in words_of(desk.open("/staff/payouts"))
    assert "give your bank the trace id" in words_of(desk.open(f"/staff/payouts/{payout}"))


def test_payouts_of_one_day_stand_in_the_order_stripe_made_them(paid_out: tuple[Desk, str]) -> None:
    """News of them may come in any order."""
    desk, _ = paid_out
    desk.world.paid_gift("30")
    desk.world.advance(days=8)
    desk.world.settle()
    desk.paid_out()
    with desk.world.parts.db.write("test") as session:
        session.execute(text("UPDATE payout SET arrives_on = (SELECT MAX(arrives_on) FROM payout)"))
        by_id = list(session.execute(text("SELECT stripe_id FROM payout ORDER BY id")).scalars())
    assert len(by_id) == 2
    for earlier, later in (by_id, by_id[::-1]):
        with desk.world.parts.db.write("test") as session:
            for day, stripe_id in ((10, earlier), (11, later)):
                session.execute(
                    text("UPDATE payout SET created_at = :at WHERE stripe_id = :id").bindparams(
                        bindparam("at", type_=UtcDateTime)
                    ),
                    {"at": datetime(2026, 12, day, tzinfo=UTC), "id": stripe_id},
                )
        page = desk.open("/staff/payouts").text
        assert page.index(later) < page.index(earlier)


def amounts(rows: list[dict[str, str]], column: str) -> Decimal:
    return sum((Decimal(row[column]) for row in rows if row[column]), Decimal(0))


def test_a_period_is_taken_away_as_csv_with_its_control_totals(paid_out: tuple[Desk, str]) -> None:
    desk, payout = paid_out
    desk.bring_the_statement()
    desk.sign_in()
    answer = desk.browser.get(f"{EXPORT}&format=csv")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="gifts-2026-11-01-2026-11-30.csv"'
    gifts, _, totals = answer.content.decode("utf-8-sig").partition("\r\n\r\n")
    rows = list(csv.DictReader(io.StringIO(gifts, newline="")))
    assert len(rows) == 3
    assert {row["payout"] for row in rows} == {payout}
    assert all(row["bank date"] for row in rows)
    control: dict[str, Any] = {f"{row['currency']} {row['what']}": row for row in csv.DictReader(io.StringIO(totals))}
    for what in ("given", "fee", "net", "refunded", "settled gross"):
        assert Decimal(control[f"GBP {what}"]["amount"]) == amounts(rows, what), what
    assert control["GBP given"]["gifts"] == "3"
    assert control["GBP net"]["amount"] == "78.20"


def test_a_period_is_taken_away_as_a_spreadsheet_without_any_formula(paid_out: tuple[Desk, str]) -> None:
    desk, _ = paid_out
    desk.sign_in()
    answer = desk.browser.get(f"{EXPORT}&format=xlsx")
    assert answer.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [cell for cell in cells if cell.data_type == "f"] == []
    assert book["Gifts"].max_row == 4
    assert {row[1].value: row[3].value for row in book["Totals"].iter_rows()}["given"] == 80


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("from=&to=2026-11-30", "choose the first and the last day"),
        ("from=2026-11-30&to=2026-11-01", "lies before the first"),
        ("from=2026-02-30&to=2026-11-01", "choose the first and the last day"),
        ("from=2026-11-01&to=2026-11-30&format=exe", "choose CSV or a spreadsheet"),
    ],
)
def test_days_that_will_not_do_are_said_so_and_stay_in_the_form(desk: Desk, query: str, message: str) -> None:
    page = desk.open(f"/staff/reconciliation/export?{query}", status=422)
    assert message in words_of(page)
    assert 'name="from"' in page.text


def test_more_than_a_spreadsheet_holds_is_refused(paid_out: tuple[Desk, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "MOST_XLSX_ROWS", 2)
    desk, _ = paid_out
    assert "more gifts than a spreadsheet holds" in words_of(desk.open(f"{EXPORT}&format=xlsx", status=422))


def test_control_without_the_neutral_sign_a_formula_would_be_one(
    paid_out: tuple[Desk, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, _ = paid_out
    with desk.world.parts.db.write("test") as session:
        campaign = session.get_one(Campaign, 1)
        campaign.title = "=1+1"
        session.add(campaign)
    desk.sign_in()
    assert "'=1+1" in desk.browser.get(f"{EXPORT}&format=csv").text
    monkeypatch.setattr(gift_list, "neutral", lambda value: value)
    assert ",=1+1," in desk.browser.get(f"{EXPORT}&format=csv").text
