"""The pages about appeals, made out of what is known."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from fundraise import money
from fundraise.appeals.rules import AppealDraft
from fundraise.appeals.tables import Appeal, AppealState, Stage
from fundraise.bodies.tables import Body
from fundraise.figures.campaigns_here import AppealFacts
from fundraise.showing.values import at
from fundraise.views.parts import EmptyState, Link, Status, Toast
from fundraise.views.staff_parts import Answer, Fact, Happening, PostAction
from fundraise.views.staff_setup_pages import AppealFormPage, AppealsPage, StaffAppealPage, ThingRow
from fundraise.web.staff import choices
from fundraise.web.staff.campaign_rows import HOME as CAMPAIGNS
from fundraise.web.staff.campaign_rows import campaign_rows, gifts_said
from fundraise.web.staff.door import StaffPerson, staff_frame

HOME: Final = "/staff/appeals"
LIST: Final = Link(text="Appeals", href=HOME)
_NEW: Final = Link(text="New appeal", href=f"{HOME}/new")
_STATES: Final = {
    AppealState.DRAFT: Status(word="Draft", tone="quiet"),
    AppealState.LIVE: Status(word="Public", tone="settled"),
    AppealState.ENDED: Status(word="Ended", tone="quiet"),
}
_STAGES: Final = (
    (Stage.COLLECTED.value, "Collected: cleared from donors, by anybody who takes part"),
    (Stage.RECEIVED.value, "Received: acknowledged by those it is for"),
)
_SOURCES: Final = (("ECB", "European Central Bank, that day’s"), ("HMRC", "HMRC, that month’s"))


def appeals_page(person: StaffPerson, found: Sequence[AppealFacts]) -> AppealsPage:
    """Make the list of appeals."""
    campaigns = sum(len(facts.campaigns) for facts in found)
    words = f"{_count(len(found), 'appeal')}, {_count(campaigns, 'campaign')}."
    return AppealsPage(
        frame=staff_frame(person, "appeals"),
        answer=Answer(sentence=words),
        rows=tuple(_row(facts) for facts in found),
        empty=EmptyState(
            sentence="No appeal yet. An appeal is the cause; campaigns and partners raise money for it.", action=_NEW
        ),
        new=_NEW,
    )


def _row(facts: AppealFacts) -> ThingRow:
    appeal = facts.appeal
    return ThingRow(
        title=appeal.title,
        href=f"{HOME}/{appeal.slug}",
        status=_STATES[AppealState(appeal.state)],
        details=(appeal.headline_stage, appeal.currency, str(len(facts.campaigns))),
        amount=money.show(facts.total.amount),
        public_href="" if appeal.state == AppealState.DRAFT else f"/a/{appeal.slug}",
    )


def appeal_page(person: StaffPerson, facts: AppealFacts, now: datetime, toast: Toast | None) -> StaffAppealPage:
    """Make the page of an appeal."""
    appeal, address = facts.appeal, f"{HOME}/{facts.appeal.slug}"
    gifts = gifts_said(facts.total.gifts)
    received = f"{money.show(facts.total.amount)} {facts.total.stage} in all; {gifts} in the campaigns here."
    is_draft = appeal.state == AppealState.DRAFT
    return StaffAppealPage(
        frame=staff_frame(person, "appeals", toast=toast, back=LIST),
        title=appeal.title,
        status=_STATES[AppealState(appeal.state)],
        answer=Answer(sentence="Nobody sees it yet.", tone="needs_you", detail="Its campaigns wait for it too.")
        if is_draft
        else Answer(sentence=received, as_of=at(now)),
        edit=Link(text="Edit", href=f"{address}/edit"),
        facts=_facts(facts),
        campaigns=campaign_rows(facts.campaigns, now),
        new_campaign=Link(text="New campaign in it", href=f"{CAMPAIGNS}/new?appeal={appeal.slug}"),
        actions=_actions(appeal, address),
        history=tuple(Happening(when=at(act.at), what=act.what, who=act.by) for act in facts.history),
        public_href="" if is_draft else f"/a/{appeal.slug}",
    )


def _actions(appeal: Appeal, address: str) -> tuple[PostAction, ...]:
    if appeal.state == AppealState.DRAFT:
        return (PostAction(action=f"{address}/publish", button="Publish", kind="action"),)
    if appeal.state == AppealState.ENDED:
        return (PostAction(action=f"{address}/publish", button="Open it again"),)
    question = "Its page stays up and says that the appeal has ended. Its campaigns take gifts until each is ended."
    return (PostAction(action=f"{address}/end", button="End the appeal", kind="grave", question=question),)


def _facts(facts: AppealFacts) -> tuple[Fact, ...]:
    appeal = facts.appeal
    here = facts.beneficiary
    rows = [
        Fact(label="Address", value=f"/a/{appeal.slug}", is_code=True),
        Fact(label="Who is helped", value=appeal.cause),
        Fact(label="For in the end", value=appeal.beneficiary or "not said"),
        Fact(label="Of the charities here", value=here.name, href=f"/staff/charities/{here.slug}")
        if here is not None
        else Fact(label="Of the charities here", value="none"),
        Fact(label="Headline", value=dict(_STAGES)[appeal.headline_stage]),
        Fact(label="Currency of the total", value=f"{appeal.currency}, {money.name(appeal.currency)}"),
        Fact(label="Exchange rates", value=dict(_SOURCES)[appeal.rate_source]),
    ]
    return tuple(rows)


# --- the form --------------------------------------------------------------------------------------------------------


def typed_of(draft: AppealDraft) -> Mapping[str, str]:
    """Return what the form of an appeal holds before anybody types."""
    return {
        "title": draft.title,
        "slug": draft.slug,
        "helped": draft.cause,
        "story": draft.story,
        "beneficiary_name": draft.beneficiary,
        "beneficiary": draft.beneficiary_body,
        "stage": draft.headline_stage,
        "currency": draft.currency,
        "rate_source": draft.rate_source,
    }


def appeal_form(
    person: StaffPerson,
    appeal: Appeal | None,
    typed: Mapping[str, str],
    bodies: Sequence[Body],
    *,
    seen: str,
    has_money: bool,
    errors: Mapping[str, str] | None = None,
) -> AppealFormPage:
    """Make the form of an appeal."""
    is_public = appeal is not None and appeal.state != AppealState.DRAFT
    back = LIST if appeal is None else Link(text=appeal.title, href=f"{HOME}/{appeal.slug}")
    here = [("", "None"), *((body.slug, body.name) for body in bodies)]
    return AppealFormPage(
        frame=staff_frame(person, "appeals", back=back),
        heading="New appeal" if appeal is None else f"Edit {appeal.title}",
        action=HOME if appeal is None else f"{HOME}/{appeal.slug}",
        submit="Make the appeal" if appeal is None else "Save",
        beneficiary=choices.one_of(here, typed.get("beneficiary", "")),
        currency=choices.currencies([typed.get("currency", "")]),
        stage=choices.one_of(_STAGES, typed.get("stage", "")),
        rate_source=choices.one_of(_SOURCES, typed.get("rate_source", "")),
        seen=seen,
        fixed_note="Money was counted already, so the headline, the currency, the rates and the charity stay."
        if has_money
        else "",
        beneficiary_name=typed.get("beneficiary_name", ""),
        title=typed.get("title", ""),
        slug=appeal.slug if appeal is not None and is_public else typed.get("slug", ""),
        is_slug_fixed=is_public,
        helped=typed.get("helped", ""),
        story=typed.get("story", ""),
        errors=errors or {},
    )


def _count(number: int, word: str) -> str:
    return f"{number} {word}" + ("" if number == 1 else "s")
