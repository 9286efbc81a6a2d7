"""Payouts: what Stripe sent to the bank."""

from dataclasses import replace

from fundraise.views.parts import EmptyState, Link, Moment, Pager, Status
from fundraise.views.staff_parts import Answer, Fact, Happening, SortLinks, TotalsRow
from fundraise.views.staff_payout_pages import PayoutLine, PayoutPage, PayoutRow, PayoutsPage

from .sample import Sample
from .samples_staff import FILTER, NOW, frame

IN_THE_BANK = Status(word="In the bank", tone="settled")
ROW = PayoutRow(
    arrives=Moment(text="26 November 2026", iso="2026-11-26"),
    reference="po_1PxT21LkdIwHu7ix0nE",
    href="/staff/payouts/po_1",
    account="rainbow-shelter",
    status=IN_THE_BANK,
    gross="£1,241.50",
    back="−£12.40",
    fees="−£25.00",
    amount="£1,204.10",
    bank_line=Link(text="26 November", href="/staff/lines/1"),
)
PAYOUTS = PayoutsPage(
    frame=frame("payouts"),
    answer=Answer(sentence="3 payouts, £3,612.30. 1 does not add up, by £12.40.", tone="wrong"),
    filter_bar=FILTER,
    rows=(
        replace(ROW, status=Status(word="Lines do not add up", tone="wrong"), bank_line=None),
        replace(ROW, status=Status(word="On its way", tone="on_its_way"), bank_line=None, back=""),
        ROW,
    ),
    totals=(TotalsRow(label="Sum, GBP", amounts=("£3,724.50", "−£24.80", "−£75.00", "£3,612.30")),),
    pager=Pager(summary="1 to 3 of 3"),
    empty=EmptyState(sentence="No payout yet. Stripe sends the first one a few days after the first gift."),
    sort=SortLinks(key="arrives", hrefs={"arrives": "/staff/payouts", "amount": "/staff/payouts?sort=amount"}),
)
LINE = PayoutLine(
    when=NOW,
    what="Gift",
    reference="G-7K3Q-9M2X",
    href="/staff/donations/1",
    amount="£20.51",
    fee="−£0.51",
    net="£20.00",
)
PAYOUT = PayoutPage(
    frame=frame("payouts", back=Link(text="Payouts", href="/staff/payouts")),
    reference="po_1PxT21LkdIwHu7ix0nE",
    status=Status(word="Lines do not add up", tone="wrong"),
    answer=Answer(sentence="£1,204.10 was sent; its 2 lines come to £7.60.", tone="wrong"),
    figures=(
        Fact(label="42 gifts", value="£1,241.50"),
        Fact(label="Card fees", value="−£25.00"),
        Fact(label="Sent", value="£1,204.10"),
    ),
    facts=(
        Fact(label="Account", value="rainbow-shelter", is_code=True),
        Fact(label="Bank line", value="26 November 2026", href="/staff/lines/1"),
    ),
    lines=(
        LINE,
        replace(
            LINE,
            what="Refund",
            reference="re_3PxT21LkdIwHu7ix0nE",
            href="",
            amount="−£12.40",
            fee="",
            net="−£12.40",
            mark=Status(word="Not in the books", tone="wrong"),
        ),
    ),
    totals=(TotalsRow(label="Sum, GBP", amounts=("£8.11", "−£0.51", "£7.60")),),
    history=(Happening(when=NOW, what="Lines fetched again", who="the timetable"),),
)

SAMPLES = (
    Sample(name="staff-payouts", template="staff/payouts.html", page=PAYOUTS),
    Sample(name="staff-payouts-none", template="staff/payouts.html", page=replace(PAYOUTS, rows=())),
    Sample(name="staff-payout", template="staff/payout.html", page=PAYOUT),
)
