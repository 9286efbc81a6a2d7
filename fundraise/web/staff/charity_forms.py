"""The forms of a charity, and of connecting its Stripe account."""

from collections.abc import Mapping
from typing import Final

from fundraise.bodies.tables import Body, BodyKind
from fundraise.figures.charities import BodyFacts
from fundraise.payments import API_VERSION
from fundraise.settings import Settings
from fundraise.stripe_accounts.tables import AccountMode
from fundraise.views.parts import Link
from fundraise.views.staff_setup_pages import CharityFormPage, ConnectPage
from fundraise.web.staff import choices
from fundraise.web.staff.charity_pages import HOME, LIST
from fundraise.web.staff.door import StaffPerson, staff_frame

_KINDS: Final = (
    (BodyKind.CHARITY.value, "A charity: gifts to it are its own income"),
    (BodyKind.SOCIETY.value, "A society or students’ union, which may hold money for a charity"),
)
_MODES: Final = (
    (AccountMode.OWN_KEY.value, "With a key of the account itself"),
    (AccountMode.CONNECTED.value, "Through the key of a platform it is connected to"),
)
_EVENTS: Final = (
    "checkout.session.*",
    "payment_intent.*",
    "charge.*",
    "refund.*",
    "charge.dispute.*",
    "payout.*",
)


def typed_of(body: Body) -> Mapping[str, str]:
    """Return what the form of a charity holds before anybody types."""
    return {
        "kind": body.kind,
        "name": body.legal_name,
        "called": body.name,
        "slug": body.slug,
        "number": body.registration_number,
        "regulator": body.regulator,
        "country": body.country,
        "currency": body.currency,
        "gift_aid": "1" if body.gift_aid_claimant else "",
        "email": body.contact_email,
        "website": body.website,
        "refunds": body.refund_policy,
    }


def charity_form(
    person: StaffPerson,
    body: Body | None,
    typed: Mapping[str, str],
    *,
    seen: str = "",
    errors: Mapping[str, str] | None = None,
) -> CharityFormPage:
    """Make the form of a charity: new without a body, else that body's."""
    said = {name: typed.get(name, "") for name in ("name", "called", "number", "regulator", "email", "website")}
    back = LIST if body is None else Link(text=body.name, href=f"{HOME}/{body.slug}")
    return CharityFormPage(
        frame=staff_frame(person, "charities", back=back),
        heading="New charity or society" if body is None else f"Edit {body.name}",
        action=HOME if body is None else f"{HOME}/{body.slug}",
        submit="Add it" if body is None else "Save",
        kind=choices.one_of(_KINDS, typed.get("kind", "")),
        country=choices.countries(typed.get("country", "")),
        currency=choices.currencies([typed.get("currency", "")]),
        seen=seen,
        slug=body.slug if body is not None else typed.get("slug", ""),
        is_slug_fixed=body is not None,
        gift_aid=bool(typed.get("gift_aid")),
        refunds=typed.get("refunds", ""),
        errors=errors or {},
        **said,
    )


def connect_page(
    person: StaffPerson,
    facts: BodyFacts,
    settings: Settings,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> ConnectPage:
    """Make the form that connects a Stripe account; of a form that was refused all is kept but the secrets."""
    body = facts.body
    newest = facts.accounts[0].account if facts.accounts else None
    fresh = {
        "mode": newest.mode if newest is not None else AccountMode.OWN_KEY.value,
        "slug": newest.slug if newest is not None else body.slug,
        "account": newest.account_ref if newest is not None else "",
        "statement_prefix": newest.statement_prefix if newest is not None else "",
    }
    said = typed if typed is not None else fresh
    return ConnectPage(
        frame=staff_frame(person, "charities", back=Link(text=body.name, href=f"{HOME}/{body.slug}")),
        heading=f"Connect the Stripe account of {body.name}",
        action=f"{HOME}/{body.slug}/connect",
        webhook_start=f"{settings.base_url}/webhooks/stripe/",
        events=_EVENTS,
        api_version=API_VERSION,
        mode=choices.one_of(_MODES, said.get("mode", "")),
        slug=said.get("slug", ""),
        account=said.get("account", ""),
        statement_prefix=said.get("statement_prefix", ""),
        fee_percent=said.get("fee_percent", ""),
        fee_fixed=said.get("fee_fixed", ""),
        must_retype=typed is not None,
        errors=errors or {},
    )
