"""The whole timetable."""

from collections.abc import Sequence
from datetime import time

from fundraise.errors import NotFound
from fundraise.flows.ask_reconciliation import RECONCILE
from fundraise.flows.catch_up import catch_up
from fundraise.flows.follow_up import follow_up
from fundraise.flows.sweep import sweep
from fundraise.jobs.check import check
from fundraise.jobs.outbox import send_letters
from fundraise.jobs.rates import convert, fetch_rates
from fundraise.jobs.reconcile import reconcile
from fundraise.jobs.runner import Daily, Every, Job

TIMETABLE: Sequence[Job] = (
    Job("inbox", Every(10), follow_up, "acts on what Stripe sent", frozenset({"inbox"})),
    Job("outbox", Every(15), send_letters, "sends letters", frozenset({"outbox"})),
    Job("sweep", Every(300), sweep, "asks about gifts of which nothing more was heard"),
    Job("check", Every(600), check, "checks the books, and keeps totals quick to ask for"),
    Job("catch-up", Daily(time(2, 10)), catch_up, "hears afterwards what webhooks did not bring"),
    Job("convert", Every(10), convert, "converts what waits for a rate", frozenset({"rates"})),
    Job("rates", Daily(time(16, 30)), fetch_rates, "asks for new exchange rates"),
    Job(RECONCILE, Daily(time(3, 10)), reconcile, "compares Stripe, the bank and the books", on_request=True),
)


def job_named(name: str) -> Job:
    """Return a line of the timetable; `NotFound` names the lines there are."""
    for job in TIMETABLE:
        if job.name == name:
            return job
    raise NotFound(f"There is no job {name!r}. There are: {', '.join(job.name for job in TIMETABLE)}.")
