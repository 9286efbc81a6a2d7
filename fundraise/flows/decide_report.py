"""A staff member decides on a report: accept, ask, refuse. What is accepted counts at once, and only then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from fundraise.appeals.holding import hold_figures
from fundraise.appeals.tables import Appeal
from fundraise.db import note
from fundraise.errors import Conflict, Refusal
from fundraise.flows.count_partner import freeze, part_of, recount
from fundraise.flows.question_report import Question, kept, questions_of, raised
from fundraise.money import Money
from fundraise.partners.questions import counted_report, open_reports, report_by_id
from fundraise.partners.rules import Part, change
from fundraise.partners.tables import Partner, PartnerReport, ReportState, ReportStep
from fundraise.parts import Parts
from fundraise.staff.rules import note_act
from fundraise.text import TextError, clean_line

_OPEN = frozenset({ReportState.HELD, ReportState.RECEIVED})
_LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class InTheWay:
    """What stands in the way of accepting a report as things are now.

    `obstacle` is why no reason would help, "" for nothing; `unanswered` are questions that take a reason.
    """

    obstacle: str
    unanswered: Sequence[Question]


@dataclass(frozen=True, slots=True)
class Effect:
    """What accepting a report would do, in the partner's own currency and, where there is a rate, in the appeal's."""

    part: Part
    changed_minor: int
    display_minor: int | None
    factor: str
    sheet_id: int | None


def accept_report(parts: Parts, report_id: int, *, by: str, why: str = "") -> None:
    """Let a report count. One with open questions takes a reason; one that only another figure can answer is refused.

    Raises `Conflict` when it was decided already, or when what was accepted meanwhile raises a new question: then the
    report is held with it.
    """
    reason = _line(why)
    with parts.db.write("accept report") as session:
        appeal, partner, report, moment = _held(session, report_id, parts.clock.now())
        _refuse_decided(report)
        now_raised = raised(session, appeal, partner, report, moment.date())
        weighed = _in_the_way(report, now_raised)
        if weighed.obstacle:
            raise Conflict(weighed.obstacle)
        known = {each.code for each in questions_of(report)}
        new = [each for each in now_raised if each.code not in known]
        if new:
            _hold(session, report, new, moment)
        else:
            if weighed.unanswered and not reason:
                says = weighed.unanswered[0].says
                raise Refusal(f"{says} Please say why it may count all the same.", field="note")
            _accept(session, appeal, partner, report, moment, by=by, reason=reason)
    if new:
        raise Conflict(f"Something has changed since this report came in. {new[0].says} {new[0].kind.asks}")


def refuse_report(parts: Parts, report_id: int, *, by: str, why: str) -> None:
    """Refuse a report for good, with a reason; the partner may send another."""
    reason = _line(why)
    if not reason:
        raise Refusal("Please say why; the partner reads it.", field="note")
    with parts.db.write("refuse report") as session:
        _, _, report, moment = _held(session, report_id, parts.clock.now())
        _refuse_decided(report)
        _step(session, report, ReportState.REJECTED, moment, by=by, reason=reason)
        _noted(session, report, "refused", by, moment)


def ask_about_report(parts: Parts, report_id: int, *, by: str, question: str) -> None:
    """Hold a report with a question of one's own; the partner answers on its link."""
    asked = _line(question)
    if not asked:
        raise Refusal("Please write the question.", field="note")
    with parts.db.write("ask about report") as session:
        _, _, report, moment = _held(session, report_id, parts.clock.now())
        _refuse_decided(report)
        questions = [each for each in questions_of(report) if each.code != "staff" or not each.is_open]
        report.questions = kept([*questions, Question("staff", asked)])
        _step(session, report, ReportState.HELD, moment, by=by, reason=asked)
        _noted(session, report, "asked about", by, moment)


def in_the_way(session: Session, appeal: Appeal, partner: Partner, report: PartnerReport, now: datetime) -> InTheWay:
    """Return what stands in the way of accepting a report now."""
    return _in_the_way(report, raised(session, appeal, partner, report, now.date()))


def effect_of(session: Session, appeal: Appeal, partner: Partner, report: PartnerReport) -> Effect | None:
    """Return what accepting would do now; None while that cannot be told."""
    if report.currency != partner.currency:
        return None
    part = part_of(session, appeal, partner, report)
    if part is None:
        return None
    changed = change(session, partner.id, part).own_minor
    frozen = freeze(session, appeal, Money(changed, partner.currency), report.as_of)
    return Effect(part, changed, frozen.display_minor, frozen.factor, frozen.sheet_id)


def _held(session: Session, report_id: int, now: datetime) -> tuple[Appeal, Partner, PartnerReport, datetime]:
    """Hold the appeal, then look at the report again: whoever else decides on it waits here."""
    partner = session.get_one(Partner, report_by_id(session, report_id).partner_id)
    appeal, moment = hold_figures(session, partner.appeal_id, now)
    session.exec(select(Partner).where(col(Partner.id) == partner.id).with_for_update()).one()
    statement = select(PartnerReport).where(col(PartnerReport.id) == report_id)
    return appeal, partner, session.exec(statement.execution_options(populate_existing=True)).one(), moment


def _refuse_decided(report: PartnerReport) -> None:
    if report.state not in _OPEN:
        words = {"accepted": "accepted", "rejected": "refused", "superseded": "replaced by a later one"}
        raise Conflict(f"This report was {words[report.state]} already.")


def _in_the_way(report: PartnerReport, now_raised: Sequence[Question]) -> InTheWay:
    """Weigh what is asked now, and what the partner itself said is not to count as it is, unless that was put right."""
    known, still = questions_of(report), {each.code for each in now_raised}
    obstacles = [f"{each.says} {each.kind.asks}" for each in now_raised if each.kind.is_blocking]
    obstacles += [
        f"{each.says} The partner says: {each.kind.answers[each.answer]}."
        for each in known
        if each.code in still and each.answer in each.kind.sends_again
    ]
    unanswered = [
        each
        for each in known
        if not each.kind.is_blocking and (each.is_open or (each.code in still and each.answer in each.kind.leaves_open))
    ]
    return InTheWay(obstacles[0] if obstacles else "", unanswered)


def _hold(session: Session, report: PartnerReport, new: list[Question], moment: datetime) -> None:
    report.questions = kept([*questions_of(report), *new])
    _step(session, report, ReportState.HELD, moment, by="the checks", reason=" ".join(each.says for each in new))


def _accept(
    session: Session, appeal: Appeal, partner: Partner, report: PartnerReport, moment: datetime, *, by: str, reason: str
) -> None:
    before = counted_report(session, partner.id)
    replaced = [
        other for other in open_reports(session, partner.id) if other.id < report.id and other.as_of <= report.as_of
    ]
    for other in [*([before] if before is not None else []), *replaced]:
        _step(session, other, ReportState.SUPERSEDED, moment, by=by, reason=f"report {report.id} was accepted")
    report.accepted_at = moment
    _step(session, report, ReportState.ACCEPTED, moment, by=by, reason=reason)
    session.flush()
    recount(session, appeal, partner, moment, why=f"report {report.id} accepted")
    _noted(session, report, "accepted", by, moment)


def _step(
    session: Session, report: PartnerReport, state: ReportState, moment: datetime, *, by: str, reason: str
) -> None:
    report.state = state
    session.add(report)
    session.add(ReportStep(report_id=report.id, step=state, at=moment, by=by[:120], note=reason))
    note(session, "reports")


def _noted(session: Session, report: PartnerReport, what: str, by: str, moment: datetime) -> None:
    note_act(session, what=f"{what} report {report.id}", about=f"partner:{report.partner_id}", by=by, at=moment)


def _line(typed: str) -> str:
    try:
        return clean_line(typed, longest=_LONGEST_NOTE)
    except TextError as problem:
        raise Refusal(str(problem), field="note") from None
