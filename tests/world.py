"""A small world for stories: the whole product, a local Stripe, a donor's browser, and time that stands until moved.

The product is driven through its doors; its gateway speaks to the local Stripe through the official SDK. Webhooks are
handed to the product's own door when the test says so, which lets it stop in between.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx2 as httpx
from starlette.testclient import TestClient

from fundraise.app import create_app
from fundraise.appeals.tables import Appeal
from fundraise.assembly import build_parts
from fundraise.bodies.tables import Body
from fundraise.campaigns.tables import Beneficiary, Campaign, Event
from fundraise.flows.check_books import check_books
from fundraise.flows.connect import connect_account
from fundraise.flows.follow_up import follow_up
from fundraise.gateways.stripe.client import StripeGateway
from fundraise.gateways.stripe.in_process import Answer, Ask, InProcessClient
from fundraise.jobs.outbox import send_letters
from fundraise.ledger.balances import balances
from fundraise.parts import Parts
from fundraise.sandbox import ApiRequest, FrozenClock, Sandbox
from fundraise.settings import Settings
from tests.mailbox import Mailbox
from tests.sandbox.driving import new_sandbox

WEBHOOK_SECRET = "whsec_test_secret"


class SandboxClock:
    """The product's clock in tests: the local Stripe's."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._sandbox.world.clock.now(), UTC)


def ask(sandbox: Sandbox) -> Ask:
    """Return how the SDK asks a sandbox in the same process."""

    def asked(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        parts = urlsplit(url)
        reply = sandbox.handle(ApiRequest(method, parts.path, parts.query.encode(), body, dict(headers)))
        if reply.mishap is not None and (reply.mishap.disconnect or reply.mishap.cut_short):
            raise ConnectionResetError
        return reply.body, reply.status, reply.headers

    return asked


@dataclass
class Gift:
    """A gift as its donor knows it: the payment page they were sent to, and the address of their own page."""

    session: str
    token: str

    @property
    def page(self) -> str:
        return f"/d/{self.token}"


@dataclass
class World:
    settings: Settings
    sandbox: Sandbox
    parts: Parts
    donor: TestClient
    mailbox: Mailbox
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    bodies: dict[str, Body] = field(default_factory=dict)
    # A test that breaks the books on purpose says so.
    books_are_broken: bool = False
    platform_key: str = ""  # Of the platform that all accounts of a story are connected to.

    # --- what staff set up beforehand -------------------------------------------------------------------------

    def body(self, slug: str = "shelter", **more: Any) -> Body:
        values = {
            "legal_name": f"The {slug.title()} Trust",
            "name": slug.title(),
            "registration_number": "1234567",
            "regulator": "Charity Commission for England and Wales",
            "created_at": self.now(),
            **more,
        }
        with self.parts.db.write("test") as session:
            body = Body(slug=slug, **values)
            session.add(body)
            session.flush()
        self.bodies[slug] = body
        return body

    def account(self, body: Body, *, slug: str = "", mode: str = "own-key", **terms: Any) -> dict[str, Any]:
        """Make an account at the local Stripe and connect it, with a webhook endpoint.

        Payouts are made when the story says so, unless `payouts="daily"`, so that there is money to refund from.
        """
        made = dict(self.sandbox.control("accounts", {"business_name": body.name, "payouts": "manual", **terms}))
        self.connect(made, body, slug=slug, mode=mode)
        return made

    def connect(self, made: dict[str, Any], body: Body, *, slug: str = "", mode: str = "own-key") -> None:
        """Connect an account that is at the local Stripe already."""
        slug = slug or body.slug
        self.sandbox.control(
            "webhook-endpoint",
            {
                "account": made["id"],
                "url": f"{self.settings.base_url}/webhooks/stripe/{slug}",
                "secret": WEBHOOK_SECRET,
                "enabled_events": ["*"],
            },
        )
        connect_account(
            self.parts,
            slug=slug,
            body_slug=body.slug,
            mode=mode,
            key=made["keys"][0],
            webhook_secrets=(WEBHOOK_SECRET,),
            account_ref=made["id"],
            statement_prefix="SHELTER",
        )
        self.accounts[slug] = made

    def campaign(self, *bodies: Body, slug: str = "winter", **more: Any) -> Campaign:
        now = self.now()
        with self.parts.db.write("test") as session:
            appeal = Appeal(
                slug=f"{slug}-appeal", title="Winter appeal", cause="Beds for people.", state="live", created_at=now
            )
            session.add(appeal)
            session.flush()
            values = {
                "title": "Forty winter beds",
                "summary": "Students raise money for warm beds.",
                "organiser": "Oxford students",
                "state": "live",
                "created_at": now,
                **more,
            }
            campaign = Campaign(slug=slug, appeal_id=appeal.id, **values)
            session.add(campaign)
            session.flush()
            for position, body in enumerate(bodies):
                session.add(Beneficiary(campaign_id=campaign.id, body_id=body.id, position=position, confirmed_at=now))
        return campaign

    def event(self, campaign: Campaign, slug: str = "quiz", **more: Any) -> Event:
        values = {"title": "Quiz night", "place": "The hall", "starts_at": self.now() + timedelta(days=3), **more}
        with self.parts.db.write("test") as session:
            event = Event(campaign_id=campaign.id, slug=slug, created_at=self.now(), **values)
            session.add(event)
            session.flush()
        return event

    # --- what a donor does --------------------------------------------------------------------------------------

    def form(self, slug: str = "winter", **fields: str) -> httpx.Response:
        """Open the campaign's page and send its form."""
        page = self.donor.get(f"/c/{slug}")
        assert page.status_code == 200, page.text
        return self.send_form(slug, token=token_in(page.text), **fields)

    def send_form(self, slug: str = "winter", **fields: str) -> httpx.Response:
        return self.donor.post(f"/c/{slug}/give", data=fields)

    def give(self, slug: str = "winter", **fields: str) -> Gift:
        """Send the form and arrive at the payment page."""
        answer = self.form(slug, **fields)
        assert answer.status_code == 303, answer.text
        return self.gift_at(answer.headers["location"])

    def gift_at(self, location: str) -> Gift:
        session_id = re.search(r"cs_test_\w+", location)
        assert session_id, location
        session = self.stripe_object("checkout/sessions", session_id.group())
        token = session["success_url"].split("/d/")[1].split("/")[0]
        return Gift(session["id"], token)

    def pay(self, gift: Gift, **how: Any) -> dict[str, Any]:
        return dict(self.sandbox.control("pay", {"session": gift.session, "card": "4242424242424242", **how}))

    def paid_gift(self, amount: str = "20", slug: str = "winter", **fields: str) -> Gift:
        """Give, pay, and let everything settle."""
        gift = self.give(slug, amount=amount, **fields)
        self.pay(gift)
        self.settle()
        return gift

    # --- time and news --------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        return self.parts.clock.now()

    def advance(self, seconds: float = 0, **more: float) -> None:
        self.sandbox.advance(int(seconds + timedelta(**more).total_seconds()))

    def deliver(self) -> list[int]:
        """Hand every due webhook to the product's door; return its answers."""
        answers = []
        for delivery in self.sandbox.take_due_deliveries():
            path = delivery.url.removeprefix(self.settings.base_url)
            answer = self.donor.post(path, content=delivery.body, headers=delivery.headers)
            self.sandbox.delivery_result(delivery.id, answer.status_code)
            answers.append(answer.status_code)
        return answers

    def hear(self) -> None:
        """Deliver what is due and act on it."""
        self.deliver()
        follow_up(self.parts)

    def settle(self, seconds: float = 10) -> None:
        """Let a moment pass, so that balance transactions come, and hear of everything."""
        self.hear()
        self.advance(seconds)
        self.hear()

    def send_mail(self) -> None:
        send_letters(self.parts)

    # --- what is so -----------------------------------------------------------------------------------------------

    def total(self, slug: str = "winter") -> dict[str, Any]:
        return dict(self.donor.get(f"/api/v1/campaigns/{slug}").json()["total"])

    def total_minor(self, slug: str = "winter") -> int:
        return int(self.total(slug)["amount_minor"])

    def balances(self) -> dict[tuple[str, str], int]:
        """Return the ledger's balances by account and currency, debit positive."""
        with self.parts.db.read() as session:
            found = balances(session, ["account", "currency"])
        return {balance.key: balance.minor for balance in found if balance.minor}

    def stripe_object(self, path: str, object_id: str) -> dict[str, Any]:
        for account in self.accounts.values():
            headers = {"authorization": f"Bearer {self.platform_key or account['keys'][0]}"}
            if self.platform_key:
                headers["stripe-account"] = account["id"]
            reply = self.sandbox.handle(ApiRequest("GET", f"/v1/{path}/{object_id}", headers=headers))
            if reply.status == 200:
                return dict(reply.json())
        raise LookupError(object_id)

    def events(self, kind: str) -> list[dict[str, Any]]:
        """Return the local Stripe's events of one type, oldest first."""
        return list(self.sandbox.control("events", {"type": kind})["events"])

    def findings(self) -> list[str]:
        with self.parts.db.read() as session:
            return [f"{finding.check}: {finding.message}" for finding in check_books(session)]


def token_in(html: str) -> str:
    """Return the giving form's token."""
    found = re.search(r'name="token" value="([^"]+)"', html)
    assert found, html
    return found.group(1)


@contextmanager
def small_world(settings: Settings, **sandbox_options: Any) -> Iterator[World]:
    """Put a world together; its books are checked at the end, whatever the story was."""
    sandbox = new_sandbox(clock=FrozenClock(int(datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp())), **sandbox_options)
    client = InProcessClient(ask(sandbox))
    gateway = StripeGateway(settings.stripe_api_base, http_client=client, async_client=lambda: client)
    mailbox = Mailbox()
    parts = build_parts(settings, clock=SandboxClock(sandbox), payments=gateway, mailer=mailbox)
    app = create_app(settings, parts=parts)
    options = {"base_url": settings.base_url, "follow_redirects": False, "raise_server_exceptions": False}
    # Closed also when the story failed: a connection left open would fail another story later.
    with closing(parts.db), TestClient(app, **options) as donor:
        world = World(settings, sandbox, parts, donor, mailbox)
        yield world
        findings = [] if world.books_are_broken else world.findings()
    assert findings == []
    assert sandbox.check_books() == []
