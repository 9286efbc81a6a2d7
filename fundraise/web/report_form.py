"""The form of a partner's figure, made out of what is known; for its treasurer on a link and for staff alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlmodel import Session

from fundraise import money, times
from fundraise.appeals.tables import Appeal
from fundraise.figures.passed_on import participant_names
from fundraise.flows.count_partner import freeze, listed
from fundraise.flows.question_accepted import doubt_about
from fundraise.money import Money
from fundraise.partners.questions import counted_report, last_report
from fundraise.partners.tables import Partner, PartnerReport, ReportState
from fundraise.showing.appeal_lines import rate_words
from fundraise.transfers.questions import transfers_to
from fundraise.views.partner_pages import ReportPage
from fundraise.views.parts import Link, Option

BASIS: Final = ("stage", "gross_or_net", "gift_aid", "gift_aid_amount", "our_transfers", "transfers")
_HUNDRED: Final = 100
_STAGES: Final = (
    ("collected", "collected from people outside, for others"),
    ("received", "received, for our own work in this cause"),
)
_BASES: Final = (("gross", "not taken off yet"), ("net", "taken off already"), ("unknown", "we do not know"))
_GIFT_AID: Final = (
    ("none", "not in the figure"),
    ("amount", "in the figure, as much as I write below"),
    ("unknown", "we do not know"),
)
_TRANSFERS: Final = (
    ("none", "not in the figure"),
    ("all", "all of it is in the figure"),
    ("some", "some of it, which I tick below"),
    ("unknown", "we do not know"),
)


@dataclass(frozen=True, slots=True)
class Filled:
    """What somebody typed into the form, and what was wrong with it; empty for a fresh form."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    converted: str = ""


def form_page(
    session: Session, partner: Partner, link: str, form_token: str, now: datetime, filled: Filled | None = None
) -> ReportPage:
    """Make the form; what was answered last time is chosen already."""
    filled = filled or Filled()
    last = last_report(session, partner.id)
    chosen = dict(filled.values) if filled.values else _last_answers(last)
    appeal = session.get_one(Appeal, partner.appeal_id)
    named = set(chosen.get("transfers", "").split())
    return ReportPage(
        partner=partner.name,
        appeal=Link(text=appeal.title, href=f"/a/{appeal.slug}"),
        action=link,
        token=form_token,
        symbol=money.symbol(partner.currency),
        currency=partner.currency,
        stage=_options(_STAGES, chosen.get("stage", "")),
        gross_or_net=_options(_BASES, chosen.get("gross_or_net", "")),
        gift_aid=_options(_GIFT_AID, chosen.get("gift_aid", "")),
        our_transfers=_options(_TRANSFERS, chosen.get("our_transfers", "")),
        transfers=_transfers(session, partner, named),
        last=_last_words(session, partner),
        amount=filled.values.get("amount", ""),
        as_of=filled.values.get("as_of", now.date().isoformat()),
        evidence=filled.values.get("evidence", ""),
        gift_aid_amount=filled.values.get("gift_aid_amount", ""),
        name=chosen.get("name", ""),
        file_is_public=bool(filled.values.get("file_is_public", "")),
        converted=filled.converted or _today(session, appeal, partner, now),
        is_basis_open=last is None or any(name in filled.errors for name in BASIS),
        errors=filled.errors,
    )


def _options(choices: tuple[tuple[str, str], ...], chosen: str) -> tuple[Option, ...]:
    return tuple(Option(value=value, text=text, is_chosen=value == chosen) for value, text in choices)


def _last_answers(last: PartnerReport | None) -> dict[str, str]:
    if last is None:
        return {}
    named = listed(last)
    return {
        "stage": last.stage,
        "gross_or_net": last.gross_or_net,
        "gift_aid": "amount" if last.gift_aid.isdigit() else last.gift_aid,
        "our_transfers": "some" if named is not None else last.our_transfers,
        "name": last.submitted_by,
    }


def _transfers(session: Session, partner: Partner, ticked: set[str]) -> tuple[Option, ...]:
    known = transfers_to(session, partner.id)
    last = last_report(session, partner.id)
    before = (listed(last) or set()) if last is not None else set()
    names = participant_names(session, partner.appeal_id) if known else {}
    return tuple(
        Option(
            value=transfer.ref,
            text=f"{money.show(Money(transfer.sent_minor, transfer.sent_currency))} from "
            f"{names[transfer.sender_body_id, transfer.sender_partner_id]}, {times.day_said(transfer.sent_on)}",
            help=transfer.reference,
            is_chosen=transfer.ref in ticked or transfer.reference in before,
        )
        for transfer, _ in known
    )


def _last_words(session: Session, partner: Partner) -> str:
    last, counted = last_report(session, partner.id), counted_report(session, partner.id)
    if last is None:
        return ""
    words = {
        ReportState.ACCEPTED: "accepted",
        ReportState.HELD: "with a question that waits for your answer",
        ReportState.RECEIVED: "not looked at yet",
        ReportState.REJECTED: "not accepted",
        ReportState.SUPERSEDED: "replaced since",
    }
    said = f"Last time: {said_of(last)}, {words[ReportState(last.state)]}."
    if counted is not None and counted.id != last.id:
        said += f" What counts is {said_of(counted)}."
    doubt = doubt_about(session, partner.id)
    return f"{said} {doubt.asks_partner}" if doubt is not None else said


def said_of(report: PartnerReport) -> str:
    """Return a figure with its day: `€40,000.00 as of 31 March 2017`."""
    return f"{money.show(Money(report.amount_minor, report.currency))} as of {times.day_said(report.as_of)}"


def _today(session: Session, appeal: Appeal, partner: Partner, now: datetime) -> str:
    if partner.currency == appeal.currency:
        return ""
    whole = Money(_HUNDRED * 10 ** money.exponent(partner.currency), partner.currency)
    said = converted_words(session, appeal, whole, now)
    return f"Today {money.show_short(whole)} {said}." if said.startswith("=") else said


def converted_words(session: Session, appeal: Appeal, amount: Money, day: datetime) -> str:
    """Return what an amount comes to: `= US$43,720.00 at 1 EUR = 1.0930 USD (European Central Bank, 28 April 2017)`."""
    if amount.currency == appeal.currency:
        return ""
    frozen = freeze(session, appeal, amount, day.date())
    if frozen.display_minor is None:
        return f"There is no rate yet for {amount.currency} on that day. The figure waits until there is one."
    words = rate_words(session, [(frozen.sheet_id, amount.currency)], appeal.currency)
    rate = words.rate(frozen.sheet_id, amount.currency, appeal.currency)
    shown = money.show(Money(frozen.display_minor, appeal.currency))
    return f"= {shown} at {rate} ({words.source(frozen.sheet_id)})"
