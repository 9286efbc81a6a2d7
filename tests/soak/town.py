"""The small town every sequence begins in, made once: databases to copy, and a local Stripe's saved state."""

import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from fundraise.appeals.tables import Appeal
from fundraise.assembly import build_parts
from fundraise.bodies.tables import Body
from fundraise.campaigns.tables import Beneficiary, Campaign
from fundraise.flows.connect import connect_account
from fundraise.gateways.stripe.client import StripeGateway
from fundraise.migrations import upgrade
from fundraise.sandbox import FrozenClock, Sandbox
from fundraise.settings import Settings
from tests.databases import settings_for
from tests.soak.house import SkewedClock

BEGINS = datetime(2026, 11, 23, 9, tzinfo=UTC)
SECRET = "whsec_soak"
SLUG = "shelter"
CAMPAIGN = "winter"


@dataclass(frozen=True)
class Town:
    """Where the templates lie: a folder with the local Stripe's state and, by kind, the database to copy."""

    folder: str
    account: str
    key: str
    # Addresses of the PostgreSQL server as its superuser, and of a database there as a role.
    admin_url: str = ""
    database_url: str = ""

    def new_sandbox(self, seed: int) -> Sandbox:
        sandbox = Sandbox(clock=FrozenClock(0))
        sandbox.load(Path(self.folder) / "stripe.json")
        sandbox.world.random.seed(seed)
        return sandbox

    def sqlite(self, folder: Path) -> Settings:
        """Lay a fresh copy of the SQLite database into the folder."""
        for rest in ("", "-wal", "-shm"):
            (folder / f"soak.db{rest}").unlink(missing_ok=True)
        shutil.copyfile(Path(self.folder) / "town.db", folder / "soak.db")
        return settings_for(f"sqlite:///{folder / 'soak.db'}", gifts_per_address_per_hour=0)

    def postgresql(self, name: str) -> Settings:
        """Make a fresh copy of the PostgreSQL database."""
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")  # type: ignore[call-overload]
            connection.execute(f"CREATE DATABASE {name} TEMPLATE soak_town OWNER owner")  # type: ignore[call-overload]
        app, owner = (self.database_url.format(role=role, name=name) for role in ("app", "owner"))
        return settings_for(app, owner, gifts_per_address_per_hour=0)


def found_town(*, with_postgresql: bool) -> Town:
    """Make the templates."""
    folder = Path(tempfile.mkdtemp(prefix="soak-", dir=fast_folder()))
    sandbox = Sandbox(clock=FrozenClock(int(BEGINS.timestamp())))
    terms = {"business_name": "Shelter", "payouts": "manual", "statement_prefix": "SHELTER"}
    account = dict(sandbox.control("accounts", terms))
    sandbox.control("fx-rate", {"pair": "eur/gbp", "rate": "0.8612"})
    endpoint = {
        "account": account["id"],
        "url": f"http://127.0.0.1:8000/webhooks/stripe/{SLUG}",
        "secret": SECRET,
        "enabled_events": ["*"],
    }
    sandbox.control("webhook-endpoint", endpoint)
    settings = settings_for(f"sqlite:///{folder / 'town.db'}")
    _settle_in(settings, sandbox, account)
    for rest in ("-wal", "-shm"):
        (folder / f"town.db{rest}").unlink(missing_ok=True)
    sandbox.save(folder / "stripe.json")
    town = Town(str(folder), account["id"], account["keys"][0])
    return _with_postgresql(town, sandbox, account) if with_postgresql else town


def fast_folder() -> str | None:
    """Return a folder in memory where there is one: what is simulated here is the process dying, not the disk."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108


def _with_postgresql(town: Town, sandbox: Sandbox, account: dict[str, Any]) -> Town:
    from tests import databases  # noqa: PLC0415  Starts a server only where one is wanted.

    databases._roles()
    with databases.admin() as connection:
        connection.execute("CREATE DATABASE soak_town OWNER owner")
    settings = settings_for(databases.url_of("soak_town", "app"), databases.url_of("soak_town", "owner"))
    _settle_in(settings, sandbox, account)
    host = databases._server().get_uri().split("host=")[1]
    url = f"postgresql://{{role}}@/{{name}}?host={host}"
    return Town(town.folder, town.account, town.key, databases._server().get_uri(), url)


def _settle_in(settings: Settings, sandbox: Sandbox, account: dict[str, Any]) -> None:
    """Write down who is who: one charity, its account, an appeal, a campaign that takes pounds and euros."""
    upgrade(settings)
    gateway = StripeGateway(settings.stripe_api_base)
    parts = build_parts(settings, clock=SkewedClock(sandbox), payments=gateway)
    with parts.db.write("soak") as session:
        body = Body(
            slug=SLUG,
            legal_name="The Shelter Trust",
            name="Shelter",
            registration_number="1234567",
            regulator="Charity Commission for England and Wales",
            created_at=BEGINS,
        )
        appeal = Appeal(slug="winter-appeal", title="Winter", cause="Beds.", state="live", created_at=BEGINS)
        session.add_all([body, appeal])
        session.flush()
        campaign = Campaign(
            slug=CAMPAIGN,
            appeal_id=appeal.id,
            title="Forty winter beds",
            summary="Warm beds.",
            organiser="Students",
            state="live",
            gift_currencies="GBP,EUR",
            created_at=BEGINS,
        )
        session.add(campaign)
        session.flush()
        session.add(Beneficiary(campaign_id=campaign.id, body_id=body.id, position=0, confirmed_at=BEGINS))
    connect_account(
        parts,
        slug=SLUG,
        body_slug=SLUG,
        mode="own-key",
        key=account["keys"][0],
        webhook_secrets=(SECRET,),
        account_ref=account["id"],
        statement_prefix="SHELTER",
    )
    parts.db.close()
