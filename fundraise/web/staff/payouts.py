"""The staff's doors to payouts: a list with a filter, and one payout opened to everything in it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from fundraise.doors import PartsOf
from fundraise.figures.payouts import SORTS, STATES, PayoutFilter, find_payouts, open_payout
from fundraise.stripe_accounts.questions import all_accounts
from fundraise.views.parts import Link
from fundraise.web.pages import answer
from fundraise.web.staff.door import Person, signed_in, staff_frame
from fundraise.web.staff.lists import LONGEST_WORDS, MOST_PAGES, day_of
from fundraise.web.staff.payout_page import payout_page
from fundraise.web.staff.payouts_page import HOME, payouts_page

router = APIRouter(prefix=HOME, dependencies=[Depends(signed_in)])
Short = Annotated[str, Query(max_length=100)]


@router.get("")
def show_payouts(  # noqa: PLR0913, PLR0917  A filter's fields.
    parts: PartsOf,
    person: Person,
    state: Short = "any",
    account: Short = "",
    begins: Annotated[str, Query(alias="from", max_length=10)] = "",
    ends: Annotated[str, Query(alias="to", max_length=10)] = "",
    q: Annotated[str, Query(max_length=LONGEST_WORDS)] = "",
    sort: Short = "arrives",
    order: Short = "down",
    page: Annotated[int, Query(ge=1, le=MOST_PAGES)] = 1,
) -> Response:
    """Show the payouts that the filter in the address finds, those that arrive last first."""
    wanted = PayoutFilter(
        state=state if state in STATES else "any",
        account=account.replace("\x00", ""),
        begins=day_of(begins),
        ends=day_of(ends),
        words=q.replace("\x00", ""),
        sort=sort if sort in SORTS else "arrives",
        descending=order != "up",
        page=page,
    )
    with parts.db.read() as session:
        found = find_payouts(session, wanted)
        accounts = [each.slug for each in all_accounts(session)]
    context = payouts_page(staff_frame(person, "payouts"), found, wanted, accounts, parts.clock.now())
    return answer(parts, "staff/payouts.html", context, private=True)


@router.get("/{stripe_id}")
def show_payout(stripe_id: str, parts: PartsOf, person: Person) -> Response:
    """Show one payout with everything in it."""
    with parts.db.read() as session:
        opened = open_payout(session, stripe_id)
    frame = staff_frame(person, "payouts", back=Link(text="Payouts", href=HOME))
    return answer(parts, "staff/payout.html", payout_page(frame, opened, parts.clock.now()), private=True)
