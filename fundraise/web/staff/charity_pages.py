"""The pages about charities and societies, made out of what is known."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from babel import Locale

from fundraise import times
from fundraise.bodies.tables import Body, BodyKind
from fundraise.figures.setup import AccountFacts, BodyFacts
from fundraise.flows.connect_by_form import may_carry_keys
from fundraise.payments import API_VERSION
from fundraise.settings import Settings
from fundraise.showing.values import at, legal_body, on_day
from fundraise.stripe_accounts.tables import PLATFORM_SLUG, AccountMode, StripeAccount
from fundraise.views.parts import EmptyState, Link, Status, Toast
from fundraise.views.staff_parts import Answer, Fact, Happening
from fundraise.views.staff_setup_pages import (
    AccountLine,
    CharitiesPage,
    CharityFormPage,
    CharityPage,
    ConnectPage,
    ThingRow,
)
from fundraise.web.staff import choices
from fundraise.web.staff.door import StaffPerson, staff_frame

HOME: Final = "/staff/charities"
LIST: Final = Link(text="Charities", href=HOME)
_NEW: Final = Link(text="Add a charity or society", href=f"{HOME}/new")
_KINDS: Final = (
    (BodyKind.CHARITY.value, "A charity: gifts to it are its own income"),
    (BodyKind.SOCIETY.value, "A society or students’ union, which may hold money for a charity"),
)
_MODES: Final = (
    (AccountMode.OWN_KEY.value, "With a key of the account itself"),
    (AccountMode.CONNECTED.value, "Through the key of a platform it is connected to"),
)
_MODE_WORDS: Final = {AccountMode.OWN_KEY: "own key", AccountMode.CONNECTED: "connected to a platform"}
_EVENTS: Final = (
    "checkout.session.*",
    "payment_intent.*",
    "charge.*",
    "refund.*",
    "charge.dispute.*",
    "payout.*",
)
_NO_ACCOUNT: Final = Status(word="No Stripe account", tone="needs_you")
_RECEIVES: Final = Status(word="Receives gifts", tone="settled")


def charities_page(person: StaffPerson, rows: Sequence[tuple[Body, StripeAccount | None]]) -> CharitiesPage:
    """Make the list of charities and societies."""
    with_account = sum(account is not None for _, account in rows)
    names = "1 charity or society" if len(rows) == 1 else f"{len(rows)} charities and societies"
    return CharitiesPage(
        frame=staff_frame(person, "charities"),
        answer=Answer(
            sentence=f"{names}, {with_account} can receive gifts.",
            tone="needs_you" if with_account < len(rows) or not rows else "settled",
        ),
        rows=tuple(_row(body, account) for body, account in sorted(rows, key=lambda row: row[1] is not None)),
        empty=EmptyState(sentence="A charity receives the gifts. Add the first one to begin.", action=_NEW),
        new=_NEW,
    )


def _row(body: Body, account: StripeAccount | None) -> ThingRow:
    how = f"{account.slug}, {_MODE_WORDS[AccountMode(account.mode)]}" if account is not None else "none yet"
    return ThingRow(
        title=body.name,
        href=f"{HOME}/{body.slug}",
        status=_NO_ACCOUNT if account is None else _status(account),
        details=(legal_body(body).number or "not registered", how),
    )


def _status(account: StripeAccount) -> Status:
    return _RECEIVES if account.livemode else Status(word="Test gifts only", tone="quiet")


# --- one charity -----------------------------------------------------------------------------------------------------


def charity_page(
    person: StaffPerson, facts: BodyFacts, settings: Settings, now: datetime, toast: Toast | None
) -> CharityPage:
    """Make the page of a charity or society."""
    body = facts.body
    account = next((found.account for found in facts.accounts if found.account.closed_at is None), None)
    address = f"{HOME}/{body.slug}"
    return CharityPage(
        frame=staff_frame(person, "charities", toast=toast, back=LIST),
        title=body.name,
        status=_NO_ACCOUNT if account is None else _status(account),
        answer=_answer(facts, now),
        edit=Link(text="Edit", href=f"{address}/edit"),
        facts=_facts(body),
        command=f"fundraise stripe connect {body.slug} --charity {body.slug} --mode own-key --webhook-secret whsec_…",
        accounts=tuple(_account_line(found, account, settings) for found in facts.accounts),
        connect=Link(
            text="Connect its Stripe account" if account is None else "Renew the key, or connect another account",
            href=f"{address}/connect",
        )
        if may_carry_keys(settings)
        else None,
        campaigns=tuple(
            Link(text=campaign.title, href=f"/staff/campaigns/{campaign.slug}") for campaign in facts.campaigns
        ),
        consents=tuple(
            Happening(when=on_day(row.confirmed_at), what=f"Confirmed {campaign.title}", who=row.confirmed_by)
            for row, campaign in facts.consents
            if row.confirmed_at is not None
        ),
        history=tuple(Happening(when=at(act.at), what=act.what, who=act.by) for act in facts.history),
    )


def _answer(facts: BodyFacts, now: datetime) -> Answer:
    accounts = [found for found in facts.accounts if found.account.closed_at is None]
    if not accounts:
        return Answer(sentence="It cannot receive gifts yet: no Stripe account is connected.", tone="needs_you")
    newest = accounts[0]
    if newest.heard_at is None:
        return Answer(
            sentence="It can take cards, but Stripe has sent no news yet.",
            tone="needs_you",
            detail="Gifts settle all the same, a few minutes later. Check the webhook’s address and secret.",
        )
    return Answer(
        sentence=f"It can take cards; Stripe last sent news {_ago(newest.heard_at, now)}.",
        tone="settled",
        as_of=at(now),
    )


def _ago(moment: datetime, now: datetime) -> str:
    age = times.age(moment, now)
    return age if age == "just now" else f"{age} ago"


def _account_line(found: AccountFacts, newest: StripeAccount | None, settings: Settings) -> AccountLine:
    account = found.account
    if account.closed_at is not None:
        status = Status(word="Closed", tone="quiet")
    elif newest is not None and account.id != newest.id:
        status = Status(word="Takes no new gifts", tone="quiet")
    else:
        status = _status(account)
    end = PLATFORM_SLUG if account.mode == AccountMode.CONNECTED else account.slug
    return AccountLine(
        name=account.slug,
        mode=_MODE_WORDS[AccountMode(account.mode)],
        status=status,
        statement=account.statement_prefix,
        connected=on_day(account.created_at),
        webhook_address=f"{settings.base_url}/webhooks/stripe/{end}",
        webhook=at(found.heard_at) if found.heard_at is not None else None,
    )


def _facts(body: Body) -> tuple[Fact, ...]:
    known = legal_body(body)
    rows = (
        ("Legal name", known.name),
        ("Registration", known.number or "none"),
        ("Regulator", known.regulator or "none"),
        ("Country", str(Locale("en", "GB").territories.get(body.country, body.country))),
        ("Currency of its books", body.currency),
        ("Gift Aid", "HMRC recognises it: it may claim" if body.gift_aid_claimant else "does not claim"),
        ("Donors write to", body.contact_email or "not said"),
        ("Website", body.website or "not said"),
        ("Refunds", body.refund_policy or "not said"),
    )
    return tuple(Fact(label=label, value=value) for label, value in rows)


# --- forms -----------------------------------------------------------------------------------------------------------


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
