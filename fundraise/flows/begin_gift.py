"""Writing a gift down, before anybody outside is asked anything.

The form's token, its campaign and what was in it are the gift's key, so two clicks are one gift. A gift has one
payment page in all its life: when that page closed unpaid, the same form sent again is the next gift of the same form,
to the charities alone whose part is not paid. Of what one form asked for only the last content can be paid.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel import Session

from fundraise import money, plain
from fundraise.campaigns import questions as campaigns
from fundraise.campaigns.rules import CampaignToGiveTo, Phase, gift_currencies, phase
from fundraise.campaigns.tables import Campaign, Holding
from fundraise.db import one_after_the_other
from fundraise.donations.charging import require_shares_taken, require_total_taken
from fundraise.donations.rules import SHARE, Offer, Wish, note_step, read_wish
from fundraise.donations.tables import Donation, DonationState
from fundraise.errors import Conflict, FieldErrors, NotFound, TooMany
from fundraise.flows.card_terms import CardTerms, Tariff, card_terms
from fundraise.flows.money_doors import require_open
from fundraise.flows.payment_page import Destination, Opening, prepare
from fundraise.money import AmountError, Money, split_evenly
from fundraise.parts import Parts
from fundraise.sealing import new_ref
from fundraise.stripe_accounts.questions import account_of
from fundraise.stripe_accounts.tables import StripeAccount

_OVER: Final = frozenset({DonationState.EXPIRED, DonationState.FAILED})
_UNPAID: Final = frozenset({DonationState.CREATED, DonationState.OPENED})
_SETTLED: Final = frozenset({DonationState.PAID, DonationState.PROCESSING})
_FEE_UNKNOWN: Final = (
    "We do not know just now what the card fee comes to in {}, so it cannot be added. "
    "Please take the tick away, or choose another currency."
)

# Donors come in crowds, so what each of them needs is asked in plain SQL.
_OF_THIS_FORM: Final = (
    "SELECT ref, state, form_key, part, beneficiary_body_id, superseded_at IS NOT NULL FROM donation "
    "WHERE form_token = :token AND campaign_id = :campaign ORDER BY id DESC"
)
_BEGUN_BY: Final = "SELECT COUNT(*) FROM donation WHERE origin = :origin AND created_at > :since"
# Told by the rows as they are now: who opens a page meanwhile is waited for, or sees that there is to be none.
_SUPERSEDE: Final = (
    "UPDATE donation SET superseded_at = :now WHERE form_token = :token AND campaign_id = :campaign "
    "AND state IN ('created', 'opened') AND superseded_at IS NULL AND substr(form_key, 1, :length) <> :content "
    "RETURNING ref"
)
_CHARITIES: Final = (
    "SELECT b.id, b.slug, b.name FROM campaign_beneficiary r JOIN body b ON b.id = r.body_id "
    "WHERE r.campaign_id = :campaign ORDER BY r.position, r.id"
)
_ACCOUNT: Final = (
    "SELECT a.id, b.currency, a.fee_basis_points, a.fee_fixed_minor FROM stripe_account a "
    "JOIN body b ON b.id = a.body_id WHERE a.body_id = :body AND a.closed_at IS NULL ORDER BY a.id DESC LIMIT 1"
)
_DONOR: Final = "INSERT INTO donor (name, email, created_at) VALUES (:name, :email, :now) RETURNING id"
_NAMES: Final = tuple(name for name in Donation.model_fields if name not in {"id", "created_at", "state"})
_DEFAULTS: Final = {name: spot.default for name, spot in Donation.model_fields.items() if not spot.is_required()}
_COLUMNS: Final = ", ".join((*_NAMES, "created_at", "state"))
_PLACES: Final = ", ".join(f":{name}" for name in (*_NAMES, "created_at", "state"))
_INSERT: Final = (
    f"INSERT INTO donation ({_COLUMNS}) VALUES ({_PLACES}) "  # noqa: S608  Names of our own columns.
    "ON CONFLICT (form_key) DO NOTHING RETURNING id"
)


@dataclass(frozen=True, slots=True)
class Giver:
    """Where a gift comes from: the form's own token, and the hash of the network address ("" when not counted)."""

    form_token: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Begun:
    """A gift that is written down, and its page; `superseded` are gifts of the same form that are to close.

    `is_unclear`: one of those asked for the same as now, and whether it was paid is to be known before another is.
    """

    ref: str
    page: Opening | Destination
    superseded: tuple[str, ...] = ()
    is_unclear: bool = False


def begin_gift(parts: Parts, campaign_slug: str, form: Mapping[str, str], giver: Giver) -> Begun:
    """Read a giving form and write its gift down, or find it written down.

    Raises `NotFound`, `FieldErrors`, `Conflict`, `TooMany`, `DoorsClosed`.
    """

    def work(session: Session) -> Begun:
        require_open(session)
        campaign = campaigns.campaign_to_give_to(session, campaign_slug)
        wish = read_wish(form, _offer(session, parts, campaign))
        return _write_down(session, parts, campaign, wish, giver)

    return parts.db.write_together("give: write down", work)


def _offer(session: Session, parts: Parts, campaign: CampaignToGiveTo) -> Offer:
    """Return what a campaign's form may be answered with."""
    events = "SELECT slug FROM event WHERE campaign_id = :campaign ORDER BY starts_at, id"
    return Offer(
        currencies=gift_currencies(campaign),
        least_minor=campaign.least_gift_minor,
        charities=[slug for _, slug, _ in plain.ask(session, _CHARITIES, {"campaign": campaign.id})],
        events=[slug for (slug,) in plain.ask(session, events, {"campaign": campaign.id})],
        limits_of=parts.payments.charge_limits,
    )


def _write_down(session: Session, parts: Parts, campaign: CampaignToGiveTo, wish: Wish, giver: Giver) -> Begun:
    now = parts.clock.now()
    if phase(campaign, now) is not Phase.OPEN:
        raise Conflict("This campaign takes no gifts just now. Nothing was taken.")
    one_after_the_other(session, f"form {giver.form_token}")
    content = f"{giver.form_token}:{_digest(campaign.id, wish)}:"
    all_written = _written(session, campaign, giver)
    ours = [written for written in all_written if written.form_key.startswith(content)]
    newest = {written.body_id: written for written in reversed(ours)}  # By charity: the last one written stays.
    if not newest or any(written.is_over for written in newest.values()):
        _require_not_too_many(session, giver.origin, parts.settings.gifts_per_address_per_hour, now)
        charges = _missing(_charges(session, parts, campaign, wish, now.date()), newest)
        generation = max((written.generation for written in ours), default=0) + 1
        if charges:
            _insert_all(session, campaign, wish, giver, charges, f"{content}{generation}", now)
        ours = [one for one in _written(session, campaign, giver) if one.form_key.startswith(content)]
    last = max(written.generation for written in ours)
    first = next(written for written in ours if (written.generation, written.part) == (last, 1))
    unclear = {written.ref for written in newest.values() if written.is_unclear}
    others = set() if first.state in _SETTLED else _supersede(session, campaign, giver, content, all_written, now)
    superseded = tuple(sorted(unclear.union(others)))
    return Begun(first.ref, prepare(session, parts, first.ref), superseded, is_unclear=bool(unclear))


def account_for(session: Session, campaign: Campaign, body_id: int) -> StripeAccount | None:
    """Return the Stripe account that takes a campaign's gifts for a charity: the agent's, or the charity's own."""
    merchant = campaign.merchant_body_id if campaign.holding == Holding.AGENT else None
    return account_of(session, merchant if merchant is not None else body_id)


def _digest(campaign_id: int, wish: Wish) -> str:
    """Return what stands for a form's content: a form is one campaign's, wherever it is sent to."""
    return hashlib.sha256(repr((campaign_id, wish, wish.name, wish.email, wish.message)).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class _Written:
    """One part of a gift that this form wrote down."""

    ref: str
    state: str
    form_key: str
    part: int
    body_id: int
    is_superseded: bool

    @property
    def generation(self) -> int:
        """Which gift of this content it is part of: the next one begins when the page of the last closed unpaid."""
        return int(self.form_key.split(":")[2])

    @property
    def is_over(self) -> bool:
        """Whether it will not be paid any more: one that was let go of before anybody saw its page is not."""
        return self.state in _OVER or (self.is_superseded and self.state == DonationState.CREATED)

    @property
    def is_unclear(self) -> bool:
        """Whether it was let go of while its page could be paid on, and nobody looked yet whether it was."""
        return self.is_superseded and self.state == DonationState.OPENED


def _written(session: Session, campaign: CampaignToGiveTo, giver: Giver) -> list[_Written]:
    """List what this form wrote down for this campaign, newest first."""
    rows = plain.ask(session, _OF_THIS_FORM, {"token": giver.form_token, "campaign": campaign.id})
    return [_Written(*row) for row in rows]


def _require_not_too_many(session: Session, origin: str, most: int, now: datetime) -> None:
    if not origin or not most:
        return
    one_after_the_other(session, f"gifts from {origin}")
    within = {"origin": origin, "since": plain.at(session, now - timedelta(hours=1))}
    ((begun,),) = plain.ask(session, _BEGUN_BY, within)
    if begun >= most:
        raise TooMany("Many gifts were begun from your network within the hour. Please try again a little later.")


@dataclass(frozen=True, slots=True)
class _Receiver:
    """A charity that is given to, and the Stripe account that takes the gift."""

    body_id: int
    account_id: int
    tariff: Tariff


@dataclass(frozen=True, slots=True)
class _Charge:
    """What one charity is given by one payment, and what is added for the fee."""

    receiver: _Receiver
    gift: Money
    cover_minor: int


def _charges(session: Session, parts: Parts, campaign: CampaignToGiveTo, wish: Wish, day: date) -> list[_Charge]:
    """Split a gift over the charities it is for; raises `FieldErrors` for what no card would be charged with."""
    receivers, currency = _chosen(session, campaign, wish), wish.gift.currency
    of_tariff = {
        tariff: card_terms(session, parts.payments, [tariff], [currency], day)[currency]
        for tariff in {receiver.tariff for receiver in receivers}
    }
    terms = [of_tariff[receiver.tariff] for receiver in receivers]
    limits = max((one.limits for one in terms), key=lambda one: one.least_minor)
    shares = split_evenly(wish.gift, len(receivers), step_minor=limits.step_minor)
    try:
        require_shares_taken(wish.gift, limits, len(receivers))
        return [_charge(*three, wish) for three in zip(receivers, shares, terms, strict=True)]
    except AmountError as problem:
        raise FieldErrors({"amount": str(problem)}) from None


def _missing(charges: Sequence[_Charge], newest: Mapping[int, _Written]) -> list[_Charge]:
    """Leave out the charities whose part is paid, or can still be: nobody is asked for a part twice."""
    return [charge for charge in charges if (own := newest.get(charge.receiver.body_id)) is None or own.is_over]


def _charge(receiver: _Receiver, gift: Money, terms: CardTerms, wish: Wish) -> _Charge:
    if not wish.cover_fee:
        return _Charge(receiver, gift, 0)
    if terms.fee is None:
        raise FieldErrors({"cover_fee": _FEE_UNKNOWN.format(money.name(gift.currency))})
    cover_minor = terms.fee.cover(gift.minor, terms.limits)
    require_total_taken(Money(gift.minor + cover_minor, gift.currency), terms.limits)
    return _Charge(receiver, gift, cover_minor)


def _chosen(session: Session, campaign: CampaignToGiveTo, wish: Wish) -> list[_Receiver]:
    """Pair each charity the gift goes to with the account that takes it."""
    receivers = []
    for body_id, slug, name in plain.ask(session, _CHARITIES, {"campaign": campaign.id}):
        if wish.charity not in {SHARE, slug}:
            continue
        merchant = campaign.merchant_body_id if campaign.holding == Holding.AGENT else None
        account = plain.ask(session, _ACCOUNT, {"body": merchant if merchant is not None else body_id})
        if not account:
            raise Conflict(f"{name} cannot take cards here yet. Nothing was taken.")
        account_id, *tariff = account[0]
        receivers.append(_Receiver(body_id, account_id, Tariff(*tariff)))
    if not receivers:
        raise NotFound("That charity is not part of this campaign.")
    return receivers


def _insert_all(
    session: Session,
    campaign: CampaignToGiveTo,
    wish: Wish,
    giver: Giver,
    charges: Sequence[_Charge],
    key: str,
    now: datetime,
) -> None:
    """Write one row for each charity: a gift shared over several is one payment each."""
    event = campaigns.event_of(session, campaign.id, wish.event) if wish.event else None
    donor_id = _insert_donor(session, wish, now) if wish.name or wish.email else None
    group_ref = new_ref()
    for part, charge in enumerate(charges, start=1):
        written = _insert(
            session,
            now,
            ref=group_ref if part == 1 else new_ref(),
            campaign_id=campaign.id,
            event_id=event.id if event is not None else None,
            beneficiary_body_id=charge.receiver.body_id,
            stripe_account_id=charge.receiver.account_id,
            donor_id=donor_id,
            gift_minor=charge.gift.minor,
            fee_cover_minor=charge.cover_minor,
            currency=charge.gift.currency,
            show_name=wish.show_name,
            show_amount=wish.show_amount,
            show_message=wish.show_message,
            message=wish.message,
            form_key=f"{key}:{part}",
            form_token=giver.form_token,
            group_ref=group_ref,
            part=part,
            parts=len(charges),
            origin=giver.origin,
        )
        if not written:  # The other click was faster, on another connection; its rows are the gift.
            plain.run(session, "DELETE FROM donor WHERE id = :id", {"id": donor_id})
            break


def _insert_donor(session: Session, wish: Wish, now: datetime) -> int:
    values = {"name": wish.name, "email": wish.email, "now": plain.at(session, now)}
    return int(plain.ask(session, _DONOR, values)[0][0])


def _insert(session: Session, now: datetime, **columns: object) -> bool:
    """Insert a donation of these columns unless one with its form key is there; tell whether it was."""
    values = {**_DEFAULTS, **columns, "created_at": plain.at(session, now), "state": DonationState.CREATED.value}
    written = plain.ask(session, _INSERT, values)
    if not written:
        return False
    note_step(session, written[0][0], DonationState.CREATED.value, at=now, by="donor")
    return True


def _supersede(
    session: Session, campaign: CampaignToGiveTo, giver: Giver, content: str, known: Sequence[_Written], now: datetime
) -> set[str]:
    """Let go of what this very form asked for before with other content; return the gifts whose pages are to close."""
    unpaid = [written for written in known if written.state in _UNPAID]
    closing = {written.ref for written in unpaid if written.is_superseded}
    if any(not written.form_key.startswith(content) and not written.is_superseded for written in unpaid):
        of_form = {"token": giver.form_token, "campaign": campaign.id, "now": plain.at(session, now)}
        rows = plain.ask(session, _SUPERSEDE, {**of_form, "content": content, "length": len(content)})
        closing.update(ref for (ref,) in rows)
    return closing
