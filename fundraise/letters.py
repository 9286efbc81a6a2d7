"""Writing letters: what an outbox row says, to whom, at the moment it leaves."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from sqlmodel import Session

from fundraise import money
from fundraise.donations.tables import Donation
from fundraise.figures.gift import GiftFacts, gift_facts
from fundraise.outbox import Letter
from fundraise.parts import Parts
from fundraise.rendering import render
from fundraise.showing.gift import receipt_facts
from fundraise.showing.site import site
from fundraise.showing.values import legal_body
from fundraise.views.mails import PaymentFailedMail, ReceiptMail, RefundMail

_ARRIVES: Final = "within 5 to 10 days, on the card or account you paid with"


@dataclass(frozen=True, slots=True)
class Written:
    """A letter ready to leave."""

    recipient: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)


def compose(parts: Parts, session: Session, letter: Letter) -> Written | None:
    """Write a letter; None when there is nobody to send it to any more. KeyError for a kind we do not know."""
    donation = session.get_one(Donation, letter.donation_id)
    facts = gift_facts(session, donation.ref)
    if facts.donor is None or not facts.donor.email:
        return None
    url = f"{parts.settings.base_url}/d/{parts.sealer.link_token('donation', donation.ref)}"
    context = {
        "page": _PAGES[letter.kind](facts, url, letter.about),
        "site": site(parts.settings, parts.clock.now().year),
    }
    name = f"mail/{letter.kind}"
    return Written(
        recipient=facts.donor.email,
        subject=render(f"{name}_subject.txt", **context).strip(),
        text=render(f"{name}.txt", **context),
        html=render(f"{name}.html", **context),
    )


def _receipt(facts: GiftFacts, url: str, _about: str) -> ReceiptMail:
    return ReceiptMail(facts=receipt_facts(facts), gift_url=url, receipt_url=f"{url}/receipt")


def _payment_failed(facts: GiftFacts, url: str, _about: str) -> PaymentFailedMail:
    return PaymentFailedMail(
        amount=money.show(facts.total),
        charity=legal_body(facts.charity),
        campaign=facts.campaign.title,
        gift_url=url,
    )


def _refund(facts: GiftFacts, url: str, about: str) -> RefundMail:
    left = facts.total - facts.returned
    return RefundMail(
        amount=about,
        remaining=money.show(left) if left else "",
        charity=legal_body(facts.merchant),
        campaign=facts.campaign.title,
        gift_url=url,
        arrives=_ARRIVES,
    )


_PAGES: Final[dict[str, Callable[[GiftFacts, str, str], Any]]] = {
    "receipt": _receipt,
    "payment_failed": _payment_failed,
    "refund": _refund,
}
