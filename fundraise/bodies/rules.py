"""What staff may write about an organisation, and what stays once it was written."""

from collections.abc import Mapping
from dataclasses import dataclass

from fundraise import money
from fundraise.bodies.tables import Body, BodyKind
from fundraise.fields import Reading


@dataclass(frozen=True, slots=True)
class BodyDraft:
    """An organisation as a form says it, checked and tidied; the names are those of the table."""

    slug: str
    kind: str
    legal_name: str
    name: str
    registration_number: str
    regulator: str
    country: str
    currency: str
    gift_aid_claimant: bool
    contact_email: str
    website: str
    refund_policy: str


def draft_of(body: Body) -> BodyDraft:
    """Return what can be written about a body, as it stands now."""
    return BodyDraft(**{name: getattr(body, name) for name in BodyDraft.__dataclass_fields__})


def read_body(form: Mapping[str, str], before: BodyDraft | None, *, has_books: bool) -> BodyDraft:
    """Read the form of an organisation; raises `FieldErrors` with a message for each field that will not do."""
    reading = Reading(form)
    legal_name = reading.line("name", longest=200, missing="Please write the name its regulator knows.")
    name = reading.line("called", longest=120) or legal_name[:120].strip()
    draft = BodyDraft(
        slug=before.slug if before is not None else reading.slug("slug", name),
        kind=reading.choice("kind", set(BodyKind), "Please say what it is."),
        legal_name=legal_name,
        name=name,
        registration_number=reading.line("number", longest=40),
        regulator=reading.line("regulator", longest=120),
        country=_country(reading),
        currency=_currency(reading),
        gift_aid_claimant=reading.ticked("gift_aid"),
        contact_email=reading.email("email"),
        website=reading.web_address("website", longest=300),
        refund_policy=reading.story("refunds", longest=2000),
    )
    if draft.kind == BodyKind.SOCIETY and draft.gift_aid_claimant:
        reading.refuse(
            "gift_aid", "Only a charity that HMRC recognises can claim Gift Aid; this is written as a society."
        )
    if before is not None and has_books and draft.currency != before.currency:
        reading.refuse("currency", f"Its books hold money already, so their currency stays {before.currency}.")
    reading.done()
    return draft


def _currency(reading: Reading) -> str:
    typed = reading.raw("currency").upper()
    if not money.is_currency(typed):
        reading.refuse("currency", "Please choose a currency from the list.")
    return typed


def _country(reading: Reading) -> str:
    typed = reading.raw("country").upper()
    if len(typed) != 2 or not (typed.isascii() and typed.isalpha()):  # noqa: PLR2004  ISO 3166 has two letters.
        reading.refuse("country", "Please choose a country from the list.")
    return typed


def write_on(body: Body, draft: BodyDraft) -> None:
    """Bring a body to what a draft says."""
    for name in BodyDraft.__dataclass_fields__:
        setattr(body, name, getattr(draft, name))
