"""What a donor does in a browser, in a donor's words."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request, expect

from fundraise.campaigns.tables import Campaign
from tests.browser.pictures import keep_picture
from tests.browser.town import Town

GOOD_CARD = "4242 4242 4242 4242"


@dataclass
class Donor:
    """One person with one window."""

    here: Town
    page: Page
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", self._hear)

    def _hear(self, request: Request) -> None:
        self.asked.append(request.url)

    def has_asked_nobody_else(self) -> None:
        """See that nothing went to another host than the product, and to Stripe only for its own pages."""
        ours, stripe = (urlsplit(url).netloc for url in (self.here.url, self.here.world.settings.stripe_api_base))
        assert {urlsplit(url).netloc for url in self.asked} <= {ours, stripe}
        own = ("/c/pay/", "/static/", "/p/")
        assert [
            url for url in self.asked if urlsplit(url).netloc == stripe and not urlsplit(url).path.startswith(own)
        ] == []

    def opens(self, campaign: Campaign) -> None:
        self.page.goto(self.here.address(campaign))

    def chooses(self, amount: str) -> None:
        self.page.get_by_label(amount, exact=True).check()

    def types_amount(self, amount: str) -> None:
        self.page.get_by_label("Another amount").fill(amount)

    def presses_give(self) -> None:
        self.page.locator(".give-form button[type=submit]").first.click()

    def is_at_stripe(self, total: str) -> None:
        expect(self.page.locator("#total")).to_have_text(total)

    def pays_by_card(self, number: str = GOOD_CARD) -> None:
        self.page.locator("#card_number").fill(number)
        self.page.locator("#pay-card").click()

    def pays_from_the_bank(self, account: str) -> None:
        self.page.get_by_text("Pay from your bank account instead").click()
        self.page.locator("#email").fill("mara@example.org")
        self.page.locator("#bank_account").select_option(account)
        self.page.locator("#pay-bank").click()

    def is_thanked(self, amount: str) -> None:
        expect(self.page.locator("h1")).to_have_text("Thank you")
        expect(self.page.locator(".lede")).to_contain_text(amount)

    def sees_total(self, amount: str) -> None:
        expect(self.page.locator("[data-total]")).to_have_text(amount)

    def opens_until(self, url: str, state: str) -> None:
        """Open a gift's page until it shows that state; news takes a moment to come."""
        for _ in range(50):
            self.page.goto(url)
            if state in self.page.locator(".state-line").inner_text():
                return
            self.page.wait_for_timeout(200)
        raise AssertionError(f"{url} never said {state}: {self.page.locator('.state-line').inner_text()}")

    def keeps_picture(self, name: str) -> None:
        """Keep a picture to be looked at."""
        keep_picture(self.page, f"story-{name}")
