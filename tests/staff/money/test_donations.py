"""The list of donations and each one's page: the filter, the sums of all that it finds, and nothing given away."""

import re

import pytest
from starlette.testclient import TestClient

from fundraise.figures import donation_list
from tests.staff.money.desk import Desk, words_of

pytestmark = pytest.mark.pages

HOME = "/staff/donations"


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """Four gifts paid in two currencies, one of them at an event, one refunded; one never paid."""
    world = desk.world
    body = world.body("network")
    world.account(body)
    world.campaign(body, slug="spring", title="Spring walk", gift_currencies="GBP,EUR")
    world.paid_gift("50", name="Mara Lindqvist", email="mara@example.org")
    world.paid_gift("20", cover_fee="1")
    world.paid_gift("60", slug="spring", currency="EUR")
    back = world.paid_gift("10", slug="spring", name="=1+1")
    world.give(amount="99")
    world.advance(days=8)
    world.settle()
    desk.refund_in_the_dashboard(back)
    world.settle()
    return desk


def references(page: str) -> list[str]:
    return re.findall(r'href="/staff/donations/([a-z0-9]+)">', page)


def test_the_sums_are_those_of_the_whole_filter(busy: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(donation_list, "PAGE", 2)
    monkeypatch.setattr("fundraise.web.staff.donations_page.PAGE", 2)
    first = busy.open(HOME)
    assert "4 donations, €60.00 and £80.51 paid." in words_of(first)
    assert "1 to 2 of 4" in first.text
    second = busy.open(f"{HOME}?page=2")
    assert "4 donations, €60.00 and £80.51 paid." in words_of(second)
    assert "3 to 4 of 4" in second.text
    shown = {*references(first.text), *references(second.text)}
    assert shown == {each.ref for each in busy.donations() if each.state == "paid"}


ALL = {"£50.00", "£20.51", "€60.00", "£10.00"}
FILTERS = {
    "": ALL,
    "?campaign=spring": {"€60.00", "£10.00"},
    "?charity=network&q=1": {"£10.00"},
    "?state=refunded": {"£10.00"},
    "?state=unpaid": {"£99.00"},
    "?state=any": {*ALL, "£99.00"},
    "?state=disputed": set(),
    "?q=mara": {"£50.00"},
    "?q=MARA%40example.org": {"£50.00"},
    "?q=nobody": set(),
    "?from=2026-11-22&to=2026-11-22": ALL,
    "?to=2026-11-21": set(),
    "?from=nonsense&state=nonsense&sort=nonsense&page=1": ALL,
    "?q=%00": ALL,
    "?q=%25": set(),
}


def test_the_filter_lives_in_the_address(busy: Desk) -> None:
    for query, amounts in FILTERS.items():
        page = busy.open(f"{HOME}{query}")
        body = page.text.partition("<tbody>")[2].partition("</tbody>")[0]
        rows = re.findall(r'<td class="number"><bdi class="num">([^<]+)</bdi></td>', body)
        assert {amount for amount in rows if amount in {*ALL, "£99.00"}} == amounts, query
    (mara, *_) = (each for each in busy.donations() if each.gift_minor == 5000)
    spoken = f"G-{mara.ref[:4].upper()}-{mara.ref[4:8].upper()}"
    for words in (spoken, str(mara.charge_id), str(mara.payment_id)):
        assert references(busy.open(f"{HOME}?q={words}").text) == [mara.ref], words


def test_columns_sort_by_link_both_ways(busy: Desk) -> None:
    page = busy.open(HOME)
    link = re.search(r'href="([^"]+)">Amount</a>', page.text)
    assert link
    down = references(busy.open(link[1].replace("&amp;", "&")).text)
    up = references(busy.open(f"{HOME}?sort=amount&order=up").text)
    assert down == up[::-1]
    amounts = {each.ref: (each.currency, each.total_minor) for each in busy.donations()}
    assert [amounts[ref] for ref in up] == sorted(amounts[ref] for ref in up)


def test_one_donation_shows_its_whole_way(busy: Desk) -> None:
    covered = busy.donations()[1]
    page = busy.open(f"{HOME}/{covered.ref}")
    said = words_of(page)
    for words in (
        "£20.51 paid on 22 November 2026, £20.00 net, not yet paid out.",
        "Gift £20.00",
        "Added for the fee £0.51",
        "Fee £0.51",
        "4120 Fee cover by donors £0.51",
        "1110 Stripe balance £20.00",
        "Receipt number 000002",
        str(covered.charge_id),
    ):
        assert words in said, words
    refunded = words_of(busy.open(f"{HOME}/{busy.donations()[3].ref}"))
    assert "Refund £10.00, succeeded" in refunded
    assert "Refunded £10.00" in refunded
    unpaid = words_of(busy.open(f"{HOME}/{busy.donations()[4].ref}"))
    assert "Nothing of it is in the books." in unpaid
    busy.open(f"{HOME}/nothing", status=404)


def test_two_tabs_both_paid_are_two_gifts_flagged_as_a_likely_double(desk: Desk) -> None:
    for _ in range(2):
        desk.world.paid_gift("20", email="mara@example.org")
    desk.world.paid_gift("20", email="tom@example.org")
    assert (desk.world.total_minor(), desk.world.total()["gifts"]) == (6000, 3)
    assert words_of(desk.open(HOME)).count("likely a double") == 2
    first, second, third = desk.donations()
    page = desk.open(f"{HOME}/{first.ref}").text
    assert f"/staff/donations/{second.ref}" in page
    assert f"/staff/donations/{third.ref}" not in page
    assert "Likely a double" not in desk.open(f"{HOME}/{third.ref}").text


def test_the_donors_page_opens_without_its_address_standing_on_ours(busy: Desk) -> None:
    donation = busy.donations()[0]
    token = busy.world.parts.sealer.link_token("donation", donation.ref)
    assert token not in busy.open(f"{HOME}/{donation.ref}").text
    lead = busy.browser.get(f"{HOME}/{donation.ref}/page")
    assert (lead.status_code, lead.headers["cache-control"]) == (303, "no-store")
    assert lead.headers["location"].endswith(f"/d/{token}")
    stranger = TestClient(busy.world.donor.app, base_url=busy.world.settings.base_url, follow_redirects=False)
    for address in (HOME, f"{HOME}/{donation.ref}", f"{HOME}/{donation.ref}/page"):
        refused = stranger.get(address)
        assert refused.status_code == 403
        assert token not in refused.text
        assert "Mara" not in refused.text


def test_the_receipt_is_sent_again_by_somebody_who_is_named(busy: Desk) -> None:
    donation = busy.donations()[0]
    busy.world.send_mail()
    page = busy.press(f"{HOME}/{donation.ref}", "/receipt")
    assert "Sent the receipt again Priya Raman" in words_of(page)
    before = len(busy.world.mailbox.letters)
    busy.world.send_mail()
    assert len(busy.world.mailbox.letters) == before + 1
    assert "/receipt" not in busy.open(f"{HOME}/{busy.donations()[1].ref}").text
