"""The pages of reconciliation: how each account stands, what differs, and each run."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from fundraise import times
from fundraise.differences.tables import Difference, DifferenceState
from fundraise.figures.differences import AccountState, OpenThen, RunFacts, sums
from fundraise.job_runs import JobRun
from fundraise.reconciliation.tables import ReconciliationRun, RollForward, RunState
from fundraise.showing.values import at
from fundraise.stripe_accounts.tables import StripeAccount
from fundraise.views.parts import EmptyState, Link, Option, Status
from fundraise.views.staff_bank_pages import RunPage
from fundraise.views.staff_parts import Answer, Fact, FilterBar, FilterField, Light, PostAction, StaffFrame
from fundraise.views.staff_reconciliation_pages import DifferenceRow, ReconciliationPage, RollRow, RunRow
from fundraise.web.staff.difference_rows import STATES, difference_row, difference_totals, said
from fundraise.web.staff.lists import counted, listed, signed

HOME: Final = "/staff/reconciliation"
# A day without a reconciliation is an alarm (a slot each night, and some hours for a long one).
_STALE: Final = timedelta(hours=27)
# So long until a process that runs the timetable has taken what was asked for.
_TAKEN_WITHIN: Final = timedelta(seconds=30)
_TWO_MINUTES: Final = 120
# What a run counts, in the words of its page.
_COUNTS: Final = {
    "balance transactions": "Movements fetched",
    "new balance transactions": "Of them new to us",
    "payouts": "Payouts looked at",
    "mended": "Missed news made good",
    "booked in suspense": "Booked in suspense",
    "bank lines matched": "Bank lines matched",
    "found": "Differences found",
    "new": "Of them new",
    "fixed": "Closed, since they agree now",
    "open": "Open when it ended",
}
_AGREES: Final = Status(word="Agrees", tone="settled")


@dataclass(frozen=True, slots=True)
class Standing:
    """All that the page of reconciliation shows, as it was found."""

    accounts: Sequence[AccountState]
    open: Sequence[Difference]
    closed: Sequence[Difference]
    runs: Sequence[tuple[ReconciliationRun, StripeAccount]]
    running: JobRun | None
    done: int


def reconciliation_page(
    frame: StaffFrame, standing: Standing, now: datetime, *, export: FilterBar
) -> ReconciliationPage:
    """Make the page."""
    accounts = {state.account.id: state.account for state in standing.accounts}
    total = sums(standing.open)
    running = _running(standing, now)
    return ReconciliationPage(
        frame=frame,
        answer=_answer(standing, total, now),
        lights=tuple(_light(state, now) for state in standing.accounts),
        differences=tuple(difference_row(each, accounts, now) for each in standing.open),
        totals=difference_totals(total),
        runs=tuple(_run_row(run, account) for run, account in standing.runs),
        empty=EmptyState(sentence=_nothing(standing.accounts)),
        run_now=PostAction(action=f"{HOME}/run", button="Compare now", kind="action")
        if running is None and accounts
        else None,
        running=running,
        look_again=Link(text="Look again", href=HOME) if running is not None else None,
        rolled=tuple(_roll_row(rolled, state.account) for state in standing.accounts for rolled in state.rolled),
        closed=tuple(difference_row(each, accounts, now) for each in standing.closed),
        export=export if accounts else None,
    )


def run_page(frame: StaffFrame, told: RunFacts) -> RunPage:
    """Make the page of one run: what it said, whatever became of its differences since."""
    run, account = told.run, told.account
    facts = [
        Fact(label="Account", value=account.slug, is_code=True),
        Fact(label="Fetched since", value=at(run.since).text),
        Fact(label="Began", value=at(run.started_at).text),
        Fact(label="Took", value=_took(run)),
        Fact(label="Started by", value=run.started_by),
        *(Fact(label=_COUNTS.get(what, what), value=f"{count:,}") for what, count in json.loads(run.counts).items()),
    ]
    differences = [each.then for each in told.open]
    total = sums(differences)
    period = f"?from={run.since.date().isoformat()}&to={run.until.date().isoformat()}"
    return RunPage(
        frame=frame,
        title=f"{account.slug}, {times.day(run.until)}",
        answer=_run_answer(run, differences, total),
        facts=tuple(facts),
        differences=tuple(_open_row(each, account) for each in told.open),
        totals=difference_totals(total),
        exports=tuple(
            Link(text=text, href=f"{HOME}/export{period}&format={kind}")
            for kind, text in (("xlsx", "Gifts of these days as a spreadsheet (XLSX)"), ("csv", "as CSV"))
        ),
        rolled=tuple(_roll_row(each, account) for each in told.rolled),
    )


def export_bar(begins: str, ends: str, kind: str) -> FilterBar:
    """Return the form that downloads a period."""
    kinds = (("xlsx", "Spreadsheet (XLSX)"), ("csv", "CSV"))
    return FilterBar(
        action=f"{HOME}/export",
        fields=(
            FilterField(name="from", label="First day", kind="date", value=begins),
            FilterField(name="to", label="Last day", kind="date", value=ends),
            FilterField(
                name="format",
                label="As",
                kind="select",
                options=tuple(Option(value=value, text=text, is_chosen=value == kind) for value, text in kinds),
            ),
        ),
        button="Download",
    )


def last_month(today: date) -> tuple[date, date]:
    """Return the days that are downloaded unless others are chosen: the month before until today."""
    first = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    return first, today


def _answer(standing: Standing, total: Mapping[str, int], now: datetime) -> Answer:
    states = [_status(state, now) for state in standing.accounts]
    if not standing.accounts:
        return Answer(sentence="No Stripe account is connected yet.")
    if standing.open:
        return Answer(sentence=f"{said(standing.open, total, now)}.", tone="wrong")
    broken = [status.word for status in states if status.tone != "settled"]
    if broken:
        return Answer(sentence=f"Nothing is open, but not every account was looked at: {broken[0]}.", tone="needs_you")
    return Answer(sentence=f"Everything agrees to the penny, in {counted(len(states), 'account')}.", tone="settled")


def _light(state: AccountState, now: datetime) -> Light:
    last = state.last
    href = f"{HOME}/runs/{last.id}" if last is not None else HOME
    held = {rolled.currency: rolled.stripe_minor for rolled in state.rolled}
    if last is None:
        sentence = "It is compared every night. Connected"
    elif last.state == RunState.FAILED:
        sentence = f"{last.error} Tried"
    elif held:
        sentence = f"{listed(held)} at Stripe. Looked at"
    else:
        sentence = "Nothing at Stripe yet. Looked at"
    return Light(
        name=f"{state.body.name}, {state.account.slug}",
        href=href,
        status=_status(state, now),
        sentence=sentence,
        since=at(last.finished_at if last is not None else state.account.created_at),
    )


def _status(state: AccountState, now: datetime) -> Status:
    if state.last is None:
        return Status(word="Not looked at yet", tone="needs_you")
    if state.last.state == RunState.FAILED:
        return Status(word="Could not be looked at", tone="wrong")
    if now - state.last.finished_at > _STALE:
        return Status(word=f"Not looked at for {times.age(state.last.finished_at, now)}", tone="needs_you")
    total = sums(state.open)
    if total:
        return Status(word=f"Differs by {listed(total)}", tone="wrong")
    return Status(word=counted(len(state.open), "difference"), tone="wrong") if state.open else _AGREES


def _nothing(accounts: Sequence[AccountState]) -> str:
    if any(state.last is None for state in accounts):
        return "Nothing was compared yet. The first run is tonight, or now with the button above."
    return "Nothing is open. What Stripe, the bank and the books say agrees to the penny, or is explained."


def _running(standing: Standing, now: datetime) -> Answer | None:
    run = standing.running
    if run is None:
        return None
    if run.attempt == 0 and now - run.slot > _TAKEN_WITHIN:
        return Answer(
            sentence=f"Asked for {times.age(run.slot, now)} ago, and nothing has begun it.",
            detail="Is anything running the timetable? Whoever runs this site can start: fundraise jobs serve",
        )
    if run.attempt == 0:
        return Answer(sentence="It begins in a moment.", detail="You can leave this page; the run goes on.")
    done = f"{standing.done} of {counted(len(standing.accounts), 'account')} done."
    began = times.age(run.started_at, now)
    return Answer(
        sentence="Comparing now." if began == "just now" else f"Comparing for {began}.",
        detail=f"{done} You can leave this page; the run goes on.",
    )


def _run_row(run: ReconciliationRun, account: StripeAccount) -> RunRow:
    counts = json.loads(run.counts)
    movements, payouts = counts.get("balance transactions", 0), counts.get("payouts", 0)
    compared = f"{counted(movements, 'movement')}, {counted(payouts, 'payout')}"
    return RunRow(
        when=at(run.finished_at),
        href=f"{HOME}/runs/{run.id}",
        period=f"{account.slug}, since {times.day(run.since)}",
        status=_run_status(run, counts),
        compared="nothing" if run.state == RunState.FAILED else compared,
        who=run.started_by,
        took=_took(run),
    )


def _run_status(run: ReconciliationRun, counts: Mapping[str, int]) -> Status:
    if run.state == RunState.FAILED:
        return Status(word="Failed", tone="wrong")
    if run.state == RunState.CLEAN:
        return _AGREES
    still_open = counts.get("open")
    return Status(word=counted(still_open, "difference") if still_open else "Differences", tone="wrong")


def _run_answer(run: ReconciliationRun, differences: Sequence[Difference], total: Mapping[str, int]) -> Answer:
    if run.state == RunState.FAILED:
        return Answer(sentence="Stripe could not be asked.", tone="wrong", detail=run.error, as_of=at(run.finished_at))
    if not differences:
        return Answer(sentence="Everything agreed to the penny.", tone="settled", as_of=at(run.finished_at))
    amount = f", {listed(total)} unexplained" if total else ""
    sentence = f"{counted(len(differences), 'difference')} open when it ended{amount}."
    return Answer(sentence=sentence, tone="wrong", as_of=at(run.finished_at))


def _open_row(each: OpenThen, account: StripeAccount) -> DifferenceRow:
    row = difference_row(each.then, {account.id: account}, each.then.first_seen_at)
    became = STATES[DifferenceState(each.now.state)]
    note = "" if each.now.state == DifferenceState.OPEN else f"{became.word} since"
    return replace(row, age=at(each.then.first_seen_at), note=note)


def _roll_row(rolled: RollForward, account: StripeAccount) -> RollRow:
    currency = rolled.currency
    off = rolled.stripe_minor - rolled.closing_minor or rolled.movements_minor - rolled.ledger_minor
    return RollRow(
        account=f"{account.slug}, {currency}",
        opening=signed(rolled.opening_minor, currency),
        movements=signed(rolled.movements_minor, currency),
        closing=signed(rolled.closing_minor, currency),
        stripe=signed(rolled.stripe_minor, currency),
        books=signed(rolled.ledger_minor, currency),
        status=Status(word=f"Differs by {signed(abs(off), currency)}", tone="wrong") if off else _AGREES,
    )


def _took(run: ReconciliationRun) -> str:
    seconds = int((run.finished_at - run.started_at).total_seconds())
    if seconds < 1:
        return "less than a second"
    return counted(seconds, "second") if seconds < _TWO_MINUTES else counted(seconds // 60, "minute")
