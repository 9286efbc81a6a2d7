"""Publishing, pausing, resuming and ending a campaign, and what its charities say of it."""

from typing import Final

from sqlmodel import Session

from fundraise.bodies.questions import body_by_slug
from fundraise.bodies.tables import Body
from fundraise.campaigns.questions import beneficiaries
from fundraise.campaigns.rules import move
from fundraise.campaigns.tables import Beneficiary, Campaign, CampaignState
from fundraise.db import note
from fundraise.errors import Conflict, FieldErrors, NotFound
from fundraise.fields import Reading
from fundraise.figures.readiness import needs_of
from fundraise.flows.edit_campaign import about_campaign, locked_campaign
from fundraise.parts import Parts
from fundraise.staff.rules import note_act

C = CampaignState
_DONE: Final = {
    (C.DRAFT, C.LIVE): "published",
    (C.PAUSED, C.LIVE): "resumed",
    (C.ENDED, C.LIVE): "opened again",
    (C.LIVE, C.PAUSED): "paused",
}


class NotReady(Conflict):
    """Something is missing before gifts can be taken; the message names all of it."""

    code = "not_ready"


def move_campaign(parts: Parts, slug: str, to: CampaignState, *, by: str) -> str:
    """Bring a campaign to another state and say in a word what was done.

    Raises `NotReady` with everything that is missing before gifts can be taken, `Conflict` and `NotFound`.
    """
    now = parts.clock.now()
    with parts.db.write("staff: move a campaign") as session:
        campaign = locked_campaign(session, slug)
        before = C(campaign.state)
        if to is C.LIVE and before is not C.LIVE:
            missing = [need.missing for need in needs_of(session, campaign, now) if not need.is_there]
            if missing:
                raise NotReady(f"Gifts cannot be taken yet: {'; '.join(missing)}.")
        move(session, campaign, to, at=now, by=by[:60])
        done = _DONE.get((before, to), to.value)
        note_act(session, done, about_campaign(campaign), by=by, at=now)
    return done


def confirm(parts: Parts, slug: str, body_slug: str, said: str, *, by: str) -> None:
    """Write down that a charity agreed to a campaign: who of it, and how.

    Raises `FieldErrors` beside `note`, `Conflict` when it agreed before, and `NotFound`.
    """
    reading = Reading({"note": said})
    who = reading.line("note", longest=120, missing="Please say who agreed, and how: Jo Miller, director, by letter.")
    if reading.errors:
        raise FieldErrors(reading.errors)
    with parts.db.write("staff: consent") as session:
        campaign, body, row = _beneficiary(session, slug, body_slug)
        if row.confirmed_at is not None:
            raise Conflict(f"{body.name} has confirmed this campaign already.")
        row.confirmed_at, row.confirmed_by = parts.clock.now(), who
        session.add(row)
        note_act(session, f"consent of {body.slug}: given", about_campaign(campaign), by=by, at=parts.clock.now())
        note(session, "public")


def withdraw(parts: Parts, slug: str, body_slug: str, *, by: str) -> None:
    """Write down that a charity agrees no longer. The page says so at once; gifts given stay the charity's."""
    with parts.db.write("staff: consent") as session:
        campaign, body, row = _beneficiary(session, slug, body_slug)
        if row.confirmed_at is None:
            raise Conflict(f"{body.name} has not confirmed this campaign.")
        row.confirmed_at, row.confirmed_by = None, ""
        session.add(row)
        note_act(session, f"consent of {body.slug}: taken back", about_campaign(campaign), by=by, at=parts.clock.now())
        note(session, "public")


def _beneficiary(session: Session, slug: str, body_slug: str) -> tuple[Campaign, Body, Beneficiary]:
    campaign = locked_campaign(session, slug)
    body = body_by_slug(session, body_slug)
    for row in beneficiaries(session, campaign.id):
        if row.body_id == body.id:
            return campaign, body, row
    raise NotFound("That charity is not part of this campaign.")
