"""Looking after gifts that were begun and of which nothing more was heard."""

import logging
from collections import Counter
from datetime import timedelta

from sqlmodel import col, or_, select

from fundraise.donations.questions import locked_donation
from fundraise.donations.rules import move
from fundraise.donations.tables import Donation, DonationState
from fundraise.flows.money_doors import are_closed
from fundraise.flows.sync import sync_gift
from fundraise.parts import Parts
from fundraise.payments import GatewayRefused, GatewayUnavailable, NotThereYet

# An open page is looked at after ten minutes, in case its notice was lost, and again until it is decided.
_OPEN_FOR = timedelta(minutes=10)
_PROCESSING_FOR = timedelta(hours=12)
# A gift whose page was never asked for is nothing; one whose call was never answered is looked up for a day.
_NEVER_ASKED = timedelta(hours=1)
_NEVER_ANSWERED = timedelta(hours=25)
_MOST = 2000
logger = logging.getLogger(__name__)


def sweep(parts: Parts) -> Counter[str]:
    """Ask Stripe about every stale gift; return what was found, counted. Stops when Stripe does not answer."""
    now = parts.clock.now()
    with parts.db.read() as session:
        if are_closed(session):
            return Counter()
        stale = session.exec(
            select(Donation.ref)
            .where(
                or_(
                    col(Donation.state).in_([DonationState.CREATED, DonationState.OPENED])
                    & (col(Donation.created_at) <= now - _OPEN_FOR),
                    (col(Donation.state) == DonationState.PROCESSING)
                    & (col(Donation.created_at) <= now - _PROCESSING_FOR),
                )
            )
            .order_by(col(Donation.id))
            .limit(_MOST)
        ).all()
    done: Counter[str] = Counter()
    for ref in stale:
        try:
            sync_gift(parts, ref)
            done[_give_up(parts, ref)] += 1
        except GatewayUnavailable:
            done["unavailable"] += 1
            return done
        except (GatewayRefused, NotThereYet) as problem:
            logger.warning("gift %s: %s", ref, problem)
            done["again"] += 1
    return done


def _give_up(parts: Parts, ref: str) -> str:
    """Close a gift of which Stripe knows nothing, once nothing can come of it any more."""
    now = parts.clock.now()
    with parts.db.write("sweep: give up") as session:
        donation = locked_donation(session, ref)
        if donation.state != DonationState.CREATED or donation.checkout_id is not None:
            return str(donation.state)
        waited = _NEVER_ASKED if donation.checkout_expires_at is None else _NEVER_ANSWERED
        if donation.created_at <= now - waited:
            move(session, donation, DonationState.EXPIRED, at=now, by="sweep")
        return str(donation.state)
