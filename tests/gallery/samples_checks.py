"""Staff pages that check on money: quarantine, jobs, reconciliation."""

from dataclasses import replace

from fundraise.views.parts import EmptyState, Link, Moment, Option, Status, Toast
from fundraise.views.staff_job_pages import GivenUpRow, JobPage, JobRow, JobRunRow, JobsPage
from fundraise.views.staff_parts import (
    Answer,
    Comparison,
    Fact,
    FilterBar,
    FilterField,
    Happening,
    PostAction,
    TotalsRow,
)
from fundraise.views.staff_quarantine_pages import QuarantineItemPage, QuarantinePage
from fundraise.views.staff_reconciliation_pages import DifferenceRow, ReconciliationPage, RollRow, RunRow

from .sample import Sample
from .samples_staff import LIGHTS, NOW, QUEUE, TWO_DAYS, frame

QUARANTINE = QuarantinePage(
    frame=frame("quarantine"),
    answer=Answer(sentence="1 payment, £35.00, waiting 3 hours.", tone="needs_you"),
    items=(QUEUE[1],),
    empty=EmptyState(
        sentence="Nothing is kept out of the books. News that does not agree with what we had appears here."
    ),
)
QUARANTINE_ITEM = QuarantineItemPage(
    frame=frame("quarantine", back=Link(text="Quarantine", href="/staff/quarantine")),
    title="A payment of £35.00 names a gift of £20.00",
    answer=Answer(
        sentence="Stripe says £35.00 was paid for a gift that was begun with £20.00.",
        tone="needs_you",
        detail="Nothing of it is in the books or in the total.",
    ),
    comparisons=(
        Comparison(what="Amount", expected="£20.00", got="£35.00", differs=True),
        Comparison(what="Currency", expected="GBP", got="GBP"),
        Comparison(what="Account", expected="rainbow-shelter", got="rainbow-shelter"),
    ),
    facts=(Fact(label="Event", value="evt_1PxT21LkdIwHu7ix0nE", is_code=True), Fact(label="Came", value="11:02 UTC")),
    actions=(
        PostAction(
            action="/staff/quarantine/7/accept",
            button="Book £35.00",
            question="£35.00 enters the books as this gift, and the total rises by as much.",
            note_label="Why is it right?",
            kind="action",
        ),
        PostAction(
            action="/staff/quarantine/7/discard",
            button="Set it aside",
            question="It stays out of the books for good. Reconciliation goes on naming it.",
            note_label="Why?",
            kind="grave",
        ),
    ),
    raw='{\n  "id": "evt_1PxT21LkdIwHu7ix0nE",\n  "type": "checkout.session.completed"\n}',
    history=(Happening(when=NOW, what="Kept out of the books", who="the inbox"),),
)


def job_row(name: str, what: str, schedule: str, status: Status, message: str = "") -> JobRow:
    """A job that last ended a moment ago."""
    return JobRow(
        name=name,
        href=f"/staff/jobs/{name}",
        what=what,
        schedule=schedule,
        status=status,
        last=NOW,
        next=Moment(text="14:15 UTC", iso="2026-11-22T14:15:00Z"),
        message=message,
        run=PostAction(action=f"/staff/jobs/{name}", button="Run now"),
    )


JOBS = JobsPage(
    frame=frame("jobs"),
    answer=Answer(sentence="1 of 4 jobs failed, 12 minutes ago.", tone="wrong"),
    rows=(
        job_row(
            "inbox", "Acts on news from Stripe", "every 10 seconds", Status(word="Fine", tone="settled"), "3 events"
        ),
        job_row("outbox", "Sends mail", "every minute", Status(word="Failed", tone="wrong"), "the mail server refused"),
        job_row("rates", "Fetches exchange rates", "daily, 16:30 CET", Status(word="Late", tone="needs_you")),
        replace(
            job_row("check", "Checks the books", "every 10 minutes", Status(word="Runs now", tone="on_its_way")),
            last=None,
            next=None,
            run=None,
        ),
    ),
    runner="web-1, since 09:12 UTC",
    notes=(Answer(sentence="No mail is set up: 3 letters wait.", tone="needs_you", detail="Set FUNDRAISE_MAIL_URL."),),
)
JOB = JobPage(
    frame=frame("jobs", back=Link(text="Jobs", href="/staff/jobs")),
    name="reconcile",
    what="Compares Stripe, the bank and the books",
    schedule="daily at 03:10 UTC",
    answer=Answer(sentence="It runs now, since just now.", tone="on_its_way", detail="Some jobs take minutes."),
    runs=(
        JobRunRow(began=NOW, status=Status(word="Runs now", tone="on_its_way"), who="Priya Raman"),
        JobRunRow(
            began=NOW,
            status=Status(word="Failed", tone="wrong"),
            who="the timetable",
            ended=NOW,
            took="4 seconds",
            error="ReconciliationFailed: rainbow-shelter: Stripe does not answer",
        ),
        JobRunRow(
            began=NOW,
            status=Status(word="Done", tone="settled"),
            who="the timetable",
            ended=NOW,
            took="2 seconds",
            counts="2 clean",
        ),
    ),
    given_up=(
        GivenUpRow(
            what="charge.updated",
            about=Link(text="rainbow-shelter: ch_3PnowhereAtAll00000000001", href=""),
            came=NOW,
            error="GatewayRefused: No such charge: 'ch_3PnowhereAtAll00000000001'",
            actions=(
                PostAction(action="/staff/jobs/inbox/7/again", button="Try again"),
                PostAction(
                    action="/staff/jobs/inbox/7/leave",
                    button="Leave it",
                    kind="grave",
                    question="Nothing will come of this message.",
                    note_label="Why?",
                ),
            ),
        ),
        GivenUpRow(
            what="receipt",
            about=Link(text="Gift k3v9x2", href="/staff/donations/k3v9x2"),
            came=NOW,
            error="550 no such mailbox",
            actions=(PostAction(action="/staff/jobs/outbox/3/again", button="Send again"),),
        ),
    ),
    state="2026-11-22T14:05:00Z False",
    wait_seconds="2",
)
DIFFERENCES = (
    DifferenceRow(
        what="Refund at Stripe, not in the books",
        href="/staff/differences/1",
        account="Stripe, Safe Passage North (GBP)",
        reference="re_3PxT21LkdIwHu7ix0nE",
        ours="",
        theirs="−£12.40",
        difference="−£12.40",
        age=TWO_DAYS,
        status=Status(word="Open", tone="needs_you"),
    ),
    DifferenceRow(
        what="Payout without a bank line",
        href="/staff/payouts/po_1",
        account="Bank, Rainbow Shelter current account",
        reference="po_1PxT21",
        ours="£1,204.10",
        theirs="",
        difference="£1,204.10",
        age=TWO_DAYS,
        status=Status(word="On its way", tone="on_its_way"),
        note="expected 24 to 28 November",
    ),
)
RUNS = (
    RunRow(
        when=NOW,
        href="/staff/reconciliation/12",
        period="1 to 22 November 2026",
        status=Status(word="2 differences", tone="wrong"),
        compared="412 gifts, 9 payouts, 31 bank lines",
        took="4 seconds",
        who="the timetable",
    ),
    RunRow(
        when=Moment(text="21 November, 14:00 UTC", iso="2026-11-21T14:00:00Z"),
        href="/staff/reconciliation/11",
        period="1 to 21 November 2026",
        status=Status(word="Agrees", tone="settled"),
        compared="398 gifts, 9 payouts, 31 bank lines",
        who="Priya Raman",
    ),
)
ROLLED = (
    RollRow(
        account="rainbow-shelter, GBP",
        opening="£0.00",
        movements="£1,204.10",
        closing="£1,204.10",
        stripe="£1,204.10",
        books="£1,204.10",
        status=Status(word="Agrees", tone="settled"),
    ),
    RollRow(
        account="safe-passage, EUR",
        opening="€12.00",
        movements="−€0.01",
        closing="€11.99",
        stripe="€12.00",
        books="−€0.01",
        status=Status(word="Differs by €0.01", tone="wrong"),
    ),
)
EXPORT = FilterBar(
    action="/staff/reconciliation/export",
    fields=(
        FilterField(name="from", label="From", kind="date", value="2026-11-01"),
        FilterField(name="to", label="To", kind="date", value="2026-11-30"),
        FilterField(
            name="format", label="As", kind="select", options=(Option(value="xlsx", text="Excel", is_chosen=True),)
        ),
    ),
    button="Download",
)
RECONCILIATION = ReconciliationPage(
    frame=frame("reconciliation", toast=Toast(text="The run ended: 2 differences.", tone="needs_you")),
    answer=Answer(sentence="2 differences, £12.40 unexplained, oldest 2 days.", tone="wrong", as_of=NOW),
    lights=LIGHTS,
    differences=DIFFERENCES,
    totals=(TotalsRow(label="Sum, GBP", amounts=("£1,204.10", "−£12.40", "£1,191.70")),),
    runs=RUNS,
    empty=EmptyState(sentence="Nothing differs. What Stripe, the bank and the books say agrees to the penny."),
    run_now=PostAction(action="/staff/reconciliation/run", button="Compare now", kind="action"),
    rolled=ROLLED,
    closed=(replace(DIFFERENCES[0], status=Status(word="Explained", tone="settled"), note="Bar takings, by Priya"),),
    export=EXPORT,
)

SAMPLES = (
    Sample(name="staff-job", template="staff/job.html", page=JOB),
    Sample(
        name="staff-job-never",
        template="staff/job.html",
        page=replace(
            JOB,
            runs=(),
            wait_seconds="",
            run=PostAction(action="/staff/jobs/reconcile", button="Run it now", kind="action"),
        ),
    ),
    Sample(name="staff-quarantine", template="staff/quarantine.html", page=QUARANTINE),
    Sample(name="staff-quarantine-none", template="staff/quarantine.html", page=replace(QUARANTINE, items=())),
    Sample(name="staff-quarantine-item", template="staff/quarantine_item.html", page=QUARANTINE_ITEM),
    Sample(name="staff-jobs", template="staff/jobs.html", page=JOBS),
    Sample(name="staff-reconciliation", template="staff/reconciliation.html", page=RECONCILIATION),
    Sample(
        name="staff-reconciliation-running",
        template="staff/reconciliation.html",
        page=replace(
            RECONCILIATION,
            frame=frame("reconciliation"),
            run_now=None,
            running=Answer(sentence="Comparing now, since 12 seconds.", detail="1 of 2 accounts is done."),
            look_again=Link(text="Look again", href="/staff/reconciliation"),
        ),
    ),
    Sample(
        name="staff-reconciliation-clear",
        template="staff/reconciliation.html",
        page=replace(
            RECONCILIATION,
            frame=frame("reconciliation"),
            answer=Answer(sentence="Everything agrees to the penny, in 3 accounts.", tone="settled", as_of=NOW),
            differences=(),
            lights=LIGHTS[:1],
            runs=(),
        ),
    ),
)
