"""Questions about appeals."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from fundraise.appeals.tables import Appeal, AppealState
from fundraise.errors import NotFound

NO_APPEAL: Final = "There is no appeal at this address."
# Built once: building takes as long as asking.
_BY_SLUG = select(Appeal).where(col(Appeal.slug) == bindparam("slug"))


def public_appeal(session: Session, slug: str) -> Appeal:
    """Return an appeal the public may see; a draft and an absent one look alike: `NotFound`."""
    found = any_appeal(session, slug)
    if found.state == AppealState.DRAFT:
        raise NotFound(NO_APPEAL)
    return found


def any_appeal(session: Session, slug: str) -> Appeal:
    """Return an appeal, drafts too; `NotFound`."""
    found = session.exec(_BY_SLUG, params={"slug": slug}).first()
    if found is None:
        raise NotFound(NO_APPEAL)
    return found


def all_appeals(session: Session) -> Sequence[Appeal]:
    """List all appeals by title."""
    return session.exec(select(Appeal).order_by(col(Appeal.title))).all()
