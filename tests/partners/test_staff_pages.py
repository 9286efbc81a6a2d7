"""What staff do about partners in the browser, and what the receiver of a transfer says on its link."""

import re
from datetime import date

import pytest
from sqlmodel import col, select
from starlette.testclient import TestClient

from fundraise.flows.receive_report import answer_question
from fundraise.staff.tables import StaffAct
from tests.partners.browsing import page_at, press, send, sign_in, sound, token_of
from tests.partners.fellowship import Fellowship

pytestmark = pytest.mark.pages

APRIL, MAY = date(2026, 4, 30), date(2026, 5, 31)
ECB = b"Date,USD,GBP,\n2026-05-29,1.1172,0.8338,\n"


@pytest.fixture
def staff(fellowship: Fellowship) -> TestClient:
    return sign_in(fellowship)


def acts(fellowship: Fellowship) -> list[str]:
    with fellowship.world.parts.db.read() as session:
        return list(session.exec(select(StaffAct.what).order_by(col(StaffAct.id))))


def test_a_partners_short_name_leads_to_its_page_and_its_address_is_one(staff: TestClient) -> None:
    form = page_at(staff, "/staff/partners/new")
    fields = {"appeal": "winter-appeal", "name": "COC Nederland", "currency": "EUR"}
    wrong = [
        ({"name": "New"}, "This word has a meaning of its own here."),
        ({"email": "treasurer\0@coc.example"}, "This does not look like an e-mail address."),
        ({"appeal": "no\0ne"}, "There is no appeal at this address."),
    ]
    for change, said in wrong:
        refused = press(staff, form, "/staff/partners/new", **{**fields, **change})
        assert (refused.status_code, said in sound(refused).text) == (422, True), change
    added = press(staff, form, "/staff/partners/new", **fields, slug="COC", email="treasurer@coc.example")
    assert "treasurer@coc.example" in page_at(staff, added.headers["location"]).text


def test_a_partner_is_added_and_its_link_sent(fellowship: Fellowship, staff: TestClient) -> None:
    assert "No partner yet" in page_at(staff, "/staff/partners").text
    form = page_at(staff, "/staff/partners/new")
    refused = press(staff, form, "/staff/partners/new", appeal="winter-appeal", currency="EUR")
    assert (refused.status_code, "Please write the partner’s name." in sound(refused).text) == (422, True)
    fields = {"appeal": "winter-appeal", "name": "COC Nederland", "currency": "EUR"}
    added = page_at(staff, press(staff, form, "/staff/partners/new", **fields).headers["location"])
    link = re.search(r"http://[^<]*/r/\w{36}", added.text)
    assert link is not None
    assert "Coc" not in added.text
    twice = press(staff, form, "/staff/partners/new", **fields)
    assert (twice.status_code, "There is a partner coc-nederland already." in sound(twice).text) == (422, True)
    page_at(staff, link[0].removeprefix(fellowship.world.settings.base_url))
    renewed = sound(press(staff, added, "/link"))
    assert link[0] not in renewed.text
    key = sound(press(staff, added, "/key"))
    assert re.search(r"fr_[\w-]{40,}", key.text)
    left = page_at(staff, press(staff, added, "coc-nederland/leave").headers["location"])
    assert "It has left." in left.text
    assert acts(fellowship)[-4:] == [
        "added the partner",
        "made a new report link",
        "made a new key for programs",
        "let the partner go",
    ]


def test_a_report_is_asked_about_refused_and_accepted(fellowship: Fellowship, staff: TestClient) -> None:
    fellowship.set_up(currency="EUR")
    fellowship.partner("coc")
    first = fellowship.report("coc", "40,000.00", APRIL)
    address = f"/staff/reports/{first.report_id}"
    asked = page_at(
        staff, press(staff, page_at(staff, address), "/ask", note="Is the concert in it?").headers["location"]
    )
    assert "Is the concert in it?" in asked.text
    empty = press(staff, asked, "/accept")
    assert (empty.status_code, "may count all the same" in sound(empty).text) == (422, True)
    accepted = press(staff, asked, "/accept", note="They said so by telephone.")
    assert "in the total" in page_at(staff, accepted.headers["location"]).text
    late = staff.post(f"{address}/accept")
    assert (late.status_code, "accepted already" in sound(late).text) == (409, True)
    second = fellowship.report("coc", "41,000.00", MAY)
    page = page_at(staff, f"/staff/reports/{second.report_id}")
    assert "The total rises by €1,000.00 to €41,000.00." in page.text
    refused = page_at(staff, press(staff, page, "/refuse", note="Another amount on the statement.").headers["location"])
    assert "Another amount on the statement." in refused.text
    partner = page_at(staff, "/staff/partners/coc")
    assert all(word in partner.text for word in ("Accepted", "Refused", "€40,000.00 counts"))
    assert staff.get("/staff/reports/999").status_code == 404
    assert staff.get("/staff/reports/0").status_code == 422
    assert acts(fellowship)[-3:] == ["asked about report 1", "accepted report 1", "refused report 2"]


def test_what_cannot_be_accepted_says_why_in_the_place_of_the_button(fellowship: Fellowship, staff: TestClient) -> None:
    fellowship.set_up(currency="EUR")
    fellowship.partner("coc")
    fellowship.accepted("coc", "40,000.00", APRIL)
    ref = fellowship.transfer("body:shelter", "partner:coc", "1,000.00", "EUR", APRIL, reference="OUR-1")
    came = fellowship.report("coc", "41,000.00", MAY)
    address = f"/staff/reports/{came.report_id}"
    assert "Accept it all the same" in page_at(staff, address).text
    answer_question(fellowship.world.parts, 1, came.report_id, "like_transfer", "same", "", by="Anna")
    page = page_at(staff, address)
    assert "/accept" not in page.text
    for words in (
        "It cannot be accepted as it stands",
        "It cannot be accepted.</strong> The figure rises by €1,000.00",
    ):
        assert words in page.text
    refused = staff.post(f"{address}/accept", data={"note": "I am sure"})
    assert (refused.status_code, "Yes: I will send the figure again" in sound(refused).text) == (409, True)
    # Once it is no transfer any more there is nothing in the way.
    fellowship.taken_back(ref)
    page = page_at(staff, address)
    assert "The total rises by €1,000.00 to €41,000.00." in page.text
    page_at(staff, press(staff, page, "/accept").headers["location"])
    assert fellowship.total_minor() == 4_100_000


def test_a_transfer_is_recorded_acknowledged_and_taken_back(fellowship: Fellowship, staff: TestClient) -> None:
    fellowship.set_up(currency="EUR")
    fellowship.partner("coc")
    fellowship.partner("network", is_beneficiary=True)
    fellowship.accepted("coc", "40,000.00", APRIL)
    empty = page_at(staff, "/staff/transfers")
    fields = {
        "sender": "partner:coc",
        "receiver": "partner:network",
        "amount": "10,000.00",
        "currency": "EUR",
        "sent_on": "2026-05-12",
        "reference": "COC MAY",
    }
    for change, said in (
        ({"amount": ""}, "Please write an amount."),
        ({"sent_on": "2026-12-01"}, "not after today"),
        ({"receiver": "partner:coc"}, "Sender and receiver are the same."),
        ({"sender": "body:nobody"}, "Please choose a participant"),
    ):
        refused = press(staff, empty, "/staff/transfers", **{**fields, **change})
        assert (refused.status_code, said in sound(refused).text) == (422, True)
    done = page_at(staff, press(staff, empty, "/staff/transfers", **fields).headers["location"])
    assert "1 transfer on the way, €10,000.00, oldest 194 days." in done.text
    assert "Overdue" in done.text
    twice = press(staff, done, "/staff/transfers", **fields)
    assert (twice.status_code, "COC MAY already" in sound(twice).text) == (422, True)
    found = re.search(r"http://[^<]*(/t/\w{36})", done.text)
    assert found is not None
    link = found[1]
    asked = page_at(staff, link)
    assert "COC MAY" in asked.text
    assert fellowship.stage("remitted") == 1_000_000
    assert press(staff, asked, link, answer="").status_code == 422
    assert press(staff, asked, link, answer="other", amount="lots", arrived_on="2026-05-15").status_code == 422
    assert press(staff, asked, link, answer="arrived", arrived_on="2025-05-15").status_code == 422
    later = press(staff, asked, link, answer="not_yet")
    assert "come back to this link" in page_at(staff, later.headers["location"]).text
    said = press(staff, asked, link, answer="other", amount="9,988.00", arrived_on="2026-05-15")
    assert "that €9,988.00 arrived on 15 May 2026" in page_at(staff, said.headers["location"]).text
    assert (fellowship.stage("remitted"), fellowship.stage("received")) == (0, 998_800)
    other = staff.post(link, data={"answer": "arrived", "arrived_on": "2026-05-15"})
    assert other.status_code == 409
    listed = page_at(staff, "/staff/transfers")
    assert "Another amount arrived" in listed.text
    back = page_at(staff, press(staff, listed, "/withdraw", note="typed twice").headers["location"])
    assert "Taken back" in back.text
    assert fellowship.stage("received") == 0
    assert staff.get("/t/" + "0" * 36).status_code == 404


def test_rates_are_brought_as_a_file(fellowship: Fellowship, staff: TestClient) -> None:
    fellowship.partner("coc")
    fellowship.accepted("coc", "100.00", MAY)
    assert "European Central Bank: none" in page_at(staff, "/staff/rates").text
    bad = staff.post("/staff/rates", files={"file": ("a.csv", b"a,b\n1,2\n", "text/csv")})
    assert (bad.status_code, "no exchange rates in this file" in sound(bad).text) == (422, True)
    none = staff.post("/staff/rates", files={"file": ("", b"", "text/csv")})
    assert (none.status_code, "Please choose a file" in sound(none).text) == (422, True)
    kept = staff.post("/staff/rates", files={"file": ("eurofxref.csv", ECB, "text/csv")})
    page = page_at(staff, kept.headers["location"])
    assert "1 new day or month kept. Converted because of it: 1." in page.text
    assert fellowship.total_minor() == 8338
    again = staff.post("/staff/rates", files={"file": ("copy.csv", ECB, "text/csv")})
    assert "Nothing in it was new" in page_at(staff, again.headers["location"]).text


def test_nobody_else_comes_in(fellowship: Fellowship) -> None:
    fellowship.partner("coc")
    came = fellowship.report("coc", "100.00", MAY)
    stranger = fellowship.world.donor
    for address in ("partners", "partners/new", "partners/coc", f"reports/{came.report_id}", "transfers", "rates"):
        assert stranger.get(f"/staff/{address}").status_code == 403
    for address in (f"reports/{came.report_id}/accept", "partners/coc/link", "partners/coc/key", "transfers", "rates"):
        assert stranger.post(f"/staff/{address}").status_code == 403
    assert fellowship.state(came) == "received"


def test_a_figure_that_came_by_letter_is_typed_in_and_accepted(fellowship: Fellowship, staff: TestClient) -> None:
    fellowship.set_up(currency="EUR")
    fellowship.partner("coc")
    address = "/staff/partners/coc/report"
    assert f'href="{address}"' in page_at(staff, "/staff/partners/coc").text
    wrong = sound(send(staff, address, "forty", MAY, name=""))
    assert wrong.status_code == 422
    assert "for those who check it" in wrong.text
    assert 'value="forty"' in wrong.text
    looked = send(staff, address, "40,000.00", APRIL, look="1")
    assert (looked.status_code, "no conversion is needed" in sound(looked).text) == (200, True)
    assert fellowship.total_minor() == 0

    token = token_of(looked)
    first = send(
        staff, address, "40,000.00", APRIL, token=token, evidence="Letter of 2 May", file=("letter.txt", b"40")
    )
    again = send(
        staff, address, "40,000.00", APRIL, token=token, evidence="Letter of 2 May", file=("letter.txt", b"40")
    )
    assert first.headers["location"] == again.headers["location"]
    report = page_at(staff, first.headers["location"])
    for words in ("Kept. It counts once it is accepted.", "staff, Anna de Vries", "Letter of 2 May", "Priya Raman"):
        assert words in report.text
    page_at(staff, press(staff, report, "/accept").headers["location"])
    assert fellowship.total_minor() == 4_000_000
    assert acts(fellowship)[-2:] == ["typed in report 1", "accepted report 1"]

    lower = page_at(staff, send(staff, address, "30,000.00", MAY).headers["location"])
    assert "less than last time" in lower.text
    assert fellowship.total_minor() == 4_000_000


def test_no_figure_is_typed_in_for_a_partner_that_has_left(fellowship: Fellowship, staff: TestClient) -> None:
    fellowship.set_up(currency="EUR")
    fellowship.partner("coc")
    form = page_at(staff, "/staff/partners/coc/report")
    page_at(staff, press(staff, page_at(staff, "/staff/partners/coc"), "coc/leave").headers["location"])
    assert "Type in a figure" not in page_at(staff, "/staff/partners/coc").text
    late = send(staff, "/staff/partners/coc/report", "40,000.00", APRIL, token=token_of(form))
    assert (late.status_code, "has left" in late.text) == (409, True)
    assert staff.get("/staff/partners/coc/report").status_code == 409
    assert staff.get("/staff/partners/nobody/report").status_code == 404
