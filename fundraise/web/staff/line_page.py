"""The page of one bank line: what it is matched with and why, or what it may be and why a person must say so."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, time

from fundraise import times
from fundraise.figures.line_candidates import Candidate
from fundraise.figures.statements import Counterpart
from fundraise.flows.book_match import BY_RULE
from fundraise.money import Money, show
from fundraise.showing.values import at
from fundraise.statements.tables import BankAccount, BankLine, BankMatch, StatementFile
from fundraise.views.parts import Status
from fundraise.views.staff_bank_pages import BankLinePage, Match
from fundraise.views.staff_parts import Answer, Fact, Happening, PostAction, StaffFrame
from fundraise.web.staff.statement_pages import HOME, counterpart_link, line_status

_BY_ITSELF = "by itself"


def line_page(  # noqa: PLR0913  All that is known of a line.
    frame: StaffFrame,
    line: BankLine,
    account: BankAccount,
    file: StatementFile,
    matches: Sequence[tuple[BankMatch, Counterpart]],
    may_be: Sequence[Candidate],
    equals: int,
    *,
    says_stripe: bool,
) -> BankLinePage:
    """Make the page of a line; `matches` are all it ever had, newest first."""
    standing = [(match, other) for match, other in matches if match.stands]
    return BankLinePage(
        frame=frame,
        title=f"{_money(line)} on {_day(line)}",
        status=_status(standing, says_stripe=says_stripe),
        answer=_answer(standing, may_be, says_stripe=says_stripe),
        facts=_facts(line, account, file, equals),
        matches=tuple(_match(line, match, other) for match, other in standing),
        suggestions=tuple(_suggestion(line, each) for each in may_be) if not standing else (),
        history=tuple(_history(matches)),
    )


def _status(standing: Sequence[tuple[BankMatch, Counterpart]], *, says_stripe: bool) -> Status:
    if any(_has_failed(other) for _, other in standing):
        return Status(word="Matched, and failed", tone="wrong")
    return line_status(matched=bool(standing), says_stripe=says_stripe)


def _has_failed(other: Counterpart) -> bool:
    """Tell whether a payout that arrived was later said to have failed; its return is another line."""
    return other.payout is not None and other.payout.state == "failed" and not other.is_return


def _answer(
    standing: Sequence[tuple[BankMatch, Counterpart]], may_be: Sequence[Candidate], *, says_stripe: bool
) -> Answer:
    for match, other in standing:
        link = counterpart_link(other)
        if _has_failed(other):
            sentence = f"It was {link.text}, which failed afterwards. The bank’s return is a line of its own."
            return Answer(sentence=sentence, tone="wrong")
        who = _BY_ITSELF if match.made_by == BY_RULE else f"by {match.made_by}"
        return Answer(sentence=f"It is matched with {link.text[0].lower()}{link.text[1:]}, {who}.", tone="settled")
    if may_be:
        count = "1 thing has" if len(may_be) == 1 else f"{len(may_be)} things have"
        return Answer(sentence=f"{count} exactly this amount; a person must say.", tone="needs_you")
    if says_stripe:
        return Answer(
            sentence="No payout has exactly this amount.",
            tone="needs_you",
            detail="It may not have been heard of yet: reconciliation fetches it from Stripe.",
        )
    return Answer(sentence="Nothing here belongs to it: it is no payout of Stripe’s.")


def _facts(line: BankLine, account: BankAccount, file: StatementFile, equals: int) -> tuple[Fact, ...]:
    place = "entry" if file.format == "camt.053" else "line"
    facts = [
        Fact(label="Account", value=account.name, href=f"{HOME}/{account.name}"),
        Fact(label="Text", value=line.text),
        Fact(label="From or to", value=line.counterparty),
        Fact(label="Reference", value=line.reference),
        Fact(label="The bank’s id", value=line.bank_id, is_code=True),
        Fact(label="Value day", value=times.day_said(line.value_on) if line.value_on else ""),
        Fact(label="Equal lines that day", value=f"{equals}; this is number {line.occurrence}" if equals > 1 else ""),
        Fact(label="Statement", value=f"{file.name}, {place} {line.position}"),
    ]
    return tuple(fact for fact in facts if fact.value)


def _match(line: BankLine, match: BankMatch, other: Counterpart) -> Match:
    link = counterpart_link(other)
    who = "By itself" if match.made_by == BY_RULE else f"By {match.made_by}"
    return Match(
        title=f"{link.text} of {_money(line)}",
        href=link.href,
        reasons=tuple(json.loads(match.reasons)),
        amount=_money(line),
        difference=show(Money(0, line.currency)),
        action=PostAction(
            action=f"/staff/lines/{line.id}/undo",
            button="Undo",
            hidden=(("match", str(match.id)),),
            question="The line is open again, and the books take it back. These two never match by themselves again.",
            note_label="Why?",
            key="u",
        ),
        by=f"{who}, {times.full(match.made_at)}",
    )


def _suggestion(line: BankLine, each: Candidate) -> Match:
    link = counterpart_link(Counterpart(each.payout, each.transfer, each.is_return))
    kind, number = ("payout", each.payout.id) if each.payout is not None else ("transfer", _transfer_id(each))
    return Match(
        title=f"{link.text} of {_money(line)}",
        href=link.href,
        reasons=(*each.reasons, *(f"But: {doubt}" for doubt in each.doubts)),
        amount=_money(line),
        difference=show(Money(0, line.currency)),
        action=PostAction(action=f"/staff/lines/{line.id}/match", button="It is this", hidden=((kind, str(number)),)),
    )


def _transfer_id(each: Candidate) -> int:
    return each.transfer.id if each.transfer is not None else 0


def _history(matches: Sequence[tuple[BankMatch, Counterpart]]) -> list[Happening]:
    found = []
    for match, other in matches:
        text = counterpart_link(other).text
        if match.undone_at is not None:
            what = f"Match with {text} undone: {match.undone_why}"
            found.append((match.undone_at, Happening(when=at(match.undone_at), what=what, who=match.undone_by)))
        who = "the ruling on payouts" if match.made_by == BY_RULE else match.made_by
        found.append((match.made_at, Happening(when=at(match.made_at), what=f"Matched with {text}", who=who)))
    return [happening for _, happening in sorted(found, key=lambda each: each[0], reverse=True)]


def _money(line: BankLine) -> str:
    return show(Money(line.minor, line.currency)).replace("-", "−")


def _day(line: BankLine) -> str:
    return times.day(datetime.combine(line.booked_on, time(), UTC))
