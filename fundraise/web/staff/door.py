"""Who stands at the staff's doors, and what surrounds every page behind them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Path, Request, Response
from starlette.responses import RedirectResponse

from fundraise.doors import PartsOf
from fundraise.errors import NotFound, Refusal
from fundraise.figures.waiting import waiting
from fundraise.flows.staff_entry import who
from fundraise.jobs.timetable import TIMETABLE
from fundraise.views.parts import Link, Toast
from fundraise.views.staff_parts import StaffFrame, make_nav

COOKIE: Final = "staff"
HOME: Final = "/staff"


class NotSignedIn(Refusal):
    """Nobody on the staff is known by this browser."""

    status = 403
    code = "not_signed_in"


@dataclass(frozen=True, slots=True)
class StaffPerson:
    """Who is signed in, by the name that stands beside what they do, and what waits for them by section of the menu."""

    name: str
    waiting: Mapping[str, str]


def signed_in(request: Request, parts: PartsOf) -> StaffPerson:
    """Return whoever asks, before anything they sent is read; raises `NotSignedIn`."""
    token = request.cookies.get(COOKIE, "")
    with parts.db.read() as session:
        found = who(session, token, parts.clock.now()) if token else None
        if found is not None:
            return StaffPerson(found.name, waiting(session, [job.name for job in TIMETABLE]))
    raise NotSignedIn("Please sign in first; the link is made with: fundraise staff link")


Person = Annotated[StaffPerson, Depends(signed_in)]
Number = Annotated[int, Path(ge=1, le=2**62)]  # A row's own number, in an address.


def staff_frame(
    person: StaffPerson, section: str, *, toast: Toast | None = None, back: Link | None = None
) -> StaffFrame:
    """Return what surrounds a page of a section of the menu (`views.staff_parts.SECTIONS`)."""
    return StaffFrame(person=person.name, nav=make_nav(section, person.waiting), toast=toast, back=back)


def act(do: Callable[[], None], then: str, say: Callable[[Toast, int], Response]) -> Response:
    """Do what a button asks and lead on to `then`; what is refused is said on the page that the button stands on."""
    try:
        do()
    except NotFound:
        raise
    except Refusal as refusal:
        return say(Toast(text=refusal.message, tone="wrong"), refusal.status)
    return RedirectResponse(then, 303)
