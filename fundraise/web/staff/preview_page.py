"""The page that shows what a file holds, before anything of it is kept, and the decisions that are open."""

from fundraise.flows.import_statement import Look
from fundraise.statements import checks
from fundraise.statements.rules import NumberedLine
from fundraise.statements.vocabulary import DateOrder, Question
from fundraise.views.parts import Status
from fundraise.views.staff_bank_pages import BankLineRow, StatementPreviewPage
from fundraise.views.staff_parts import Answer, Fact, PostAction, StaffFrame
from fundraise.web.staff.statement_pages import HOME, day, lines_said, money

_PREVIEWED = 200


def preview_page(frame: StaffFrame, look: Look, ref: str, name: str) -> StatementPreviewPage:
    """Make the page that shows what a file holds, with the decision to keep it or not."""
    return StatementPreviewPage(
        frame=frame,
        file_name=name,
        answer=_preview_answer(look),
        facts=_facts_of(look),
        rows=tuple(_preview_row(each, look) for each in look.lines[:_PREVIEWED]),
        actions=_decisions(look, f"{HOME}/uploads/{ref}"),
        problems=tuple(_doubts(look)),
    )


def _preview_answer(look: Look) -> Answer:
    if look.read.question is Question.DATE_ORDER:
        return Answer(sentence="One question first: which way round are its dates?", tone="needs_you")
    if look.problems:
        return Answer(sentence="This file cannot be imported as it is.", tone="wrong")
    if look.imported_before:
        return Answer(sentence=f"This very file was imported before: 0 of {lines_said(len(look.lines))} are new.")
    sums = _sums(look)
    detail = f"{sums} Nothing was kept so far." if sums else "Nothing was kept so far."
    return Answer(sentence=f"{lines_said(len(look.lines))}, {look.new} new.", detail=detail)


def _sums(look: Look) -> str:
    period = checks.period_of(look.read.statements)
    if period.opening_minor is None or period.closing_minor is None:
        return "The file names no balances to check it by."
    return "" if look.warnings else "Opening balance and movements make the closing balance."


def _facts_of(look: Look) -> tuple[Fact, ...]:
    account, period = look.account, checks.period_of(look.read.statements)
    facts = [Fact(label="Account", value=account.name), Fact(label="Format", value=look.read.format)]
    if look.problems:
        return tuple(facts)
    if period.from_date and period.to_date:
        facts.append(Fact(label="Period", value=f"{day(period.from_date).text} to {day(period.to_date).text}"))
    if period.opening_minor is not None:
        facts.append(Fact(label="Opening balance", value=money(account, period.opening_minor)))
    facts.append(Fact(label="Movements", value=money(account, sum(each.line.minor for each in look.lines))))
    if period.closing_minor is not None:
        facts.append(Fact(label="Closing balance", value=money(account, period.closing_minor)))
    if len(look.lines) > _PREVIEWED:
        facts.append(Fact(label="Shown", value=f"the first {_PREVIEWED} lines"))
    return tuple(facts)


def _preview_row(each: NumberedLine, look: Look) -> BankLineRow:
    known = each.identity in look.known
    return BankLineRow(
        date=day(each.line.booked_on),
        text=each.line.text,
        amount=money(look.account, each.line.minor),
        status=Status(word="Known", tone="quiet") if known else Status(word="New", tone="settled"),
        note=f"number {each.occurrence} of equal lines" if each.occurrence > 1 else "",
        place=f"{'entry' if look.read.format == 'camt.053' else 'line'} {each.line.place}",
    )


def _doubts(look: Look) -> list[str]:
    said = [str(problem) for problem in look.problems] or [*look.warnings, *look.read.notes]
    if look.alike and not look.problems:
        said.insert(0, str(checks.alike(look.alike)))
    return said


def _decisions(look: Look, address: str) -> tuple[PostAction, ...]:
    away = PostAction(action=f"{address}/drop", button="Throw the file away")
    if look.read.question is Question.DATE_ORDER:
        return (
            PostAction(
                action=f"{address}/read",
                button="The day comes first",
                hidden=(("date_order", DateOrder.DAY_FIRST),),
            ),
            PostAction(
                action=f"{address}/read",
                button="The month comes first",
                hidden=(("date_order", DateOrder.MONTH_FIRST),),
            ),
            away,
        )
    if look.problems:
        return (away,)
    if look.alike:
        meant = PostAction(
            action=f"{address}/keep",
            button=f"Keep {lines_said(look.new)} all the same",
            kind="grave",
            hidden=(("alike_is_new", "1"),),
            question="Only if these are movements of their own, beside the equal ones that stand here already.",
        )
        return (away, meant)
    button = (
        f"Keep {look.new} new {'line' if look.new == 1 else 'lines'}" if look.new else "Keep the file, nothing is new"
    )
    return (PostAction(action=f"{address}/keep", button=button, kind="action", key="k"), away)
