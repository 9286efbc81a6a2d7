"""The staff's entrance: a link that works once, and what a browser finds that nobody is signed in with.

Looking changes nothing, since mail scanners look at links. The button opens the session.
"""

import re
from typing import Final

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from fundraise.doors import PartsOf, the_parts
from fundraise.flows.staff_entry import SESSION_LIVES, LinkUsedUp, enter, good_link, leave
from fundraise.parts import Parts
from fundraise.showing.values import at
from fundraise.views.staff_setup_pages import EnterPage
from fundraise.web.forms import read_form
from fundraise.web.pages import answer
from fundraise.web.staff.door import COOKIE, HOME

router = APIRouter(prefix=HOME)
ENTER: Final = f"{HOME}/enter"
_LONGEST_ADDRESS: Final = 300
# A page of ours and nothing else: no other host, no way up, nothing that ends a header.
_OURS: Final = re.compile(r"/staff(?:/[A-Za-z0-9_-]+)*(?:\?[A-Za-z0-9_.=&%+-]*)?")


@router.get("/enter")
def show_entrance(parts: PartsOf) -> Response:
    """Say how one comes in."""
    return answer(parts, "staff/enter.html", EnterPage(action=ENTER, token=""), private=True)


@router.get("/enter/{token}")
def show_link(token: str, parts: PartsOf) -> Response:
    """Show the button of a link; whoever looks is not let in by looking."""
    with parts.db.read() as session:
        link = good_link(session, token, parts.clock.now())
    if link is None:
        return _used_up(parts)
    page = EnterPage(action=ENTER, token=token, person=link.name, expires=at(link.expires_at))
    return answer(parts, "staff/enter.html", page, private=True)


@router.post("/enter")
async def press(request: Request, parts: PartsOf) -> Response:
    """Let in whoever brings a good link, once, and lead on to where they wanted to go."""
    form = await read_form(request)
    token = form.get("token", "").strip().rpartition("/")[2]
    wanted = form.get("next", "")
    try:
        session_token = await to_thread.run_sync(enter, parts, token)
    except LinkUsedUp:
        return await to_thread.run_sync(_used_up, parts)
    response = RedirectResponse(wanted if _is_ours(wanted) else HOME, 303)
    response.set_cookie(
        COOKIE,
        session_token,
        max_age=int(SESSION_LIVES.total_seconds()),
        path=HOME,
        secure=parts.settings.secure,
        httponly=True,
        samesite="lax",
    )
    return response


@router.post("/leave")
def go(request: Request, parts: PartsOf) -> Response:
    """End the session of this browser."""
    token = request.cookies.get(COOKIE, "")
    response = RedirectResponse(ENTER, 303)
    if token:
        leave(parts, token)
        response.delete_cookie(COOKIE, path=HOME, secure=parts.settings.secure, httponly=True, samesite="lax")
    return response


def not_signed_in(request: Request, _problem: Exception) -> Response:
    """Say kindly to a browser that nobody is signed in with how one comes in."""
    url = request.url
    wanted = f"{url.path}?{url.query}" if url.query else url.path
    page = EnterPage(
        action=ENTER, token="", wanted=wanted if request.method == "GET" and _is_ours(wanted) and wanted != HOME else ""
    )
    return answer(the_parts(request), "staff/enter.html", page, status=403, private=True)


def _used_up(parts: Parts) -> Response:
    problem = "It was used already, or it is older than half an hour."
    page = EnterPage(action=ENTER, token="", problem=problem)
    return answer(parts, "staff/enter.html", page, status=LinkUsedUp.status, private=True)


def _is_ours(address: str) -> bool:
    return len(address) <= _LONGEST_ADDRESS and _OURS.fullmatch(address) is not None
