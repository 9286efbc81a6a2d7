"""The whole product and the local Stripe, each served on a port of its own, with the timetable running.

The local Stripe sends its webhooks by itself, and the product acts on them by itself; a story only does what people do.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx2 as httpx

from fundraise.app import create_app
from fundraise.assembly import build_parts
from fundraise.campaigns.tables import Campaign
from fundraise.gateways.rates.publishers import InstalledOnly
from fundraise.gateways.stripe.client import StripeGateway
from fundraise.sandbox import RunningClock
from fundraise.sandbox.web import create_sandbox_app
from fundraise.settings import Settings
from tests.mailbox import Mailbox
from tests.sandbox.driving import free_port, new_sandbox, served
from tests.world import SandboxClock, World


@dataclass
class Town:
    """`world` sets things up and looks at what came of them; people open `url`."""

    world: World
    url: str
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def new_campaign(self, **more: Any) -> Campaign:
        """Open one more campaign, so that stories do not meet; it is for the shelter unless `bodies` names others."""
        bodies = more.pop("bodies", None) or [self.world.bodies["shelter"]]
        slug = more.pop("slug", "") or f"winter-{next(self._numbers)}"
        return self.world.campaign(*bodies, slug=slug, **{"suggested_minor": "1000,2000,5000", **more})

    def address(self, campaign: Campaign) -> str:
        return f"{self.url}/c/{campaign.slug}"


@contextmanager
def town(settings: Settings) -> Iterator[Town]:
    """Serve both; the product's books and Stripe's are checked at the end."""
    sandbox = new_sandbox(clock=RunningClock())
    port = free_port()
    settings = settings.model_copy(update={"base_url": f"http://127.0.0.1:{port}"})
    mailbox = Mailbox()
    with served(create_sandbox_app(sandbox)) as stripe_url:
        sandbox.world.base_url = stripe_url
        settings = settings.model_copy(update={"stripe_api_base": stripe_url})
        gateway = StripeGateway(stripe_url)
        clock = SandboxClock(sandbox)
        parts = build_parts(settings, clock=clock, payments=gateway, mailer=mailbox, rates=InstalledOnly(clock))
        with (
            closing(parts.db),
            closing(gateway._http),
            served(create_app(settings, parts=parts, run_jobs=True), port) as url,
            httpx.Client(base_url=url, trust_env=False, timeout=60, verify=False) as donor,
        ):
            world = World(settings, sandbox, parts, donor, mailbox)  # type: ignore[arg-type]
            world.account(world.body(website="https://shelter.example.org", contact_email="help@shelter.example.org"))
            yield Town(world, url)
            findings = world.findings()
    assert findings == []
    assert sandbox.check_books() == []
