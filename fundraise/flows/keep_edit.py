"""What every edit by staff shares: nobody overwrites blindly, addresses stay unique, each change is written down."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from fundraise import times
from fundraise.errors import Conflict, FieldErrors
from fundraise.fields import mark_of
from fundraise.staff.questions import acts_about
from fundraise.staff.rules import note_act

_LONGEST: Final = 60


class ChangedMeanwhile(Conflict):
    """Somebody saved the same thing after this form was opened."""

    code = "changed_meanwhile"


def require_seen(session: Session, seen: str, before: Any, about: str) -> None:
    """Raise `ChangedMeanwhile` unless the form was made from what the thing says now."""
    if seen == mark_of(before):
        return
    last = next(iter(acts_about(session, about, most=1)), None)
    who = f"{last.by} saved this at {times.full(last.at)}" if last is not None else "Somebody saved this"
    raise ChangedMeanwhile(
        f"{who}, after you had opened it. What you typed is kept below. Open the page in another window to compare; "
        "Save puts yours in the place of theirs.",
        field="form",
    )


def changed(before: Any, after: Any) -> Sequence[str]:
    """Return in words what differs between two drafts of a kind."""
    names = type(before).__dataclass_fields__
    return [
        name.removesuffix("_minor").replace("_", " ") for name in names if getattr(before, name) != getattr(after, name)
    ]


def note_change(session: Session, what: Sequence[str], about: str, *, by: str, at: datetime) -> None:
    """Write down which parts of a thing somebody changed."""
    words = f"changed {', '.join(what)}"
    note_act(session, words if len(words) <= _LONGEST else f"changed {len(what)} things", about, by=by, at=at)


def flush_address(session: Session, words: str) -> None:
    """Send what was added; raises `FieldErrors` beside `slug` when its address is taken, also in the same moment."""
    try:
        session.flush()
    except IntegrityError as problem:
        if "unique" not in str(problem.orig).lower():
            raise
        raise FieldErrors({"slug": words}) from None
