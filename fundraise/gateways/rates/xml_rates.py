"""Rates as XML: the ECB's eurofxref and SDMX messages, HMRC's list of a month.

Read as a stream: no tree, no document type, no entity but XML's own five, and nothing is fetched. Namespaces are not
asked for; each message is known by its elements' names.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final
from xml.parsers import expat

from fundraise.gateways.rates.days import day_of, month_of
from fundraise.gateways.rates.sheet_builder import SheetBuilder
from fundraise.published_rates import PublishedSheet, RateSource, RatesUnreadable

_DEEPEST: Final = 64
_LONGEST_TEXT: Final = 200


def read_xml(raw: bytes) -> list[PublishedSheet]:
    """Return the sheets; raises `RatesUnreadable`."""
    message = _Message()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.EntityDeclHandler = _refuse_document_type
    parser.StartElementHandler = message.opens
    parser.EndElementHandler = message.closes
    parser.CharacterDataHandler = message.says
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as problem:
        raise RatesUnreadable(
            f"The file is damaged in line {problem.lineno}. Please download it again.", field="file"
        ) from None
    except (LookupError, ValueError):
        raise RatesUnreadable("The file is written in an encoding we do not know.", field="file") from None
    return [*message.ecb.sheets(), *message.hmrc.sheets()]


def _refuse_document_type(*_: object) -> None:
    raise RatesUnreadable("The file brings a document type (DTD) of its own; it is not read for safety.", field="file")


class _Message:
    """What has been read so far."""

    def __init__(self) -> None:
        self.ecb = SheetBuilder(RateSource.ECB)
        self.hmrc = SheetBuilder(RateSource.HMRC)
        self._depth = 0
        self._text = ""
        self._day: date | None = None
        self._month: date | None = None
        self._currency = ""
        self._denominator = "EUR"

    def opens(self, tag: str, attributes: dict[str, str]) -> None:
        """Hear an element begin."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise RatesUnreadable("The file is nested too deeply to be a table of rates.", field="file")
        self._text = ""
        hear = _OPENS.get(tag.rpartition(":")[2])
        if hear is not None:
            hear(self, attributes)

    def closes(self, tag: str) -> None:
        """Hear an element end."""
        self._depth -= 1
        name = tag.rpartition(":")[2]
        if name == "currencyCode":
            self._currency = self._text
        elif name == "rateNew" and self._month is not None:
            self.hmrc.add(self._month, self._currency, self._text)
        self._text = ""

    def says(self, text: str) -> None:
        """Hear text between elements."""
        self._text = (self._text + text)[:_LONGEST_TEXT]

    def cube(self, attributes: dict[str, str]) -> None:
        """A day of the ECB's, or one of its rates."""
        if "time" in attributes:
            self._day = day_of(attributes["time"])
        elif "currency" in attributes and self._day is not None:
            self.ecb.add(self._day, attributes["currency"], attributes.get("rate", ""))

    def series(self, attributes: dict[str, str]) -> None:
        """A series of SDMX, named by its attributes."""
        self._currency = attributes.get("CURRENCY", "")
        self._denominator = attributes.get("CURRENCY_DENOM", "EUR")

    def series_key(self, attributes: dict[str, str]) -> None:
        """A part of the name of a series, in SDMX's generic message."""
        if attributes.get("id") == "CURRENCY":
            self._currency = attributes.get("value", "")
        elif attributes.get("id") == "CURRENCY_DENOM":
            self._denominator = attributes.get("value", "")

    def observation(self, attributes: dict[str, str]) -> None:
        """A rate of a series."""
        if "TIME_PERIOD" in attributes:
            self._day = day_of(attributes["TIME_PERIOD"])
            self._ecb_rate(attributes.get("OBS_VALUE", ""))

    def observed_on(self, attributes: dict[str, str]) -> None:
        """The day of a rate, in the generic message."""
        self._day = day_of(attributes.get("value", ""))

    def observed(self, attributes: dict[str, str]) -> None:
        """A rate, in the generic message."""
        self._ecb_rate(attributes.get("value", ""))

    def month(self, attributes: dict[str, str]) -> None:
        """The month of HMRC's list."""
        self._month = month_of(attributes.get("Period", ""))

    def _ecb_rate(self, rate: str) -> None:
        if self._denominator == "EUR" and self._day is not None:
            self.ecb.add(self._day, self._currency, rate)


_OPENS: Final[Mapping[str, Callable[[_Message, dict[str, str]], None]]] = {
    "Cube": _Message.cube,
    "Series": _Message.series,
    "Value": _Message.series_key,
    "Obs": _Message.observation,
    "ObsDimension": _Message.observed_on,
    "ObsValue": _Message.observed,
    "exchangeRateMonthList": _Message.month,
}
