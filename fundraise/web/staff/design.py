"""All parts of the pages beside each other, for whoever builds a page."""

from fastapi import APIRouter, Depends, Response

from fundraise.doors import PartsOf
from fundraise.views.design_page import make_design_page
from fundraise.web.pages import answer
from fundraise.web.staff.door import HOME, Person, signed_in, staff_frame

router = APIRouter(prefix=HOME, dependencies=[Depends(signed_in)])


@router.get("/design")
def show_design(parts: PartsOf, person: Person) -> Response:
    """Show every part, filled with a sample."""
    return answer(parts, "staff/design.html", make_design_page(staff_frame(person, "")), private=True)
