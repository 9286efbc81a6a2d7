"""A donor's own pages in every state of a gift, and the mail about it."""

from dataclasses import replace

from fundraise.views.gift_pages import (
    GiftPage,
    GiftPart,
    NextStep,
    PayAction,
    ReceiptFacts,
    ReceiptLine,
    ReceiptLinks,
    ReceiptPage,
    SharedGift,
    Step,
    ThanksPage,
    VisibilityForm,
)
from fundraise.views.mails import PaymentFailedMail, ReceiptMail, RefundMail
from fundraise.views.parts import Link, Moment, Status, Toast

from .sample import Sample
from .samples_campaign import PASSAGE, SHELTER

CAMPAIGN = Link(text="Forty winter beds", href="/c/winter-beds")
TODAY = Moment(text="22 November 2026", iso="2026-11-22")
PAID_AT = Moment(text="22 November 2026, 14:05 UTC", iso="2026-11-22T14:05:00Z")
FACTS = ReceiptFacts(
    number="R-2026-000123",
    issued=TODAY,
    received=PAID_AT,
    lines=(
        ReceiptLine(label="Gift", amount="£20.00"),
        ReceiptLine(label="Added to cover the card fee", amount="£0.51"),
    ),
    total="£20.51",
    charity=SHELTER,
    campaign="Forty winter beds",
    method="Visa card ending 4242",
    statement="RAINBOW* SHELTER",
    donor_name="Mara Lindqvist",
    notes=("No goods or services were given in return for this gift.",),
)
LINKS = ReceiptLinks(
    page_href="/d/tok/receipt",
    pdf_href="/d/tok/receipt.pdf",
    resend_action="/d/tok/receipt/send",
    email_masked="m…@example.org",
)
PAID = GiftPage(
    status=Status(word="Paid", tone="settled"),
    sentence="Rainbow Shelter’s account at Stripe has your £20.51. It goes to the shelter’s bank about 26 November.",
    amount="£20.51",
    charity=SHELTER,
    campaign=CAMPAIGN,
    steps=(
        Step(title="Paid by card", state="done", when=PAID_AT, detail="Counted in the total from this moment."),
        Step(title="Receipt sent", state="done", when=PAID_AT, detail="To m…@example.org"),
        Step(
            title="Sent to Rainbow Shelter’s bank",
            state="now",
            when=Moment(text="about 26 November 2026", iso="2026-11-26"),
        ),
        Step(title="Seen on the shelter’s bank statement", state="later"),
    ),
    reference="G-7K3Q-9M2X",
    receipt=LINKS,
    visibility=VisibilityForm(
        action="/d/tok/visibility",
        name="Mara Lindqvist",
        message="For Sasha.",
        show_name=True,
        public_line="Mara Lindqvist, 22 November",
    ),
    lines=(
        ReceiptLine(label="Your gift", amount="£20.51"),
        ReceiptLine(label="Taken by the card company", amount="−£0.51"),
        ReceiptLine(label="Reaches Rainbow Shelter", amount="£20.00"),
    ),
    toast=Toast(text="Saved. The campaign’s page shows the change within a minute."),
)
PAID_OUT = replace(
    PAID,
    status=Status(word="Paid out", tone="settled"),
    sentence="Your gift reached Rainbow Shelter’s bank account on 26 November 2026.",
    steps=(
        *PAID.steps[:2],
        Step(title="Sent to Rainbow Shelter’s bank", state="done", when=Moment(text="25 November", iso="2026-11-25")),
        Step(
            title="Seen on the shelter’s bank statement",
            state="done",
            when=Moment(text="26 November", iso="2026-11-26"),
            detail="With 41 other gifts, in a transfer of £1,204.10.",
        ),
    ),
    toast=None,
)
REFUNDED = replace(
    PAID,
    status=Status(word="Refunded", tone="quiet"),
    sentence="Your £20.51 was returned on 3 December 2026. It is no longer in the total.",
    steps=(
        PAID.steps[0],
        Step(
            title="Returned to your card",
            state="done",
            when=Moment(text="3 December 2026", iso="2026-12-03"),
            detail="Banks take 5 to 10 days to show it.",
        ),
    ),
    visibility=None,
    lines=(),
    toast=None,
)
DISPUTED = replace(
    PAID,
    status=Status(word="Disputed", tone="wrong"),
    sentence="Your bank asked for this gift back on 30 November 2026. If that was a mistake, tell your bank.",
    steps=(
        PAID.steps[0],
        Step(
            title="Disputed at the bank",
            state="wrong",
            when=Moment(text="30 November 2026", iso="2026-11-30"),
            detail="It stays in the total, marked, until the bank decides.",
        ),
        Step(title="The bank decides", state="later", detail="This can take 60 days."),
    ),
    toast=None,
)
UNPAID = replace(
    PAID,
    status=Status(word="Not paid", tone="quiet"),
    sentence="Nothing was taken. You can still give if you like.",
    steps=(Step(title="Card page opened", state="done", when=PAID_AT), Step(title="Paid", state="later")),
    receipt=None,
    visibility=None,
    lines=(),
    retry=PayAction(action="/d/tok/pay", button="Give £20.51", token="t-8"),
    toast=None,
)
HALF = SharedGift(
    heading="Part 1 of 2",
    parts=(
        GiftPart(charity="Rainbow Shelter", amount="£10.00", status=Status(word="Paid", tone="settled")),
        GiftPart(
            charity="Safe Passage North",
            amount="£10.00",
            status=Status(word="Not paid yet", tone="needs_you"),
            href="/d/tok2",
        ),
    ),
    next_part=PayAction(action="/d/tok2/pay", button="Give £10.00 to Safe Passage North", token="t-9"),
)
THANKS = ThanksPage(
    state="paid",
    heading="Thank you, Mara",
    sentence="You gave £20.51 to Rainbow Shelter for Forty winter beds. It is in the total now.",
    campaign=CAMPAIGN,
    manage_href="/d/tok",
    charity=SHELTER,
    next_steps=(
        NextStep(when="Within a minute", what="The receipt comes by mail to m…@example.org."),
        NextStep(when="About 26 November", what="The card company sends the money to the shelter’s bank."),
        NextStep(when="Afterwards", what="Your gift’s own page shows when it arrived."),
    ),
    receipt=FACTS,
    receipt_links=LINKS,
)
CONFIRMING = ThanksPage(
    state="confirming",
    heading="One moment",
    sentence="The card company is confirming your £20.51. This page will know in a moment. There is nothing to press.",
    campaign=CAMPAIGN,
    manage_href="/d/tok",
    charity=SHELTER,
    next_steps=(
        NextStep(when="In a few seconds", what="This page shows the result by itself."),
        NextStep(when="If you must leave", what="Go ahead. Nothing is lost, and the receipt comes by mail."),
    ),
    refresh_seconds="4",
)
LOOKED_AT = ThanksPage(
    state="looked_at",
    heading="Thank you",
    sentence="£20.51 was paid, and that is not quite what was asked for. Somebody at Rainbow Shelter looks at it. You "
    "need not do anything, and please do not pay again. It counts in the total once they have decided.",
    campaign=CAMPAIGN,
    manage_href="/d/tok",
    charity=SHELTER,
)
NOT_PAID = ThanksPage(
    state="cancelled",
    heading="Nothing was taken",
    sentence="You left the card page before paying.",
    campaign=CAMPAIGN,
    manage_href="/d/tok",
    charity=SHELTER,
    retry=PayAction(action="/d/tok/pay", button="Give £20.51 after all", token="t-8"),
)
RECEIPT = ReceiptPage(
    facts=FACTS,
    pdf_href="/d/tok/receipt.pdf",
    back=Link(text="Back to your gift", href="/d/tok"),
    gift_address="https://give.example.org/d/3fJx9QmZt7Lw2VbK8sRnYp",
)
PARTLY = replace(
    FACTS,
    lines=(*FACTS.lines, ReceiptLine(label="Refunded on 3 December 2026", amount="−£5.00")),
    total="£15.51",
    mark="Part of this gift was refunded",
    donor_name="محمد عبد الرحمن",
    event="Winter quiz night",
)

GIFT, THANKS_PAGE, PAPER = "public/gift.html", "public/thanks.html", "public/receipt.html"
SAMPLES = (
    Sample(name="gift-paid", template=GIFT, page=PAID),
    Sample(name="gift-paid-out", template=GIFT, page=PAID_OUT),
    Sample(name="gift-refunded", template=GIFT, page=REFUNDED),
    Sample(name="gift-disputed", template=GIFT, page=DISPUTED),
    Sample(name="gift-unpaid", template=GIFT, page=UNPAID),
    Sample(name="gift-shared", template=GIFT, page=replace(PAID, shared=HALF, event="Winter quiz night")),
    Sample(
        name="gift-refused",
        template=GIFT,
        page=replace(
            PAID,
            visibility=replace(
                PAID.visibility, errors={"message": "The message is longer than 280 characters."}, message="ы" * 281
            ),
        ),
    ),
    Sample(name="thanks-paid", template=THANKS_PAGE, page=THANKS),
    Sample(name="thanks-shared", template=THANKS_PAGE, page=replace(THANKS, shared=HALF)),
    Sample(name="thanks-confirming", template=THANKS_PAGE, page=CONFIRMING),
    Sample(name="thanks-looked-at", template=THANKS_PAGE, page=LOOKED_AT),
    Sample(
        name="thanks-on-its-way",
        template=THANKS_PAGE,
        page=replace(
            CONFIRMING,
            state="on_its_way",
            heading="Thank you",
            sentence="Your bank payment of £20.00 has begun. It counts in the total when your bank has sent it.",
            next_steps=(NextStep(when="In 3 to 5 days", what="Your bank sends the money, and the receipt follows."),),
            refresh_seconds="",
        ),
    ),
    Sample(name="thanks-cancelled", template=THANKS_PAGE, page=NOT_PAID),
    Sample(
        name="thanks-failed",
        template=THANKS_PAGE,
        page=replace(
            NOT_PAID,
            state="failed",
            heading="Your card was declined",
            sentence="Nothing was taken. Try another card or ask your bank.",
        ),
    ),
    Sample(
        name="thanks-expired",
        template=THANKS_PAGE,
        page=replace(
            NOT_PAID,
            state="expired",
            heading="The card page has closed",
            sentence="It was open for more than half an hour. Nothing was taken.",
        ),
    ),
    Sample(name="receipt", template=PAPER, page=RECEIPT),
    Sample(name="receipt-partly", template=PAPER, page=replace(RECEIPT, facts=PARTLY)),
)
MAIL_RECEIPT = ReceiptMail(
    facts=FACTS, gift_url="https://give.example.org/d/tok", receipt_url="https://give.example.org/d/tok/receipt"
)
MAILS = (
    ("receipt", MAIL_RECEIPT),
    ("receipt", replace(MAIL_RECEIPT, facts=PARTLY, is_discreet=True)),
    (
        "payment_failed",
        PaymentFailedMail(
            amount="£20.00",
            charity=SHELTER,
            campaign="Forty winter beds",
            gift_url="https://give.example.org/d/tok",
            reason="Your bank did not find enough money in the account.",
        ),
    ),
    (
        "refund",
        RefundMail(
            amount="£5.00",
            remaining="£15.51",
            charity=PASSAGE,
            campaign="Safe this winter",
            gift_url="https://give.example.org/d/tok",
            arrives="within 5 to 10 days, on the card you paid with",
        ),
    ),
)
