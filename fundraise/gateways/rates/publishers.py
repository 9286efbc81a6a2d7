"""The rates there are to have: files that people bring, packages that were installed, the publishers' own addresses."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from fundraise.clock import Clock
from fundraise.gateways.rates import bundled, web
from fundraise.gateways.rates.csv_rates import read_csv
from fundraise.gateways.rates.xml_rates import read_xml
from fundraise.published_rates import LARGEST_RATES_FILE_BYTES, PublishedFile, RateSource, RatesUnreadable

_MARKS: Final = b"\xef\xbb\xbf"


class Publishers:
    """The two publishers an appeal may choose from."""

    def read(self, name: str, raw: bytes) -> PublishedFile:
        """Read a file by what it holds, whatever its name; raises `RatesUnreadable`."""
        return read_file(name, raw)

    def bundled(self, source: RateSource, since: date) -> PublishedFile:
        """Return what was installed along with the product, from a day on."""
        return bundled.ecb(since) if source is RateSource.ECB else bundled.hmrc(since)

    def fetch(self, source: RateSource, since: date, today: date) -> Sequence[PublishedFile]:
        """Ask a publisher for what came out since a day; raises `RatesNotFetched`."""
        return web.fetch(source, since, today, read_file)


class InstalledOnly(Publishers):
    """What was installed along, as far as it had come out by now; nobody is asked. For demonstrations."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def bundled(self, source: RateSource, since: date) -> PublishedFile:
        """Return what had come out, from a day on."""
        file = super().bundled(source, since)
        today = self._clock.now().date()
        return replace(file, sheets=[sheet for sheet in file.sheets if sheet.effective_on <= today])

    def fetch(self, source: RateSource, since: date, today: date) -> Sequence[PublishedFile]:  # noqa: ARG002
        """Return what had come out since a day."""
        return [self.bundled(source, since)]


def read_file(name: str, raw: bytes) -> PublishedFile:
    """Return the sheets in a file; raises `RatesUnreadable` with what is wrong and the way out."""
    if len(raw) > LARGEST_RATES_FILE_BYTES:
        raise RatesUnreadable(f"The file is larger than {LARGEST_RATES_FILE_BYTES // 1024**2} MB.", field="file")
    begins = raw.removeprefix(_MARKS).lstrip()[:1]
    if not begins:
        raise RatesUnreadable("Please choose a file; this one is empty.", field="file")
    sheets = read_xml(raw) if begins == b"<" else read_csv(raw)
    if not sheets:
        raise RatesUnreadable(
            "There are no exchange rates in this file. We read the European Central Bank’s reference rates "
            "(eurofxref, SDMX) and HMRC’s monthly rates, as XML or CSV.",
            field="file",
        )
    return PublishedFile(name=name, raw=raw, sheets=sheets)
