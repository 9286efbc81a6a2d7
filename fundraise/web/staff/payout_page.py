"""The page of one payout: what it is made of, where it is, and why its bank line is its."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from fundraise.figures.payouts import Member, PayoutFacts, PayoutOpened
from fundraise.flows.book_match import BY_RULE
from fundraise.showing.values import at, on_day, reference
from fundraise.statements.tables import BankLine
from fundraise.times import day_said
from fundraise.views.parts import Status
from fundraise.views.staff_parts import Answer, Fact, Happening, StaffFrame, TotalsRow
from fundraise.views.staff_payout_pages import PayoutLine, PayoutPage
from fundraise.web.staff.lists import counted, signed
from fundraise.web.staff.payouts_page import is_late, status_of

_KINDS: Final = {
    "charge": "Gift",
    "charge_failure": "Bank debit that failed",
    "refund": "Refund",
    "refund_failure": "Refund that came back",
    "dispute": "Dispute",
    "dispute_reversal": "Dispute won",
    "fee": "Fee of Stripe’s",
    "tax": "Tax on fees",
    "network_cost": "Card network’s fee",
    "topup": "Money added",
    "risk_reserved_funds": "Reserve",
}
# Movements that belong to no gift of ours by their nature.
_OF_STRIPE: Final = frozenset({"fee", "tax", "network_cost", "topup", "topup_reversal", "risk_reserved_funds"})


def payout_page(frame: StaffFrame, opened: PayoutOpened, now: datetime) -> PayoutPage:
    """Make the page."""
    facts = opened.facts
    payout, sums, currency = facts.payout, facts.sums, facts.payout.currency
    members = signed(sums.gifts_minor + sums.back_minor, currency)
    return PayoutPage(
        frame=frame,
        reference=payout.stripe_id,
        status=status_of(facts, now),
        answer=_answer(opened, now),
        figures=tuple(_figures(opened)),
        facts=tuple(_facts(opened)),
        lines=tuple(_line(member) for member in opened.members),
        totals=(
            TotalsRow(
                label=f"Sum, {currency}",
                amounts=(members, signed(sums.fees_minor, currency), signed(sums.members_minor, currency)),
            ),
        )
        if opened.members
        else (),
        history=tuple(_history(opened)),
    )


def _answer(opened: PayoutOpened, now: datetime) -> Answer:
    facts = opened.facts
    payout, sent = facts.payout, signed(facts.payout.minor, facts.payout.currency)
    if payout.state == "failed":
        return _failed(opened, sent)
    if payout.state == "canceled":
        return Answer(sentence=f"{sent} was called off. The money is in the Stripe balance again.")
    if not facts.adds_up:
        came = signed(facts.sums.members_minor, payout.currency)
        sentence = f"{sent} was sent; its {counted(opened.count, 'line')} come to {came}."
        return Answer(sentence=sentence, tone="wrong")
    made = f"{sent} is the sum of its {counted(opened.count, 'line')}" if payout.items_known else f"{sent} was sent"
    if facts.line is not None:
        return Answer(sentence=f"{made}, and was in the bank on {day_said(facts.line.booked_on)}.", tone="settled")
    if payout.state != "paid":
        sentence = f"{made}, and should be in the bank on {on_day(payout.arrives_on).text}."
        return Answer(sentence=sentence, tone="on_its_way")
    late = is_late(facts, now)
    return Answer(
        sentence=f"{made}. Stripe says it arrived on {on_day(payout.arrives_on).text}; no bank line shows it.",
        tone="needs_you" if late else "on_its_way",
        detail=_where_to_look(facts, late=late),
    )


def _where_to_look(facts: PayoutFacts, *, late: bool) -> str:
    if not facts.bank_is_known:
        return f"No bank account in {facts.payout.currency} is known here: fundraise bank add makes one."
    if late:
        return "Import the newest statement. If it is not there, give your bank the trace id."
    return "It is matched by itself when the statement is imported."


def _failed(opened: PayoutOpened, sent: str) -> Answer:
    payout = opened.facts.payout
    begun = f"{sent} was called paid and then failed" if payout.was_paid else f"{sent} failed"
    why = f": {payout.failure.rstrip('.')}" if payout.failure else ""
    if opened.facts.line is not None and opened.returned_by is None:
        detail = "A bank line is matched with it. Match the line of its return too, or undo the match."
    elif opened.returned_by is not None:
        detail = "The bank shows it coming and going; both lines are matched."
    else:
        detail = "The money is in the Stripe balance again and leaves with a later one. Check the bank details there."
    return Answer(sentence=f"{begun}{why}.", tone="wrong", detail=detail)


def _figures(opened: PayoutOpened) -> Iterator[Fact]:
    facts = opened.facts
    sums, currency = facts.sums, facts.payout.currency
    if facts.payout.items_known:
        yield Fact(label="Gifts", value=signed(sums.gifts_minor, currency))
        if sums.back_minor:
            yield Fact(label="Refunds, disputes and the like", value=signed(sums.back_minor, currency))
        yield Fact(label="Fees", value=signed(sums.fees_minor, currency))
        off = facts.payout.minor - sums.members_minor
        if off:
            yield Fact(label="Not explained", value=signed(off, currency))
    yield Fact(label="Sent", value=signed(facts.payout.minor, currency))


def _facts(opened: PayoutOpened) -> Iterator[Fact]:
    facts = opened.facts
    payout, line, match = facts.payout, facts.line, facts.match
    yield Fact(label="Stripe account", value=facts.account.slug, is_code=True)
    yield Fact(label="Made", value=on_day(payout.created_at).text + (" by itself" if payout.automatic else " by hand"))
    yield Fact(label="Expected at the bank", value=on_day(payout.arrives_on).text)
    yield Fact(label="Stripe calls it", value=payout.state.replace("_", " "))
    if payout.failure:
        yield Fact(label="Why it failed", value=payout.failure)
    if payout.descriptor:
        yield Fact(label="Text on the statement", value=payout.descriptor)
    yield Fact(label="Trace id", value=payout.trace_id or "not known", is_code=bool(payout.trace_id))
    if line is not None and match is not None:
        yield Fact(label="Bank line", value=f"{day_said(line.booked_on)}, {line.text}", href=f"/staff/lines/{line.id}")
        who = "by itself" if match.made_by == BY_RULE else f"by {match.made_by}"
        yield Fact(label="Matched", value=f"{who}: {' '.join(json.loads(match.reasons))}")
    if opened.returned_by is not None:
        back = opened.returned_by
        yield Fact(label="Sent back", value=f"{day_said(back.booked_on)}, {back.text}", href=f"/staff/lines/{back.id}")
    if not payout.items_known:
        yield Fact(label="Its lines", value="Stripe has not said yet what it is made of")
    elif opened.count > len(opened.members):
        yield Fact(label="Its lines", value=f"the first {len(opened.members):,} of {opened.count:,} are shown")


def _bank_fact(label: str, line: BankLine) -> Fact:
    return Fact(label=label, value=f"{day_said(line.booked_on)}, {line.text}", href=f"/staff/lines/{line.id}")


def _line(member: Member) -> PayoutLine:
    transaction, donation = member.transaction, member.donation
    currency = transaction.currency
    kind = _KINDS.get(transaction.category, transaction.category.replace("_", " ").capitalize())
    is_strange = donation is None and transaction.category not in _OF_STRIPE
    return PayoutLine(
        when=on_day(transaction.created_at),
        what=kind if donation is not None or transaction.category != "charge" else "Payment",
        reference=reference(donation) if donation is not None else transaction.source_id or transaction.stripe_id,
        href=f"/staff/donations/{donation.ref}" if donation is not None else "",
        amount=signed(transaction.amount_minor, currency),
        fee=signed(-transaction.fee_minor, currency) if transaction.fee_minor else "",
        net=signed(transaction.net_minor, currency),
        mark=Status(word="No gift of ours", tone="wrong") if is_strange else None,
    )


def _history(opened: PayoutOpened) -> list[Happening]:
    payout = opened.facts.payout
    found = [(payout.created_at, Happening(when=at(payout.created_at), what="Made", who="Stripe"))]
    for match in opened.matches:
        who = "the ruling on payouts" if match.made_by == BY_RULE else match.made_by
        found.append((match.made_at, Happening(when=at(match.made_at), what="Matched with its bank line", who=who)))
        if match.undone_at is not None:
            what = f"Match undone: {match.undone_why}"
            found.append((match.undone_at, Happening(when=at(match.undone_at), what=what, who=match.undone_by)))
    return [happening for _, happening in sorted(found, key=lambda each: each[0], reverse=True)]
