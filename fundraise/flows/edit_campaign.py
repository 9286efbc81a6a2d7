"""Making and changing a campaign."""

from collections.abc import Mapping
from typing import Final

from sqlmodel import Session, col, select

from fundraise import money
from fundraise.appeals.questions import all_appeals, any_appeal
from fundraise.bodies.questions import all_bodies
from fundraise.campaigns.drafts import CampaignDraft, Surroundings, read_campaign, write_on
from fundraise.campaigns.questions import any_campaign, beneficiaries
from fundraise.campaigns.tables import Beneficiary, Campaign, CampaignState
from fundraise.db import note
from fundraise.donations.charging import least_gift
from fundraise.errors import FieldErrors
from fundraise.figures.counted import campaign_has_gifts, given_to
from fundraise.figures.drafts import campaign_draft
from fundraise.figures.readiness import receivers_of, room_on_statement
from fundraise.flows.keep_edit import changed, flush_address, note_change, require_seen
from fundraise.parts import Parts
from fundraise.staff.rules import note_act
from fundraise.transfers.questions import transfers_of

_TAKEN: Final = "Another campaign is at this address already."
# The least that the smallest gift may be, and in which currency; other currencies follow from it.
_LEAST: Final = (100, "GBP")


def make_campaign(parts: Parts, form: Mapping[str, str], *, by: str) -> str:
    """Make a campaign as a draft and return its address; raises `FieldErrors`."""
    now = parts.clock.now()
    with parts.db.write("staff: make a campaign") as session:
        draft = read_campaign(form, None, _surroundings(session, parts, form, None, None))
        campaign = Campaign(
            slug=draft.slug,
            appeal_id=any_appeal(session, draft.appeal).id,
            title=draft.title,
            summary=draft.summary,
            organiser=draft.organiser,
            created_at=now,
        )
        _write(session, campaign, draft)
        note_act(session, "made this campaign", about_campaign(campaign), by=by, at=now)
    return draft.slug


def save_campaign(parts: Parts, slug: str, form: Mapping[str, str], *, seen: str, by: str) -> str:
    """Bring a campaign to what a form says and return its address.

    Raises `FieldErrors`, `ChangedMeanwhile` and `NotFound`.
    """
    with parts.db.write("staff: edit a campaign") as session:
        campaign = locked_campaign(session, slug)
        before = campaign_draft(session, campaign)
        draft = read_campaign(form, before, _surroundings(session, parts, form, campaign, before))
        if draft != before:
            require_seen(session, seen, before, about_campaign(campaign))
            _write(session, campaign, draft)
            note_change(session, changed(before, draft), about_campaign(campaign), by=by, at=parts.clock.now())
            note(session, "public")
    return draft.slug


def about_campaign(campaign: Campaign) -> str:
    """Return how acts name a campaign."""
    return f"campaign:{campaign.id}"


def locked_campaign(session: Session, slug: str) -> Campaign:
    """Return a campaign that nobody else changes until this transaction ends; `NotFound`."""
    found = session.exec(select(Campaign).where(col(Campaign.slug) == slug).with_for_update()).first()
    return found if found is not None else any_campaign(session, slug)


def _surroundings(
    session: Session,
    parts: Parts,
    form: Mapping[str, str],
    campaign: Campaign | None,
    before: CampaignDraft | None,
) -> Surroundings:
    slugs = {body.id: body.slug for body in all_bodies(session)}
    chosen = before.charities if before is not None else ()
    currency = form.get("currency", "").strip().upper()
    limits = parts.payments.charge_limits(currency) if money.is_currency(currency) else None
    given = _given_to(session, campaign) if campaign is not None else frozenset()
    return Surroundings(
        appeals=[appeal.slug for appeal in all_appeals(session)],
        # Charities that are part of it keep their order.
        bodies=[*chosen, *(slug for slug in slugs.values() if slug not in chosen)],
        least_minor={currency: least_gift(*_LEAST, currency, limits)} if limits is not None else {},
        most_minor=limits.most_minor if limits is not None else 0,
        is_public=campaign is not None and campaign.state != CampaignState.DRAFT,
        has_gifts=campaign is not None and campaign_has_gifts(session, campaign.id),
        given_to=[slugs[body_id] for body_id in given if slugs[body_id] in chosen],
    )


def _given_to(session: Session, campaign: Campaign) -> frozenset[int]:
    """Return the bodies that gifts or transfers went to: what an appeal's total was at a past moment stands on them."""
    passed = {transfer.receiver_body_id for transfer, _ in transfers_of(session, campaign.appeal_id)}
    return given_to(session, campaign.id) | {body_id for body_id in passed if body_id is not None}


def _write(session: Session, campaign: Campaign, draft: CampaignDraft) -> None:
    bodies = {body.slug: body.id for body in all_bodies(session)}
    appeal_id = any_appeal(session, draft.appeal).id
    write_on(campaign, draft)
    campaign.appeal_id = appeal_id
    campaign.merchant_body_id = bodies[draft.merchant] if draft.merchant else None
    session.add(campaign)
    flush_address(session, _TAKEN)
    _set_beneficiaries(session, campaign, [bodies[slug] for slug in draft.charities])
    _check_receivers(session, campaign)


def _set_beneficiaries(session: Session, campaign: Campaign, wanted: list[int]) -> None:
    """Keep the rows of charities that stay, with what they said of the campaign."""
    known = {row.body_id: row for row in beneficiaries(session, campaign.id)}
    for body_id in known.keys() - set(wanted):
        session.delete(known[body_id])
    for position, body_id in enumerate(wanted):
        row = known.get(body_id) or Beneficiary(campaign_id=campaign.id, body_id=body_id)
        row.position = position
        session.add(row)
    session.flush()


def _check_receivers(session: Session, campaign: Campaign) -> None:
    """Refuse what would stop an open campaign from taking gifts, and a statement's text that would be cut."""
    receivers = receivers_of(session, campaign)
    errors: dict[str, str] = {}
    without = [receiver.merchant.name for receiver in receivers if receiver.account is None]
    if without and campaign.state in {CampaignState.LIVE, CampaignState.PAUSED}:
        errors["charities"] = f"{without[0]} has no Stripe account connected yet, and the campaign is published."
    room = room_on_statement(receivers)
    if len(campaign.statement_suffix) > room:
        errors["statement"] = (
            f"After what the account’s own text begins with, there is room for {max(room, 0)} characters."
        )
    if errors:
        raise FieldErrors(errors)
