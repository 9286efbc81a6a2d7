"""The story. Organisations and events are those public in 2017; the society, its donors and their gifts are made up.

In the spring of 2017 people were being hunted in Chechnya. The Russian LGBT Network evacuated them, and charities in
several countries and students' societies raised money for it (the Network's own statements at lgbtnet.org, 2017).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

Values = dict[str, Any]
# Where the demo's time begins, and where a visitor finds it.
BEGINS: Final = datetime(2017, 5, 5, 8, tzinfo=UTC)
STATEMENT_COMES: Final = datetime(2017, 5, 16, 20, tzinfo=UTC)
VISITOR_COMES: Final = datetime(2017, 5, 18, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Giving:
    """A gift of the story: when, how much, and what its donor chose."""

    at: datetime
    amount: str
    name: str = ""
    email: str = ""
    message: str = ""
    show_name: bool = False
    show_amount: bool = False
    show_message: bool = False
    cover_fee: bool = False
    event: str = ""
    currency: str = ""
    card: str = "4242424242424242"
    bank_debit: str = ""  # succeeds or fails

    def fields(self) -> dict[str, str]:
        """Return the giving form as this donor filled it in."""
        texts = {
            "amount": self.amount,
            "name": self.name,
            "email": self.email,
            "message": self.message,
            "event": self.event,
            "currency": self.currency,
        }
        switches = {
            "show_name": self.show_name,
            "show_amount": self.show_amount,
            "show_message": self.show_message,
            "cover_fee": self.cover_fee,
        }
        return {name: value for name, value in texts.items() if value} | {
            name: "1" for name, is_on in switches.items() if is_on
        }


APPEAL: Final[Values] = {
    "slug": "chechnya-2017",
    "title": "Out of Chechnya",
    "cause": "The Russian LGBT Network brings people hunted in Chechnya to safety. Groups in many countries raise the "
    "money together.",
    "beneficiary": "the Russian LGBT Network",
    "story": "In April 2017 Novaya Gazeta reported that men thought to be gay were being held and tortured in "
    "Chechnya. The Russian LGBT Network opened a hotline within days. Those who call need a way out, a bed "
    "in another city, a doctor, papers, a lawyer, and later another country.\n\n"
    "Charities and students’ societies in several countries raise money for this. Each of them reports here what it "
    "collected and what it sent on, so that the total counts every pound once, at a rate one can look up.",
    "currency": "USD",
    "rate_source": "ECB",
    "headline_stage": "collected",
}

SOCIETY: Final[Values] = {
    "slug": "pride-society",
    "kind": "society",
    "legal_name": "St Aldate’s University Pride Society",
    "name": "Pride Society",
    "registration_number": "",
    "regulator": "St Aldate’s Students’ Union",
    "country": "GB",
    "currency": "GBP",
    "contact_email": "treasurer@pride-society.example",
}
NETWORK: Final[Values] = {
    "slug": "russian-lgbt-network",
    "legal_name": "Interregional social movement Russian LGBT Network",
    "name": "Russian LGBT Network",
    "country": "RU",
    "currency": "USD",
    "contact_email": "network@demo.example",
}
RAILROAD: Final[Values] = {
    "slug": "rainbow-railroad",
    "legal_name": "Rainbow Railroad",
    "name": "Rainbow Railroad",
    "country": "CA",
    "currency": "CAD",
    "contact_email": "railroad@demo.example",
}

BANK_ACCOUNTS: Final[tuple[Values, ...]] = (
    {"name": "society-current", "body_slug": "pride-society", "currency": "GBP"},
    {"name": "railroad-chequing", "body_slug": "rainbow-railroad", "currency": "CAD"},
)

WALK: Final[Values] = {
    "slug": "walk-for-chechnya",
    "title": "We walk so that they can leave",
    "summary": "Students of St Aldate’s raise money for the Russian LGBT Network, which brings people hunted in "
    "Chechnya to safety.",
    "story": "One evacuation costs about as much as a term’s rent: a train ticket at night, a room where no one asks, "
    "a doctor, a phone that is not known.\n\n"
    "We are the Pride Society of a small university. Until the end of term we walk, bake and sing for it. Every gift "
    "goes to the Russian LGBT Network; our union’s account only holds it until it is sent on, and the page says when "
    "that was.",
    "organiser": "St Aldate’s University Pride Society",
    "currency": "GBP",
    "gift_currencies": "GBP,EUR",
    "goal_minor": 400_000,
    "suggested_minor": "1000,2500,5000",
    "statement_suffix": "WALK",
    "zone": "Europe/London",
}
FLIGHTS: Final[Values] = {
    "slug": "flights-to-safety",
    "title": "A flight to safety",
    "summary": "Rainbow Railroad brings LGBTQI people who are persecuted to a country where they are safe.",
    "story": "For some, another city is not far enough. Rainbow Railroad finds a country that takes them, and pays the "
    "flight and the first weeks.",
    "organiser": "Rainbow Railroad",
    "currency": "CAD",
    "gift_currencies": "CAD,USD",
    "goal_minor": 2_500_000,
    "suggested_minor": "2500,5000,10000",
    "statement_suffix": "FLIGHTS",
    "zone": "America/Toronto",
}
BENEFIT: Final[Values] = {
    "slug": "benefit-night",
    "title": "Benefit night in the union bar",
    "place": "Union bar, St Aldate’s",
    "about": "Three bands, one raffle, and the QR code on every table. What you give that evening is counted here.",
    "starts_at": datetime(2017, 5, 12, 18, 30, tzinfo=UTC),
    "ends_at": datetime(2017, 5, 12, 22, 30, tzinfo=UTC),
    "zone": "Europe/London",
}


def _at(day: int, hour: int, minute: int) -> datetime:
    return datetime(2017, 5, day, hour, minute, tzinfo=UTC)


_NIGHT: Final = "benefit-night"
GIFTS_TO_WALK: Final[tuple[Giving, ...]] = (
    Giving(
        _at(5, 9, 12),
        "50",
        "Mara Lindqvist",
        "mara@demo.example",
        "Stay safe, all of you.",
        show_name=True,
        show_amount=True,
        show_message=True,
    ),
    Giving(_at(5, 10, 3), "10"),
    Giving(_at(5, 12, 40), "25", "Tom Adeyemi", "tom@demo.example", show_name=True, cover_fee=True),
    Giving(_at(5, 18, 22), "20", email="a.k@demo.example"),
    Giving(
        _at(6, 8, 15), "100", "Наталья Иванова", "natalia@demo.example", "Держитесь!", show_name=True, show_message=True
    ),
    Giving(_at(6, 14, 2), "15"),
    Giving(
        _at(7, 9, 51), "60", "Jürgen Weiß", "juergen@demo.example", currency="EUR", show_name=True, show_amount=True
    ),
    Giving(_at(7, 20, 30), "25", cover_fee=True),
    Giving(_at(8, 11, 11), "30", "Priya Raman", "priya@demo.example", show_name=True),
    Giving(
        _at(8, 17, 45), "250", email="old.member@demo.example", message="From the class of 1994.", show_message=True
    ),
    Giving(_at(9, 9, 30), "12.50", "Sam O’Neill", show_name=True, show_amount=True),
    Giving(_at(9, 13, 5), "40", bank_debit="succeeds", email="steady@demo.example"),
    Giving(_at(10, 12, 0), "75", "محمد عبد الله", "m.a@demo.example", show_name=True),
    Giving(_at(10, 19, 20), "20", card="4000000000000002"),
    Giving(_at(10, 19, 22), "20", "Ffion Hughes", "ffion@demo.example", show_name=True),
    Giving(_at(11, 16, 16), "35", bank_debit="fails", email="thin.purse@demo.example"),
    Giving(_at(12, 18, 41), "5", event=_NIGHT),
    Giving(_at(12, 18, 47), "10", event=_NIGHT),
    Giving(_at(12, 18, 58), "10", "Table 4", show_name=True, show_amount=True, event=_NIGHT),
    Giving(_at(12, 19, 10), "20", event=_NIGHT, message="For the drummer.", show_message=True),
    Giving(_at(12, 19, 22), "5", event=_NIGHT),
    Giving(_at(12, 19, 40), "25", "Ines Carvalho", "ines@demo.example", show_name=True, event=_NIGHT),
    Giving(_at(12, 20, 5), "10", event=_NIGHT),
    Giving(_at(12, 20, 6), "10", event=_NIGHT),
    Giving(_at(12, 20, 33), "40", "The rowing club", show_name=True, show_amount=True, event=_NIGHT, cover_fee=True),
    Giving(_at(12, 21, 15), "15", event=_NIGHT),
    Giving(_at(12, 21, 50), "50", email="bar@demo.example", event=_NIGHT),
    Giving(_at(13, 11, 25), "20", "Łukasz Żółć", "lukasz@demo.example", show_name=True),
    Giving(_at(14, 15, 0), "25"),
    Giving(_at(15, 8, 45), "500", email="estate@demo.example", message="In memory of Alan.", show_message=True),
    Giving(_at(15, 21, 12), "10", "Kit", show_name=True),
    Giving(_at(16, 12, 33), "30", "Zoë van den Berg", "zoe@demo.example", show_name=True, currency="EUR"),
    Giving(_at(17, 9, 20), "25", "Amara Okafor", "amara@demo.example", "Go well.", show_name=True, show_message=True),
    Giving(_at(17, 19, 55), "20"),
)
GIFTS_TO_FLIGHTS: Final[tuple[Giving, ...]] = (
    Giving(_at(6, 15, 10), "100", "Claire Tremblay", "claire@demo.example", show_name=True, show_amount=True),
    Giving(_at(7, 16, 0), "50"),
    Giving(_at(9, 14, 30), "1000", email="foundation@demo.example"),
    Giving(_at(10, 21, 45), "75", "Dev Roy", "dev@demo.example", "Welcome home.", show_name=True, show_message=True),
    Giving(_at(12, 13, 13), "40", currency="USD"),
    Giving(_at(14, 18, 20), "250", "Two Spirits Choir", show_name=True, show_amount=True),
    Giving(_at(16, 17, 5), "25"),
)  # fmt: skip
