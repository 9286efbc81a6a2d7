"""The pages of one gift, made out of what is known of it."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from fundraise import money, times
from fundraise.donations.rules import LONGEST_MESSAGE
from fundraise.donations.tables import Donation, DonationState
from fundraise.figures.gift import GiftFacts
from fundraise.money import Money
from fundraise.parts import Parts
from fundraise.showing import gift as words
from fundraise.showing.values import legal_body, masked, reference
from fundraise.views.gift_pages import (
    GiftPage,
    GiftPart,
    NextStep,
    PayAction,
    ReceiptLinks,
    ReceiptPage,
    SharedGift,
    ThanksPage,
    VisibilityForm,
)
from fundraise.views.parts import Link, Status, Toast
from fundraise.web.public.give_form import Typed

_UNPAID: Final = frozenset({DonationState.CREATED, DonationState.OPENED})
_WAIT_SECONDS: Final = "3"


def gift_page(parts: Parts, facts: GiftFacts, toast: Toast | None = None, typed: Typed | None = None) -> GiftPage:
    """Make a gift's own page."""
    address = _address(parts, facts.donation)
    return GiftPage(
        status=words.status(facts),
        sentence=words.sentence(facts),
        amount=money.show(facts.total),
        charity=legal_body(facts.merchant),
        campaign=_campaign(facts),
        steps=words.steps(facts, parts.clock.now()),
        reference=reference(facts.donation),
        receipt=_receipt_links(facts, address) if facts.receipt is not None else None,
        visibility=_visibility(facts, address, typed) if _can_be_shown(facts) else None,
        shared=_shared(parts, facts),
        retry=_pay(parts, facts.donation) if _may_pay(facts) else None,
        refund_note=facts.merchant.refund_policy,
        event=facts.event.title if facts.event is not None else "",
        lines=words.amounts(facts),
        toast=toast,
    )


def thanks_page(parts: Parts, facts: GiftFacts, *, turned_back: bool) -> ThanksPage:  # noqa: PLR0911  One for each state.
    """Make the page a donor comes back to from the payment page."""
    state = DonationState(facts.donation.state)
    plain = ThanksPage(
        state="expired",
        heading="Nothing was taken",
        sentence="The payment page has closed because it was open too long. You can give again if you like.",
        campaign=_campaign(facts),
        manage_href=_address(parts, facts.donation),
        charity=legal_body(facts.merchant),
    )
    if state is DonationState.PAID:
        return _paid(parts, facts, plain)
    if facts.looked_at is not None:
        sentence = words.looked_at_sentence(facts)
        return replace(plain, state="looked_at", heading="Thank you", sentence=sentence)
    if state is DonationState.PROCESSING:
        return _processing(parts, facts, plain)
    if state is DonationState.FAILED:
        sentence = "The payment did not go through. Nothing was taken. You can give again on the campaign’s page."
        return replace(plain, state="failed", sentence=sentence)
    if state not in _UNPAID:
        return plain
    if turned_back:
        sentence = "You left the payment page before paying. Your gift is still here if you want to go on."
        return replace(plain, state="cancelled", sentence=sentence, retry=_pay(parts, facts.donation))
    return replace(
        plain,
        state="confirming",
        heading="One moment",
        sentence=f"We are asking whether your {money.show(facts.total)} arrived. This page will know in a moment.",
        refresh_seconds=_WAIT_SECONDS,
    )


def _paid(parts: Parts, facts: GiftFacts, plain: ThanksPage) -> ThanksPage:
    email = facts.donor.email if facts.donor is not None else ""
    passed_on = "" if facts.merchant.id == facts.charity.id else f", for {facts.charity.name}"
    return replace(
        plain,
        state="paid",
        heading="Thank you",
        sentence=f"You gave {money.show(facts.total)} to {facts.merchant.name}{passed_on}.",
        next_steps=_next_steps(facts, parts.clock.now()),
        receipt=words.receipt_facts(facts),
        receipt_links=_receipt_links(facts, plain.manage_href),
        shared=_shared(parts, facts),
        email_note=f"The receipt is on its way to {masked(email)}." if email else "",
    )


def _processing(parts: Parts, facts: GiftFacts, plain: ThanksPage) -> ThanksPage:
    amount = money.show(facts.total)
    return replace(
        plain,
        state="on_its_way",
        heading="Thank you",
        sentence=f"Your bank was asked for {amount}. It takes a few days until {facts.merchant.name} has it.",
        next_steps=(
            NextStep(when="Now", what="Your bank is asked. You need not do anything."),
            NextStep(when="In 4 to 7 days", what="The gift arrives, counts in the total, and you get a receipt."),
        ),
        shared=_shared(parts, facts),
    )


def receipt_page(parts: Parts, facts: GiftFacts) -> ReceiptPage:
    """Make the receipt on paper."""
    address = _address(parts, facts.donation)
    return ReceiptPage(
        facts=words.receipt_facts(facts),
        pdf_href=f"{address}/receipt.pdf",
        back=Link(text="Back to your gift", href=address),
        gift_address=f"{parts.settings.base_url}{address}",
    )


def next_part(facts: GiftFacts) -> Donation | None:
    """Return the next part of a shared gift that can still be paid."""
    return next((part for part, _ in facts.parts if part.state in _UNPAID), None)


def _address(parts: Parts, donation: Donation) -> str:
    return f"/d/{parts.sealer.link_token('donation', donation.ref)}"


def _campaign(facts: GiftFacts) -> Link:
    return Link(text=facts.campaign.title, href=f"/c/{facts.campaign.slug}")


def _receipt_links(facts: GiftFacts, address: str) -> ReceiptLinks:
    email = facts.donor.email if facts.donor is not None else ""
    return ReceiptLinks(
        page_href=f"{address}/receipt",
        pdf_href=f"{address}/receipt.pdf",
        resend_action=f"{address}/receipt/send" if email else "",
        email_masked=masked(email) if email else "",
    )


def _can_be_shown(facts: GiftFacts) -> bool:
    return facts.is_paid and facts.returned != facts.total and facts.lost_dispute is None


def _visibility(facts: GiftFacts, address: str, typed: Typed | None) -> VisibilityForm:
    donation = facts.donation
    name = facts.donor.name if facts.donor is not None else ""
    return VisibilityForm(
        action=f"{address}/visibility",
        name=typed.value("name") if typed else name,
        message=typed.value("message") if typed else donation.message,
        message_length_max=str(LONGEST_MESSAGE),
        public_line=words.public_line(facts),
        show_name=typed.ticked("show_name") if typed else donation.show_name,
        show_amount=typed.ticked("show_amount") if typed else donation.show_amount,
        show_message=typed.ticked("show_message") if typed else donation.show_message,
        errors=typed.errors if typed else {},
    )


def _shared(parts: Parts, facts: GiftFacts) -> SharedGift | None:
    if facts.donation.parts == 1:
        return None
    following = next_part(facts)
    return SharedGift(
        heading=f"Part {facts.donation.part} of {facts.donation.parts}",
        parts=tuple(
            GiftPart(
                charity=body.name,
                amount=money.show(Money(part.total_minor, part.currency)),
                status=_part_status(part),
                href="" if part.id == facts.donation.id else _address(parts, part),
            )
            for part, body in facts.parts
        ),
        next_part=_pay(parts, following) if following is not None and _is_open(facts) else None,
    )


def _part_status(part: Donation) -> Status:
    if part.state == DonationState.PAID:
        return Status(word="Paid", tone="settled")
    if part.state == DonationState.PROCESSING:
        return Status(word="On its way", tone="on_its_way")
    if part.state in _UNPAID:
        return Status(word="Not paid yet", tone="needs_you")
    return Status(word="Not paid", tone="quiet")


def _pay(parts: Parts, donation: Donation) -> PayAction:
    amount = money.show(Money(donation.total_minor, donation.currency))
    return PayAction(action=f"{_address(parts, donation)}/pay", button=f"Give {amount}")


def _may_pay(facts: GiftFacts) -> bool:
    return facts.donation.state in _UNPAID and facts.looked_at is None and _is_open(facts)


def _is_open(facts: GiftFacts) -> bool:
    return facts.campaign.state == "live"


def _next_steps(facts: GiftFacts, now: datetime) -> tuple[NextStep, ...]:
    zone = facts.campaign.zone
    counted = "Your gift is in the total."
    if facts.donation.currency != facts.campaign.currency and facts.settlement is None:
        counted = "Your gift is on its way into the total: it joins it once Stripe has converted it, within a day."
    when = times.day(words.expected_at_bank(facts, now), zone)
    return (
        NextStep(when="Now", what=counted),
        NextStep(when=f"By about {when}", what=f"Stripe sends it to {facts.merchant.name}’s bank account."),
    )
