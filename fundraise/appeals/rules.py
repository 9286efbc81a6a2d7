"""What staff may write about an appeal, what stays once money was counted, and where an appeal may go."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session

from fundraise import money
from fundraise.appeals.tables import Appeal, AppealState, Stage
from fundraise.db import note
from fundraise.errors import Conflict
from fundraise.fields import Reading

RATE_SOURCES: Final = ("ECB", "HMRC")
A = AppealState
MOVES: Final[Mapping[AppealState, frozenset[AppealState]]] = {
    A.DRAFT: frozenset({A.LIVE}),
    A.LIVE: frozenset({A.ENDED}),
    A.ENDED: frozenset({A.LIVE}),
}


@dataclass(frozen=True, slots=True)
class AppealDraft:
    """An appeal as a form says it, checked and tidied; `beneficiary_body` is the slug of a body here, or nothing."""

    slug: str
    title: str
    cause: str
    story: str
    beneficiary: str
    beneficiary_body: str
    currency: str
    rate_source: str
    headline_stage: str


def draft_of(appeal: Appeal, beneficiary_body: str) -> AppealDraft:
    """Return what can be written about an appeal, as it stands now."""
    return AppealDraft(
        slug=appeal.slug,
        title=appeal.title,
        cause=appeal.cause,
        story=appeal.story,
        beneficiary=appeal.beneficiary,
        beneficiary_body=beneficiary_body,
        currency=appeal.currency,
        rate_source=appeal.rate_source,
        headline_stage=appeal.headline_stage,
    )


def read_appeal(
    form: Mapping[str, str], before: AppealDraft | None, *, bodies: Collection[str], is_public: bool, has_money: bool
) -> AppealDraft:
    """Read the form of an appeal; raises `FieldErrors` with a message for each field that will not do."""
    reading = Reading(form)
    title = reading.line("title", longest=120, missing="Please give the appeal a name.")
    draft = AppealDraft(
        slug=before.slug if before is not None and is_public else reading.slug("slug", title),
        title=title,
        cause=reading.line("helped", longest=300, missing="Please say in one sentence who is helped, and by whom."),
        story=reading.story("story"),
        beneficiary=reading.line("beneficiary_name", longest=200),
        beneficiary_body=reading.choice("beneficiary", {"", *bodies}, "Please choose one of the charities here."),
        currency=reading.raw("currency").upper(),
        rate_source=reading.choice("rate_source", RATE_SOURCES, "Please choose where exchange rates come from."),
        headline_stage=reading.choice("stage", set(Stage), "Please choose what the headline counts."),
    )
    if not money.is_currency(draft.currency):
        reading.refuse("currency", "Please choose a currency from the list.")
    if before is not None and has_money:
        _refuse_what_stays(reading, before, draft)
    reading.done()
    return draft


def _refuse_what_stays(reading: Reading, before: AppealDraft, draft: AppealDraft) -> None:
    if draft.currency != before.currency:
        reading.refuse(
            "currency", f"Money was counted in {before.currency} already, so the currency stays. Make another appeal."
        )
    if draft.rate_source != before.rate_source:
        reading.refuse(
            "rate_source", f"Money was converted at {before.rate_source} rates already, so the source stays."
        )
    # What was published at a past moment is asked for again later and must be the same then.
    if draft.headline_stage != before.headline_stage:
        reading.refuse("stage", "Totals were published at this stage already, so it stays. Make another appeal.")
    if draft.beneficiary_body != before.beneficiary_body:
        reading.refuse("beneficiary", "Money was counted as received already, so this stays. Make another appeal.")


def write_on(appeal: Appeal, draft: AppealDraft, beneficiary_body_id: int | None) -> None:
    """Bring an appeal to what a draft says."""
    appeal.slug, appeal.title, appeal.cause, appeal.story = draft.slug, draft.title, draft.cause, draft.story
    appeal.beneficiary, appeal.beneficiary_body_id = draft.beneficiary, beneficiary_body_id
    appeal.currency, appeal.rate_source = draft.currency, draft.rate_source
    appeal.headline_stage = draft.headline_stage


def move(session: Session, appeal: Appeal, to: AppealState) -> None:
    """Publish or end an appeal, or open it again; raises `Conflict` for a move that cannot be."""
    if to not in MOVES[AppealState(appeal.state)]:
        raise Conflict(f"This appeal is {appeal.state}; it cannot become {to}.")
    appeal.state = to
    session.add(appeal)
    note(session, "public")
