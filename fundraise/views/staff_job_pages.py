"""Staff pages about jobs: the timetable, and one job's runs."""

from dataclasses import dataclass

from fundraise.views.parts import Link, Moment, Status
from fundraise.views.staff_parts import Answer, PostAction, StaffFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """A job of the timetable.

    Fields:
        name: "inbox".
        href: its page.
        what: what it does, in a sentence.
        schedule: "every 10 seconds".
        status: Status("Fine", "settled"), Status("Late", "needs_you"), Status("Failed", "wrong"), Status("Runs now",
            "on_its_way").
        last: when it last ended; None for never.
        next: when it runs next; None when nobody runs the timetable.
        message: what the last run said, "12 messages sent"; "" for nothing.
        run: the button that runs it now; None where that is not allowed.
    """

    name: str
    href: str
    what: str
    schedule: str
    status: Status
    last: Moment | None = None
    next: Moment | None = None
    message: str = ""
    run: PostAction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsPage:
    """`staff/jobs.html`.

    Fields:
        frame: see `StaffFrame`.
        answer: "All 7 jobs are on time."
        rows: in the timetable's order.
        runner: who runs the timetable: "web-1 since 09:12 UTC", "nobody".
        notes: what waits beside the timetable: letters, notices; a sentence each.
    """

    frame: StaffFrame
    answer: Answer
    rows: tuple[JobRow, ...]
    runner: str
    notes: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRunRow:
    """One run of a job.

    Fields:
        began: when it began.
        ended: when it ended; None while it runs, or when it never did.
        took: "4 seconds"; "" while it runs.
        status: Status("Done", "settled"), Status("Failed", "wrong"), Status("Runs now", "on_its_way"),
            Status("Stopped", "wrong").
        counts: what it did, "2 sent, 1 failed"; "" for nothing.
        error: what broke; "" for nothing.
        who: "the timetable", "Priya Raman".
    """

    began: Moment
    status: Status
    who: str
    ended: Moment | None = None
    took: str = ""
    counts: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUpRow:
    """Something that a job gave up and a person decides about.

    Fields:
        what: "charge.updated", "Receipt".
        about: what it speaks of: Link("gift k3v9", its page), Link("ch_3P…", "").
        came: when it came, or was written.
        error: what broke at the last try.
        actions: the buttons that decide.
    """

    what: str
    about: Link
    came: Moment
    error: str
    actions: tuple[PostAction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPage:
    """`staff/job.html`: a job and its last runs.

    Fields:
        frame: see `StaffFrame`.
        name: "reconcile".
        what: what it does, in a sentence.
        schedule: "daily at 03:10 UTC".
        answer: "It ran 3 hours ago: 2 clean."
        runs: latest first.
        given_up: what it gave up, oldest first, at most fifty.
        run: the button that runs it now; None while it runs.
        wait_seconds: while it runs, after how many seconds the page asks again; "" when nothing runs.
        state: changes when the last run does, so that a page that asks again knows.
    """

    frame: StaffFrame
    name: str
    what: str
    schedule: str
    answer: Answer
    runs: tuple[JobRunRow, ...]
    state: str
    given_up: tuple[GivenUpRow, ...] = ()
    run: PostAction | None = None
    wait_seconds: str = ""
