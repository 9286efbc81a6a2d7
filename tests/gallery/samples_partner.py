"""Partners: what they see behind their links, and what staff see of them."""

from dataclasses import replace

from fundraise.views.gift_pages import NextStep
from fundraise.views.partner_pages import ReportDonePage, ReportHeldPage, ReportPage, TransferPage
from fundraise.views.parts import EmptyState, Evidence, Link, Moment, Option, Status
from fundraise.views.staff_partner_pages import (
    ArrivalPage,
    PartnerFormPage,
    PartnerPage,
    PartnerRow,
    PartnersPage,
    ReportRow,
    StaffReportPage,
    TransferOnItsWay,
    TransferRow,
    TransfersPage,
    TypedReportPage,
)
from fundraise.views.staff_parts import Answer, Comparison, Fact, Happening, PostAction, QueueItem
from fundraise.views.staff_rates_page import RateSheetRow, RatesPage

from .sample import Sample
from .samples_staff import NOW, frame

APPEAL = Link(text="Bring them out of Chechnya", href="/a/chechnya")
APRIL = Moment(text="30 April 2017", iso="2017-04-30")
REPORT = ReportPage(
    partner="COC Nederland",
    appeal=APPEAL,
    action="/r/tok",
    token="t-1",
    symbol="€",
    currency="EUR",
    stage=(
        Option(value="collected", text="collected from people outside", is_chosen=True),
        Option(value="received", text="received and ours to spend"),
    ),
    gross_or_net=(
        Option(value="gross", text="before card fees", is_chosen=True),
        Option(value="net", text="after card fees"),
        Option(value="unknown", text="we do not know"),
    ),
    gift_aid=(
        Option(value="none", text="not in the figure", is_chosen=True),
        Option(value="amount", text="in the figure, this much:"),
        Option(value="unknown", text="we do not know"),
    ),
    our_transfers=(
        Option(value="none", text="not in the figure", is_chosen=True),
        Option(value="all", text="all of it is in the figure"),
        Option(value="some", text="some of it is"),
        Option(value="unknown", text="we do not know"),
    ),
    transfers=(Option(value="tr-1", text="€10,000.00 from All Out, 12 May 2017"),),
    last="Last time: €40,000.00 as of 31 March 2017.",
    as_of="2017-04-30",
    converted="= US$43,720.00 at 1.0930 (European Central Bank, 28 April 2017)",
)
HELD = ReportHeldPage(
    partner="COC Nederland",
    appeal=APPEAL,
    question="This is €2,000.00 less than last time. What happened?",
    facts=(
        Fact(label="Last time", value="€40,000.00 as of 31 March 2017"),
        Fact(label="Now", value="€38,000.00 as of 30 April 2017"),
    ),
    action="/r/tok/answer",
    token="t-2",
    back=Link(text="The figure was wrong: type it again", href="/r/tok"),
    answers=(
        Option(value="refunds", text="Gifts were returned"),
        Option(value="mistake", text="The earlier figure was too high"),
        Option(value="other", text="Something else"),
    ),
    note_label="In a sentence",
)
DONE = ReportDonePage(
    partner="COC Nederland",
    appeal=APPEAL,
    heading="Thank you",
    sentence="€40,000.00 as of 30 April 2017 has arrived.",
    facts=(
        Fact(label="Report", value="P-2017-0042"),
        Fact(label="Comes to", value="US$43,720.00 at 1.0930 (European Central Bank, 28 April 2017)"),
        Fact(label="Fingerprint", value="9f2c41aa0b7d", is_code=True),
    ),
    next_steps=(
        NextStep(when="Within 2 days", what="A person looks at it and accepts it."),
        NextStep(when="Then", what="It joins the total, with its day and rate beside it."),
    ),
    again=Link(text="Correct this figure", href="/r/tok"),
)
TRANSFER = TransferPage(
    receiver="Russian LGBT Network",
    sender="COC Nederland",
    amount="€10,000.00",
    sent_on="12 May 2017",
    reference="COC MAY 2017",
    appeal=APPEAL,
    action="/t/tok",
    token="t-3",
    currency="EUR",
)
QUEUED = QueueItem(
    title="COC Nederland reports €38,000.00",
    href="/staff/reports/42",
    reasons=("€2,000.00 less than last time", "the partner says: gifts were returned"),
    age=NOW,
    amount="€38,000.00",
    status=Status(word="Held", tone="needs_you"),
)
PARTNERS = PartnersPage(
    frame=frame("partners"),
    answer=Answer(sentence="3 partners, 1 report to accept, 1 late.", tone="needs_you"),
    to_ask=(
        QueueItem(
            title="Enough is Enough",
            href="/staff/partners/enough-is-enough",
            reasons=(
                "As far as we know, transfers of €1,500.00 are in its figure of €1,000.00 as of 30 April 2017. Not all "
                "of them can be, so until this is clear the figure counts for nothing.",
                "Please ask for a new figure, or take a transfer back that was recorded by mistake.",
            ),
            age=NOW,
            status=Status(word="Does not fit", tone="needs_you"),
        ),
    ),
    to_accept=(QUEUED,),
    rows=(
        PartnerRow(
            name="COC Nederland",
            href="/staff/partners/coc",
            appeal="Bring them out of Chechnya",
            status=Status(word="Waits for you", tone="needs_you"),
            figure="€40,000.00",
            as_of=APRIL,
            converted="US$43,720.00",
            public_name="as itself",
        ),
        PartnerRow(
            name="Друзья в Москве",
            href="/staff/partners/friends",
            appeal="Bring them out of Chechnya",
            status=Status(word="Late", tone="needs_you"),
            figure="₽120,000.00",
            as_of=APRIL,
            converted="",
            public_name="not named",
        ),
        PartnerRow(
            name="Network Switzerland",
            href="/staff/partners/ch",
            appeal="Bring them out of Chechnya",
            status=Status(word="Never reported", tone="quiet"),
            figure="",
            as_of=None,
            converted="",
            public_name="as itself",
        ),
    ),
    transfers=Link(text="Transfers between participants", href="/staff/transfers"),
    rates=Link(text="Exchange rates", href="/staff/rates"),
    new=Link(text="Add a partner", href="/staff/partners/new"),
    empty=EmptyState(sentence="No partner yet. A partner is added with fundraise partner add."),
)
PARTNER = PartnerPage(
    frame=frame("partners", back=Link(text="Partners", href="/staff/partners")),
    name="COC Nederland",
    answer=Answer(sentence="€40,000.00 collected as of 31 March 2017, 53 days ago.", tone="needs_you"),
    facts=(
        Fact(label="Currency", value="EUR"),
        Fact(label="In public", value="as itself"),
        Fact(label="Contact", value="treasurer@coc.example", href="mailto:treasurer@coc.example"),
    ),
    reports=(
        ReportRow(
            as_of=APRIL,
            href="/staff/reports/42",
            figure="€38,000.00",
            stage="collected",
            status=Status(word="Held", tone="needs_you"),
            waits="not counted",
        ),
        ReportRow(
            as_of=Moment(text="31 March 2017", iso="2017-03-31"),
            href="/staff/reports/31",
            figure="€40,000.00",
            stage="collected",
            status=Status(word="Accepted", tone="settled"),
            added="US$43,720.00",
            who="Priya Raman",
        ),
    ),
    actions=(
        PostAction(action="/staff/partners/coc/link", button="Make a report link", kind="action"),
        PostAction(
            action="/staff/partners/coc/leave",
            button="The partner leaves",
            question="Its past figures stay, marked with the day it left. Its links stop working.",
            note_label="Why?",
            kind="grave",
        ),
    ),
    link="https://give.example.org/r/3fJx9QmZt7Lw2VbK8sRnYp",
    history=(Happening(when=NOW, what="Report link made", who="Priya Raman"),),
)
STAFF_REPORT = StaffReportPage(
    frame=frame("partners", back=Link(text="COC Nederland", href="/staff/partners/coc")),
    title="COC Nederland reports €38,000.00",
    status=Status(word="Held", tone="needs_you"),
    answer=Answer(sentence="Accepting it lowers the total by US$2,186.00 to US$173,814.00."),
    comparisons=(
        Comparison(what="Figure", expected="€40,000.00", got="€38,000.00", differs=True),
        Comparison(what="As of", expected="31 March 2017", got="30 April 2017", differs=True),
        Comparison(what="Card fees", expected="before", got="before"),
    ),
    facts=(
        Fact(label="Report", value="P-2017-0042"),
        Fact(label="Came", value="by report link, 22 November, 14:05 UTC"),
        Fact(label="Fingerprint", value="9f2c41aa0b7d66", is_code=True),
    ),
    questions=("It is €2,000.00 less than last time. The partner says: gifts were returned.",),
    evidence=(Evidence(text="April statement.pdf", href="/staff/evidence/1", fingerprint="9f2c41aa"),),
    actions=(
        PostAction(action="/staff/reports/42/accept", button="Accept €38,000.00", kind="action", key="a"),
        PostAction(
            action="/staff/reports/42/refuse",
            button="Refuse",
            question="The partner sees your reason and may report again.",
            note_label="Why?",
            kind="grave",
        ),
    ),
    history=(Happening(when=NOW, what="Arrived", who="COC Nederland"),),
)
PARTICIPANTS = (Option(value="coc", text="COC Nederland"), Option(value="network", text="Russian LGBT Network"))
TAKE_BACK = PostAction(
    action="/staff/transfers/1/withdraw",
    button="Take back",
    kind="grave",
    question="For a transfer that was recorded by mistake.",
    note_label="Why",
)
TRANSFERS = TransfersPage(
    frame=frame("partners", back=Link(text="Partners", href="/staff/partners")),
    answer=Answer(sentence="1 transfer on its way, €10,000.00, since 9 days.", tone="on_its_way"),
    on_the_way=(
        TransferOnItsWay(
            sender="COC Nederland",
            receiver="Russian LGBT Network",
            sent="€10,000.00",
            sent_on=Moment(text="12 May 2017", iso="2017-05-12"),
            reference="COC MAY 2017",
            status=Status(word="On its way", tone="on_its_way"),
            record=Link(text="Record its arrival", href="/staff/transfers/1/arrived"),
            link="https://give.example.org/t/3fJx9QmZt7Lw2VbK8sRnYp3fJx9QmZt7Lw2V",
            actions=(TAKE_BACK,),
        ),
    ),
    rows=(
        TransferRow(
            sent_on=Moment(text="2 April 2017", iso="2017-04-02"),
            sender="All Out",
            receiver="Russian LGBT Network",
            sent="US$20,000.00",
            arrived="US$19,985.00",
            reference="ALLOUT Q1",
            status=Status(word="Another amount arrived", tone="needs_you"),
            said="4 April 2017, said by Russian LGBT Network, accounts",
            note="Their bank kept 15 dollars.",
            actions=(TAKE_BACK,),
        ),
        TransferRow(
            sent_on=Moment(text="1 April 2017", iso="2017-04-01"),
            sender="All Out",
            receiver="Russian LGBT Network",
            sent="US$20,000.00",
            reference="ALLOUT Q1 (taken back, 3fJx9Q)",
            status=Status(word="Taken back", tone="quiet"),
            note="Priya Raman took it back: typed twice",
        ),
    ),
    empty=EmptyState(sentence="No transfer is recorded yet."),
    action="/staff/transfers",
    appeal=(Option(value="chechnya", text="Bring them out of Chechnya", is_chosen=True),),
    sender=PARTICIPANTS,
    receiver=PARTICIPANTS,
    currency=(Option(value="EUR", text="EUR, euro"),),
)
ARRIVAL = ArrivalPage(
    frame=frame("partners", back=Link(text="Transfers", href="/staff/transfers")),
    heading="What arrived of €10,000.00?",
    facts=(
        Fact(label="From", value="COC Nederland"),
        Fact(label="To", value="Russian LGBT Network"),
        Fact(label="Sent", value="12 May 2017"),
        Fact(label="Reference", value="COC MAY 2017", is_code=True),
    ),
    action="/staff/transfers/1/arrived",
    submit="Record its arrival",
    currency="USD",
)

PARTNER_FORM = PartnerFormPage(
    frame=frame("partners", back=Link(text="Partners", href="/staff/partners")),
    heading="Add a partner",
    action="/staff/partners/new",
    submit="Add the partner",
    appeal=(Option(value="chechnya", text="Bring them out of Chechnya", is_chosen=True),),
    currency=(Option(value="EUR", text="euros (EUR)", is_chosen=True),),
)
RATES = RatesPage(
    frame=frame("partners", back=Link(text="Partners", href="/staff/partners")),
    answer=Answer(sentence="The newest rates are of European Central Bank: 28 April 2017; HM Revenue & Customs: none."),
    rows=(
        RateSheetRow(
            day=Moment(text="28 April 2017", iso="2017-04-28"),
            source="European Central Bank",
            count="31",
            file="eurofxref-hist.csv",
            fingerprint="9f2c41aa0b7d",
            who="Priya Raman, 29 April 2017",
        ),
    ),
    action="/staff/rates",
    actions=(PostAction(action="/staff/rates/seed", button="Keep the rates that were installed along"),),
)

SAMPLES = (
    Sample(name="staff-partner-form", template="staff/partner_form.html", page=PARTNER_FORM),
    Sample(
        name="staff-partner-form-refused",
        template="staff/partner_form.html",
        page=replace(PARTNER_FORM, errors={"name": "Please write the partner’s name."}),
    ),
    Sample(name="staff-rates", template="staff/rates.html", page=RATES),
    Sample(
        name="staff-rates-refused",
        template="staff/rates.html",
        page=replace(RATES, errors={"file": "There are no exchange rates in this file."}),
    ),
    Sample(
        name="staff-partner-key",
        template="staff/partner.html",
        page=replace(PARTNER, link="", key="fr_3fJx9QmZt7Lw2VbK8sRnYp3fJx9QmZt7Lw2VbK8sRnYp"),
    ),
    Sample(
        name="report-held-blocked",
        template="public/report_held.html",
        page=replace(HELD, question="30 May 2027 has not come yet. Please correct the day.", answers=(), note_label=""),
    ),
    Sample(name="transfer-other-currency", template="public/transfer.html", page=replace(TRANSFER, needs_amount=True)),
    Sample(name="report", template="public/report.html", page=REPORT),
    Sample(name="report-first", template="public/report.html", page=replace(REPORT, last="", is_basis_open=True)),
    Sample(
        name="report-refused",
        template="public/report.html",
        page=replace(
            REPORT,
            amount="forty",
            errors={"amount": "Write the amount as a number, such as 40000.", "as_of": "This day has not come yet."},
        ),
    ),
    Sample(name="report-held", template="public/report_held.html", page=HELD),
    Sample(
        name="report-held-tick",
        template="public/report_held.html",
        page=replace(
            HELD,
            question="This is more than three times the usual: last time it was €40,000.00. Is that right?",
            answers=(Option(value="right", text="Yes, it is right"),),
            is_note_optional=True,
        ),
    ),
    Sample(name="report-done", template="public/report_done.html", page=DONE),
    Sample(name="transfer", template="public/transfer.html", page=TRANSFER),
    Sample(
        name="transfer-said",
        template="public/transfer.html",
        page=replace(TRANSFER, action="", said="You said on 15 May 2017 that €9,988.00 arrived. Thank you."),
    ),
    Sample(
        name="transfer-refused",
        template="public/transfer.html",
        page=replace(TRANSFER, answer="other", errors={"amount": "Say how much arrived."}),
    ),
    Sample(name="staff-partners", template="staff/partners.html", page=PARTNERS),
    Sample(
        name="staff-partners-none",
        template="staff/partners.html",
        page=replace(PARTNERS, rows=(), to_ask=(), to_accept=()),
    ),
    Sample(name="staff-partner", template="staff/partner.html", page=PARTNER),
    Sample(name="staff-report", template="staff/report.html", page=STAFF_REPORT),
    Sample(
        name="staff-report-obstacle",
        template="staff/report.html",
        page=replace(
            STAFF_REPORT,
            answer=Answer(sentence="It cannot be accepted as it stands: see what the checks ask.", tone="needs_you"),
            obstacle="The figure rises by €1,000.00, which is what another participant sent you on 30 April (OUR-1)."
            " The partner says: Yes: I will send the figure again and tick it.",
            actions=STAFF_REPORT.actions[1:],
        ),
    ),
    Sample(
        name="staff-typed-report",
        template="staff/typed_report.html",
        page=TypedReportPage(
            frame=frame("partners", back=Link(text="COC Nederland", href="/staff/partners/coc")),
            form=replace(REPORT, action="/staff/partners/coc/report"),
        ),
    ),
    Sample(name="staff-transfers", template="staff/transfers.html", page=TRANSFERS),
    Sample(
        name="staff-transfers-none",
        template="staff/transfers.html",
        page=replace(TRANSFERS, on_the_way=(), rows=(), errors={"appeal": "Please choose the appeal."}),
    ),
    Sample(name="staff-transfer-arrival", template="staff/transfer_arrival.html", page=ARRIVAL),
    Sample(
        name="staff-transfer-arrival-refused",
        template="staff/transfer_arrival.html",
        page=replace(
            ARRIVAL,
            amount="lots",
            errors={"amount": "Please write the amount in digits, like 20 or 12.50.", "said_by": "Please write who."},
        ),
    ),
)
