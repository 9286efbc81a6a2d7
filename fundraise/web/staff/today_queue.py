"""What needs a person today, most pressing first: each thing by name, with where it is done."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

from fundraise import money, times
from fundraise.figures.statements import AccountFacts
from fundraise.figures.today import Pile, Today
from fundraise.flows.question_accepted import Doubt
from fundraise.job_runs import JobRun
from fundraise.money import Money
from fundraise.reconciliation.tables import RunState
from fundraise.views.parts import Moment, Status
from fundraise.views.staff_parts import QueueItem

# A nightly run that did not come, and a statement that did not.
UNRECONCILED: Final = timedelta(hours=36)
_NO_STATEMENT: Final = timedelta(days=35)
_UNHEARD: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class JobStates:
    """How each job stands, whether anybody runs the timetable, and the newest check of the books."""

    states: Mapping[str, Status]
    is_run: bool
    checked: JobRun | None


def queue_of(
    facts: Today, doubts: Sequence[Doubt], jobs: JobStates, now: datetime, *, has_mail: bool
) -> tuple[QueueItem, ...]:
    """List what needs a person; what touches money comes first."""
    return (
        *_money(facts, now),
        *_partners(facts, doubts, now),
        *_setup(facts),
        *_machines(facts, jobs, now, has_mail=has_mail),
        *_accounts(facts, now),
    )


def _money(facts: Today, now: datetime) -> Iterator[QueueItem]:
    quarantine, differences = facts.quarantine, facts.differences
    if quarantine.count:
        yield _item(
            counted(quarantine.count, "payment differs from its gift", "payments differ from their gifts"),
            "/staff/quarantine",
            ("kept out of the total until somebody decides", "look at each soon: the donor was charged"),
            quarantine,
            now,
        )
    if differences.count:
        yield _item(
            counted(differences.count, "difference", "differences") + " between Stripe, the bank and the books",
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
        title = counted(lines, "line on a bank statement has", "lines on bank statements have")
        pile = Pile(lines, since, {currency: abs(minor) for currency, minor in sums.items() if minor})
        names = ", ".join(bank.account.name for bank in facts.banks if bank.open_lines)
        yield _item(f"{title} no match with a payout", "/staff/statements", (names,), pile, now)


def _partners(facts: Today, doubts: Sequence[Doubt], now: datetime) -> Iterator[QueueItem]:
    if doubts:
        title = counted(len(doubts), "accepted figure does not fit", "accepted figures do not fit")
        names = ", ".join(doubt.partner.name for doubt in doubts)
        since = _since(doubts[0].since, now)
        yield _plain(f"{title} what was passed on", "/staff/partners", names, since=since)
    if facts.reports_held.count:
        title = counted(facts.reports_held.count, "partner’s report raises", "partners’ reports raise")
        yield _item(f"{title} a question", "/staff/partners", ("not in any total yet",), facts.reports_held, now)
    if facts.reports_received.count:
        title = counted(facts.reports_received.count, "partner’s report waits", "partners’ reports wait")
        yield _item(
            f"{title} to be accepted", "/staff/partners", ("not in any total yet",), facts.reports_received, now
        )


def _machines(facts: Today, jobs: JobStates, now: datetime, *, has_mail: bool) -> Iterator[QueueItem]:
    failed = [name for name, state in jobs.states.items() if state.tone == "wrong"]
    if failed:
        title = counted(len(failed), "job", "jobs") + " failed when last run"
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
        title = counted(len(late), "job has", "jobs have") + " not run when due"
        yield _plain(title, "/staff/jobs", ", ".join(late))
    if waits.oldest_notice is not None and now - waits.oldest_notice > _UNHEARD:
        age = _since(waits.oldest_notice, now)
        yield _plain("Stripe’s messages wait to be acted on", "/staff/jobs/inbox", "gifts show late", since=age)
    if waits.notices_dead:
        title = counted(waits.notices_dead, "message", "messages") + " of Stripe’s given up after eight tries"
        yield _plain(title, "/staff/jobs/inbox")
    if waits.letters_dead:
        title = counted(waits.letters_dead, "letter", "letters") + " could not be delivered"
        yield _plain(title, "/staff/jobs/outbox", waits.last_letter_error[:160])
    if not has_mail:
        count = counted(waits.letters_waiting, "letter waits", "letters wait")
        setting = "set FUNDRAISE_MAIL_URL and FUNDRAISE_MAIL_FROM; nothing is lost until then"
        yield _plain("No mail is set up, so no receipt is sent", "/staff/jobs/outbox", count, setting)


def _accounts(facts: Today, now: datetime) -> Iterator[QueueItem]:
    for state in facts.accounts:
        name, run = f"{state.body.name}’s Stripe account", state.run
        if run is None:
            made = state.account.created_at
            if now - made > UNRECONCILED:
                yield _plain(f"{name} was never reconciled", "/staff/jobs/reconcile", since=_since(made, now))
        elif run.state == RunState.FAILED:
            ended = _since(run.finished_at, now)
            yield _plain(f"{name} could not be reconciled", "/staff/reconciliation", run.error[:160], since=ended)
        elif now - run.finished_at > UNRECONCILED:
            ended = _since(run.finished_at, now)
            yield _plain(f"{name} was not reconciled lately", "/staff/jobs/reconcile", since=ended)
    for bank in facts.banks:
        end = statement_end(bank)
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


def _item(title: str, href: str, reasons: tuple[str, ...], pile: Pile, now: datetime) -> QueueItem:
    return QueueItem(
        title=title, href=href, reasons=reasons, age=_since(pile.oldest or now, now), amount=sums_said(pile)
    )


def _plain(title: str, href: str, *reasons: str, since: Moment | None = None) -> QueueItem:
    return QueueItem(title=title, href=href, reasons=tuple(reason for reason in reasons if reason), age=since)


def sums_said(*piles: Pile) -> str:
    """Return what piles sum to, by currency."""
    sums: dict[str, int] = {}
    for pile in piles:
        for currency, minor in pile.sums.items():
            sums[currency] = sums.get(currency, 0) + minor
    return " and ".join(money.show(Money(minor, currency)) for currency, minor in sorted(sums.items()))


def counted(number: int, one: str, many: str) -> str:
    """Return a number with its noun."""
    return f"1 {one}" if number == 1 else f"{number:,} {many}"


def _since(moment: datetime, now: datetime) -> Moment:
    age = times.age(moment, now)
    text = age if age == "just now" else f"{times.day(moment)}, {age}"
    return Moment(text=text, iso=times.iso(moment))


def statement_end(bank: AccountFacts) -> datetime | None:
    """Return until when an account's newest statement goes; None without one."""
    if bank.last_file is None:
        return None
    if bank.last_file.to_date is None:
        return bank.last_file.imported_at
    return datetime.combine(bank.last_file.to_date, time(), UTC)
