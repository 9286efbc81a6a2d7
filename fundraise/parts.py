"""The parts of a running product, handed to every door. `fundraise.assembly` is where they are put together."""

from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol

from fundraise.clock import Clock
from fundraise.db import Database
from fundraise.payments import PaymentGateway
from fundraise.published_rates import RatePublishers
from fundraise.sealing import Sealer
from fundraise.settings import Settings


class MailFailed(Exception):  # noqa: N818
    """The letter was not taken; `final` when asking again cannot help (the address does not exist)."""

    def __init__(self, message: str, *, final: bool = False) -> None:
        super().__init__(message)
        self.final = final


class Mailer(Protocol):
    """Something that takes letters."""

    def send(self, message: EmailMessage) -> None:
        """Hand the letter over; raises `MailFailed`."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """What doors and jobs work with. `mailer` is None until mail is set up: letters wait."""

    settings: Settings
    clock: Clock
    db: Database
    sealer: Sealer
    payments: PaymentGateway
    mailer: Mailer | None
    rates: RatePublishers
