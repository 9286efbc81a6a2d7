"""A donor gives: our own row first, then a payment page at Stripe, then the donor goes there.

`begin_gift` writes the gift down together with what Stripe will be asked for (`payment_page`). Donors come in crowds,
and what each of them waits for is written together with what the others wait for.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Final

from sqlmodel import Session, col, select

from fundraise import plain
from fundraise.donations.rules import move
from fundraise.donations.tables import Donation, DonationState
from fundraise.errors import NotFound, Unavailable
from fundraise.flows.begin_gift import Begun, Giver, begin_gift
from fundraise.flows.payment_page import PAGE_LIVES, Destination, Opening, own_page, prepare
from fundraise.parts import Parts
from fundraise.patience import gate, in_patience
from fundraise.payments import Checkout, CheckoutState, GatewayRefused, GatewayUnavailable
from fundraise.stripe_accounts.questions import key_of
from fundraise.stripe_accounts.tables import StripeAccount

_NO_ANSWER: Final = "The card service does not answer just now. Nothing was taken; please try again."

_PAGE_OF: Final = (
    "UPDATE donation SET checkout_id = :id, checkout_url = :url, checkout_expires_at = :expires_at WHERE ref = :ref"
)
_MOVE: Final = "UPDATE donation SET state = :opened WHERE ref = :ref AND state = :created RETURNING id"
_STEP: Final = "INSERT INTO donation_step (donation_id, step, at, by) VALUES (:id, :opened, :at, 'donor')"


async def give(parts: Parts, campaign_slug: str, form: Mapping[str, str], giver: Giver) -> Destination:
    """Write the gift of a giving form down and open its payment page.

    Raises `NotFound`, `FieldErrors`, `Conflict` (the campaign takes no gifts now), `TooMany`, and `Unavailable` when
    Stripe does not answer: then nothing was taken, and sending the same form again is safe.
    """
    begun = await asyncio.to_thread(begin_gift, parts, campaign_slug, form, giver)
    if begun.superseded:
        await in_patience(_close_superseded, parts, begun)
    destination = await _go_on(parts, begun.ref, begun.page)
    if destination is None:  # Its page closed before the donor ever saw it; the form makes the next gift.
        begun = await asyncio.to_thread(begin_gift, parts, campaign_slug, form, giver)
        destination = await _go_on(parts, begun.ref, begun.page)
    if destination is None:
        raise Unavailable(_NO_ANSWER)
    return destination


async def open_page(parts: Parts, ref: str) -> Destination | None:
    """Open the payment page of a gift that is written down, or return the one it has; None when that page closed."""
    return await _go_on(parts, ref, await asyncio.to_thread(_prepare, parts, ref))


def _prepare(parts: Parts, ref: str) -> Opening | Destination:
    with parts.db.write("give: prepare") as session:
        return prepare(session, parts, ref)


async def _go_on(parts: Parts, ref: str, opening: Opening | Destination) -> Destination | None:
    """Ask Stripe for the page, if there is none yet; None when the gift had one that closed."""
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


def locked_donation(session: Session, ref: str) -> Donation:
    """Return the gift, held until this transaction ends; `NotFound`."""
    found = session.exec(select(Donation).where(col(Donation.ref) == ref).with_for_update()).first()
    if found is None:
        raise NotFound("There is no gift at this address.")
    return found


def _opened(parts: Parts, ref: str, checkout: Checkout) -> Destination:
    """Note the page. Between the call and here the donor may have paid already; then the state is left alone."""
    parts.db.write_together("give: opened", partial(_note_page, parts, ref, checkout))
    return Destination(checkout.url or own_page(parts, ref))


def _note_page(parts: Parts, ref: str, checkout: Checkout, session: Session) -> None:
    expires_at = plain.at(session, checkout.expires_at)
    of_page = {"ref": ref, "id": checkout.id, "url": checkout.url or "", "expires_at": expires_at}
    plain.run(session, _PAGE_OF, of_page)
    states = {"opened": DonationState.OPENED.value, "created": DonationState.CREATED.value}
    for (donation_id,) in plain.ask(session, _MOVE, {"ref": ref, **states}):
        at = plain.at(session, parts.clock.now())
        plain.run(session, _STEP, {"id": donation_id, "opened": DonationState.OPENED.value, "at": at})


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
