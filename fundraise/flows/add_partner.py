"""Letting a partner in: its place in an appeal, its report link, its key for programs. Both can be renewed."""

import hmac
import secrets
from dataclasses import dataclass, replace
from typing import Final

from sqlmodel import Session, col, select

from fundraise.appeals.questions import any_appeal
from fundraise.db import note
from fundraise.errors import Conflict, Refusal
from fundraise.fields import Reading
from fundraise.money import is_currency
from fundraise.partners.questions import partner_by_ref, partner_by_slug
from fundraise.partners.tables import Partner
from fundraise.parts import Parts
from fundraise.sealing import Sealer, hash_token, new_ref
from fundraise.staff.rules import note_act

_REF_CHARACTERS: Final = 16
_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPartner:
    """A partner as staff tell it."""

    slug: str
    appeal: str
    name: str
    currency: str
    is_unnamed: bool = False
    is_beneficiary: bool = False
    contact_email: str = ""


class BadKey(Refusal):
    """A key that opens nothing; whether the partner exists is not said."""

    status = 401
    code = "bad_key"


class LinkRenewed(Refusal):
    """A report link that opens nothing any more, or never did; all of these look alike."""

    status = 404
    code = "link_renewed"


def add_partner(parts: Parts, new: NewPartner, *, by: str) -> int:
    """Add a partner and return its id; raises `FieldErrors`, `NotFound`, `Conflict` for a name that is taken."""
    new = _checked(new)
    with parts.db.write("add partner") as session:
        appeal = any_appeal(session, new.appeal)
        if session.exec(select(Partner.id).where(col(Partner.slug) == new.slug)).first() is not None:
            raise Conflict(f"There is a partner {new.slug} already.", field="slug")
        now = parts.clock.now()
        partner = Partner(
            ref=new_ref(),
            slug=new.slug,
            appeal_id=appeal.id,
            name=new.name,
            currency=new.currency,
            is_unnamed=new.is_unnamed,
            is_beneficiary=new.is_beneficiary,
            contact_email=new.contact_email,
            created_at=now,
        )
        session.add(partner)
        session.flush()
        note_act(session, what="added the partner", about=f"partner:{partner.id}", by=by, at=now)
        note(session, "public")
        return partner.id


def report_link(parts: Parts, slug: str) -> str:
    """Return a partner's report link; it works until it is renewed or the partner leaves."""
    with parts.db.read() as session:
        return f"{parts.settings.base_url}/r/{_token(parts.sealer, partner_by_slug(session, slug))}"


def renew_link(parts: Parts, slug: str, *, by: str) -> str:
    """Make the old report link useless and return a new one."""
    with parts.db.write("renew report link") as session:
        partner = _locked(session, slug)
        partner.link_version += 1
        session.add(partner)
        _noted(session, parts, partner, "made a new report link", by)
    return report_link(parts, slug)


def new_key(parts: Parts, slug: str, *, by: str) -> str:
    """Return a new key for the partner's programs, shown only now; the old one opens nothing any more."""
    key = f"fr_{secrets.token_urlsafe(_KEY_BYTES)}"
    with parts.db.write("new partner key") as session:
        partner = _locked(session, slug)
        partner.api_key_hash = hash_token(key)
        session.add(partner)
        _noted(session, parts, partner, "made a new key for programs", by)
    return key


def leave(parts: Parts, slug: str, *, by: str) -> None:
    """Let a partner go: its figures stay with the day they were of; its link and key open nothing any more."""
    with parts.db.write("partner leaves") as session:
        partner = _locked(session, slug)
        if partner.left_at is not None:
            raise Conflict("This partner has left already.")
        partner.left_at = parts.clock.now()
        session.add(partner)
        _noted(session, parts, partner, "let the partner go", by)
        note(session, "public")


def partner_of_link(session: Session, sealer: Sealer, token: str) -> Partner:
    """Return the partner whose report link this is; raises `LinkRenewed`."""
    partner = partner_by_ref(session, token[:_REF_CHARACTERS])
    if partner is None or partner.left_at is not None or sealer.open_link(_purpose(partner), token) is None:
        raise LinkRenewed("This link does not open a report any more. Please ask whoever sent it for a new one.")
    return partner


def partner_of_key(session: Session, slug: str, key: str) -> Partner:
    """Return the partner whose key this is; raises `BadKey`."""
    partner = session.exec(select(Partner).where(col(Partner.slug) == slug)).first()
    kept = partner.api_key_hash if partner is not None and partner.left_at is None else ""
    if partner is None or not kept or not hmac.compare_digest(kept, hash_token(key)):
        raise BadKey("The key is not right for this partner.")
    return partner


def _token(sealer: Sealer, partner: Partner) -> str:
    return sealer.link_token(_purpose(partner), partner.ref)


def _purpose(partner: Partner) -> str:
    return f"report:{partner.link_version}"


def _locked(session: Session, slug: str) -> Partner:
    partner_by_slug(session, slug)
    statement = select(Partner).where(col(Partner.slug) == slug).with_for_update()
    return session.exec(statement.execution_options(populate_existing=True)).one()


def _noted(session: Session, parts: Parts, partner: Partner, what: str, by: str) -> None:
    note_act(session, what=what, about=f"partner:{partner.id}", by=by, at=parts.clock.now())


def _checked(new: NewPartner) -> NewPartner:
    """Return the partner with its words tidied; raises `FieldErrors`."""
    reading = Reading({"slug": new.slug, "name": new.name, "email": new.contact_email})
    name = reading.line("name", longest=200, missing="Please write the partner’s name.")
    slug = reading.slug("slug", name)
    email = reading.email("email")
    currency = new.currency.strip().upper()
    if not is_currency(currency):
        reading.refuse("currency", f"{new.currency[:20]!r} is no currency we know, like EUR.")
    reading.done()
    return replace(new, slug=slug, name=name, currency=currency, contact_email=email)
