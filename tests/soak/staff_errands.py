"""Errands of staff and partners: setting up, partners' figures, transfers, rates, differences, jobs by hand."""

import json
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, Final

from sqlmodel import Session, col, select

from fundraise.appeals.questions import any_appeal
from fundraise.appeals.tables import Appeal, AppealState
from fundraise.bodies.questions import body_by_slug
from fundraise.bodies.rules import draft_of
from fundraise.campaigns.drafts import event_draft_of
from fundraise.campaigns.questions import any_campaign, event_of
from fundraise.campaigns.tables import CampaignState
from fundraise.differences.rules import find
from fundraise.differences.tables import Difference
from fundraise.fields import mark_of
from fundraise.figures.drafts import appeal_draft, campaign_draft
from fundraise.flows.accept_payment import accept_payment
from fundraise.flows.add_partner import NewPartner, add_partner, leave, new_key, renew_link
from fundraise.flows.ask_reconciliation import ask_for_reconciliation
from fundraise.flows.convert_waiting import convert_waiting
from fundraise.flows.decide_report import accept_report, ask_about_report, refuse_report
from fundraise.flows.edit_appeal import make_appeal, move_appeal, save_appeal
from fundraise.flows.edit_body import make_body, save_body
from fundraise.flows.edit_campaign import make_campaign, save_campaign
from fundraise.flows.edit_event import make_event, save_event
from fundraise.flows.explain import explain, open_again
from fundraise.flows.import_rates import keep_rates
from fundraise.flows.move_campaign import confirm, move_campaign, withdraw
from fundraise.flows.receive_report import Received, SentFigure, answer_question, receive_report
from fundraise.flows.reconcile import reconcile_all
from fundraise.flows.record_transfer import Arrived, Sent, acknowledge_transfer, record_transfer, withdraw_transfer
from fundraise.jobs.timetable import job_named
from fundraise.money import Money
from fundraise.partners.figure import figure_in
from fundraise.parts import Parts
from fundraise.published_rates import PublishedFile, PublishedSheet, RateSource
from fundraise.stripe_accounts.questions import account_by_slug
from fundraise.web.staff import jobs as staff_jobs
from tests.soak.errands import Desk, Todo, errand
from tests.soak.town import CAMPAIGN, SLUG
from tests.staff.test_setting_up import APPEAL, CHARITY, EVENT
from tests.staff.test_setting_up import CAMPAIGN as CAMPAIGN_FORM

BY: Final = "Priya"
TODAY: Final = date(2026, 11, 23)
BEDS: Final[dict[str, Any]] = {**CAMPAIGN_FORM, "appeal": "winter-appeal", "charities": SLUG}


def seen(desk: Desk, draft: Callable[[Session], Any]) -> str:
    """Return the mark of what a form was made from."""
    with desk.parts.db.read() as session:
        return mark_of(draft(session))


# --- setting up -----------------------------------------------------------------------------------------------------


@errand("staff: make a body")
def make_a_charity(_desk: Desk) -> Todo:
    return partial(make_body, form=CHARITY, by=BY)


@errand("staff: edit a body")
def edit_a_charity(desk: Desk) -> Todo:
    slug = make_body(desk.parts, CHARITY, by=BY)
    mark = seen(desk, lambda session: draft_of(body_by_slug(session, slug)))
    return partial(save_body, slug=slug, form={**CHARITY, "called": "Rainbow"}, seen=mark, by=BY)


@errand("staff: make an appeal")
def make_an_appeal(_desk: Desk) -> Todo:
    return partial(make_appeal, form=APPEAL, by=BY)


@errand("staff: edit an appeal")
def edit_an_appeal(desk: Desk) -> Todo:
    slug = make_appeal(desk.parts, APPEAL, by=BY)
    mark = seen(desk, lambda session: appeal_draft(session, any_appeal(session, slug)))
    return partial(save_appeal, slug=slug, form={**APPEAL, "title": "Safe"}, seen=mark, by=BY)


@errand("staff: move an appeal")
def publish_an_appeal(desk: Desk) -> Todo:
    return partial(move_appeal, slug=make_appeal(desk.parts, APPEAL, by=BY), to=AppealState.LIVE, by=BY)


@errand("staff: make a campaign")
def make_a_campaign(_desk: Desk) -> Todo:
    return partial(make_campaign, form=BEDS, by=BY)


@errand("staff: edit a campaign")
def edit_a_campaign(desk: Desk) -> Todo:
    slug = make_campaign(desk.parts, BEDS, by=BY)
    mark = seen(desk, lambda session: campaign_draft(session, any_campaign(session, slug)))
    return partial(save_campaign, slug=slug, form={**BEDS, "title": "Fifty beds"}, seen=mark, by=BY)


@errand("staff: move a campaign")
def pause_a_campaign(_desk: Desk) -> Todo:
    return partial(move_campaign, slug=CAMPAIGN, to=CampaignState.PAUSED, by=BY)


@errand("staff: consent")
def write_consent_down(desk: Desk) -> Todo:
    withdraw(desk.parts, CAMPAIGN, SLUG, by=BY)
    return partial(confirm, slug=CAMPAIGN, body_slug=SLUG, said="Jo Miller, by letter", by=BY)


@errand("staff: make an event")
def make_an_event(_desk: Desk) -> Todo:
    return partial(make_event, campaign_slug=CAMPAIGN, form=EVENT, by=BY)


@errand("staff: edit an event")
def edit_an_event(desk: Desk) -> Todo:
    slug = make_event(desk.parts, CAMPAIGN, EVENT, by=BY)
    mark = seen(desk, lambda session: event_draft_of(event_of(session, any_campaign(session, CAMPAIGN).id, slug)))
    return partial(
        save_event, campaign_slug=CAMPAIGN, slug=slug, form={**EVENT, "place": "The new hall"}, seen=mark, by=BY
    )


@errand("staff: run a job", leaves_more=True)
def run_a_job_by_hand(_desk: Desk) -> Todo:
    return lambda parts: staff_jobs._begin(parts, job_named("sweep"), BY)


@errand("ask for reconciliation")
def ask_for_one(_desk: Desk) -> Todo:
    return partial(ask_for_reconciliation, by=BY)


# --- partners -------------------------------------------------------------------------------------------------------


def partner(desk: Desk, slug: str = "network", currency: str = "EUR") -> int:
    new = NewPartner(slug=slug, appeal="winter-appeal", name=slug.title(), currency=currency)
    return add_partner(desk.parts, new, by=BY)


def report(parts: Parts, partner_id: int, amount_minor: int = 100_000, key: str = "one") -> Received:
    values = {
        "amount_minor": amount_minor, "currency": "EUR", "as_of": TODAY.isoformat(), "stage": "collected",
        "gross_or_net": "gross", "gift_aid": "none", "our_transfers": "none",
    }  # fmt: skip
    raw = json.dumps(values).encode()
    return receive_report(parts, partner_id, SentFigure(figure_in(raw), raw, key), came_by="api")


@errand("add partner")
def let_a_partner_in(_desk: Desk) -> Todo:
    new = NewPartner(slug="network", appeal="winter-appeal", name="Network", currency="EUR")
    return partial(add_partner, new=new, by=BY)


@errand("renew report link", leaves_more=True)
def make_a_new_link(desk: Desk) -> Todo:
    partner(desk)
    return partial(renew_link, slug="network", by=BY)


@errand("new partner key", leaves_more=True)
def make_a_new_key(desk: Desk) -> Todo:
    partner(desk)
    return partial(new_key, slug="network", by=BY)


@errand("partner leaves")
def let_a_partner_go(desk: Desk) -> Todo:
    partner(desk)
    return partial(leave, slug="network", by=BY)


@errand("receive report")
def receive_a_report(desk: Desk) -> Todo:
    return partial(report, partner_id=partner(desk))


@errand("accept report")
def accept_a_report(desk: Desk) -> Todo:
    came = report(desk.parts, partner(desk))
    return partial(accept_report, report_id=came.report_id, by=BY, why="asked by telephone")


@errand("refuse report")
def refuse_a_report(desk: Desk) -> Todo:
    came = report(desk.parts, partner(desk))
    return partial(refuse_report, report_id=came.report_id, by=BY, why="of another appeal")


@errand("ask about report", leaves_more=True)
def ask_a_question(desk: Desk) -> Todo:
    came = report(desk.parts, partner(desk))
    return partial(ask_about_report, report_id=came.report_id, by=BY, question="Is this before fees?")


@errand("answer question")
def answer_a_question(desk: Desk) -> Todo:
    partner_id = partner(desk)
    came = report(desk.parts, partner_id)
    ask_about_report(desk.parts, came.report_id, by=BY, question="Is this before fees?")
    return partial(
        answer_question, partner_id=partner_id, report_id=came.report_id, code="staff", answer="",
        typed_note="Yes, before fees.", by="Jo",
    )  # fmt: skip


# --- transfers and rates --------------------------------------------------------------------------------------------


def sent(reference: str = "T-1") -> Sent:
    return Sent(
        appeal="winter-appeal", sender=f"body:{SLUG}", receiver="partner:network", sent=Money(50_000, "GBP"),
        sent_on=TODAY, reference=reference,
    )  # fmt: skip


@errand("record transfer")
def record_a_transfer(desk: Desk) -> Todo:
    partner(desk)
    return partial(record_transfer, sent=sent(), by=BY)


@errand("withdraw transfer")
def take_a_transfer_back(desk: Desk) -> Todo:
    partner(desk)
    return partial(withdraw_transfer, ref=record_transfer(desk.parts, sent(), by=BY), by=BY, why="typed twice")


@errand("acknowledge transfer")
def say_it_arrived(desk: Desk) -> Todo:
    partner(desk)
    ref = record_transfer(desk.parts, sent(), by=BY)
    return partial(acknowledge_transfer, ref=ref, arrived=Arrived(amount=Money(58_000, "EUR"), on=TODAY, said_by="Jo"))


def ecb() -> list[PublishedFile]:
    rates = {"GBP": "0.8612", "USD": "1.0500", "CAD": "1.4700"}
    sheet = PublishedSheet(RateSource("ECB"), date(2026, 11, 20), rates)
    return [PublishedFile("ecb.csv", json.dumps(rates).encode(), [sheet])]


@errand("rates: keep", "convert waiting")
def keep_published_rates(desk: Desk) -> Todo:
    with desk.parts.db.write("soak") as session:
        appeal = session.exec(select(Appeal).where(col(Appeal.slug) == "winter-appeal")).one()
        appeal.rate_source = "ECB"
        session.add(appeal)
    came = report(desk.parts, partner(desk))
    accept_report(desk.parts, came.report_id, by=BY, why="asked by telephone")

    def keep_and_convert(parts: Parts) -> None:
        keep_rates(parts, ecb(), by=BY)
        convert_waiting(parts)  # What the timetable does every ten seconds.

    return keep_and_convert


# --- differences ----------------------------------------------------------------------------------------------------


def difference(desk: Desk) -> int:
    with desk.parts.db.write("soak") as session:
        account = account_by_slug(session, SLUG)
        now = desk.parts.clock.now()
        find(session, account.id, "TOPUP", "txn_1", amount=Money(500, "GBP"), detail="paid in", now=now)
        session.flush()
        return session.exec(select(Difference.id)).one()


@errand("explain difference")
def explain_a_difference(desk: Desk) -> Todo:
    return partial(explain, difference_id=difference(desk), note="From the reserve.", by=BY)


@errand("open difference again")
def open_a_difference_again(desk: Desk) -> Todo:
    number = difference(desk)
    explain(desk.parts, number, note="From the reserve.", by=BY)
    return partial(open_again, difference_id=number, note="It was not.", by=BY)


def paid_too_much(desk: Desk) -> None:
    """Let a gift be paid with more than was asked, and nobody hear of it."""
    ref = desk.give("form-token-1")
    made = desk.sandbox.control("external-charge", {"amount": 2100})
    account = desk.sandbox.world.accounts[desk.town.account]
    account["payment_intents"].get(made["payment_intent"])["metadata"] = {"donation_id": ref}
    desk.sandbox.advance(3_600)


@errand("reconcile: look behind", leaves_more=True)
def reconcile_what_nobody_heard_of(desk: Desk) -> Todo:
    paid_too_much(desk)
    return partial(reconcile_all, by=BY)


@errand("accept payment")
def take_a_payment_in(desk: Desk) -> Todo:
    paid_too_much(desk)
    reconcile_all(desk.parts, by=BY)
    with desk.parts.db.read() as session:
        number = session.exec(select(Difference.id).where(col(Difference.code) == "AMOUNT_MISMATCH")).one()
    return partial(accept_payment, difference_id=number, note="The donor meant it.", by=BY)
