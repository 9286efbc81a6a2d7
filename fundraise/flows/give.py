"""A donor gives: our own row first, then a payment page at Stripe, then the donor goes there.

`begin_gift` writes the gift down together with what Stripe will be asked for (`payment_page`). Donors come in crowds,
and what each of them waits for is written together with what the others wait for.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

from sqlmodel import Session

from fundraise import plain
from fundraise.donations.questions import locked_donation
from fundraise.donations.rules import move, note_step
from fundraise.donations.tables import DonationState
from fundraise.errors import Unavailable
from fundraise.flows.begin_gift import Giver, begin_gift
from fundraise.flows.close_page import close_page
from fundraise.flows.payment_page import PAGE_LIVES, Destination, Opening, own_page, prepare
from fundraise.parts import Parts
from fundraise.patience import gate, in_patience
from fundraise.payments import Checkout, CheckoutState, GatewayRefused, GatewayUnavailable, NotThereYet

_NO_ANSWER: Final = "The card service does not answer just now. Nothing was taken; please try again."

_NOT_KNOWN: Final = (
    "The card service does not answer just now, and whether your gift was paid before is not known. "
    "Please try again in a minute."
)

_PAGE_OF: Final = (
    "UPDATE donation SET checkout_id = :id, checkout_url = :url, checkout_expires_at = :expires_at WHERE ref = :ref "
    "RETURNING superseded_at IS NOT NULL"
)
_MOVE: Final = "UPDATE donation SET state = :opened WHERE ref = :ref AND state = :created RETURNING id"
logger = logging.getLogger(__name__)


async def give(parts: Parts, campaign_slug: str, form: Mapping[str, str], giver: Giver) -> Destination:
    """Write the gift of a giving form down and open its payment page.

    Raises `NotFound`, `FieldErrors`, `Conflict` (the campaign takes no gifts now), `TooMany`, and `Unavailable` when
    Stripe does not answer: then nothing was taken, and sending the same form again is safe.
    """
    begun = await asyncio.to_thread(begin_gift, parts, campaign_slug, form, giver)
    if begun.superseded:
        await in_patience(_close_superseded, parts, begun.superseded, must_tell=begun.is_unclear)
    if begun.is_unclear:  # Now it is known whether the page that was let go of had been paid on.
        begun = await asyncio.to_thread(begin_gift, parts, campaign_slug, form, giver)
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
            checkout = await in_patience(parts.payments.find_checkout, opening.account, ref, since)
            if checkout is None or checkout.state is not CheckoutState.OPEN:
                return await asyncio.to_thread(_looked_up, parts, ref, checkout)
        else:
            async with gate():
                checkout = await parts.payments.open_checkout(opening.account, opening.request)
    except GatewayUnavailable:
        raise Unavailable(_NO_ANSWER) from None
    except GatewayRefused as refusal:
        await asyncio.to_thread(_could_not_open, parts, ref, str(refusal))
        raise Unavailable("The card service would not take this gift. Nothing was taken; please write to us.") from None
    if await asyncio.to_thread(_opened, parts, ref, checkout):
        return Destination(checkout.url or own_page(parts, ref))
    await in_patience(_close_superseded, parts, (ref,))
    return Destination(own_page(parts, ref))


def _opened(parts: Parts, ref: str, checkout: Checkout) -> bool:
    """Note the page; tell whether it may stay. Between the call and here the form may have asked for something else."""
    return parts.db.write_together("give: opened", partial(_note_page, parts, ref, checkout))


def _note_page(parts: Parts, ref: str, checkout: Checkout, session: Session) -> bool:
    """Write the page down. If the donor has paid there already, the state is left alone."""
    expires_at = plain.at(session, checkout.expires_at)
    of_page = {"ref": ref, "id": checkout.id, "url": checkout.url or "", "expires_at": expires_at}
    ((is_superseded,),) = plain.ask(session, _PAGE_OF, of_page)
    states = {"opened": DonationState.OPENED.value, "created": DonationState.CREATED.value}
    for (donation_id,) in plain.ask(session, _MOVE, {"ref": ref, **states}):
        note_step(session, donation_id, DonationState.OPENED.value, at=parts.clock.now(), by="donor")
    return not is_superseded


def _looked_up(parts: Parts, ref: str, found: Checkout | None) -> Destination | None:
    """Note what an unanswered call came to: a page that was paid on; without one, or with a closed one, it is over."""
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


def _close_superseded(parts: Parts, refs: Sequence[str], *, must_tell: bool = False) -> None:
    """Close the pages that the same form opened before; where it need not be told, they close within the hour.

    Raises `Unavailable` if it must be told what was done on a page and Stripe does not answer.
    """
    for ref in refs:
        try:
            close_page(parts, ref)
        except GatewayUnavailable:
            if must_tell:
                raise Unavailable(_NOT_KNOWN) from None
        except (GatewayRefused, NotThereYet) as problem:
            logger.info("the page of %s: %s", ref, problem)
