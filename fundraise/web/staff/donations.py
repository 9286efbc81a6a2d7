"""The staff's doors to donations: a list with a filter, one donation, its donor's page."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Response
from starlette.responses import RedirectResponse

from fundraise.doors import PartsOf
from fundraise.figures.donation import staff_gift_facts
from fundraise.figures.donation_list import SORTS, STATES, DonationFilter, choices, find_donations
from fundraise.figures.gift import gift_facts
from fundraise.flows.manage_gift import send_receipt_again
from fundraise.flows.payment_page import own_page
from fundraise.parts import Parts
from fundraise.views.parts import Link, Toast
from fundraise.web.pages import answer
from fundraise.web.staff.donation_page import donation_page
from fundraise.web.staff.donations_page import HOME, donations_page
from fundraise.web.staff.door import Person, StaffPerson, act, signed_in, staff_frame
from fundraise.web.staff.lists import LONGEST_WORDS, MOST_PAGES, day_of

router = APIRouter(prefix=HOME, dependencies=[Depends(signed_in)])
_TOASTS: Final = {"receipt": Toast(text="The receipt is on its way once more.")}
Short = Annotated[str, Query(max_length=100)]


@router.get("")
def show_donations(  # noqa: PLR0913, PLR0917  A filter's fields.
    parts: PartsOf,
    person: Person,
    state: Short = "paid",
    campaign: Short = "",
    event: Short = "",
    charity: Short = "",
    begins: Annotated[str, Query(alias="from", max_length=10)] = "",
    ends: Annotated[str, Query(alias="to", max_length=10)] = "",
    q: Annotated[str, Query(max_length=LONGEST_WORDS)] = "",
    sort: Short = "when",
    order: Short = "down",
    page: Annotated[int, Query(ge=1, le=MOST_PAGES)] = 1,
) -> Response:
    """Show the donations that the filter in the address finds, newest first."""
    wanted = DonationFilter(
        state=state if state in STATES else "paid",
        campaign=campaign.replace("\x00", ""),
        event=event.replace("\x00", ""),
        charity=charity.replace("\x00", ""),
        begins=day_of(begins),
        ends=day_of(ends),
        words=q.replace("\x00", ""),
        sort=sort if sort in SORTS else "when",
        descending=order != "up",
        page=page,
    )
    with parts.db.read() as session:
        found, offered = find_donations(session, wanted), choices(session)
    context = donations_page(staff_frame(person, "donations"), found, wanted, offered)
    return answer(parts, "staff/donations.html", context, private=True)


@router.get("/{ref}")
def show_donation(ref: str, parts: PartsOf, person: Person, done: str = "") -> Response:
    """Show one donation and all that became of it."""
    return _donation(parts, person, ref, toast=_TOASTS.get(done))


@router.get("/{ref}/page")
def show_donors_page(ref: str, parts: PartsOf) -> Response:
    """Lead to the donor's own page. Its address opens it for anybody, so it stands on no page of ours."""
    with parts.db.read() as session:
        gift_facts(session, ref)
    return RedirectResponse(own_page(parts, ref), 303, {"Cache-Control": "no-store"})


@router.post("/{ref}/receipt")
def send_receipt(ref: str, parts: PartsOf, person: Person) -> Response:
    """Send the receipt once more."""
    return act(
        lambda: send_receipt_again(parts, ref, by_staff=person.name),
        f"{HOME}/{ref}?done=receipt",
        lambda toast, status: _donation(parts, person, ref, toast=toast, status=status),
    )


def _donation(parts: Parts, person: StaffPerson, ref: str, *, toast: Toast | None, status: int = 200) -> Response:
    with parts.db.read() as session:
        facts = staff_gift_facts(session, ref)
    frame = staff_frame(person, "donations", toast=toast, back=Link(text="Donations", href=HOME))
    page = donation_page(frame, facts, parts.clock.now())
    return answer(parts, "staff/donation.html", page, status=status, private=True)
