"""A partner's treasurer on a phone: from the link to the figure in the public total, with JavaScript and without."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from fundraise import times
from fundraise.flows.add_partner import report_link
from fundraise.flows.record_transfer import LINK
from fundraise.flows.staff_entry import make_link
from tests.browser.conftest import Donors
from tests.browser.fit import is_fit_for_everybody, is_not_looked_at
from tests.browser.town import Town
from tests.chromium import needs_chromium
from tests.partners.fellowship import STAFF, Fellowship

pytestmark = [
    needs_chromium,
    # What is kept of a report is shown on both databases by the stories over HTTP; here it is the pages' turn.
    pytest.mark.parametrize("here", ["sqlite"], indirect=True),
]
Look = Callable[[Page, str], None]


def an_appeal(here: Town, slug: str) -> Fellowship:
    """An appeal in dollars with five takers-part: two transfers on their way, one partner that is not named."""
    world = here.world
    today = world.now().date()
    here.new_campaign(slug=slug, bodies=[world.bodies["shelter"]])
    fellowship = Fellowship(world, appeal=f"{slug}-appeal")
    fellowship.set_up(
        title="Bring them out of danger",
        cause="A network brings people who are hunted to safety; charities in five countries raise money for it.",
        currency="USD",
        beneficiary="the Network",
    )
    fellowship.rates("ECB", today - timedelta(days=2), GBP="0.8338", USD="1.1172", CHF="0.9194")
    fellowship.partner(f"coc-{slug}", "EUR")
    fellowship.partner(f"all-out-{slug}", "USD")
    fellowship.partner(f"friends-{slug}", "CHF", is_unnamed=True)
    fellowship.partner(f"network-{slug}", "EUR", is_beneficiary=True)
    fellowship.accepted(f"all-out-{slug}", "62,700.00", today - timedelta(days=40), evidence="https://allout.example")
    fellowship.accepted(f"friends-{slug}", "8,000.00", today - timedelta(days=3), gross_or_net="unknown")
    sent = fellowship.transfer(
        f"partner:all-out-{slug}", f"partner:network-{slug}", "20,000.00", "USD", today - timedelta(days=20)
    )
    fellowship.arrived(sent, "17,850.00", "EUR", today - timedelta(days=18))
    fellowship.transfer(f"partner:coc-{slug}", f"partner:network-{slug}", "10,000.00", "EUR", today - timedelta(days=5))
    fellowship.accepted(
        f"network-{slug}", "41,000.00", today - timedelta(days=4), stage="received", our_transfers="unknown"
    )
    return fellowship


@dataclass
class Thumb:
    """A treasurer's thumb on a phone; it counts what has to be typed and tapped.

    The seconds are those of the keystroke-level model (Card, Moran and Newell 1983: 1.1 to point and 1.35 to think, for
    each field and each tap), with 36 words a minute typed on a phone (Palin and others 2019).
    """

    page: Page
    fields: int = 0
    letters: int = 0
    taps: int = 0

    @property
    def seconds(self) -> float:
        return (self.fields + self.taps) * (1.1 + 1.35) + self.letters * 60 / (36 * 5)

    def types(self, label: str, text: str) -> None:
        self.page.get_by_label(label).fill(text)
        self.fields += 1
        self.letters += len(text)

    def ticks(self, where: Locator) -> None:
        where.check()
        self.taps += 1

    def presses(self, button: str) -> None:
        self.page.get_by_role("button", name=button).click()
        self.taps += 1


def figure_of(thumb: Thumb, amount: str) -> None:
    thumb.types("Everything since the beginning", amount)
    thumb.types("Where can this be seen?", "Our bank statement of this month")


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without"])
def test_from_the_link_to_the_public_total_in_under_a_minute(here: Town, donors: Donors, script: bool) -> None:  # noqa: FBT001
    slug = f"report-{'js' if script else 'plain'}-{here.world.parts.db.dialect}"
    fellowship = an_appeal(here, slug)
    link = report_link(here.world.parts, f"coc-{slug}")
    page = donors(java_script_enabled=script).page
    look = is_fit_for_everybody if script else is_not_looked_at

    first = reports_for_the_first_time(page, link, look)
    assert (first.fields, first.taps, first.seconds < 60) == (3, 5, True)
    before = fellowship.stage("collected")
    fellowship.accept(int(page.url.rpartition("/")[2]), why="")
    assert fellowship.stage("collected") == before + 4_468_800

    again = reports_again(page, link, look)
    assert (again.fields, again.taps, again.seconds < 60) == (3, 3, True)
    much_more = reports_much_more(page, link, look)
    assert (much_more.fields, much_more.taps, much_more.seconds < 60) == (2, 5, True)

    page.goto(f"{here.url}/a/{slug}-appeal")
    for words in ("€40,000.00", "1 EUR = 1.1172 USD", "A partner who asked not to be named", "On its way"):
        expect(page.get_by_text(words).first).to_be_visible()
    look(page, "partner-appeal")
    page.goto(f"{here.url}/a/{slug}-appeal/counted")
    look(page, "partner-counted")
    page.get_by_role("link", name="Every change of it").first.click()
    look(page, "partner-every-change")


def reports_for_the_first_time(page: Page, link: str, look: Look) -> Thumb:
    """Type the figure and say what it contains; what it comes to may be seen before it is sent."""
    page.goto(link)
    thumb = Thumb(page)
    figure_of(thumb, "40,000.00")
    thumb.types("Your name", "Anna de Vries")
    for answer in ("collected from people outside, for others", "not taken off yet"):
        thumb.ticks(page.get_by_label(answer))
    for question in ("gift_aid", "our_transfers"):
        thumb.ticks(page.locator(f"input[name={question}][value=none]"))
    look(page, "partner-first")
    page.get_by_role("button", name="Only see what it comes to").click()
    expect(page.get_by_text("€40,000.00 = US$44,688.00 at 1 EUR = 1.1172 USD")).to_be_visible()
    look(page, "partner-looked")
    thumb.presses("Send the figure")
    expect(page.locator("h1")).to_have_text("Thank you")
    look(page, "partner-thanks")
    return thumb


def reports_again(page: Page, link: str, look: Look) -> Thumb:
    """The second time everything but the amount is as it was; a lower figure is asked about."""
    page.goto(link)
    thumb = Thumb(page)
    expect(page.get_by_text("Last time: €40,000.00")).to_be_visible()
    expect(page.get_by_label("Your name")).to_have_value("Anna de Vries")
    figure_of(thumb, "38,000.00")
    look(page, "partner-again")
    thumb.presses("Send the figure")
    expect(page.locator("h1")).to_have_text("One question")
    expect(page.locator(".lede")).to_contain_text("€2,000.00 less than last time. What happened?")
    look(page, "partner-question")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_role("link", name="Please choose an answer.")).to_be_visible()
    thumb.ticks(page.get_by_label("Gifts were returned"))
    thumb.types("In a sentence", "Two gifts went back.")
    thumb.presses("Send the answer")
    expect(page.locator("h1")).to_have_text("Thank you")
    return thumb


def reports_much_more(page: Page, link: str, look: Look) -> Thumb:
    """A second figure of one day, and more than three times the usual, take a tick each."""
    page.goto(link)
    thumb = Thumb(page)
    figure_of(thumb, "400,000.00")
    thumb.presses("Send the figure")
    expect(page.locator(".lede")).to_contain_text("A figure as of the same day, €40,000.00, is accepted already.")
    thumb.ticks(page.get_by_label("The new one"))
    thumb.presses("Send the answer")
    expect(page.locator(".lede")).to_contain_text("more than three times the usual: last time it was €40,000.00.")
    expect(page.get_by_text("In a sentence optional")).to_be_visible()
    look(page, "partner-question-tick")
    thumb.ticks(page.get_by_label("Yes, it is right"))
    thumb.presses("Send the answer")
    expect(page.locator("h1")).to_have_text("Thank you")
    return thumb


def test_what_staff_see(here: Town, donors: Donors) -> None:
    slug = f"staff-{here.world.parts.db.dialect}"
    fellowship = an_appeal(here, slug)
    came = fellowship.report(f"coc-{slug}", "40,000.00", evidence="https://coc.example/figures", submitted_by="Anna")
    page = donors().page
    page.goto(make_link(here.world.parts, STAFF))
    page.get_by_role("button").first.click()
    for address, name in (
        ("partners", "staff-partners"),
        ("partners/new", "staff-new"),
        (f"partners/network-{slug}", "staff-partner"),
        (f"reports/{came.report_id}", "staff-report"),
        ("transfers", "staff-transfers"),
        ("rates", "staff-rates"),
    ):
        page.goto(f"{here.url}/staff/{address}")
        is_fit_for_everybody(page, f"partner-{name}")
    page.goto(f"{here.url}/staff/reports/{came.report_id}")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("Accepted. The figure is in the total.")).to_be_visible()


def test_the_receiver_says_that_it_arrived(here: Town, donors: Donors) -> None:
    slug = f"arrived-{here.world.parts.db.dialect}"
    fellowship = an_appeal(here, slug)
    day = here.world.now().date() - timedelta(days=5)
    ref = fellowship.transfer(f"partner:coc-{slug}", f"partner:network-{slug}", "500.00", "EUR", day)
    page = donors(java_script_enabled=False).page
    page.goto(f"{here.url}/t/{here.world.parts.sealer.link_token(LINK, ref)}")
    page.get_by_label("another amount").check()
    page.get_by_label("The amount that arrived").fill("498.50")
    page.get_by_label("Day on your statement").fill(day.isoformat())
    page.get_by_role("button", name="Say so").click()
    expect(page.get_by_text(f"that €498.50 arrived on {times.day_said(day)}")).to_be_visible()


def test_staff_record_that_it_arrived(here: Town, donors: Donors) -> None:
    slug = f"recorded-{here.world.parts.db.dialect}"
    an_appeal(here, slug)
    page = donors(java_script_enabled=False).page
    page.goto(make_link(here.world.parts, STAFF))
    page.get_by_role("button").first.click()
    page.goto(f"{here.url}/staff/transfers")
    page.get_by_role("listitem").filter(has_text=f"Coc-{slug.title()}").get_by_role("link", name="Record").click()
    page.get_by_label("Amount that arrived, in EUR").fill("9,988.00")
    page.get_by_label("Who says so").fill("Anna de Vries")
    page.get_by_role("button", name="Record its arrival").click()
    expect(page.get_by_role("link", name="Please write the day it arrived.")).to_be_visible()
    expect(page.get_by_label("Amount that arrived")).to_have_value("9,988.00")
    page.get_by_label("Day it arrived").fill((here.world.now().date() - timedelta(days=1)).isoformat())
    page.get_by_role("button", name="Record its arrival").click()
    expect(page.get_by_text("Recorded. It has arrived.")).to_be_visible()
