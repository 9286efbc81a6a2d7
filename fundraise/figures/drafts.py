"""What a form is filled with: a thing as it stands now, with what it refers to by name."""

from collections.abc import Mapping

from sqlmodel import Session, col, select

from fundraise.appeals import rules as appeal_rules
from fundraise.appeals.tables import Appeal
from fundraise.bodies.questions import bodies_by_id
from fundraise.bodies.tables import Body
from fundraise.campaigns import drafts as campaign_drafts
from fundraise.campaigns.questions import beneficiaries
from fundraise.campaigns.tables import Campaign


def appeal_draft(session: Session, appeal: Appeal) -> appeal_rules.AppealDraft:
    """Return what can be written about an appeal, as it stands now."""
    return appeal_rules.draft_of(
        appeal, _slugs(session, [appeal.beneficiary_body_id]).get(appeal.beneficiary_body_id, "")
    )


def campaign_draft(session: Session, campaign: Campaign) -> campaign_drafts.CampaignDraft:
    """Return what can be written about a campaign, as it stands now."""
    ids = [row.body_id for row in beneficiaries(session, campaign.id)]
    slugs = _slugs(session, [*ids, campaign.merchant_body_id])
    appeal = session.exec(select(Appeal.slug).where(col(Appeal.id) == campaign.appeal_id)).one()
    merchant = slugs.get(campaign.merchant_body_id, "")
    return campaign_drafts.draft_of(campaign, appeal, merchant, [slugs[body_id] for body_id in ids])


def _slugs(session: Session, ids: list[int | None]) -> Mapping[int | None, str]:
    found: Mapping[int, Body] = bodies_by_id(session, [body_id for body_id in ids if body_id is not None])
    return {body_id: body.slug for body_id, body in found.items()}
