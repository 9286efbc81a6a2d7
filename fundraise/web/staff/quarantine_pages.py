"""The pages of payments that are kept out of the books."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from fundraise import times
from fundraise.differences.tables import Difference, DifferenceState
from fundraise.figures.differences import sums
from fundraise.figures.quarantine import QuarantineFacts
from fundraise.flows.accept_payment import ACCEPTABLE
from fundraise.money import Money, show
from fundraise.showing.difference_words import words_for
from fundraise.showing.values import at, reference, since
from fundraise.views.parts import EmptyState, Status
from fundraise.views.staff_parts import Answer, Comparison, Fact, PostAction, QueueItem, StaffFrame
from fundraise.views.staff_quarantine_pages import QuarantineItemPage, QuarantinePage
from fundraise.web.staff.difference_page import facts_of, history_of, open_action, sentence_of
from fundraise.web.staff.lists import counted, listed

HOME: Final = "/staff/quarantine"


def quarantine_page(
    frame: StaffFrame, waiting: Sequence[Difference], decided: Sequence[Difference], now: datetime
) -> QuarantinePage:
    """Make the page of what waits, and of what was decided last."""
    return QuarantinePage(
        frame=frame,
        answer=_answer(waiting, now),
        items=tuple(_item(each, now) for each in waiting),
        empty=EmptyState(
            sentence="Nothing is kept out of the books. A payment that differs from what was asked appears here."
        ),
        decided=tuple(_item(each, now) for each in decided),
    )


def item_page(frame: StaffFrame, facts: QuarantineFacts, now: datetime) -> QuarantineItemPage:
    """Make the page of one payment."""
    difference = facts.difference
    return QuarantineItemPage(
        frame=frame,
        title=words_for(difference.code).title,
        answer=_item_answer(facts, now),
        comparisons=tuple(_comparisons(facts)) if difference.state == DifferenceState.OPEN else (),
        facts=(*_gifts(facts), *facts_of(facts.facts)),
        actions=tuple(_actions(facts)),
        history=tuple(history_of(facts.facts)),
    )


def _answer(waiting: Sequence[Difference], now: datetime) -> Answer:
    if not waiting:
        return Answer(sentence="Nothing is kept out of the books.", tone="settled")
    amounts = listed(sums(waiting))
    oldest = times.age(waiting[0].first_seen_at, now)
    waits = "found just now" if oldest == "just now" else f"waiting for {oldest}"
    sentence = f"{counted(len(waiting), 'payment')}, {amounts}, {waits}." if amounts else f"{len(waiting)}, {waits}."
    return Answer(sentence=sentence, tone="needs_you", detail="Nothing of it is in any total until you decide.")


def _item(difference: Difference, now: datetime) -> QueueItem:
    is_open = difference.state == DifferenceState.OPEN
    decided = [f"{difference.closed_by}: {difference.note}"] if not is_open else []
    return QueueItem(
        title=words_for(difference.code).title,
        href=f"{HOME}/{difference.id}",
        reasons=(sentence_of(difference), *decided),
        age=since(difference.first_seen_at, now) if is_open else at(difference.first_seen_at),
        amount=_paid(difference),
        status=Status(word="Kept out of the books", tone="needs_you")
        if is_open
        else Status(word="Decided", tone="settled"),
    )


def _item_answer(facts: QuarantineFacts, now: datetime) -> Answer:
    difference = facts.difference
    if facts.became is not None and difference.state == DifferenceState.EXPLAINED:
        sentence = f"{difference.closed_by} took {_paid(difference)} into the books: {difference.note}"
        return Answer(sentence=sentence, tone="settled")
    if difference.state == DifferenceState.EXPLAINED:
        sentence = f"{difference.closed_by} left it out of the books: {difference.note}"
        return Answer(sentence=sentence, tone="settled", detail=_where(facts))
    if difference.state == DifferenceState.FIXED:
        return Answer(sentence=difference.note, tone="settled")
    words = words_for(difference.code)
    age = times.age(difference.first_seen_at, now)
    waits = "" if age == "just now" else f" It has waited for {age}."
    return Answer(sentence=f"{words.meaning}{waits}", tone="needs_you", detail=f"{_where(facts)} {words.step}")


def _where(facts: QuarantineFacts) -> str:
    if facts.is_in_suspense:
        return "The money lies in suspense (2900), outside every total."
    return "Nothing of it is in the books or in any total."


def _comparisons(facts: QuarantineFacts) -> Iterator[Comparison]:
    difference, donation = facts.difference, facts.donation
    asked = Money(donation.total_minor, donation.currency)
    paid = _paid(difference)
    yield Comparison(what="Amount", expected=show(asked), got=paid, differs=show(asked) != paid)
    yield Comparison(
        what="Currency",
        expected=donation.currency,
        got=difference.currency,
        differs=donation.currency != difference.currency,
    )
    account, asked_of = facts.facts.account, facts.asked_of
    yield Comparison(what="Account", expected=asked_of.slug, got=account.slug, differs=account.id != asked_of.id)
    if difference.code == "DUPLICATE_DONATION":
        yield Comparison(what="Charge", expected=donation.charge_id or "none", got=difference.object_id, differs=True)


def _gifts(facts: QuarantineFacts) -> Iterator[Fact]:
    if facts.became is not None and facts.became.id != facts.donation.id:
        href = f"/staff/donations/{facts.became.ref}"
        yield Fact(label="Became the gift", value=reference(facts.became), href=href, is_code=True)


def _actions(facts: QuarantineFacts) -> Iterator[PostAction]:
    difference = facts.difference
    address, paid = f"{HOME}/{difference.id}", _paid(difference)
    if difference.state == DifferenceState.EXPLAINED and facts.became is None:
        yield open_action(address)
    if difference.state != DifferenceState.OPEN:
        return
    if difference.code in ACCEPTABLE:
        as_what = "as a gift of its own" if difference.code == "DUPLICATE_DONATION" else "as this gift"
        yield PostAction(
            action=f"{address}/accept",
            button=f"Take {paid} into the books",
            kind="action",
            question=f"{paid} is booked {as_what}, the total rises by it, and the donor gets a receipt of it.",
            note_label="Why is it right?",
            key="a",
        )
    yield PostAction(action=f"{address}/look", button="I refunded it at Stripe: ask again", key="f")
    yield PostAction(
        action=f"{address}/explain",
        button="Leave it out, with a note",
        question="It stays outside every total. The money stays where it lies at Stripe.",
        note_label="What is it?",
        kind="grave",
    )


def _paid(difference: Difference) -> str:
    return show(Money(difference.minor, difference.currency)) if difference.minor is not None else ""
