"""The rules of a combined total, said once more in plain words and with nothing of the product's.

R1 One total: gifts that came in from outside donors, without tax relief.
R2 Money counts where it first came in. Each partner's part is its figure less what other participants sent it.
R3 A transfer is taken off only where the figure contains it and its day is not after the figure's; where nobody knows,
   all of them are, and the part is called low. A figure that would fall below zero is held; one that falls below zero
   because of what is learnt later counts for nothing, and is asked about.
R4 A figure replaces the one before it. Its day does not go back, and a lower one needs a reason.
R6 Tax relief that a figure says it contains is taken out; where it is not known, the figure does not count.
R11 What a part changes by is converted at the rate of the figure's day, once, and stays so.
R13 The total of a past moment is the sum of what was known then.
R14 Each conversion is rounded half-even to whole minor units, and the total is their sum.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from itertools import pairwise
from typing import NamedTuple

DECIMALS = {"EUR": 2, "GBP": 2, "USD": 2, "KES": 2, "JPY": 0}
OPEN = ("held", "received")
# These only another figure answers.
BLOCKING = {"currency", "future", "goes_back", "below_zero", "gift_aid", "transfer_value"}
# After these answers the figure still may not count: the partner itself says that it has to send another one …
SENDS_AGAIN = {("like_transfer", "same"), ("later_transfer", "in")}
# … or that somebody has to do something first.
LEAVES_OPEN = {("no_transfer_known", "some"), ("reference_unknown", "named")}


@dataclass(eq=False)
class Transfer:
    """Money one participant sent another; both as `partner:SLUG` or `body:SLUG`."""

    reference: str
    sender: str
    receiver: str
    minor: int
    currency: str
    sent_on: date
    expected: int | None = None  # In the receiver's currency.
    arrived: int | None = None
    arrived_on: date | None = None
    stands: bool = True
    sent_shown: int | None = None
    arrived_shown: int | None = None

    @property
    def day(self) -> date:
        return self.arrived_on or self.sent_on


@dataclass(eq=False)
class Report:
    """A partner's figure, where it stands, and what it was asked and answered."""

    who: str
    amount: int
    currency: str
    as_of: date
    stage: str = "collected"
    basis: str = "gross"
    relief: int | None = 0  # None: there is some, and nobody knows how much.
    inside: str | frozenset[str] = "none"
    state: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)

    @property
    def figure(self) -> int:
        return self.amount - (self.relief or 0)

    @property
    def says(self) -> tuple[object, ...]:
        return (self.amount, self.currency, self.as_of, self.stage, self.basis, self.relief, self.inside)

    @property
    def codes(self) -> set[str]:
        return {code for code, _ in self.asked}


@dataclass(eq=False)
class Change:
    """What a part changed by, and what that came to in the appeal's currency; None while there is no rate."""

    minor: int
    day: date
    shown: int | None


class Part(NamedTuple):
    """A partner's part in its own currency."""

    figure: int = 0
    less: int = 0


@dataclass
class Appeal:
    """An appeal as the rules have it: what is known, and what must count because of it."""

    currency: str
    partners: dict[str, str]  # Their currencies.
    finally_for: frozenset[str]  # Whom the money is for, as `partner:SLUG` or `body:SLUG`.
    source: str = "ECB"  # Daily, units per euro, the last day's before; or HMRC: monthly, units per pound.
    rates: dict[date, Mapping[str, str]] = field(default_factory=dict)  # Of a day or month, what was said last.
    reports: list[Report] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    changes: dict[str, list[Change]] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    accepted: dict[str, Report] = field(default_factory=dict)  # Whose figure counts.
    ever_accepted: dict[str, list[int]] = field(default_factory=dict)  # Figures, in the order they were accepted.
    low: set[str] = field(default_factory=set)
    untold: set[str] = field(default_factory=set)  # Partners with a transfer whose worth nobody knows yet.
    own_gifts: int = 0

    # --- what must be so ------------------------------------------------------------------------------------------

    def shown(self, who: str) -> int:
        return sum(change.shown or 0 for change in self.changes.get(who, []))

    def waiting(self, who: str) -> int:
        return sum(change.minor for change in self.changes.get(who, []) if change.shown is None)

    def is_low(self, who: str) -> bool:
        """Money was taken off that may not be in the figure, or more than can be."""
        return who in self.low

    def is_doubtful(self, who: str) -> bool:
        """What is known of transfers contradicts the figure that counts, or nobody knows what one of them comes to."""
        report = self.accepted[who]
        worth = [self.worth(each, self.partners[who]) for each in self.contained(report)]
        return None in worth or sum(filter(None, worth)) > report.figure

    def stages(self) -> dict[str, int]:
        reaching = [each for each in self.transfers if each.stands and self._reaches(each)]
        at_last = [who for who in self.partners if f"partner:{who}" in self.finally_for]
        own_at_last = self.own_gifts if any(each.startswith("body:") for each in self.finally_for) else 0
        return {
            "collected": self.own_gifts + sum(map(self.shown, self.partners)),
            "remitted": sum(each.sent_shown or 0 for each in reaching if each.arrived is None),
            "received": own_at_last
            + sum(map(self.shown, at_last))
            + sum(each.arrived_shown or 0 for each in reaching if each.arrived is not None),
        }

    def _reaches(self, each: Transfer) -> bool:
        return each.receiver in self.finally_for and each.sender not in self.finally_for

    # --- what a report must be asked ------------------------------------------------------------------------------

    def asks(self, report: Report, today: date) -> set[str]:
        return set(self._asks(report, today))

    def _asks(self, report: Report, today: date) -> Iterator[str]:
        if report.as_of > today:
            yield "future"
        if (today - report.as_of).days > 366:
            yield "old"
        if report.relief is None:
            yield "gift_aid"
        if report.currency != self.partners[report.who]:
            yield "currency"
            return
        yield from self._asks_beside_the_last(report)
        yield from self._asks_about_transfers(report)

    def _asks_beside_the_last(self, report: Report) -> Iterator[str]:
        earlier = self.reports[: self.reports.index(report)] if report in self.reports else self.reports
        if any(each.who == report.who and each.says == report.says and each.state != "rejected" for each in earlier):
            yield "twice"
        last = self.accepted.get(report.who)
        if last is None and self._is_large(report):
            yield "large_first"
        if last is None or last is report:
            return
        if report.as_of < last.as_of:
            yield "goes_back"
            return
        if (report.stage, report.basis) != (last.stage, last.basis):
            yield "basis"
        if report.figure < last.figure:
            yield "lower"
        elif report.figure != last.figure and report.as_of == last.as_of:
            yield "same_day"
        if self._is_unusual(report.figure, self.ever_accepted[report.who][-12:]):
            yield "jump"

    def _is_large(self, report: Report) -> bool:
        euros = self._convert(report.figure, report.currency, "EUR", report.as_of)
        return euros > 100_000_00 if euros is not None else report.figure > 10 ** (6 + DECIMALS[report.currency])

    def _is_unusual(self, figure: int, before: list[int]) -> bool:
        rises = [later - earlier for earlier, later in pairwise(before) if later > earlier]
        return figure > 3 * before[-1] or (len(rises) >= 3 and figure - before[-1] > 3 * max(rises))

    def _asks_about_transfers(self, report: Report) -> Iterator[str]:
        known = self.transfers_to(report.who)
        if isinstance(report.inside, frozenset):
            if report.inside - {each.reference for each in known}:
                yield "reference_unknown"
            if any(each.reference in report.inside and each.day > report.as_of for each in known):
                yield "later_transfer"
        if report.inside == "all" and not known:
            yield "no_transfer_known"
        inside = self.contained(report)
        worth = [self.worth(each, report.currency) for each in inside]
        if None in worth:
            yield "transfer_value"
        if sum(each or 0 for each in worth) > report.figure:
            yield "below_zero"
        last = self.accepted.get(report.who)
        rise = report.figure - (last.figure if last is not None and last is not report else 0)
        if rise > 0 and any(self._said(each, report.currency) == rise for each in known if each not in inside):
            yield "like_transfer"

    # --- what happens ---------------------------------------------------------------------------------------------

    def accept(self, report: Report, today: date, *, with_reason: bool) -> bool:
        """Let a report count, and tell whether it may; what is new about it holds it."""
        now = self.asks(report, today)
        promised = any(pair in SENDS_AGAIN and pair[0] in now for pair in report.asked)
        if report.state not in OPEN or now & BLOCKING or promised:
            return False
        new = now - report.codes
        if new:
            report.asked += [(code, "") for code in new]
            report.state = "held"
            return False
        unanswered = any(
            code not in BLOCKING and (not answer or (code in now and (code, answer) in LEAVES_OPEN))
            for code, answer in report.asked
        )
        if unanswered and not with_reason:
            return False
        for other in self.reports:
            before = self.reports.index(other) < self.reports.index(report)
            replaced = other.state in OPEN and before and other.as_of <= report.as_of
            if other.who == report.who and (other.state == "accepted" or replaced):
                other.state = "superseded"
        report.state = "accepted"
        self.accepted[report.who] = report
        self.ever_accepted.setdefault(report.who, []).append(report.figure)
        self._count(report.who)
        return True

    def learnt(self, transfer: Transfer) -> None:
        """Something was learnt of a transfer: it was sent, arrived or taken back."""
        self._convert_transfers()
        kind, _, who = transfer.receiver.partition(":")
        if kind == "partner":
            self._count(who)

    def rates_came(self, day: date, rates: Mapping[str, str]) -> None:
        self.rates[day] = rates
        for who in sorted(self.untold):
            self._count(who)
        for changes in self.changes.values():
            for change in changes:
                if change.shown is None:
                    change.shown = self._convert(change.minor, self._of(changes), self.currency, change.day)
        self._convert_transfers()

    def _count(self, who: str) -> None:
        report = self.accepted.get(who)
        if report is None:
            return
        worth = [self.worth(each, self.partners[who]) for each in self.contained(report)]
        if None in worth:
            self.untold.add(who)
            return
        self.untold.discard(who)
        less = sum(filter(None, worth))
        part, before = Part(report.figure, min(less, report.figure)), self.parts.get(who, Part())
        unsure = report.inside == "unknown" and less > 0
        (self.low.add if unsure or less > report.figure else self.low.discard)(who)
        minor = part.figure - part.less - before.figure + before.less
        if part != before:
            shown = self._convert(minor, self.partners[who], self.currency, report.as_of)
            self.changes.setdefault(who, []).append(Change(minor, report.as_of, shown))
        self.parts[who] = part

    def _of(self, changes: list[Change]) -> str:
        return next(self.partners[who] for who, each in self.changes.items() if each is changes)

    def _convert_transfers(self) -> None:
        for each in self.transfers:
            if each.stands and each.sent_shown is None:
                each.sent_shown = self._convert(each.minor, each.currency, self.currency, each.sent_on)
            if each.stands and each.arrived is not None and each.arrived_shown is None:
                each.arrived_shown = self._convert(each.arrived, self.arrives_in(each), self.currency, each.day)

    # --- transfers and rates --------------------------------------------------------------------------------------

    def transfers_to(self, who: str) -> list[Transfer]:
        return [each for each in self.transfers if each.stands and each.receiver == f"partner:{who}"]

    def contained(self, report: Report) -> list[Transfer]:
        wanted = report.inside
        return [
            each
            for each in self.transfers_to(report.who)
            if each.day <= report.as_of
            and (each.reference in wanted if isinstance(wanted, frozenset) else wanted in {"all", "unknown"})
        ]

    def arrives_in(self, each: Transfer) -> str:
        kind, _, who = each.receiver.partition(":")
        return self.partners[who] if kind == "partner" else each.currency

    def _said(self, each: Transfer, currency: str) -> int | None:
        """What somebody said a transfer comes to, in the receiver's currency."""
        if each.arrived is not None:
            return each.arrived
        return each.minor if each.currency == currency else each.expected

    def worth(self, each: Transfer, currency: str) -> int | None:
        said = self._said(each, currency)
        return said if said is not None else self._convert(each.minor, each.currency, currency, each.sent_on)

    def _convert(self, minor: int, currency: str, into: str, day: date) -> int | None:
        if currency == into:
            return minor
        rates = self._rates_of(day)
        if currency not in rates or into not in rates:
            return None
        rate = Decimal(rates[into]) / Decimal(rates[currency])  # In 28 digits, as rates are told.
        with localcontext(prec=80):
            major = Decimal(minor).scaleb(-DECIMALS[currency]) * rate
            return int(major.scaleb(DECIMALS[into]).quantize(Decimal(1), ROUND_HALF_EVEN))

    def _rates_of(self, day: date) -> Mapping[str, str]:
        if self.source == "HMRC":
            return {"GBP": "1", **self.rates.get(day.replace(day=1), {})}
        days = [each for each in self.rates if each <= day]
        return {"EUR": "1", **self.rates[max(days)]} if days else {}
