"""What a treasurer does in the browser: bring a file, look, keep it, see what matched and why, put it right."""

import re
from datetime import date, timedelta

import pytest
from starlette.testclient import TestClient

from fundraise.flows.staff_entry import enter, make_link
from fundraise.web.staff.door import COOKIE
from tests.gallery.page_facts import PageFacts
from tests.statements.bank_files import Movement, camt053, starling
from tests.statements.browsing import HOME, bring, form_at, looked_at, page_at, press
from tests.statements.teller import Teller
from tests.statements.test_import import ASKED

pytestmark = pytest.mark.pages

MONDAY = date(2026, 11, 23)
MONTH = [
    Movement(MONDAY, 48_237, reference="STRIPE-A1"),
    Movement(MONDAY, 2_500, "J SMITH", "MARATHON26"),
    Movement(MONDAY, 2_500, "J SMITH", "MARATHON26"),
]


def test_from_the_upload_to_the_match_and_its_undoing(teller: Teller, staff: TestClient) -> None:
    teller.payout("po_1", 48_237, MONDAY)
    assert "current, Shelter (GBP)" in page_at(staff, HOME).text
    preview = looked_at(staff, camt053(MONTH, opening=0))
    assert "3 lines, 3 new." in preview.text
    assert "Opening balance and movements make the closing balance." in preview.text
    assert teller.lines() == teller.files() == []

    kept = press(staff, preview, "/keep")
    assert kept.status_code == 303
    lines = page_at(staff, kept.headers["location"])
    assert "3 new lines kept, 1 payout matched." in lines.text
    assert "Everything of Stripe’s is matched with a payout." in lines.text
    assert "number 2 of 2 equal lines" in lines.text
    assert "Payout po_1" in lines.text

    line = page_at(staff, f"/staff/lines/{teller.line(48_237).id}")
    assert "It is matched with payout po_1, by itself." in line.text
    assert "The text says STRIPE." in line.text
    assert (teller.in_transit, teller.at_bank) == (0, 48_237)

    without = press(staff, line, "/undo", note=" ")
    assert (without.status_code, "Please say why" in without.text) == (422, True)
    undone = page_at(staff, press(staff, line, "/undo", note="wrong week").headers["location"])
    assert "Undone. The line is open again." in undone.text
    assert "undone: wrong week" in undone.text
    assert "But: They were matched before, and it was undone: wrong week" in undone.text
    assert (teller.in_transit, teller.at_bank) == (48_237, 0)

    again = page_at(staff, press(staff, undone, "/match").headers["location"])
    assert "It is matched with payout po_1, by Priya Raman." in again.text
    assert [match.made_by for match in teller.matches()] == ["Priya Raman"]
    assert (teller.in_transit, teller.at_bank) == (0, 48_237)


def test_the_same_file_twice_is_said_to_be(teller: Teller, staff: TestClient) -> None:
    press(staff, looked_at(staff, camt053(MONTH)), "/keep")
    assert "imported before: 0 of 3 lines are new." in looked_at(staff, camt053(MONTH)).text
    other = looked_at(staff, camt053([*MONTH, Movement(MONDAY, 100, "ANOTHER")]))
    assert "4 lines, 1 new." in other.text
    assert other.text.count("Known") == 3


def test_a_file_is_looked_at_and_thrown_away(teller: Teller, staff: TestClient) -> None:
    preview = looked_at(staff, camt053(MONTH))
    dropped = page_at(staff, press(staff, preview, "/drop").headers["location"])
    assert "thrown away" in dropped.text
    assert press(staff, preview, "/keep").status_code == 404
    assert teller.files() == []


def test_a_file_that_nobody_decides_on_goes_after_a_day(teller: Teller, staff: TestClient) -> None:
    old = bring(staff, camt053(MONTH)).headers["location"]
    teller.world.advance(days=1, minutes=1)
    page_after = bring(staff, camt053(MONTH))
    # The session of staff ends before a day is over; the file is gone whoever brings the next one.
    assert page_after.status_code == 403
    token = make_link(teller.world.parts, "Sam").rpartition("/")[2]
    staff.cookies.set(COOKIE, enter(teller.world.parts, token))
    bring(staff, camt053(MONTH))
    assert staff.get(old).status_code == 404


def test_what_does_not_add_up_is_said_before_anything_is_kept(teller: Teller, staff: TestClient) -> None:
    preview = looked_at(staff, camt053(MONTH, opening=0, closing=1))
    assert "differ. A line may be missing or too much." in preview.text
    press(staff, preview, "/keep")
    assert "november.xml for current: 3 lines, 3 new. £0.00 at the beginning" in page_at(staff, HOME).text


def test_a_bad_file_can_only_be_thrown_away(teller: Teller, staff: TestClient) -> None:
    preview = looked_at(staff, b"%PDF-1.7 ...", "november.pdf")
    assert "This is a PDF." in preview.text
    assert "/keep" not in preview.text
    ref = preview.url.path.rpartition("/")[2]
    assert staff.post(f"{HOME}/uploads/{ref}/keep").status_code == 422
    assert teller.files() == []


def test_the_same_movements_in_another_kind_of_file_take_a_second_thought(teller: Teller, staff: TestClient) -> None:
    press(staff, looked_at(staff, camt053([Movement(m.day, m.minor, m.name, id="X") for m in MONTH])), "/keep")
    preview = looked_at(staff, starling(MONTH), "november.csv")
    assert "3 new lines have the day and amount of a line" in preview.text
    address, _ = form_at(preview, "/keep")
    assert staff.post(address).status_code == 422
    assert len(teller.lines()) == 3
    assert press(staff, preview, "/keep").status_code == 303
    assert len(teller.lines()) == 6


def test_how_dates_are_meant_is_asked_on_the_page(teller: Teller, staff: TestClient) -> None:
    preview = looked_at(staff, ASKED, "november.csv")
    assert "can be read in two ways" in preview.text
    ref = preview.url.path.rpartition("/")[2]
    assert staff.post(f"{HOME}/uploads/{ref}/read", data={"date_order": "moon-first"}).status_code == 422
    read = press(staff, preview, "/read")
    assert "2 lines, 2 new." in page_at(staff, read.headers["location"]).text
    press(staff, page_at(staff, read.headers["location"]), "/keep")
    assert [line.booked_on for line in teller.lines()] == [date(2026, 2, 1), date(2026, 4, 3)]


def test_which_column_is_what_is_asked_on_the_page(teller: Teller, staff: TestClient) -> None:
    page = looked_at(staff, b"Quando;Quanto;Cosa\n30/09/2026;1.204,11;STRIPE\n29/09/2026;-15,00;FEE\n", "novembre.csv")
    assert "Which column of <bdi>novembre.csv</bdi> is what?" in page.text
    address = page.url.path
    refused = staff.post(f"{address}/columns", data={"description": "Cosa"})
    assert refused.status_code == 422
    assert "Please say which column holds the date." in refused.text
    assert PageFacts(refused.text).faults() == []
    said = staff.post(f"{address}/columns", data={"date": "Quando", "amount": "Quanto", "description": "Cosa"})
    press(staff, page_at(staff, said.headers["location"]), "/keep")
    assert [line.minor for line in teller.lines()] == [120_411, -1500]


def test_lines_that_need_a_person_come_first_and_a_filter_lives_in_the_address(
    teller: Teller, staff: TestClient
) -> None:
    teller.payout("po_1", 48_237, MONDAY)
    lines = [*MONTH, Movement(MONDAY, 9_999, reference="STRIPE-B"), Movement(MONDAY + timedelta(days=1), 48_238)]
    teller.bring(camt053(lines))
    address = f"{HOME}/current"
    first = page_at(staff, address).text
    assert "2 lines of Stripe’s without a match." in first
    assert "£99.99" in first
    assert "J SMITH" not in first
    everything = page_at(staff, f"{address}?show=all").text
    assert all(word in everything for word in ("1 to 5 of 5", "J SMITH", "Not Stripe’s", "Matched"))
    matched = page_at(staff, f"{address}?show=matched").text
    assert "1 to 1 of 1" in matched
    words = page_at(staff, f"{address}?q=smith+marathon26").text
    assert "1 to 2 of 2" in words
    assert "No line fits this filter." in page_at(staff, f"{address}?q=%25").text
    assert "1 to 1 of 1" in page_at(staff, f"{address}?show=all&from=2026-11-24&to=2026-11-24").text
    assert "1 to 2 of 2" in page_at(staff, f"{address}?from=soon").text
    assert staff.get(f"{HOME}/nobody").status_code == 404
    assert staff.get(f"{address}?page=0").status_code == 422
    assert "2 lines, £582.37" in page_at(staff, HOME).text


def test_long_lists_come_in_pages(teller: Teller, staff: TestClient) -> None:
    teller.bring(camt053([Movement(MONDAY, 100 + place, "DONOR") for place in range(250)]))
    first = page_at(staff, f"{HOME}/current").text
    assert "1 to 100 of 250" in first
    following = re.search(r'href="([^"]*page=2)"', first)
    assert following is not None
    second = page_at(staff, following[1].replace("&amp;", "&")).text
    assert "101 to 200 of 250" in second
    assert "page=1" in second
    assert "page=3" in second


def test_why_a_line_was_not_matched_is_said(teller: Teller, staff: TestClient) -> None:
    teller.payout("po_1", 500, MONDAY)
    teller.payout("po_2", 500, MONDAY + timedelta(days=1))
    teller.payout("po_3", 700, MONDAY - timedelta(days=20))
    twins = [
        Movement(MONDAY, 500, reference="A"),
        Movement(MONDAY, 500, reference="B"),
        Movement(MONDAY, 700, "A CREDIT"),
    ]
    teller.bring(camt053(twins))
    page = page_at(staff, f"/staff/lines/{teller.lines()[0].id}").text
    assert "2 things have exactly this amount; a person must say." in page
    assert page.count("But: 1 other payout has this amount and these days.") == 2
    assert page.count("But: 1 other line fits this payout as well.") == 2
    late = page_at(staff, f"/staff/lines/{teller.line(700).id}").text
    assert "14 business days after the expected day" in late
    assert "But: The text does not say STRIPE." in late


def test_a_payout_that_failed_later_is_shown_beside_its_line(teller: Teller, staff: TestClient) -> None:
    teller.payout("po_1", 500, MONDAY)
    teller.bring(camt053([Movement(MONDAY, 500), Movement(MONDAY + timedelta(days=2), -500, reference="RETURNED")]))
    teller.payout("po_1", 500, MONDAY, state="failed")
    arrived = page_at(staff, f"/staff/lines/{teller.line(500).id}").text
    assert "which failed afterwards" in arrived
    back = page_at(staff, f"/staff/lines/{teller.line(-500).id}")
    assert "Return of payout po_1" in back.text
    assert "Return of payout po_1" in page_at(staff, press(staff, back, "/match").headers["location"]).text
    assert (teller.in_transit, teller.at_bank) == (0, 0)


def test_what_cannot_be_a_match_is_refused_on_the_lines_page(teller: Teller, staff: TestClient) -> None:
    teller.payout("po_1", 500, MONDAY)
    teller.bring(camt053([Movement(MONDAY, 501)]))
    address = f"/staff/lines/{teller.line(501).id}"
    refused = staff.post(f"{address}/match", data={"payout": str(teller.payouts["po_1"])})
    assert refused.status_code == 422
    assert "they differ by £0.01" in refused.text
    assert PageFacts(refused.text).faults() == []
    for data in ({}, {"payout": "x"}, {"payout": "1", "transfer": "1"}, {"payout": "9" * 30}):
        assert staff.post(f"{address}/match", data=data).status_code == 422
    assert staff.post(f"{address}/match", data={"payout": "99999"}).status_code == 404
    assert staff.post(f"{address}/undo", data={"match": "99999", "note": "x"}).status_code == 404
    assert staff.get("/staff/lines/99999").status_code == 404
    assert staff.get("/staff/lines/0").status_code == 422
