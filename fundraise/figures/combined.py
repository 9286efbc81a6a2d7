"""An appeal's combined total, now or at any past moment: every stage, and the lines that the headline is the sum of.

Money counts once, where it first came in from an outside donor; a transfer is never new money. The newest row of each
participant holds its sums so far, so that any number of reports costs no more than the participants there are.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlmodel import Session

from fundraise import plain
from fundraise.appeals.tables import Appeal, Stage
from fundraise.figures.own_gifts import Converted, Given, Here, OwnKey, converted_here, gifts_here, given_for
from fundraise.figures.partner_parts import PartnerPart, partner_parts
from fundraise.figures.passed_on import Passed, passed_on
from fundraise.money import Money


class Line(NamedTuple):
    """One participant's share of the headline: what it is in its own currency, and what of it is converted.

    `sheet_id` and `factor` are those of the newest conversion; `partner` holds what only partners have.
    """

    name: str
    currency: str
    amount_minor: int
    less_minor: int
    display_minor: int
    waiting_minor: int
    sheet_id: int | None = None
    factor: str = ""
    as_of: date | None = None
    body_id: int | None = None
    partner: PartnerPart | None = None
    passed: Passed | None = None
    is_own_at_one_rate: bool = True

    @property
    def is_at_one_rate(self) -> bool:
        """Whether the newest rate alone explains the amount."""
        return self.partner.is_at_one_rate if self.partner is not None else self.is_own_at_one_rate

    @property
    def is_low(self) -> bool:
        """Whether money of others was taken out of which it is not known whether it is in the figure."""
        return self.partner is not None and self.partner.is_low

    @property
    def is_unclear(self) -> bool:
        """Whether that leaves nothing: all that is reported may have come from others."""
        return self.is_low and bool(self.amount_minor) and self.amount_minor == self.less_minor


class _Body(NamedTuple):
    id: int
    name: str
    is_raised_for: bool


@dataclass(frozen=True, slots=True)
class Finals:
    """Whom an appeal's money is finally for."""

    bodies: frozenset[int]
    partners: frozenset[int]

    def is_reached_by(self, passed: Passed) -> bool:
        """Tell whether a transfer brought money to them; what one of them passes to another had arrived before."""
        arrives = passed.receiver_partner_id in self.partners or passed.receiver_body_id in self.bodies
        return arrives and passed.sender_partner_id not in self.partners and passed.sender_body_id not in self.bodies


@dataclass(frozen=True, slots=True, kw_only=True)
class Combined:
    """An appeal's total at every stage, and the lines of the headline."""

    amount: Money
    stage: Stage
    collected: Money
    remitted: Money
    received: Money
    lines: Sequence[Line]
    gifts: int
    on_its_way: Sequence[Money]
    not_converted: Sequence[Money]
    stages_waiting: Mapping[str, Sequence[Money]]  # What of each stage waits for a rate; only stages that have any.
    silent_partners: int
    final: Finals
    as_of: datetime


def combined_total(
    session: Session, appeal: Appeal, now: datetime, *, as_of: datetime | None = None, given: Given | None = None
) -> Combined:
    """Return the total with its lines; at a past moment it is what it was then, for ever.

    `given` is what its published campaigns were given at that moment, for a caller who has asked that already.
    """
    given = given or given_for(session, appeal, as_of=as_of)
    here = gifts_here(given, appeal)
    bodies = _bodies(session, appeal, as_of)
    own = _own_lines(bodies, appeal, here, converted_here(session, appeal, given, as_of=as_of))
    found = partner_parts(session, appeal.id, as_of=as_of)
    partners = [_partner_line(part) for part in found.parts]
    final = _finals(bodies, appeal, found.beneficiaries)
    passed = [each for each in passed_on(session, appeal.id, as_of=as_of) if final.is_reached_by(each)]
    collected = [*own, *partners]
    received = [
        *(line for line in own if line.body_id in final.bodies),
        *(line for line in partners if line.partner is not None and line.partner.is_beneficiary),
        *(_passed_line(each) for each in passed if each.arrived_minor is not None),
    ]
    on_its_way = [each for each in passed if each.arrived_minor is None]
    stage = Stage(appeal.headline_stage)
    lines = received if stage is Stage.RECEIVED else collected
    sent = Counter[str]()
    for each in on_its_way:
        sent[each.sent_currency] += each.sent_minor if each.sent_display_minor is None else 0
    waiting = {
        "collected": _waiting(collected),
        "remitted": _as_money(sent),
        "received": _waiting(received),
    }
    way = Counter[str]()
    for (_, currency), gifts in here.items():
        way[currency] += gifts.on_its_way_minor
    return Combined(
        amount=Money(sum(line.display_minor for line in lines), appeal.currency),
        stage=stage,
        collected=Money(sum(line.display_minor for line in collected), appeal.currency),
        remitted=Money(sum(each.sent_display_minor or 0 for each in on_its_way), appeal.currency),
        received=Money(sum(line.display_minor for line in received), appeal.currency),
        lines=lines,
        gifts=sum(each.gifts for each in here.values()),
        on_its_way=_as_money(way),
        not_converted=waiting[stage],
        stages_waiting={each: amounts for each, amounts in waiting.items() if amounts},
        silent_partners=found.silent,
        final=final,
        as_of=as_of or now,
    )


def _waiting(lines: Sequence[Line]) -> Sequence[Money]:
    found = Counter[str]()
    for line in lines:
        if line.waiting_minor:
            found[line.currency] += line.waiting_minor
    return _as_money(found)


def _bodies(session: Session, appeal: Appeal, as_of: datetime | None) -> Sequence[_Body]:
    """Ask once for the names of the bodies here, and whom of them the appeal's campaigns of that moment raise for."""
    then = "" if as_of is None else " AND c.created_at <= :as_of"
    asked = (
        "SELECT b.id, b.name, b.id IN (SELECT n.body_id FROM campaign_beneficiary n "  # noqa: S608  Words of ours.
        f"JOIN campaign c ON c.id = n.campaign_id WHERE c.appeal_id = :appeal{then}) FROM body b"
    )
    values = {"appeal": appeal.id, "as_of": plain.at(session, as_of) if as_of is not None else None}
    return [_Body(*row) for row in plain.ask(session, asked, values)]


def _finals(bodies: Sequence[_Body], appeal: Appeal, partners: frozenset[int]) -> Finals:
    """Return whom the money is finally for: those named as such, else the campaigns' charities.

    `partners` are those of the partners there were at that moment that are named; see `partner_parts`.
    """
    if appeal.beneficiary_body_id is not None:
        return Finals(frozenset({appeal.beneficiary_body_id}), partners)
    if partners:
        return Finals(frozenset(), partners)
    return Finals(frozenset(body.id for body in bodies if body.is_raised_for), partners)


def _own_lines(
    bodies: Sequence[_Body], appeal: Appeal, here: Mapping[OwnKey, Here], converted: Mapping[OwnKey, Converted]
) -> list[Line]:
    names = {body.id: body.name for body in bodies}
    lines = []
    for key in sorted({*here, *converted}):
        body_id, currency = key
        counted = here[key].counted_minor if key in here else 0
        known = converted.get(key, Converted())
        row = known.newest
        if currency == appeal.currency:
            display, waiting = counted, 0
        else:
            display, waiting = known.display_minor, counted - known.amount_minor
        if counted or display or waiting:
            lines.append(
                Line(
                    name=names[body_id],
                    currency=currency,
                    amount_minor=counted,
                    less_minor=0,
                    display_minor=display,
                    waiting_minor=waiting,
                    sheet_id=row.sheet_id if row is not None else None,
                    factor=row.factor if row is not None else "",
                    body_id=body_id,
                    is_own_at_one_rate=known.is_at_one_rate,
                )
            )
    return lines


def _partner_line(part: PartnerPart) -> Line:
    # By place: there are hundreds of them on a page, and by name each takes three times as long.
    return Line(
        part.public_name, part.currency, part.amount_minor, part.less_minor, part.display_minor, part.waiting_minor,
        part.sheet_id, part.factor, part.as_of, None, part,
    )  # fmt: skip


def _passed_line(each: Passed) -> Line:
    return Line(
        name=f"{each.sender} to {each.receiver}",
        currency=each.arrived_currency,
        amount_minor=each.arrived_minor or 0,
        less_minor=0,
        display_minor=each.arrived_display_minor or 0,
        waiting_minor=(each.arrived_minor or 0) if each.arrived_display_minor is None else 0,
        sheet_id=each.arrived_sheet_id,
        factor=each.arrived_factor,
        as_of=each.arrived_on,
        passed=each,
    )


def _as_money(sums: Counter[str]) -> tuple[Money, ...]:
    return tuple(Money(minor, currency) for currency, minor in sorted(sums.items()) if minor)
