"""Converting what waits for a rate, once and for good: figures, transfers, gifts here in other currencies."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from fundraise.appeals.holding import hold_figures
from fundraise.appeals.questions import all_appeals
from fundraise.appeals.tables import Appeal
from fundraise.flows.convert_gifts import convert_gifts, gifts_can_be_converted
from fundraise.flows.count_partner import contained, freeze, part_of, recount
from fundraise.money import Money
from fundraise.partners.questions import counted_report, newest_increment
from fundraise.partners.rules import add_conversion, change
from fundraise.partners.tables import Increment, Partner, PartnerReport
from fundraise.parts import Parts
from fundraise.transfers.questions import last_learnt, value_minor
from fundraise.transfers.tables import Acknowledgement, Transfer


def convert_waiting(parts: Parts) -> Counter[str]:
    """Convert what there is a rate for now; return how many of each kind."""
    done: Counter[str] = Counter()
    now = parts.clock.now()
    with parts.db.read() as session:
        appeals = [appeal.id for appeal in all_appeals(session) if _can_do(session, appeal, now)]
    for appeal_id in appeals:
        with parts.db.write("convert waiting") as session:
            appeal, moment = hold_figures(session, appeal_id, parts.clock.now())
            done["parts"] += _parts(session, appeal, moment)
            done["figures"] += _figures(session, appeal, moment)
            done["transfers"] += convert_transfers(session, appeal, moment)
            done["gifts"] += convert_gifts(session, appeal, moment)
    return +done


def _can_do(session: Session, appeal: Appeal, now: datetime) -> bool:
    """Tell whether there is a rate for anything that waits."""
    waiting = [
        *(
            (Money(row.amount_minor - row.less_transfers_minor, row.currency), day)
            for row, day in _unconverted(session, appeal)
        ),
        *((amount, day) for amount, day, _ in _unconverted_transfers(session, appeal)),
    ]
    if any(freeze(session, appeal, amount, day).display_minor is not None for amount, day in waiting):
        return True
    if gifts_can_be_converted(session, appeal, now):
        return True
    return any(_part_can_be_told(session, appeal, partner) for partner in _behind(session, appeal))


def _parts(session: Session, appeal: Appeal, moment: datetime) -> int:
    """Count the partners anew whose part could not be told when something was learnt of a transfer to them."""
    behind = _behind(session, appeal)
    rows = [recount(session, appeal, partner, moment, why="the rate of a transfer came") for partner in behind]
    return sum(row is not None for row in rows)


def _behind(session: Session, appeal: Appeal) -> Sequence[Partner]:
    """List the partners whose part was not counted since something was learnt of a transfer that needs a rate.

    One that was counted since stays as it is: a rate that is corrected later does not move what was frozen.
    """
    concerned = (
        select(Partner)
        .join(Transfer, col(Transfer.receiver_partner_id) == col(Partner.id))
        .where(col(Partner.appeal_id) == appeal.id, col(Transfer.sent_currency) != col(Partner.currency))
        .distinct()
        .order_by(col(Partner.id))
    )
    found = []
    for partner in session.exec(concerned).all():
        report, newest = counted_report(session, partner.id), newest_increment(session, partner.id)
        if report is None or report.our_transfers == "none":
            continue
        needs_rate = any(value_minor(known, partner.currency) is None for known in contained(session, report))
        if needs_rate and newest is not None and newest.made_at < last_learnt(session, partner.id):
            found.append(partner)
    return found


def _part_can_be_told(session: Session, appeal: Appeal, partner: Partner) -> bool:
    report = counted_report(session, partner.id)
    part = part_of(session, appeal, partner, report) if report is not None else None
    if part is None:
        return False
    changed = change(session, partner.id, part)
    return bool(changed.amount_minor or changed.less_minor)


def _figures(session: Session, appeal: Appeal, moment: datetime) -> int:
    done = 0
    for row, day in _unconverted(session, appeal):
        frozen = freeze(session, appeal, Money(row.amount_minor - row.less_transfers_minor, row.currency), day)
        if frozen.display_minor is not None:
            add_conversion(session, row, frozen, moment=moment)
            done += 1
    return done


def _unconverted(session: Session, appeal: Appeal) -> Sequence[tuple[Increment, date]]:
    """List a partner's changes that wait for a rate, each with the day its rate is of."""
    later = aliased(Increment)
    return session.exec(
        select(Increment, col(PartnerReport.as_of))
        .join(Partner, col(Partner.id) == col(Increment.partner_id))
        .join(PartnerReport, col(PartnerReport.id) == col(Increment.report_id))
        .where(
            col(Increment.display_minor).is_(None),
            col(Partner.appeal_id) == appeal.id,
            ~select(later.id).where(later.converts_id == col(Increment.id)).exists(),
        )
        .order_by(col(Increment.id))
    ).all()


def convert_transfers(session: Session, appeal: Appeal, moment: datetime) -> int:
    """Convert what was sent and what arrived, where that was not done yet and there is a rate."""
    done = 0
    for amount, day, row in _unconverted_transfers(session, appeal):
        frozen = freeze(session, appeal, amount, day)
        if frozen.display_minor is None:
            continue
        row.sheet_id, row.factor, row.display_minor = frozen.sheet_id, frozen.factor, frozen.display_minor
        row.display_currency, row.converted_at = appeal.currency, moment
        session.add(row)
        done += 1
    session.flush()
    return done


def _unconverted_transfers(
    session: Session, appeal: Appeal
) -> Iterator[tuple[Money, date, Transfer | Acknowledgement]]:
    ours = (col(Transfer.appeal_id) == appeal.id, col(Transfer.withdrawn_at).is_(None))
    for transfer in session.exec(select(Transfer).where(*ours, col(Transfer.display_minor).is_(None))).all():
        yield Money(transfer.sent_minor, transfer.sent_currency), transfer.sent_on, transfer
    said = select(Acknowledgement).join(Transfer, col(Transfer.id) == col(Acknowledgement.transfer_id))
    for row in session.exec(said.where(*ours, col(Acknowledgement.display_minor).is_(None))).all():
        yield Money(row.arrived_minor, row.arrived_currency), row.arrived_on, row
