"""The page "Today", made out of what waits."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from fundraise import times
from fundraise.figures.statements import AccountFacts
from fundraise.figures.today import AccountState, Pile, Today
from fundraise.flows.question_accepted import Doubt
from fundraise.reconciliation.tables import RunState
from fundraise.views.parts import Moment, Status
from fundraise.views.staff_home_page import StaffHomePage
from fundraise.views.staff_parts import Answer, Light, QueueItem
from fundraise.web.staff.door import StaffPerson, staff_frame
from fundraise.web.staff.today_queue import UNRECONCILED, JobStates, counted, queue_of, statement_end, sums_said

_AGREES: Final = Status(word="Agrees", tone="settled")


def today_page(
    person: StaffPerson, facts: Today, doubts: Sequence[Doubt], jobs: JobStates, now: datetime, *, has_mail: bool
) -> StaffHomePage:
    """Make the page."""
    queue = queue_of(facts, doubts, jobs, now, has_mail=has_mail)
    return StaffHomePage(
        frame=staff_frame(person, "home"),
        answer=_answer(queue, facts, now),
        queue=queue,
        lights=(*(_stripe_light(state, now) for state in facts.accounts), *(_bank_light(bank) for bank in facts.banks)),
        fine=_fine(facts, jobs, now),
    )


def _answer(queue: tuple[QueueItem, ...], facts: Today, now: datetime) -> Answer:
    if not queue:
        return Answer(sentence="Nothing needs you.", tone="settled", as_of=_clock(now))
    count = "1 thing needs you" if len(queue) == 1 else f"{len(queue)} things need you"
    unexplained = sums_said(facts.quarantine, facts.differences)
    oldest = min((pile.oldest for pile in _piles(facts) if pile.oldest is not None), default=None)
    parts = [count]
    if unexplained:
        parts.append(f"{unexplained} unexplained")
    if oldest is not None:
        parts.append(f"oldest {_age(oldest, now)}")
    return Answer(sentence=f"{', '.join(parts)}.", tone="needs_you", as_of=_clock(now))


def _piles(facts: Today) -> tuple[Pile, ...]:
    return facts.quarantine, facts.differences, facts.reports_held, facts.reports_received


def _stripe_light(state: AccountState, now: datetime) -> Light:
    name = f"Stripe, {state.body.name}" + ("" if state.account.livemode else " (test)")
    run = state.run
    if run is None:
        status = Status(word="Not looked at yet", tone="quiet")
        return _light(name, "/staff/reconciliation", status, "Connected", state.account.created_at, now)
    if run.state == RunState.FAILED:
        status = Status(word="Could not be asked", tone="wrong")
    elif state.open_differences:
        word = counted(state.open_differences, "difference", "differences")
        status = Status(word=word, tone="wrong")
    elif now - run.finished_at > UNRECONCILED:
        status = Status(word="Not looked at lately", tone="needs_you")
    else:
        status = _AGREES
    return _light(name, "/staff/reconciliation", status, "Compared", run.finished_at, now)


def _bank_light(bank: AccountFacts) -> Light:
    name, href = f"Bank, {bank.account.name} ({bank.account.currency})", f"/staff/statements/{bank.account.name}"
    ended = statement_end(bank)
    if ended is None:
        status = Status(word="No statement yet", tone="quiet")
        made = bank.account.created_at
        return Light(name=name, href=href, status=status, sentence="Added on", since=_on_day(made))
    if bank.open_lines:
        word = counted(bank.open_lines, "line", "lines") + " without a match"
        return Light(
            name=name,
            href=href,
            status=Status(word=word, tone="needs_you"),
            sentence="Statement up to",
            since=_on_day(ended),
        )
    return Light(name=name, href=href, status=_AGREES, sentence="Statement up to", since=_on_day(ended))


def _light(name: str, href: str, status: Status, sentence: str, moment: datetime, now: datetime) -> Light:
    return Light(name=name, href=href, status=status, sentence=sentence, since=_ago(moment, now))


def _fine(facts: Today, jobs: JobStates, now: datetime) -> tuple[str, ...]:
    """Say in one line all that is fine."""
    said = []
    checked = jobs.checked
    if checked is not None and checked.finished_at is not None and not checked.error:
        said.append(f"the books agree with themselves ({_ago(checked.finished_at, now).text})")
    if jobs.is_run and all(state.tone in {"settled", "on_its_way"} for state in jobs.states.values()):
        said.append(f"all {len(jobs.states)} jobs are on time")
    agreed = [
        state for state in facts.accounts if state.run is not None and _stripe_light(state, now).status == _AGREES
    ]
    if agreed:
        said.append(counted(len(agreed), "Stripe account agrees", "Stripe accounts agree"))
    matched = [bank for bank in facts.banks if bank.last_file is not None and not bank.open_lines]
    if matched:
        said.append(counted(len(matched), "bank account is matched", "bank accounts are matched"))
    line = "; ".join(said)
    return (f"{line[:1].upper()}{line[1:]}.",) if said else ()


def _age(moment: datetime, now: datetime) -> str:
    age = times.age(moment, now)
    return "a moment" if age == "just now" else age


def _ago(moment: datetime, now: datetime) -> Moment:
    age = times.age(moment, now)
    return Moment(text=age if age == "just now" else f"{age} ago", iso=times.iso(moment))


def _on_day(moment: datetime) -> Moment:
    return Moment(text=times.day(moment), iso=moment.date().isoformat())


def _clock(now: datetime) -> Moment:
    return Moment(text=times.clock(now), iso=times.iso(now))
