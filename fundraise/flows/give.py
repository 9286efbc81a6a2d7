"""A donor gives: our own row first, then a payment page at Stripe, then the donor goes there.

What is sent to Stripe is written down before it is sent, so that a repeat after a crash sends the same under the same
idempotency key. Once Stripe may have forgotten the key, or would no longer take the same content, the page is looked
up by our reference instead of being asked for again.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from fundraise import plain
from fundraise.donations.rules import Wish, move
from fundraise.donations.tables import Donation, DonationState
from fundraise.errors import NotFound, Unavailable
from fundraise.flows.begin_gift import Begun, Giver, begin_gift
from fundraise.money import Money
from fundraise.parts import Parts
from fundraise.patience import gate, in_patience
from fundraise.payments import (
    AccountKey,
    Checkout,
    CheckoutRequest,
    CheckoutState,
    GatewayRefused,
    GatewayUnavailable,
)
from fundraise.stripe_accounts.questions import key_of
from fundraise.stripe_accounts.tables import StripeAccount

# Stripe lets a page live from 30 minutes to 24 hours; short, so that an unfinished gift is soon known to be none.
PAGE_LIVES: Final = timedelta(minutes=35)
# Until then a repeat is the same call: later Stripe refuses its `expires_at` for being less than 30 minutes away.
_SAME_CALL_FOR: Final = timedelta(minutes=4)
_NO_ANSWER: Final = "The card service does not answer just now. Nothing was taken; please try again."

# Donors come in crowds, so what each of them needs is asked in plain SQL.
_GIFT: Final = (
    "SELECT d.state, d.checkout_url, d.checkout_expires_at, d.stripe_account_id, d.gift_minor, d.fee_cover_minor, "
    "d.currency, c.statement_suffix, b.name, (SELECT email FROM donor WHERE id = d.donor_id) FROM donation d "
    "JOIN campaign c ON c.id = d.campaign_id JOIN body b ON b.id = d.beneficiary_body_id WHERE d.ref = :ref"
)
_TO_BE_SENT: Final = "UPDATE donation SET checkout_expires_at = :expires_at WHERE ref = :ref"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the donor goes next: the payment page, or their own page when this gift is made already."""

    url: str


@dataclass(frozen=True, slots=True)
class _Opening:
    """A call to be made: with which key, and what is asked."""

    account: AccountKey
    request: CheckoutRequest
    is_late: bool  # Begun so long ago that it may not simply be made again.


async def give(parts: Parts, campaign_slug: str, wish: Wish, giver: Giver) -> Destination:
    """Write the gift down and open its payment page.

    Raises `NotFound`, `Conflict` (the campaign takes no gifts now), `TooMany`, and `Unavailable` when Stripe does not
    answer: then nothing was taken, and sending the same form again is safe.
    """
    begun = await asyncio.to_thread(begin_gift, parts, campaign_slug, wish, giver)
    if begun.settled:
        return Destination(own_page(parts, begun.ref))
    if begun.superseded:
        await in_patience(_close_superseded, parts, begun)
    destination = await open_page(parts, begun.ref)
    if destination is None:  # Its page closed before the donor ever saw it; the form makes the next gift.
        begun = await asyncio.to_thread(begin_gift, parts, campaign_slug, wish, giver)
        destination = await open_page(parts, begun.ref)
    if destination is None:
        raise Unavailable(_NO_ANSWER)
    return destination


async def open_page(parts: Parts, ref: str) -> Destination | None:
    """Open the payment page of a gift that is written down, or return the one it has; None when that page closed."""
    opening = await asyncio.to_thread(_prepare, parts, ref)
    if isinstance(opening, Destination):
        return opening
    try:
        if opening.is_late:
            since = opening.request.expires_at - PAGE_LIVES - timedelta(minutes=5)
            found = await in_patience(parts.payments.find_checkout, opening.account, ref, since)
            return await asyncio.to_thread(_looked_up, parts, ref, found)
        async with gate():
            checkout = await parts.payments.open_checkout(opening.account, opening.request)
    except GatewayUnavailable:
        raise Unavailable(_NO_ANSWER) from None
    except GatewayRefused as refusal:
        await asyncio.to_thread(_could_not_open, parts, ref, str(refusal))
        raise Unavailable("The card service would not take this gift. Nothing was taken; please write to us.") from None
    return await asyncio.to_thread(_opened, parts, ref, checkout)


def own_page(parts: Parts, ref: str) -> str:
    """Return the address of a gift's own page, which only its donor knows."""
    return f"{parts.settings.base_url}/d/{parts.sealer.link_token('donation', ref)}"


def locked_donation(session: Session, ref: str) -> Donation:
    """Return the gift, held until this transaction ends; `NotFound`."""
    found = session.exec(select(Donation).where(col(Donation.ref) == ref).with_for_update()).first()
    if found is None:
        raise NotFound("There is no gift at this address.")
    return found


def _prepare(parts: Parts, ref: str) -> _Opening | Destination:
    """Decide what to send to Stripe, and write it down before it is sent."""
    now = parts.clock.now()
    with parts.db.write("give: prepare") as session:
        gift = _locked_gift(session, ref)
        if gift.state == DonationState.OPENED and gift.checkout_url:
            return Destination(gift.checkout_url)
        if gift.state != DonationState.CREATED:
            return Destination(own_page(parts, ref))
        first_time = gift.expires_at is None
        expires_at = gift.expires_at or (now + PAGE_LIVES).replace(microsecond=0)
        plain.run(session, _TO_BE_SENT, {"ref": ref, "expires_at": plain.at(session, expires_at)})
        account = session.get_one(StripeAccount, gift.account_id)
        return _Opening(
            account=key_of(account, parts.sealer),
            request=_request(parts, gift, expires_at),
            is_late=not first_time and now > expires_at - PAGE_LIVES + _SAME_CALL_FOR,
        )


@dataclass(frozen=True, slots=True)
class _Gift:
    """What a payment page is opened with."""

    ref: str
    state: str
    checkout_url: str
    expires_at: datetime | None
    account_id: int
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
    state, url, expires_at, account_id, gift_minor, cover_minor, currency, suffix, charity, email = found[0]
    return _Gift(
        ref=ref,
        state=state,
        checkout_url=url,
        expires_at=plain.moment(expires_at) if expires_at is not None else None,
        account_id=account_id,
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


def _opened(parts: Parts, ref: str, checkout: Checkout) -> Destination:
    """Note the page. Between the call and here the donor may have paid already; then the state is left alone."""
    with parts.db.write("give: opened") as session:
        donation = locked_donation(session, ref)
        donation.checkout_id = checkout.id
        donation.checkout_url = checkout.url or ""
        donation.checkout_expires_at = checkout.expires_at
        session.add(donation)
        if donation.state == DonationState.CREATED:
            move(session, donation, DonationState.OPENED, at=parts.clock.now(), by="donor")
    return Destination(checkout.url or own_page(parts, ref))


def _looked_up(parts: Parts, ref: str, found: Checkout | None) -> Destination | None:
    """Take up the page that an unanswered call did open; without one, or with a closed one, this gift is over."""
    if found is not None and found.state is CheckoutState.OPEN:
        return _opened(parts, ref, found)
    if found is not None and found.state is CheckoutState.COMPLETE:
        with parts.db.write("give: found complete") as session:
            donation = locked_donation(session, ref)
            donation.checkout_id = found.id
            session.add(donation)
        return Destination(own_page(parts, ref))
    with parts.db.write("give: found closed") as session:
        donation = locked_donation(session, ref)
        if donation.state == DonationState.CREATED:
            donation.checkout_id = found.id if found is not None else None
            move(session, donation, DonationState.EXPIRED, at=parts.clock.now(), by="donor")
    return None


def _could_not_open(parts: Parts, ref: str, reason: str) -> None:
    with parts.db.write("give: refused") as session:
        donation = locked_donation(session, ref)
        if donation.state == DonationState.CREATED:
            move(session, donation, DonationState.FAILED, at=parts.clock.now(), by=f"stripe: {reason}"[:60])


def _close_superseded(parts: Parts, begun: Begun) -> None:
    """Close the pages that the same form opened before. If that fails they close by themselves within the hour."""
    for ref in begun.superseded:
        with parts.db.read() as session:
            donation = session.exec(select(Donation).where(col(Donation.ref) == ref)).one()
            account = key_of(session.get_one(StripeAccount, donation.stripe_account_id), parts.sealer)
        if donation.checkout_id is None:
            continue
        with suppress(GatewayRefused, GatewayUnavailable):
            parts.payments.expire_checkout(account, donation.checkout_id)
            with parts.db.write("give: superseded") as session:
                old = locked_donation(session, ref)
                if old.state == DonationState.OPENED:
                    move(session, old, DonationState.EXPIRED, at=parts.clock.now(), by="donor")
