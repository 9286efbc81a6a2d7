"""Who stands at the doors to the bank, and what surrounds its pages."""

from typing import Annotated

from fastapi import Depends, Request

from fundraise.doors import PartsOf
from fundraise.errors import Refusal
from fundraise.flows.staff_entry import who
from fundraise.staff.tables import StaffSession
from fundraise.web.views.parts import Link, Toast
from fundraise.web.views.staff_parts import StaffFrame, make_nav

COOKIE = "staff"


class NotSignedIn(Refusal):
    """Nobody on the staff is known by this browser."""

    status = 403
    code = "not_signed_in"


def signed_in(request: Request, parts: PartsOf) -> StaffSession:
    """Return the session of whoever asks, before anything they sent is read; raises `NotSignedIn`."""
    token = request.cookies.get(COOKIE, "")
    with parts.db.read() as session:
        found = who(session, token, parts.clock.now()) if token else None
    if found is None:
        raise NotSignedIn("Please sign in first; the link is made with: fundraise staff link")
    return found


Person = Annotated[StaffSession, Depends(signed_in)]


def bank_frame(person: StaffSession, *, toast: Toast | None = None, back: Link | None = None) -> StaffFrame:
    """Return what surrounds a page about the bank."""
    return StaffFrame(person=person.name, nav=make_nav("statements"), toast=toast, back=back)
