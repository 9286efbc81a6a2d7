"""Connecting a Stripe account on a page: the key is tried at Stripe before it is kept, and never shown again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final
from urllib.parse import urlsplit

from fundraise.bodies.questions import body_by_slug
from fundraise.errors import FieldErrors, Refusal, SetupError, Unavailable
from fundraise.fields import Reading
from fundraise.flows.connect import connect_account
from fundraise.parts import Parts
from fundraise.payments import AccountKey, GatewayRefused, GatewayUnavailable, KeyRefused
from fundraise.settings import LOOPBACK_HOSTS, Settings
from fundraise.stripe_accounts.tables import AccountMode

_KEY_STARTS: Final = ("rk_test_", "sk_test_", "rk_live_", "sk_live_")
_LONGEST_SECRET: Final = 300
_LONGEST_REF: Final = 60
_MOST_PERCENT: Final = 20
_NOT_ON_STATEMENTS: Final = frozenset("<>\\'\"*")


@dataclass(frozen=True, slots=True)
class _Terms:
    """What somebody says about an account, checked as far as a form can be."""

    slug: str
    mode: str
    account_ref: str
    key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    statement_prefix: str
    fee_basis_points: int | None
    fee_fixed_minor: int | None


def may_carry_keys(settings: Settings) -> bool:
    """Tell whether a key may pass through a page: only where the way to the browser is closed to others."""
    return settings.secure or urlsplit(settings.base_url).hostname in LOOPBACK_HOSTS


def connect_by_form(parts: Parts, body_slug: str, form: Mapping[str, str], *, by: str) -> str:
    """Connect an account, or renew the key of one, and return its name; raises `FieldErrors`, `Refusal`, `NotFound`."""
    if not may_carry_keys(parts.settings):
        raise Refusal("Keys pass through a page only over https. Use the command line: fundraise stripe connect")
    with parts.db.read() as session:
        body = body_by_slug(session, body_slug)
    terms = _read(form, body.currency)
    _try_key(parts, terms)
    try:
        connect_account(
            parts,
            slug=terms.slug,
            body_slug=body_slug,
            mode=terms.mode,
            key=terms.key,
            webhook_secrets=(terms.webhook_secret,),
            account_ref=terms.account_ref,
            statement_prefix=terms.statement_prefix,
            fee_basis_points=terms.fee_basis_points,
            fee_fixed_minor=terms.fee_fixed_minor,
            by=by,
        )
    except SetupError as problem:
        raise FieldErrors({"form": str(problem)}) from None
    return terms.slug


def _read(form: Mapping[str, str], currency: str) -> _Terms:
    reading = Reading(form)
    mode = reading.choice("mode", set(AccountMode), "Please say how the account is reached.")
    account_ref = reading.raw("account")
    is_named = account_ref.startswith("acct_") and account_ref[5:].isalnum() and len(account_ref) <= _LONGEST_REF
    if not is_named and (account_ref or mode == AccountMode.CONNECTED):
        reading.refuse("account", "Please write the account’s id; it begins with acct_.")
    key, secret = reading.raw("key"), reading.raw("webhook_secret")
    if not _is_secret(key) or not key.startswith(_KEY_STARTS):
        reading.refuse("key", "A Stripe key begins with rk_live_, sk_live_, rk_test_ or sk_test_.")
    if not _is_secret(secret) or not secret.startswith("whsec_"):
        reading.refuse("webhook_secret", "A signing secret begins with whsec_; Stripe shows it beside the endpoint.")
    prefix = reading.line("statement_prefix", longest=20)
    if not prefix.isascii() or _NOT_ON_STATEMENTS & set(prefix):
        reading.refuse("statement_prefix", "Please use plain Latin letters and digits, without < > \\ ' \" *.")
    terms = _Terms(
        slug=reading.slug("slug", ""),
        mode=mode,
        account_ref=account_ref,
        key=key,
        webhook_secret=secret,
        statement_prefix=prefix,
        fee_basis_points=_percent(reading),
        fee_fixed_minor=reading.amount("fee_fixed", currency),
    )
    reading.done()
    return terms


def _is_secret(text: str) -> bool:
    return len(text) <= _LONGEST_SECRET and text.isascii() and text.replace("_", "").isalnum()


def _percent(reading: Reading) -> int | None:
    typed = reading.raw("fee_percent").removesuffix("%").strip().replace(",", ".")
    if not typed:
        return None
    try:
        points = Decimal(typed) * 100
    except InvalidOperation:
        points = Decimal(-1)
    if not points.is_finite() or not 0 <= points <= _MOST_PERCENT * 100 or points != points.to_integral_value():
        reading.refuse("fee_percent", "Please write a percentage like 1.5.")
        return None
    return int(points)


def _try_key(parts: Parts, terms: _Terms) -> None:
    """Ask Stripe something with the key, so that a wrong one is noticed now and not by a donor."""
    connected = terms.account_ref if terms.mode == AccountMode.CONNECTED else None
    try:
        parts.payments.balance(AccountKey(terms.slug, terms.key, connected))
    except (KeyRefused, GatewayRefused):
        raise FieldErrors(
            {"key": "Stripe does not take this key for this account. It needs at least to read the balance."}
        ) from None
    except GatewayUnavailable:
        raise Unavailable("Stripe does not answer just now. Nothing was kept; please try again in a moment.") from None
