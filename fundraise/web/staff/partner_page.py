"""The pages about partners, made out of what is known: the list, one partner, the form that adds one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlmodel import Session

from fundraise import money, times
from fundraise.appeals.questions import all_appeals
from fundraise.appeals.tables import Appeal
from fundraise.figures.partner_parts import PartnerPart, partner_parts
from fundraise.flows.question_accepted import Doubt, doubt_about, doubts
from fundraise.flows.question_report import questions_of
from fundraise.money import Money
from fundraise.partners.questions import added_minor, all_partners, open_reports, partner_by_slug, reports_of, steps_of
from fundraise.partners.tables import Partner, PartnerReport, ReportState
from fundraise.showing import values as showing
from fundraise.showing.appeal_lines import is_stale
from fundraise.staff.questions import acts_about
from fundraise.views.parts import EmptyState, Link, Moment, Option, Status
from fundraise.views.staff_partner_pages import PartnerFormPage, PartnerPage, PartnerRow, PartnersPage, ReportRow
from fundraise.views.staff_parts import Answer, Fact, Happening, PostAction, QueueItem, StaffFrame

HOME: Final = "/staff/partners"
_ACTS_SHOWN: Final = 30
STATUS: Final[Mapping[str, Status]] = {
    ReportState.HELD: Status(word="Held", tone="on_its_way"),
    ReportState.RECEIVED: Status(word="Waits for you", tone="needs_you"),
    ReportState.ACCEPTED: Status(word="Accepted", tone="settled"),
    ReportState.REJECTED: Status(word="Refused", tone="quiet"),
    ReportState.SUPERSEDED: Status(word="Replaced", tone="quiet"),
}
_DOES_NOT_FIT: Final = Status(word="Does not fit", tone="needs_you")
_CURRENCIES: Final = ("EUR", "GBP", "USD", "CHF", "CAD", "SEK", "NOK", "DKK", "PLN", "AUD", "KES", "UGX", "NGN", "JPY")


def partners_page(session: Session, frame: StaffFrame, now: datetime) -> PartnersPage:
    """Make the list."""
    partners = {partner.id: partner for partner in all_partners(session)}
    appeals = {appeal.id: appeal for appeal in all_appeals(session)}
    parts: dict[int, PartnerPart] = {}
    for appeal_id in {partner.appeal_id for partner in partners.values()}:
        parts |= {part.partner_id: part for part in partner_parts(session, appeal_id).parts}
    waiting = open_reports(session)
    queue = sorted(waiting, key=lambda report: report.state != ReportState.RECEIVED)
    waits = {report.partner_id for report in waiting if report.state == ReportState.RECEIVED}
    late = sum(is_stale(part, now.date()) and not part.has_left for part in parts.values())
    asked = doubts(session)
    unfit = {doubt.partner.id for doubt in asked}
    to_accept = sum(report.state == ReportState.RECEIVED for report in waiting)
    return PartnersPage(
        frame=frame,
        answer=_answer(len(partners), len(asked), to_accept, len(waiting), late),
        to_ask=tuple(_asked(doubt, now) for doubt in asked),
        to_accept=tuple(_queued(partners[report.partner_id], report, now) for report in queue),
        rows=tuple(
            _row(
                partner,
                appeals[partner.appeal_id],
                parts.get(partner.id),
                _standing(partner, parts.get(partner.id), now, waits=partner.id in waits, fits=partner.id not in unfit),
            )
            for partner in partners.values()
        ),
        transfers=Link(text="Transfers", href="/staff/transfers"),
        rates=Link(text="Exchange rates", href="/staff/rates"),
        new=Link(text="Add a partner", href=f"{HOME}/new"),
        empty=EmptyState(
            sentence="No partner yet. A partner is an organisation that reports what it collected for an appeal.",
            action=Link(text="Add a partner", href=f"{HOME}/new"),
        ),
    )


def _answer(partners: int, unfit: int, to_accept: int, waiting: int, late: int) -> Answer:
    said = [f"{partners} partner" + ("" if partners == 1 else "s")]
    if unfit:
        said.append("1 figure that does not fit" if unfit == 1 else f"{unfit} figures that do not fit")
    if to_accept:
        said.append(f"{to_accept} report" + ("" if to_accept == 1 else "s") + " to accept")
    if waiting - to_accept:
        said.append(f"{waiting - to_accept} held with a question")
    if late:
        said.append(f"{late} late")
    tone = "needs_you" if unfit or to_accept or late else "settled" if partners and not waiting else "quiet"
    return Answer(sentence=", ".join(said) + ".", tone=tone)  # type: ignore[arg-type]


def _asked(doubt: Doubt, now: datetime) -> QueueItem:
    return QueueItem(
        title=doubt.partner.name,
        href=f"{HOME}/{doubt.partner.slug}",
        reasons=(doubt.says, doubt.asks),
        age=showing.since(doubt.since, now),
        status=_DOES_NOT_FIT,
    )


def _queued(partner: Partner, report: PartnerReport, now: datetime) -> QueueItem:
    questions = questions_of(report)
    return QueueItem(
        title=f"{partner.name} reports {money.show(Money(report.amount_minor, report.currency))}",
        href=f"/staff/reports/{report.id}",
        reasons=tuple(_said(each.says, each.kind.answers.get(each.answer, ""), each.note) for each in questions)
        or ("Nothing unusual was found.",),
        age=showing.since(report.submitted_at, now),
        status=STATUS[report.state],
    )


def _said(says: str, answer: str, note: str) -> str:
    words = ": ".join(part for part in (answer, note) if part)
    return f"{says} The partner says: {words}" if words else says


def _row(partner: Partner, appeal: Appeal, part: PartnerPart | None, status: Status) -> PartnerRow:
    return PartnerRow(
        name=partner.name,
        href=f"{HOME}/{partner.slug}",
        appeal=appeal.title,
        status=status,
        figure=money.show(Money(part.amount_minor, part.currency)) if part is not None else "",
        as_of=Moment(text=times.day_said(part.as_of), iso=part.as_of.isoformat()) if part is not None else None,
        converted=money.show(Money(part.display_minor, appeal.currency))
        if part is not None and not part.waiting_minor
        else "",
        public_name="not named" if partner.is_unnamed else "as itself",
    )


def _standing(partner: Partner, part: PartnerPart | None, now: datetime, *, waits: bool, fits: bool) -> Status:
    if not fits:
        return _DOES_NOT_FIT
    if partner.left_at is not None:
        return Status(word="Left", tone="quiet")
    if waits:
        return Status(word="Waits for you", tone="needs_you")
    if part is None:
        return Status(word="Never reported", tone="quiet")
    if is_stale(part, now.date()):
        return Status(word="Late", tone="needs_you")
    return Status(word="Up to date", tone="settled")


def partner_page(
    session: Session, frame: StaffFrame, slug: str, now: datetime, *, link: str = "", key: str = ""
) -> PartnerPage:
    """Make a partner's page; a link or a key just made is shown whole, and only now."""
    partner = partner_by_slug(session, slug)
    appeal = session.get_one(Appeal, partner.appeal_id)
    parts = {part.partner_id: part for part in partner_parts(session, appeal.id).parts}
    part = parts.get(partner.id)
    reports = reports_of(session, partner.id)
    return PartnerPage(
        frame=frame,
        name=partner.name,
        answer=_partner_answer(part, doubt_about(session, partner.id), now),
        facts=(
            Fact(label="Appeal", value=appeal.title, href=f"/a/{appeal.slug}"),
            Fact(label="Reports in", value=money.name(partner.currency)),
            Fact(label="In public", value="counted, not named" if partner.is_unnamed else "as itself"),
            Fact(label="The money is finally for it", value="yes" if partner.is_beneficiary else "no"),
            Fact(label="Contact", value=partner.contact_email or "none given"),
            Fact(label="Key for programs", value="made" if partner.api_key_hash else "none"),
            Fact(label="Takes part since", value=times.day(partner.created_at)),
        ),
        reports=tuple(_report_row(session, report, appeal) for report in reports),
        type_in=Link(text="Type in a figure", href=f"{HOME}/{partner.slug}/report")
        if partner.left_at is None
        else None,
        actions=_actions(partner),
        link=link,
        key=key,
        history=tuple(
            Happening(when=showing.at(act.at), what=f"{act.what[:1].upper()}{act.what[1:]}", who=act.by)
            for act in acts_about(session, f"partner:{partner.id}", most=_ACTS_SHOWN)
        ),
    )


def _partner_answer(part: PartnerPart | None, doubt: Doubt | None, now: datetime) -> Answer:
    if part is None:
        return Answer(sentence="No figure of it counts yet.")
    if doubt is not None:
        return Answer(sentence=doubt.says, detail=doubt.asks, tone="needs_you", as_of=showing.at(doubt.since))
    said = money.show(Money(part.amount_minor - part.less_minor, part.currency))
    days = (now.date() - part.as_of).days
    return Answer(
        sentence=f"{said} counts, as of {times.day_said(part.as_of)}, {days} day{'' if days == 1 else 's'} ago.",
        detail=f"Its figure is {money.show(Money(part.amount_minor, part.currency))}; "
        f"{money.show(Money(part.less_minor, part.currency))} of it came from other participants."
        if part.less_minor
        else "",
        tone="needs_you" if is_stale(part, now.date()) else "settled",
    )


def _report_row(session: Session, report: PartnerReport, appeal: Appeal) -> ReportRow:
    who = next((step.by for step in steps_of(session, report.id) if step.step == "accepted"), "")
    added = added_minor(session, report.id)
    return ReportRow(
        as_of=Moment(text=times.day_said(report.as_of), iso=report.as_of.isoformat()),
        href=f"/staff/reports/{report.id}",
        figure=money.show(Money(report.amount_minor, report.currency)),
        stage=report.stage,
        status=STATUS[report.state],
        added=money.show(Money(added, appeal.currency)) if added is not None else "",
        waits="" if added is not None else "no rate yet" if who else "not counted",
        who=who,
    )


def _actions(partner: Partner) -> tuple[PostAction, ...]:
    if partner.left_at is not None:
        return ()
    address = f"{HOME}/{partner.slug}"
    return (
        PostAction(
            action=f"{address}/link",
            button="New report link",
            question="The link it has now will open nothing any more. Make a new one?",
        ),
        PostAction(
            action=f"{address}/key",
            button="New key for programs",
            question="The key it has now will open nothing any more. Make a new one?"
            if partner.api_key_hash
            else "With a key its own program can send figures. Make one?",
        ),
        PostAction(
            action=f"{address}/leave",
            button="It leaves",
            kind="grave",
            question="Its figures stay in the total with their day; its link and key open nothing any more.",
        ),
    )


def partner_form(
    frame: StaffFrame, appeals: Sequence[Appeal], values: Mapping[str, str], errors: Mapping[str, str]
) -> PartnerFormPage:
    """Make the form that adds a partner."""
    chosen = values.get("currency", "EUR")
    return PartnerFormPage(
        frame=frame,
        heading="Add a partner",
        action=f"{HOME}/new",
        submit="Add the partner",
        appeal=tuple(
            Option(value=each.slug, text=each.title, is_chosen=each.slug == values.get("appeal")) for each in appeals
        ),
        currency=tuple(
            Option(value=code, text=f"{money.name(code)} ({code})", is_chosen=code == chosen)
            for code in sorted({*_CURRENCIES, *(each.currency for each in appeals)})
        ),
        name=values.get("name", ""),
        slug=values.get("slug", ""),
        email=values.get("email", ""),
        is_unnamed=bool(values.get("unnamed")),
        is_beneficiary=bool(values.get("beneficiary")),
        errors=errors,
    )
