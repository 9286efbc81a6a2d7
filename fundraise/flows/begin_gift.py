"""Writing a gift down, before anybody outside is asked anything.

The form's token and what was in it are the gift's key, so two clicks are one gift. A gift has one payment page in all
its life: when that page closed unpaid, the same form sent again is the next gift of the same form.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, func, select

from fundraise.bodies.questions import bodies_by_id
from fundraise.bodies.tables import Body
from fundraise.campaigns import questions as campaigns
from fundraise.campaigns.rules import Phase, gift_currencies, phase
from fundraise.campaigns.tables import Campaign, Holding
from fundraise.db import one_after_the_other
from fundraise.donations.rules import SHARE, Offer, Wish, fee_cover
from fundraise.donations.tables import Donation, DonationState, DonationStep, Donor
from fundraise.errors import Conflict, NotFound, TooMany
from fundraise.flows.money_doors import require_open
from fundraise.money import split_evenly
from fundraise.parts import Parts
from fundraise.sealing import new_ref
from fundraise.stripe_accounts.questions import account_of
from fundraise.stripe_accounts.tables import StripeAccount

_OVER: Final = frozenset({DonationState.EXPIRED, DonationState.FAILED})
_SETTLED: Final = frozenset({DonationState.PAID, DonationState.PROCESSING})


@dataclass(frozen=True, slots=True)
class Giver:
    """Where a gift comes from: the form's own token, and the hash of the network address ("" when not counted)."""

    form_token: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Begun:
    """A gift that is written down; `superseded` are gifts of the same form with other content, still open."""

    ref: str
    settled: bool
    superseded: tuple[str, ...] = ()


def begin_gift(parts: Parts, campaign_slug: str, wish: Wish, giver: Giver) -> Begun:
    """Write the gift down, or find it written down. Raises `NotFound`, `Conflict`, `TooMany`, `DoorsClosed`."""
    now = parts.clock.now()
    with parts.db.write("give: write down") as session:
        require_open(session)
        campaign = campaigns.public_campaign(session, campaign_slug)
        if phase(campaign, now) is not Phase.OPEN:
            raise Conflict("This campaign takes no gifts just now. Nothing was taken.")
        content = f"{giver.form_token}:{_digest(wish)}"
        found = _newest(session, content)
        if found is None or found.state in _OVER:
            _require_not_too_many(session, giver.origin, parts.settings.gifts_per_address_per_hour, now)
            generation = 1 if found is None else int(found.form_key.split(":")[2]) + 1
            found = _insert_all(session, campaign, wish, giver, f"{content}:{generation}", now)
        if found.state in _SETTLED:
            return Begun(found.ref, settled=True)
        return Begun(found.ref, settled=False, superseded=_superseded(session, giver, content))


def offer_of(session: Session, campaign: Campaign) -> Offer:
    """Return what a campaign's form may be answered with."""
    rows = campaigns.beneficiaries(session, campaign.id)
    charities = bodies_by_id(session, [row.body_id for row in rows])
    return Offer(
        currencies=gift_currencies(campaign),
        least_minor=campaign.least_gift_minor,
        charities=[charities[row.body_id].slug for row in rows],
        events=[event.slug for event in campaigns.events(session, campaign.id)],
    )


def account_for(session: Session, campaign: Campaign, body_id: int) -> StripeAccount | None:
    """Return the Stripe account that takes a campaign's gifts for a charity: the agent's, or the charity's own."""
    merchant = campaign.merchant_body_id if campaign.holding == Holding.AGENT else None
    return account_of(session, merchant if merchant is not None else body_id)


def _digest(wish: Wish) -> str:
    return hashlib.sha256(repr((wish, wish.name, wish.email, wish.message)).encode()).hexdigest()[:32]


def _newest(session: Session, content: str) -> Donation | None:
    """Return the first part of the newest gift with this content from this form."""
    return session.exec(
        select(Donation)
        .where(col(Donation.form_key).startswith(f"{content}:", autoescape=True), col(Donation.part) == 1)
        .order_by(col(Donation.id).desc())
        .limit(1)
    ).first()


def _require_not_too_many(session: Session, origin: str, most: int, now: datetime) -> None:
    if not origin or not most:
        return
    one_after_the_other(session, f"gifts from {origin}")
    begun = session.exec(
        select(func.count()).where(col(Donation.origin) == origin, col(Donation.created_at) > now - timedelta(hours=1))
    ).one()
    if begun >= most:
        raise TooMany("Many gifts were begun from your network within the hour. Please try again a little later.")


def _insert_all(session: Session, campaign: Campaign, wish: Wish, giver: Giver, key: str, now: datetime) -> Donation:
    """Write one row for each charity: a gift shared over several is one payment each."""
    chosen = _chosen(session, campaign, wish)
    event = campaigns.event_of(session, campaign.id, wish.event) if wish.event else None
    donor = Donor(name=wish.name, email=wish.email, created_at=now) if wish.name or wish.email else None
    if donor is not None:
        session.add(donor)
        session.flush()
    group_ref = new_ref()
    shares = split_evenly(wish.gift, len(chosen))
    for part, ((body, account), share) in enumerate(zip(chosen, shares, strict=True), start=1):
        cover = fee_cover(share.minor, account.fee_basis_points, account.fee_fixed_minor) if wish.cover_fee else 0
        written = _insert(
            session,
            Donation(
                ref=group_ref if part == 1 else new_ref(),
                campaign_id=campaign.id,
                event_id=event.id if event is not None else None,
                beneficiary_body_id=body.id,
                stripe_account_id=account.id,
                donor_id=donor.id if donor is not None else None,
                gift_minor=share.minor,
                fee_cover_minor=cover,
                currency=share.currency,
                show_name=wish.show_name,
                show_amount=wish.show_amount,
                show_message=wish.show_message,
                message=wish.message,
                form_key=f"{key}:{part}",
                form_token=giver.form_token,
                group_ref=group_ref,
                part=part,
                parts=len(chosen),
                origin=giver.origin,
                created_at=now,
            ),
        )
        if not written:  # The other click was faster, on another connection; its rows are the gift.
            if donor is not None:
                session.delete(donor)
            break
    return session.exec(select(Donation).where(col(Donation.form_key) == f"{key}:1")).one()


def _chosen(session: Session, campaign: Campaign, wish: Wish) -> list[tuple[Body, StripeAccount]]:
    """Pair each charity the gift goes to with the account that takes it."""
    rows = campaigns.beneficiaries(session, campaign.id)
    charities = bodies_by_id(session, [row.body_id for row in rows])
    pairs = []
    for body in (charities[row.body_id] for row in rows):
        if wish.charity not in {SHARE, body.slug}:
            continue
        account = account_for(session, campaign, body.id)
        if account is None:
            raise Conflict(f"{body.name} cannot take cards here yet. Nothing was taken.")
        pairs.append((body, account))
    if not pairs:
        raise NotFound("That charity is not part of this campaign.")
    return pairs


def _insert(session: Session, donation: Donation) -> bool:
    """Insert unless a row with this form key is there; tell whether it was."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    written = session.execute(
        dialect.insert(Donation)
        .values(donation.model_dump(exclude={"id"}))
        .on_conflict_do_nothing(index_elements=["form_key"])
        .returning(col(Donation.id))
    ).first()
    if written is None:
        return False
    session.add(DonationStep(donation_id=written[0], step=DonationState.CREATED, at=donation.created_at, by="donor"))
    return True


def _superseded(session: Session, giver: Giver, content: str) -> tuple[str, ...]:
    """Find the gifts that this very form made before with other content and that could still be paid."""
    others = session.exec(
        select(Donation).where(
            col(Donation.form_token) == giver.form_token, col(Donation.state) == DonationState.OPENED
        )
    ).all()
    return tuple(other.ref for other in others if not other.form_key.startswith(f"{content}:"))
