"""The pages about charities and societies, made out of what is known."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from babel import Locale

from fundraise import times
from fundraise.bodies.tables import Body
from fundraise.figures.charities import AccountFacts, BodyFacts
from fundraise.flows.connect_by_form import may_carry_keys
from fundraise.settings import Settings
from fundraise.showing.values import at, legal_body, on_day
from fundraise.stripe_accounts.tables import PLATFORM_SLUG, AccountMode, StripeAccount
from fundraise.views.parts import EmptyState, Link, Status, Toast
from fundraise.views.staff_parts import Answer, Fact, Happening
from fundraise.views.staff_setup_pages import (
    AccountLine,
    CharitiesPage,
    CharityPage,
    ThingRow,
)
from fundraise.web.staff.door import StaffPerson, staff_frame

HOME: Final = "/staff/charities"
LIST: Final = Link(text="Charities", href=HOME)
_NEW: Final = Link(text="Add a charity or society", href=f"{HOME}/new")
_MODE_WORDS: Final = {AccountMode.OWN_KEY: "own key", AccountMode.CONNECTED: "connected to a platform"}
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
