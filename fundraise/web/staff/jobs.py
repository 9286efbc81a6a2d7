"""The staff's doors to the timetable: what ran, what came of it, and running a job now."""

import asyncio
import logging
from contextlib import suppress
from typing import Final

from anyio import to_thread
from fastapi import APIRouter, Depends, Response
from starlette.responses import RedirectResponse

from fundraise.doors import PartsOf
from fundraise.errors import NotFound
from fundraise.figures.job_history import beside, is_running, last_runs, newest_runs, timetable_seen
from fundraise.jobs.runner import Job, run_now
from fundraise.jobs.timetable import TIMETABLE
from fundraise.parts import Parts
from fundraise.patience import in_patience
from fundraise.staff.rules import note_act
from fundraise.views.parts import Toast
from fundraise.web.pages import answer
from fundraise.web.staff.door import Person, signed_in
from fundraise.web.staff.job_pages import HOME, JobFacts, job_page, jobs_page

router = APIRouter(prefix=HOME, dependencies=[Depends(signed_in)])
logger = logging.getLogger(__name__)
_RUNS_SHOWN: Final = 25
# How long the button waits for the end; what takes longer goes on, and its page says how it stands.
_PATIENCE_SECONDS: Final = 4.0
_TOASTS: Final = {
    "done": Toast(text="It ran. What came of it stands below."),
    "running": Toast(text="It has begun. You can leave this page; it goes on.", tone="on_its_way"),
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
    page = job_page(person, job, runs, now, _TOASTS.get(done))
    return answer(parts, "staff/job.html", page, private=True)


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
