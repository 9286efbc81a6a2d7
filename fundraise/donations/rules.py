"""What a donation may become, and what somebody may ask to give."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from email_validator import EmailNotValidError, validate_email
from sqlmodel import Session

from fundraise import money, plain
from fundraise.donations.charging import least_gift, require_taken
from fundraise.donations.tables import Donation, DonationState
from fundraise.errors import Conflict, FieldErrors
from fundraise.money import AmountError, Money
from fundraise.payments import ChargeLimits
from fundraise.text import TextError, clean_line, clean_text

S = DonationState
# Truth is what Stripe shows now, so every unpaid state may turn out to be paid; nothing leaves `paid`, since refunds
# and disputes are happenings of their own.
MOVES: Final[Mapping[DonationState, frozenset[DonationState]]] = {
    S.CREATED: frozenset({S.OPENED, S.PROCESSING, S.PAID, S.EXPIRED, S.FAILED}),
    S.OPENED: frozenset({S.PROCESSING, S.PAID, S.EXPIRED, S.FAILED}),
    S.PROCESSING: frozenset({S.PAID, S.FAILED}),
    S.EXPIRED: frozenset({S.PROCESSING, S.PAID}),
    S.FAILED: frozenset({S.PROCESSING, S.PAID}),
    S.PAID: frozenset(),
}

_STEP: Final = "INSERT INTO donation_step (donation_id, step, at, by) VALUES (:donation, :step, :at, :by)"

LONGEST_NAME: Final = 200
_WORDS_IN_CODE: Final = "=?"  # A mail program decodes what follows (RFC 2047), to another address or to several.
LONGEST_MESSAGE: Final = 500
SHARE: Final = "share"


def move(session: Session, donation: Donation, to: DonationState, *, at: datetime, by: str) -> bool:
    """Bring a donation of this session to another state and note it; return False when it is there already.

    Raises `Conflict` for a move that cannot be.
    """
    now = DonationState(donation.state)
    if to is now:
        return False
    if to not in MOVES[now]:
        raise Conflict(f"a donation cannot go from {now} to {to}")
    donation.state = to
    if to is S.PAID:
        donation.paid_at = at
    note_step(session, donation.id, to.value, at=at, by=by)
    return True


def note_step(session: Session, donation_id: int, step: str, *, at: datetime, by: str) -> None:
    """Note what happened to a donation that is in the database: another state, or something that is none."""
    plain.run(session, _STEP, {"donation": donation_id, "step": step, "at": plain.at(session, at), "by": by})


@dataclass(frozen=True, slots=True)
class Offer:
    """What a campaign offers to givers: what the form's answers are checked against."""

    currencies: Sequence[str]
    least_minor: int
    charities: Sequence[str]  # Slugs; more than one means the giver chooses, or shares.
    events: Sequence[str]
    limits_of: Callable[[str], ChargeLimits]  # What one charge in a currency may come to.


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks to give, checked and tidied."""

    gift: Money
    cover_fee: bool
    charity: str  # A slug, or `share` for all of them in equal parts.
    event: str
    name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    message: str = field(default="", repr=False)
    show_name: bool = False
    show_amount: bool = False
    show_message: bool = False


def read_wish(form: Mapping[str, str], offer: Offer) -> Wish:
    """Check a giving form; raises `FieldErrors` with one message for each field that will not do, and `Conflict`."""
    if not offer.charities:
        raise Conflict("This campaign has no charity to give to yet. Nothing was taken.")
    errors: dict[str, str] = {}
    currency = form.get("currency", "").strip().upper() or offer.currencies[0]
    charity = form.get("charity", "").strip() or (SHARE if len(offer.charities) > 1 else offer.charities[0])
    gift = Money(0, offer.currencies[0])
    if currency not in offer.currencies:
        errors["currency"] = "Please choose one of the currencies offered."
    else:
        try:
            typed = form.get("amount", "").strip() or form.get("choice", "").strip()
            gift = _amount(typed, currency, offer, len(offer.charities) if charity == SHARE else 1)
        except AmountError as problem:
            errors["amount"] = str(problem)
    if charity not in offer.charities and (charity != SHARE or len(offer.charities) == 1):
        errors["charity"] = "Please choose one of the charities shown."
    event = form.get("event", "").strip()
    if event and event not in offer.events:
        errors["event"] = "That event is not part of this campaign. Send the form again to give without it."
    email = _email(form.get("email", ""), errors)
    texts = _texts(form, errors)
    if errors:
        raise FieldErrors(errors)
    return Wish(
        gift=gift,
        cover_fee=_ticked(form, "cover_fee"),
        charity=charity,
        event=event,
        show_name=_ticked(form, "show_name"),
        show_amount=_ticked(form, "show_amount"),
        show_message=_ticked(form, "show_message"),
        email=email,
        **texts,
    )


@dataclass(frozen=True, slots=True)
class Visibility:
    """What a donor lets others see, checked and tidied."""

    name: str = field(repr=False)
    message: str = field(repr=False)
    show_name: bool
    show_amount: bool
    show_message: bool


def read_visibility(form: Mapping[str, str]) -> Visibility:
    """Check the form about what others see; raises `FieldErrors`."""
    errors: dict[str, str] = {}
    texts = _texts(form, errors)
    if errors:
        raise FieldErrors(errors)
    return Visibility(
        name=texts["name"],
        message=texts["message"],
        show_name=_ticked(form, "show_name"),
        show_amount=_ticked(form, "show_amount"),
        show_message=_ticked(form, "show_message"),
    )


def _amount(typed: str, currency: str, offer: Offer, charities: int) -> Money:
    gift = money.parse(typed, currency)
    limits = offer.limits_of(currency)
    least = Money(least_gift(offer.least_minor, offer.currencies[0], currency, limits), currency)
    require_taken(gift, least, limits, charities)
    return gift


def _texts(form: Mapping[str, str], errors: dict[str, str]) -> dict[str, str]:
    texts = {}
    for name, clean, longest in (("name", clean_line, LONGEST_NAME), ("message", clean_text, LONGEST_MESSAGE)):
        try:
            texts[name] = clean(form.get(name, ""), longest=longest)
        except TextError as problem:
            errors[name] = str(problem)
    return texts


def _email(typed: str, errors: dict[str, str]) -> str:
    typed = typed.strip()
    if not typed:
        return ""
    if _WORDS_IN_CODE not in typed:
        with suppress(EmailNotValidError):
            return validate_email(typed, check_deliverability=False, strict=True).normalized
    errors["email"] = "This does not look like an e-mail address. Leave it empty if you want no receipt by mail."
    return ""


def _ticked(form: Mapping[str, str], name: str) -> bool:
    return form.get(name, "").strip().lower() in {"on", "1", "true", "yes"}
