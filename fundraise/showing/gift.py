"""One gift in words: its receipt, where it is, and its way there."""

from datetime import datetime
from typing import Final

from fundraise import money, times
from fundraise.donations.tables import DonationState
from fundraise.figures.gift import GiftFacts, step_at
from fundraise.money import Money
from fundraise.showing.values import at, legal_body, on_day, statement_text
from fundraise.views.gift_pages import ReceiptFacts, ReceiptLine, Step
from fundraise.views.parts import Status

_UNDECIDED: Final = frozenset({DonationState.CREATED, DonationState.OPENED})
_MINUS: Final = "−"
# How long money usually rests at Stripe before it is sent to a UK bank, in business days.
_PAYOUT_DAYS: Final = 5


def receipt_facts(facts: GiftFacts) -> ReceiptFacts:
    """Return what a gift's receipt says. The charity is named as it was when the receipt was issued."""
    receipt, zone = facts.receipt, facts.campaign.zone
    if receipt is None or facts.donation.paid_at is None:
        raise ValueError("a gift that is not paid has no receipt")
    charity = legal_body(facts.merchant)
    merchant = legal_body(
        facts.merchant.model_copy(
            update={
                "legal_name": receipt.legal_name,
                "registration_number": receipt.registration_number,
                "regulator": receipt.regulator,
            }
        )
    )
    notes = ["No goods or services were given in return for this gift."]
    if facts.merchant.id != facts.charity.id:
        notes.insert(0, f"{receipt.legal_name} holds this gift for {facts.charity.legal_name} and passes it on.")
    return ReceiptFacts(
        number=f"{receipt.number:06d}",
        issued=on_day(receipt.issued_at, zone),
        received=at(facts.donation.paid_at, zone),
        lines=_receipt_lines(facts),
        total=money.show(facts.total - facts.returned),
        charity=merchant if receipt.legal_name else charity,
        campaign=facts.campaign.title,
        statement=_statement(facts),
        donor_name=facts.donor.name if facts.donor is not None else "",
        event=facts.event.title if facts.event is not None else "",
        notes=tuple(notes),
        mark=_mark(facts),
    )


def status(facts: GiftFacts) -> Status:  # noqa: PLR0911  One word for each place a gift can be.
    """Return where a gift is, in a word."""
    state = facts.donation.state
    if facts.looked_at is not None:
        return Status(word="Being looked at", tone="on_its_way")
    if state in _UNDECIDED:
        return Status(word="Not paid yet", tone="needs_you")
    if state == DonationState.PROCESSING:
        return Status(word="On its way", tone="on_its_way")
    if not facts.is_paid:
        return Status(word="Not paid", tone="quiet")
    if facts.lost_dispute is not None:
        return Status(word="Taken back", tone="quiet")
    if facts.returned == facts.total:
        return Status(word="Refunded", tone="quiet")
    if facts.open_dispute is not None:
        return Status(word="Disputed", tone="wrong")
    if facts.returned:
        return Status(word="Partly refunded", tone="settled")
    if facts.payout is not None and facts.payout.state == "paid":
        return Status(word="Paid out", tone="settled")
    return Status(word="Paid", tone="settled")


def sentence(facts: GiftFacts) -> str:  # noqa: PLR0911
    """Return where a gift is, in a sentence."""
    state, charity, amount = facts.donation.state, facts.charity.name, money.show(facts.total)
    zone = facts.campaign.zone
    if facts.looked_at is not None:
        return looked_at_sentence(facts)
    if state in _UNDECIDED:
        return "Nothing was taken so far. You can go on to the payment page."
    if state == DonationState.PROCESSING:
        return f"Your bank was asked for {amount}. It takes a few days until it is there; it counts from then on."
    if not facts.is_paid:
        return "Nothing was taken. You can give again on the campaign’s page if you like."
    if facts.lost_dispute is not None:
        return f"Your bank took {amount} back. It is no longer in the total."
    if facts.returned == facts.total:
        return f"Your {amount} was returned. It is no longer in the total."
    if facts.open_dispute is not None:
        when = times.day(facts.open_dispute.created_at, zone)
        return f"Your bank asked for this gift back on {when}. If that was a mistake, please tell your bank."
    if facts.payout is not None and facts.payout.state == "paid":
        when = times.day(facts.payout.arrives_on, zone)
        return f"Your gift was sent to {_payee(facts)}’s bank account, to arrive on {when}."
    return f"{_payee(facts)} has received your {amount} by card" + (
        "." if charity == _payee(facts) else f" for {charity}."
    )


def looked_at_sentence(facts: GiftFacts) -> str:
    """Return what a donor is told whose payment differs from what was asked."""
    paid = money.show(facts.looked_at) if facts.looked_at is not None else ""
    return (
        f"{paid} was paid, and that is not quite what was asked for. Somebody at {_payee(facts)} looks at it. You need "
        "not do anything, and please do not pay again. It counts in the total once they have decided."
    )


def steps(facts: GiftFacts, now: datetime) -> tuple[Step, ...]:
    """Return a gift's way, oldest first, what is still to come last."""
    taken = [_paying(facts)]
    if facts.is_paid:
        taken += [*_coming_back(facts), *_to_the_bank(facts, now)]
    return tuple(taken)


def amounts(facts: GiftFacts) -> tuple[ReceiptLine, ...]:
    """Return what became of the amount, once Stripe said what it took."""
    settlement = facts.settlement
    if not facts.is_paid or settlement is None:
        return ()
    lines = [ReceiptLine(label="Your gift", amount=money.show(facts.total))]
    currency = settlement.currency
    if currency != facts.donation.currency:
        settled = Money(settlement.amount_minor, currency)
        lines.append(ReceiptLine(label="Converted by Stripe", amount=money.show(settled)))
    fee = Money(settlement.fee_minor, currency)
    lines.append(ReceiptLine(label="Taken by the card company", amount=f"{_MINUS}{money.show(fee)}"))
    if facts.returned:
        lines.append(ReceiptLine(label="Returned to you", amount=f"{_MINUS}{money.show(facts.returned)}"))
    # What a refund took out of another currency is in the books alone; the lines would not add up here.
    can_be_summed = not facts.returned or (currency == facts.donation.currency and facts.returned != facts.total)
    if can_be_summed and facts.open_dispute is None and facts.lost_dispute is None:
        net = Money(settlement.net_minor - facts.returned.minor, currency)
        lines.append(ReceiptLine(label=f"Reaches {_payee(facts)}", amount=money.show(net)))
    return tuple(lines)


def public_line(facts: GiftFacts) -> str:
    """Return how a gift stands on the campaign's page."""
    donation, donor = facts.donation, facts.donor
    name = donor.name if donation.show_name and donor is not None and donor.name else "A supporter"
    parts = [name]
    if donation.show_amount:
        parts.append(money.show(facts.gift))
    if donation.paid_at is not None:
        parts.append(times.day(donation.paid_at, facts.campaign.zone))
    line = ", ".join(parts)
    return f"{line}: “{donation.message}”" if donation.show_message and donation.message else line


def expected_at_bank(facts: GiftFacts, now: datetime) -> datetime:
    """Return about when a gift will be at the bank."""
    begun = facts.donation.paid_at or now
    return times.business_days_after(begun, _PAYOUT_DAYS)


def _statement(facts: GiftFacts) -> str:
    if facts.donation.descriptor:
        return facts.donation.descriptor
    return statement_text(facts.account.statement_prefix, facts.campaign.statement_suffix)


def _payee(facts: GiftFacts) -> str:
    return facts.merchant.name


def _receipt_lines(facts: GiftFacts) -> tuple[ReceiptLine, ...]:
    lines = [ReceiptLine(label="Gift", amount=money.show(facts.gift))]
    if facts.donation.fee_cover_minor:
        cover = Money(facts.donation.fee_cover_minor, facts.donation.currency)
        lines.append(ReceiptLine(label="Added to cover the card fee", amount=money.show(cover)))
    for refund in facts.refunds:
        if refund.state in {"pending", "requires_action", "succeeded"}:
            when = times.day(refund.created_at, facts.campaign.zone)
            amount = Money(refund.minor, refund.currency)
            lines.append(ReceiptLine(label=f"Refunded on {when}", amount=f"{_MINUS}{money.show(amount)}"))
    return tuple(lines)


def _mark(facts: GiftFacts) -> str:
    if facts.lost_dispute is not None:
        return "Taken back by the donor’s bank"
    if facts.returned == facts.total:
        return "Refunded in full"
    return "Part of this gift was refunded" if facts.returned else ""


def _paying(facts: GiftFacts) -> Step:
    zone = facts.campaign.zone
    if facts.donation.paid_at is not None:
        by_debit = step_at(facts, DonationState.PROCESSING) is not None
        return Step(
            title="Paid by bank debit" if by_debit else "Paid by card",
            state="done",
            when=at(facts.donation.paid_at, zone),
            detail="Counted in the total from this moment."
            if facts.donation.currency == facts.campaign.currency
            else "",
        )
    if facts.looked_at is not None and facts.kept_out is not None:
        found = facts.kept_out.first_seen_at
        return Step(title=f"{money.show(facts.looked_at)} paid, being looked at", state="now", when=at(found, zone))
    if facts.donation.state == DonationState.PROCESSING:
        begun = step_at(facts, DonationState.PROCESSING)
        return Step(
            title="Your bank was asked", state="now", when=at(begun, zone) if begun else None, detail="This takes days."
        )
    opened = step_at(facts, DonationState.OPENED)
    if facts.donation.state in _UNDECIDED:
        return Step(title="Payment page opened", state="now", when=at(opened, zone) if opened else None)
    return Step(title="Not paid", state="wrong", detail="Nothing was taken.")


def _coming_back(facts: GiftFacts) -> list[Step]:
    zone = facts.campaign.zone
    back = []
    for refund in facts.refunds:
        amount = money.show(Money(refund.minor, refund.currency))
        if refund.state in {"failed", "canceled"}:
            detail = "The money could not be returned; the charity will be in touch."
            back.append(
                Step(title=f"Refund of {amount} failed", state="wrong", when=at(refund.created_at, zone), detail=detail)
            )
        else:
            detail = "Banks take 5 to 10 days to show it."
            back.append(
                Step(title=f"{amount} returned to you", state="done", when=at(refund.created_at, zone), detail=detail)
            )
    for dispute in facts.disputes:
        if dispute.state in {"won", "lost", "needs_response", "under_review"}:
            back += _dispute_steps(facts, dispute.state, dispute.created_at)
    return back


def _dispute_steps(facts: GiftFacts, state: str, created_at: datetime) -> list[Step]:
    zone = facts.campaign.zone
    is_open = state in {"needs_response", "under_review"}
    opened = Step(
        title="Disputed at the bank",
        state="wrong" if is_open else "done",
        when=at(created_at, zone),
        detail="It stays in the total, marked, until the bank decides." if is_open else "",
    )
    if is_open:
        return [opened, Step(title="The bank decides", state="later", detail="This can take 75 days.")]
    if state == "won":
        return [opened, Step(title="The bank decided that the gift stands", state="done")]
    return [opened, Step(title="The bank took the gift back", state="wrong")]


def _to_the_bank(facts: GiftFacts, now: datetime) -> list[Step]:
    """Return the last steps, unless nothing of the gift is left."""
    if facts.returned == facts.total or facts.lost_dispute is not None:
        return []
    payout, zone = facts.payout, facts.campaign.zone
    title = f"Sent to {_payee(facts)}’s bank"
    if payout is None:
        when = expected_at_bank(facts, now)
        detail = f"Usually by {times.day(when, zone)}." if now <= when else "With Stripe’s next transfer."
        return [Step(title=title, state="later", when=None, detail=detail)]
    if payout.state == "paid":
        return [Step(title=title, state="done", when=on_day(payout.arrives_on, zone))]
    if payout.state in {"failed", "canceled"}:
        return [Step(title=title, state="wrong", detail="The transfer failed; Stripe sends the money again.")]
    return [Step(title=title, state="now", when=on_day(payout.arrives_on, zone))]
