"""The form of a campaign, as it is drawn: fresh, as the campaign stands, or as it was typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fundraise import times
from fundraise.appeals.tables import Appeal, AppealState
from fundraise.bodies.tables import Body
from fundraise.campaigns.drafts import CampaignDraft
from fundraise.campaigns.tables import Campaign, CampaignState, FeeBearer, Holding
from fundraise.fields import typed_amount
from fundraise.views.parts import Link, Option
from fundraise.views.staff_campaign_pages import CampaignFormPage
from fundraise.web.staff import choices
from fundraise.web.staff.campaign_rows import HOME
from fundraise.web.staff.door import StaffPerson, staff_frame

LIST: Final = Link(text="Campaigns", href=HOME)
FRESH: Final = {
    "currency": "GBP",
    "holding": Holding.PRINCIPAL.value,
    "fee_borne_by": FeeBearer.CHARITY.value,
    "choices": "10, 25, 50",
    "amount_min": "2",
    "time_zone": "Europe/London",
}
_HOLDINGS: Final = (
    (Holding.PRINCIPAL.value, "The charity’s own: cards are charged on the charity’s Stripe account"),
    (Holding.AGENT.value, "Held for the charity by somebody else, who owes it all of it"),
)
_BEARERS: Final = (
    (FeeBearer.CHARITY.value, "The charity: it receives the gifts less the fees"),
    (FeeBearer.BODY.value, "Whoever holds the money: the charity receives the gifts whole"),
)
_AS_TYPED: Final = (
    "title",
    "helped",
    "organiser",
    "story",
    "goal",
    "choices",
    "amount_min",
    "begins",
    "ends",
    "statement",
)


@dataclass(frozen=True, slots=True)
class Offered:
    """What there is to choose from; `without_account` names the bodies that cannot take cards yet."""

    appeals: Sequence[Appeal]
    bodies: Sequence[Body]
    without_account: frozenset[str]


def typed_of(draft: CampaignDraft) -> Mapping[str, str]:
    """Return what the form of a campaign holds before anybody types."""
    suggested = [typed_amount(int(part), draft.currency) for part in draft.suggested_minor.split(",") if part]
    return {
        "title": draft.title,
        "slug": draft.slug,
        "helped": draft.summary,
        "organiser": draft.organiser,
        "story": draft.story,
        "appeal": draft.appeal,
        "charities": "\n".join(draft.charities),
        "holding": draft.holding,
        "merchant": draft.merchant,
        "fee_borne_by": draft.fee_borne_by,
        "statement": draft.statement_suffix,
        "currency": draft.currency,
        "other_currencies": "\n".join(draft.gift_currencies.split(",")),
        "goal": typed_amount(draft.goal_minor, draft.currency),
        "choices": ", ".join(suggested),
        "amount_min": typed_amount(draft.least_gift_minor, draft.currency),
        "time_zone": draft.zone,
        "begins": times.typed(draft.starts_at, draft.zone) if draft.starts_at is not None else "",
        "ends": times.typed(draft.ends_at, draft.zone) if draft.ends_at is not None else "",
    }


def campaign_form(
    person: StaffPerson,
    campaign: Campaign | None,
    typed: Mapping[str, str],
    offered: Offered,
    *,
    seen: str,
    has_gifts: bool,
    errors: Mapping[str, str] | None = None,
) -> CampaignFormPage:
    """Make the form of a campaign."""
    is_public = campaign is not None and campaign.state != CampaignState.DRAFT
    back = LIST if campaign is None else Link(text=campaign.title, href=f"{HOME}/{campaign.slug}")
    ticked = set(typed.get("charities", "").split("\n"))
    others = set(typed.get("other_currencies", "").split("\n")) - {""}
    own = typed.get("currency", "")
    return CampaignFormPage(
        frame=staff_frame(person, "campaigns", back=back),
        heading="New campaign" if campaign is None else f"Edit {campaign.title}",
        action=HOME if campaign is None else f"{HOME}/{campaign.slug}",
        submit="Save as draft" if campaign is None else "Save",
        charities=tuple(_charity(body, ticked, offered.without_account) for body in offered.bodies),
        appeal=tuple(_appeal(appeal, typed.get("appeal", "")) for appeal in offered.appeals),
        currency=choices.currencies([own]),
        holding=choices.one_of(_HOLDINGS, typed.get("holding", "")),
        merchant=choices.one_of(
            [("", "Nobody"), *((body.slug, body.name) for body in offered.bodies)], typed.get("merchant", "")
        ),
        fee_borne_by=choices.one_of(_BEARERS, typed.get("fee_borne_by", FeeBearer.CHARITY.value)),
        seen=seen,
        fixed_note="Gifts were given already, so their appeal, their currency and whose money they are stay."
        if has_gifts
        else "",
        slug=campaign.slug if campaign is not None and is_public else typed.get("slug", ""),
        is_slug_fixed=is_public,
        time_zone=choices.zones(typed.get("time_zone", "")),
        other_currencies=choices.currencies(others - {own}),
        errors=errors or {},
        **{name: typed.get(name, "") for name in _AS_TYPED},
    )


def _charity(body: Body, ticked: set[str], without_account: frozenset[str]) -> Option:
    note = "has no Stripe account yet" if body.slug in without_account else ""
    return Option(value=body.slug, text=body.name, is_chosen=body.slug in ticked, help=note)


def _appeal(appeal: Appeal, chosen: str) -> Option:
    text = f"{appeal.title} (draft)" if appeal.state == AppealState.DRAFT else appeal.title
    return Option(value=appeal.slug, text=text, is_chosen=appeal.slug == chosen)
