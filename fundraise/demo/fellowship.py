"""The story's partners: who reports what, who passes what on, and what the receiver says of it.

That these organisations raised money, and that the Network had received close to 176,000 US dollars from them, is
public (the Network's own statements at lgbtnet.org, 2017). How it was divided among them is made up here, and so is
everything about the students' society.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

from fundraise.flows.add_partner import NewPartner
from fundraise.flows.record_transfer import Arrived, Sent
from fundraise.money import Money

APPEAL: Final = "chechnya-2017"
NETWORK: Final = "body:russian-lgbt-network"
SOCIETY: Final = "body:pride-society"


@dataclass(frozen=True, slots=True)
class Reporting:
    """A partner sends a figure: everything since the beginning. `accepted` says whether staff let it count at once."""

    at: datetime
    partner: str
    amount_minor: int
    currency: str
    as_of: date
    by: str
    our_transfers: Any = "none"
    evidence: str = ""
    accepted: bool = True

    def body(self) -> Mapping[str, Any]:
        """Return the report as a partner's program sends it."""
        return {
            "amount_minor": self.amount_minor,
            "currency": self.currency,
            "as_of": self.as_of.isoformat(),
            "stage": "collected",
            "kind": "cumulative",
            "gross_or_net": "gross",
            "gift_aid": "none",
            "our_transfers": self.our_transfers,
            "evidence": self.evidence,
            "submitted_by": self.by,
        }


@dataclass(frozen=True, slots=True)
class Passing:
    """Money is sent on; `arrived` is what the receiver says, None while it is on its way."""

    at: datetime
    sent: Sent
    arrived: Arrived | None = field(default=None)


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2017, 5, day, hour, minute, tzinfo=UTC)


def _may(day: int) -> date:
    return date(2017, 5, day)


def _to_network(day: int, sender: str, sent: Money, reference: str, arrived_minor: int, arrived_day: int) -> Passing:
    """Return a transfer to the Network, whose account is in dollars, with what arrived there."""
    arrives = Money(arrived_minor, "USD")
    return Passing(
        _at(arrived_day, 15),
        Sent(
            appeal=APPEAL,
            sender=sender,
            receiver=NETWORK,
            sent=sent,
            sent_on=_may(day),
            expected=arrives,
            reference=reference,
        ),
        Arrived(amount=arrives, on=_may(arrived_day), said_by="Russian LGBT Network, accounts"),
    )


PARTNERS: Final = (
    NewPartner(slug="all-out", appeal=APPEAL, name="All Out", currency="USD", contact_email="allout@demo.example"),
    NewPartner(
        slug="coc-nederland", appeal=APPEAL, name="COC Nederland", currency="EUR", contact_email="coc@demo.example"
    ),
    NewPartner(
        slug="enough-is-enough",
        appeal=APPEAL,
        name="Enough is Enough",
        currency="EUR",
        contact_email="enough@demo.example",
    ),
    NewPartner(slug="network-switzerland", appeal=APPEAL, name="Network, Switzerland", currency="CHF"),
    NewPartner(slug="unnamed-one", appeal=APPEAL, name="An organisation in Sweden", currency="SEK", is_unnamed=True),
)
_EVENING: Final = "PRIDE-ENOUGH-01"  # The society's own money inside a partner's figure.
REPORTS: Final = (
    Reporting(_at(8, 9), "all-out", 6_130_000, "USD", _may(7), "Hélène", evidence="Donation page, 7 May"),
    Reporting(_at(8, 10), "coc-nederland", 2_215_000, "EUR", _may(7), "Pieter", evidence="Bank statement 18"),
    Reporting(_at(8, 16), "enough-is-enough", 980_000, "EUR", _may(7), "Alfonso", evidence="Counted at the Kino vigil"),
    Reporting(_at(13, 9), "network-switzerland", 1_560_000, "CHF", _may(12), "Reto", evidence="Postfinance, to 12 May"),
    Reporting(_at(13, 11), "unnamed-one", 12_000_000, "SEK", _may(12), "the treasurer"),
    Reporting(_at(16, 9), "all-out", 11_240_000, "USD", _may(14), "Hélène", evidence="Donation page, 14 May"),
    Reporting(_at(16, 10), "coc-nederland", 4_025_000, "EUR", _may(14), "Pieter", evidence="Bank statement 19"),
    Reporting(
        _at(16, 12), "enough-is-enough", 2_310_000, "EUR", _may(14), "Alfonso", [_EVENING], "Bank and cash, to 14 May"
    ),
    # These two wait for whoever looks at the demo: one holds money of ours and says so in no word, one is lower.
    Reporting(
        _at(17, 18), "enough-is-enough", 2_490_000, "EUR", _may(17), "Alfonso", "all", "Bank, to 17 May", accepted=False
    ),
    Reporting(
        _at(17, 19), "coc-nederland", 3_960_000, "EUR", _may(17), "Pieter", evidence="Statement 20", accepted=False
    ),
)
TRANSFERS: Final = (
    Passing(
        _at(10, 16),
        Sent(
            appeal=APPEAL,
            sender=SOCIETY,
            receiver="partner:enough-is-enough",
            sent=Money(25_000, "GBP"),
            sent_on=_may(9),
            reference=_EVENING,
            note="The takings of the evening in Berlin that we held together.",
        ),
        Arrived(amount=Money(29_640, "EUR"), on=_may(10), said_by="Alfonso, Enough is Enough"),
    ),
    _to_network(9, "partner:all-out", Money(8_850_000, "USD"), "ALLOUT-01", 8_850_000, 11),
    _to_network(10, "partner:coc-nederland", Money(3_800_000, "EUR"), "COC-2017-05", 4_130_980, 12),
    _to_network(11, "partner:enough-is-enough", Money(1_900_000, "EUR"), "EIE-CH-01", 2_064_010, 12),
    _to_network(12, "partner:network-switzerland", Money(1_500_000, "CHF"), "NETWORK-CH-1", 1_490_520, 15),
    _to_network(12, "partner:unnamed-one", Money(9_500_000, "SEK"), "SE-0512", 1_068_960, 15),
    Passing(
        _at(17, 12),
        Sent(
            appeal=APPEAL,
            sender=SOCIETY,
            receiver=NETWORK,
            sent=Money(100_000, "GBP"),
            sent_on=_may(17),
            expected=Money(129_000, "USD"),
            reference="PRIDE-WALK-01",
        ),
    ),
)
