"""Questions about bodies."""

from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from fundraise.bodies.tables import Body
from fundraise.errors import NotFound

# Built once: building takes as long as asking.
_BY_IDS = select(Body).where(col(Body.id).in_(bindparam("ids", expanding=True)))


def body_by_slug(session: Session, slug: str) -> Body:
    """Return a body by its name here; `NotFound`."""
    found = session.exec(select(Body).where(col(Body.slug) == slug)).first()
    if found is None:
        raise NotFound("There is no charity or society of this name.")
    return found


def all_bodies(session: Session) -> Sequence[Body]:
    """List all bodies by name."""
    return session.exec(select(Body).order_by(col(Body.name))).all()


def bodies_by_id(session: Session, ids: Iterable[int]) -> dict[int, Body]:
    """Return bodies by their ids."""
    found = session.exec(_BY_IDS, params={"ids": list(ids)}).all()
    return {body.id: body for body in found}
