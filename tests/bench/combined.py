"""The combined total of 500 partners in 40 currencies with 100,000 figures: the page read and drawn each time.

Uncached means that nothing is remembered from the page before, on either side: not even how an amount is written, of
which the product remembers the last thousands.
"""

import gc
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import psycopg
from sqlalchemy import insert
from sqlmodel import Session

from fundraise import money, times
from fundraise.figures.charities import charities_of
from fundraise.figures.combined import combined_total
from fundraise.figures.public import appeal_with_campaigns, campaign_totals
from fundraise.money import Money, convert
from fundraise.partners.tables import Increment, Partner, PartnerReport, ReportStep
from fundraise.parts import Parts
from fundraise.rates.tables import Rate, RateSheet
from fundraise.showing import appeal_lines
from fundraise.showing.cards import campaign_cards
from fundraise.showing.values import legal_body
from fundraise.text import paragraphs
from fundraise.views.appeal_pages import AppealPage
from fundraise.web.pages import draw
from fundraise.web.public import appeal as appeal_door
from tests.bench.measuring import Row, in_turn_at_least
from tests.bench.opening import parts_of
from tests.bench.place import Place

CURRENCIES = (
    "EUR", "GBP", "USD", "JPY", "CLP", "CZK", "DKK", "HUF", "PLN", "RON", "SEK", "CHF", "ISK", "NOK",
    "TRY", "AUD", "BRL", "CAD", "CNY", "HKD", "IDR", "ILS", "INR", "KRW", "MXN", "MYR", "NZD", "PHP",
    "SGD", "THB", "ZAR", "KES", "UGX", "KWD", "AED", "EGP", "MAD", "UAH", "GEL", "RSD",
)  # fmt: skip
PARTNERS = 500
_FIRST = datetime(2024, 1, 1, tzinfo=UTC)


def bench(place: Place) -> Iterator[Row]:
    """Measure the page beside the same template and formatting from memory."""
    reports = 20 if place.quick else 200
    for dialect, name in (("sqlite", "SQLite"), ("postgresql", "PostgreSQL")):
        with parts_of(place.books.of(dialect, 1_000)) as parts:
            _fill(parts, reports)
            read, from_memory = _works(parts)
            if read() != from_memory():
                raise AssertionError("the two pages differ")
            gc.freeze()  # As the app does when it has started.
            rounds = 5 if place.quick else 15
            what = f"Combined total of {PARTNERS} partners, {PARTNERS * reports:,} figures, uncached, {name}"
            ours, theirs = partial(_rate, parts, read), partial(_rate, parts, from_memory)
            yield in_turn_at_least(what, rounds, ours, theirs, 0.8, "pages/s")


def _rate(parts: Parts, page: Callable[[], AppealPage]) -> float:
    """Return how many pages a second are made and drawn; how amounts and days are written is not remembered either."""
    pages = 3
    begun = time.perf_counter()
    for _ in range(pages):
        money._shown.cache_clear()
        times.day_said.cache_clear()
        draw(parts.settings, "public/appeal.html", page(), parts.clock.now())
    return pages / (time.perf_counter() - begun)


def _works(parts: Parts) -> tuple[Callable[[], AppealPage], Callable[[], AppealPage]]:
    """Return how the page is read and made, and how it is made of what lies in memory, formatted each time."""
    now = parts.clock.now()

    def read() -> AppealPage:
        with parts.db.read() as session:
            return appeal_door.appeal_page(session, "winter-appeal", now)

    with parts.db.read() as session:
        appeal, campaigns = appeal_with_campaigns(session, "winter-appeal")
        totals, charities = campaign_totals(session, campaigns, now), charities_of(session, campaigns)
        total = combined_total(session, appeal, now)
        wanted = [(line.sheet_id, line.currency) for line in total.lines]
        words = appeal_lines.rate_words(session, wanted, appeal.currency)
    known = read()

    def from_memory() -> AppealPage:
        return AppealPage(
            title=known.title,
            helped=known.helped,
            total=appeal_door.appeal_view(appeal, total),
            campaigns=campaign_cards(campaigns, totals, now),
            story=paragraphs(appeal.story),
            bodies=tuple(map(legal_body, charities)),
            stages=appeal_door._stages(appeal, total),
            participants=tuple(appeal_lines._line(appeal, line, words, total.as_of) for line in total.lines),
            participants_sum=money.show(total.amount),
            currency_words=money.name(appeal.currency),
            warnings=appeal_door._warnings(total, is_past=False),
            permalink=known.permalink,
        )

    return read, from_memory


def _fill(parts: Parts, reports: int) -> None:
    """Write partners whose figure grew with every report, each growth converted at the rate of one sheet."""
    chance = random.Random(4)
    rates = {code: Decimal(chance.randrange(100, 200_000)) / 1000 for code in CURRENCIES}
    rates["EUR"], rates["GBP"] = Decimal(1), Decimal("0.85")
    sheet = {"effective_on": date(2024, 1, 1), "imported_at": _FIRST, "imported_by": "bench", "file_name": ""}
    published = [(code, rate) for code, rate in rates.items() if code != "EUR"]
    with parts.db.write("bench: rates") as session:
        session.execute(
            insert(RateSheet),
            [{"id": 900, "source": "ECB", **sheet, "file_sha256": "bench", "content_sha256": "bench"}],
        )
        session.execute(
            insert(Rate), [{"sheet_id": 900, "currency": code, "value": str(rate)} for code, rate in published]
        )
    for some in (range(1, 11), range(11, PARTNERS + 1)):
        with parts.db.write("bench: partners") as session:
            for number in some:
                _partner(session, number, CURRENCIES[number % len(CURRENCIES)], rates, reports)
        _analyse(parts)  # PostgreSQL would check references by plans made for empty tables.


def _partner(session: Session, number: int, currency: str, rates: dict[str, Decimal], reports: int) -> None:
    session.execute(
        insert(Partner),
        [
            {
                "id": number,
                "ref": f"partner{number:09d}",
                "slug": f"partner-{number}",
                "appeal_id": 1,
                "name": f"Partner {number} of many",
                "currency": currency,
                "created_at": _FIRST,
            }
        ],
    )
    factor = rates["GBP"] / rates[currency]
    kept, steps, increments = [], [], []
    each = 1000 + number * 7
    display = convert(Money(each, currency), factor, "GBP").minor if currency != "GBP" else each
    for place in range(reports):
        report = number * 1000 + place
        at = _FIRST + timedelta(days=place * 700 // reports, seconds=number)
        state = "accepted" if place == reports - 1 else "superseded"
        kept.append(_report(report, number, currency, each * (place + 1), at, state))
        steps.append({"report_id": report, "step": "accepted", "at": at, "by": "Kim", "note": ""})
        converted = currency != "GBP"
        increments.append(
            {
                "id": report,
                "partner_id": number,
                "stage": "collected",
                "report_id": report,
                "follows_id": report - 1 if place else 0,
                "currency": currency,
                "amount_minor": each,
                "less_transfers_minor": 0,
                "sheet_id": 900 if converted else None,
                "factor": str(factor)[:60] if converted else "",
                "display_minor": display,
                "display_currency": "GBP",
                "total_amount_minor": each * (place + 1),
                "total_less_minor": 0,
                "total_display_minor": display * (place + 1),
                "total_waiting_minor": 0,
                "is_low": False,
                "made_at": at,
                "why": "",
            }
        )
    session.execute(insert(PartnerReport), kept)
    session.execute(insert(ReportStep), steps)
    session.execute(insert(Increment), increments)


def _report(report: int, partner: int, currency: str, amount: int, at: datetime, state: str) -> dict[str, Any]:
    return {
        "id": report,
        "partner_id": partner,
        "stage": "collected",
        "kind": "cumulative",
        "amount_minor": amount,
        "currency": currency,
        "as_of": at.date(),
        "gross_or_net": "gross",
        "gift_aid": "none",
        "our_transfers": "none",
        "evidence": "https://example.org/report",
        "came_by": "link",
        "raw": b"{}",
        "raw_sha256": f"{report:064x}",
        "submitted_at": at,
        "accepted_at": at,
        "state": state,
        "questions": "[]",
    }


def _analyse(parts: Parts) -> None:
    """Let PostgreSQL tidy up what was written and know what it holds, as its autovacuum does within minutes."""
    if parts.db.dialect == "postgresql":
        with psycopg.connect(parts.settings.migration_database_url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
