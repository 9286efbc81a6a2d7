"""Opening and closing differences."""

from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from fundraise.differences.tables import Difference, DifferenceState
from fundraise.errors import Conflict
from fundraise.money import Money


def find(  # noqa: PLR0913  What is known of a difference.
    session: Session,
    account_id: int,
    code: str,
    object_id: str,
    *,
    amount: Money | None,
    detail: str,
    now: datetime,
    donation_id: int | None = None,
) -> bool:
    """Note a difference; return True when it is new or open again, False when it was known.

    An explained one stays explained as long as its amount is the same.
    """
    known = session.exec(
        select(Difference).where(
            col(Difference.stripe_account_id) == account_id,
            col(Difference.code) == code,
            col(Difference.object_id) == object_id,
        )
    ).first()
    if known is None:
        dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
        # Two runs may find the same at once; then it is new to one of them.
        statement = (
            dialect.insert(Difference)
            .values(
                stripe_account_id=account_id,
                code=code,
                object_id=object_id,
                minor=amount.minor if amount is not None else None,
                currency=amount.currency if amount is not None else "",
                detail=detail,
                donation_id=donation_id,
                first_seen_at=now,
                last_seen_at=now,
            )
            .on_conflict_do_nothing(index_elements=["stripe_account_id", "code", "object_id"])
            .returning(col(Difference.id))
        )
        return session.execute(statement).first() is not None
    same = known.minor == (amount.minor if amount is not None else None)
    reopened = known.state == DifferenceState.FIXED or (known.state == DifferenceState.EXPLAINED and not same)
    known.last_seen_at = now
    known.detail = detail
    known.donation_id = donation_id if donation_id is not None else known.donation_id
    if reopened:
        _open_again(known)
    if amount is not None:
        known.minor, known.currency = amount.minor, amount.currency
    session.add(known)
    return reopened


def reopen(session: Session, difference: Difference) -> None:
    """Open an explained difference again; `Conflict` for one that is open or that the facts fixed."""
    if difference.state != DifferenceState.EXPLAINED:
        raise Conflict("Only what somebody explained can be opened again.")
    _open_again(difference)
    session.add(difference)


def _open_again(difference: Difference) -> None:
    difference.state, difference.closed_at, difference.closed_by = DifferenceState.OPEN, None, ""


def named(session: Session, account_id: int, code: str, object_id: str) -> Difference:
    """Return a difference by its identity."""
    return session.exec(
        select(Difference).where(
            col(Difference.stripe_account_id) == account_id,
            col(Difference.code) == code,
            col(Difference.object_id) == object_id,
        )
    ).one()


def close(
    session: Session, difference: Difference, state: DifferenceState, *, by: str, reason: str, now: datetime
) -> None:
    """Close a difference: fixed when the facts agree again, explained when a person says why they do not."""
    if difference.state != DifferenceState.OPEN:
        raise Conflict("This difference is closed already.")
    difference.state = state
    difference.closed_at = now
    difference.closed_by = by
    difference.note = reason
    session.add(difference)
