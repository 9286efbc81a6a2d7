"""The page of one donation: what was asked and paid, what it cost, where it went, and what it did to the books."""

from collections.abc import Iterator
from datetime import datetime

from fundraise.donations.tables import DonationState, DonationStep
from fundraise.figures.donation import StaffGiftFacts
from fundraise.figures.gift import GiftFacts
from fundraise.ledger.accounts import NAMES, Account
from fundraise.ledger.tables import Entry, Line
from fundraise.money import Money, show
from fundraise.showing import gift as words
from fundraise.showing.difference_words import words_for
from fundraise.showing.values import at, on_day, reference
from fundraise.staff.tables import StaffAct
from fundraise.times import day_said
from fundraise.views.parts import Link
from fundraise.views.staff_donation_pages import LedgerRow, StaffDonationPage
from fundraise.views.staff_parts import Answer, Fact, Happening, PostAction, StaffFrame
from fundraise.web.staff.difference_page import sentence_of
from fundraise.web.staff.lists import signed

_STEPS = {
    DonationState.CREATED: "Asked for, our row is written",
    DonationState.OPENED: "Payment page opened",
    DonationState.PROCESSING: "Bank debit begun",
    DonationState.PAID: "Paid",
    DonationState.EXPIRED: "Payment page closed without a payment",
    DonationState.FAILED: "Not paid",
}


def donation_page(frame: StaffFrame, facts: StaffGiftFacts, now: datetime) -> StaffDonationPage:
    """Make the page."""
    gift = facts.gift
    return StaffDonationPage(
        frame=frame,
        reference=reference(gift.donation),
        status=words.status(gift),
        answer=_answer(facts),
        facts=tuple(_facts(facts, now)),
        steps=words.steps(gift, now),
        ledger=tuple(_ledger_row(entry, line) for entry, line in facts.lines),
        history=tuple(_history(facts)),
        actions=tuple(_actions(gift)),
        twins=tuple(Link(text=reference(other), href=f"/staff/donations/{other.ref}") for other in facts.doubles),
    )


def _answer(facts: StaffGiftFacts) -> Answer:
    gift = facts.gift
    still_open = [each for each in facts.differences if each.state == "open"]
    if still_open:
        named = words_for(still_open[0].code).title
        return Answer(sentence=f"{named}: somebody must look.", tone="needs_you", detail=sentence_of(still_open[0]))
    if gift.donation.paid_at is None:
        return Answer(sentence=f"{show(gift.total)} was asked for. Nothing of it is in the books.")
    parts = [f"{show(gift.total)} paid on {on_day(gift.donation.paid_at).text}"]
    if gift.settlement is None:
        parts.append("fee and net not known yet")
    else:
        parts.append(f"{signed(gift.settlement.net_minor, gift.settlement.currency)} net")
    if facts.bank_line is not None:
        parts.append("in the bank")
    elif gift.payout is not None:
        parts.append("sent to the bank")
    elif gift.settlement is not None:
        parts.append("not yet paid out")
    return Answer(sentence=", ".join(parts) + ".", tone="settled" if facts.bank_line is not None else "quiet")


def _facts(facts: StaffGiftFacts, now: datetime) -> Iterator[Fact]:
    gift = facts.gift
    yield from _money(gift)
    yield from _belongs(gift)
    yield from _whereabouts(facts, now)
    yield from _ids(gift)
    for difference in facts.differences:
        section = "quarantine" if difference.donation_id is not None else "differences"
        href = f"/staff/{section}/{difference.id}"
        yield Fact(label=f"Difference, {difference.state}", value=words_for(difference.code).title, href=href)


def _money(gift: GiftFacts) -> Iterator[Fact]:
    donation, settlement = gift.donation, gift.settlement
    yield Fact(label="Gift", value=show(gift.gift))
    if donation.fee_cover_minor:
        yield Fact(label="Added for the fee", value=show(Money(donation.fee_cover_minor, donation.currency)))
        yield Fact(label="Charged", value=show(gift.total))
    if settlement is not None:
        if settlement.currency != donation.currency:
            yield Fact(label="Converted to", value=signed(settlement.amount_minor, settlement.currency))
        yield Fact(label="Fee", value=signed(settlement.fee_minor, settlement.currency))
        yield Fact(label="Net", value=signed(settlement.net_minor, settlement.currency))
    elif gift.is_paid:
        yield Fact(label="Fee and net", value="not known yet")
    for refund in gift.refunds:
        amount = show(Money(refund.minor, refund.currency))
        yield Fact(label="Refund", value=f"{amount}, {refund.state}, {on_day(refund.created_at).text}")
    for dispute in gift.disputes:
        amount = show(Money(dispute.minor, dispute.currency))
        due = f", answer by {on_day(dispute.evidence_due_at).text}" if dispute.evidence_due_at is not None else ""
        state = dispute.state.replace("_", " ")
        yield Fact(label="Dispute", value=f"{amount}, {state}, {on_day(dispute.created_at).text}{due}")


def _belongs(gift: GiftFacts) -> Iterator[Fact]:
    donation = gift.donation
    yield Fact(label="Campaign", value=gift.campaign.title, href=f"/staff/campaigns/{gift.campaign.slug}")
    if gift.event is not None:
        yield Fact(label="Event", value=gift.event.title)
    yield Fact(label="For", value=gift.charity.name)
    if gift.merchant.id != gift.charity.id:
        yield Fact(label="Taken by", value=f"{gift.merchant.name}, which passes it on")
    if gift.donor is not None and gift.donor.name:
        yield Fact(label="Donor", value=gift.donor.name)
    if gift.donor is not None and gift.donor.email:
        yield Fact(label="E-mail", value=gift.donor.email)
    if donation.message:
        yield Fact(label="Message", value=donation.message)
    yield Fact(label="The public sees", value=words.public_line(gift) if gift.is_paid else "nothing yet")
    if len(gift.parts) > 1:
        yield Fact(label="Part of a shared gift", value=f"{donation.part} of {donation.parts}")
    if gift.receipt is not None:
        value = f"number {gift.receipt.number:06d}, {on_day(gift.receipt.issued_at).text}"
        yield Fact(label="Receipt", value=value)
    yield Fact(label="Donor’s own page", value="open it as the donor", href=f"/staff/donations/{donation.ref}/page")


def _whereabouts(facts: StaffGiftFacts, now: datetime) -> Iterator[Fact]:
    gift = facts.gift
    if gift.payout is not None:
        day = on_day(gift.payout.arrives_on).text
        href = f"/staff/payouts/{gift.payout.stripe_id}"
        yield Fact(label="Payout", value=f"{gift.payout.state.replace('_', ' ')}, for {day}", href=href)
    elif gift.is_paid:
        yield Fact(label="Payout", value=f"not yet, expected by {on_day(words.expected_at_bank(gift, now)).text}")
    if facts.bank_line is not None:
        value = f"{day_said(facts.bank_line.booked_on)}, {facts.bank_line.text}"
        yield Fact(label="Bank line", value=value, href=f"/staff/lines/{facts.bank_line.id}")
    elif gift.payout is not None:
        yield Fact(label="Bank line", value="not yet")


def _ids(gift: GiftFacts) -> Iterator[Fact]:
    donation = gift.donation
    ids = (
        ("Stripe account", gift.account.slug),
        ("Payment page", donation.checkout_id),
        ("Payment", donation.payment_id),
        ("Charge", donation.charge_id),
        ("Balance transaction", gift.settlement.stripe_id if gift.settlement is not None else ""),
        *(("Refund", refund.stripe_id) for refund in gift.refunds),
        *(("Dispute", dispute.stripe_id) for dispute in gift.disputes),
    )
    for label, value in ids:
        if value:
            yield Fact(label=label, value=value, is_code=True)


def _ledger_row(entry: Entry, line: Line) -> LedgerRow:
    account = f"{line.account} {NAMES[Account(line.account)]}"
    amount = show(Money(abs(line.minor), line.currency))
    return LedgerRow(
        when=at(entry.booked_at),
        key=entry.key,
        account=account,
        debit=amount if line.minor > 0 else "",
        credit=amount if line.minor < 0 else "",
        why=entry.why,
    )


def _history(facts: StaffGiftFacts) -> list[Happening]:
    found = [(step.at, _step(step)) for step in facts.gift.steps]
    found += [(act.at, _act(act)) for act in facts.acts]
    for difference in facts.differences:
        named = words_for(difference.code).title
        first = difference.first_seen_at
        found.append(
            (first, Happening(when=at(first), what=f"{named}: {sentence_of(difference)}", who="reconciliation"))
        )
        if difference.closed_at is not None:
            what = f"{named}, {difference.state}: {difference.note}"
            closed = Happening(when=at(difference.closed_at), what=what, who=difference.closed_by)
            found.append((difference.closed_at, closed))
    in_order = sorted(found, key=lambda each: each[0])
    return [happening for _, happening in reversed(in_order)]


def _step(step: DonationStep) -> Happening:
    known = step.step in set(DonationState)
    what = _STEPS[DonationState(step.step)] if known else step.step[:1].upper() + step.step[1:]
    return Happening(when=at(step.at), what=what, who="Stripe" if step.by == "stripe" else step.by)


def _act(act: StaffAct) -> Happening:
    return Happening(when=at(act.at), what=act.what[:1].upper() + act.what[1:], who=act.by)


def _actions(gift: GiftFacts) -> Iterator[PostAction]:
    if gift.receipt is not None and gift.donor is not None and gift.donor.email:
        yield PostAction(action=f"/staff/donations/{gift.donation.ref}/receipt", button="Send the receipt again")
