"""The pages about the timetable, made out of what is known."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fundraise import times
from fundraise.figures.job_history import Beside, is_running
from fundraise.inbox import KeptNotice
from fundraise.job_runs import BY_HAND, JobRun
from fundraise.jobs.runner import Daily, Job
from fundraise.outbox import Letter
from fundraise.showing.values import at, since
from fundraise.views.parts import Link, Moment, Status, Toast
from fundraise.views.staff_job_pages import GivenUpRow, JobPage, JobRow, JobRunRow, JobsPage
from fundraise.views.staff_parts import Answer, PostAction
from fundraise.web.staff.door import StaffPerson, staff_frame

HOME: Final = "/staff/jobs"
# Runs that found nothing to do are forgotten after two days; a daily job is late an hour after its time.
_GRACE: Final = timedelta(minutes=2)
_UNSEEN: Final = timedelta(minutes=5)
_GRACE_DAILY: Final = timedelta(hours=1)
_FINE: Final = Status(word="Fine", tone="settled")
_LATE: Final = Status(word="Late", tone="needs_you")
_FAILED: Final = Status(word="Failed", tone="wrong")
_RUNS: Final = Status(word="Runs now", tone="on_its_way")
_NEVER: Final = Status(word="Never ran", tone="needs_you")
_MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class JobFacts:
    """The last runs of each job, the newest one of the timetable's own, and what waits beside it."""

    runs: Mapping[str, Sequence[JobRun]]
    seen: JobRun | None
    beside: Beside


def jobs_page(
    person: StaffPerson, timetable: Sequence[Job], known: JobFacts, now: datetime, *, has_mail: bool
) -> JobsPage:
    """Make the page of the timetable."""
    states = {job.name: state_of(job, known.runs[job.name], now) for job in timetable}
    is_run = runs_now(known.seen, now)
    return JobsPage(
        frame=staff_frame(person, "jobs"),
        answer=_answer(states, is_run=is_run),
        rows=tuple(_row(job, known.runs[job.name], states[job.name], now, is_run=is_run) for job in timetable),
        runner=_runner(known.seen, now),
        notes=_notes(known.beside, now, has_mail=has_mail),
    )


def runs_now(seen: JobRun | None, now: datetime) -> bool:
    """Tell whether somebody runs the timetable: its quickest jobs come every few seconds."""
    return seen is not None and now - (seen.finished_at or seen.started_at) < _UNSEEN


def state_of(job: Job, runs: Sequence[JobRun], now: datetime) -> Status:
    """Return how a job stands by its last runs."""
    if any(is_running(run, now) for run in runs):
        return _RUNS
    ended = [run for run in runs if run.finished_at is not None]
    if not ended:
        return _NEVER
    if ended[0].error:
        return _FAILED
    grace = _GRACE_DAILY if isinstance(job.when, Daily) else _GRACE
    due = job.when.slot(now)
    is_late = ended[0].started_at < due and now - due > grace
    if not isinstance(job.when, Daily):
        is_late = now - ended[0].started_at > timedelta(seconds=job.when.seconds) + grace
    return _LATE if is_late else _FINE


def _answer(states: Mapping[str, Status], *, is_run: bool) -> Answer:
    def names(wanted: Status) -> list[str]:
        return [name for name, state in states.items() if state == wanted]

    failed, late, never = names(_FAILED), names(_LATE), names(_NEVER)
    if failed and is_run:
        return Answer(sentence=f"{len(failed)} of {len(states)} jobs failed: {', '.join(failed)}.", tone="wrong")
    if not is_run:
        return Answer(
            sentence=f"Nobody runs the {len(states)} jobs of the timetable.",
            tone="wrong",
            detail="Start fundraise jobs serve, or set FUNDRAISE_JOBS_IN_WEB to true. Until then gifts settle late.",
        )
    if late or never:
        words = f"{len(late) + len(never)} of {len(states)} jobs wait: {', '.join([*late, *never])}."
        return Answer(sentence=words, tone="needs_you")
    return Answer(sentence=f"All {len(states)} jobs are on time.", tone="settled")


def _row(job: Job, runs: Sequence[JobRun], state: Status, now: datetime, *, is_run: bool) -> JobRow:
    ended = next((run for run in runs if run.finished_at is not None), None)
    return JobRow(
        name=job.name,
        href=f"{HOME}/{job.name}",
        what=job.about[:1].upper() + job.about[1:],
        schedule=str(job.when),
        status=state,
        last=_ago(ended.finished_at, now) if ended is not None and ended.finished_at is not None else None,
        next=at(job.when.next(now)) if is_run else None,
        message=(_short(ended.error) or counts_said(ended)) if ended is not None else "",
        run=PostAction(action=f"{HOME}/{job.name}", button="Run now") if state != _RUNS else None,
    )


def _ago(moment: datetime, now: datetime) -> Moment:
    age = since(moment, now)
    return age if age.text == "just now" else Moment(text=f"{age.text} ago", iso=age.iso)


def counts_said(run: JobRun) -> str:
    """Return in words what a run did; "" for nothing."""
    counts = json.loads(run.counts or "{}")
    return ", ".join(f"{number:,} {what.replace('_', ' ')}" for what, number in counts.items() if number)


def _short(error: str) -> str:
    return error if len(error) <= 120 else f"{error[:119]}…"  # noqa: PLR2004  A line of the table.


def _runner(seen: JobRun | None, now: datetime) -> str:
    if seen is None:
        return "nobody so far"
    return f"{seen.owner.partition(':')[0]}, last seen {_ago(seen.finished_at or seen.started_at, now).text}"


def _notes(waits: Beside, now: datetime, *, has_mail: bool) -> tuple[Answer, ...]:
    notes = []
    if not has_mail:
        letters = "1 letter waits" if waits.letters_waiting == 1 else f"{waits.letters_waiting:,} letters wait"
        detail = "Set FUNDRAISE_MAIL_URL and FUNDRAISE_MAIL_FROM, and start again; nothing is lost."
        notes.append(Answer(sentence=f"No mail is set up: {letters}.", tone="needs_you", detail=detail))
    if waits.letters_dead:
        gave_up = "1 letter" if waits.letters_dead == 1 else f"{waits.letters_dead:,} letters"
        detail = f"The last refusal: {_short(waits.last_letter_error)}" if waits.last_letter_error else ""
        notes.append(Answer(sentence=f"{gave_up} could not be delivered.", tone="wrong", detail=detail))
    if waits.notices_dead:
        which = "1 message of Stripe’s was" if waits.notices_dead == 1 else f"{waits.notices_dead:,} were"
        notes.append(Answer(sentence=f"{which} given up after eight tries.", tone="wrong"))
    if waits.oldest_notice is not None and now - waits.oldest_notice > timedelta(minutes=5):
        age = times.age(waits.oldest_notice, now)
        notes.append(Answer(sentence=f"Stripe’s messages wait to be acted on for {age}.", tone="wrong"))
    return tuple(notes)


# --- one job ---------------------------------------------------------------------------------------------------------


def job_page(
    person: StaffPerson,
    job: Job,
    runs: Sequence[JobRun],
    given_up: Sequence[GivenUpRow],
    now: datetime,
    toast: Toast | None,
) -> JobPage:
    """Make the page of a job."""
    running = next((run for run in runs if is_running(run, now)), None)
    newest = runs[0] if runs else None
    return JobPage(
        frame=staff_frame(person, "jobs", toast=toast, back=Link(text="Jobs", href=HOME)),
        name=job.name,
        what=job.about[:1].upper() + job.about[1:],
        schedule=str(job.when),
        answer=_job_answer(running, runs, now),
        runs=tuple(_run_row(run, now) for run in runs),
        given_up=tuple(given_up),
        state=f"{times.iso(newest.started_at)} {newest.finished_at is not None}" if newest is not None else "never",
        run=PostAction(action=f"{HOME}/{job.name}", button="Run it now", kind="action") if running is None else None,
        wait_seconds="2" if running is not None else "",
    )


def notice_row(notice: KeptNotice) -> GivenUpRow:
    """Return a notice of Stripe's that nothing could be done about."""
    here = f"{HOME}/inbox/{notice.id}"
    leave = PostAction(
        action=f"{here}/leave",
        button="Leave it",
        kind="grave",
        question="Nothing will come of this message. What it speaks of is compared by the nightly reconciliation.",
        note_label="Why?",
    )
    return GivenUpRow(
        what=notice.type,
        about=Link(text=f"{notice.account}: {notice.object_id}", href=""),
        came=at(notice.received_at),
        error=_short(notice.last_error),
        actions=(PostAction(action=f"{here}/again", button="Try again"), leave),
    )


def letter_row(letter: Letter, gift_ref: str) -> GivenUpRow:
    """Return a letter that could not be delivered; `gift_ref` names the gift it is about, "" for none."""
    about = Link(text=f"Gift {gift_ref}", href=f"/staff/donations/{gift_ref}") if gift_ref else Link(text="", href="")
    return GivenUpRow(
        what=letter.kind,
        about=about,
        came=at(letter.written_at),
        error=_short(letter.last_error),
        actions=(PostAction(action=f"{HOME}/outbox/{letter.id}/again", button="Send again"),),
    )


def _job_answer(running: JobRun | None, runs: Sequence[JobRun], now: datetime) -> Answer:
    if running is not None:
        began = _ago(running.started_at, now).text
        detail = "Some jobs take minutes. This page looks again by itself; without JavaScript, load it again."
        return Answer(sentence=f"It runs now, since {began}.", tone="on_its_way", detail=detail)
    ended = next((run for run in runs if run.finished_at is not None), None)
    if ended is None or ended.finished_at is None:
        return Answer(sentence="It has not run yet.", tone="needs_you")
    ago = _ago(ended.finished_at, now).text
    if ended.error:
        return Answer(sentence=f"It failed {ago}.", tone="wrong", detail=_short(ended.error))
    return Answer(sentence=f"It ran {ago}: {counts_said(ended) or 'nothing to do'}.", tone="settled")


def _run_row(run: JobRun, now: datetime) -> JobRunRow:
    if run.finished_at is None and not run.attempt:  # Somebody asked for it; whoever runs the timetable will take it.
        status = Status(word="Asked for", tone="on_its_way")
    elif run.finished_at is None:
        status = _RUNS if is_running(run, now) else Status(word="Stopped before its end", tone="wrong")
    else:
        status = _FAILED if run.error else Status(word="Done", tone="settled")
    by_hand = next((start for start in (BY_HAND, "asked by ") if run.owner.startswith(start)), "")
    return JobRunRow(
        began=at(run.started_at),
        status=status,
        who=run.owner.removeprefix(by_hand) if by_hand else "the timetable",
        ended=at(run.finished_at) if run.finished_at is not None else None,
        took=_took(run.finished_at - run.started_at) if run.finished_at is not None else "",
        counts=counts_said(run),
        error=run.error,
    )


def _took(span: timedelta) -> str:
    seconds = span.total_seconds()
    if seconds < 1:
        return "under a second"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} second" + ("" if whole == 1 else "s")
    return f"{whole // _MINUTE} min {whole % _MINUTE} s"
