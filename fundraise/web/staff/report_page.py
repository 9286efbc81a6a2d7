"""The page about one report, made out of what is known: what it says, what was asked, what accepting it does."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from sqlmodel import Session

from fundraise import money, times
from fundraise.appeals.tables import Appeal, Stage
from fundraise.figures.combined import combined_total
from fundraise.flows.count_partner import figure_minor, listed
from fundraise.flows.decide_report import Effect, InTheWay, effect_of, in_the_way
from fundraise.flows.question_report import Question, questions_of
from fundraise.money import Money
from fundraise.partners.questions import counted_report, file_of, report_by_id, steps_of
from fundraise.partners.tables import Partner, PartnerReport, ReportState
from fundraise.showing import values as showing
from fundraise.showing.appeal_lines import rate_words
from fundraise.views.parts import Evidence
from fundraise.views.staff_partner_pages import StaffReportPage
from fundraise.views.staff_parts import Answer, Comparison, Fact, Happening, PostAction, StaffFrame
from fundraise.web.staff.partner_page import HOME, STATUS

_OPEN: Final = frozenset({ReportState.HELD, ReportState.RECEIVED})
_WAYS: Final = {"link": "its report link", "api": "its own program", "staff": "staff"}
_BASES: Final = {"gross": "before card fees", "net": "after card fees", "unknown": "not known"}
_WHATS: Final = ("Figure", "As of", "Stage", "Card fees", "Tax relief in it", "Money from other participants")
_STEPS: Final = {
    "held": "Held with a question",
    "received": "Came in",
    "answered": "Answered",
    "accepted": "Accepted",
    "rejected": "Refused",
    "superseded": "Replaced",
}


def report_page(session: Session, frame: StaffFrame, report_id: int, now: datetime) -> StaffReportPage:
    """Make the page of a report; `NotFound`."""
    report = report_by_id(session, report_id)
    partner = session.get_one(Partner, report.partner_id)
    appeal = session.get_one(Appeal, partner.appeal_id)
    questions = questions_of(report)
    file = file_of(session, report.id)
    is_open = report.state in _OPEN
    effect = effect_of(session, appeal, partner, report) if is_open else None
    weighed = in_the_way(session, appeal, partner, report, now) if is_open else InTheWay("", ())
    return StaffReportPage(
        frame=frame,
        title=f"{partner.name} reports {money.show(Money(report.amount_minor, report.currency))}",
        status=STATUS[report.state],
        answer=_does(session, appeal, report, effect, weighed, now) if is_open else _did(session, report),
        comparisons=tuple(_comparisons(session, report)),
        questions=tuple(_asked(each) for each in questions),
        evidence=tuple(_evidence(report, file.name if file else "", file.sha256 if file else "")),
        facts=(
            Fact(label="Partner", value=partner.name, href=f"{HOME}/{partner.slug}"),
            Fact(label="Number", value=str(report.id)),
            *(Fact(label=what, value=said) for what, said in zip(_WHATS, _said(report), strict=True)),
            Fact(label="Came in", value=times.full(report.submitted_at)),
            Fact(
                label="By", value=f"{_WAYS[report.came_by]}{', ' + report.submitted_by if report.submitted_by else ''}"
            ),
            Fact(label="As it came", value=report.raw_sha256, href=f"/staff/reports/{report.id}/raw", is_code=True),
        ),
        obstacle=weighed.obstacle,
        actions=_actions(report, weighed) if is_open else (),
        history=tuple(
            Happening(when=showing.at(step.at), what=_step(step.step, step.note), who=step.by)
            for step in reversed(steps_of(session, report.id))
        ),
    )


def _does(
    session: Session, appeal: Appeal, report: PartnerReport, effect: Effect | None, weighed: InTheWay, now: datetime
) -> Answer:
    if effect is None or weighed.obstacle:
        return Answer(sentence="It cannot be accepted as it stands: see what the checks ask.", tone="needs_you")
    changed = money.show(Money(abs(effect.changed_minor), report.currency))
    verb = "rises" if effect.changed_minor >= 0 else "falls"
    if not effect.changed_minor:
        return Answer(sentence="Accepting it changes no amount; the figure gets a later day.", tone="needs_you")
    if effect.display_minor is None:
        return Answer(
            sentence=f"Accepting it adds {changed}, which waits: there is no rate yet for {report.currency}.",
            tone="needs_you",
        )
    total = combined_total(session, appeal, now)
    after = total.collected + Money(effect.display_minor, appeal.currency)
    words = rate_words(session, [(effect.sheet_id, report.currency)], appeal.currency)
    rate = words.rate(effect.sheet_id, report.currency, appeal.currency)
    stage = "The total" if total.stage is Stage.COLLECTED else "What was collected"
    return Answer(
        sentence=f"{stage} {verb} by {money.show(Money(abs(effect.display_minor), appeal.currency))} "
        f"to {money.show(after)}.",
        detail=f"{changed} {'more' if effect.changed_minor >= 0 else 'less'}"
        + (f" at {rate} ({words.source(effect.sheet_id)})." if rate else "; no conversion is needed.")
        + _left_out(report, effect),
        tone="needs_you",
    )


def _left_out(report: PartnerReport, effect: Effect) -> str:
    if not effect.part.less_minor:
        return ""
    return f" {money.show(Money(effect.part.less_minor, report.currency))} in the figure came from other participants."


def _did(session: Session, report: PartnerReport) -> Answer:
    step = next((step for step in reversed(steps_of(session, report.id)) if step.step == report.state), None)
    who = f" by {step.by} on {times.day(step.at)}" if step is not None else ""
    why = f" {step.note}" if step is not None and step.note else ""
    word = STATUS[report.state].word
    tone = "settled" if report.state == ReportState.ACCEPTED else "quiet"
    return Answer(sentence=f"{word}{who}.", detail=why.strip(), tone=tone)  # type: ignore[arg-type]


def _comparisons(session: Session, report: PartnerReport) -> Iterator[Comparison]:
    """Set a report beside the one that counts; nothing for a first report."""
    last = counted_report(session, report.partner_id)
    if last is None or last.id == report.id:
        return
    for what, then, now in zip(_WHATS, _said(last), _said(report), strict=True):
        yield Comparison(what=what, expected=then, got=now, differs=then != now)


def _said(report: PartnerReport) -> tuple[str, ...]:
    return (
        _amount(report),
        times.day_said(report.as_of),
        report.stage,
        _BASES[report.gross_or_net],
        _relief(report),
        _others(report),
    )


def _amount(report: PartnerReport) -> str:
    return money.show(Money(figure_minor(report), report.currency))


def _relief(report: PartnerReport) -> str:
    is_amount = report.gift_aid.isdigit()
    return money.show(Money(int(report.gift_aid), report.currency)) if is_amount else report.gift_aid


def _others(report: PartnerReport) -> str:
    named = listed(report)
    return ", ".join(sorted(named)) if named is not None else report.our_transfers


def _asked(question: Question) -> str:
    answer = ": ".join(part for part in (question.kind.answers.get(question.answer, ""), question.note) if part)
    if question.kind.is_blocking:
        return f"{question.says} {question.kind.asks}"
    return f"{question.says} The partner says: {answer}" if answer else f"{question.says} Not answered yet."


def _evidence(report: PartnerReport, file_name: str, file_sha256: str) -> Iterator[Evidence]:
    if report.evidence:
        is_address = report.evidence.startswith(("https://", "http://")) and " " not in report.evidence
        yield Evidence(text=report.evidence, href=report.evidence if is_address else "")
    if file_name:
        yield Evidence(text=file_name, href=f"/staff/reports/{report.id}/file", fingerprint=file_sha256[:8])


def _actions(report: PartnerReport, weighed: InTheWay) -> tuple[PostAction, ...]:
    address = f"/staff/reports/{report.id}"
    unanswered = bool(weighed.unanswered)
    accept = PostAction(
        action=f"{address}/accept",
        button="Accept it all the same" if unanswered else "Accept",
        kind="quiet" if unanswered else "action",
        question="A question is not answered. Why may it count?" if unanswered else "",
        note_label="Why" if unanswered else "",
        key="" if unanswered else "a",
    )
    ask = PostAction(
        action=f"{address}/ask", button="Ask", question="The partner answers on its link.", note_label="Question"
    )
    refuse = PostAction(
        action=f"{address}/refuse",
        button="Refuse",
        kind="grave",
        question="It will never count. The partner reads why.",
        note_label="Why",
    )
    return (ask, refuse) if weighed.obstacle else (accept, ask, refuse)


def _step(step: str, note: str) -> str:
    said = _STEPS.get(step, step)
    return f"{said}: {note}" if note and not note.startswith("[") else said
