"""How much waits for a person, by section of the staff menu."""

from collections.abc import Mapping

from sqlmodel import Session, col, func, select

from fundraise.differences.tables import Difference, DifferenceState


def waiting(session: Session) -> Mapping[str, str]:
    """Return counts as the menu shows them, "3"; a section in which nothing waits is left out."""
    differences = session.exec(
        select(func.count()).select_from(Difference).where(col(Difference.state) == DifferenceState.OPEN)
    ).one()
    return {section: f"{count:,}" for section, count in {"reconciliation": differences}.items() if count}
