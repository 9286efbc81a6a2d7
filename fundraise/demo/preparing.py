"""Making the demo's folder: a database, an `.env`, and a local Stripe that agree with each other.

Everything about money comes about as it would in earnest: forms are sent to the product's own doors, paid at the local
Stripe, and heard of by webhooks. Only who is who is written down beforehand.
"""

import asyncio
import re
import secrets
import shutil
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx

from fundraise.app import create_app
from fundraise.appeals.tables import Appeal
from fundraise.assembly import build_parts
from fundraise.bodies.tables import Body
from fundraise.campaigns.tables import Beneficiary, Campaign, CampaignStep, Event
from fundraise.demo import fellowship, story
from fundraise.demo.partners import Partners
from fundraise.errors import SetupError
from fundraise.flows.bank_accounts import add_bank_account
from fundraise.flows.connect import connect_account
from fundraise.flows.import_statement import Upload, import_statement
from fundraise.gateways.stripe.client import StripeGateway
from fundraise.gateways.stripe.in_process import Answer, InProcessClient
from fundraise.jobs.timetable import TIMETABLE
from fundraise.migrations import upgrade
from fundraise.parts import Parts
from fundraise.sandbox import ApiRequest, FrozenClock, Sandbox
from fundraise.settings import Settings, load_settings

SANDBOX_PORT: Final = 12111
_ACCOUNTS: Final = (
    ("pride-society", "GB", "gbp", "PRIDE SOC", {"eur/gbp": "0.8490"}),
    ("rainbow-railroad", "CA", "cad", "RAILROAD", {"usd/cad": "1.3640"}),
)


def prepare(folder: Path, *, port: int = 8000, sandbox_port: int = SANDBOX_PORT) -> None:
    """Make the folder anew; what was in it of an earlier demo is gone. Raises `SetupError`."""
    _clear(folder)
    _write_env(folder, port, sandbox_port)
    settings = load_settings(folder / ".env")
    upgrade(settings)
    sandbox = Sandbox(
        clock=FrozenClock(int(story.BEGINS.timestamp())),
        seed=secrets.randbits(32),
        base_url=f"http://127.0.0.1:{sandbox_port}",
    )
    parts = _parts(settings, sandbox)
    secret = f"whsec_{secrets.token_hex(16)}"
    _write_down_who_is_who(parts)
    _connect(parts, sandbox, secret)
    for bank in story.BANK_ACCOUNTS:
        add_bank_account(parts, **bank)
    asyncio.run(_Telling(parts, sandbox).tell())
    parts.db.close()
    sandbox.save(folder / "sandbox.json")


def _clear(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("fundraise.db", "fundraise.db-wal", "fundraise.db-shm", "fundraise.migrating", "sandbox.json", ".env"):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "mail", ignore_errors=True)


def _write_env(folder: Path, port: int, sandbox_port: int) -> None:
    where = folder.resolve()
    lines = {
        "DATABASE_URL": f"sqlite:///{where / 'fundraise.db'}",
        "BASE_URL": f"http://127.0.0.1:{port}",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "STRIPE_API_BASE": f"http://127.0.0.1:{sandbox_port}",
        "CLOCK_URL": f"http://127.0.0.1:{sandbox_port}",
        "MAIL_URL": (where / "mail").as_uri(),
        "MAIL_FROM": "receipts@demo.example",
        "SITE_NAME": "Fundraise demo",
        "CONTACT_EMAIL": "help@demo.example",
        "DEMO": "true",
    }
    text = "".join(f"FUNDRAISE_{name}={value}\n" for name, value in lines.items())
    path = folder / ".env"
    path.touch(mode=0o600)
    path.write_text(text)


class _SandboxClock:
    """The local Stripe's time, while the story is told."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def now(self) -> datetime:
        """Return its present moment."""
        return datetime.fromtimestamp(self._sandbox.control("clock")["now"], UTC)


def _parts(settings: Settings, sandbox: Sandbox) -> Parts:
    def ask(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        address = urlsplit(url)
        reply = sandbox.handle(ApiRequest(method, address.path, address.query.encode(), body, dict(headers)))
        return reply.body, reply.status, reply.headers

    client = InProcessClient(ask)
    gateway = StripeGateway(settings.stripe_api_base, http_client=client, async_client=lambda: client)
    return build_parts(settings, clock=_SandboxClock(sandbox), payments=gateway)


def _write_down_who_is_who(parts: Parts) -> None:
    now = parts.clock.now()
    with parts.db.write("demo: who is who") as session:
        bodies = [Body(**values, created_at=now) for values in (story.SOCIETY, story.NETWORK, story.RAILROAD)]
        session.add_all(bodies)
        session.flush()
        society, network, railroad = bodies
        appeal = Appeal(**story.APPEAL, beneficiary_body_id=network.id, state="live", created_at=now)
        session.add(appeal)
        session.flush()
        walk = Campaign(
            **story.WALK,
            appeal_id=appeal.id,
            state="live",
            holding="agent",
            merchant_body_id=society.id,
            created_at=now,
        )
        flights = Campaign(**story.FLIGHTS, appeal_id=appeal.id, state="live", created_at=now)
        session.add_all([walk, flights])
        session.flush()
        for campaign, body in ((walk, network), (flights, railroad)):
            session.add(
                Beneficiary(campaign_id=campaign.id, body_id=body.id, confirmed_at=now, confirmed_by="by letter")
            )
            session.add(CampaignStep(campaign_id=campaign.id, state="live", at=now, by="demo"))
        session.add(Event(**story.BENEFIT, campaign_id=walk.id, created_at=now))


def _connect(parts: Parts, sandbox: Sandbox, secret: str) -> None:
    for slug, country, currency, prefix, rates in _ACCOUNTS:
        made = sandbox.control(
            "accounts",
            {
                "business_name": slug,
                "country": country,
                "default_currency": currency,
                "statement_prefix": prefix,
            },
        )
        for pair, rate in rates.items():
            sandbox.control("fx-rate", {"pair": pair, "rate": rate})
        sandbox.control(
            "webhook-endpoint",
            {
                "account": made["id"],
                "url": f"{parts.settings.base_url}/webhooks/stripe/{slug}",
                "secret": secret,
                "enabled_events": ["*"],
            },
        )
        connect_account(
            parts,
            slug=slug,
            body_slug=slug,
            mode="own-key",
            key=next(key for key in made["keys"] if key.startswith("rk_")),
            webhook_secrets=(secret,),
            account_ref=made["id"],
            statement_prefix=prefix,
        )


class _Telling:
    """Tells the story through the product's doors."""

    def __init__(self, parts: Parts, sandbox: Sandbox) -> None:
        self._parts = parts
        self._sandbox = sandbox
        app = create_app(parts.settings, parts=parts, run_jobs=False)
        self._doors = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=parts.settings.base_url)
        self._partners = Partners(parts, self._doors)

    async def tell(self) -> None:
        """Let everything happen at its time, then let the clock stand where a visitor comes in."""
        self._partners.join()
        happenings: list[tuple[datetime, Callable[[], Awaitable[None]]]] = [
            (gift.at, partial(self._give, campaign, gift))
            for campaign, gifts in (
                ("walk-for-chechnya", story.GIFTS_TO_WALK),
                ("flights-to-safety", story.GIFTS_TO_FLIGHTS),
            )
            for gift in gifts
        ]
        happenings += [(passing.at, partial(self._pass_on, passing)) for passing in fellowship.TRANSFERS]
        happenings += [(reporting.at, partial(self._partners.report, reporting)) for reporting in fellowship.REPORTS]
        for moment, happens in sorted(happenings, key=itemgetter(0)):
            await self._go_on_to(moment)
            await happens()
        await self._go_on_to(story.STATEMENT_COMES)
        await asyncio.to_thread(self._bring_statements)
        await self._go_on_to(story.VISITOR_COMES)
        await asyncio.to_thread(self._work, {"sweep", "rates", "convert", "reconcile", "check"})
        await self._doors.aclose()

    async def _go_on_to(self, moment: datetime) -> None:
        """Move the clock, half a day at a time, hearing of what happened on the way."""
        while (left := int((moment - self._parts.clock.now()).total_seconds())) > 0:
            day = self._parts.clock.now().date()
            self._sandbox.advance(min(left, 12 * 3600))
            await self._hear()
            if self._parts.clock.now().date() != day:
                await asyncio.to_thread(self._partners.keep_rates)

    async def _pass_on(self, passing: fellowship.Passing) -> None:
        await asyncio.to_thread(self._partners.pass_on, passing)

    def _bring_statements(self) -> None:
        """Import what the banks' statements say so far; the days after that are left to the visitor."""
        for account in self._sandbox.control("accounts")["accounts"]:
            for bank in story.BANK_ACCOUNTS:
                if bank["body_slug"] == account["terms"]["business_name"]:
                    made = self._sandbox.control("bank-statement", {"account": account["id"], "format": "camt.053"})
                    upload = Upload(bank["name"], made["filename"], made["content"].encode(), "Priya Raman")
                    import_statement(self._parts, upload)

    async def _give(self, campaign: str, gift: story.Giving) -> None:
        page = await self._doors.get(f"/c/{campaign}")
        token = re.search(r'name="token" value="([^"]+)"', page.text)
        fields = {**gift.fields(), "token": token.group(1) if token else ""}
        answer = await self._doors.post(f"/c/{campaign}/give", data=fields)
        session = re.search(r"cs_test_\w+", answer.headers.get("location", ""))
        if session is None:
            raise SetupError(f"The demo's gift of {gift.amount} to {campaign} was not taken ({answer.status_code}).")
        how = {"bank_debit": True, "outcome": gift.bank_debit} if gift.bank_debit else {"card": gift.card}
        self._sandbox.control("pay", {"session": session.group(), **how})
        self._sandbox.advance(10)
        await self._hear()

    async def _hear(self) -> None:
        for delivery in self._sandbox.take_due_deliveries():
            path = urlsplit(delivery.url).path
            answer = await self._doors.post(path, content=delivery.body, headers=delivery.headers)
            self._sandbox.delivery_result(delivery.id, answer.status_code)
        await asyncio.to_thread(self._work, {"inbox", "outbox"})

    def _work(self, names: set[str]) -> None:
        for job in TIMETABLE:
            if job.name in names:
                job.run(self._parts)
