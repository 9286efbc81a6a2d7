"""What an accepted figure raises once more is learnt of the transfers to its partner: plain questions to staff.

Nothing is kept of a question. It stands as long as the figure and the transfers contradict each other, and ends with
another figure, with a transfer taken back, or with what arrived being said.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from fundraise.appeals.tables import Appeal
from fundraise.flows.count_partner import contained, figure_minor, transfer_value
from fundraise.money import Money, show
from fundraise.partners.tables import Partner, PartnerReport, ReportState
from fundraise.times import day_said
from fundraise.transfers.questions import last_learnt
from fundraise.transfers.tables import Transfer

# Accepted figures that may contain a transfer.
_THAT_MAY: Final = (
    select(Partner, PartnerReport)
    .join(PartnerReport, col(PartnerReport.partner_id) == col(Partner.id))
    .where(
        col(PartnerReport.state) == ReportState.ACCEPTED,
        col(PartnerReport.our_transfers) != "none",
        select(Transfer.id)
        .where(col(Transfer.receiver_partner_id) == col(Partner.id), col(Transfer.withdrawn_at).is_(None))
        .exists(),
    )
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why an accepted figure may not stay as it is: what is noticed, what staff and the partner can do, since when."""

    partner: Partner
    says: str
    asks: str
    asks_partner: str
    since: datetime


def doubts(session: Session) -> list[Doubt]:
    """Ask about every accepted figure that the transfers to its partner contradict, the longest standing first."""
    found = [_doubt(session, partner, report) for partner, report in session.exec(_THAT_MAY).all()]
    return sorted((doubt for doubt in found if doubt is not None), key=lambda doubt: (doubt.since, doubt.partner.id))


def doubt_about(session: Session, partner_id: int) -> Doubt | None:
    """Return what is asked about one partner's accepted figure; None for nothing."""
    found = session.exec(_THAT_MAY.where(col(Partner.id) == partner_id)).first()
    return _doubt(session, *found) if found is not None else None


def _doubt(session: Session, partner: Partner, report: PartnerReport) -> Doubt | None:
    appeal = session.get_one(Appeal, partner.appeal_id)
    known = contained(session, report)
    values = [transfer_value(session, appeal, each, partner.currency) for each in known]
    unknown = [transfer for (transfer, _), value in zip(known, values, strict=True) if value is None]
    since = last_learnt(session, partner.id)
    if unknown:
        transfer = unknown[0]
        sent = show(Money(transfer.sent_minor, transfer.sent_currency))
        return Doubt(
            partner,
            f"It is not known what {sent} ({transfer.reference}) came to in {partner.currency}, so it is not taken out "
            "of the figure, which may be too high.",
            "Please record what arrived, on the page of transfers.",
            f"Please say what {sent} from another participant came to, on the link that came with it.",
            since,
        )
    less, figure = sum(value or 0 for value in values), figure_minor(report)
    if less <= figure:
        return None
    came, said = (show(Money(minor, partner.currency)) for minor in (less, figure))
    return Doubt(
        partner,
        f"As far as we know, transfers of {came} are in its figure of {said} as of {day_said(report.as_of)}. "
        "Not all of them can be, so until this is clear the figure counts for nothing.",
        "Please ask for a new figure, or take a transfer back that was recorded by mistake.",
        f"What others sent you by that day comes to {came}, which is more than it. Please send the figure again.",
        since,
    )
