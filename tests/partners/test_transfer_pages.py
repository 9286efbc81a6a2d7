"""What staff record about transfers in the browser: between whichever participants, and what the receiver says."""

from datetime import date

import httpx2 as httpx
import pytest
from sqlmodel import col, select
from starlette.testclient import TestClient

from fundraise.appeals.tables import Appeal
from fundraise.bodies.tables import Body
from fundraise.staff.tables import StaffAct
from fundraise.transfers.tables import Acknowledgement, Transfer
from tests.partners.browsing import page_at, press, sign_in, sound
from tests.partners.fellowship import STAFF, Fellowship

pytestmark = pytest.mark.pages

HOME = "/staff/transfers"
MAY = date(2026, 5, 12)
SAID = {"amount": "9,988.00", "arrived_on": "2026-05-15", "said_by": "Anna de Vries", "note": "Her letter of 16 May"}


@pytest.fixture
def passing(fellowship: Fellowship) -> Fellowship:
    """An appeal in euros whose money is for a partner, the network; COC has sent it €10,000.00."""
    fellowship.set_up(currency="EUR")
    fellowship.partner("coc")
    fellowship.partner("network", is_beneficiary=True)
    fellowship.transfer("partner:coc", "partner:network", "10,000.00", "EUR", MAY, reference="COC MAY")
    return fellowship


@pytest.fixture
def staff(passing: Fellowship) -> TestClient:
    return sign_in(passing)


def arrival_form(staff: TestClient) -> httpx.Response:
    """Follow the link of the one transfer that is on its way."""
    page = page_at(staff, HOME).text
    address = page[: page.index('">Record its arrival')].rpartition('href="')[2]
    return page_at(staff, address)


def record(staff: TestClient, **more: str) -> httpx.Response:
    fields = {"amount": "100.00", "currency": "EUR", "sent_on": "2026-05-12", **more}
    return press(staff, page_at(staff, HOME), HOME, **fields)


def said(passing: Fellowship) -> list[Acknowledgement]:
    with passing.world.parts.db.read() as session:
        return list(session.exec(select(Acknowledgement)))


def network_here(passing: Fellowship) -> Body:
    """Make the network a body with books here, whom the appeal's money is finally for."""
    network = passing.world.body("network")
    passing.set_up(beneficiary_body_id=network.id)
    return network


def test_staff_write_down_what_the_receiver_says(passing: Fellowship, staff: TestClient) -> None:
    form = arrival_form(staff)
    for words in ("What arrived of €10,000.00?", "Coc", "Network", "COC MAY", "Amount that arrived, in EUR"):
        assert words in form.text
    assert (passing.stage("remitted"), passing.stage("received")) == (1_000_000, 0)
    # The currency is the receiver's own, whatever else is sent along.
    done = page_at(staff, press(staff, form, "/arrived", currency="GBP", **SAID).headers["location"])
    for words in ("Recorded. It has arrived.", "15 May 2026, said by Anna de Vries", "Her letter of 16 May"):
        assert words in done.text
    assert "Nothing is on its way." in done.text
    assert (passing.stage("remitted"), passing.stage("received")) == (0, 998_800)
    (kept,) = said(passing)
    assert (kept.arrived_minor, kept.arrived_currency, kept.said_by) == (998_800, "EUR", "Anna de Vries")
    with passing.world.parts.db.read() as session:
        act = session.exec(select(StaffAct).order_by(col(StaffAct.id).desc())).first()
    assert act is not None
    assert (act.what, act.by) == ("acknowledged COC MAY", STAFF)


WRONG = [
    ({"amount": ""}, "Please write an amount."),
    ({"amount": "lots"}, "in digits"),
    ({"amount": "0"}, "above zero"),
    ({"amount": "-5"}, "above zero"),
    ({"amount": "9,988"}, "can be read in two ways"),
    ({"amount": "£9988"}, "the currency chosen is euros"),
    ({"amount": "200000000000"}, "more than we can take"),
    ({"arrived_on": ""}, "Please write the day it arrived."),
    ({"arrived_on": "15.05.2026"}, "Please write the day it arrived."),
    ({"arrived_on": "2026-05-10"}, "between the day it was sent and today"),
    ({"arrived_on": "2026-12-24"}, "between the day it was sent and today"),
    ({"said_by": " "}, "Please write who says so"),
    ({"said_by": "x" * 121}, "at most 120 characters"),
    ({"said_by": "Anna\0"}, "cannot be kept"),
    ({"note": "x" * 1001}, "at most 1000 characters"),
]


def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(
    passing: Fellowship, staff: TestClient
) -> None:
    form = arrival_form(staff)
    for change, words in WRONG:
        refused = sound(press(staff, form, "/arrived", **{**SAID, **change}))
        assert (refused.status_code, words in refused.text) == (422, True), change
        (field,) = change
        assert f'id="f-{field}-error"' in refused.text
        assert all(value in refused.text for name, value in SAID.items() if name != field), change
    assert said(passing) == []


def test_what_arrived_is_said_once(passing: Fellowship, staff: TestClient) -> None:
    form = arrival_form(staff)
    assert press(staff, form, "/arrived", **SAID).status_code == 303
    assert press(staff, form, "/arrived", **SAID).status_code == 303
    other = sound(press(staff, form, "/arrived", **{**SAID, "amount": "9,989.00"}))
    assert (other.status_code, "record it anew" in other.text) == (409, True)
    again = sound(staff.get(form.url.path))
    assert (again.status_code, "said already what arrived" in again.text) == (409, True)
    press(staff, page_at(staff, HOME), "/withdraw", note="another amount")
    for answer in (staff.get(form.url.path), press(staff, form, "/arrived", **SAID)):
        assert (answer.status_code, "taken back" in sound(answer).text) == (409, True)
    assert len(said(passing)) == 1
    assert passing.stage("received") == 0


def test_between_two_charities_with_books_here(passing: Fellowship, staff: TestClient) -> None:
    network_here(passing)
    fields = {"sender": "body:shelter", "receiver": "body:network", "reference": "SHELTER-1"}
    assert record(staff, appeal="winter-appeal", **fields).status_code == 303
    assert passing.stage("remitted") == 1_010_000
    page = page_at(staff, HOME).text
    address = page[: page.rindex('">Record its arrival')].rpartition('href="')[2]
    form = page_at(staff, address)
    press(staff, form, "/arrived", **{**SAID, "amount": "100.00"})
    assert (passing.stage("remitted"), passing.stage("received")) == (1_000_000, 10_000)


def test_what_is_sent_to_a_charity_here_is_said_on_its_link_too(passing: Fellowship, staff: TestClient) -> None:
    network_here(passing)
    record(staff, sender="partner:coc", receiver="body:network", reference="COC-2")
    page = page_at(staff, HOME).text
    link = page[page.rindex("/t/") :].partition("<")[0]
    press(staff, page_at(staff, link), link, answer="arrived", arrived_on="2026-05-15")
    assert passing.stage("received") == 10_000


def test_the_appeal_is_chosen_where_no_partner_tells_it(passing: Fellowship, staff: TestClient) -> None:
    with passing.world.parts.db.write("test") as session:
        session.add(Appeal(slug="other", title="Another cause", cause="Beds.", created_at=passing.world.now()))
    network_here(passing)
    both = {"sender": "body:shelter", "receiver": "body:network"}
    for change, field, words in (
        (both, "appeal", "Please choose the appeal"),
        ({**both, "appeal": "no\0ne"}, "appeal", "Please choose the appeal"),
        ({**both, "sender": ""}, "sender", "Please choose a participant: who sent it."),
        ({**both, "receiver": "body:net\0"}, "receiver", "Please choose a participant: who received it."),
        ({**both, "sender": "partner:coc", "appeal": "other"}, "sender", "a participant of this appeal"),
    ):
        refused = sound(record(staff, **change))
        assert (refused.status_code, words in refused.text) == (422, True), change
        assert f'id="f-{field}-error"' in refused.text
    assert record(staff, **both, appeal="other").status_code == 303
    with passing.world.parts.db.read() as session:
        newest = session.exec(select(Transfer).order_by(col(Transfer.id).desc())).first()
        assert newest is not None
        assert session.get_one(Appeal, newest.appeal_id).slug == "other"


def test_more_than_any_figure_is_not_taken(passing: Fellowship, staff: TestClient) -> None:
    fields = {"sender": "partner:coc", "receiver": "partner:network"}
    for amount in ("200000000000", "92233720368547758.07"):
        refused = sound(record(staff, amount=amount, **fields))
        assert (refused.status_code, "more than we can take" in refused.text) == (422, True)
    assert record(staff, amount="100,000,000,000.00", **fields).status_code == 303
    assert passing.stage("remitted") == 10**13 + 1_000_000


def test_no_other_address_opens_an_arrival(passing: Fellowship, staff: TestClient) -> None:
    for ref in ("nobody", "%00", "x" * 300):
        assert staff.get(f"{HOME}/{ref}/arrived").status_code == 404
        assert staff.post(f"{HOME}/{ref}/arrived", data=SAID).status_code == 404
    address = arrival_form(staff).url.path
    staff.cookies.clear()
    assert staff.get(address).status_code == staff.post(address, data=SAID).status_code == 403
    assert said(passing) == []
