"""A treasurer's evening: the bank's file, its lines and payouts, a run, a difference explained, a period taken away."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import FilePayload, Page, expect

from fundraise.flows.bank_accounts import add_bank_account
from fundraise.flows.staff_entry import make_link
from tests.browser.conftest import Donors
from tests.browser.fit import is_fit_for_everybody, is_not_looked_at
from tests.browser.town import Town, town
from tests.chromium import needs_chromium
from tests.databases import fresh_postgresql, fresh_sqlite
from tests.partners.fellowship import STAFF

pytestmark = [needs_chromium, pytest.mark.pages]


@pytest.fixture
def here(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    """A town of its own, since weeks pass in it."""
    database = fresh_sqlite(tmp_path) if request.param == "sqlite" else fresh_postgresql()
    with database as settings, town(settings) as made:
        yield made


def a_month(here: Town) -> None:
    """Three gifts are paid out, two of them alike; somebody pays for drinks, somebody sends money to the bank."""
    world = here.world
    here.new_campaign(slug="month")
    add_bank_account(world.parts, name="current", body_slug="shelter", currency="GBP")
    for amount in ("50", "50", "20"):
        world.paid_gift(amount, "month", name="Mara Lindqvist")
        world.advance(days=1)
    for _ in range(3):  # What was given on one day is available three days later, and leaves with that day's payout.
        world.sandbox.control("payout", {"currency": "gbp"})
        world.advance(days=1)
    world.sandbox.control("external-charge", {"amount": 3000, "description": "Bar takings"})
    world.sandbox.control("bank-line", {"amount": 2500, "text": "J SMITH", "reference": "MARATHON26"})
    world.advance(days=4)
    world.settle()


def of_the_bank(here: Town, kind: str) -> FilePayload:
    """Return the bank's file: camt.053, or a CSV whose columns nobody can guess."""
    given = here.world.sandbox.control("bank-statement", {"format": "csv" if kind == "csv" else "camt.053"})
    if kind == "camt.053":
        return {"name": "november.xml", "mimeType": "application/xml", "buffer": given["content"].encode()}
    rows = csv.DictReader(io.StringIO(given["content"]))
    lines = [f"{iso(row['Date'])};{row['Amount (GBP)']};{row['Counter Party']} {row['Reference']}" for row in rows]
    return {
        "name": "november.csv",
        "mimeType": "text/csv",
        "buffer": "\r\n".join(["Quando;Quanto;Cosa", *lines, ""]).encode(),
    }


def iso(day: str) -> str:
    """Return 2026-12-01 for 01/12/2026: whether the day comes first is asked elsewhere, and not on every day."""
    return "-".join(reversed(day.split("/")))


@dataclass
class Treasurer:
    """Somebody of the staff at a browser; `look` sees that each page is fit for everybody."""

    here: Town
    page: Page
    looks: Callable[[Page, str], None]

    def enters(self) -> None:
        self.page.goto(make_link(self.here.world.parts, STAFF))
        self.page.get_by_role("button").first.click()
        expect(self.page.locator("h1")).to_have_text("What needs me today?")

    def opens(self, section: str) -> None:
        self.page.get_by_role("navigation", name="Staff").get_by_role("link", name=section).click()

    def reads(self, *words: str) -> None:
        for each in words:
            expect(self.page.locator("main")).to_contain_text(each)

    def presses(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).click()

    def opens_part(self, summary: str) -> None:
        self.page.locator("summary").filter(has_text=summary).first.click()

    def sees(self, name: str) -> None:
        self.looks(self.page, f"month-{name}")

    # --- at the bank's pages ------------------------------------------------------------------------------------------

    def brings(self, file: FilePayload) -> None:
        self.opens("Bank")
        self.page.get_by_label("Account", exact=True).select_option("current")
        self.page.get_by_label("File from the bank").set_input_files(file)
        self.presses("Look at it")

    def says_what_each_column_is(self) -> None:
        for label, column in (("Date", "Quando"), ("Amount", "Quanto"), ("Text", "Cosa")):
            self.page.get_by_label(label, exact=True).select_option(column)
        self.presses("Read it this way")

    def opens_an_open_line(self) -> None:
        """Go to the lines that need a match, and open the newest."""
        self.opens("Bank")
        self.page.get_by_role("link", name="current").first.click()
        self.page.locator("tbody th a").first.click()

    def says_that_it_is_this(self) -> None:
        self.page.get_by_role("button", name="It is this").first.click()
        self.reads("It is matched with payout po_", f"by {STAFF}.")

    # --- at reconciliation --------------------------------------------------------------------------------------------

    def compares(self) -> None:
        """Press the button, and look again until the run has ended."""
        self.opens("Reconciliation")
        self.presses("Compare now")
        for _ in range(100):
            again = self.page.get_by_role("link", name="Look again")
            if not again.count():
                return
            self.page.wait_for_timeout(200)
            again.click()
        raise AssertionError("the run never ended")

    def takes_away(self, kind: str) -> bytes:
        self.page.get_by_label("As", exact=True).select_option(kind)
        with self.page.expect_download() as waiting:
            self.presses("Download")
        return Path(waiting.value.path()).read_bytes()


@pytest.mark.parametrize(
    ("here", "script", "kind"),
    [("sqlite", True, "camt.053"), ("postgresql", False, "csv")],
    indirect=["here"],
    ids=["with-script", "without"],
)
def test_from_the_banks_file_to_the_period_taken_away(here: Town, donors: Donors, script: bool, kind: str) -> None:  # noqa: FBT001
    a_month(here)
    file = of_the_bank(here, kind)
    page = donors(java_script_enabled=script, accept_downloads=True).page
    treasurer = Treasurer(here, page, is_fit_for_everybody if script else is_not_looked_at)
    treasurer.enters()
    treasurer.reads("Stripe, Shelter (test)", "Bank, current (GBP)", "No statement yet")
    treasurer.sees("today")
    looks_at_the_file_and_keeps_it(treasurer, file, has_columns_to_name=kind == "csv")
    says_which_of_two_alike_is_which(treasurer)
    follows_a_gift_to_its_payout_and_back(treasurer)
    asks_for_a_run_and_explains_what_it_finds(treasurer)
    takes_the_period_away(treasurer)
    treasurer.opens("Today")
    treasurer.reads("1 Stripe account agrees; 1 bank account is matched")
    treasurer.sees("today-after")


def looks_at_the_file_and_keeps_it(treasurer: Treasurer, file: FilePayload, *, has_columns_to_name: bool) -> None:
    """Brought once more by mistake, the file adds nothing."""
    treasurer.brings(file)
    if has_columns_to_name:
        treasurer.reads("Which column of november.csv is what?")
        treasurer.says_what_each_column_is()
    treasurer.reads("4 lines, 4 new.", "Nothing was kept so far.", "J SMITH MARATHON26")
    treasurer.sees("preview")
    treasurer.presses("Keep 4 new lines")
    treasurer.reads("4 new lines kept, 1 payout matched.", "2 lines of Stripe’s without a match.", "£98.10")
    treasurer.sees("lines")
    treasurer.brings(file)
    treasurer.reads("This very file was imported before: 0 of 4 lines are new.")
    treasurer.presses("Throw the file away")
    treasurer.reads("The file was thrown away. Nothing of it was kept.")
    treasurer.sees("bank")


def says_which_of_two_alike_is_which(treasurer: Treasurer) -> None:
    """A person says it, takes it back, and says it again."""
    page = treasurer.page
    treasurer.opens_an_open_line()
    treasurer.reads("2 things have exactly this amount; a person must say.", "But: 1 other payout has this amount")
    treasurer.sees("line")
    treasurer.says_that_it_is_this()
    treasurer.sees("line-matched")
    treasurer.opens_part("Undo")
    page.get_by_label("Why?").fill("The other week, perhaps.")
    treasurer.sees("line-undoing")
    treasurer.presses("Undo")
    treasurer.reads("Undone. The line is open again.", "undone: The other week, perhaps.")
    treasurer.sees("line-undone")
    treasurer.says_that_it_is_this()
    treasurer.opens_an_open_line()
    treasurer.says_that_it_is_this()
    page.get_by_role("link", name="current").first.click()
    treasurer.reads("Everything of Stripe’s is matched with a payout.")


def follows_a_gift_to_its_payout_and_back(treasurer: Treasurer) -> None:
    page = treasurer.page
    treasurer.opens("Payouts")
    treasurer.reads("3 payouts, £117.60 sent.", "All on this page add up and are in the bank.")
    treasurer.sees("payouts")
    page.get_by_role("link", name="po_").first.click()
    treasurer.reads("£19.50 is the sum of its 1 line, and was in the bank on")
    payout = page.url.rpartition("/")[2]
    treasurer.sees("payout")
    page.get_by_role("link", name="G-").click()
    treasurer.reads("£20.00")
    treasurer.sees("gift")
    page.locator(f"main a[href$='{payout}']").click()
    expect(page.locator("h1")).to_contain_text(payout)


def asks_for_a_run_and_explains_what_it_finds(treasurer: Treasurer) -> None:
    page = treasurer.page
    treasurer.compares()
    treasurer.reads("1 difference, £30.00 unexplained", "Differs by £30.00", "Payment that is no gift of ours")
    treasurer.sees("reconciliation")
    page.get_by_role("link", name="Payment that is no gift of ours").click()
    treasurer.reads("Somebody paid into this Stripe account without one of our pages", "What to do")
    treasurer.sees("difference")
    treasurer.opens_part("Explain it")
    page.get_by_label("What is it?").fill("Bar takings, booked with the bar.")
    treasurer.presses("Explain it")
    treasurer.reads("Explained.", f"{STAFF} explained it: Bar takings, booked with the bar.")
    treasurer.sees("difference-explained")
    treasurer.opens("Reconciliation")
    treasurer.reads("Everything agrees to the penny, in 1 account.", "Agrees")
    treasurer.sees("reconciliation-agrees")
    page.get_by_role("link", name="UTC").first.click()
    treasurer.reads("1 difference open when it ended, £30.00 unexplained.", "Explained since")
    treasurer.sees("run")


def takes_the_period_away(treasurer: Treasurer) -> None:
    treasurer.opens("Reconciliation")
    gifts, totals = tables_in(treasurer.takes_away("csv"))
    assert [(row["given"], row["net"]) for row in gifts] == [("50.00", "49.05"), ("50.00", "49.05"), ("20.00", "19.50")]
    assert all(row["payout"].startswith("po_") and row["bank date"] for row in gifts)
    assert (totals["GBP", "given"], totals["GBP", "net"]) == ("120.00", "117.60")
    book = openpyxl.load_workbook(io.BytesIO(treasurer.takes_away("xlsx")))
    assert book["Gifts"].max_row == 1 + len(gifts)
    assert [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"] == []


def tables_in(raw: bytes) -> tuple[list[dict[str, str]], dict[tuple[str, str], str]]:
    """Return the gifts of a CSV file, and the control totals under them."""
    gifts, _, totals = raw.decode("utf-8-sig").partition("\r\n\r\n")
    sums = {(row["currency"], row["what"]): row["amount"] for row in csv.DictReader(io.StringIO(totals))}
    return list(csv.DictReader(io.StringIO(gifts, newline=""))), sums
