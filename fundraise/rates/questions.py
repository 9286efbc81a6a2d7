"""Questions about rates: what one currency is in another on a day, by a source's rule, and what there is to ask."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal
from fractions import Fraction
from typing import Final

from sqlmodel import Session, col, func, select

from fundraise import plain
from fundraise.money import Money, convert
from fundraise.published_rates import BASES, RateSource
from fundraise.rates.tables import Rate, RateSheet

# A factor has as many digits as these: far more than any amount needs, and always the same.
_EXACT: Final = Context(prec=28)
_PUBLISHED: Final = (
    "SELECT s.id, s.source, s.effective_on, r.currency, r.value FROM rate_sheet s "
    "LEFT JOIN rate r ON r.sheet_id = s.id AND r.currency IN ({currencies}) WHERE s.id IN ({sheets})"
)

# What is older says nothing of today.
_RECENT: Final = timedelta(days=62)
_NEWEST: Final = (
    "(SELECT id FROM rate_sheet WHERE source = '{}' AND effective_on BETWEEN :since AND :day "
    "ORDER BY effective_on DESC, imported_at DESC, id DESC LIMIT 1)"
)
_RECENT_RATES: Final = (
    "SELECT s.source, r.currency, r.value FROM rate_sheet s JOIN rate r ON r.sheet_id = s.id WHERE s.id IN ("  # noqa: S608  Names of ours.
    + ", ".join(_NEWEST.format(source.value) for source in RateSource)
    + ") AND r.currency IN ({})"
)


@dataclass(frozen=True, slots=True)
class Conversion:
    """Units of one currency per unit of another, and the sheet it was taken from; none where both are the same."""

    factor: Decimal
    sheet_id: int | None
    effective_on: date | None

    @property
    def written(self) -> str:
        """The factor as it is kept; what was converted with it can be converted again from these digits alone."""
        return "" if self.sheet_id is None else str(self.factor)

    def of(self, amount: Money, into: str) -> Money:
        """Convert an amount, rounded half-even to the minor unit."""
        return convert(amount, self.factor, into)


def conversion(session: Session, source: str, currency: str, into: str, day: date) -> Conversion | None:
    """Return how a currency is converted into another on a day; None while there is no rate.

    The ECB's rates of that day, or of the last day before it that had any; HMRC's of that month alone. A sheet that
    does not name both currencies has no rate for them: an older one is not asked.
    """
    if currency == into:
        return Conversion(Decimal(1), None, None)
    sheet = _sheet(session, RateSource(source), day)
    if sheet is None:
        return None
    wanted = {currency, into} - {BASES[RateSource(source)]}
    found = dict(
        session.exec(
            select(Rate.currency, Rate.value).where(col(Rate.sheet_id) == sheet.id, col(Rate.currency).in_(wanted))
        ).all()
    )
    if wanted - found.keys():
        return None
    per_base = {code: Decimal(found.get(code, "1")) for code in (currency, into)}
    return Conversion(_EXACT.divide(per_base[into], per_base[currency]), sheet.id, sheet.effective_on)


def _sheet(session: Session, source: RateSource, day: date) -> RateSheet | None:
    """Return the sheet in force; of two for one day the one that came last."""
    statement = select(RateSheet).where(col(RateSheet.source) == source)
    if source is RateSource.ECB:
        statement = statement.where(col(RateSheet.effective_on) <= day)
    else:
        statement = statement.where(col(RateSheet.effective_on) == day.replace(day=1))
    order = (col(RateSheet.effective_on).desc(), col(RateSheet.imported_at).desc(), col(RateSheet.id).desc())
    return session.exec(statement.order_by(*order).limit(1)).first()


def recent_rates(session: Session, currency: str, into: Iterable[str], day: date) -> Mapping[str, Fraction]:
    """Return units of other currencies per unit of this one, as last published before or on a day.

    For what is said beforehand and about; what is booked is converted by its appeal's own source. The ECB's rates go
    before HMRC's, which are a month's. Without a sheet of the last two months nothing is known.
    """
    # Asked for by name: of two hundred rates a page needs a few, and to read them all takes longer than to draw it.
    codes, wanted = plain.listed("code", sorted({currency, *into}))
    statement = _RECENT_RATES.format(codes)
    values = {"day": day.isoformat(), "since": (day - _RECENT).isoformat(), **wanted}
    sheets = {source: {base: Fraction(1)} for source, base in BASES.items()}
    for source, code, value in plain.ask(session, statement, values):
        sheets[RateSource(source)][code] = Fraction(value)
    found: dict[str, Fraction] = {}
    for source in (RateSource.HMRC, RateSource.ECB):
        rates = sheets[source]
        if currency in rates:
            found |= {code: rate / rates[currency] for code, rate in rates.items() if code in wanted.values()}
    return found


def newest_day(session: Session, source: RateSource) -> date | None:
    """Return the last day (or month) a source's rates are here for."""
    return session.exec(select(func.max(RateSheet.effective_on)).where(col(RateSheet.source) == source)).one()


def recent_sheets(session: Session, source: RateSource, most: int) -> Sequence[tuple[RateSheet, int]]:
    """List a source's newest sheets with the number of their rates."""
    count = select(func.count()).where(col(Rate.sheet_id) == RateSheet.id).scalar_subquery()
    return session.exec(
        select(RateSheet, count)
        .where(col(RateSheet.source) == source)
        .order_by(col(RateSheet.effective_on).desc(), col(RateSheet.id).desc())
        .limit(most)
    ).all()


@dataclass(frozen=True, slots=True)
class Published:
    """Source and day of sheets by their ids, and rates by sheet and currency, digit for digit as published."""

    sheets: Mapping[int, tuple[str, date]]
    values: Mapping[tuple[int, str], str]


def published(session: Session, wanted: Iterable[tuple[int, str]]) -> Published:
    """Return rates of sheets."""
    pairs = set(wanted)
    sheets, asked = plain.listed("sheet", sorted({sheet for sheet, _ in pairs}))
    currencies, more = plain.listed("currency", sorted({currency for _, currency in pairs}))
    statement = _PUBLISHED.format(sheets=sheets, currencies=currencies)
    rows = plain.ask(session, statement, asked | more) if pairs else []
    return Published(
        {sheet: (source, plain.day(day)) for sheet, source, day, _, _ in rows},
        {(sheet, currency): value for sheet, _, _, currency, value in rows if (sheet, currency) in pairs},
    )
