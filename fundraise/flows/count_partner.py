"""A partner's part of the total: its accepted figure, less what other participants sent it and the figure contains.

Counted anew whenever a report is accepted or something is learnt of a transfer to the partner; only what changed is
added. The order in which reports and transfers become known does not matter for the partner's own currency.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session

from fundraise.appeals.tables import Appeal
from fundraise.money import Money
from fundraise.partners.questions import counted_report, newest_increment
from fundraise.partners.rules import Frozen, Part, add_change, change, is_said
from fundraise.partners.tables import Increment, Partner, PartnerReport
from fundraise.rates.questions import conversion
from fundraise.transfers.questions import Known, transfers_to, value_day, value_minor


def recount(session: Session, appeal: Appeal, partner: Partner, moment: datetime, *, why: str) -> Increment | None:
    """Add what changed in a partner's part, be it only the report behind it; None when nothing did.

    The caller holds the appeal.
    """
    report = counted_report(session, partner.id)
    part = part_of(session, appeal, partner, report) if report is not None else None
    if report is None or part is None or is_said(session, partner.id, report.id, part):
        return None
    changed = change(session, partner.id, part)
    return add_change(
        session,
        partner,
        report,
        changed,
        _converted(session, appeal, partner, report, changed),
        display_currency=appeal.currency,
        moment=moment,
        why=why,
    )


def _converted(session: Session, appeal: Appeal, partner: Partner, report: PartnerReport, changed: Part) -> Frozen:
    """Convert a change; where nothing is to be converted, the rate stays the one that explains what there is."""
    before = newest_increment(session, partner.id)
    if before is not None and not changed.own_minor:
        return Frozen(0, before.sheet_id, before.factor)
    return freeze(session, appeal, Money(changed.own_minor, partner.currency), report.as_of)


def part_of(session: Session, appeal: Appeal, partner: Partner, report: PartnerReport) -> Part | None:
    """Return what a report's figure counts for; None while a transfer in it has no amount in the partner's currency.

    No more is taken out than the figure is. Where the transfers come to more, not all of them can be in it: then it
    counts for nothing, which is low, and `flows.question_accepted` asks.
    """
    figure = figure_minor(report)
    values = [transfer_value(session, appeal, known, partner.currency) for known in contained(session, report)]
    less = [value for value in values if value is not None]
    if len(less) < len(values):
        return None
    is_unsure = report.our_transfers == "unknown" and bool(less)
    return Part(figure, min(sum(less), figure), is_low=is_unsure or sum(less) > figure)


def figure_minor(report: PartnerReport) -> int:
    """Return a report's figure without the tax relief that it says is in it (R6)."""
    return report.amount_minor - (int(report.gift_aid) if report.gift_aid.isdigit() else 0)


def contained(session: Session, report: PartnerReport) -> Sequence[Known]:
    """List the transfers that a report's figure contains (R3): those it names, or all up to its day, or none."""
    if report.our_transfers == "none":
        return []
    named = listed(report)
    return [
        known
        for known in transfers_to(session, report.partner_id)
        if (named is None or known[0].reference in named) and value_day(known) <= report.as_of
    ]


def listed(report: PartnerReport) -> set[str] | None:
    """Return the references that a report names; None where it says all, none or unknown."""
    return set(json.loads(report.our_transfers)) if report.our_transfers.startswith("[") else None


def transfer_value(session: Session, appeal: Appeal, known: Known, currency: str) -> int | None:
    """Return what a transfer comes to in a currency, converted where nobody said; None while it cannot be told."""
    value = value_minor(known, currency)
    if value is not None:
        return value
    sent = Money(known[0].sent_minor, known[0].sent_currency)
    rate = conversion(session, appeal.rate_source, sent.currency, currency, known[0].sent_on)
    return rate.of(sent, currency).minor if rate is not None else None


def freeze(session: Session, appeal: Appeal, amount: Money, day: date) -> Frozen:
    """Convert an amount into the appeal's currency at its source's rate for a day, once."""
    rate = conversion(session, appeal.rate_source, amount.currency, appeal.currency, day)
    if rate is None:
        return Frozen(None, None, "")
    return Frozen(rate.of(amount, appeal.currency).minor, rate.sheet_id, rate.written)
