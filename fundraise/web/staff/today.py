"""The staff's first page: what needs a person today, most pressing first, and what is fine."""

from fastapi import APIRouter, Depends, Response

from fundraise.doors import PartsOf
from fundraise.figures.job_history import newest_runs, timetable_seen
from fundraise.figures.today import today
from fundraise.flows.question_accepted import doubts
from fundraise.jobs.timetable import TIMETABLE
from fundraise.web.pages import answer
from fundraise.web.staff.door import HOME, Person, signed_in
from fundraise.web.staff.job_pages import runs_now, state_of
from fundraise.web.staff.today_page import today_page
from fundraise.web.staff.today_queue import JobStates

router = APIRouter(prefix=HOME, dependencies=[Depends(signed_in)])


@router.get("")
def show_today(parts: PartsOf, person: Person) -> Response:
    """Show what needs a person."""
    now = parts.clock.now()
    with parts.db.read() as session:
        facts = today(session)
        asked = doubts(session)
        runs = newest_runs(session, [job.name for job in TIMETABLE])
        seen = timetable_seen(session)
    states = JobStates(
        states={job.name: state_of(job, runs[job.name], now) for job in TIMETABLE},
        is_run=runs_now(seen, now),
        checked=next((run for run in runs.get("check", ()) if run.finished_at is not None), None),
    )
    page = today_page(person, facts, asked, states, now, has_mail=parts.mailer is not None)
    return answer(parts, "staff/home.html", page, private=True)
