"""The page of one difference: what it is, what to do about it, and what was done."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from fundraise import times
from fundraise.differences.tables import Difference, DifferenceState
from fundraise.figures.differences import DifferenceFacts
from fundraise.showing.difference_words import words_for
from fundraise.showing.values import at, reference
from fundraise.staff.tables import StaffAct
from fundraise.views.staff_bank_pages import DifferencePage
from fundraise.views.staff_parts import Answer, Comparison, Fact, Happening, PostAction, StaffFrame
from fundraise.web.staff.difference_rows import STATES
from fundraise.web.staff.lists import signed

HOME: Final = "/staff/differences"


def difference_page(frame: StaffFrame, facts: DifferenceFacts, now: datetime) -> DifferencePage:
    """Make the page."""
    difference = facts.difference
    words = words_for(difference.code)
    is_open = difference.state == DifferenceState.OPEN
    return DifferencePage(
        frame=frame,
        title=words.title,
        status=STATES[DifferenceState(difference.state)],
        answer=_answer(difference, words.meaning, now),
        comparisons=_comparisons(difference, words.side),
        facts=tuple(facts_of(facts)),
        step=words.step if is_open else "",
        actions=tuple(_actions(difference)),
        history=tuple(history_of(facts)),
    )


def facts_of(facts: DifferenceFacts) -> Iterator[Fact]:
    """Yield where a difference lies and what lies behind it."""
    difference, behind = facts.difference, facts.behind
    yield Fact(label="What was found", value=sentence_of(difference))
    if behind.donation is not None:
        href = f"/staff/donations/{behind.donation.ref}"
        yield Fact(label="Gift", value=reference(behind.donation), href=href, is_code=True)
    if behind.payout is not None:
        href = f"/staff/payouts/{behind.payout.stripe_id}"
        yield Fact(label="Payout", value=behind.payout.stripe_id, href=href, is_code=True)
    if behind.line_id is not None:
        yield Fact(label="Bank line", value=f"number {behind.line_id}", href=f"/staff/lines/{behind.line_id}")
    elif behind.payout is None:
        yield Fact(label="Id at Stripe", value=difference.object_id, is_code=True)
    yield Fact(label="Stripe account", value=f"{facts.account.slug}, {facts.body.name}")
    yield Fact(label="First found", value=at(difference.first_seen_at).text)
    yield Fact(label="Last found", value=at(difference.last_seen_at).text)
    yield Fact(label="Code", value=difference.code, is_code=True)


def sentence_of(difference: Difference) -> str:
    """Return what was found as a sentence."""
    detail = difference.detail.replace("..", ".").rstrip(".")
    return f"{detail[:1].upper()}{detail[1:]}."


def history_of(facts: DifferenceFacts) -> list[Happening]:
    """Return what was done about a difference, newest first."""
    difference = facts.difference
    found = [(act.at, _act(act)) for act in facts.acts]
    if difference.closed_at is not None and difference.state == DifferenceState.FIXED:
        fixed = Happening(when=at(difference.closed_at), what=f"Fixed: {difference.note}", who=difference.closed_by)
        found.append((difference.closed_at, fixed))
    first = Happening(when=at(difference.first_seen_at), what="Found", who="reconciliation")
    found.append((difference.first_seen_at, first))
    return [happening for _, happening in sorted(found, key=lambda each: each[0], reverse=True)]


def explain_action(address: str, *, question: str) -> PostAction:
    """Return the button that closes something with a note."""
    return PostAction(
        action=f"{address}/explain", button="Explain it", question=question, note_label="What is it?", key="e"
    )


def open_action(address: str) -> PostAction:
    """Return the button that opens something again."""
    return PostAction(
        action=f"{address}/open", button="Open it again", question="It needs a person again.", note_label="Why?"
    )


def _answer(difference: Difference, meaning: str, now: datetime) -> Answer:
    if difference.state == DifferenceState.EXPLAINED:
        return Answer(
            sentence=f"{difference.closed_by} explained it: {difference.note}", tone="settled", detail=meaning
        )
    if difference.state == DifferenceState.FIXED:
        return Answer(sentence=f"It agrees now. {difference.note}", tone="settled", detail=meaning)
    age = times.age(difference.first_seen_at, now)
    found = "found just now" if age == "just now" else f"open for {age}"
    amount = f"{signed(difference.minor, difference.currency)}, " if difference.minor is not None else ""
    return Answer(sentence=f"{amount}{found}.", tone="wrong", detail=meaning)


def _comparisons(difference: Difference, side: str) -> tuple[Comparison, ...]:
    if difference.minor is None or side == "both":
        return ()
    amount = signed(difference.minor, difference.currency)
    here, there = (amount, "nothing") if side == "here" else ("nothing", amount)
    return (Comparison(what="Amount", expected=here, got=there, differs=difference.state == DifferenceState.OPEN),)


def _actions(difference: Difference) -> Iterator[PostAction]:
    address = f"{HOME}/{difference.id}"
    if difference.state == DifferenceState.OPEN:
        yield PostAction(action="/staff/reconciliation/run", button="Compare again now", kind="action")
        yield explain_action(
            address,
            question="It counts as settled, with your note beside it. If its amount changes, it opens by itself.",
        )
    elif difference.state == DifferenceState.EXPLAINED:
        yield open_action(address)


def _act(act: StaffAct) -> Happening:
    what = act.what[:1].upper() + act.what[1:]
    _, _, said = act.about.partition(" ")
    return Happening(when=at(act.at), what=f"{what}: {said}" if said else what, who=act.by)
