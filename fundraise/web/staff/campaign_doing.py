"""What staff can do about a campaign: what it needs, its buttons, and what its charities say."""

from collections.abc import Sequence
from typing import Final

from fundraise import times
from fundraise.campaigns.tables import Campaign, CampaignState
from fundraise.figures.campaigns_here import CampaignFacts
from fundraise.figures.readiness import Need, Receiver
from fundraise.views.parts import Status
from fundraise.views.staff_campaign_pages import Check, ReceiverRow
from fundraise.views.staff_parts import PostAction
from fundraise.web.staff.campaign_rows import HOME, names_said

_DONE: Final = Status(word="Done", tone="settled")
_MISSING: Final = Status(word="Missing", tone="needs_you")


def check_of(need: Need, facts: CampaignFacts) -> Check:
    """Return whether a need is there, and where it is seen to."""
    edit = f"{HOME}/{facts.campaign.slug}/edit"
    places = {"appeal": f"/staff/appeals/{facts.appeal.slug}", "campaign": edit, "consent": "#receivers"}
    kind, _, slug = need.thing.partition(":")
    place = f"/staff/charities/{slug}" if kind == "body" else places.get(need.thing, "")
    missing = need.missing[:1].upper() + need.missing[1:]
    return Check(
        text=need.there if need.is_there else missing,
        status=_DONE if need.is_there else _MISSING,
        href="" if need.is_there else place,
    )


def actions_of(campaign: Campaign, address: str, *, is_ready: bool) -> tuple[PostAction, ...]:
    """Return the buttons that lead where a campaign may go now."""
    pause = PostAction(
        action=f"{address}/pause",
        button="Pause giving",
        question="The page stays up and takes no gifts until you resume.",
    )
    end = PostAction(
        action=f"{address}/end",
        button="End the campaign",
        question="The page stays up with its final total. Gifts are no longer taken; those under way may still arrive.",
        kind="grave",
    )
    publish = f"{address}/publish"
    return {
        CampaignState.DRAFT: (PostAction(action=publish, button="Publish", kind="action" if is_ready else "quiet"),),
        CampaignState.LIVE: (pause, end),
        CampaignState.PAUSED: (PostAction(action=publish, button="Resume giving", kind="action"), end),
        CampaignState.ENDED: (
            PostAction(action=publish, button="Open it again", question="The page takes gifts again."),
        ),
    }[CampaignState(campaign.state)]


def receiver_row(receiver: Receiver, address: str) -> ReceiverRow:
    """Return a charity of a campaign, with the button that writes down what it says."""
    body, row = receiver.body, receiver.row
    door = f"{address}/charities/{body.slug}"
    if row.confirmed_at is None:
        return ReceiverRow(
            name=body.name,
            href=f"/staff/charities/{body.slug}",
            consent=Status(word="Not confirmed", tone="needs_you"),
            action=PostAction(
                action=f"{door}/confirm",
                button="It has agreed",
                question="The public page will say that the charity has confirmed the campaign.",
                note_label="Who agreed, and how? For example: Jo Miller, director, by letter",
            ),
        )
    when = times.day(row.confirmed_at)
    return ReceiverRow(
        name=body.name,
        href=f"/staff/charities/{body.slug}",
        consent=Status(word="Confirmed", tone="settled"),
        said=f"{row.confirmed_by}, {when}" if row.confirmed_by else when,
        action=PostAction(
            action=f"{door}/withdraw",
            button="It agrees no longer",
            question="The public page will say that the charity has not confirmed the campaign.",
            kind="grave",
        ),
    )


def consent_of(receivers: Sequence[Receiver]) -> Status:
    """Return what the charities said, all together."""
    if not receivers:
        return Status(word="No charity yet", tone="needs_you")
    waiting = [receiver.body.name for receiver in receivers if receiver.row.confirmed_at is None]
    if waiting:
        has = "has" if len(waiting) == 1 else "have"
        return Status(word=f"{names_said(waiting)} {has} not confirmed it yet", tone="needs_you")
    return Status(word=f"Confirmed by {names_said([row.body.name for row in receivers])}", tone="settled")
