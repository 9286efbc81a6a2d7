"""What must be so of a life: at every look the sums, and at its end all that was told on the way."""

import hashlib
import json
import re
from collections.abc import Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from sqlmodel import Session, col, select

from fundraise import times
from fundraise.api.totals import moment_in, total_told
from fundraise.appeals.tables import Appeal
from fundraise.figures.combined import Combined, combined_total
from fundraise.flows.check_books import check_books
from fundraise.flows.question_accepted import doubts
from fundraise.partners.tables import Increment, PartnerReport, ReportStep
from fundraise.showing.appeal_lines import participant_lines
from fundraise.transfers.tables import Transfer
from tests.partners import plain_rules as rules
from tests.partners.fellowship import problems

if TYPE_CHECKING:
    from tests.partners.lives import Life

# What a change of a part may say of what brought it.
CAUSE = re.compile(
    r"report (?P<report>\d+) accepted|transfer (?P<transfer>\S+) (recorded|arrived|taken back)"
    r"|the rate came|the rate of a transfer came"
)


def sums_are_right(life: "Life", total: Combined) -> None:
    """Compare every figure of a total with what the rules say."""
    told = {"collected": total.collected, "remitted": total.remitted, "received": total.received}
    same({name: amount.minor for name, amount in told.items()}, life.rules.stages(), "the stages")
    same(total.amount.minor, told[life.stage].minor, "the headline")
    same(sum(line.display_minor for line in total.lines), total.amount.minor, "the sum of the lines")
    silent = [name for name in life.ids if name not in life.rules.accepted and name not in life.left]
    same(total.silent_partners, len(silent), "partners without a figure")
    found = {line.name: line for line in total.lines if line.partner is not None}
    shown = {name for name in life.rules.accepted if life.stands_in_the_headline(name)}
    same(set(found), shown, "the partners that are shown")
    for name, line in found.items():
        part, report = life.rules.parts[name], life.rules.accepted[name]
        same((line.amount_minor, line.less_minor), part, f"{name}’s figure and what is taken off it")
        same(line.display_minor, life.rules.shown(name), f"{name}’s share")
        same(line.waiting_minor, life.rules.waiting(name), f"what of {name} waits for a rate")
        assert line.partner is not None
        same(line.as_of, report.as_of, f"the day of {name}’s figure")
        same(line.partner.is_low, life.rules.is_low(name), f"whether {name} is called low")


def look_back(life: "Life") -> None:
    """Look back: the past is what it was, everything can be rebuilt, and each correction can be traced."""
    with life.parts.db.read() as session:
        appeal = life.appeal(session)
        for told in life.told:
            moment = moment_in(times.iso(told.moment), life.clock.now())
            then = combined_total(session, appeal, life.clock.now(), as_of=moment)
            same(signature(then), told.lines, f"the total as it was told at {times.iso(told.moment)}")
            if told.whole is not None:
                again = total_told(session, appeal, life.clock.now(), moment)
                same(again, told.whole, f"all that was told at {times.iso(told.moment)}")
        _is_rebuilt(life, total_told(session, appeal, life.clock.now(), None))
        _is_traced(life, session)
        _staleness_is_shown(life, session, appeal)
        doubted = {name for name in life.rules.accepted if life.rules.is_doubtful(name)}
        same({doubt.partner.slug for doubt in doubts(session)}, doubted, "whose figures do not fit the transfers")
        same([finding.message for finding in check_books(session)], [], "the checks of the books")


def _is_rebuilt(life: "Life", total: dict[str, Any]) -> None:
    same(problems(total), [], "the script that rebuilds the total")
    same(total["amount_minor"], life.rules.stages()[life.stage], "what was rebuilt")
    if total["lines"]:
        changed = deepcopy(total)
        line = life.dice.choice(changed["lines"])
        what = life.dice.choice(sorted(line))
        line[what] = line[what] + 1 if isinstance(line[what], int) else f"{line[what] or ''}1"
        assert problems(changed), f"the script does not see that {what} of a line was changed"
    for name in filter(life.stands_in_the_headline, life.rules.accepted):
        added = sum(line["display_minor"] for line in total["lines"] if line["participant"] == name)
        same(added, life.rules.shown(name), f"what the JSON’s lines of {name} add up to")


def _staleness_is_shown(life: "Life", session: Session, appeal: Appeal) -> None:
    """A partner that has been silent keeps its figure, and the page says since when; it is never shown as zero."""
    total = combined_total(session, appeal, life.clock.now())
    for shown, line in zip(participant_lines(session, appeal, total), total.lines, strict=True):
        if line.partner is None or line.waiting_minor or line.name in life.left:
            continue
        report, part = life.rules.accepted[line.name], life.rules.parts[line.name]
        days = (life.today - report.as_of).days
        old = f"No news since {times.day_said(report.as_of)}" if days > 30 else f"{days} days ago"
        silent = old if days > 1 else ""
        # All of it may have come from others: that is said before anything else.
        unclear = "Not clear yet" if life.rules.is_low(line.name) and part.figure == part.less > 0 else ""
        same(shown.mark.word if shown.mark is not None else "", unclear or silent, f"{line.name}’s mark")
        same(shown.as_of.iso, report.as_of.isoformat(), f"the day shown beside {line.name}")
        assert shown.amount, f"{line.name} is shown without its amount"


def _is_traced(life: "Life", session: Session) -> None:
    """Every report's bytes, and who did what to it when and why; every change of a part, and what brought it."""
    rows = {row.id: row for row in session.exec(select(PartnerReport))}
    steps: dict[int, list[ReportStep]] = {number: [] for number in rows}
    for step in session.exec(select(ReportStep).order_by(col(ReportStep.id))):
        steps[step.report_id].append(step)
    same(len(rows), len(life.came), "how many reports there are")
    for came in life.came:
        row, trace = rows[came.number], steps[came.number]
        same(row.raw, came.raw, "the bytes of a report")
        same(row.raw_sha256, hashlib.sha256(row.raw).hexdigest(), "a report’s fingerprint")
        same(row.state, came.report.state, f"where report {row.id} stands")
        same(trace[0].step, came.first.state, f"how report {row.id} came in")
        assert all(step.by for step in trace), f"something of report {row.id} was done by nobody"
        assert all(trace[place].at <= trace[place + 1].at for place in range(len(trace) - 1))
        last = trace[-1]
        if row.state not in rules.OPEN:
            same(last.step, row.state, f"what became of report {row.id} last")
        if row.state == "rejected":
            assert last.note, f"report {row.id} was refused, and nothing says why"
        if row.state == "superseded":
            later = next((rows[each] for each in rows if last.note == f"report {each} was accepted"), None)
            assert later is not None, f"report {row.id} was replaced, and nothing says by what: {last.note}"
            same(later.partner_id, row.partner_id, "whose report replaced it")
            assert any(step.step == "accepted" and step.at == last.at for step in steps[later.id])
        if any(step.step == "accepted" for step in trace):
            _was_answered(life, row, trace)
    _changes_are_traced(life, session, rows)


def _was_answered(life: "Life", row: PartnerReport, trace: list[ReportStep]) -> None:
    """What was accepted though it had been asked about has an answer, or the reason of whoever accepted it."""
    reason = next(step.note for step in trace if step.step == "accepted")
    for question in json.loads(row.questions):
        answered = question["answer"] or question["note"]
        settled = question["code"] in rules.BLOCKING  # It was asked until something else had changed.
        assert answered or reason or settled, f"report {row.id} counts, though {question['says']}"


def _changes_are_traced(life: "Life", session: Session, rows: Mapping[int, PartnerReport]) -> None:
    """A partner's changes follow one another, sum to its part, and each names the report or transfer it came from."""
    accepted = {step.report_id for step in session.exec(select(ReportStep).where(col(ReportStep.step) == "accepted"))}
    references = {transfer.reference for transfer in life.rules.transfers}
    for name, partner_id in life.ids.items():
        changes = session.exec(
            select(Increment).where(col(Increment.partner_id) == partner_id).order_by(col(Increment.id))
        ).all()
        sums, before = [0, 0], 0
        for change in changes:
            same(change.follows_id, before, f"what a change of {name} follows")
            before = change.id
            sums = [sums[0] + change.amount_minor, sums[1] + change.less_transfers_minor]
            same(rows[change.report_id].partner_id, partner_id, f"whose report is behind a change of {name}")
            cause = CAUSE.fullmatch(change.why)
            assert cause, f"a change of {name} does not say what brought it: {change.why}"
            report, transfer = cause.group("report"), cause.group("transfer")
            assert report is None or (int(report) == change.report_id and change.report_id in accepted), change.why
            assert transfer is None or transfer in references, change.why
        same(tuple(sums), tuple(life.rules.parts.get(name, (0, 0))), f"the sum of {name}’s changes")
    for row in session.exec(select(Transfer).where(col(Transfer.withdrawn_at).is_not(None))):
        assert row.withdrawn_by
        assert "took it back: typed twice" in row.note


def signature(total: Combined) -> tuple[object, ...]:
    """Return all that a total says but the moment it was asked."""
    stages = (total.amount, total.collected, total.remitted, total.received)
    lines = sorted(
        (line.name, line.currency, line.amount_minor, line.less_minor, line.display_minor, line.waiting_minor,
         str(line.as_of), line.factor) for line in total.lines
    )  # fmt: skip
    return (*stages, total.gifts, total.silent_partners, total.not_converted, *lines)


def same(found: object, wanted: object, what: str) -> None:
    assert found == wanted, f"{what}: {found}, and by the rules {wanted}"
