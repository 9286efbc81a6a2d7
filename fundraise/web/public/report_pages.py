"""What a partner sees on its report link after it sent a figure: a question, and what became of it."""

from datetime import datetime
from typing import Final

from sqlmodel import Session

from fundraise import times
from fundraise.appeals.tables import Appeal
from fundraise.flows.count_partner import figure_minor
from fundraise.flows.question_report import Question, questions_of
from fundraise.money import Money
from fundraise.partners.questions import counted_report, file_of, steps_of
from fundraise.partners.tables import Partner, PartnerReport, ReportState
from fundraise.views.gift_pages import NextStep
from fundraise.views.partner_pages import ReportDonePage, ReportHeldPage
from fundraise.views.parts import Link, Option
from fundraise.views.staff_parts import Fact
from fundraise.web.report_form import Filled, converted_words, said_of

_MARK_LETTERS: Final = 12


def open_question(report: PartnerReport) -> Question | None:
    """Return the question that stands first; what can be answered in words comes before what takes another figure."""
    waiting = [each for each in questions_of(report) if each.is_open]
    return min(waiting, key=lambda each: each.kind.is_blocking, default=None)


def held_page(
    session: Session, partner: Partner, report: PartnerReport, question: Question, link: str, filled: Filled
) -> ReportHeldPage:
    """Make the page that asks one question."""
    appeal = session.get_one(Appeal, partner.appeal_id)
    counted = counted_report(session, partner.id)
    kind = question.kind
    says = question.says if not kind.asks else f"{question.says} {kind.asks}"
    facts = [Fact(label="Now", value=said_of(report))]
    if counted is not None and counted.id != report.id:
        facts.insert(0, Fact(label="Last time", value=said_of(counted)))
    return ReportHeldPage(
        partner=partner.name,
        appeal=Link(text=appeal.title, href=f"/a/{appeal.slug}"),
        question=says,
        facts=tuple(facts),
        action=f"{link}/{report.id}",
        token=question.code,
        back=Link(
            text="Type the figure again" if kind.is_blocking else "The figure was wrong: type it again", href=link
        ),
        answers=tuple(
            Option(value=value, text=text, is_chosen=value == filled.values.get("answer"))
            for value, text in kind.answers.items()
        ),
        note_label="" if kind.is_blocking else "In a sentence",
        is_note_optional=kind.is_answered_by_a_tick,
        note=filled.values.get("note", ""),
        errors=filled.errors,
    )


def done_page(session: Session, partner: Partner, report: PartnerReport, link: str) -> ReportDonePage:
    """Make the page that says what became of a figure."""
    appeal = session.get_one(Appeal, partner.appeal_id)
    steps = steps_of(session, report.id)
    last = next((step for step in reversed(steps) if step.step == report.state), steps[-1])
    said = said_of(report)
    heading, sentence = {
        ReportState.ACCEPTED: ("It counts", f"{said} was accepted on {times.day(last.at)}."),
        ReportState.REJECTED: (
            "Not accepted",
            f"{said} was not accepted: {last.note} Please send it again if need be.",
        ),
        ReportState.SUPERSEDED: ("Replaced", f"{said} was replaced by a later figure."),
    }.get(ReportState(report.state), ("Thank you", f"{said} has arrived. A person looks at it next."))
    waits = report.state == ReportState.RECEIVED
    file = file_of(session, report.id)
    day = datetime.combine(report.as_of, datetime.min.time())
    comes = converted_words(session, appeal, Money(figure_minor(report), report.currency), day).removeprefix("= ")
    facts = [
        Fact(label="Report", value=str(report.id)),
        Fact(label="Comes to", value=comes) if comes else None,
        Fact(label="Fingerprint of what you sent", value=report.raw_sha256[:_MARK_LETTERS], is_code=True),
        Fact(label="Fingerprint of your file", value=file.sha256[:_MARK_LETTERS], is_code=True) if file else None,
    ]
    return ReportDonePage(
        partner=partner.name,
        appeal=Link(text=appeal.title, href=f"/a/{appeal.slug}"),
        heading=heading,
        sentence=sentence,
        facts=tuple(fact for fact in facts if fact is not None),
        next_steps=(
            NextStep(when="Within a few days", what="A person looks at it and accepts it, or asks you."),
            NextStep(when="Then", what="It joins the total, with its day and its rate beside it."),
        )
        if waits
        else (),
        again=Link(text="Correct this figure" if waits else "Report a figure", href=link),
    )
