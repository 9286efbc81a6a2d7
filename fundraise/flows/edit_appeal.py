"""Making, changing, publishing and ending an appeal."""

from collections.abc import Mapping
from typing import Final

from sqlmodel import Session, col, select

from fundraise.appeals.questions import any_appeal
from fundraise.appeals.rules import move, read_appeal, write_on
from fundraise.appeals.tables import Appeal, AppealState
from fundraise.bodies.questions import all_bodies
from fundraise.db import note
from fundraise.figures.counted import appeal_has_money
from fundraise.figures.drafts import appeal_draft
from fundraise.flows.keep_edit import changed, flush_address, note_change, require_seen
from fundraise.parts import Parts
from fundraise.staff.rules import note_act

_TAKEN: Final = "Another appeal is at this address already."
_WORDS: Final = {AppealState.LIVE: "published", AppealState.ENDED: "ended"}


def make_appeal(parts: Parts, form: Mapping[str, str], *, by: str) -> str:
    """Make an appeal as a draft and return its address; raises `FieldErrors`."""
    now = parts.clock.now()
    with parts.db.write("staff: make an appeal") as session:
        bodies = {body.slug: body.id for body in all_bodies(session)}
        draft = read_appeal(form, None, bodies=bodies, is_public=False, has_money=False)
        appeal = Appeal(slug=draft.slug, title=draft.title, cause=draft.cause, created_at=now)
        write_on(appeal, draft, bodies.get(draft.beneficiary_body))
        session.add(appeal)
        flush_address(session, _TAKEN)
        note_act(session, "made this appeal", about_appeal(appeal), by=by, at=now)
    return draft.slug


def save_appeal(parts: Parts, slug: str, form: Mapping[str, str], *, seen: str, by: str) -> str:
    """Bring an appeal to what a form says and return its address.

    Raises `FieldErrors`, `ChangedMeanwhile` and `NotFound`.
    """
    with parts.db.write("staff: edit an appeal") as session:
        appeal = _locked(session, slug)
        bodies = {body.slug: body.id for body in all_bodies(session)}
        before = appeal_draft(session, appeal)
        is_public = appeal.state != AppealState.DRAFT
        has_money = appeal_has_money(session, appeal.id)
        draft = read_appeal(form, before, bodies=bodies, is_public=is_public, has_money=has_money)
        if draft != before:
            require_seen(session, seen, before, about_appeal(appeal))
            write_on(appeal, draft, bodies.get(draft.beneficiary_body))
            session.add(appeal)
            flush_address(session, _TAKEN)
            note_change(session, changed(before, draft), about_appeal(appeal), by=by, at=parts.clock.now())
            note(session, "public")
    return draft.slug


def move_appeal(parts: Parts, slug: str, to: AppealState, *, by: str) -> None:
    """Publish or end an appeal, or open it again; raises `Conflict` and `NotFound`."""
    with parts.db.write("staff: move an appeal") as session:
        appeal = _locked(session, slug)
        words = "opened again" if appeal.state == AppealState.ENDED else _WORDS.get(to, to.value)
        move(session, appeal, to)
        note_act(session, words, about_appeal(appeal), by=by, at=parts.clock.now())


def about_appeal(appeal: Appeal) -> str:
    """Return how acts name an appeal."""
    return f"appeal:{appeal.id}"


def _locked(session: Session, slug: str) -> Appeal:
    found = session.exec(select(Appeal).where(col(Appeal.slug) == slug).with_for_update()).first()
    return found if found is not None else any_appeal(session, slug)
