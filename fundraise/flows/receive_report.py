"""A partner's report comes in: kept with its very bytes, once, and held where it raises a question."""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from sqlmodel import Session, col, select

from fundraise.appeals.tables import Appeal
from fundraise.db import note
from fundraise.errors import Conflict, Refusal, TooMany
from fundraise.flows.question_report import Question, kept, questions_of, raised
from fundraise.partners.figure import Figure
from fundraise.partners.questions import count_open, report_by_key, report_of, steps_of
from fundraise.partners.tables import Partner, PartnerReport, ReportFile, ReportState, ReportStep
from fundraise.parts import Parts
from fundraise.staff.rules import note_act
from fundraise.text import TextError, clean_line, clean_text

LARGEST_EVIDENCE_BYTES: Final = 5 * 1024 * 1024
_LONGEST_NOTE: Final = 1000
MOST_OPEN: Final = 50


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file that shows a figure."""

    name: str
    raw: bytes
    is_public: bool = False


@dataclass(frozen=True, slots=True)
class SentFigure:
    """A figure as it was sent, with its very bytes; `key` is the same each time the same report is sent."""

    figure: Figure
    raw: bytes
    key: str | None = None
    file: EvidenceFile | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a report as it came in, the same however often it is asked under one key."""

    report_id: int
    state: str
    questions: tuple[Question, ...]
    sha256: str


def receive_report(parts: Parts, partner_id: int, sent: SentFigure, *, came_by: str, by: str = "") -> Received:
    """Keep a report; `came_by` is link, api or staff, and `by` the staff member who typed it in.

    The same key with the same content answers what it answered before; with other content it is a `Conflict`. Raises
    `TooMany` where `MOST_OPEN` reports of the partner wait already: a program gone wild fills no table and no desk.
    """
    figure, file = sent.figure, sent.file
    with parts.db.write("receive report") as session:
        partner = _held(session, partner_id)
        before = report_by_key(session, partner_id, sent.key) if sent.key is not None else None
        if before is not None:
            return _again(session, before, sent.raw)
        if not by and count_open(session, partner_id) >= MOST_OPEN:
            raise TooMany(f"{MOST_OPEN} figures wait to be looked at. Please send the next one when that is done.")
        now = parts.clock.now()
        report = PartnerReport(
            partner_id=partner_id,
            stage=figure.stage,
            amount_minor=figure.amount_minor,
            currency=figure.currency,
            as_of=figure.as_of,
            gross_or_net=figure.gross_or_net,
            gift_aid=figure.gift_aid,
            our_transfers=figure.our_transfers,
            evidence=figure.evidence,
            submitted_by=figure.submitted_by,
            came_by=came_by,
            raw=sent.raw,
            raw_sha256=sha256(sent.raw).hexdigest(),
            idempotency_key=sent.key,
            submitted_at=now,
            state=ReportState.RECEIVED,
        )
        appeal = session.get_one(Appeal, partner.appeal_id)
        with session.no_autoflush:
            questions = raised(session, appeal, partner, report, now.date())
        report.questions = kept(questions)
        report.state = ReportState.HELD if questions else ReportState.RECEIVED
        session.add(report)
        session.flush()
        if file is not None and file.raw:
            digest = sha256(file.raw).hexdigest()
            name = _file_name(file.name)
            session.add(
                ReportFile(report_id=report.id, name=name, raw=file.raw, sha256=digest, is_public=file.is_public)
            )
        if by:
            note_act(session, what=f"typed in report {report.id}", about=f"partner:{partner_id}", by=by, at=now)
        by = by or figure.submitted_by or partner.name
        first = ReportStep(report_id=report.id, step=report.state, at=now, by=by[:120], note=report.questions)
        session.add(first)
        note(session, "reports")
        return Received(report.id, report.state, tuple(questions), report.raw_sha256)


def answer_question(
    parts: Parts, partner_id: int, report_id: int, code: str, answer: str, typed_note: str, *, by: str
) -> None:
    """Keep the answer to a question about a report; when none is open any more, the report goes on to staff.

    Raises `NotFound`, `Conflict` for what is not asked (any more), and `Refusal` for an answer that says nothing.
    """
    try:
        said = clean_text(typed_note, longest=_LONGEST_NOTE)
        by = clean_line(by, longest=120)
    except TextError as problem:
        raise Refusal(str(problem), field="note") from None
    with parts.db.write("answer question") as session:
        partner = _held(session, partner_id)
        report = report_of(session, partner_id, report_id)
        session.refresh(report)
        questions = questions_of(report)
        place = next((at for at, each in enumerate(questions) if each.code == code and each.is_open), None)
        if report.state != ReportState.HELD or place is None or questions[place].kind.is_blocking:
            raise Conflict("This question is not open any more.")
        asked = questions[place]
        _refuse_empty(asked, answer, said)
        questions[place] = Question(asked.code, asked.says, answer, said)
        report.questions = kept(questions)
        if not any(each.is_open for each in questions):
            report.state = ReportState.RECEIVED
        session.add(report)
        words = asked.kind.answers.get(answer, "")
        about = f"{asked.says} {words}{': ' if words and said else ''}{said}"
        now = parts.clock.now()
        session.add(ReportStep(report_id=report.id, step="answered", at=now, by=(by or partner.name)[:120], note=about))
        note(session, "reports")


def _refuse_empty(asked: Question, answer: str, said: str) -> None:
    if asked.kind.answers and answer not in asked.kind.answers:
        raise Refusal("Please choose an answer.", field="answer")
    if (answer in asked.kind.takes_words or not asked.kind.answers) and not said:
        raise Refusal("Please say it in a sentence.", field="note")


def _held(session: Session, partner_id: int) -> Partner:
    """Lock the partner, so that its reports come in and are answered one after the other."""
    statement = select(Partner).where(col(Partner.id) == partner_id).with_for_update()
    return session.exec(statement.execution_options(populate_existing=True)).one()


def _again(session: Session, before: PartnerReport, raw: bytes) -> Received:
    if json.loads(before.raw) != json.loads(raw):
        raise Conflict("This key was used for another report already.", code="idempotency_key_reused")
    first = steps_of(session, before.id)[0]
    questions = tuple(Question(**each) for each in json.loads(first.note))
    return Received(before.id, first.step, questions, before.raw_sha256)


def _file_name(name: str) -> str:
    try:
        return clean_line(name.replace("\\", "/").rpartition("/")[2], longest=120) or "evidence"
    except TextError:
        return "evidence"
