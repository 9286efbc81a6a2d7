"""Statements, their lines, matches and reconciliation runs."""

from dataclasses import replace

from fundraise.views.parts import EmptyState, Link, Moment, Option, Pager, Status
from fundraise.views.staff_bank_pages import (
    BankAccountRow,
    BankLinePage,
    BankLineRow,
    BankLinesPage,
    DifferencePage,
    Match,
    RunPage,
    StatementPreviewPage,
    StatementsPage,
)
from fundraise.views.staff_parts import Answer, Comparison, Fact, Happening, PostAction, TotalsRow

from .sample import Sample
from .samples_checks import DIFFERENCES, ROLLED
from .samples_staff import FILTER, NOW, frame

DAY = Moment(text="26 November 2026", iso="2026-11-26")
BANK = Link(text="Bank", href="/staff/statements")
ACCOUNT = Link(text="Rainbow Shelter current account", href="/staff/statements/shelter")
STATEMENTS = StatementsPage(
    frame=frame("statements"),
    answer=Answer(sentence="2 accounts, 3 lines without a match, £212.40.", tone="needs_you"),
    accounts=(
        BankAccountRow(
            name="Rainbow Shelter current account",
            href="/staff/statements/shelter",
            currency="GBP",
            status=Status(word="Up to date", tone="settled"),
            last=DAY,
            closing="£18,204.10",
            unmatched="3 lines, £212.40",
        ),
        BankAccountRow(
            name="Safe Passage North",
            href="/staff/statements/passage",
            currency="GBP",
            status=Status(word="No statement yet", tone="needs_you"),
        ),
    ),
    empty=EmptyState(sentence="No bank account yet. Add one with fundraise bank add."),
    action="/staff/statements",
    account=(Option(value="shelter", text="Rainbow Shelter current account"),),
    formats="CSV, OFX, QIF, MT940, CAMT.053 and BAI2",
    imports=(Happening(when=NOW, what="november.csv: 212 lines, 14 new", who="Priya Raman"),),
)
ROWS = (
    BankLineRow(
        date=DAY,
        text="STRIPE PAYMENTS UK LTD 2F7K",
        amount="£1,204.10",
        status=Status(word="Matched", tone="settled"),
        href="/staff/lines/1",
        match=Link(text="Payout po_1PxT21", href="/staff/payouts/po_1"),
    ),
    BankLineRow(
        date=DAY,
        text="FASTER PAYMENT J SMITH QUIZ NIGHT",
        amount="£35.00",
        status=Status(word="No match", tone="needs_you"),
        href="/staff/lines/2",
        note="1 of 2 equal lines",
    ),
    BankLineRow(
        date=DAY,
        text="Zahlungseingangsbestätigungsverwendungszweckfortsetzung",
        amount="−£12.00",
        status=Status(word="Set aside", tone="quiet"),
        href="/staff/lines/3",
    ),
)
PREVIEW = StatementPreviewPage(
    frame=frame("statements", back=BANK),
    file_name="november.csv",
    answer=Answer(sentence="212 lines, 14 new. Opening and closing balance fit."),
    facts=(
        Fact(label="Account", value="Rainbow Shelter current account"),
        Fact(label="Period", value="1 to 26 November 2026"),
        Fact(label="Opening", value="£16,100.00"),
        Fact(label="Closing", value="£18,204.10"),
    ),
    rows=(
        replace(ROWS[0], status=Status(word="Known", tone="quiet"), href="", match=None, place="line 2"),
        replace(ROWS[1], status=Status(word="New", tone="settled"), href="", place="line 3"),
    ),
    actions=(
        PostAction(action="/staff/statements/9/keep", button="Keep 14 new lines", kind="action", key="k"),
        PostAction(action="/staff/statements/9/drop", button="Throw the file away"),
    ),
    problems=("line 118: the date 31/11/2026 does not exist",),
)
LINES = BankLinesPage(
    frame=frame("statements", back=BANK),
    title="Rainbow Shelter current account",
    answer=Answer(sentence="3 of 212 lines have no match, £212.40.", tone="needs_you"),
    filter_bar=FILTER,
    rows=ROWS,
    totals=(TotalsRow(label="Sum, GBP", amounts=("£1,227.10",)),),
    pager=Pager(summary="1 to 3 of 212", next_href="/staff/statements/shelter?page=2"),
    empty=EmptyState(sentence="No line fits this filter."),
)
MATCH = Match(
    title="Payout po_1PxT21 of £1,204.10",
    href="/staff/payouts/po_1",
    reasons=(
        "amount and currency exact",
        "on the expected day",
        "text says STRIPE",
        "no other payout and no other line",
    ),
    amount="£1,204.10",
    difference="£0.00",
    action=PostAction(action="/staff/lines/1/undo", button="Undo", kind="quiet", key="u"),
    by="By itself, 26 November 2026",
)
LINE = BankLinePage(
    frame=frame("statements", back=ACCOUNT),
    title="£1,204.10 on 26 November 2026",
    status=Status(word="Matched", tone="settled"),
    answer=Answer(sentence="It is the payout po_1PxT21, to the penny.", tone="settled"),
    facts=(
        Fact(label="Text", value="STRIPE PAYMENTS UK LTD 2F7K"),
        Fact(label="Statement", value="november.csv, line 2"),
    ),
    matches=(MATCH,),
    history=(Happening(when=NOW, what="Matched", who="the timetable"),),
)
OPEN_LINE = replace(
    LINE,
    title="£35.00 on 26 November 2026",
    status=Status(word="No match", tone="needs_you"),
    answer=Answer(sentence="2 things may belong to it; neither is certain.", tone="needs_you"),
    matches=(),
    suggestions=(
        replace(
            MATCH,
            title="Pledge of J. Smith, £35.00",
            reasons=("amount exact", "name agrees", "no reference code"),
            amount="£35.00",
            action=PostAction(action="/staff/lines/2/accept", button="Accept", kind="action", key="a"),
            by="",
        ),
    ),
    actions=(
        PostAction(
            action="/staff/lines/2/aside",
            button="Set aside",
            question="It stays on the list as explained.",
            note_label="Why?",
        ),
    ),
)
RUN = RunPage(
    frame=frame("reconciliation", back=Link(text="Reconciliation", href="/staff/reconciliation")),
    title="1 to 22 November 2026",
    answer=Answer(sentence="2 differences, £12.40 unexplained.", tone="wrong"),
    facts=(Fact(label="Ended", value="22 November 2026, 14:05 UTC"), Fact(label="Started by", value="the timetable")),
    rolled=ROLLED,
    differences=DIFFERENCES,
    totals=(TotalsRow(label="Sum, GBP", amounts=("£1,204.10", "−£12.40", "£1,191.70")),),
    exports=(Link(text="Spreadsheet (XLSX)", href="/staff/reconciliation/12.xlsx"),),
)
DIFFERENCE = DifferencePage(
    frame=frame("reconciliation", back=Link(text="Reconciliation", href="/staff/reconciliation")),
    title="Refund at Stripe, not in the books",
    status=Status(word="Open", tone="needs_you"),
    answer=Answer(sentence="Stripe returned £12.40 on 20 November; our books do not know.", tone="wrong"),
    comparisons=(
        Comparison(what="Refund re_3PxT21", expected="nothing", got="−£12.40", differs=True),
        Comparison(what="Gift G-7K3Q-9M2X", expected="£20.51", got="£20.51"),
    ),
    facts=(Fact(label="Gift", value="G-7K3Q-9M2X", href="/staff/donations/1", is_code=True),),
    step="Fetch it from Stripe again. If it was a refund of something else, explain it.",
    causes=("It was made in Stripe’s dashboard, and the message about it was lost.",),
    actions=(
        PostAction(action="/staff/differences/1/fetch", button="Fetch it from Stripe again", kind="action", key="f"),
        PostAction(
            action="/staff/differences/1/explain",
            button="Explain it",
            question="It stays on the list, as explained, with your note.",
            note_label="What is it?",
        ),
    ),
    history=(Happening(when=NOW, what="Found", who="the timetable"),),
)

SAMPLES = (
    Sample(name="staff-statements", template="staff/statements.html", page=STATEMENTS),
    Sample(
        name="staff-statements-none",
        template="staff/statements.html",
        page=replace(STATEMENTS, accounts=(), imports=()),
    ),
    Sample(name="staff-statement-preview", template="staff/statement_preview.html", page=PREVIEW),
    Sample(name="staff-bank-lines", template="staff/bank_lines.html", page=LINES),
    Sample(
        name="staff-bank-lines-200", is_long=True, template="staff/bank_lines.html", page=replace(LINES, rows=ROWS * 67)
    ),
    Sample(name="staff-bank-line", template="staff/bank_line.html", page=LINE),
    Sample(name="staff-bank-line-open", template="staff/bank_line.html", page=OPEN_LINE),
    Sample(name="staff-run", template="staff/reconciliation_run.html", page=RUN),
    Sample(name="staff-difference", template="staff/difference.html", page=DIFFERENCE),
)
