"""The vocabulary of published exchange rates, spoken by the gateways that read them and by what keeps them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Protocol

from fundraise.errors import Refusal

LARGEST_RATES_FILE_BYTES: Final = 4 * 1024 * 1024


class RateSource(StrEnum):
    """Who publishes the rates an appeal converts at."""

    ECB = "ECB"  # Daily, units per euro; a day without a rate takes the last before it.
    HMRC = "HMRC"  # Monthly, units per pound; only the month's own rate will do.


BASES: Final[Mapping[RateSource, str]] = {RateSource.ECB: "EUR", RateSource.HMRC: "GBP"}
NAMES: Final[Mapping[RateSource, str]] = {
    RateSource.ECB: "European Central Bank",
    RateSource.HMRC: "HM Revenue & Customs",
}


class RatesUnreadable(Refusal):
    """A file is no publication of rates that we can read; nothing of it is kept."""

    code = "rates_unreadable"


class RatesNotFetched(Exception):  # noqa: N818
    """The publisher did not answer, or not with rates; the message says which and why."""


@dataclass(frozen=True, slots=True)
class PublishedSheet:
    """What a source says for one day, or for the month that begins that day: digits as published, by currency."""

    source: RateSource
    effective_on: date
    rates: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file of rates: its name, its very bytes, and the sheets in it."""

    name: str
    raw: bytes
    sheets: Sequence[PublishedSheet]


class RatePublishers(Protocol):
    """Where rates come from: files people bring, what is shipped along, and the publishers' own addresses."""

    def read(self, name: str, raw: bytes) -> PublishedFile:
        """Read a file by what it holds, whatever its name; raises `RatesUnreadable`."""
        ...

    def bundled(self, source: RateSource, since: date) -> PublishedFile:
        """Return what was installed along with the product, from a day on."""
        ...

    def fetch(self, source: RateSource, since: date, today: date) -> Sequence[PublishedFile]:
        """Ask a publisher for what came out since a day; raises `RatesNotFetched`."""
        ...
