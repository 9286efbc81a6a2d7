"""The one place where the parts meet: gateways are plugged in here, for the site, the timetable and every command."""

import json
import urllib.request

import fundraise.tables  # noqa: F401  A table refers to others, of which not every process has heard otherwise.
from fundraise.clock import Clock, FollowingClock, SystemClock
from fundraise.db import Database
from fundraise.gateways.mail.folder import FolderMailer
from fundraise.gateways.mail.smtp import SmtpMailer
from fundraise.gateways.rates.publishers import InstalledOnly, Publishers
from fundraise.gateways.stripe.client import StripeGateway
from fundraise.parts import Mailer, Parts
from fundraise.payments import PaymentGateway
from fundraise.published_rates import RatePublishers
from fundraise.sealing import Sealer
from fundraise.settings import Settings


def build_parts(
    settings: Settings,
    *,
    clock: Clock | None = None,
    payments: PaymentGateway | None = None,
    mailer: Mailer | None = None,
    rates: RatePublishers | None = None,
) -> Parts:
    """Put the parts together as the settings say; what is handed in takes the place of what would be made."""
    clock = clock or _clock(settings)
    return Parts(
        settings=settings,
        clock=clock,
        db=Database(settings.database_url, clock),
        sealer=Sealer(settings.secret_key),
        payments=payments or StripeGateway(settings.stripe_api_base),
        mailer=mailer or _mailer(settings),
        rates=rates or (InstalledOnly(clock) if settings.demo else Publishers()),
    )


def _clock(settings: Settings) -> Clock:
    if not settings.clock_url:
        return SystemClock()

    def ask() -> float:
        with urllib.request.urlopen(f"{settings.clock_url}/_sandbox/clock", timeout=1) as answer:  # noqa: S310  Loopback only.
            return float(json.load(answer)["now"])

    return FollowingClock(ask)


def _mailer(settings: Settings) -> Mailer | None:
    if not settings.mail_url:
        return None
    return FolderMailer(settings.mail_url) if settings.mail_url.startswith("file:") else SmtpMailer(settings.mail_url)
