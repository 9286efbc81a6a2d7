"""Mail that leaves the house. Each has three templates: `…_subject.txt`, `….txt`, `….html`; all take the same `page`.

The text templates must be drawn without HTML escaping, the HTML ones with it. Addresses in mail are whole
(`https://…`), unlike those on pages.
"""

from dataclasses import dataclass

from fundraise.views.gift_pages import ReceiptFacts
from fundraise.views.site import LegalBody


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptMail:
    """`mail/receipt*`: after a gift is paid, and again when the donor asks for it.

    Fields:
        facts: what the receipt says.
        gift_url: the donor's own page, whole.
        receipt_url: the receipt on paper, whole.
        is_discreet: the subject names neither cause nor charity.
    """

    facts: ReceiptFacts
    gift_url: str
    receipt_url: str
    is_discreet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFailedMail:
    """`mail/payment_failed*`: a bank debit that had begun did not go through.

    Fields:
        amount: "£20.00".
        charity: who would have received it.
        campaign: the campaign's name.
        gift_url: the donor's own page, whole; one can try again there.
        reason: a kind sentence, "Your bank did not find enough money in the account."; "" when none is known.
        is_discreet: the subject names neither cause nor charity.
    """

    amount: str
    charity: LegalBody
    campaign: str
    gift_url: str
    reason: str = ""
    is_discreet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundMail:
    """`mail/refund*`: a gift or a part of it goes back.

    Fields:
        amount: what goes back, "£5.00".
        remaining: what stays given, "£15.00"; "" when all of it goes back.
        charity: who refunds it.
        campaign: the campaign's name.
        gift_url: the donor's own page, whole.
        arrives: "within 5 to 10 days, on the card you paid with".
        is_discreet: the subject names neither cause nor charity.
    """

    amount: str
    remaining: str
    charity: LegalBody
    campaign: str
    gift_url: str
    arrives: str
    is_discreet: bool = False
