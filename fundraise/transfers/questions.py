"""Questions about transfers: to whom, from whom, and what the receiver said."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from sqlmodel import Session, col, select

from fundraise.errors import NotFound
from fundraise.transfers.tables import Acknowledgement, Transfer

Known = tuple[Transfer, Acknowledgement | None]
_KNOWN = (
    select(Transfer, Acknowledgement)
    .outerjoin(Acknowledgement, col(Acknowledgement.transfer_id) == col(Transfer.id))
    .order_by(col(Transfer.sent_on), col(Transfer.id))
)


def transfers_to(session: Session, partner_id: int) -> Sequence[Known]:
    """List the standing transfers to a partner, in the order they were sent."""
    return _known(session, col(Transfer.receiver_partner_id) == partner_id, col(Transfer.withdrawn_at).is_(None))


def last_learnt(session: Session, partner_id: int) -> datetime:
    """Return when something was said last of a transfer to a partner: that it was sent, arrived or taken back."""
    known = _known(session, col(Transfer.receiver_partner_id) == partner_id)
    moments = [
        moment
        for transfer, said in known
        for moment in (transfer.recorded_at, transfer.withdrawn_at, said.said_at if said is not None else None)
        if moment is not None
    ]
    return max(moments, default=datetime.min.replace(tzinfo=UTC))


def transfers_of(session: Session, appeal_id: int) -> Sequence[Known]:
    """List an appeal's transfers, those taken back too."""
    return _known(session, col(Transfer.appeal_id) == appeal_id)


def all_transfers(session: Session) -> Sequence[Known]:
    """List all transfers."""
    return _known(session)


def transfer_by_ref(session: Session, ref: str) -> Transfer:
    """Return a transfer by its random name; `NotFound`."""
    found = session.exec(select(Transfer).where(col(Transfer.ref) == ref)).first()
    if found is None:
        raise NotFound("There is no such transfer.")
    return found


def transfer_with_reference(session: Session, reference: str) -> Transfer:
    """Return a transfer by what stands on both bank statements; `NotFound`."""
    found = session.exec(select(Transfer).where(col(Transfer.reference) == reference)).first()
    if found is None:
        raise NotFound("There is no transfer with this reference.")
    return found


def acknowledgement_of(session: Session, transfer_id: int) -> Acknowledgement | None:
    """Return what the receiver said of a transfer."""
    return session.exec(select(Acknowledgement).where(col(Acknowledgement.transfer_id) == transfer_id)).first()


def value_day(known: Known) -> date:
    """Return the day a transfer is the receiver's: when it arrived, or as long as nobody said so, when it was sent."""
    transfer, said = known
    return said.arrived_on if said is not None else transfer.sent_on


def value_minor(known: Known, currency: str) -> int | None:
    """Return what a transfer comes to in the receiver's currency; None where nobody can know before it arrived."""
    transfer, said = known
    if said is not None and said.arrived_currency == currency:
        return said.arrived_minor
    if transfer.sent_currency == currency:
        return transfer.sent_minor
    return transfer.expected_minor if transfer.expected_currency == currency else None


def _known(session: Session, *conditions: object) -> Sequence[Known]:
    return session.exec(_KNOWN.where(*conditions)).all()  # type: ignore[arg-type]
