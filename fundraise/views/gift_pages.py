"""A donor's own pages under `/d/{token}`: the gift, the thanks, the receipt. Whoever holds the address sees them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from fundraise.views.give_form import STANDARD_AUDIENCES, VisibilityRow
from fundraise.views.parts import Link, Moment, Status, Toast
from fundraise.views.site import LegalBody


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step on a gift's way.

    Fields:
        title: "Paid by card", "Sent to the charity's bank account".
        state: "done", "now" (on its way), "later", or "wrong" (failed, disputed).
        when: when it happened or is expected; None when nobody can say.
        detail: a sentence more; "" for none.
    """

    title: str
    state: Literal["done", "now", "later", "wrong"]
    when: Moment | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptLine:
    """A line of a receipt.

    Fields:
        label: "Gift", "Added to cover the card fee", "Refunded on 3 December 2026".
        amount: signed, "£20.00", "-£5.00".
    """

    label: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFacts:
    """What a receipt says, on paper, on the thanks page and in the mail.

    Fields:
        number: "R-2026-000123".
        issued: the day of issue.
        received: when the gift was paid.
        lines: what was paid, and what was refunded since.
        total: the sum of the lines, "£20.53".
        charity: who received it.
        campaign: the campaign's name.
        method: "Visa card ending 4242", "Bacs direct debit"; "" when it is not known yet.
        statement: the text on the bank statement.
        donor_name: as the donor gave it; "" when no name was given.
        event: the event's name; "" for none.
        notes: sentences at its foot, "No goods or services were given in return."
        mark: "Refunded in full", "Part of this gift was refunded"; "" while all of it stands.
    """

    number: str
    issued: Moment
    received: Moment
    lines: tuple[ReceiptLine, ...]
    total: str
    charity: LegalBody
    campaign: str
    method: str = ""
    statement: str = ""
    donor_name: str = ""
    event: str = ""
    notes: tuple[str, ...] = ()
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptLinks:
    """Where the receipt is.

    Fields:
        page_href: "/d/{token}/receipt".
        pdf_href: "/d/{token}/receipt.pdf".
        resend_action: address the form posts to, "/d/{token}/receipt/send"; "" when no e-mail is known.
        email_masked: "a…@example.org"; "" when no e-mail is known.
    """

    page_href: str
    pdf_href: str
    resend_action: str = ""
    email_masked: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibilityForm:
    """The switches after the gift; the same fields as in the giving form.

    Fields:
        action: address the form posts to, "/d/{token}/visibility".
        name: the donor's name as it would be shown.
        message: the message as it would be shown.
        message_length_max: longest message, "280".
        show_name: as it stands.
        show_amount: as it stands.
        show_message: as it stands.
        public_line: how the gift looks to everybody now, "A supporter, 22 November".
        audiences: see `VisibilityRow`.
        errors: message by field name.
    """

    action: str
    name: str
    message: str
    public_line: str
    message_length_max: str = "280"
    show_name: bool = False
    show_amount: bool = False
    show_message: bool = False
    audiences: tuple[VisibilityRow, ...] = STANDARD_AUDIENCES
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayAction:
    """A button that leads on to the card page.

    Fields:
        action: address the form posts to, "/d/{token}/pay".
        button: what it does, "Give £10.00 to Safe Passage".
        token: sent as `token`; "" when the address alone is enough.
    """

    action: str
    button: str
    token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftPart:
    """One part of a gift that is shared over several charities.

    Fields:
        charity: "Safe Passage".
        amount: "£10.00".
        status: Status("Paid", "settled"), Status("Not paid yet", "needs_you").
        href: the part's own page; "" for the part shown now.
    """

    charity: str
    amount: str
    status: Status
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedGift:
    """How far a shared gift is.

    Fields:
        heading: "Part 1 of 2".
        parts: every part in order.
        next_part: the button for the next unpaid part; None when all are paid.
        note: "Each part is a card payment of its own."
    """

    heading: str
    parts: tuple[GiftPart, ...]
    next_part: PayAction | None = None
    note: str = "Each part is a card payment of its own, to that charity."


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftPage:
    """`public/gift.html` at `/d/{token}`.

    Fields:
        status: where the gift is: "Paid", "On its way", "Paid out", "Partly refunded", "Refunded", "Disputed",
            "Not paid", with its tone.
        sentence: the same as a sentence: "Your gift of £20.00 reached Rainbow Shelter on 24 November 2026."
        amount: "£20.00".
        charity: who receives it.
        campaign: the campaign's page.
        steps: its way, oldest first, coming steps last.
        reference: short reference to quote in a question, "G-7K3Q-9M2X".
        receipt: None until the gift is paid.
        visibility: None when nothing can be shown (not paid, refunded).
        shared: for a shared gift.
        retry: pay now, for a gift that was begun and not paid; None when it is paid or no longer possible.
        event: the event's name; "" for none.
        lines: amounts behind the figure: the gift, the card fee, what reached the charity, refunds.
        refund_note: what the charity says about giving gifts back; "" where it says nothing.
        toast: what the last action did.
    """

    status: Status
    sentence: str
    amount: str
    charity: LegalBody
    campaign: Link
    steps: tuple[Step, ...]
    reference: str
    receipt: ReceiptLinks | None = None
    visibility: VisibilityForm | None = None
    shared: SharedGift | None = None
    retry: PayAction | None = None
    event: str = ""
    lines: tuple[ReceiptLine, ...] = ()
    refund_note: str = ""
    toast: Toast | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """What will happen, and when.

    Fields:
        when: "Now", "Within a minute", "About 26 November".
        what: a sentence.
    """

    when: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThanksPage:
    """`public/thanks.html` at `/d/{token}/thanks`, where the card page sends the donor back to.

    Fields:
        state: "paid"; "on_its_way" (a bank debit that takes days); "confirming" (the donor is back before the news);
            "cancelled" (the donor turned back); "failed" (declined); "expired" (the card page was open too long);
            "looked_at" (something else was paid than was asked for, and a person decides).
        heading: "Thank you", "One moment", "Nothing was taken".
        sentence: what happened, with the amount: "You gave £20.00 to Rainbow Shelter."
        campaign: the campaign's page.
        manage_href: "/d/{token}", worth keeping.
        charity: who takes the gift, for the footer.
        next_steps: what happens next and when.
        receipt: the receipt at once; None unless the gift is paid.
        receipt_links: where it is; None unless the gift is paid.
        shared: for a shared gift: which part this was and the button for the next.
        retry: pay again, for "cancelled", "failed" and "expired"; None when that is not possible.
        refresh_seconds: "confirming" asks again after so many seconds, "4"; "" for never. Without JavaScript the page
            reloads by itself; the route need not send a header.
        email_note: "The receipt is on its way to a…@example.org."; "" when no e-mail is known.
    """

    state: Literal["paid", "on_its_way", "confirming", "cancelled", "failed", "expired", "looked_at"]
    heading: str
    sentence: str
    campaign: Link
    manage_href: str
    charity: LegalBody
    next_steps: tuple[NextStep, ...] = ()
    receipt: ReceiptFacts | None = None
    receipt_links: ReceiptLinks | None = None
    shared: SharedGift | None = None
    retry: PayAction | None = None
    refresh_seconds: str = ""
    email_note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptPage:
    """`public/receipt.html` at `/d/{token}/receipt`: a sheet of A4 paper.

    Fields:
        facts: what it says.
        pdf_href: "/d/{token}/receipt.pdf".
        back: to the gift.
        gift_address: whole address of the gift's page for the foot of the paper; "" leaves it out.
    """

    facts: ReceiptFacts
    pdf_href: str
    back: Link
    gift_address: str = ""
