"""The staff's doors to the timetable: what ran, what came of it, and running a job now."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session
from starlette.responses import RedirectResponse

from fundraise import inbox
from fundraise.doors import PartsOf
from fundraise.errors import NotFound
from fundraise.figures.job_history import (
    beside,
    is_running,
    last_runs,
    letters_given_up,
    newest_runs,
    timetable_seen,
)
from fundraise.flows.given_up import leave_notice, send_letter_again, try_notice_again
from fundraise.jobs.runner import Job, run_now
from fundraise.jobs.timetable import TIMETABLE
from fundraise.parts import Parts
from fundraise.patience import in_patience
from fundraise.staff.rules import note_act
from fundraise.views.parts import Toast
from fundraise.views.staff_job_pages import GivenUpRow
from fundraise.web.forms import read_form
from fundraise.web.pages import answer
from fundraise.web.staff.door import Number, Person, signed_in
from fundraise.web.staff.job_pages import HOME, JobFacts, job_page, jobs_page, letter_row, notice_row

router = APIRouter(prefix=HOME, dependencies=[Depends(signed_in)])
logger = logging.getLogger(__name__)
_RUNS_SHOWN: Final = 25
_GIVEN_UP_SHOWN: Final = 50
# How long the button waits for the end; what takes longer goes on, and its page says how it stands.
_PATIENCE_SECONDS: Final = 4.0
_TOASTS: Final = {
    "done": Toast(text="It ran. What came of it stands below."),
    "running": Toast(text="It has begun. You can leave this page; it goes on.", tone="on_its_way"),
    "again": Toast(text="It is tried again within a minute.", tone="on_its_way"),
    "left": Toast(text="It was left. Your note stands beside it.", tone="quiet"),
    "already": Toast(text="It runs already, so it was not started a second time.", tone="quiet"),
}


@router.get("")
def show_jobs(parts: PartsOf, person: Person) -> Response:
    """Show the timetable with what came of the last runs."""
    now = parts.clock.now()
    with parts.db.read() as session:
        known = JobFacts(
            newest_runs(session, [job.name for job in TIMETABLE]), timetable_seen(session), beside(session)
        )
    page = jobs_page(person, TIMETABLE, known, now, has_mail=parts.mailer is not None)
    return answer(parts, "staff/jobs.html", page, private=True)


@router.get("/{name}")
def show_job(name: str, parts: PartsOf, person: Person, done: str = "") -> Response:
    """Show a job's last runs."""
    job, now = _job(name), parts.clock.now()
    with parts.db.read() as session:
        runs = last_runs(session, name, most=_RUNS_SHOWN)
        given_up = _given_up(session, name)
    page = job_page(person, job, runs, given_up, now, _TOASTS.get(done))
    return answer(parts, "staff/job.html", page, private=True)


def _given_up(session: Session, name: str) -> Sequence[GivenUpRow]:
    if name == "inbox":
        return [notice_row(notice) for notice in inbox.given_up(session, most=_GIVEN_UP_SHOWN)]
    if name == "outbox":
        return [letter_row(letter, ref) for letter, ref in letters_given_up(session, most=_GIVEN_UP_SHOWN)]
    return []


@router.post("/inbox/{notice_id}/again")
def notice_again(notice_id: Number, parts: PartsOf, person: Person) -> Response:
    """Let a notice that was given up be tried again."""
    try_notice_again(parts, notice_id, by=person.name)
    return RedirectResponse(f"{HOME}/inbox?done=again", 303)


@router.post("/inbox/{notice_id}/leave")
async def notice_left(notice_id: Number, request: Request, parts: PartsOf, person: Person) -> Response:
    """Leave a notice that was given up without an effect."""
    note = (await read_form(request)).get("note", "")
    await to_thread.run_sync(lambda: leave_notice(parts, notice_id, note=note, by=person.name))
    return RedirectResponse(f"{HOME}/inbox?done=left", 303)


@router.post("/outbox/{letter_id}/again")
def letter_again(letter_id: Number, parts: PartsOf, person: Person) -> Response:
    """Let a letter that was given up be sent again."""
    send_letter_again(parts, letter_id, by=person.name)
    return RedirectResponse(f"{HOME}/outbox?done=again", 303)


@router.post("/{name}")
async def run(name: str, parts: PartsOf, person: Person) -> Response:
    """Run a job now; whoever started it need not wait for its end."""
    job = _job(name)
    if not await to_thread.run_sync(_begin, parts, job, person.name):
        return RedirectResponse(f"{HOME}/{name}?done=already", 303)
    work = asyncio.ensure_future(in_patience(_run, parts, job, person.name))
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await asyncio.shield(work)
    return RedirectResponse(f"{HOME}/{name}?done={'done' if work.done() else 'running'}", 303)


def _job(name: str) -> Job:
    for job in TIMETABLE:
        if job.name == name:
            return job
    raise NotFound("There is no job of this name.")


def _begin(parts: Parts, job: Job, by: str) -> bool:
    """Write down who starts a job, unless somebody is at it already; tell whether it may begin."""
    now = parts.clock.now()
    with parts.db.write("staff: run a job") as session:
        if any(is_running(run, now) for run in last_runs(session, job.name, most=2)):
            return False
        note_act(session, f"ran {job.name} now", f"job:{job.name}", by=by, at=now)
    return True


def _run(parts: Parts, job: Job, by: str) -> None:
    try:
        run_now(parts, job, by=by)
    except Exception:  # Its record says what broke; nobody may be waiting here any more.
        logger.exception("job %s, started by hand", job.name)
