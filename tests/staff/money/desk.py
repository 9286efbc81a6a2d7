"""A treasurer's desk: a world with a charity and its bank account, a browser that is signed in, what is done at it."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2 as httpx
from sqlmodel import col, select
from starlette.testclient import TestClient

from fundraise.differences.tables import Difference
from fundraise.donations.tables import Donation
from fundraise.flows.import_statement import Upload, import_statement
from fundraise.flows.reconcile import Outcome, reconcile_all
from fundraise.flows.staff_entry import enter, make_link
from fundraise.jobs.runner import asked_for, run_slot
from fundraise.jobs.timetable import job_named
from fundraise.sandbox import ApiRequest
from fundraise.staff.tables import StaffAct
from fundraise.web.staff.door import COOKIE
from tests.gallery.page_facts import PageFacts
from tests.statements.bank_files import reader
from tests.statements.browsing import press
from tests.stories.test_moments_of_money import charge_of
from tests.world import Gift, World


@dataclass
class Desk:
    world: World
    browser: TestClient

    # --- at the browser ---------------------------------------------------------------------------------------------

    def sign_in(self, name: str = "Priya Raman") -> None:
        token = make_link(self.world.parts, name).rpartition("/")[2]
        self.browser.cookies.set(COOKIE, enter(self.world.parts, token))

    def open(self, address: str, status: int = 200) -> httpx.Response:
        """Open a page; it keeps the rules that every page keeps."""
        page = self.browser.get(address)
        if page.status_code == 403 and status != 403:  # A session lasts half a day, and stories last weeks.
            self.sign_in()
            page = self.browser.get(address)
        assert page.status_code == status, page.text
        assert PageFacts(page.text).faults() == []
        return page

    def press(self, address: str, ending: str, **typed: str) -> httpx.Response:
        """Press a button of a page, and follow to where it leads."""
        sent = press(self.browser, self.open(address), ending, **typed)
        assert sent.status_code == 303, sent.text
        return self.open(sent.headers["location"])

    def refused(self, address: str, ending: str, status: int, **typed: str) -> str:
        """Press a button whose act is refused; return the page that says so."""
        sent = press(self.browser, self.open(address), ending, **typed)
        assert sent.status_code == status, sent.text
        assert PageFacts(sent.text).faults() == []
        return str(sent.text)

    # --- what is so ---------------------------------------------------------------------------------------------------

    def differences(self, state: str = "open") -> dict[str, int]:
        """Return the differences in a state: their numbers by name."""
        with self.world.parts.db.read() as session:
            found = session.exec(select(Difference).where(col(Difference.state) == state))
            return {difference.code: difference.id for difference in found}

    def donations(self) -> list[Donation]:
        with self.world.parts.db.read() as session:
            return list(session.exec(select(Donation).order_by(col(Donation.id))))

    def acts(self) -> list[tuple[str, str, str]]:
        with self.world.parts.db.read() as session:
            return [(act.by, act.what, act.about) for act in session.exec(select(StaffAct).order_by(col(StaffAct.id)))]

    # --- what happens -------------------------------------------------------------------------------------------------

    def reconcile(self) -> Outcome:
        (outcome,) = reconcile_all(self.world.parts, by="test")
        return outcome

    def run_what_was_asked(self) -> bool:
        """Do what a process that runs the timetable does within a second."""
        job = job_named("reconcile")
        slot = asked_for(self.world.parts, job)
        return slot is not None and run_slot(self.world.parts, job, slot, "test")

    def refund_in_the_dashboard(self, gift: Gift, minor: int | None = None) -> None:
        amount = {} if minor is None else {"amount": minor}
        self.world.sandbox.control("refund", {"charge": charge_of(self.world, gift.session), **amount})

    def lose_the_news(self) -> None:
        """Let a moment pass while the webhook is down."""
        self.world.advance(60)
        self.world.sandbox.take_due_deliveries()

    def paid_out(self) -> str:
        """Let Stripe send what there is to the bank; return the payout's id."""
        self.world.advance(days=8)
        payout = self.world.sandbox.control("payout", {"currency": "gbp"})
        self.world.advance(days=4)
        self.world.settle()
        return str(payout["id"])

    def bring_the_statement(self) -> dict[str, int]:
        """Import the bank's file; return what was matched."""
        raw = str(self.world.sandbox.control("bank-statement", {"format": "camt.053"})["content"]).encode()
        done = import_statement(self.world.parts, Upload("current", "november.xml", raw, "test"), reader=reader)
        return dict(done.matched)

    def pay_elsewhere(self, reference: str, minor: int, currency: str = "gbp", **how: Any) -> str:
        """Pay on a page that somebody else made on the account with a reference of ours; return the charge."""
        body = (
            f"mode=payment&client_reference_id={reference}&metadata[donation_id]={reference}"
            f"&payment_intent_data[metadata][donation_id]={reference}&success_url=http://x/&cancel_url=http://x/"
            f"&line_items[0][quantity]=1&line_items[0][price_data][currency]={currency}"
            f"&line_items[0][price_data][unit_amount]={minor}&line_items[0][price_data][product_data][name]=x"
        )
        key = self.world.accounts["shelter"]["keys"][0]
        headers = {"authorization": f"Bearer {key}", "content-type": "application/x-www-form-urlencoded"}
        reply = self.world.sandbox.handle(ApiRequest("POST", "/v1/checkout/sessions", b"", body.encode(), headers))
        paid = self.world.sandbox.control("pay", {"session": reply.json()["id"], "card": "4242424242424242", **how})
        self.world.settle()
        return str(paid["charge"])

    def tomorrow_morning(self) -> None:
        """Let time pass to the next slot of the timetable, and run it."""
        now = self.world.now()
        job = job_named("reconcile")
        slot = job.when.slot(now + timedelta(days=1))
        self.world.advance((slot - now).total_seconds() + 60)
        assert run_slot(self.world.parts, job, slot, "test")


def words_of(page: httpx.Response) -> str:
    """Return what a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


def control(world: World, action: str, **details: Any) -> dict[str, Any]:
    return dict(world.sandbox.control(action, details))
