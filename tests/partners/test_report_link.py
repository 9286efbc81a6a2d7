"""A partner's treasurer on a phone: the link, the form, the questions, and what became of the figure."""

from datetime import date
from hashlib import sha256

import pytest
from sqlmodel import select

from fundraise.flows.add_partner import leave, renew_link
from fundraise.flows.receive_report import MOST_OPEN
from fundraise.flows.record_transfer import LINK
from fundraise.partners.tables import PartnerReport
from tests.partners.browsing import BASIS, link_of, page_at, press, send, sent, sign_in, sound, token_of
from tests.partners.fellowship import STAFF, Fellowship

pytestmark = pytest.mark.pages

MARCH, APRIL = date(2026, 3, 31), date(2026, 4, 30)


@pytest.fixture
def coc(fellowship: Fellowship) -> Fellowship:
    fellowship.rates("ECB", APRIL, GBP="0.8338", USD="1.1172")
    fellowship.partner("coc")
    return fellowship


def test_from_the_link_to_the_public_total(coc: Fellowship) -> None:
    browser, link = coc.world.donor, link_of(coc, "coc")
    form = page_at(browser, link)
    assert "How much has <bdi>Coc</bdi> by now?" in form.text
    looked = sound(send(browser, link, "40,000.00", APRIL, look="1"))
    assert "€40,000.00 = £33,352.00 at 1 EUR = 0.8338 GBP (European Central Bank, 30 April 2026)" in looked.text
    done = sent(browser, link, "40,000.00", APRIL, evidence="https://coc.example/figures", token=token_of(looked))
    assert "€40,000.00 as of 30 April 2026 has arrived" in done.text
    assert coc.total_minor() == 0

    staff = sign_in(coc)
    home = page_at(staff, "/staff/partners")
    assert "1 partner, 1 report to accept." in home.text
    report = page_at(staff, "/staff/reports/1")
    assert "The total rises by £33,352.00 to £33,352.00." in report.text
    accepted = page_at(staff, press(staff, report, "/accept").headers["location"])
    assert "Accepted by Priya Raman" in accepted.text
    assert coc.total_minor() == 3_335_200

    public = page_at(browser, "/a/winter-appeal")
    for words in ("£33,352.00", "1 EUR = 0.8338 GBP", "https://coc.example/figures", "accepted on"):
        assert words in public.text
    assert "Priya" not in public.text
    counted = page_at(browser, "/a/winter-appeal/counted")
    assert "rebuild_total.py" in counted.text
    assert (
        "€40,000.00 more, at 0.8338 (European Central Bank, 2026-04-30)"
        in page_at(browser, "/a/winter-appeal/counted/1").text
    )
    assert "It counts" in page_at(browser, done.url.path).text
    again = page_at(browser, link)
    assert "Last time: €40,000.00 as of 30 April 2026, accepted." in again.text
    assert again.text.count("checked") == 4


def test_the_button_pressed_twice_sends_one_figure(coc: Fellowship) -> None:
    browser, link = coc.world.donor, link_of(coc, "coc")
    token = token_of(page_at(browser, link))
    first = send(browser, link, "40,000.00", APRIL, token=token)
    assert send(browser, link, "40,000.00", APRIL, token=token).headers["location"] == first.headers["location"]
    other = send(browser, link, "41,000.00", APRIL, token=token)
    assert other.headers["location"] != first.headers["location"]


def test_a_lower_figure_is_asked_about_and_answered(coc: Fellowship) -> None:
    browser, link = coc.world.donor, link_of(coc, "coc")
    coc.accepted("coc", "40,000.00", MARCH)
    held = sent(browser, link, "38,000.00", APRIL)
    assert "This is €2,000.00 less than last time. What happened?" in held.text
    refused = press(browser, held, r"/r/\w+/\d+", answer="refunds")
    assert (refused.status_code, "Please say it in a sentence." in sound(refused).text) == (422, True)
    done = press(browser, held, r"/r/\w+/\d+", answer="refunds", note="Two gifts went back.")
    assert "has arrived" in page_at(browser, done.headers["location"]).text
    staff = sign_in(coc)
    assert "The partner says: Gifts were returned: Two gifts went back." in page_at(staff, "/staff/reports/2").text


def test_what_only_another_figure_answers_leads_back_to_the_form(coc: Fellowship) -> None:
    browser, link = coc.world.donor, link_of(coc, "coc")
    held = sent(browser, link, "40,000.00", APRIL, gift_aid="unknown")
    assert "Type the figure again" in held.text
    assert "Send the answer" not in held.text
    late = sent(browser, link, "40,000.00", date(2026, 11, 30))
    assert "30 November 2026 has not come yet." in late.text


def test_a_transfer_is_ticked_and_counted_once(coc: Fellowship) -> None:
    browser, link = coc.world.donor, link_of(coc, "coc")
    ref = coc.transfer("body:shelter", "partner:coc", "1,000.00", "EUR", MARCH, reference="OUR-1")
    assert "€1,000.00 from Shelter, 31 March 2026" in page_at(browser, link).text
    alike = sent(browser, link, "1,000.00", APRIL)
    assert "which is what another participant sent you on 31 March 2026 (OUR-1)" in alike.text
    assert press(browser, alike, r"/r/\w+/\d+", answer="same").headers["location"] == link
    none = send(browser, link, "5,000.00", APRIL, our_transfers="some")
    assert (none.status_code, "Please tick which of them" in sound(none).text) == (422, True)
    done = sent(browser, link, "5,000.00", APRIL, our_transfers="some", transfers=[ref])
    coc.accept(int(done.url.path.rpartition("/")[2]))
    assert coc.own_minor("coc") == 400_000


WRONG: list[tuple[dict[str, str], str]] = [
    ({"amount": ""}, "Please write an amount."),
    ({"amount": "forty"}, "in digits"),
    ({"amount": "-5"}, "above zero"),
    ({"amount": "1,500"}, "can be read in two ways"),
    ({"amount": "£40"}, "the currency chosen is euros"),
    ({"amount": "1e6"}, "only the amount in digits"),
    ({"amount": "200000000000"}, "more than we can take"),
    ({"as_of": ""}, "the day that the figure is of"),
    ({"as_of": "31.04.2026"}, "the day that the figure is of"),
    ({"stage": ""}, "Please say what the money is."),
    ({"gift_aid": "amount", "gift_aid_amount": ""}, "Please write an amount."),
    ({"gift_aid": "amount", "gift_aid_amount": "50,000.00"}, "more than the whole figure"),
    ({"name": " "}, "Please write a name"),
    ({"evidence": "x" * 2001}, "at most 2000 characters"),
    ({"evidence": "\x07"}, "cannot be kept"),
]


def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(coc: Fellowship) -> None:
    browser, link = coc.world.donor, link_of(coc, "coc")
    fields = {"token": "t", "amount": "40,000.00", "as_of": "2026-04-30", "name": "Anna", "evidence": "Seen.", **BASIS}
    for change, said in WRONG:
        answer = browser.post(link, data={**fields, **change}, files={"file": ("", b"", "application/octet-stream")})
        assert (answer.status_code, said in sound(answer).text) == (422, True), change
        assert "amount" in change or "40,000.00" in answer.text
    assert "Last time" not in page_at(browser, link).text


def test_a_file_is_kept_and_shown_only_where_that_was_allowed(coc: Fellowship) -> None:
    browser, link = coc.world.donor, link_of(coc, "coc")
    for amount, public in (("40,000.00", ""), ("41,000.00", "1")):
        file = (f"../{amount}<b>.html", b"<script>alert(1)</script>" + amount.encode())
        answer = send(
            browser, link, amount, APRIL if not public else date(2026, 5, 1), file=file, file_is_public=public
        )
        number = int(answer.headers["location"].rpartition("/")[2])
        coc.accept(number)
        page = page_at(browser, "/a/winter-appeal").text
        assert ("evidence/" in page) == bool(public)
    assert "41,000.00&lt;b&gt;.html" in page
    address = page[page.index("/a/winter-appeal/evidence/") :].partition('"')[0]
    given = browser.get(address)
    assert (given.status_code, given.content) == (200, b"<script>alert(1)</script>41,000.00")
    assert given.headers["content-type"] == "application/octet-stream"
    assert given.headers["content-disposition"].startswith("attachment")
    assert browser.get("/a/winter-appeal/evidence/" + "0" * 64).status_code == 404
    too_large = send(browser, link, "42,000.00", date(2026, 5, 2), file=("a.pdf", b"x" * (5 * 1024 * 1024 + 1)))
    assert (too_large.status_code, "larger than 5 MB" in too_large.text) == (422, True)
    assert send(browser, link, "42,000.00", date(2026, 5, 2), file=("a.pdf", b"x" * 6_000_000)).status_code == 413
    staff = sign_in(coc)
    assert staff.get("/staff/reports/1/file").content == b"<script>alert(1)</script>40,000.00"
    assert b'"amount_minor": 4000000' in staff.get("/staff/reports/1/raw").content


def test_a_link_opens_until_it_is_renewed_or_the_partner_leaves(coc: Fellowship) -> None:
    browser, old = coc.world.donor, link_of(coc, "coc")
    coc.partner("allout", "USD")
    other = link_of(coc, "allout")
    mine = send(browser, old, "40,000.00", APRIL).headers["location"]
    assert browser.get(f"{other}/{mine.rpartition('/')[2]}").status_code == 404
    assert browser.get(old[:-1] + ("0" if old[-1] != "0" else "1")).status_code == 404
    for garbage in ("x", "0" * 36, "%00", "ä" * 36, "0" * 500):
        assert browser.get(f"/r/{garbage}").status_code == 404
    renew_link(coc.world.parts, "coc", by=STAFF)
    assert browser.get(old).status_code == browser.get(mine).status_code == 404
    assert browser.post(old, data={}).status_code == 404
    new = link_of(coc, "coc")
    page_at(browser, new)
    leave(coc.world.parts, "coc", by=STAFF)
    assert browser.get(new).status_code == 404


def test_a_form_from_another_site_is_refused(coc: Fellowship) -> None:
    answer = coc.world.donor.post(link_of(coc, "coc"), data=BASIS, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


def test_only_the_figure_itself_may_be_long_and_its_form_is_utf_8(coc: Fellowship) -> None:
    browser, link = coc.world.donor, link_of(coc, "coc")
    for address in (f"{link}/1", "/r/nobody/1"):
        assert browser.post(address, data={"note": "x" * 300_000}).status_code == 413
    odd = b'--b\r\nContent-Disposition: form-data; name="token"\r\n\r\n\\ud800\r\n--b--\r\n'
    headers = {"content-type": "multipart/form-data; boundary=b; charset=unicode_escape"}
    assert browser.post(link, content=odd, headers=headers).status_code == 400


def test_a_large_and_old_first_figure_is_asked_about_twice(coc: Fellowship) -> None:
    browser, link = coc.world.donor, link_of(coc, "coc")
    held = sent(browser, link, "40,000,000.00", date(2017, 4, 30))
    assert "30 April 2017 is more than a year ago. Is the figure of that day?" in held.text
    empty = press(browser, held, r"/r/\w+/\d+")
    assert (empty.status_code, "Please choose an answer." in sound(empty).text) == (422, True)
    second = page_at(browser, press(browser, held, r"/r/\w+/\d+", answer="right").headers["location"])
    assert "This is the first figure, and a large one: €40,000,000.00. Is the whole amount right?" in second.text
    done = page_at(browser, press(browser, second, r"/r/\w+/\d+", answer="right").headers["location"])
    assert "has arrived" in done.text


def test_a_form_brings_the_figure_of_its_own_link_alone(coc: Fellowship) -> None:
    browser, link = coc.world.donor, link_of(coc, "coc")
    coc.partner("allout", "USD")
    more = {"currency": "USD", "partner": "allout", "partner_id": "2", "state": "accepted", "came_by": "staff"}
    page = sent(browser, link, "40,000.00", APRIL, **more)
    assert "€40,000.00 as of 30 April 2026 has arrived" in page.text
    with coc.world.parts.db.read() as session:
        (report,) = session.exec(select(PartnerReport))
    assert (report.partner_id, report.currency, report.state, report.came_by) == (1, "EUR", "received", "link")


def test_a_link_that_is_pressed_without_end_stops(coc: Fellowship) -> None:
    browser, link = coc.world.donor, link_of(coc, "coc")
    for number in range(MOST_OPEN):
        coc.report("coc", number, APRIL)
    stopped = sound(send(browser, link, "40,000.00", APRIL, evidence="Statement 18"))
    assert (stopped.status_code, "50 figures wait to be looked at" in stopped.text) == (429, True)
    assert 'value="40,000.00"' in stopped.text
    assert "Statement 18" in stopped.text


def test_a_partner_without_a_name_is_named_nowhere_public(coc: Fellowship) -> None:
    coc.partner("hiddenhouse", is_unnamed=True, contact_email="treasurer@hiddenhouse.example")
    browser, link = coc.world.donor, link_of(coc, "hiddenhouse")
    raw = b"the statement of Hiddenhouse"
    said = {"evidence": "https://hiddenhouse.example/", "name": "Ms Hiddenhouse", "file_is_public": "1"}
    answer = send(browser, link, "5,000.00", MARCH, file=("hiddenhouse.pdf", raw), **said)
    coc.accept(int(answer.headers["location"].rpartition("/")[2]))
    passed = coc.transfer("partner:hiddenhouse", "partner:coc", "500.00", "EUR", MARCH)
    coc.arrived(passed, "500.00", "EUR", MARCH)
    address, told = "/a/winter-appeal", "/api/v1/appeals/winter-appeal/total"
    assert "A partner who asked not to be named" in page_at(browser, f"{address}/counted").text
    receivers = f"/t/{coc.world.parts.sealer.link_token(LINK, passed)}"
    part = f"{address}/counted/{coc.partners['hiddenhouse']}"
    for where in ("/", address, f"{address}/counted", part, told, link_of(coc, "coc"), receivers):
        read = browser.get(where)
        assert (read.status_code, "hiddenhouse" in read.text.lower()) == (200, False), where
    assert browser.get(f"{address}/evidence/{sha256(raw).hexdigest()}").status_code == 404
