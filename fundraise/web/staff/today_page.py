"""The page "Today", made out of what waits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

from fundraise import money, times
from fundraise.figures.statements import AccountFacts
from fundraise.figures.today import AccountState, Pile, Today
from fundraise.job_runs import JobRun
from fundraise.money import Money
from fundraise.reconciliation.tables import RunState
from fundraise.views.parts import Moment, Status
from fundraise.views.staff_money_pages import StaffHomePage
from fundraise.views.staff_parts import Answer, Light, QueueItem
from fundraise.web.staff.door import StaffPerson, staff_frame

# A nightly run that did not come, and a statement that did not.
_UNRECONCILED: Final = timedelta(hours=36)
_NO_STATEMENT: Final = timedelta(days=35)
_UNHEARD: Final = timedelta(minutes=5)
_AGREES: Final = Status(word="Agrees", tone="settled")


@dataclass(frozen=True, slots=True)
class JobStates:
    """How each job stands, whether anybody runs the timetable, and the newest check of the books."""

    states: Mapping[str, Status]
    is_run: bool
    checked: JobRun | None


def today_page(person: StaffPerson, facts: Today, jobs: JobStates, now: datetime, *, has_mail: bool) -> StaffHomePage:
    """Make the page."""
    queue = (
        *_money(facts, now),
        *_setup(facts),
        *_machines(facts, jobs, now, has_mail=has_mail),
        *_accounts(facts, now),
    )
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
    unexplained = _sums(facts.quarantine, facts.differences)
    oldest = min((pile.oldest for pile in _piles(facts) if pile.oldest is not None), default=None)
    parts = [count]
    if unexplained:
        parts.append(f"{unexplained} unexplained")
    if oldest is not None:
        parts.append(f"oldest {_age(oldest, now)}")
    return Answer(sentence=f"{', '.join(parts)}.", tone="needs_you", as_of=_clock(now))


def _piles(facts: Today) -> tuple[Pile, ...]:
    return facts.quarantine, facts.differences, facts.reports_held, facts.reports_received


def _money(facts: Today, now: datetime) -> Iterator[QueueItem]:
    """What touches money comes first."""
    quarantine, differences = facts.quarantine, facts.differences
    if quarantine.count:
        yield _item(
            _count(quarantine.count, "payment differs from its gift", "payments differ from their gifts"),
            "/staff/quarantine",
            ("kept out of the total until somebody decides", "look at each soon: the donor was charged"),
            quarantine,
            now,
        )
    if differences.count:
        yield _item(
            _count(differences.count, "difference", "differences") + " between Stripe, the bank and the books",
            "/staff/reconciliation",
            ("each opens to what both sides say",),
            differences,
            now,
        )
    lines = sum(bank.open_lines for bank in facts.banks)
    if lines:
        sums: dict[str, int] = {}
        for bank in facts.banks:
            sums[bank.account.currency] = sums.get(bank.account.currency, 0) + bank.open_minor
        oldest = min((bank.last_day for bank in facts.banks if bank.open_lines and bank.last_day), default=None)
        since = datetime.combine(oldest, time(), UTC) if oldest is not None else now
        title = _count(lines, "line on a bank statement has", "lines on bank statements have")
        pile = Pile(lines, since, {currency: abs(minor) for currency, minor in sums.items() if minor})
        names = ", ".join(bank.account.name for bank in facts.banks if bank.open_lines)
        yield _item(f"{title} no match with a payout", "/staff/statements", (names,), pile, now)
    if facts.reports_held.count:
        title = _count(facts.reports_held.count, "partner’s report raises", "partners’ reports raise")
        yield _item(f"{title} a question", "/staff/partners", ("not in any total yet",), facts.reports_held, now)
    if facts.reports_received.count:
        title = _count(facts.reports_received.count, "partner’s report waits", "partners’ reports wait")
        yield _item(
            f"{title} to be accepted", "/staff/partners", ("not in any total yet",), facts.reports_received, now
        )


def _machines(facts: Today, jobs: JobStates, now: datetime, *, has_mail: bool) -> Iterator[QueueItem]:
    failed = [name for name, state in jobs.states.items() if state.tone == "wrong"]
    if failed:
        title = _count(len(failed), "job", "jobs") + " failed when last run"
        yield _plain(title, "/staff/jobs", ", ".join(failed))
    waits = facts.beside
    late = [name for name, state in jobs.states.items() if state.tone == "needs_you"]
    if not jobs.is_run:
        yield _plain(
            "Nobody runs the timetable",
            "/staff/jobs",
            "gifts settle late until somebody does",
            "start fundraise jobs serve, or set FUNDRAISE_JOBS_IN_WEB to true",
        )
    elif late:
        title = _count(len(late), "job has", "jobs have") + " not run when due"
        yield _plain(title, "/staff/jobs", ", ".join(late))
    if waits.oldest_notice is not None and now - waits.oldest_notice > _UNHEARD:
        age = _since(waits.oldest_notice, now)
        yield _plain("Stripe’s messages wait to be acted on", "/staff/jobs/inbox", "gifts show late", since=age)
    if waits.notices_dead:
        title = _count(waits.notices_dead, "message", "messages") + " of Stripe’s given up after eight tries"
        yield _plain(title, "/staff/jobs/inbox")
    if waits.letters_dead:
        title = _count(waits.letters_dead, "letter", "letters") + " could not be delivered"
        yield _plain(title, "/staff/jobs/outbox", waits.last_letter_error[:160])
    if not has_mail:
        count = _count(waits.letters_waiting, "letter waits", "letters wait")
        setting = "set FUNDRAISE_MAIL_URL and FUNDRAISE_MAIL_FROM; nothing is lost until then"
        yield _plain("No mail is set up, so no receipt is sent", "/staff/jobs/outbox", count, setting)


def _accounts(facts: Today, now: datetime) -> Iterator[QueueItem]:
    for state in facts.accounts:
        name, run = f"{state.body.name}’s Stripe account", state.run
        if run is None:
            made = state.account.created_at
            if now - made > _UNRECONCILED:
                yield _plain(f"{name} was never reconciled", "/staff/jobs/reconcile", since=_since(made, now))
        elif run.state == RunState.FAILED:
            ended = _since(run.finished_at, now)
            yield _plain(f"{name} could not be reconciled", "/staff/reconciliation", run.error[:160], since=ended)
        elif now - run.finished_at > _UNRECONCILED:
            ended = _since(run.finished_at, now)
            yield _plain(f"{name} was not reconciled lately", "/staff/jobs/reconcile", since=ended)
    for bank in facts.banks:
        end = _statement_end(bank)
        if end is not None and now - end > _NO_STATEMENT:
            title = f"{bank.account.name} has no newer statement"
            yield _plain(title, f"/staff/statements/{bank.account.name}", since=_since(end, now))


def _setup(facts: Today) -> Iterator[QueueItem]:
    """Lead a fresh installation on to its first gift."""
    if not facts.bodies:
        yield _plain(
            "Begin here: add the charity that receives the gifts",
            "/staff/charities/new",
            "its legal name, number and regulator stand on receipts",
            "then connect its Stripe account",
        )
        return
    for body in facts.without_account:
        title = f"{body.name} has no Stripe account, and a campaign needs one"
        yield _plain(title, f"/staff/charities/{body.slug}")
    if not facts.accounts and not facts.without_account:
        yield _plain("Next: connect a charity’s Stripe account", "/staff/charities")
    if not facts.campaigns:
        first = "first the appeal it is part of, then the campaign itself"
        yield _plain("Then make the first campaign", "/staff/appeals", first)


def _stripe_light(state: AccountState, now: datetime) -> Light:
    name = f"Stripe, {state.body.name}" + ("" if state.account.livemode else " (test)")
    run = state.run
    if run is None:
        status = Status(word="Not looked at yet", tone="quiet")
        return _light(name, "/staff/reconciliation", status, "Connected", state.account.created_at, now)
    if run.state == RunState.FAILED:
        status = Status(word="Could not be asked", tone="wrong")
    elif state.open_differences:
        word = _count(state.open_differences, "difference", "differences")
        status = Status(word=word, tone="wrong")
    elif now - run.finished_at > _UNRECONCILED:
        status = Status(word="Not looked at lately", tone="needs_you")
    else:
        status = _AGREES
    return _light(name, "/staff/reconciliation", status, "Compared", run.finished_at, now)


def _bank_light(bank: AccountFacts) -> Light:
    name, href = f"Bank, {bank.account.name} ({bank.account.currency})", f"/staff/statements/{bank.account.name}"
    ended = _statement_end(bank)
    if ended is None:
        status = Status(word="No statement yet", tone="quiet")
        made = bank.account.created_at
        return Light(name=name, href=href, status=status, sentence="Added on", since=_on_day(made))
    if bank.open_lines:
        word = _count(bank.open_lines, "line", "lines") + " without a match"
        return Light(
            name=name,
            href=href,
            status=Status(word=word, tone="needs_you"),
            sentence="Statement up to",
            since=_on_day(ended),
        )
    return Light(name=name, href=href, status=_AGREES, sentence="Statement up to", since=_on_day(ended))


def _statement_end(bank: AccountFacts) -> datetime | None:
    if bank.last_file is None:
        return None
    if bank.last_file.to_date is None:
        return bank.last_file.imported_at
    return datetime.combine(bank.last_file.to_date, time(), UTC)


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
        said.append(_count(len(agreed), "Stripe account agrees", "Stripe accounts agree"))
    matched = [bank for bank in facts.banks if bank.last_file is not None and not bank.open_lines]
    if matched:
        said.append(_count(len(matched), "bank account is matched", "bank accounts are matched"))
    line = "; ".join(said)
    return (f"{line[:1].upper()}{line[1:]}.",) if said else ()


def _item(title: str, href: str, reasons: tuple[str, ...], pile: Pile, now: datetime) -> QueueItem:
    return QueueItem(title=title, href=href, reasons=reasons, age=_since(pile.oldest or now, now), amount=_sums(pile))


def _plain(title: str, href: str, *reasons: str, since: Moment | None = None) -> QueueItem:
    return QueueItem(title=title, href=href, reasons=tuple(reason for reason in reasons if reason), age=since)


def _sums(*piles: Pile) -> str:
    sums: dict[str, int] = {}
    for pile in piles:
        for currency, minor in pile.sums.items():
            sums[currency] = sums.get(currency, 0) + minor
    return " and ".join(money.show(Money(minor, currency)) for currency, minor in sorted(sums.items()))


def _count(number: int, one: str, many: str) -> str:
    return f"1 {one}" if number == 1 else f"{number:,} {many}"


def _age(moment: datetime, now: datetime) -> str:
    age = times.age(moment, now)
    return "a moment" if age == "just now" else age


def _since(moment: datetime, now: datetime) -> Moment:
    age = times.age(moment, now)
    text = age if age == "just now" else f"{times.day(moment)}, {age}"
    return Moment(text=text, iso=times.iso(moment))


def _ago(moment: datetime, now: datetime) -> Moment:
    age = times.age(moment, now)
    return Moment(text=age if age == "just now" else f"{age} ago", iso=times.iso(moment))


def _on_day(moment: datetime) -> Moment:
    return Moment(text=times.day(moment), iso=moment.date().isoformat())


def _clock(now: datetime) -> Moment:
    return Moment(text=times.clock(now), iso=times.iso(now))
