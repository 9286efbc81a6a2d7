"""Making and changing a charity or a society."""

from collections.abc import Mapping
from typing import Final

from sqlmodel import Session, col, select

from fundraise.bodies.questions import body_by_slug
from fundraise.bodies.rules import BodyDraft, draft_of, read_body, write_on
from fundraise.bodies.tables import Body
from fundraise.db import note
from fundraise.donations.rules import SHARE
from fundraise.errors import FieldErrors
from fundraise.figures.counted import body_has_books
from fundraise.flows.keep_edit import changed, flush_address, note_change, require_seen
from fundraise.parts import Parts
from fundraise.staff.rules import note_act

_TAKEN: Final = "Another charity or society has this short name already."


def make_body(parts: Parts, form: Mapping[str, str], *, by: str) -> str:
    """Make a charity or a society and return its short name; raises `FieldErrors`."""
    now = parts.clock.now()
    draft = read_body(form, None, has_books=False)
    _refuse_reserved(draft)
    with parts.db.write("staff: make a body") as session:
        body = Body(slug=draft.slug, legal_name=draft.legal_name, name=draft.name, created_at=now)
        write_on(body, draft)
        session.add(body)
        flush_address(session, _TAKEN)
        note_act(session, f"added this {draft.kind}", about_body(body), by=by, at=now)
        note(session, "public")
    return draft.slug


def save_body(parts: Parts, slug: str, form: Mapping[str, str], *, seen: str, by: str) -> None:
    """Bring a body to what a form says; raises `FieldErrors`, `ChangedMeanwhile` and `NotFound`."""
    with parts.db.write("staff: edit a body") as session:
        body = _locked(session, slug)
        before = draft_of(body)
        draft = read_body(form, before, has_books=body_has_books(session, body.id))
        if draft == before:
            return
        require_seen(session, seen, before, about_body(body))
        write_on(body, draft)
        session.add(body)
        note_change(session, changed(before, draft), about_body(body), by=by, at=parts.clock.now())
        note(session, "public")


def about_body(body: Body) -> str:
    """Return how acts name a body."""
    return f"body:{body.id}"


def _locked(session: Session, slug: str) -> Body:
    found = session.exec(select(Body).where(col(Body.slug) == slug).with_for_update()).first()
    return found if found is not None else body_by_slug(session, slug)


def _refuse_reserved(draft: BodyDraft) -> None:
    if draft.slug == SHARE:  # In a giving form it means all charities in equal parts.
        raise FieldErrors({"slug": "This word has a meaning of its own here. Please choose another."})
