"""The payment page of a gift: where it is, or what Stripe is to be asked for it.

What is sent to Stripe is written down before it is sent, so that a repeat after a crash sends the same under the same
idempotency key. Once Stripe may have forgotten the key, or would no longer take the same content, the page is looked
up by our reference instead of being asked for again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from fundraise import plain
from fundraise.donations.tables import DonationState
from fundraise.errors import NotFound
from fundraise.money import Money
from fundraise.parts import Parts
from fundraise.payments import AccountKey, CheckoutRequest
from fundraise.stripe_accounts.questions import key_to

# Stripe lets a page live from 30 minutes to 24 hours; short, so that an unfinished gift is soon known to be none.
PAGE_LIVES: Final = timedelta(minutes=35)
# Until then a repeat is the same call: later Stripe refuses its `expires_at` for being less than 30 minutes away.
_SAME_CALL_FOR: Final = timedelta(minutes=4)

# Donors come in crowds, so what each of them needs is asked in plain SQL.
_GIFT: Final = (
    "SELECT d.state, d.superseded_at IS NOT NULL, d.checkout_url, d.checkout_expires_at, d.gift_minor, "
    "d.fee_cover_minor, d.currency, c.statement_suffix, b.name, (SELECT email FROM donor WHERE id = d.donor_id), "
    "a.slug, a.sealed_key, a.mode, a.account_ref FROM donation d JOIN stripe_account a ON a.id = d.stripe_account_id "
    "JOIN campaign c ON c.id = d.campaign_id JOIN body b ON b.id = d.beneficiary_body_id WHERE d.ref = :ref"
)
_TO_BE_SENT: Final = "UPDATE donation SET checkout_expires_at = :expires_at WHERE ref = :ref"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the donor goes next: the payment page, or their own page when this gift is made already."""

    url: str


@dataclass(frozen=True, slots=True)
class Opening:
    """A call to be made: with which key, and what is asked."""

    account: AccountKey
    request: CheckoutRequest
    is_late: bool  # Begun so long ago that it may not simply be made again.


def prepare(session: Session, parts: Parts, ref: str) -> Opening | Destination:
    """Decide what to send to Stripe, and write it down, to be committed before it is sent. Raises `NotFound`."""
    now = parts.clock.now()
    gift = _locked_gift(session, ref)
    if gift.is_superseded:
        return Destination(own_page(parts, ref))
    if gift.state == DonationState.OPENED and gift.checkout_url:
        return Destination(gift.checkout_url)
    if gift.state != DonationState.CREATED:
        return Destination(own_page(parts, ref))
    first_time = gift.expires_at is None
    expires_at = gift.expires_at or (now + PAGE_LIVES).replace(microsecond=0)
    plain.run(session, _TO_BE_SENT, {"ref": ref, "expires_at": plain.at(session, expires_at)})
    return Opening(
        account=key_to(*gift.account, parts.sealer),
        request=_request(parts, gift, expires_at),
        is_late=not first_time and now > expires_at - PAGE_LIVES + _SAME_CALL_FOR,
    )


@dataclass(frozen=True, slots=True)
class _Gift:
    """What a payment page is opened with."""

    ref: str
    state: str
    is_superseded: bool
    checkout_url: str
    expires_at: datetime | None
    account: tuple[str, str, str, str]  # Its slug, sealed key, mode, and Stripe's id of it.
    gift: Money
    fee_cover: Money | None
    suffix: str
    charity: str
    email: str | None


def _locked_gift(session: Session, ref: str) -> _Gift:
    """Return the gift, held until this transaction ends; `NotFound`."""
    lock = " FOR UPDATE OF d" if session.get_bind().dialect.name == "postgresql" else ""
    found = plain.ask(session, _GIFT + lock, {"ref": ref})
    if not found:
        raise NotFound("There is no gift at this address.")
    state, superseded, url, expires_at, gift_minor, cover_minor, currency, suffix, charity, email, *account = found[0]
    return _Gift(
        ref=ref,
        state=state,
        is_superseded=bool(superseded),
        checkout_url=url,
        expires_at=plain.moment(expires_at) if expires_at is not None else None,
        account=(account[0], account[1], account[2], account[3]),
        gift=Money(gift_minor, currency),
        fee_cover=Money(cover_minor, currency) if cover_minor else None,
        suffix=suffix,
        charity=charity,
        email=email or None,
    )


def _request(parts: Parts, gift: _Gift, expires_at: datetime) -> CheckoutRequest:
    page = own_page(parts, gift.ref)
    return CheckoutRequest(
        key=f"{gift.ref}:checkout",
        reference=gift.ref,
        gift=gift.gift,
        gift_label=f"Gift to {gift.charity}",
        fee_cover=gift.fee_cover,
        fee_cover_label="Card fee, covered by you",
        success_url=f"{page}/thanks",
        cancel_url=f"{page}/thanks?back=1",
        expires_at=expires_at,
        descriptor_suffix=gift.suffix,
        email=gift.email,
    )


def own_page(parts: Parts, ref: str) -> str:
    """Return the address of a gift's own page, which only its donor knows."""
    return f"{parts.settings.base_url}/d/{parts.sealer.link_token('donation', ref)}"
